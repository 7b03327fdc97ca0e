//! A whole history with its actions, decided in slices.

use std::sync::Arc;

use accrue::decide::CloseError;
use accrue::money::ArithmeticError;
use accrue::{Action, Counters, Program};
use serde::Serialize;

use crate::history::History;
use crate::replay::{Event, Replay};
use crate::summary::Summary;

/// A replay together with its actions and the sums over its decisions, for a host that has all actions in memory. A run decides its actions
/// in slices: between two slices the host can show progress, or stop.
///
/// ```
/// # use accrue::{Engine, Reference, Source, facts::read_action};
/// # use accrue_history::{Event, History, Row, Run};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// # let actions = vec![read_action(r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "150.00",
/// #     "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#)?];
/// let mut run = Run::new(&program, History::new(Reference::default()), actions);
/// while !run.is_over() {
///     run.advance(1_000, |_, event| {
///         if let Event::Decided { decision, .. } = event {
///             Row::each(&decision).for_each(|row| println!("{row:?}"));
///         }
///     })?;
///     println!("{} of {}", run.progress().decided, run.progress().all);
/// }
/// let sums = run.summary().data()?;
/// assert_eq!(sums.currencies[0].totals.payable.to_string(), "6");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    replay: Replay,
    actions: Arc<[Action]>,
    decided: usize,
    summary: Summary,
    /// The ids of the actions, and of the bonuses, whose amounts are too large to be summed up.
    unsummed: Vec<String>,
    is_over: bool,
}

/// How far a [`Run`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// The number of actions that had their turn.
    pub decided: usize,
    /// The number of all actions.
    pub all: usize,
}

impl Run {
    /// Returns a run at its beginning. The actions are brought into the order of (occurred-at, id).
    pub fn new(program: &Program, history: History, mut actions: Vec<Action>) -> Self {
        actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        Self::of_replay(Replay::new(program, history), actions.into())
    }

    /// Returns a run of these actions by a replay at its beginning, which has the settings of the host. The actions are in the order of
    /// (occurred-at, id).
    pub fn of_replay(replay: Replay, actions: Arc<[Action]>) -> Self {
        let summary = Summary::new(replay.program());
        Self { replay, actions, decided: 0, summary, unsummed: Vec::new(), is_over: false }
    }

    /// Decides up to this number of actions, and what happens before and between them. Calls `take` with everything that happens, and with
    /// the index of the action in whose turn it happens: [`Run::actions`] has it; after the last action, the index is their number. Once
    /// no action is left, what is left of the history happens in the same call, and the run is over.
    ///
    /// # Errors
    ///
    /// [`CloseError`] when periods cannot be closed. The history cannot go on then.
    pub fn advance(&mut self, most: usize, mut take: impl FnMut(usize, Event<'_>)) -> Result<(), CloseError> {
        let actions = Arc::clone(&self.actions);
        let until = self.decided.saturating_add(most);
        while let Some(action) = actions.get(self.decided).filter(|_| self.decided < until) {
            let event = self.replay.step(action)?;
            let index = self.decided;
            if event.is_of_action() {
                self.decided = self.decided.saturating_add(1);
            }
            count(&mut self.summary, &mut self.unsummed, Some(action), &event);
            take(index, event);
        }
        if self.is_over || self.decided < actions.len() {
            return Ok(());
        }
        while let Some(event) = self.replay.finish()? {
            count(&mut self.summary, &mut self.unsummed, None, &event);
            take(self.decided, event);
        }
        for (action, decision) in self.replay.take_standing() {
            let summed = self.summary.add(&decision, &action);
            self.unsummed.extend(summed.is_err().then_some(action.id));
        }
        self.is_over = true;
        Ok(())
    }

    /// Returns whether the whole history was decided.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns how many actions had their turn.
    pub fn progress(&self) -> Progress {
        Progress { decided: self.decided, all: self.actions.len() }
    }

    /// Returns the actions in the order in which they are decided.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Returns the sums over what was decided so far. What may still change is in them once the run is over.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Returns the ids of actions and bonuses that are not in the sums, because a sum would not fit.
    pub fn unsummed(&self) -> &[String] {
        &self.unsummed
    }

    /// Returns the replay.
    pub fn replay(&self) -> &Replay {
        &self.replay
    }

    /// Returns the counters as they are now.
    pub fn into_counters(self) -> Counters {
        self.replay.into_counters()
    }
}

/// Adds an event to the sums.
fn count(summary: &mut Summary, unsummed: &mut Vec<String>, action: Option<&Action>, event: &Event<'_>) {
    let mut keep = |id: &str, summed: Result<(), ArithmeticError>| {
        unsummed.extend(summed.is_err().then(|| id.to_owned()));
    };
    match (event, action) {
        (Event::Decided { decision, is_settled: true }, Some(action)) => {
            keep(&action.id, summary.add(decision, action));
        }
        (Event::Closed { bonuses, .. }, _) => {
            bonuses.iter().for_each(|bonus| keep(&bonus.action, summary.add_bonus(bonus)));
        }
        _ => {}
    }
}
