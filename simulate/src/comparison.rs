//! What a simulation found: data for tables, files and pages.

use accrue::Program;
use accrue::decide::Status;
use accrue::digest::Digest;
use accrue::money::{Currency, Money};
use schemars::JsonSchema;
use serde::Serialize;

use crate::change::Change;
use crate::compare::{ChangedAction, Gains};
use crate::plan::Joined;
use crate::sums::{Margin, Paid};

/// What a draft changes over a history. [`Simulation::finish`](crate::Simulation::finish) makes it.
///
/// The [`steps`](Comparison::steps) sum to the [`totals`](Comparison::totals), to the cent: each is the difference of two programs
/// that were run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Comparison {
    /// The old program.
    pub old: ProgramName,
    /// The draft.
    pub new: ProgramName,
    /// The number of actions that the old program has decided.
    pub actions_old: u64,
    /// The number of actions that the draft has decided.
    pub actions_new: u64,
    /// What was not taken.
    pub refused: Refused,
    /// The money of each currency.
    pub totals: Vec<CurrencyTotal>,
    /// The changes, step by step.
    pub steps: Vec<Step>,
    /// The number of programs that have decided every action.
    pub runs: u64,
    /// The number of steps after the first that were not made alone as well, so that no interaction is known of them.
    pub not_alone: u64,
    /// Every partner who is paid something by either program, by currency; the highest change up or down first.
    pub partners: Vec<PartnerChange>,
    /// The bonuses of closes.
    pub bonuses: Vec<BonusChange>,
    /// The number of actions and bonuses that differ in their status or in what a partner is paid.
    pub changed: u64,
    /// How many of them went from which status to which.
    pub statuses: Vec<StatusChange>,
    /// Those that differ most, by currency, the highest change up or down first. There may be more: see `changed`.
    pub changed_actions: Vec<ChangedAction>,
}

/// A program of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ProgramName {
    /// The id.
    pub id: String,
    /// The name, for people.
    pub name: String,
    /// The digest over its sources.
    pub digest: Digest,
}

impl ProgramName {
    pub(crate) fn of(program: &Program) -> Self {
        Self { id: program.id().to_owned(), name: program.name().to_owned(), digest: program.digest() }
    }
}

/// How much of the history was not taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Refused {
    /// Actions that the old program does not take.
    pub actions_old: u64,
    /// Actions that the draft does not take.
    pub actions_new: u64,
    /// Adjustments that the old program does not take.
    pub adjustments_old: u64,
    /// Adjustments that the draft does not take.
    pub adjustments_new: u64,
}

/// The money of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CurrencyTotal {
    /// The currency.
    pub currency: Currency,
    /// What the old program pays.
    pub old: Paid,
    /// What the draft pays.
    pub new: Paid,
    /// The draft's less the old.
    pub change: Paid,
    /// Who gains and who loses.
    pub gains: Gains,
    /// What actions with costs leave under the old program.
    pub margin_old: Margin,
    /// What they leave under the draft.
    pub margin_new: Margin,
}

/// One step: one change, or changes that are made at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
#[schemars(rename = "SimulationStep")]
pub struct Step {
    /// The number of the step, from 1.
    pub number: u32,
    /// The changes.
    pub changes: Vec<Change>,
    /// Why there are several changes; `None` if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<Joined>,
    /// What the step changes, against the program with all steps before it; by currency.
    pub money: Vec<StepMoney>,
    /// Where the step alone, against the old program, changes another amount: the changes interact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interactions: Vec<Interaction>,
}

/// What a step changes in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct StepMoney {
    /// The currency.
    pub currency: Currency,
    /// The change.
    pub change: Paid,
    /// Who gains and who loses by the step.
    pub gains: Gains,
}

/// An amount by which a step depends on the steps before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Interaction {
    /// The currency.
    pub currency: Currency,
    /// What the step alone changes, against the old program.
    pub alone: Money,
    /// What it changes as a step, less that.
    pub interaction: Money,
}

/// What one partner gains or loses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PartnerChange {
    /// The partner.
    pub partner: String,
    /// The currency.
    pub currency: Currency,
    /// What the old program pays.
    pub old: Paid,
    /// What the draft pays.
    pub new: Paid,
    /// The draft's less the old, held payouts included.
    pub change: Money,
}

/// One bonus of a contract, over all partners and periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BonusChange {
    /// The contract.
    pub contract: String,
    /// The name of the bonus.
    pub bonus: String,
    /// The currency.
    pub currency: Currency,
    /// The number of decisions of the old program.
    pub decisions_old: u64,
    /// The number of decisions of the draft.
    pub decisions_new: u64,
    /// What the old program pays.
    pub old: Paid,
    /// What the draft pays.
    pub new: Paid,
    /// The draft's less the old, held payouts included.
    pub change: Money,
}

/// How many actions went from one status to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct StatusChange {
    /// The old status; `None` if the old program does not take the action.
    pub old: Option<Status>,
    /// The new status.
    pub new: Option<Status>,
    /// The number of actions.
    pub actions: u64,
}
