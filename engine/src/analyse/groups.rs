//! Findings about restrictions and payout groups: that they never or always apply, that others take all of their actions, that two of
//! them overlap, and that a window or a band is left out.

use rust_decimal::Decimal;

use super::finder::{Draft, Finder, quoted};
use super::finding::{FindingKind, Other, Weight};
use super::logic::{Formula, Region, Var};
use super::prover::Proof;
use super::space::Source;
use super::study::{applies, conjuncts};
use super::values::{Bounds, Known, Numbers, Values};
use crate::diagnostic::Place;
use crate::lang::{Base, ExprKind, Rule};
use crate::terms::{Choose, Group, Pays, RestrictionBody, Verdict};

/// The most regions that meet the most conditions and are looked through.
const MOST_NEAREST: usize = 4;

/// The most overlaps of payout groups that are reported of one version; the rest is counted.
const MOST_OVERLAPS: usize = 10;

/// The longest gap between two windows of moments that is taken for an oversight: a month.
const LONGEST_GAP: i64 = 31 * crate::time::DAY_SECONDS;

impl Finder<'_, '_> {
    /// Looks at each restriction.
    pub(super) fn restrictions(&mut self) {
        let version = self.study.space.version;
        for (index, restriction) in version.restrictions.iter().enumerate() {
            let Some(taken) = self.study.restrictions.get(index) else { continue };
            let (Some(condition), Some(regions)) = (taken.condition.clone(), taken.regions.clone()) else {
                self.undecided(&restriction.name, taken.why);
                continue;
            };
            if let RestrictionBody::Script(rule) = &restriction.body {
                self.verbs(&restriction.name, rule, &[Region::new()], &mut |proof| {
                    !proof.decision.all_reasons().any(|(_, reason)| reason.rule == restriction.name)
                });
            }
            let RestrictionBody::When { condition: rule, verdict, .. } = &restriction.body else { continue };
            let named = quoted(&restriction.name);
            if regions.is_empty() {
                let found = self.nearest(rule);
                let but = found.but.as_deref().map(|but| format!(" but `{but}`")).unwrap_or_default();
                self.report(Draft {
                    kind: FindingKind::RestrictionNeverApplies,
                    weight: Weight::Warning,
                    name: &restriction.name,
                    place: found.place.unwrap_or_else(|| restriction.place.clone()),
                    others: Vec::new(),
                    message: format!("the restriction {named} never applies: no action meets its condition"),
                    help: "correct the condition, or remove the restriction",
                    it: format!("is not restricted by {named}: this meets all of its condition{but}"),
                    regions: &found.regions,
                    shows: &mut |proof| !proof.matching.restrictions.contains(&index),
                });
                continue;
            }
            // `true` alone is written to mean every action.
            let is_meant = applies(rule).is_some_and(|expr| matches!(expr.kind, ExprKind::Const(_)));
            if is_meant {
                continue;
            }
            if self.is_always(&condition) {
                let refuses = matches!(verdict, Verdict::Reject | Verdict::Zero | Verdict::Hold);
                self.report(Draft {
                    kind: FindingKind::RestrictionAlwaysApplies,
                    weight: if refuses { Weight::Warning } else { Weight::Note },
                    name: &restriction.name,
                    place: rule_place(rule),
                    others: Vec::new(),
                    message: format!(
                        "the restriction {named} applies to every action: its condition is always true"
                    ),
                    help: "correct the condition; `when = 'true'` says that every action is meant",
                    it: format!("restricts any action by {named}"),
                    regions: &regions,
                    shows: &mut |proof| proof.matching.restrictions.contains(&index),
                });
                continue;
            }
            let mut shows =
                |proof: &Proof, matches: bool| proof.matching.restrictions.contains(&index) == matches;
            self.parts(&restriction.name, rule, &condition, (&[Region::new()], &regions), &mut shows);
        }
    }

