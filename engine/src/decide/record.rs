//! Recording: a decision enters, and the totals move on.

use super::decision::{Decision, PartnerPayout};
use super::limit::is_kept;
use super::work::Desk;
use crate::counters::{Keys, Moment, Sums, Totals};
use crate::facts::Action;
use crate::money::Money;
use crate::terms::Scope;

/// Adds a decided action to the totals. Each meter of its contract gets what it counts of it.
pub(crate) fn record(desk: Desk<'_>, totals: &mut Totals, action: &Action, decision: &Decision) {
    totals.set_last(action.occurred_at, &action.id);
    let Some(contract) = &decision.contract else { return };
    let Some(contract) = desk.terms.contracts.iter().position(|c| c.name == contract.name) else { return };
    let Some(partner) = decision.partners.first() else { return };
    if !decision.counts {
        return;
    }
    let touch = decision.touch.and_then(|touch| action.touches.get(touch as usize));
    let keys = Keys { action, partner: &partner.partner, click: touch.and_then(|touch| touch.id.as_deref()) };
    let moment = Moment::new(action.occurred_at, desk.terms.zone);
    let mut key = String::new();
    for meter_index in desk.plan.meters(contract) {
        let Some(meter) = desk.terms.meters.get(*meter_index) else { continue };
        if !is_kept(meter) || !meter.is_of(&action.event_type) {
            continue;
        }
        if meter.group.is_none() && !meter.per.contains(&Scope::Group) {
            if keys.write(&meter.per, None, &mut key) {
                let sums = Sums {
                    actions: 1,
                    paid_actions: u32::from(decision.payout > Money::ZERO),
                    revenue: decision.base,
                    payouts: decision.payout,
                };
                totals.add(*meter_index, &key, &moment, &sums);
            }
            continue;
        }
        for (group, sums) in by_group(partner) {
            let counted = meter.group.as_deref().is_none_or(|wanted| wanted == group);
            if counted && keys.write(&meter.per, Some(group), &mut key) {
                totals.add(*meter_index, &key, &moment, &sums);
            }
        }
    }
}

/// What each payout group has to do with an action: its own payout, and the bases of the lines it had a hand in.
fn by_group(partner: &PartnerPayout) -> Vec<(&str, Sums)> {
    let mut groups: Vec<(&str, Sums)> = Vec::new();
    let mut add = |group, payout: Money, base: Money| {
        let n = groups.iter().position(|(name, _)| *name == group).unwrap_or_else(|| {
            groups.push((group, Sums { actions: 1, ..Sums::default() }));
            groups.len() - 1
        });
        if let Some((_, sums)) = groups.get_mut(n) {
            sums.payouts = Money(sums.payouts.0.saturating_add(payout.0));
            sums.revenue = Money(sums.revenue.0.saturating_add(base.0));
        }
    };
    for line in &partner.lines {
        if line.shares.is_empty() {
            if let Some(step) = line.steps.first() {
                add(&step.group, line.payout, line.base);
            }
        } else {
            for share in &line.shares {
                add(&share.group, share.payout, line.base);
            }
        }
    }
    for (_, sums) in &mut groups {
        sums.paid_actions = u32::from(sums.payouts > Money::ZERO);
    }
    groups
}
