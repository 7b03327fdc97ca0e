//! What happens besides the actions, each in its turn between them: periods close, holds end, and actions are adjusted.

use std::collections::{BTreeMap, BTreeSet};

use accrue::decide::{AdjustError, Status};
use accrue::facts::{Adjustment, AdjustmentKind, FactError, FactErrors, Reject};
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Decision, Program};
use chrono::NaiveDate;

use super::adjustments::{Adjustments, Placed, refused};
use super::input::Input;
use crate::decider::Decider;

/// What happens next.
#[derive(Clone, Copy)]
pub(crate) enum Next<'a> {
    /// The periods that end until a date are closed.
    Close(NaiveDate),
    /// An adjustment of the input.
    Adjustment(&'a Placed<'a>),
    /// A hold has ended.
    Release,
}

/// What is asked for besides adjustments.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Whether periods are closed on the way.
    pub(crate) close: bool,
    /// The date at whose end the run stops: holds that end until then are released, and periods closed.
    pub(crate) as_of: Option<NaiveDate>,
}

/// What is left to happen, and the decisions that may still change.
pub(crate) struct Afterwards<'a> {
    program: &'a Program,
    zone: Zone,
    left: std::slice::Iter<'a, Placed<'a>>,
    /// The lines that are no adjustments.
    pub(crate) rejects: &'a [(&'a Input, Reject)],
    /// The ids of actions that an adjustment names.
    adjusted: BTreeSet<&'a str>,
    /// By id: the action and its decision as they stand, if that may still change.
    standing: BTreeMap<String, (Action, Decision)>,
    /// The holds that end by themselves, with the ids of their actions.
    holds: BTreeSet<(Timestamp, String)>,
    /// Whether periods are closed on the way.
    closes: bool,
    /// The date on which periods are closed next; `None` before the first action, or if nothing closes.
    next_close: Option<NaiveDate>,
    /// The moment until which holds end and periods close by themselves.
    until: Option<Timestamp>,
}

impl<'a> Afterwards<'a> {
    /// `closed_until` is the date until which periods are closed already.
    pub(crate) fn new(
        program: &'a Program,
        adjustments: &'a Adjustments<'a>,
        asked: Asked,
        closed_until: Option<NaiveDate>,
    ) -> Self {
        let ids = adjustments.in_order.iter().map(|placed| placed.adjustment().adjusts.as_str());
        let zone = program.zone();
        let closed = closed_until.filter(|_| asked.close);
        Self {
            program,
            zone,
            left: adjustments.in_order.iter(),
            rejects: &adjustments.rejects,
            adjusted: ids.collect(),
            standing: BTreeMap::new(),
            holds: BTreeSet::new(),
            closes: asked.close,
            next_close: closed.and_then(|closed| program.next_close(closed)),
            until: asked.as_of.and_then(|date| date.succ_opt()).map(|next| zone.start_of(next)),
        }
    }

    /// Keeps an action with its decision if it may still change. Returns whether it may.
    pub(crate) fn keep(&mut self, action: &Action, decision: &Decision) -> bool {
        let held = self.hold(decision);
        let keeps = held || self.adjusted.contains(action.id.as_str());
        if keeps {
            self.standing.insert(action.id.clone(), (action.clone(), decision.clone()));
        }
        keeps
    }

    /// Notes when the holds of a decision end. Returns whether any ends in time.
    fn hold(&mut self, decision: &Decision) -> bool {
        let Some(until) = self.until else { return false };
        let ends = decision.awards.iter().filter(|award| award.status == Status::Held);
        let ends: Vec<Timestamp> =
            ends.filter_map(|award| award.release_at).filter(|at| *at <= until).collect();
        self.holds.extend(ends.iter().map(|at| (*at, decision.action.clone())));
        !ends.is_empty()
    }