    fn is_always(&mut self, condition: &Formula) -> bool {
        let outside = self.study.outside(vec![Region::new()], condition);
        outside.is_some_and(|outside| outside.is_empty())
    }

    /// Looks at each payout group.
    pub(super) fn groups(&mut self) {
        let version = self.study.space.version;
        let reachable = self.study.reachable();
        for (index, group) in version.payout.groups.iter().enumerate() {
            let Some(taken) = self.study.groups.get(index) else { continue };
            let Some(regions) = taken.regions.clone() else {
                self.undecided(&group.name, taken.why);
                continue;
            };
            if self.is_warned(group) {
                continue;
            }
            if regions.is_empty() {
                self.never_applies(index, group);
                continue;
            }
            if let Some(when) = &group.when
                && let Ok(own) = self.study.condition(when)
            {
                let matches_group = |proof: &Proof| proof.matching.groups.iter().any(|(_, at)| *at == index);
                let mut shows = |proof: &Proof, matches: bool| matches_group(proof) == matches;
                let own_regions = self.study.within(reachable.clone(), &own).unwrap_or_default();
                // A group that restrictions refuse whole is reported as such.
                if !own_regions.is_empty() {
                    self.parts(&group.name, when, &own, (&reachable, &own_regions), &mut shows);
                }
            }
            if let Pays::Script(rule) = &group.pays {
                self.verbs(&group.name, rule, &regions, &mut |proof| {
                    proof.matching.groups.iter().any(|(_, at)| *at == index)
                });
            }
            self.bands(index, group);
            let left = self.covered(index, group, &regions);
            if let Some(left) = left {
                self.refused(index, group, &left);
            }
        }
        self.default_payout();
    }

    fn never_applies(&mut self, index: usize, group: &Group) {
        let rule = group.when.as_deref().or(match &group.pays {
            Pays::Script(rule) => Some(rule),
            _ => None,
        });
        let Some(rule) = rule else { return };
        let found = self.nearest(rule);
        let but = found.but.as_deref().map(|but| format!(" but `{but}`")).unwrap_or_default();
        let named = quoted(&group.name);
        self.report(Draft {
            kind: FindingKind::GroupNeverApplies,
            weight: Weight::Warning,
            name: &group.name,
            place: found.place.unwrap_or_else(|| group.place.clone()),
            others: Vec::new(),
            message: format!("the group {named} never pays: no action meets its condition"),
            help: "correct the condition, or remove the group",
            it: format!("does not pay by {named}: this meets all of its condition{but}"),
            regions: &found.regions,
            shows: &mut |proof| proof.matching.groups.iter().all(|(_, at)| *at != index),
        });
    }

    /// Returns the actions that meet as many of the conditions joined by `&&` as can be met together, and the first that cannot.
    fn nearest(&mut self, rule: &Rule) -> Nearest {
        let mut nearest = Nearest { regions: vec![Region::new()], but: None, place: None };
        let Some(expr) = applies(rule) else { return nearest };
        // What meets fewer conditions comes last: perhaps no action of the program meets as many.
        let mut before: Vec<Vec<Region>> = Vec::new();
        for part in conjuncts(&expr) {
            let condition = super::condition::formula(&mut self.study.space, part, None);
            match self.study.within(nearest.regions.clone(), &condition) {
                Some(regions) if !regions.is_empty() => {
                    before.push(std::mem::replace(&mut nearest.regions, regions));
                }
                _ if nearest.place.is_none() => {
                    let place = rule.place_of(part.span);
                    nearest.but = self.study.text(&place);
                    nearest.place = Some(place);
                }
                _ => {}
            }
        }
        nearest.regions.truncate(MOST_NEAREST);
        nearest.regions.extend(before.into_iter().rev().filter_map(|regions| regions.into_iter().next()));
        nearest
    }

