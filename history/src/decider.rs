//! Decides actions one by one and records each decision.

use std::sync::Arc;

use accrue::counters::{CounterError, Posting};
use accrue::decide::{AdjustError, Adjusted, CloseError};
use accrue::facts::{Adjustment, FactError, FactErrors};
use accrue::time::Timestamp;
use accrue::{Action, Counters, DecideError, Decision, Options, Program, Reference};
use chrono::NaiveDate;

/// Decides actions, adjustments and closes one by one, and records each in its counters before the next.
///
/// The host gives actions, adjustments and closes in their order. [`Replay`](crate::Replay) finds the order of a history by itself.
///
/// ```
/// # use accrue::{Engine, Reference, Source, facts::read_action};
/// # use accrue_history::Decider;
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// # let action = read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?;
/// let mut decider = Decider::new(&program, Reference::default(), program.counters());
/// let decision = decider.decide(&action)?;
/// assert_eq!(decision.awards[0].payout.to_string(), "6");
/// // The same action again is refused.
/// assert!(decider.decide(&action).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decider {
    program: Program,
    reference: Arc<Reference>,
    counters: Counters,
    trace: Trace,
    /// The last action that was decided.
    last: Option<(Timestamp, String)>,
    /// What happened to one action or bonus; `None` if nobody asks.
    log: Option<Log>,
}

/// Which decisions contain the values that every rule saw. A trace changes nothing else of a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trace {
    /// No decision.
    #[default]
    Nothing,
    /// Every decision.
    Everything,
    /// The decisions of the action with this id, or of the actions with this order number.
    Of(String),
}

impl Trace {
    fn options(&self, action: &Action) -> Options {
        let traced = match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Of(id) => is_subject(action, id),
        };
        if traced { Options::traced() } else { Options::default() }
    }
}

/// Something that happened to the action or bonus whose log is kept.
#[derive(Clone, Debug)]
pub enum Logged {
    /// The action was decided.
    Action(Action),
    /// The action was adjusted.
    Adjustment(Adjustment),
    /// The bonus was computed when the periods until this date were closed.
    Close(NaiveDate),
}

/// What happened to one action or bonus, each entry with the counters before it.
#[derive(Clone, Debug)]
struct Log {
    /// The id of the action or bonus, or an order number.
    id: String,
    happened: Vec<(Logged, Counters)>,
}

/// Returns whether an action has this id or this order number.
fn is_subject(action: &Action, id: &str) -> bool {
    action.id == id || action.order_id.as_deref() == Some(id)
}

impl Decider {
    /// Returns a decider that continues from these counters. [`Program::counters`] are those of a program that has counted nothing yet.
    pub fn new(program: &Program, reference: impl Into<Arc<Reference>>, counters: Counters) -> Self {
        Self {
            program: program.clone(),
            reference: reference.into(),
            counters,
            trace: Trace::Nothing,
            last: None,
            log: None,
        }
    }

    /// Sets which decisions have a trace from here on.
    pub fn set_trace(&mut self, trace: Trace) {
        self.trace = trace;
    }

    /// From here on, keeps what happens to the action or bonus with this id, or to the actions with this order number, each time with a
    /// copy of the counters before it. [`Program::test_case`] makes a test of such a log.
    pub fn keep_log(&mut self, id: impl Into<String>) {
        self.log = Some(Log { id: id.into(), happened: Vec::new() });
    }

    /// Returns what happened to what [`Decider::keep_log`] named, in order, and keeps no log from here on.
    pub fn take_log(&mut self) -> Vec<(Logged, Counters)> {
        self.log.take().map_or_else(Vec::new, |log| log.happened)
    }

    /// Adds what was counted elsewhere.
    ///
    /// # Errors
    ///
    /// [`CounterError`] when a sum does not fit, or the program has no such counter.
    pub fn seed(&mut self, entry: &Posting) -> Result<(), CounterError> {
        self.counters.add_entry(entry)
    }

    /// Decides an action and records the decision.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when the action is not valid for this program, or was the last action decided. Nothing is recorded then.
    pub fn decide(&mut self, action: &Action) -> Result<Decision, FactErrors> {
        if self.last.as_ref().is_some_and(|(at, id)| (*at, id) == (action.occurred_at, &action.id)) {
            let message = format!(
                "action `{}` of {} stands in the input twice; it is decided once",
                action.id, action.occurred_at
            );
            return Err(FactError::field("id", message).into());
        }
        if let Some(log) = &mut self.log
            && is_subject(action, &log.id)
        {
            log.happened.push((Logged::Action(action.clone()), self.counters.clone()));
        }
        let decided =
            self.program.decide(action, &self.reference, &self.counters, self.trace.options(action));
        let recorded = decided.and_then(|decision| {
            self.counters.apply(&decision.postings)?;
            Ok(decision)
        });
        let decision = recorded.map_err(|error| match error {
            DecideError::Facts(errors) => errors,
            error => FactErrors::from(FactError::whole(error.to_string())),
        })?;
        match &mut self.last {
            Some((at, id)) => {
                *at = action.occurred_at;
                id.clone_from(&action.id);
            }
            None => self.last = Some((action.occurred_at, action.id.clone())),
        }
        Ok(decision)
    }

    /// Adjusts an action as it stands with its decision, and records the difference. Returns both as they stand afterwards.
    ///
    /// # Errors
    ///
    /// [`AdjustError`] when the adjustment is refused. Nothing is recorded then.
    pub fn adjust(
        &mut self,
        adjustment: &Adjustment,
        standing: (&Action, &Decision),
    ) -> Result<Adjusted, AdjustError> {
        let options = self.trace.options(standing.0);
        let adjusted = self.program.adjust(adjustment, standing, &self.reference, &self.counters, options)?;
        if let Some(log) = &mut self.log
            && log
                .happened
                .iter()
                .any(|(of, _)| matches!(of, Logged::Action(of) if of.id == adjustment.adjusts))
        {
            log.happened.push((Logged::Adjustment(adjustment.clone()), self.counters.clone()));
        }
        self.counters.apply(&adjusted.decision.postings)?;
        Ok(adjusted)
    }

    /// Computes the bonuses of the periods that end until a date, records them, and closes the periods.
    ///
    /// # Errors
    ///
    /// [`CloseError`] when the periods cannot be closed.
    pub fn close(&mut self, until: NaiveDate) -> Result<Vec<Decision>, CloseError> {
        let decisions = self.program.close(until, &self.reference, &self.counters)?;
        if let Some(log) = &mut self.log
            && decisions.iter().any(|decision| decision.action == log.id)
        {
            log.happened = vec![(Logged::Close(until), self.counters.clone())];
        }
        let postings: Vec<_> = decisions.iter().flat_map(|decision| &decision.postings).cloned().collect();
        self.counters.apply(&postings)?;
        self.program.close_periods(&mut self.counters, until)?;
        Ok(decisions)
    }

    /// Returns the program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Returns the counters after what was recorded last.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns the counters after what was recorded last.
    pub fn into_counters(self) -> Counters {
        self.counters
    }
}
