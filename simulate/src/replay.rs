//! Decides a history by one program: actions in their order and, between them, adjustments, releases of holds and closes.

use std::collections::{BTreeMap, BTreeSet};

use accrue::decide::{AdjustError, Status};
use accrue::facts::{Adjustment, AdjustmentKind};
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Counters, DecideError, Decision, Options, Program};
use chrono::NaiveDate;

use crate::error::SimulateError;
use crate::history::History;
use crate::sums::Sums;

/// One program on its way through the history.
#[derive(Debug)]
pub(crate) struct Replay<'a> {
    program: &'a Program,
    history: &'a History<'a>,
    zone: Zone,
    counters: Counters,
    /// The adjustments that are left.
    left: &'a [Adjustment],
    /// The ids of actions that an adjustment names.
    adjusted: &'a BTreeSet<&'a str>,
    /// By id: the action and its decision as they stand, if that may still change.
    standing: BTreeMap<String, (Action, Decision)>,
    /// The holds that end by themselves, with the ids of their actions.
    holds: BTreeSet<(Timestamp, String)>,
    /// The date on which periods are closed next; `None` before the first action, or if nothing closes.
    next_close: Option<NaiveDate>,
    until: Option<Timestamp>,
    pub(crate) sums: Sums,
    /// The decisions of bonuses as they stand, by id. Kept if they are asked for.
    pub(crate) bonuses: BTreeMap<String, Decision>,
    keeps_bonuses: bool,
    /// The indices of the adjustments that were refused, and why.
    pub(crate) refused: Vec<(usize, AdjustError)>,
}

/// How an action was decided.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every action is settled, and a box for each would cost more"
)]
pub(crate) enum Seen {
    /// For good.
    Settled(Decision),
    /// Something may still change it: [`Replay::finish`] returns it.
    Standing,
    /// Not at all.
    Refused(DecideError),
}

