//! What agents are doing: from their hooks, and from the screen where there are none.
