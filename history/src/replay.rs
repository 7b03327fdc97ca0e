//! One program on its way through a history: actions in their order and, between them, adjustments, releases of holds and closes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accrue::decide::{AdjustError, CloseError, Status};
use accrue::facts::{Adjustment, AdjustmentKind, FactError, FactErrors};
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Counters, Decision, Program};
use chrono::NaiveDate;

use crate::decider::{Decider, Logged, Trace};
use crate::history::{Adjustments, History};

/// One program on its way through a history. The host hands over actions in the order of (occurred-at, id); what else happens takes its
/// turn between them: periods close, holds end, and actions are adjusted.
///
/// A replay owns what it needs, so a host may keep it, take some steps, show what came of them and go on later. Memory grows with the
/// actions that something may still change, and not with all actions.
///
/// ```
/// # use accrue::{Engine, Reference, Source, facts::read_action};
/// # use accrue_history::{Event, History, Replay};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// # let actions = [read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?];
/// let mut replay = Replay::new(&program, History::new(Reference::default()));
/// let mut payouts = Vec::new();
/// for action in &actions {
///     loop {
///         let event = replay.step(action)?;
///         if let Event::Decided { decision, .. } = &event {
///             payouts.extend(decision.payout());
///         }
///         if event.is_of_action() {
///             break;
///         }
///     }
/// }
/// while let Some(event) = replay.finish()? {
///     println!("{event:?}");
/// }
/// assert_eq!(payouts[0].to_string(), "6");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Replay {
    decider: Decider,
    zone: Zone,
    adjustments: Arc<Adjustments>,
    /// The number of adjustments that had their turn.
    adjusted: usize,
    /// By id: the action and its decision as they stand, if that may still change.
    standing: BTreeMap<String, (Action, Decision)>,
    /// The holds that end by themselves, with the ids of their actions.
    holds: BTreeSet<(Timestamp, String)>,
    /// Whether periods are closed on the way.
    closes: bool,
    /// The date on which periods are closed next, and the moment at which it begins. `None` before the first action, or if nothing
    /// closes.
    next_close: Option<(NaiveDate, Timestamp)>,
    /// The moment until which holds end and periods close by themselves.
    until: Option<Timestamp>,
}

/// Something that happened in a [`Replay`].
#[derive(Debug)]
#[non_exhaustive]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every event is a decision, and a box for each would cost more"
)]
pub enum Event<'r> {
    /// The action that was handed over was decided.
    Decided {
        /// The decision. Borrowed if the replay keeps it, because something may still change it.
        decision: Cow<'r, Decision>,
        /// Whether the decision stays as it is. If not, [`Replay::take_standing`] returns it in the end.
        is_settled: bool,
    },
    /// The action that was handed over cannot be decided.
    Refused(FactErrors),
    /// An earlier action was adjusted, or released from a hold that ended.
    Adjusted {
        /// The index of the adjustment in [`Adjustments::as_slice`]; `None` for a release.
        index: Option<usize>,
        /// The action as it stands afterwards.
        action: &'r Action,
        /// The decision as it stands afterwards. Its postings are the difference.
        decision: &'r Decision,
    },
    /// An adjustment was refused, and changed nothing.
    NotAdjusted {
        /// The index of the adjustment in [`Adjustments::as_slice`].
        index: usize,
        /// Why.
        error: AdjustError,
    },
    /// Periods were closed.
    Closed {
        /// The date until which they were closed.
        until: NaiveDate,
        /// The decision of each bonus that was due, in the order of (end of the period, contract, bonus).
        bonuses: Vec<Decision>,
    },
}

impl Event<'_> {
    /// Returns whether the event is the turn of the action that was handed over. If not, the action is still to be decided.
    pub fn is_of_action(&self) -> bool {
        matches!(self, Self::Decided { .. } | Self::Refused(_))
    }
}

/// What is due before anything else.
enum Due {
    Close(NaiveDate),
    Adjustment,
    Release,
}

/// What was done, by the id of the action that changed.
enum Done {
    Adjusted(Option<usize>, String),
    NotAdjusted(usize, AdjustError),
    Closed(NaiveDate, Vec<Decision>),
}

