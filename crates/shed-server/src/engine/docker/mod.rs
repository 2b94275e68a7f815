//! Docker Engine through bollard. Only this folder knows bollard.
