//! Generators and oracles: what makes rules, contracts and facts out of bytes, and what says independently of the
//! engine what they mean. Property tests and fuzz targets share them.
//!
//! - [`choices`]: bytes enter, choices leave. Every generator draws from it, so each input of a fuzzer is a valid
//!   program and shrinking the bytes shrinks the program.
//! - [`generate`]: rules of the checked language, actions, reference facts, contracts.
//! - [`oracle`]: Rhai's own evaluator on the same facts, with its own money, dates and records.
//! - [`stage`]: the engine on the same facts, in the words of the oracle.
//! - [`agree`]: every way to run a rule, compared.
//! - [`awarded`]: what decisions say, whatever the number of their awards.
//! - [`ways`]: every way to decide actions, compared.
//! - [`world`]: a generated program with actions to decide.
//! - [`laws`]: what holds of every world.
//! - [`hosted`]: a runtime of compiled rules as a host supplies it.
//! - [`folder`]: program folders on disk.
//! - [`command`]: the command line, built and run.
//! - [`child`]: a child process under a budget of memory and time.
//! - [`sandboxed`]: facts for components, and an honest one.
//! - [`component`]: the engine's component, built and run under wasmtime.

pub mod agree;
pub mod awarded;
#[cfg(doctest)]
pub mod book;
pub mod cases;
pub mod child;
pub mod choices;
pub mod command;
pub mod component;
pub mod folder;
pub mod generate;
pub mod hosted;
pub mod laws;
pub mod oracle;
pub mod sandboxed;
pub mod stage;
pub mod ways;
pub mod world;
