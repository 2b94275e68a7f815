//! Use cases of sheds.
