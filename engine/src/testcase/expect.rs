//! What a test expects of a decision: everything that a person would look at.

use std::collections::BTreeMap;

use super::{ExpectAction, ExpectBonus};
use crate::decide::{Award, Decision};
use crate::money::Money;

/// Returns what is expected of an action.
pub(super) fn of_action(decision: &Decision) -> ExpectAction {
    let awards = &decision.awards;
    let first = awards.first();
    let several = awards.iter().enumerate().all(|(n, award)| {
        // A partner who is paid twice, as a parent of two partners, has no single payout.
        awards.iter().take(n).all(|before| before.partner != award.partner)
    });
    let several = several && awards.len() > 1;
    let reasons = decision.all_reasons().map(|(_, reason)| reason.code.as_str());
    let notices = awards.iter().flat_map(|award| award.notices.iter().map(|notice| notice.code.as_str()));
    let lines: Vec<Money> = awards.iter().flat_map(|award| &award.lines).map(|line| line.payout).collect();
    ExpectAction {
        action: decision.action.clone(),
        status: Some(decision.status),
        payout: decision.payout(),
        group: first.and_then(|award| award.groups.first()).cloned(),
        reasons: each_once(reasons),
        notices: each_once(notices),
        lines: if lines.len() > 1 { lines } else { Vec::new() },
        release_at: first.and_then(|award| award.release_at),
        locks_at: first.and_then(|award| award.locks_at),
        pays_on: first.and_then(|award| award.pays_on),
        limits: limits(awards),
        awards: if several {
            awards.iter().map(|award| (award.partner.clone(), award.payout)).collect()
        } else {
            BTreeMap::new()
        },
    }
}

/// Returns what is expected of a bonus; `None` for the decision of an action.
pub(super) fn of_bonus(decision: &Decision) -> Option<ExpectBonus> {
    let (of, award) = decision.bonus.as_ref().zip(decision.awards.first())?;
    Some(ExpectBonus {
        bonus: of.bonus.clone(),
        partner: award.partner.clone(),
        period: of.period.clone(),
        status: decision.status,
        payout: award.payout,
        lines: award.lines.iter().map(|line| line.payout).collect(),
    })
}

/// Returns what each limit takes off, all awards together.
fn limits(awards: &[Award]) -> BTreeMap<String, Money> {
    let mut limits: BTreeMap<String, Money> = BTreeMap::new();
    for cut in awards.iter().flat_map(|award| &award.limits) {
        let sum = limits.entry(cut.limit.clone()).or_default();
        // Cannot overflow: what is cut is a part of the amounts of one decision.
        *sum = Money(sum.0.saturating_add(cut.cut.0));
    }
    limits
}

fn each_once<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for code in codes {
        if found.iter().all(|other| other != code) {
            found.push(code.to_owned());
        }
    }
    found
}
