//! Every program of the rule language is a Rhai program and means the same: generated rules, the rules of every
//! example and golden case, and hand-picked edges, each by the engine's interpreter and by Rhai's own evaluator. And the
//! engine's WebAssembly component and the engine in Node say of programs and actions what the native library says. What compiled
//! rules do to decimals and texts themselves is compared with `rust_decimal` and Rust's `str`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod component;
#[cfg(feature = "sandbox")]
#[path = "../hostile/component_cases.rs"]
mod component_cases;
#[cfg(feature = "sandbox")]
mod decimals;
mod edges;
mod generated;
#[cfg(feature = "sandbox")]
mod host;
mod moments;
#[cfg(feature = "sandbox")]
mod node;
mod programs;
#[cfg(feature = "sandbox")]
mod script;
#[cfg(feature = "sandbox")]
mod texts;
#[cfg(feature = "sandbox")]
mod ways;
mod why;
#[cfg(feature = "sandbox")]
mod with_components;