impl Replay {
    /// Returns a replay at the beginning of a history.
    pub fn new(program: &Program, history: History) -> Self {
        let History { reference, counters, adjustments, close, as_of } = history;
        let counters = counters.unwrap_or_else(|| program.counters());
        let closed_until = counters.closed_until().filter(|_| close);
        let zone = program.zone();
        let mut replay = Self {
            decider: Decider::new(program, reference, counters),
            zone,
            adjustments,
            adjusted: 0,
            standing: BTreeMap::new(),
            holds: BTreeSet::new(),
            closes: close,
            next_close: None,
            until: as_of.and_then(|date| date.succ_opt()).map(|next| zone.start_of(next)),
        };
        replay.next_close = closed_until.and_then(|closed| replay.close_after(closed));
        replay
    }

    /// Sets which decisions have a trace from here on.
    pub fn set_trace(&mut self, trace: Trace) {
        self.decider.set_trace(trace);
    }

    /// From here on, keeps what happens to one action or bonus, or to the actions of one order: see [`Decider::keep_log`].
    pub fn keep_log(&mut self, id: impl Into<String>) {
        self.decider.keep_log(id);
    }

    /// Returns what happened to what [`Replay::keep_log`] named, each entry with the counters before it.
    pub fn take_log(&mut self) -> Vec<(Logged, Counters)> {
        self.decider.take_log()
    }

