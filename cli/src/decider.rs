//! Decides actions and records the decisions. No other file of the command line changes the counters.

use accrue::counters::{CounterError, Posting};
use accrue::decide::{AdjustError, Adjusted, CloseError};
use accrue::facts::{Adjustment, FactError, FactErrors};
use accrue::time::Timestamp;
use accrue::{Action, Counters, DecideError, Decision, Options, Program, Reference};
use chrono::NaiveDate;

/// Decides actions, which come in the order of (occurred-at, id).
pub(crate) struct Decider<'a> {
    program: &'a Program,
    reference: &'a Reference,
    counters: Counters,
    /// The last action that was decided.
    last: Option<(Timestamp, String)>,
    /// What happened to one action or bonus; `None` if nobody asks.
    log: Option<Log>,
}

/// What happened to one action or bonus, each with the counters before it.
#[derive(Debug)]
struct Log {
    /// The id of the action or bonus, or an order number.
    id: String,
    happened: Vec<(Logged, Counters)>,
}

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Logged {
    /// An action was decided.
    Action(Action),
    /// An action was adjusted.
    Adjustment(Adjustment),
    /// The bonus was computed when the periods until this date were closed.
    Close(NaiveDate),
}

impl<'a> Decider<'a> {
    /// Returns a decider that continues from these counters.
    pub(crate) fn new(program: &'a Program, reference: &'a Reference, counters: Counters) -> Self {
        Self { program, reference, counters, last: None, log: None }
    }

    /// From here on, keeps what happens to the action or bonus with this id, or to the actions with this order number.
    pub(crate) fn keep_log(&mut self, id: &str) {
        self.log = Some(Log { id: id.to_owned(), happened: Vec::new() });
    }

    /// Returns what happened to the actions or the bonus that [`Decider::keep_log`] named, in order.
    pub(crate) fn take_log(&mut self) -> Vec<(Logged, Counters)> {
        self.log.take().map_or_else(Vec::new, |log| log.happened)
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn seed(&mut self, entry: &Posting) -> Result<(), CounterError> {
        self.counters.add_entry(entry)
    }

    /// Decides an action and records the decision. With `trace`, the decision has the values that every rule saw.
    ///
    /// # Errors
    ///
    /// When the action is not valid for this program, or was the last action decided.
    pub(crate) fn decide(&mut self, action: &Action, trace: bool) -> Result<Decision, FactErrors> {
        if self.last.as_ref().is_some_and(|(at, id)| (*at, id) == (action.occurred_at, &action.id)) {
            let message = format!(
                "action `{}` of {} stands in the input twice; it is decided once",
                action.id, action.occurred_at
            );
            return Err(FactError::field("id", message).into());
        }
        let options = if trace { Options::traced() } else { Options::default() };
        if let Some(log) = &mut self.log
            && (action.id == log.id || action.order_id.as_ref() == Some(&log.id))
        {
            log.happened.push((Logged::Action(action.clone()), self.counters.clone()));
        }
        let decided = self.program.decide(action, self.reference, &self.counters, options);
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

    /// Adjusts an action as it stands with its decision, and records the difference.
    ///
    /// # Errors
    ///
    /// [`AdjustError`] when the adjustment is refused; nothing is recorded then.
    pub(crate) fn adjust(
        &mut self,
        adjustment: &Adjustment,
        standing: (&Action, &Decision),
        trace: bool,
    ) -> Result<Adjusted, AdjustError> {
        let options = if trace { Options::traced() } else { Options::default() };
        let adjusted = self.program.adjust(adjustment, standing, self.reference, &self.counters, options)?;
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
    /// [`CloseError`] when the periods cannot be closed; nothing is recorded then.
    pub(crate) fn close(&mut self, until: NaiveDate) -> Result<Vec<Decision>, CloseError> {
        let decisions = self.program.close(until, self.reference, &self.counters)?;
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

    /// Returns the counters after the last decision.
    pub(crate) fn into_counters(self) -> Counters {
        self.counters
    }
}
