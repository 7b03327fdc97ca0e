//! Accrue decides what a brand owes its partners.

pub mod decide;
pub mod diagnostic;
pub mod digest;
mod engine;
pub mod facts;
pub mod limits;
pub mod money;
pub mod period;
pub mod rule;
pub mod terms;
pub mod time;

pub use decide::{Decision, Totals};
pub use engine::{DecideError, Decided, Engine, OutOfOrder, Program};
pub use facts::{Action, Reference};
pub use limits::Limits;
