//! What an analysis finds: each finding with an action that shows it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::Status;
use crate::diagnostic::Place;
use crate::facts::{Action, Creative, Partner};
use crate::money::Money;

/// What an analysis of a program found. [`Program::analyse`](crate::Program::analyse) makes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Analysis {
    /// The findings, in the order of the contracts and of their text.
    pub findings: Vec<Finding>,
    /// What could not be decided, and why.
    pub undecided: Vec<Undecided>,
}

/// Something in the terms that is probably not meant, or that is good to know, with an action that shows it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Finding {
    /// The kind of finding.
    pub kind: FindingKind,
    /// How likely it is a mistake.
    pub weight: Weight,
    /// The contract.
    pub contract: String,
    /// The number of the version.
    pub version: u32,
    /// The name of the payout group, restriction or limit.
    pub name: String,
    /// Where it stands: the condition or the part of a condition, if the finding is about that.
    pub place: Place,
    /// What else has to do with it, such as the groups that take all actions before.
    pub others: Vec<Other>,
    /// One sentence that says what was found.
    pub message: String,
    /// What to do about it; empty if nothing is wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// An action that shows it.
    pub witness: Witness,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// No action meets the condition of a payout group.
    GroupNeverApplies,
    /// Other groups are chosen for every action that meets the condition of a payout group.
    GroupCovered,
    /// Restrictions refuse every action that a payout group would be chosen for.
    GroupRefused,
    /// The payout groups take every action, so the default payout is never paid.
    DefaultNeverPays,
    /// Two payout groups match some actions both, neither asks for less than the other, and they pay differently.
    GroupsOverlap,
    /// No action meets the condition of a restriction.
    RestrictionNeverApplies,
    /// Every action meets the condition of a restriction.
    RestrictionAlwaysApplies,
    /// A part of a condition is true for every action that the rest of the condition accepts.
    PartAlwaysTrue,
    /// A part of a condition never makes a difference.
    PartNeverMatters,
    /// A rule file never gives a verb that it has.
    VerbNeverGiven,
    /// No action that a payout group matches reaches one of its bands.
    BandNeverReached,
    /// Between the windows of two payout groups is a gap in which neither of them pays.
    WindowGap,
    /// A limit never cuts a payout.
    LimitNeverCuts,
    /// A limit cuts every payout.
    LimitAlwaysCuts,
}

/// How likely a finding is a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Weight {
    /// It is probably not meant.
    Warning,
    /// It may well be meant.
    Note,
}

/// Something else that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Other {
    /// The name of the payout group, restriction or limit.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// An action that shows a finding, and what the engine decided of it: a test that passes as long as the finding holds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Witness {
    /// What the test shows, as a sentence after "it".
    pub it: String,
    /// The partner, if facts of the partner matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<Partner>,
    /// The creative, if facts of a creative matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creative: Option<Creative>,
    /// The actions before it, which totals count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Action>,
    /// The action.
    pub action: Action,
    /// What the engine decided of it.
    pub expect: Expected,
}

/// What the engine decided of a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Expected {
    /// The outcome.
    pub status: Status,
    /// What is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<Money>,
    /// The first payout group that pays; `None` if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The codes of the reasons, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// What an analysis could not decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Undecided {
    /// The contract.
    pub contract: String,
    /// The number of the version.
    pub version: u32,
    /// The name of the payout group, restriction or limit; empty for the whole version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Why it could not be decided.
    pub why: String,
}
