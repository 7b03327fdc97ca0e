//! The rule language: Rhai syntax, checked. Text enters, a typed and bounded program leaves, and is run on facts.

pub mod catalog;
mod check;
mod env;
mod ir;
mod types;

pub use check::{check, check_number};
pub use env::{Checked, Env, RuleSource, Used};
pub use ir::*;
pub use types::{Base, Element, List, Record, Type, Value};
