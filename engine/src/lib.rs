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
//! # Concepts
//!
//! | type | what it is | where a host gets it |
//! |---|---|---|
//! | [`Source`] | the files of a program: terms, rules, components | from a folder, a database, a bundle (`accrue-bundle`) |
//! | [`Engine`] | limits, and the sandbox of compiled rules | [`Engine::builder`], one for a process |
//! | [`Program`] | a checked program, ready to decide | [`Engine::load`], one for each brand |
//! | [`Action`] | an event that a brand may owe for: a sale, a lead, an install | from the host's own events, or [`facts`] reads it |
//! | [`Reference`] | what the host knows besides the actions: partners, creatives, promo codes, exchange rates, pauses | the host keeps it up to date |
//! | [`Counters`] | what has been counted so far, for limits and totals | [`Program::counters`], later [`Counters::restore`] |
//! | [`Decision`] | who is paid how much and why, and the postings that record it | [`Program::decide`] |
//!
//! [`Program::explain`] puts a decision into words for the brand or for one partner.
//!
//! # Modules
//!
//! Most hosts need the types above and [`facts`] and [`money`]. [`decide`] has the parts of a decision, [`counters`] the parts of
//! counters, [`diagnostic`] what is wrong with a program, [`overview`] what a program consists of, [`explain`] lines of text.
//!
//! # Errors
//!
//! | error | from | what to do |
//! |---|---|---|
//! | [`diagnostic::Diagnostics`] | [`Engine::load`] | show it to the author of the program; each has a place and a help |
//! | [`facts::FactErrors`] | readers, [`Reference::read`], [`Program::validate`] | send it back to the sender of the facts |
//! | [`DecideError`] | [`Program::decide`] | the action does not fit the program's declarations, or the counters belong to another program |
//! | [`counters::CounterError`] | [`Counters::apply`] | a sum does not fit, or the posting belongs to another program; nothing was counted |
//!
//! A rule that fails is not an error: its action is held with the reason `RULE_ERROR` until a person has seen it.
//!
//! # Threads and restarts
//!
//! [`Engine`] and [`Program`] are cheap to clone and shared between threads. Deciding reads [`Counters`]; only
//! [`Counters::apply`] writes, so a host keeps counters behind a lock of its own and may apply postings in any order.
//! A host saves [`Counters::snapshot`], and reads it with [`Counters::restore`] after a restart.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `sandbox` | yes | rules as native code, and components, under wasmtime. Without it rules are interpreted, or compiled for a runtime of the host ([`modules`]), on any target |
//! | `internals` | no | parts that Accrue's own tests and benches use; not part of the public interface |
//!
//! # Compatibility
//!
//! Facts and [`Limits`] are meant to be written as `Item { quantity: 2, ..Item::new("mug", amount) }`: a minor release may add a field. Types
//! that only the engine makes are `#[non_exhaustive]`. The oldest Rust that builds the crate, 1.95 now, rises only in a minor
//! release, and the changelog names it. `Money` and `Timestamp` show types of `rust_decimal` 1 and `chrono` 0.4.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "`internals` shows the items of private modules to tests")
)]
#![cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests read every table of the engine"))]

pub mod analyse;
mod calendar;
pub mod card;
mod codegen;
pub mod counters;
pub mod coverage;
pub mod decide;
pub mod diagnostic;
pub mod digest;
pub mod due;
mod engine;
pub mod explain;
pub mod facts;
#[cfg(feature = "internals")]
pub mod internals;
mod lang;
pub mod language;
pub mod limits;
pub mod modules;
pub mod money;
pub mod overview;
mod period;
mod run;
mod runtime;
mod seal;
mod synonyms;
mod terms;
pub mod testcase;
pub mod time;
pub mod why;

pub use counters::Counters;
pub use coverage::Coverage;
pub use decide::{Decision, Options, VERSION};
pub use engine::{CompiledModule, DecideError, Decided, Engine, EngineBuilder, Program, Rules};
pub use facts::{Action, Reference};
pub use limits::Limits;
pub use terms::{
    CellFault, GroupsTable, Source, TableFile, TableRow, contract_schema, program_schema, reasons,
};
