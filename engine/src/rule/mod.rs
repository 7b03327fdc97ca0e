//! The rule language: Rhai syntax, checked. Text enters, a typed and bounded program leaves, and is run on facts.

pub mod catalog;
mod ir;
mod types;

pub use ir::*;
pub use types::{Base, Element, List, Record, Type, Value};
