//! The verdicts of a contract version's rules about one action, before anything is paid.
//!
//! `decide::judge` makes them rule by rule, and a compiled version in one call; both are the same. `decide::settle` computes the
//! payout from them.

use std::ops::Range;

use super::VerbCall;
use crate::terms::Version;

/// The restrictions and payout groups that match, with the verbs of their rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdicts<'a> {
    /// The restrictions that match, in their order.
    pub(crate) restrictions: Vec<MatchedRestriction>,
    /// The lines of the payout; empty if a restriction leaves nothing to pay.
    pub(crate) lines: Vec<LineVerdicts>,
    /// The payout groups that match, line by line, in the order in which they were tried.
    pub(crate) groups: Vec<MatchedGroup>,
    /// The payout groups whose rule file or component gave verbs, whether they match or not.
    pub(crate) speakers: Vec<(usize, Range<usize>)>,
    /// The verbs that rule files and components gave.
    pub(crate) calls: Vec<VerbCall<'a>>,
    /// The fuel that the rules used.
    pub(crate) fuel: u64,
}

/// A restriction that matches.
#[derive(Clone, Debug)]
pub(crate) struct MatchedRestriction {
    /// The index of the restriction in the version.
    pub(crate) index: usize,
    /// The verbs of its rule file or component, in [`Verdicts::calls`]; `None` for a condition.
    pub(crate) calls: Option<Range<usize>>,
}

/// The payout groups of one line.
#[derive(Clone, Debug)]
pub(crate) struct LineVerdicts {
    /// The item's index; `None` for the whole order.
    pub(crate) item: Option<u32>,
    /// The groups that match, in [`Verdicts::groups`].
    pub(crate) groups: Range<usize>,
}

/// A payout group that matches.
#[derive(Clone, Debug)]
pub(crate) struct MatchedGroup {
    /// The index of the group in the version; the index of the default payout is one more than the last.
    pub(crate) index: usize,
    /// The band that the value falls in, if the group has bands.
    pub(crate) band: usize,
    /// The verbs of its rule file or component, in [`Verdicts::calls`].
    pub(crate) calls: Range<usize>,
    /// The index of its entry in the trace; `None` without a trace.
    pub(crate) traced_at: Option<usize>,
}

impl<'a> Verdicts<'a> {
    /// Returns the verbs of a range of [`Verdicts::calls`].
    pub(crate) fn calls(&self, range: &Range<usize>) -> &[VerbCall<'a>] {
        self.calls.get(range.clone()).unwrap_or_default()
    }

    /// Returns the steps that these verdicts are of the decision: one for each restriction that matches, the verbs of each payout group
    /// that matches, and every verb of a rule file or component.
    pub(crate) fn steps(&self, version: &Version) -> usize {
        let groups = self.groups.iter().filter_map(|matched| {
            let group = version.group(matched.index)?;
            Some(group.steps(matched.band))
        });
        self.restrictions.len() + self.calls.len() + groups.sum::<usize>()
    }
}
