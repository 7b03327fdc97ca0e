//! Deciding an action: who is credited, what restrictions say, what is paid, and what limits leave.
//!
//! `pipeline` calls the phases in order; each phase is a function over the `evaluation` of one award. A phase never undoes an
//! earlier phase, a failure holds the action and never pays, and every way of running rules gives the same decision. This module
//! must not know how rules are compiled or parsed.

mod adjust;
mod adjust_error;
mod awards;
mod base;
mod bonus;
mod bonus_case;
mod bonus_jobs;
mod close;
mod close_error;
mod closing;
mod convert;
mod count;
mod counted;
mod credit;
mod credited;
mod dates;
mod decision;
mod draft;
mod ends;
mod evaluation;
mod few;
mod findings;
mod judge;
mod limit;
mod lookup;
mod matching;
mod moves;
mod pauses;
mod pipeline;
mod postings;
mod receipt;
mod restrict;
mod returns;
mod settle;
mod shares;
mod sum_reads;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod total_tests;
mod totals;
mod validate;
mod verdict;
mod worst;

pub use crate::lang::{FaultKind, Phase};
pub use crate::terms::{
    AddPer, AfterClose, Anchor, Closes, ConvertedAmounts, Edge, Effect, Rounding, RoundingPlace, Scope,
    Threshold, Verdict,
};
pub use adjust::Adjusted;
pub(crate) use adjust::adjust;
pub use adjust_error::AdjustError;
pub(crate) use close::{WithinReach, close, within_reach};
pub use close_error::CloseError;
pub use decision::*;
pub(crate) use findings::ProgramView;
pub use findings::RuleTimer;
pub(crate) use lookup::Lookup;
pub(crate) use matching::{Matching, matching};
pub use pipeline::Options;
pub(crate) use pipeline::decide;
pub(crate) use sum_reads::{SumPlace, SumReads};
pub(crate) use validate::{check_reference, validate_action};
pub(crate) use worst::Worst;
