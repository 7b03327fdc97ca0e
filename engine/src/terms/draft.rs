//! A contract version as it was read, before the versions of a contract are put together.

use std::collections::BTreeSet;

use super::bonuses::BonusCounters;
use super::model::{Counter, EventPayout, Version};
use super::read::At;
use super::times::Moment;
use crate::diagnostic::Span;
use crate::lang::Used;
use crate::money::Currency;

/// A version, with what the checks across files need.
pub(super) struct Draft {
    pub(super) contract: Option<At<String>>,
    pub(super) number: Option<At<u32>>,
    /// Where the file declares the beginning and the end of the interval.
    pub(super) from: Option<At<Moment>>,
    pub(super) until: Option<At<Moment>>,
    pub(super) ids: Vec<At<String>>,
    pub(super) groups: Vec<At<String>>,
    /// Whether the interval and the partners could be read.
    pub(super) sound: bool,
    pub(super) version: Version,
    /// The payouts of the version, for event types that have one of their own and for all others.
    pub(super) payouts: Vec<EventPayout>,
    /// Every currency that the file pays in; the first is the one of `version`.
    pub(super) currencies: Vec<Currency>,
    /// The same file, read for each of the other currencies.
    pub(super) in_other_currencies: Vec<Draft>,
    /// What each limit and each total counts.
    pub(super) limit_counters: Vec<Option<Counter>>,
    pub(super) total_counters: Vec<Counter>,
    pub(super) bonus_counters: Vec<BonusCounters>,
    pub(super) used: Used,
    /// The names of the holidays that its dates use.
    pub(super) holidays: BTreeSet<String>,
    pub(super) rules_sound: bool,
    /// Where the parameters and the totals are declared.
    pub(super) params: Vec<(String, Span)>,
    pub(super) totals: Vec<(String, Span)>,
}
