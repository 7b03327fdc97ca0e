//! Generators and oracles: what makes rules, contracts and facts out of bytes, and what says independently of the
//! engine what they mean. Property tests and fuzz targets share them.
//!
//! - [`choices`]: bytes enter, choices leave. Every generator draws from it, so each input of a fuzzer is a valid
//!   program and shrinking the bytes shrinks the program.
//! - [`generate`]: rules of the checked language, actions, reference facts, contracts.
//! - [`oracle`]: Rhai's own evaluator on the same facts, with its own money, dates and records.

pub mod choices;
//pub mod generate;
pub mod oracle;