    /// Reports that other groups are chosen for all actions of a group. Returns the actions that they leave to it, if there are any.
    fn covered(&mut self, index: usize, group: &Group, regions: &[Region]) -> Option<Vec<Region>> {
        let payout = &self.study.space.version.payout;
        let mut left = regions.to_vec();
        let mut by: Vec<usize> = Vec::new();
        for before in self.study.before(index) {
            let Some(condition) = self.study.condition_of(before) else { continue };
            if !self.study.touches(&left, &condition)? {
                continue;
            }
            left = self.study.outside(left, &condition)?;
            by.push(before);
            if left.is_empty() {
                break;
            }
        }
        if !left.is_empty() {
            return Some(left);
        }
        // One group that takes all of them alone says more than all that take a part.
        let alone = by.iter().copied().find(|before| {
            let condition = self.study.condition_of(*before);
            let rest = condition.and_then(|condition| self.study.outside(regions.to_vec(), &condition));
            rest.is_some_and(|rest| rest.is_empty())
        });
        if let Some(alone) = alone {
            by = vec![alone];
        }
        let names: Vec<&str> =
            by.iter().filter_map(|by| Some(payout.groups.get(*by)?.name.as_str())).collect();
        let others = by.iter().filter_map(|by| payout.groups.get(*by)).map(other);
        let others: Vec<Other> = others.collect();
        let named = quoted(&group.name);
        let (takes, help) = match payout.choose {
            Choose::Highest => (
                format!("{} always pay{} at least as much", listed(&names), s(&names)),
                "remove the group, or let it pay more",
            ),
            Choose::MostSpecific => (
                format!(
                    "{} {} more specific, or come{} first, and take{} all that it would match",
                    listed(&names),
                    if names.len() == 1 { "is" } else { "are" },
                    s(&names),
                    s(&names)
                ),
                "state a higher `specificity`, or remove the group",
            ),
            _ => (
                format!("{} take{} all that it would match", listed(&names), s(&names)),
                "put the narrower group first, or remove the group",
            ),
        };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        self.report(Draft {
            kind: FindingKind::GroupCovered,
            weight: Weight::Warning,
            name: &group.name,
            place: group.place.clone(),
            others,
            message: format!("the group {named} is never chosen: {takes}"),
            help,
            it: format!("pays by another group what {named} would match"),
            regions,
            shows: &mut |proof| {
                let paid = proof.decision.awards.first().and_then(|award| award.groups.first());
                proof.matching.groups.iter().any(|(_, at)| *at == index)
                    && paid.is_some_and(|paid| names.contains(paid))
            },
        });
        None
    }

    /// Reports that restrictions refuse all actions that a group would be chosen for.
    fn refused(&mut self, index: usize, group: &Group, left: &[Region]) {
        let version = self.study.space.version;
        let mut regions = left.to_vec();
        let mut by = Vec::new();
        for (at, restriction) in version.restrictions.iter().enumerate() {
            let condition = self.study.restrictions.get(at).and_then(|taken| taken.condition.clone());
            let Some(condition) = condition.filter(|_| self.study.refuses(at)) else { continue };
            if self.study.touches(&regions, &condition) != Some(true) {
                continue;
            }
            let Some(rest) = self.study.outside(regions, &condition) else { return };
            by.push(restriction);
            regions = rest;
            if regions.is_empty() {
                break;
            }
        }
        // A restriction that refuses everything is reported itself.
        let is_everything = |by: &&crate::terms::Restriction| {
            let at = version.restrictions.iter().position(|other| std::ptr::eq(other, *by));
            at.and_then(|at| self.study.restrictions.get(at)).and_then(|taken| taken.condition.as_deref())
                == Some(&Formula::Const(true))
        };
        if !regions.is_empty() || by.iter().any(is_everything) {
            return;
        }
        let names: Vec<&str> = by.iter().map(|by| by.name.as_str()).collect();
        let others = by.iter().map(|by| Other { name: by.name.clone(), place: by.place.clone() });
        let others: Vec<Other> = others.collect();
        let named = quoted(&group.name);
        self.report(Draft {
            kind: FindingKind::GroupRefused,
            weight: Weight::Warning,
            name: &group.name,
            place: group.place.clone(),
            others,
            message: format!(
                "the group {named} never pays: {} refuse{} all that it would match",
                listed(&names),
                s(&names)
            ),
            help: "remove the group, or leave its actions out of the restriction",
            it: format!("refuses what {named} would match"),
            regions: left,
            shows: &mut |proof| {
                use crate::decide::Status;
                proof.matching.groups.iter().any(|(_, at)| *at == index)
                    && matches!(proof.decision.status, Status::Rejected | Status::Zero)
            },
        });
    }

