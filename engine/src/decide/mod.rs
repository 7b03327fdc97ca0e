//! Deciding an action, phase by phase: credit, restrict, pay, limit. Facts, terms and totals enter, a decision leaves.

mod amount;
#[cfg(feature = "sandbox")]
mod compiled;
mod convert;
mod credit;
mod decision;
mod limit;
mod lookup;
mod pay;
mod receipt;
mod record;
mod restrict;
mod rules;
#[cfg(test)]
mod tests;
mod validate;
mod work;

pub use decision::*;
pub(crate) use lookup::Plan;
pub(crate) use record::record;
pub use validate::validate_action;
#[cfg(feature = "sandbox")]
pub(crate) use work::decide_batch;
pub(crate) use work::{Desk, decide};
