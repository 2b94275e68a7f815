//! What must outlive the server and fits neither labels nor tmux: tokens, SSH keys, unfinished creations, saved sessions.
