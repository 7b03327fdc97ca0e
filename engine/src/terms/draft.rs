//! A contract version as it was read, before its contract is put together.

use super::model::{Counter, Version};
use super::read::At;
use super::times::Moment;
use crate::diagnostic::Span;
use crate::lang::Used;

/// A version with what the checks over all files need.
pub(super) struct Draft {
    pub(super) contract: Option<At<String>>,
    pub(super) number: Option<At<u32>>,
    /// Where it says from when on it is in force, and until when.
    pub(super) from: Option<At<Moment>>,
    pub(super) until: Option<At<Moment>>,
    pub(super) ids: Vec<At<String>>,
    pub(super) groups: Vec<At<String>>,
    /// Whether its interval and its partners could be read.
    pub(super) sound: bool,
    pub(super) version: Version,
    /// What each of its limits counts, and each of its totals.
    pub(super) limit_counters: Vec<Option<Counter>>,
    pub(super) total_counters: Vec<Counter>,
    pub(super) used: Used,
    pub(super) rules_sound: bool,
    /// Where its parameters and its totals are declared.
    pub(super) params: Vec<(String, Span)>,
    pub(super) totals: Vec<(String, Span)>,
}
