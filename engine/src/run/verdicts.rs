//! What the rules of a contract version say of one action, before anything is paid.
//!
//! The judge makes it rule by rule, and a compiled version in one call; both say the same. What it means for the payout is
//! worked out in one place, `decide::settle`.

use std::ops::Range;

use super::VerbCall;

/// The restrictions and payout groups that match, with what their rules said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdicts<'a> {
    /// Restrictions that match, in their order.
    pub(crate) restrictions: Vec<MatchedRestriction>,
    /// The lines of the payout; none when a restriction leaves nothing to pay.
    pub(crate) lines: Vec<LineVerdicts>,
    /// Payout groups that match, line by line in the order they were tried.
    pub(crate) groups: Vec<MatchedGroup>,
    /// Payout groups whose rule file or component gave verbs, matching or not.
    pub(crate) speakers: Vec<(usize, Range<usize>)>,
    /// The verbs that rule files and components gave.
    pub(crate) calls: Vec<VerbCall<'a>>,
    /// Fuel that the rules used.
    pub(crate) fuel: u64,
}

/// A restriction that matches.
#[derive(Clone, Debug)]
pub(crate) struct MatchedRestriction {
    /// Its index in the version.
    pub(crate) index: usize,
    /// The verbs it gave, in [`Verdicts::calls`]; `None` for a condition.
    pub(crate) calls: Option<Range<usize>>,
}

/// The groups of one line.
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
    /// Its index in the version; the default payout's is one more than the last.
    pub(crate) index: usize,
    /// The band that the value falls in, where the group has bands.
    pub(crate) band: usize,
    /// The verbs it gave, in [`Verdicts::calls`].
    pub(crate) calls: Range<usize>,
    /// Where its entry stands in the trace, when there is one.
    pub(crate) traced_at: Option<usize>,
}

impl<'a> Verdicts<'a> {
    /// The verbs of a range of [`Verdicts::calls`].
    pub(crate) fn calls(&self, range: &Range<usize>) -> &[VerbCall<'a>] {
        self.calls.get(range.clone()).unwrap_or_default()
    }
}