    /// Reports that the payout groups leave nothing to the default payout.
    fn default_payout(&mut self) {
        let payout = &self.study.space.version.payout;
        let Some(default) = &payout.default else { return };
        let count = payout.groups.len();
        // The lint says it of a group without a condition.
        let open =
            payout.groups.iter().any(|group| group.when.is_none() && matches!(group.pays, Pays::Fixed(_)));
        if payout.choose == Choose::Stack || count == 0 || open {
            return;
        }
        let mut left = vec![Region::new()];
        for index in 0..count {
            let Some(condition) = self.study.condition_of(index) else { continue };
            let Some(rest) = self.study.outside(left, &condition) else { return };
            left = rest;
        }
        if !left.is_empty() {
            return;
        }
        self.report(Draft {
            kind: FindingKind::DefaultNeverPays,
            weight: Weight::Note,
            name: &default.name,
            place: default.place.clone(),
            others: Vec::new(),
            message: "the default payout is never paid: the payout groups take every action".to_owned(),
            help: "",
            it: "leaves nothing to the default payout".to_owned(),
            regions: &[Region::new()],
            shows: &mut |proof| proof.matching.groups.iter().any(|(_, at)| *at < count),
        });
    }

    /// Reports bands that no action reaches.
    fn bands(&mut self, index: usize, group: &Group) {
        let Pays::Bands { by, bands } = &group.pays else { return };
        let Some(when) = self.study.regions_of(index).map(<[Region]>::to_vec) else { return };
        for (n, band) in bands.iter().enumerate() {
            let Ok(reaches) = self.study.at_least(by, band.from) else { return };
            let below = match bands.get(n.saturating_add(1)) {
                Some(next) => match self.study.at_least(by, next.from) {
                    Ok(next) => next.negated(&self.study.space.domains),
                    Err(_) => return,
                },
                None => Formula::Const(true),
            };
            let inside = Formula::all([reaches, below]);
            let Some(inside) = self.study.within(when.clone(), &inside) else { return };
            if !inside.is_empty() {
                continue;
            }
            let (named, from) = (quoted(&group.name), band.from.normalize());
            self.report(Draft {
                kind: FindingKind::BandNeverReached,
                weight: Weight::Warning,
                name: &group.name,
                place: rule_place(by),
                others: Vec::new(),
                message: format!("the band from `{from}` of {named} is never reached"),
                help: "correct the band or the condition of the group",
                it: format!("pays by {named}, and never by its band from {from}"),
                regions: &when,
                shows: &mut |proof| proof.matching.groups.iter().any(|(_, at)| *at == index),
            });
        }
    }

