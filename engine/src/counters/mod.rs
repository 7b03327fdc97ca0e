//! Counters: what has been decided so far, for limits and for the totals that rules read.
//!
//! A host keeps one [`Counters`] for each program. [`Program::decide`](crate::Program::decide) reads them, and the decision
//! lists the [`Posting`]s that recording it makes. [`Counters::apply`] records them: exactly, in any order, and only those.
//! [`Counters::snapshot`] is what a host saves, and [`Counters::restore`] reads it again after a restart.
//!
//! Nothing here knows of actions, contracts or rules.

#[allow(clippy::module_inception, reason = "the counters themselves, beside what they are made of")]
mod counters;
mod id;
mod moment;
mod posting;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;

pub use counters::{CounterError, Counters};
pub use id::{CounterId, CounterKey};
pub(crate) use moment::Moment;
pub use posting::{CountedAt, CounterEntry, Posting, Sums};
pub use snapshot::{CountersSnapshot, SnapshotError};
pub use table::COUNTED_DECIMALS;
