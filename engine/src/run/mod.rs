//! Runs rules: their input, the interpreter, and components.
//!
//! [`RuleInput`] holds the facts of one action as rules see them. [`Evaluator`] interprets a checked rule on it, and is the
//! reference that compiled rules are tested against. `component` runs rules written in other languages.

mod access;
mod attribute;
mod compiled;
pub(crate) mod component;
mod group_keys;
mod input;
mod interpret;
mod marks;
mod verdicts;

pub(crate) use access::{Accessor, GetMoney, GetText, GetTexts, SELF};
pub(crate) use compiled::{CompiledProgram, CompiledVersion, RunRules};
pub(crate) use group_keys::{GroupKeys, GroupTable};
pub(crate) use input::attributes;
pub use input::{RuleInput, TotalAdds, TotalFacts, TotalSums};
pub(crate) use interpret::SeenFacts;
pub use interpret::{Evaluator, Seen, VerbCall, shown};
pub use marks::PointKind;
pub(crate) use marks::{Marks, Reached};
pub(crate) use verdicts::{LineVerdicts, MatchedGroup, MatchedRestriction, Verdicts};
