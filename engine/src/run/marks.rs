//! Records what decisions reach, while they are made: branches of rules, and terms of contracts.
//!
//! Only a program that records has marks. Its rules are interpreted, because compiled rules do not tell which branch they took. The
//! marks know places and no program: `coverage` says what can be reached.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;

/// What the tests of a program can reach at a place of its contracts and rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PointKind {
    /// A payout group, the default payout, the participation bonus or a level pays a line of an award.
    Group,
    /// A restriction gives a verdict or a notice.
    Restriction,
    /// A condition holds: of an `if`, of credit, of a total or of a bonus.
    Holds,
    /// The same condition does not hold.
    Fails,
    /// An arm of a `switch` runs.
    Arm,
    /// The `_` arm of a `switch` runs.
    DefaultArm,
    /// A verb of a rule file is given.
    Verb,
    /// The value of a payout group lies in the band: at its bound or above, and below the next bound.
    Band,
    /// The value of a payout group is exactly the bound of the band.
    BandEdge,
    /// The measure of a bonus lies in the tier: it reaches the tier, and not the next one.
    Tier,
    /// The measure of a bonus is exactly the bound of the tier.
    TierEdge,
    /// A limit lets a payout through whole.
    LimitBelow,
    /// A limit cuts, stops, holds or announces a payout that is more than it lets through.
    LimitReached,
    /// A bonus pays or takes back something at a close.
    Bonus,
    /// A return is of at most the threshold's share of its action, and not of the whole action.
    ReturnBelow,
    /// A return is above the threshold, and not of the whole action.
    ReturnAbove,
    /// A return comes at an age from which this share is taken.
    Age,
}

/// The tests that reached a point, by their numbers, with how often each did.
pub(crate) type Reached = BTreeMap<usize, u64>;

/// Records what decisions reach.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    recorded: Mutex<Recorded>,
}

#[derive(Debug, Default)]
struct Recorded {
    /// The names of the tests, in the order in which they began.
    tests: Vec<String>,
    points: BTreeMap<(Place, PointKind), Reached>,
}

impl Marks {
    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        // What is recorded is whole after each change.
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what is reached from here on for a test with this name.
    pub(crate) fn begin(&self, test: String) {
        self.recorded().tests.push(test);
    }

    /// Notes that a point was reached.
    pub(crate) fn reach(&self, place: &Place, kind: PointKind) {
        let mut recorded = self.recorded();
        let test = recorded.tests.len().saturating_sub(1);
        let hits = recorded.points.entry((place.clone(), kind)).or_default().entry(test).or_default();
        *hits = hits.saturating_add(1);
    }

    /// Returns the names of the tests, and every point that was reached.
    pub(crate) fn reached(&self) -> (Vec<String>, BTreeMap<(Place, PointKind), Reached>) {
        let recorded = self.recorded();
        (recorded.tests.clone(), recorded.points.clone())
    }
}
