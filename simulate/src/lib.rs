//! What a draft of a commission program would change: who gains, who loses, which actions are decided differently, and through which
//! of its changes.
//!
//! Two sources of a program enter with a history of actions; a [`Comparison`] leaves. The sources are compared as their authors wrote
//! them ([`changes`]), and each change is one step: a program between the old one and the draft, which is loaded and run like any
//! other ([`Plan`]). So the steps sum to the whole, to the cent. [`Simulation`] decides every action by all programs at once.
//! [`Checks`] bounds what a draft may change.
//!
//! The crate does no I/O and has no clock, like the engine. It decides nothing itself.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod change;
mod changes;
mod checks;
mod compare;
mod comparison;
mod course;
mod document;
mod error;
mod plan;
mod simulation;
mod sums;

pub use accrue_history::{Adjustments, History};
pub use change::{Change, ChangeKind, Edit, How, Lines, VersionName};
pub use changes::changes;
pub use checks::{Check, Checked, Checks, Notice, percent};
pub use compare::{AwardOutcome, ChangedAction, Gains, Outcome};
pub use comparison::{
    BonusChange, Comparison, CurrencyTotal, Interaction, PartnerChange, ProgramName, Refused, StatusChange,
    Step, StepMoney,
};
pub use error::SimulateError;
pub use plan::{Joined, Plan, PlanOptions};
pub use simulation::{RefusedAction, Simulation};
pub use sums::{Margin, Paid};
