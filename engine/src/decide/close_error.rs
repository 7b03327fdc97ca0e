//! Why periods cannot be closed.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::counters::CounterError;

/// Why periods cannot be closed. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloseError {
    /// The counters belong to another program, or a sum does not fit.
    #[error(transparent)]
    Counters(#[from] CounterError),
    /// The periods until this date are closed.
    #[error("periods are closed until {closed_until} already, so there is nothing to close until {until}")]
    Closed {
        /// The date until which periods were to be closed.
        #[schemars(with = "String")]
        until: NaiveDate,
        /// The date until which they are closed.
        #[schemars(with = "String")]
        closed_until: NaiveDate,
    },
    /// A bonus has too many periods at once.
    #[error("bonus `{bonus}` would close more than 1,100 periods at once; close an earlier date first")]
    TooManyPeriods {
        /// The bonus.
        bonus: String,
    },
    /// The bonuses of the close take more than [`Limits::close_fuel`](crate::Limits::close_fuel).
    #[error(
        "bonus `{bonus}` would take more fuel than the {most} of `close_fuel`; close an earlier date first, or raise the limit"
    )]
    TooLarge {
        /// The bonus at which the limit is reached.
        bonus: String,
        /// The limit.
        most: u64,
    },
}

impl CloseError {
    /// Returns the code of the error, which stays the same from release to release.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Counters(_) => "CLOSE_COUNTERS",
            Self::Closed { .. } => "PERIOD_CLOSED",
            Self::TooManyPeriods { .. } => "TOO_MANY_PERIODS",
            Self::TooLarge { .. } => "CLOSE_TOO_LARGE",
        }
    }
}
