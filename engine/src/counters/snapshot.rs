//! Counters in the form in which a host saves them.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::id::CounterId;
use super::posting::{CounterEntry, Posting};
use super::{CounterError, Counters};

/// The version of the format that this engine writes. It reads this version and no other.
pub(super) const SNAPSHOT_VERSION: u32 = 2;

/// Saved counters, in any format that serde writes. [`Counters::snapshot`] makes it.
///
/// As JSON:
///
/// ```json
/// {
///   "accrue_counters": 2,
///   "program": "shop",
///   "closed_until": "2026-03-01",
///   "entries": [
///     {
///       "counter": "shop contract=standard per=partner period=month currency=EUR",
///       "key": ["acme"], "at": { "period": "2026-03-01" },
///       "actions": 2, "paid_actions": 1, "units": 3, "revenue": "148.50", "payouts": "11.88", "payable": "11.88"
///     }
///   ]
/// }
/// ```
///
/// Entries are sorted by counter, key and time, so equal counters give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CountersSnapshot {
    /// The version of the format.
    pub accrue_counters: u32,
    /// The id of the program that the counters belong to.
    pub program: String,
    /// The date before which calendar periods are closed; `None` when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closed_until: Option<NaiveDate>,
    /// The counters whose periods stay open longer, each with the date before which its periods are closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<(CounterId, String)>")]
    pub open_longer: Vec<(CounterId, NaiveDate)>,
    /// Everything that is counted.
    pub entries: Vec<CounterEntry>,
}

/// Why a snapshot cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SnapshotError {
    /// The snapshot has another version of the format.
    #[error(
        "these counters are saved in version {found} of the format; this engine reads version {SNAPSHOT_VERSION}"
    )]
    Version {
        /// The version that the snapshot names.
        found: u32,
    },
    /// An entry cannot be counted.
    #[error(transparent)]
    Counter(#[from] CounterError),
}

impl Counters {
    /// Returns everything that is counted, to be saved.
    pub fn snapshot(&self) -> CountersSnapshot {
        CountersSnapshot {
            accrue_counters: SNAPSHOT_VERSION,
            program: self.program.clone(),
            closed_until: self.closed_until,
            open_longer: self.open_longer.iter().map(|(id, date)| (id.clone(), *date)).collect(),
            entries: self.entries(),
        }
    }

    /// Restores counters from a snapshot.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Version`] when the snapshot has another version of the format, [`SnapshotError::Counter`] when an entry
    /// belongs to another program or does not fit.
    pub fn restore(snapshot: CountersSnapshot) -> Result<Self, SnapshotError> {
        let CountersSnapshot { accrue_counters, program, closed_until, open_longer, entries } = snapshot;
        if accrue_counters != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version { found: accrue_counters });
        }
        let open_longer = open_longer.into_iter().collect();
        let mut counters = Self { closed_until, open_longer, ..Self::new(program) };
        for CounterEntry { counter, key, at, distinct, sums } in entries {
            counters.put(&Posting { counter, key, at, distinct, sums })?;
        }
        Ok(counters)
    }
}