    /// Returns what happens next, before an action of a moment; without a moment, what is left.
    pub(crate) fn next(&mut self, before: Option<Timestamp>) -> Option<Next<'a>> {
        if self.next_close.is_none() && self.closes {
            self.next_close = before.and_then(|at| self.program.next_close(self.zone.date(at)));
        }
        let adjustment = self.left.as_slice().first().map(|placed| placed.adjustment().occurred_at);
        // An adjustment of the moment of an action comes after it.
        let adjustment = adjustment.filter(|at| before.is_none_or(|before| *at < before));
        let release =
            self.holds.first().map(|(at, _)| *at).filter(|at| before.is_none_or(|before| *at <= before));
        let others = [adjustment, release].into_iter().flatten().min();
        let close = self.next_close.map(|date| self.zone.start_of(date));
        // Without a moment, time goes on to the last adjustment, and to the date that was asked for.
        let reached = before.or_else(|| self.until.max(others));
        let close = close.filter(|at| reached.is_some_and(|reached| *at <= reached));
        if let (Some(at), Some(date)) = (close, self.next_close)
            && others.is_none_or(|others| at <= others)
        {
            self.next_close = self.program.next_close(date);
            return Some(Next::Close(date));
        }
        match (release, adjustment) {
            (Some(release), adjustment) if adjustment.is_none_or(|at| release <= at) => Some(Next::Release),
            (_, Some(_)) => self.left.next().map(Next::Adjustment),
            _ => None,
        }
    }

    /// Returns whether something that is left may change an action.
    pub(crate) fn changes(&self, action: &str) -> bool {
        self.left.as_slice().iter().any(|placed| placed.adjustment().adjusts == action)
            || self.holds.iter().any(|(_, id)| id == action)
    }

    /// Makes an adjustment and returns the action with its decision as they stand afterwards.
    ///
    /// # Errors
    ///
    /// Why the adjustment is refused; its code comes first.
    pub(crate) fn adjust(
        &mut self,
        decider: &mut Decider<'_>,
        placed: &Placed<'_>,
        trace: bool,
    ) -> Result<&(Action, Decision), FactErrors> {
        let adjustment = placed.adjustment();
        if !self.standing.contains_key(&adjustment.adjusts) {
            let id: String = adjustment.adjusts.chars().take(40).collect();
            let message =
                format!("UNKNOWN_ACTION: no action `{id}` was decided before {}", adjustment.occurred_at);
            return Err(FactError::field("adjusts", message).into());
        }
        match self.apply(decider, adjustment, trace) {
            Ok(standing) => standing.ok_or_else(|| FactErrors(Vec::new())),
            Err(error) => Err(refused(error)),
        }
    }

    /// Releases the hold that ends first. Returns the action with its decision as they stand afterwards; `None` if it is not held any more.
    pub(crate) fn release(&mut self, decider: &mut Decider<'_>, trace: bool) -> Option<&(Action, Decision)> {
        let (at, id) = self.holds.pop_first()?;
        let release = Adjustment::new(format!("release-{id}-{at}"), id, AdjustmentKind::Release, at);
        // What was decided otherwise since is not held, or its hold ends later.
        self.apply(decider, &release, trace).ok().flatten()
    }

    fn apply(
        &mut self,
        decider: &mut Decider<'_>,
        adjustment: &Adjustment,
        trace: bool,
    ) -> Result<Option<&(Action, Decision)>, AdjustError> {
        let Some((action, decision)) = self.standing.get(&adjustment.adjusts) else { return Ok(None) };
        let adjusted = decider.adjust(adjustment, (action, decision), trace)?;
        self.hold(&adjusted.decision);
        self.standing.insert(adjustment.adjusts.clone(), (adjusted.action, adjusted.decision));
        Ok(self.standing.get(&adjustment.adjusts))
    }

    /// Returns every action that was kept with its decision as it stands.
    pub(crate) fn take_standing(&mut self) -> impl Iterator<Item = (Action, Decision)> + use<> {
        std::mem::take(&mut self.standing).into_values()
    }
}
