//! Deciding an action, phase by phase: credit, restrict, pay, limit.

mod decision;

pub use decision::*;
