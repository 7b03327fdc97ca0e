//! Rhai's own evaluator as the oracle: a rule's source and facts enter, what the rule says leaves. Nothing here calls
//! the engine's checker or interpreter; only its plain data (facts, verbs, constants) is shared.
//!
//! - [`Facts`]: what the rule can see, as data.
//! - [`values`]: money, moments, dates, records and lists as Rhai types of their own, with arithmetic of their own.
//! - [`evaluate`]: a script's verbs in order, or an expression's value.

mod builtins;
mod evaluate;
mod facts;
mod records;
pub mod values;

pub use evaluate::{Answer, Said, Trouble, evaluate};
pub use facts::{Facts, SumValues, TotalValues};