    /// Takes the next step on the way to an action and returns what happened: something that is due before the action, or the decision of
    /// the action. Call it with the same action until [`Event::is_of_action`] is true.
    ///
    /// # Errors
    ///
    /// [`CloseError`] when periods cannot be closed. The history cannot go on then.
    pub fn step(&mut self, action: &Action) -> Result<Event<'_>, CloseError> {
        if let Some(done) = self.do_next(Some(action.occurred_at))? {
            return Ok(self.event(done));
        }
        let decision = match self.decider.decide(action) {
            Ok(decision) => decision,
            Err(errors) => return Ok(Event::Refused(errors)),
        };
        let held = self.hold(&decision);
        if !held && !self.adjustments.names(&action.id, 0) {
            return Ok(Event::Decided { decision: Cow::Owned(decision), is_settled: true });
        }
        let entry = self.standing.entry(action.id.clone()).insert_entry((action.clone(), decision));
        let (_, kept) = entry.into_mut();
        Ok(Event::Decided { decision: Cow::Borrowed(kept), is_settled: false })
    }

    /// Takes the next step after the last action, up to the last adjustment and the date that the history stops on. Returns `None` if
    /// nothing is left to happen.
    ///
    /// # Errors
    ///
    /// [`CloseError`] when periods cannot be closed.
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, CloseError> {
        let done = self.do_next(None)?;
        Ok(done.map(|done| self.event(done)))
    }

    /// Returns every action that was kept because something could still change it, with its decision as it stands, in the order of the
    /// ids. Once the history is over, these and the settled decisions are all decisions.
    pub fn take_standing(&mut self) -> impl Iterator<Item = (Action, Decision)> + use<> {
        std::mem::take(&mut self.standing).into_values()
    }

    /// Returns whether an adjustment or the end of a hold that is left may change an action.
    pub fn may_change(&self, action: &str) -> bool {
        self.adjustments.names(action, self.adjusted) || self.holds.iter().any(|(_, id)| id == action)
    }

    /// Returns the adjustments of the history.
    pub fn adjustments(&self) -> &Adjustments {
        &self.adjustments
    }

    /// Returns the program.
    pub fn program(&self) -> &Program {
        self.decider.program()
    }

    /// Returns the counters as they are now.
    pub fn counters(&self) -> &Counters {
        self.decider.counters()
    }

    /// Returns the counters as they are now.
    pub fn into_counters(self) -> Counters {
        self.decider.into_counters()
    }

    /// Does what is due before a moment, or is left. Returns `None` if nothing is.
    fn do_next(&mut self, before: Option<Timestamp>) -> Result<Option<Done>, CloseError> {
        while let Some(due) = self.due(before) {
            match due {
                Due::Close(until) => {
                    let bonuses = self.decider.close(until)?;
                    return Ok(Some(Done::Closed(until, bonuses)));
                }
                Due::Adjustment => {
                    let (index, adjustments) = (self.adjusted, Arc::clone(&self.adjustments));
                    self.adjusted = index.saturating_add(1);
                    let Some(adjustment) = adjustments.as_slice().get(index) else { continue };
                    return Ok(Some(match self.adjust(adjustment) {
                        Ok(()) => Done::Adjusted(Some(index), adjustment.adjusts.clone()),
                        Err(error) => Done::NotAdjusted(index, error),
                    }));
                }
                Due::Release => {
                    let Some((at, id)) = self.holds.pop_first() else { continue };
                    let name = format!("release-{id}-{at}");
                    let release = Adjustment::new(name, id, AdjustmentKind::Release, at);
                    // What was decided otherwise since is not held, or its hold ends later.
                    if self.adjust(&release).is_ok() {
                        return Ok(Some(Done::Adjusted(None, release.adjusts)));
                    }
                }
            }
        }
        Ok(None)
    }

    fn event(&self, done: Done) -> Event<'_> {
        match done {
            Done::Adjusted(index, id) => match self.standing.get(&id) {
                Some((action, decision)) => Event::Adjusted { index, action, decision },
                // What was adjusted stands.
                None => Event::NotAdjusted {
                    index: index.unwrap_or(self.adjusted),
                    error: AdjustError::Facts(FactErrors::default()),
                },
            },
            Done::NotAdjusted(index, error) => Event::NotAdjusted { index, error },
            Done::Closed(until, bonuses) => Event::Closed { until, bonuses },
        }
    }

    /// Returns what is due before an action of a moment; without a moment, what is left.
    fn due(&mut self, before: Option<Timestamp>) -> Option<Due> {
        if self.closes && self.next_close.is_none() {
            self.next_close = before.and_then(|at| self.close_after(self.zone.date(at)));
        }
        let adjustment = self.adjustments.as_slice().get(self.adjusted).map(|next| next.occurred_at);
        // An adjustment of the moment of an action comes after it; a hold that ends then ends before.
        let adjustment = adjustment.filter(|at| before.is_none_or(|before| *at < before));
        let release = self.holds.first().map(|(at, _)| *at);
        let release = release.filter(|at| before.is_none_or(|before| *at <= before));
        let others = match (adjustment, release) {
            (Some(adjustment), Some(release)) => Some(adjustment.min(release)),
            (one, other) => one.or(other),
        };
        // Without a moment, time goes on to the last adjustment, and to the date that was asked for.
        let reached = before.or_else(|| self.until.max(others));
        if let Some((date, at)) = self.next_close
            && reached.is_some_and(|reached| at <= reached)
            && others.is_none_or(|others| at <= others)
        {
            self.next_close = self.close_after(date);
            return Some(Due::Close(date));
        }
        match (release, adjustment) {
            (Some(release), adjustment) if adjustment.is_none_or(|at| release <= at) => Some(Due::Release),
            (_, Some(_)) => Some(Due::Adjustment),
            _ => None,
        }
    }

    /// Returns the date on which periods are closed next after a date, with its first moment.
    fn close_after(&self, date: NaiveDate) -> Option<(NaiveDate, Timestamp)> {
        let next = self.decider.program().next_close(date)?;
        Some((next, self.zone.start_of(next)))
    }

    /// Notes when the holds of a decision end. Returns whether any ends in time.
    fn hold(&mut self, decision: &Decision) -> bool {
        let Some(until) = self.until else { return false };
        let held = decision.awards.iter().filter(|award| award.status == Status::Held);
        let mut any = false;
        for at in held.filter_map(|award| award.release_at).filter(|at| *at <= until) {
            any = true;
            self.holds.insert((at, decision.action.clone()));
        }
        any
    }

    /// Makes an adjustment of an action that was decided, and records the difference.
    fn adjust(&mut self, adjustment: &Adjustment) -> Result<(), AdjustError> {
        let Some((action, decision)) = self.standing.get(&adjustment.adjusts) else {
            let id: String = adjustment.adjusts.chars().take(40).collect();
            let message =
                format!("UNKNOWN_ACTION: no action `{id}` was decided before {}", adjustment.occurred_at);
            return Err(AdjustError::Facts(FactError::field("adjusts", message).into()));
        };
        let adjusted = self.decider.adjust(adjustment, (action, decision))?;
        self.hold(&adjusted.decision);
        self.standing.insert(adjustment.adjusts.clone(), (adjusted.action, adjusted.decision));
        Ok(())
    }
}
