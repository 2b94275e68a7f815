//! Who may do what: tokens for HTTP, public keys for SSH.
