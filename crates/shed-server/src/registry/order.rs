//! Which of two lists of one shed is the later one.

/// The place of a list: lists of a later connection are later, and of one connection the one with the higher number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// Which connection of the guest; also the time between two.
    pub(super) connection: u64,
    /// The guest's own number, or one of ours where there is no guest.
    pub(super) seq: u64,
}

impl Order {
    /// Whether a list of that place may be taken over after one of this.
    pub(super) fn accepts(self, next: Self) -> bool {
        next >= self
    }
}

/// The right to hand in one list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(super) run: u64,
    pub(super) order: Order,
}
