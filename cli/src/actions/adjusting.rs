//! Makes the adjustments of a run, each in its turn between the actions.

use std::collections::BTreeMap;

use accrue::decide::AdjustError;
use accrue::facts::{FactError, FactErrors, Reject};
use accrue::time::Timestamp;
use accrue::{Action, Decision};

use super::adjustments::{Adjustments, Placed};
use super::input::Input;
use crate::decider::Decider;

/// The adjustments that are left, and the decisions that they adjust.
pub(crate) struct Adjusting<'a> {
    left: std::slice::Iter<'a, Placed<'a>>,
    /// The lines that are no adjustments.
    pub(crate) rejects: &'a [(&'a Input, Reject)],
    /// By the id of each action that is adjusted: the action and its decision as they stand; `None` until it is decided.
    standing: BTreeMap<String, Option<(Action, Decision)>>,
}

impl<'a> Adjusting<'a> {
    pub(crate) fn new(adjustments: &'a Adjustments<'a>) -> Self {
        let ids = adjustments.in_order.iter().map(|placed| (placed.adjustment().adjusts.clone(), None));
        Self { left: adjustments.in_order.iter(), rejects: &adjustments.rejects, standing: ids.collect() }
    }

    /// Keeps an action with its decision if it is adjusted later. Returns whether it is.
    pub(crate) fn keep(&mut self, action: &Action, decision: &Decision) -> bool {
        let standing = self.standing.get_mut(&action.id);
        standing.map(|standing| *standing = Some((action.clone(), decision.clone()))).is_some()
    }

    /// Returns the next adjustment that happened before a moment; without a moment, the next one.
    pub(crate) fn next(&mut self, before: Option<Timestamp>) -> Option<&'a Placed<'a>> {
        let next = self.left.as_slice().first()?;
        if before.is_some_and(|before| next.adjustment().occurred_at >= before) {
            return None;
        }
        self.left.next()
    }

    /// Returns whether an action is adjusted by an adjustment that is left.
    pub(crate) fn adjusts(&self, action: &str) -> bool {
        self.left.as_slice().iter().any(|placed| placed.adjustment().adjusts == action)
    }

    /// Makes an adjustment and returns the decision as it stands afterwards.
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
        let standing = self.standing.get_mut(&adjustment.adjusts).and_then(Option::as_mut);
        let Some(standing) = standing else {
            let id: String = adjustment.adjusts.chars().take(40).collect();
            let message =
                format!("UNKNOWN_ACTION: no action `{id}` was decided before {}", adjustment.occurred_at);
            return Err(FactError::field("adjusts", message).into());
        };
        match decider.adjust(adjustment, (&standing.0, &standing.1), trace) {
            Ok(adjusted) => {
                *standing = (adjusted.action, adjusted.decision);
                Ok(standing)
            }
            Err(AdjustError::Facts(errors)) => Err(errors),
            Err(error) => Err(FactError::whole(format!("{}: {error}", error.code())).into()),
        }
    }

    /// Returns every adjusted action with its decision as it stands.
    pub(crate) fn take_standing(&mut self) -> impl Iterator<Item = (Action, Decision)> + use<> {
        std::mem::take(&mut self.standing).into_values().flatten()
    }
}
