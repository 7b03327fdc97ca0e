//! Why an adjustment is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decision::Status;
use crate::counters::CounterError;
use crate::facts::FactErrors;
use crate::time::Timestamp;

/// Why an adjustment is refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdjustError {
    /// A field of the adjustment is at fault, or the changed action does not fit the program.
    #[error(transparent)]
    Facts(#[from] FactErrors),
    /// The counters belong to another program, or a sum does not fit.
    #[error(transparent)]
    Counters(#[from] CounterError),
    /// The adjustment is of another action than the decision.
    #[error("adjustment `{adjustment}` is of action `{adjusts}`, and the decision is of `{action}`")]
    OtherAction {
        /// The id of the adjustment.
        adjustment: String,
        /// The action that it adjusts.
        adjusts: String,
        /// The action of the decision.
        action: String,
    },
    /// The adjustment was made before.
    #[error("adjustment `{adjustment}` of action `{action}` was made already; nothing is done twice")]
    Repeated {
        /// The id of the adjustment.
        adjustment: String,
        /// The action.
        action: String,
    },
    /// More would be taken back than is left of the action.
    #[error("{asked} is to be taken back of action `{action}`, and {left} is left of it")]
    TooMuch {
        /// The action.
        action: String,
        /// The amount or the units of the adjustment.
        asked: String,
        /// What is left: an amount or units, and of which item.
        left: String,
    },
    /// An item that is taken back is not in the action.
    #[error("action `{action}` has no item `{sku}` that could be taken back")]
    NoSuchItem {
        /// The action.
        action: String,
        /// The SKU.
        sku: String,
    },
    /// The action has locked, and its contract lets nothing change then.
    #[error(
        "action `{action}` locked at {locked_at}; its contract says what else may happen with `after_lock`"
    )]
    Locked {
        /// The action.
        action: String,
        /// When it locked.
        locked_at: Timestamp,
    },
    /// Nothing is left of the action, or it was rejected, so that it cannot be adjusted.
    #[error("action `{action}` is {}, and nothing of it can be adjusted", .status.text())]
    Ended {
        /// The action.
        action: String,
        /// Its status.
        status: Status,
    },
    /// A person approves what is not held.
    #[error("no award of action `{action}` is held, so there is nothing to approve or to release")]
    NotHeld {
        /// The action.
        action: String,
    },
    /// A hold has not ended yet, or does not end by itself.
    #[error("action `{action}` stays held {}", .release_at.map_or_else(|| "until a person decides".to_owned(), |at| format!("until {at}")))]
    NotReleased {
        /// The action.
        action: String,
        /// When its hold ends; `None` when a person decides.
        release_at: Option<Timestamp>,
    },
    /// A person approves an award that has no payout, because a rule failed.
    #[error(
        "action `{action}` is held because rule `{rule}` failed: nothing was computed that could be paid; correct the rule or the facts"
    )]
    NotComputed {
        /// The action.
        action: String,
        /// The rule that failed.
        rule: String,
    },
    /// The terms by which the action was decided are not in this program.
    #[error(
        "version {version} of contract `{contract}` is not the one by which action `{action}` was decided; load the program of then"
    )]
    OtherTerms {
        /// The action.
        action: String,
        /// The contract.
        contract: String,
        /// The number of the version.
        version: u32,
    },
    /// An amount does not fit.
    #[error("an amount of action `{action}` does not fit")]
    DoesNotFit {
        /// The action.
        action: String,
    },
}

impl AdjustError {
    /// Returns the code of the error, which stays the same from release to release.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Facts(_) => "ADJUSTMENT_FAULTY",
            Self::Counters(_) => "ADJUSTMENT_COUNTERS",
            Self::OtherAction { .. } => "ADJUSTMENT_OF_OTHER_ACTION",
            Self::Repeated { .. } => "ADJUSTMENT_REPEATED",
            Self::TooMuch { .. } => "REVERSAL_TOO_LARGE",
            Self::NoSuchItem { .. } => "REVERSAL_OF_UNKNOWN_ITEM",
            Self::Locked { .. } => "ACTION_LOCKED",
            Self::Ended { .. } => "ACTION_ENDED",
            Self::NotHeld { .. } => "ACTION_NOT_HELD",
            Self::NotReleased { .. } => "HOLD_NOT_ENDED",
            Self::NotComputed { .. } => "PAYOUT_NOT_COMPUTED",
            Self::OtherTerms { .. } => "OTHER_TERMS",
            Self::DoesNotFit { .. } => "AMOUNT_DOES_NOT_FIT",
        }
    }
}
