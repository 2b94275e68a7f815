//! One lock per shed name.
