//! Pay: facts and payout groups enter; the lines of the payout leave, each with the verbs that made it, rounded once.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::convert::whole_units;
use super::decision::{Given, Notice, Outcome};
use super::work::{Broken, Ran, Work};
use crate::lang::catalog::Verb;
use crate::lang::{Phase, Rule, Value};
use crate::money::{ArithmeticError, Money, checked};
use crate::terms::{AddPer, Band, Choose, Effect, Group, PayoutPer, Pays, RoundingPlace, Version};

/// A line in the making: its verbs still borrow their groups.
#[derive(Debug)]
pub(super) struct DraftLine<'a> {
    pub(super) item: Option<u32>,
    pub(super) quantity: u32,
    pub(super) base: Money,
    /// Verbs in the order they took effect.
    pub(super) steps: Vec<(&'a str, Effect)>,
    pub(super) unrounded: Money,
    pub(super) earned: Money,
}

impl<'a> DraftLine<'a> {
    /// Gives it the verbs of a group, one that adds an amount per order only where no line before has it.
    pub(super) fn give(&mut self, (group, effects): Matched<'a>, added: &mut Vec<&'a str>) {
        let once = effective(group, &effects, added);
        self.steps.extend(once.map(|effect| (group.name.as_str(), *effect)));
        if effects.iter().any(per_order) && !added.contains(&group.name.as_str()) {
            added.push(&group.name);
        }
    }
}

/// A payout group that matched, with its verbs.
pub(super) type Matched<'a> = (&'a Group, Cow<'a, [Effect]>);

/// A group that was tried, for choosing and for the trace.
struct Tried<'a> {
    group: &'a Group,
    effects: Cow<'a, [Effect]>,
    /// Where its trace is, to be corrected when another one is chosen.
    traced_at: usize,
    /// What it would pay, where that is compared.
    pays: Option<Money>,
}

