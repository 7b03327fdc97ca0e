//! Deciding an action, phase by phase: credit, restrict, pay, limit. Facts, terms and totals enter, a decision leaves.

mod amount;
#[cfg(feature = "sandbox")]
mod assess;
#[cfg(feature = "sandbox")]
mod columns;
#[cfg(feature = "sandbox")]
mod compiled;
mod convert;
mod credit;
mod decision;
mod explain;
#[cfg(feature = "sandbox")]
mod interpreted;
mod limit;
mod pay;
mod plan;
pub mod reasons;
mod receipt;
mod record;
mod restrict;
mod rules;
#[cfg(test)]
mod tests;
mod totals;
mod view;
mod work;

#[cfg(feature = "sandbox")]
pub use assess::{Assessed, AssessedLine, Assessor};
#[cfg(feature = "sandbox")]
pub use columns::AssessColumns;
pub use decision::*;
pub use explain::{Explained, Explanation, Reader, Tone, explain};
pub(crate) use plan::Plan;
pub(crate) use record::record;
pub use totals::{Sums, TotalEntry, Totals};
pub use view::{PartnerCut, PartnerReason, PartnerView};
#[cfg(feature = "sandbox")]
pub(crate) use work::decide_batch;
pub(crate) use work::{Desk, decide};