    /// Reports groups that match some actions both and pay differently, where neither asks for less than the other.
    pub(super) fn overlaps(&mut self) {
        let payout = &self.study.space.version.payout;
        if payout.choose != Choose::First {
            return;
        }
        let mut more = 0_usize;
        let mut found = 0_usize;
        for (later, group) in payout.groups.iter().enumerate() {
            for (index, earlier) in payout.groups.iter().enumerate().take(later) {
                if self.study.work.spend().is_none() {
                    return;
                }
                if pays_same(&earlier.pays, &group.pays) {
                    continue;
                }
                let Some(common) = self.overlap(index, later) else { continue };
                if found >= MOST_OVERLAPS {
                    more = more.saturating_add(1);
                    continue;
                }
                let (first, second) = (quoted(&earlier.name), quoted(&group.name));
                let reported = self.report(Draft {
                    kind: FindingKind::GroupsOverlap,
                    weight: Weight::Note,
                    name: &group.name,
                    place: group.place.clone(),
                    others: vec![other(earlier)],
                    message: format!(
                        "{first} and {second} both match some actions, and pay differently: the first of them decides"
                    ),
                    help: "",
                    it: format!("pays by {first} what {second} would match too"),
                    regions: &common,
                    shows: &mut |proof| {
                        let paid = proof.decision.awards.first().and_then(|award| award.groups.first());
                        let both = [index, later].iter().all(|wanted| {
                            proof.matching.groups.iter().any(|(_, at)| at == wanted)
                        });
                        both && paid == Some(&earlier.name)
                    },
                });
                found = found.saturating_add(usize::from(reported));
            }
        }
        if more > 0 {
            self.undecided("", format!("{more} more pairs of payout groups overlap"));
        }
    }

    /// Returns the actions that two groups match both and for which the first is chosen, unless one asks for less than the other.
    fn overlap(&mut self, first: usize, second: usize) -> Option<Vec<Region>> {
        let (one, two) = (self.study.condition_of(first)?, self.study.condition_of(second)?);
        let of_two = self.study.groups.get(second)?.regions.as_ref()?;
        let meets = |region: &Region, work: &mut super::logic::Work| {
            self.study.space.domains.touches(region, &one, work)
        };
        let mut work = self.study.work;
        let mut touched = false;
        for region in of_two {
            touched |= meets(region, &mut work)?;
        }
        self.study.work = work;
        if !touched {
            return None;
        }
        let (of_one, of_two) =
            (self.study.regions_of(first)?.to_vec(), self.study.regions_of(second)?.to_vec());
        let common = self.study.within(of_two.clone(), &one)?;
        if common.is_empty() {
            return None;
        }
        let only_two = self.study.outside(of_two, &one)?;
        let only_one = self.study.outside(of_one, &two)?;
        if only_one.is_empty() || only_two.is_empty() {
            return None;
        }
        let mut left = common;
        for before in 0..first {
            let Some(condition) = self.study.condition_of(before) else { continue };
            left = self.study.outside(left, &condition)?;
        }
        (!left.is_empty()).then_some(left)
    }

    /// Reports gaps between the windows of two groups that ask for the same but for one number or moment.
    pub(super) fn windows(&mut self) {
        let payout = &self.study.space.version.payout;
        if payout.choose == Choose::Stack {
            return;
        }
        let single = |index: usize| match self.study.regions_of(index) {
            Some([region]) => Some(region.clone()),
            _ => None,
        };
        let all: Vec<(usize, &Group, Region)> = payout
            .groups
            .iter()
            .enumerate()
            .filter_map(|(index, group)| Some((index, group, single(index)?)))
            .collect();
        for (index, group, region) in &all {
            for (other_index, other_group, other_region) in &all {
                if self.study.work.spend().is_none() {
                    return;
                }
                if index == other_index {
                    continue;
                }
                let Some((var, gap)) = self.gap(region, other_region) else { continue };
                let mut between = region.clone();
                between.insert(var, Values::known(Known::Numbers(gap)));
                let mut left = vec![between];
                for (at, _) in payout.groups.iter().enumerate() {
                    let Some(condition) = self.study.condition_of(at) else {
                        left.clear();
                        break;
                    };
                    let Some(rest) = self.study.outside(left, &condition) else { return };
                    left = rest;
                }
                if left.is_empty() {
                    continue;
                }
                let (first, second) = (quoted(&group.name), quoted(&other_group.name));
                let of = self.study.space.name(var).to_owned();
                let (index, other_index) = (*index, *other_index);
                self.report(Draft {
                    kind: FindingKind::WindowGap,
                    weight: Weight::Warning,
                    name: &other_group.name,
                    place: other_group.place.clone(),
                    others: vec![other(group)],
                    message: format!(
                        "between {first} and {second} is a gap: neither pays for `{of}` after the one and before the other"
                    ),
                    help: "let the one begin where the other ends: `<` beside `>=`",
                    it: format!("pays neither by {first} nor by {second} in the gap between them"),
                    regions: &left,
                    shows: &mut |proof| {
                        proof.matching.groups.iter().all(|(_, at)| *at != index && *at != other_index)
                    },
                });
            }
        }
    }

