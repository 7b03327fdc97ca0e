//! The rule language: Rhai syntax, checked. The text of a rule becomes a typed, bounded program.
//!
//! [`catalog`] lists every fact, function and verb. The parser reads Rhai's syntax, [`check`] resolves names and types and
//! computes the worst case, and [`Rule`] is what it makes. This module must not know how a rule runs or what a contract is.

pub mod catalog;
mod check;
pub(crate) mod condition;
mod env;
mod ir;
mod parse;
mod shared;
mod types;

pub(crate) use check::described;
pub use check::{check, check_any, check_number};
pub use condition::FactRef;
pub use env::{AttributeOf, AttributeType, Checked, Env, RuleSource, TotalName, Used};
pub(crate) use ir::Node;
pub use ir::*;
pub use shared::SharedFunctions;
pub use types::{Base, Element, List, Phase, Record, Type, Value};
