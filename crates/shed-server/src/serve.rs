//! Starting and stopping the whole server.
