//! Counters: what has been decided so far, for limits and for the totals that rules read.
//!
//! A host keeps one [`Counters`] for each program. [`Program::decide`](crate::Program::decide) reads the counters, and the
//! decision lists the [`Posting`]s that recording it makes. [`Counters::apply`] records the postings: exactly, in any order, and
//! nothing else. A host saves [`Counters::snapshot`], and reads it with [`Counters::restore`] after a restart.
//!
//! This module must not know actions, contracts or rules.

#[allow(clippy::module_inception, reason = "the counters themselves, beside what they are made of")]
mod counters;
mod distinct;
mod id;
mod kept;
mod moment;
mod movements;
mod names;
mod posting;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use counters::StillRead;
pub use counters::{CounterError, Counters};
pub(crate) use id::escape;
pub use id::{CounterId, CounterKey};
pub use kept::COUNTED_DECIMALS;
pub(crate) use moment::Moment;
pub use posting::{CountedAt, CounterEntry, Posting, Sums};
pub use snapshot::{CountersSnapshot, SnapshotError};