    /// Returns the number in which two regions differ and what lies between them, if the first ends shortly before the second begins.
    fn gap(&self, one: &Region, other: &Region) -> Option<(Var, Numbers)> {
        if one.len() != other.len() {
            return None;
        }
        let mut differing = one.iter().zip(other).filter(|(a, b)| a != b);
        let ((var, first), (other_var, second)) = differing.next()?;
        if differing.next().is_some() || var != other_var || first.unknown || second.unknown {
            return None;
        }
        let (Known::Numbers(first), Known::Numbers(second)) = (&first.known, &second.known) else {
            return None;
        };
        let (of_first, of_second) = (first.intervals(), second.intervals());
        let ([(_, Some(end))], [(Some(start), _)]) = (of_first.as_slice(), of_second.as_slice()) else {
            return None;
        };
        let length = start.0.checked_sub(end.0)?;
        let base = match self.study.space.source(*var) {
            Source::Field(field) => field.spec().ty.base,
            Source::Attribute(index) => {
                let (_, declared) = self.study.space.terms.attributes.get_index(usize::from(*index))?;
                declared.ty.base
            }
            Source::Total(_, field) => field.sum.base(),
            _ => return None,
        };
        let longest = match base {
            Base::Time => Decimal::from(LONGEST_GAP),
            Base::Date => Decimal::from(31),
            _ => Decimal::ONE,
        };
        let bounds: Bounds = (Some((end.0, !end.1)), Some((start.0, !start.1)));
        let gap = Numbers::between(bounds, first.is_whole());
        let step = match base {
            Base::Money => Decimal::new(1, self.study.space.version.currency.minor_digits()),
            Base::Decimal => Decimal::new(1, 2),
            _ => Decimal::ONE,
        };
        let is_short = length >= Decimal::ZERO && length <= longest;
        (is_short && !gap.samples(&[], step).is_empty()).then_some((*var, gap))
    }
}

/// The actions that come nearest to a condition that no action meets.
struct Nearest {
    regions: Vec<Region>,
    /// The text of the first part that cannot be met with those before it.
    but: Option<String>,
    place: Option<Place>,
}

/// Returns the place of a whole rule.
pub(super) fn rule_place(rule: &Rule) -> Place {
    rule.place_of(rule.body.span)
}

/// Returns whether two groups certainly pay the same.
fn pays_same(one: &Pays, other: &Pays) -> bool {
    match (one, other) {
        (Pays::Fixed(one), Pays::Fixed(other)) => one == other,
        (Pays::Bands { by, bands }, Pays::Bands { by: other_by, bands: other_bands }) => {
            std::sync::Arc::ptr_eq(by, other_by) && bands == other_bands
        }
        (Pays::Script(one), Pays::Script(other)) => std::sync::Arc::ptr_eq(one, other),
        _ => false,
    }
}

fn other(group: &Group) -> Other {
    Other { name: group.name.clone(), place: group.place.clone() }
}

/// The most names that a message lists.
const MOST_NAMES: usize = 3;

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| quoted(name)).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    match (shown.as_slice(), more) {
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// Returns the `s` of a verb whose subject is one name.
fn s(names: &[&str]) -> &'static str {
    if names.len() == 1 { "s" } else { "" }
}
