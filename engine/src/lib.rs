//! Accrue decides what a brand owes its partners: who is paid for a conversion, how much, or why not, exact to the
//! cent and with the whole reasoning.
//!
//! A brand writes a *program*: contracts with their restrictions, payout groups and limits, and rules in a small
//! checked language. A host loads it with an [`Engine`] and hands it *actions*; the [`Program`] answers each with a
//! [`Decision`]. The crate does no I/O, has no clock and no global state, and is the same on every target.
//!
//! ```
//! use accrue::{Engine, Options, Reference, Source, facts::read_action};
//!
//! let source = Source::from_files([
//!     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
//!     ("contracts/standard.toml", r#"
//!         contract = "standard"
//!         version = 1
//!         effective_from = 2026-01-01
//!
//!         [payout.default]
//!         rate = "4%"
//!
//!         [[payout.groups]]
//!         name = "new customers"
//!         when = 'customer.status == "new" && action.amount >= 50'
//!         rate = "8%"
//!     "#),
//! ]);
//! let program = Engine::default().load(&source)?;
//!
//! let action = read_action(r#"{
//!     "id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z",
//!     "amount": "117.00", "customer": { "status": "new" },
//!     "touches": [{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }]
//! }"#)?;
//! let reference = Reference::default();
//! let mut counters = program.counters();
//! let decision = program.decide(&action, &reference, &counters, Options::default())?;
//! let award = &decision.awards[0];
//! assert_eq!((award.partner.as_str(), award.payout.to_string()), ("acme", "9.36".to_owned()));
//! counters.apply(&decision.postings)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Data flows one way: [`facts`] enter, meet [`terms`], pass the phases of [`decide`] and leave as a decision. The
//! rule language is in [`lang`]; what is wrong with a program is reported as [`diagnostic`]s.

#![cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "`internals` shows the items of private modules to tests")
)]
#![cfg_attr(
    not(all(feature = "sandbox", feature = "internals")),
    allow(dead_code, reason = "the sandbox runs what `codegen` writes, and tests read every table")
)]

mod codegen;
pub mod counters;
pub mod decide;
pub mod diagnostic;
pub mod digest;
mod engine;
pub mod explain;
pub mod facts;
#[cfg(feature = "internals")]
pub mod internals;
mod lang;
pub mod limits;
pub mod money;
#[cfg(feature = "sandbox")]
mod native;
pub mod overview;
mod period;
mod run;
mod runtime;
mod seal;
mod terms;
pub mod time;

pub use counters::Counters;
pub use decide::{Decision, Options, VERSION};
pub use engine::{CompiledModule, DecideError, Decided, Engine, EngineBuilder, Program, Rules};
pub use facts::{Action, Reference};
pub use limits::Limits;
pub use terms::{Source, contract_schema, program_schema, reasons};
