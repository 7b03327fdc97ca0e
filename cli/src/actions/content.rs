//! What a line of an input holds.

use accrue::facts::{Adjustment, FactErrors, Record, Reject};
use accrue_import::SetAside;

/// The contents of a line.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every line is an action, and a box for each would cost more"
)]
pub(crate) enum Content {
    /// An action.
    Action(Record),
    /// A line that is not a valid action.
    Reject(Reject),
    /// Rows that the export says are reversed.
    SetAside(SetAside),
    /// An action that the export says is reversed, with its reversal.
    Reversed(Record, Box<Adjustment>),
    /// What there is to say about an export that was read to its end.
    Notes(Notes),
    /// The whole input, because its header or its columns cannot be used.
    Unreadable(FactErrors),
}

/// What there is to say about an export.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notes {
    /// The number of rows that are no transactions.
    pub(crate) left_out: u64,
    /// Whether the rows of an order did not stand beside each other, so that all rows were sorted first.
    pub(crate) were_sorted: bool,
}
