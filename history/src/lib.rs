//! A whole history, decided by one program: what `accrue run`, a simulation, the tests of a program and a page have in common.
//!
//! | type | what it is for |
//! |---|---|
//! | [`Replay`] | decides actions in their order and, between them, adjustments, ends of holds and closes of periods |
//! | [`Run`] | a replay together with its actions and sums, decided in slices |
//! | [`Decider`] | decides and records actions, adjustments and closes one by one, in the order that the host gives |
//! | [`Summary`] | sums over decisions, as typed data |
//! | [`Row`] | an award as a flat row of a table |
//! | [`Tests`] | reads and runs the tests of a program, `tests/*.toml` |
//! | [`FileKind`], [`read_reference`] | say what each file of a program folder is for, and read the reference facts among them |
//!
//! The crate does no I/O, has no clock and starts no threads, like the engine. It builds for `wasm32-unknown-unknown`. Every
//! decision is made by the engine, and hosts draw the results.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod decider;
mod folder;
mod history;
mod replay;
mod row;
mod run;
mod summary;
mod testing;
mod totals;
pub mod words;

pub use decider::{Decider, Logged, Trace};
pub use folder::{FactFault, FactsReader, FileKind, is_for_people, misnamed_facts, read_reference};
pub use history::{Adjustments, History};
pub use replay::{Event, Replay};
pub use row::Row;
pub use run::{Progress, Run};
pub use summary::Summary;
pub use testing::{
    Expect, ExpectBonus, NoTest, Outcome, Skip, Test, TestFailure, TestFile, TestOptions, TestResults,
    Tested, Tests, passing_test, run_test,
};
pub use totals::{
    BonusTotal, ByStatus, CurrencyTotals, GroupTotal, LimitTotal, Month, MonthTotals, NoticeTotal,
    PartnerLimitTotal, PartnerMonth, PartnerTotals, ReasonTotal, STATUSES, SummaryData, Tally, Totals,
    UncreditedTotal,
};