/// What happens next.
enum Next {
    Close(NaiveDate),
    Adjustment,
    Release,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        program: &'a Program,
        history: &'a History<'a>,
        adjusted: &'a BTreeSet<&'a str>,
        keeps_bonuses: bool,
    ) -> Self {
        let counters = history.counters.cloned().unwrap_or_else(|| program.counters());
        let closed = counters.closed_until().filter(|_| history.close);
        Self {
            program,
            history,
            zone: program.zone(),
            next_close: closed.and_then(|closed| program.next_close(closed)),
            counters,
            left: history.adjustments,
            adjusted,
            standing: BTreeMap::new(),
            holds: BTreeSet::new(),
            until: history.until(program),
            sums: Sums::default(),
            bonuses: BTreeMap::new(),
            keeps_bonuses,
            refused: Vec::new(),
        }
    }

    /// Does what happened before an action, and decides it.
    pub(crate) fn decide(&mut self, action: &Action) -> Result<Seen, SimulateError> {
        self.advance(Some(action.occurred_at))?;
        let decided = self.program.decide(action, self.history.reference, &self.counters, Options::default());
        let recorded = decided.and_then(|decision| {
            self.counters.apply(&decision.postings)?;
            Ok(decision)
        });
        let decision = match recorded {
            Ok(decision) => decision,
            Err(error) => return Ok(Seen::Refused(error)),
        };
        if self.hold(&decision) || self.adjusted.contains(action.id.as_str()) {
            self.standing.insert(action.id.clone(), (action.clone(), decision));
            return Ok(Seen::Standing);
        }
        self.sums.add(&decision, action, self.program.currency())?;
        Ok(Seen::Settled(decision))
    }

    /// Does what is left. Returns every action that was kept, with its decision as it stands.
    pub(crate) fn finish(&mut self) -> Result<BTreeMap<String, (Action, Decision)>, SimulateError> {
        self.advance(None)?;
        let standing = std::mem::take(&mut self.standing);
        for (action, decision) in standing.values() {
            self.sums.add(decision, action, self.program.currency())?;
        }
        Ok(standing)
    }

    /// Does what happened before a moment, or all that is left.
    fn advance(&mut self, before: Option<Timestamp>) -> Result<(), SimulateError> {
        while let Some(next) = self.next(before) {
            match next {
                Next::Close(until) => self.close(until)?,
                Next::Adjustment => {
                    let Some((adjustment, left)) = self.left.split_first() else { continue };
                    let index = self.history.adjustments.len().saturating_sub(self.left.len());
                    self.left = left;
                    if let Err(error) = self.adjust(adjustment) {
                        self.refused.push((index, error));
                    }
                }
                Next::Release => {
                    let Some((at, id)) = self.holds.pop_first() else { continue };
                    let name = format!("release-{id}-{at}");
                    // What was decided otherwise since is not held, or its hold ends later.
                    let _ = self.adjust(&Adjustment::new(name, id, AdjustmentKind::Release, at));
                }
            }
        }
        Ok(())
    }

    /// Returns what happens next, before an action of a moment; without a moment, what is left.
    fn next(&mut self, before: Option<Timestamp>) -> Option<Next> {
        if self.next_close.is_none() && self.history.close {
            self.next_close = before.and_then(|at| self.program.next_close(self.zone.date(at)));
        }
        // An adjustment of the moment of an action comes after it; a hold that ends then ends before.
        let adjustment = self.left.first().map(|next| next.occurred_at);
        let adjustment = adjustment.filter(|at| before.is_none_or(|before| *at < before));
        let release = self.holds.first().map(|(at, _)| *at);
        let release = release.filter(|at| before.is_none_or(|before| *at <= before));
        let others = [adjustment, release].into_iter().flatten().min();
        // Without a moment, time goes on to the last adjustment, and to the date that was asked for.
        let reached = before.or_else(|| self.until.max(others));
        if let Some(date) = self.next_close {
            let at = self.zone.start_of(date);
            if reached.is_some_and(|reached| at <= reached) && others.is_none_or(|others| at <= others) {
                self.next_close = self.program.next_close(date);
                return Some(Next::Close(date));
            }
        }
        match (release, adjustment) {
            (Some(release), adjustment) if adjustment.is_none_or(|at| release <= at) => Some(Next::Release),
            (_, Some(_)) => Some(Next::Adjustment),
            _ => None,
        }
    }

    /// Notes when the holds of a decision end. Returns whether any ends in time.
    fn hold(&mut self, decision: &Decision) -> bool {
        let Some(until) = self.until else { return false };
        let held = decision.awards.iter().filter(|award| award.status == Status::Held);
        let ends: Vec<Timestamp> =
            held.filter_map(|award| award.release_at).filter(|at| *at <= until).collect();
        self.holds.extend(ends.iter().map(|at| (*at, decision.action.clone())));
        !ends.is_empty()
    }

    /// Makes an adjustment of an action that was decided, and records the difference.
    fn adjust(&mut self, adjustment: &Adjustment) -> Result<(), AdjustError> {
        let Some((action, decision)) = self.standing.get(&adjustment.adjusts) else {
            let unknown =
                accrue::facts::FactError::field("adjusts", "UNKNOWN_ACTION: it was not decided before");
            return Err(AdjustError::Facts(unknown.into()));
        };
        let (reference, options) = (self.history.reference, Options::default());
        let adjusted =
            self.program.adjust(adjustment, (action, decision), reference, &self.counters, options)?;
        self.counters.apply(&adjusted.decision.postings)?;
        self.hold(&adjusted.decision);
        self.standing.insert(adjustment.adjusts.clone(), (adjusted.action, adjusted.decision));
        Ok(())
    }

    /// Computes the bonuses of the periods that end until a date, records them, and closes the periods.
    fn close(&mut self, until: NaiveDate) -> Result<(), SimulateError> {
        let bonuses = self.program.close(until, self.history.reference, &self.counters)?;
        let postings: Vec<_> = bonuses.iter().flat_map(|bonus| &bonus.postings).cloned().collect();
        self.counters.apply(&postings).map_err(DecideError::from)?;
        self.program.close_periods(&mut self.counters, until).map_err(DecideError::from)?;
        for bonus in bonuses {
            self.sums.add_bonus(&bonus)?;
            if self.keeps_bonuses {
                self.bonuses.insert(bonus.action.clone(), bonus);
            }
        }
        Ok(())
    }
}
