//! Findings about limits: that one never cuts a payout, or cuts every payout, as far as the amounts of the terms alone say it.

use rust_decimal::Decimal;

use super::finder::{Draft, Finder, quoted};
use super::finding::{FindingKind, Other, Weight};
use super::study::Linear;
use crate::terms::{Choose, Edge, Group, Limit, LimitMax, PayoutPer, Pays};

impl Finder<'_, '_> {
    /// Looks at each limit.
    pub(super) fn limits(&mut self) {
        let version = self.study.space.version;
        for (at, limit) in version.limits.iter().enumerate() {
            let LimitMax::Money(max) = limit.max else { continue };
            let earlier = version.limits.iter().take(at).find(|earlier| is_stricter(earlier, limit));
            if let Some(earlier) = earlier {
                let others = vec![Other { name: earlier.name.clone(), place: earlier.place.clone() }];
                let message = format!(
                    "the limit {} never cuts a payout: {} before it lets no more through",
                    quoted(&limit.name),
                    quoted(&earlier.name)
                );
                self.limit(limit, FindingKind::LimitNeverCuts, message, others, None);
                continue;
            }
            let Some(covered) = self.covered_by(limit) else { continue };
            let flat: Option<Vec<Decimal>> = covered.iter().map(|(_, group)| flat(group)).collect();
            let Some(flat) = flat else { continue };
            let most = flat.iter().copied().max().unwrap_or_default();
            let least = flat.iter().copied().min().unwrap_or_default();
            if version.payout.choose == Choose::Stack || least < Decimal::ZERO {
                continue;
            }
            if limit.counter.is_none() && most <= max.0 {
                let message = format!(
                    "the limit {} never cuts a payout: nothing that it covers pays more than {}",
                    quoted(&limit.name),
                    most.normalize()
                );
                let highest = covered.iter().zip(&flat).find(|(_, flat)| **flat == most);
                let index = highest.map(|((index, _), _)| *index);
                self.limit(limit, FindingKind::LimitNeverCuts, message, Vec::new(), index);
            } else if least > max.0 && cuts(limit.edge) {
                let message = format!(
                    "the limit {} cuts every payout: everything that it covers pays {} at least",
                    quoted(&limit.name),
                    least.normalize()
                );
                let index = covered.first().map(|(index, _)| *index);
                self.limit(limit, FindingKind::LimitAlwaysCuts, message, Vec::new(), index);
            }
        }
    }

    fn limit(
        &mut self,
        limit: &Limit,
        kind: FindingKind,
        message: String,
        others: Vec<Other>,
        group: Option<usize>,
    ) {
        let version = self.study.space.version;
        let groups: Vec<usize> = match group {
            Some(group) => vec![group],
            None => (0..version.groups().count()).collect(),
        };
        let always = kind == FindingKind::LimitAlwaysCuts;
        let cut = if always { "cuts" } else { "does not cut" };
        for group in groups {
            let Some(mut regions) = self.study.regions_of(group).map(<[_]>::to_vec) else { continue };
            for before in self.study.before(group) {
                if let Some(condition) = self.study.condition_of(before)
                    && let Some(left) = self.study.outside(regions.clone(), &condition)
                {
                    regions = left;
                }
            }
            let name = version.group(group).map(|group| group.name.clone()).unwrap_or_default();
            let reported = self.report(Draft {
                kind,
                weight: if always { Weight::Warning } else { Weight::Note },
                name: &limit.name,
                place: limit.place.clone(),
                others: others.clone(),
                message: message.clone(),
                help: "",
                it: format!("{cut} by {} what {} pays", quoted(&limit.name), quoted(&name)),
                regions: &regions,
                shows: &mut |proof| {
                    let Some(award) = proof.decision.awards.first() else { return false };
                    let is_cut = award.limits.iter().any(|cut| cut.limit == limit.name);
                    award.groups.first() == Some(&name) && is_cut == always
                },
            });
            if reported {
                return;
            }
        }
    }

    /// Returns the payout groups that a limit covers, with their indexes. Returns `None` if other payouts are covered too.
    fn covered_by(&self, limit: &Limit) -> Option<Vec<(usize, &'_ Group)>> {
        let version = self.study.space.version;
        if version.payout.per != PayoutPer::Order {
            return None;
        }
        let is_alone = version.payout.levels.is_empty() && version.payout.participation.is_none();
        let covered: Vec<(usize, &Group)> = match &limit.group {
            None if !is_alone => return None,
            None => version.groups().enumerate().collect(),
            Some(name) => version.groups().enumerate().filter(|(_, group)| group.name == *name).collect(),
        };
        (!covered.is_empty()).then_some(covered)
    }
}

/// Returns the amount that a group pays of a whole order, whatever the action is worth.
fn flat(group: &Group) -> Option<Decimal> {
    match &group.pays {
        Pays::Fixed(effects) => Linear::of(effects)?.flat(PayoutPer::Order),
        Pays::Bands { .. } | Pays::Script(_) | Pays::Component(_) => None,
    }
}

/// Returns whether a payout that does not fit is cut, and not only held or reported.
fn cuts(edge: Edge) -> bool {
    matches!(edge, Edge::Remainder | Edge::AllOrNothing)
}

/// Returns whether a limit that comes first lets through no more than another would.
fn is_stricter(earlier: &Limit, limit: &Limit) -> bool {
    let (LimitMax::Money(one), LimitMax::Money(other)) = (earlier.max, limit.max) else { return false };
    let covers = earlier.group.is_none() && limit.group.is_none() || earlier.group == limit.group;
    cuts(earlier.edge)
        && one <= other
        && covers
        && earlier.counter == limit.counter
        && earlier.when_unknown == limit.when_unknown
}
