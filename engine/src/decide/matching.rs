//! Which restrictions and payout groups match an action, chosen or not. Nothing is decided.

use std::borrow::Cow;

use super::convert::{convert, promo_codes};
use super::credit::{Path, credit, stand_ins};
use super::evaluation::{Account, Arguments, Evaluation};
use super::findings::{Findings, ProgramView};
use super::judge::{judge, matching_groups};
use super::pipeline::prepare;
use crate::counters::{Counters, Moment};
use crate::facts::{Action, Reference};

/// The restrictions and payout groups that match an action.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matching {
    /// The contract, by its index in the program.
    pub(crate) contract: usize,
    /// The version, by its index in the contract.
    pub(crate) version: usize,
    /// The restrictions, by their indexes in the version.
    pub(crate) restrictions: Vec<usize>,
    /// The payout groups, by their indexes in the version, each with the item for which it matches: `None` for the whole order.
    pub(crate) groups: Vec<(Option<u32>, usize)>,
}

/// Returns what matches an action for the first partner who is credited. Returns `None` if nobody is credited, or something fails before
/// the rules.
pub(crate) fn matching(
    view: ProgramView<'_>,
    action: &Action,
    reference: &Reference,
    counters: &Counters,
) -> Option<Matching> {
    let moment = Moment::new(action.occurred_at, view.terms.zone, counters);
    let arguments = Arguments { view, action, reference, counters, counted: &[], moment: &moment };
    let stand_ins = stand_ins(view, action, reference);
    let codes =
        if view.lookup.has_conditions { promo_codes(action) } else { Cow::Borrowed(&[] as &[String]) };
    let path = Path { view, action, stand_ins: &stand_ins, reference, promo_codes: &codes };
    let participants = credit(path, &mut 0, None).ok()?;
    let credited = participants.first()?.credited;
    let (converted, attributes) = convert(view, action, reference, &credited, None).ok()?;
    let findings = Findings::new(false, view.limits);
    let account = Account::default();
    let mut evaluation = Evaluation::new(arguments, credited, &converted, attributes, findings, account);
    prepare(&mut evaluation).ok()?;
    let judged = judge(&mut evaluation, false);
    let restrictions = judged.verdicts.restrictions.iter().map(|matched| matched.index).collect();
    let groups = matching_groups(&mut evaluation);
    Some(Matching {
        contract: credited.contract_index,
        version: credited.version_index,
        restrictions,
        groups,
    })
}
