//! The SSH endpoint. Only this folder knows russh.
