//! The rule language: Rhai syntax, checked. Text enters, a typed and bounded program leaves, and is run on facts.

mod case;
pub mod catalog;
mod check;
#[cfg(feature = "sandbox")]
mod columns;
mod env;
mod eval;
#[cfg(test)]
mod eval_tests;
mod getter;
mod ir;
mod parse;
mod types;

pub(crate) use case::attributes;
pub use case::{Case, TotalFacts};
pub use check::{check, check_number};
#[cfg(feature = "sandbox")]
pub(crate) use columns::{Bits, Digits, Nested};
#[cfg(feature = "sandbox")]
pub use columns::{CaseColumns, Column, Keyed, Tick, Values};
pub use env::{Checked, Env, RuleSource, Used};
#[cfg(feature = "sandbox")]
pub(crate) use eval::SeenFacts;
pub use eval::{Evaluator, Seen, Spoken, shown};
#[cfg(feature = "sandbox")]
pub(crate) use getter::{GetMoney, GetText, GetTexts, Getter, SELF};
pub(crate) use ir::Node;
pub use ir::*;
pub use types::{Base, Element, List, Record, Type, Value};
