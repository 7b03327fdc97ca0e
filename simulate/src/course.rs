//! One program of a simulation on its way through the history, with what it pays.

use std::collections::BTreeMap;

use accrue::facts::FactErrors;
use accrue::{Action, Decision, Program};
use accrue_history::{Event, History, Replay};

use crate::error::SimulateError;
use crate::sums::Sums;

/// One program on its way through the history.
#[derive(Debug)]
pub(crate) struct Course {
    replay: Replay,
    pub(crate) paid: Payouts,
}

/// What one program pays.
#[derive(Debug, Default)]
pub(crate) struct Payouts {
    pub(crate) sums: Sums,
    /// The decisions of bonuses as they stand, by id. Kept if they are asked for.
    pub(crate) bonuses: BTreeMap<String, Decision>,
    keeps_bonuses: bool,
    /// The number of adjustments that were refused.
    pub(crate) refused: u64,
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
    /// Something may still change it: [`Course::finish`] returns it.
    Standing,
    /// Not at all.
    Refused(FactErrors),
}

impl Course {
    pub(crate) fn new(program: &Program, history: History, keeps_bonuses: bool) -> Self {
        let replay = Replay::new(program, history);
        Self { replay, paid: Payouts { keeps_bonuses, ..Payouts::default() } }
    }

    /// Does what happened before an action, and decides it.
    pub(crate) fn decide(&mut self, action: &Action) -> Result<Seen, SimulateError> {
        let currency = self.replay.program().currency();
        loop {
            match self.replay.step(action)? {
                Event::Decided { decision, is_settled: true } => {
                    self.paid.sums.add(&decision, action, currency)?;
                    return Ok(Seen::Settled(decision.into_owned()));
                }
                Event::Decided { .. } => return Ok(Seen::Standing),
                Event::Refused(errors) => return Ok(Seen::Refused(errors)),
                event => self.paid.take(event)?,
            }
        }
    }

    /// Does what is left. Returns every action that was kept, with its decision as it stands.
    pub(crate) fn finish(&mut self) -> Result<Vec<(Action, Decision)>, SimulateError> {
        while let Some(event) = self.replay.finish()? {
            self.paid.take(event)?;
        }
        let currency = self.replay.program().currency();
        let standing: Vec<(Action, Decision)> = self.replay.take_standing().collect();
        for (action, decision) in &standing {
            self.paid.sums.add(decision, action, currency)?;
        }
        Ok(standing)
    }
}

impl Payouts {
    /// Takes what happened besides the actions.
    fn take(&mut self, event: Event<'_>) -> Result<(), SimulateError> {
        match event {
            Event::Closed { bonuses, .. } => {
                for bonus in bonuses {
                    self.sums.add_bonus(&bonus)?;
                    if self.keeps_bonuses {
                        self.bonuses.insert(bonus.action.clone(), bonus);
                    }
                }
            }
            Event::NotAdjusted { .. } => self.refused = self.refused.saturating_add(1),
            // What an adjustment changes stands until the end.
            _ => {}
        }
        Ok(())
    }
}