impl<'a> Work<'a> {
    /// Computes the lines: one for the order, or one for each item.
    pub(super) fn pay(&mut self) -> Result<Vec<DraftLine<'a>>, Broken> {
        let version = self.credited.version;
        let items = &self.case.action.items;
        let mut lines = Vec::new();
        // Groups whose amount per order is already on a line.
        let mut added: Vec<&'a str> = Vec::new();
        match version.payout.per {
            PayoutPer::Item if !items.is_empty() => {
                lines.reserve(items.len());
                for (index, item) in (0u32..).zip(items) {
                    let base = self.case.item_bases.get(index as usize).copied().unwrap_or_default();
                    self.case.item = Some(index);
                    let line = self.line(Phase::PayItem, Some(index), item.quantity, base, &mut added);
                    self.case.item = None;
                    lines.push(line?);
                }
            }
            PayoutPer::Item => {
                let base = self.case.base;
                lines.push(self.line(Phase::PayItem, None, 1, base, &mut added)?);
            }
            PayoutPer::Order => {
                let units = items.iter().try_fold(0u32, |sum, item| sum.checked_add(item.quantity));
                let overflow = || Broken::sum("quantity", None, ArithmeticError::Overflow);
                let quantity = if items.is_empty() { 1 } else { units.ok_or_else(overflow)? };
                let base = self.case.base;
                lines.push(self.line(Phase::PayOrder, None, quantity, base, &mut added)?);
            }
        }
        round(version, &mut lines).map_err(|error| Broken::sum("rounding", None, error))?;
        Ok(lines)
    }

    fn line(
        &mut self,
        phase: Phase,
        item: Option<u32>,
        quantity: u32,
        base: Money,
        added: &mut Vec<&'a str>,
    ) -> Result<DraftLine<'a>, Broken> {
        let mut line = DraftLine {
            item,
            quantity,
            base,
            steps: Vec::new(),
            unrounded: Money::ZERO,
            earned: Money::ZERO,
        };
        for matched in self.choose(phase, &line, added)? {
            line.give(matched, added);
        }
        let place = || self.place_of(&line);
        line.unrounded = given(&line.steps, quantity).and_then(|given| given.on(base)).map_err(|error| {
            Broken::sum(line.steps.last().map_or("payout", |(group, _)| *group), place(), error)
        })?;
        Ok(line)
    }

    fn place_of(&self, line: &DraftLine<'a>) -> Option<&'a crate::diagnostic::Place> {
        let (name, _) = line.steps.last()?;
        let payout = &self.credited.version.payout;
        payout
            .groups
            .iter()
            .chain(&payout.default)
            .find(|group| group.name == *name)
            .map(|group| &group.place)
    }

    /// The groups whose verbs a line gets, in order.
    fn choose(
        &mut self,
        phase: Phase,
        line: &DraftLine<'a>,
        added: &[&'a str],
    ) -> Result<Vec<Matched<'a>>, Broken> {
        let payout = &self.credited.version.payout;
        let mut tried: Vec<Tried<'a>> = Vec::new();
        for group in &payout.groups {
            let Some(mut candidate) = self.try_group(phase, group)? else { continue };
            if payout.choose == Choose::First {
                return Ok(vec![(candidate.group, candidate.effects)]);
            }
            if payout.choose == Choose::Highest {
                candidate.pays = Some(would_pay(group, &candidate.effects, line, added)?);
            }
            tried.push(candidate);
        }
        let chosen = match payout.choose {
            Choose::Stack => {
                let mut all = Vec::with_capacity(tried.len() + 1);
                if let Some(default) = &payout.default
                    && let Some(matched) = self.try_group(phase, default)?
                {
                    all.push((matched.group, matched.effects));
                }
                all.extend(tried.into_iter().map(|tried| (tried.group, tried.effects)));
                return Ok(all);
            }
            // The first of equals: a later one has to be better.
            Choose::Highest => best_of(&tried, |a, b| a.pays > b.pays),
            Choose::MostSpecific => best_of(&tried, |a, b| a.group.specificity > b.group.specificity),
            Choose::First => None,
        };
        let Some(chosen) = chosen else {
            let default = match &payout.default {
                Some(default) => self.try_group(phase, default)?,
                None => None,
            };
            return Ok(default.map(|matched| (matched.group, matched.effects)).into_iter().collect());
        };
        if let Some(trace) = &mut self.found.trace {
            for (n, tried) in tried.iter().enumerate() {
                if n != chosen
                    && let Some(traced) = trace.rules.get_mut(tried.traced_at)
                {
                    traced.outcome = Outcome::NotChosen(tried.pays);
                }
            }
        }
        Ok(tried.into_iter().nth(chosen).map(|tried| (tried.group, tried.effects)).into_iter().collect())
    }

    /// A group's verbs, when it matches.
    fn try_group(&mut self, phase: Phase, group: &'a Group) -> Result<Option<Tried<'a>>, Broken> {
        let fuel = self.evaluator.fuel();
        let result = self.match_group(phase, group);
        let traced_at = self.found.trace.as_ref().map_or(0, |trace| trace.rules.len());
        self.trace_rule(phase, &group.name, &group.place, fuel, || match &result {
            Ok(Some(_)) => Outcome::Chosen,
            Ok(None) => Outcome::NotMatched,
            Err(broken) => Outcome::Failed(broken.kind),
        });
        Ok(result?.map(|effects| Tried { group, effects, traced_at, pays: None }))
    }

    fn match_group(&mut self, phase: Phase, group: &'a Group) -> Result<Option<Cow<'a, [Effect]>>, Broken> {
        if let Some(when) = &group.when
            && self.run(group, when)? != Value::Bool(true)
        {
            return Ok(None);
        }
        match &group.pays {
            Pays::Fixed(effects) => Ok(Some(Cow::Borrowed(effects))),
            Pays::Bands { by, bands } => {
                let value = match self.run(group, by)? {
                    Value::Money(Money(value)) | Value::Decimal(value) => value,
                    Value::Integer(value) => Decimal::from(value),
                    _ => return Ok(None),
                };
                let band = band_index(bands, value).and_then(|band| bands.get(band));
                Ok(band.map(|band| Cow::Borrowed(band.effects.as_slice())))
            }
            Pays::Script(rule) => {
                let ran = self.script(&group.name, rule);
                self.said(phase, group, ran)
            }
            Pays::Component(component) => {
                let ran = self.component(&group.name, component);
                self.said(phase, group, ran)
            }
        }
    }

    fn run(&mut self, group: &Group, rule: &'a Rule) -> Result<Value<'a>, Broken> {
        self.evaluator.run(rule, &self.case).map_err(|fault| Broken::rule(&group.name, rule, fault))
    }

    /// The verbs of a script or a component. Without one it does not match; what it has to tell is kept all the same.
    fn said(
        &mut self,
        phase: Phase,
        group: &Group,
        ran: Ran<'a>,
    ) -> Result<Option<Cow<'a, [Effect]>>, Broken> {
        let mut effects = Vec::new();
        for said in ran.spoken? {
            effects.push(match (said.verb, said.value) {
                (Verb::Rate, Value::Decimal(rate)) => Effect::Rate(rate),
                (Verb::AddPoints, Value::Decimal(points)) => Effect::AddPoints(points),
                (Verb::Multiply, Value::Decimal(factor)) => Effect::Multiply(factor),
                (Verb::Add, Value::Money(amount)) => {
                    let per = if phase == Phase::PayItem { AddPer::Item } else { AddPer::Order };
                    Effect::Add { amount, per }
                }
                (Verb::AddPerUnit, Value::Money(amount)) => Effect::Add { amount, per: AddPer::Unit },
                (Verb::Notice, Value::Text(code)) => {
                    let notice = Notice { code: code.to_owned(), rule: group.name.clone(), fraud: ran.fraud };
                    self.found.notice(notice);
                    continue;
                }
                _ => continue,
            });
        }
        Ok((!effects.is_empty()).then_some(Cow::Owned(effects)))
    }
}

/// Rounds once, where the terms say.
pub(super) fn round(version: &Version, lines: &mut [DraftLine<'_>]) -> Result<(), ArithmeticError> {
    let rounding = version.rounding;
    let digits = version.currency.minor_digits();
    if rounding.place == RoundingPlace::Item {
        let mut sum = Money::ZERO;
        for line in lines {
            line.earned = line.unrounded.round(digits, rounding.mode);
            sum = sum.add(line.earned)?;
        }
        return Ok(());
    }
    let whole = Money::sum(lines.iter().map(|line| line.unrounded))?.round(digits, rounding.mode);
    share_rounded(whole, lines, digits)
}

/// Gives each line its whole minor units, then the units that are missing (or too many) to the lines that lost (or
/// gained) most by that; the first of equals.
fn share_rounded(whole: Money, lines: &mut [DraftLine<'_>], digits: u32) -> Result<(), ArithmeticError> {
    let mut left = whole.0;
    for line in lines.iter_mut() {
        line.earned = whole_units(line.unrounded, digits);
        left = checked::sub(left, line.earned.0)?;
    }
    let unit = Decimal::new(if left.is_sign_negative() { -1 } else { 1 }, digits);
    let mut order: Vec<(usize, Decimal)> = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        let lost = checked::sub(line.unrounded.0, line.earned.0)?;
        order.push((n, if unit.is_sign_negative() { -lost } else { lost }));
    }
    order.sort_by(|(a, lost_a), (b, lost_b)| lost_b.cmp(lost_a).then(a.cmp(b)));
    // Fewer units are left than there are lines, or as many when all is rounded up.
    for (n, _) in order.iter().cycle().take(lines.len().saturating_mul(2)) {
        if left.is_zero() {
            break;
        }
        if let Some(line) = lines.get_mut(*n) {
            line.earned = Money(checked::add(line.earned.0, unit)?);
            left = checked::sub(left, unit)?;
        }
    }
    Ok(())
}

/// What steps give before they meet a base.
pub(super) fn given(steps: &[(&str, Effect)], quantity: u32) -> Result<Given, ArithmeticError> {
    let mut given = Given::default();
    for (_, effect) in steps {
        given.apply(effect, quantity)?;
    }
    Ok(given)
}

pub(super) fn per_order(effect: &Effect) -> bool {
    matches!(effect, Effect::Add { per: AddPer::Order, .. })
}

/// The verbs of a group that take effect on a line: an amount per order only on the first line it matches.
pub(super) fn effective<'e>(
    group: &Group,
    effects: &'e [Effect],
    added: &[&str],
) -> impl Iterator<Item = &'e Effect> + use<'e> {
    let is_added = added.contains(&group.name.as_str());
    effects.iter().filter(move |effect| !(is_added && per_order(effect)))
}

/// What a group would pay on a line.
pub(super) fn would_pay(
    group: &Group,
    effects: &[Effect],
    line: &DraftLine<'_>,
    added: &[&str],
) -> Result<Money, Broken> {
    let mut given = Given::default();
    effective(group, effects, added)
        .try_for_each(|effect| given.apply(effect, line.quantity))
        .and_then(|()| given.on(line.base))
        .map_err(|error| Broken::sum(&group.name, Some(&group.place), error))
}

/// The index of the one that no other beats; the first of equals.
pub(super) fn best_of<T>(all: &[T], beats: impl Fn(&T, &T) -> bool) -> Option<usize> {
    let mut numbered = all.iter().enumerate();
    let first = numbered.next()?;
    Some(numbered.fold(first, |best, next| if beats(next.1, best.1) { next } else { best }).0)
}

/// The band that a value falls in: the last whose bound it reaches. Below the first there is none, and the group does
/// not match.
pub(super) fn band_index(bands: &[Band], value: Decimal) -> Option<usize> {
    bands.partition_point(|band| band.from <= value).checked_sub(1)
}
