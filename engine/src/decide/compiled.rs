//! Restrict and pay by compiled rules: one call answers which restrictions and payout groups match; what follows from
//! that is worked out here, by the functions that the other ways use.

use std::borrow::Cow;

use super::decision::Notice;
use super::pay::{DraftLine, Matched, best_of, given, round, would_pay};
use super::rules::Rules;
use super::work::{Broken, Desk, Work};
use crate::lang::Value;
use crate::lang::catalog::Verb;
use crate::money::Money;
use crate::native::{GroupOutcome, ModulePool, Outcomes, SaidVerb, What, value};
use crate::run::{RuleInput, VerbCall};
use crate::terms::{AddPer, Choose, Effect, Group, PayoutPer, Pays, RestrictionBody, Version};
use crate::time::Duration;

/// What compiled rules answered about one action: the lines of its payout and what else they said; nothing where something
/// failed, for which rules have to run one by one.
pub(super) type Answer<'a> = Option<(Vec<DraftLine<'a>>, Taken<'a>)>;

/// Asks the compiled rules about many actions, those of one version beside each other. An answer for each.
pub(super) fn answers<'a>(
    desk: Desk<'a>,
    works: &[(usize, Work<'a>, Result<(), Broken>)],
) -> Vec<Answer<'a>> {
    let version_of = |work: &Work<'a>| (work.credited.contract_index, work.credited.version_index);
    let mut answers = Vec::with_capacity(works.len());
    for works in works.chunk_by(|(_, a, _), (_, b, _)| version_of(a) == version_of(b)) {
        let Some((_, first, _)) = works.first() else { continue };
        let (contract, index) = version_of(first);
        let version = first.credited.version;
        let compiled = desk.compiled.and_then(|compiled| compiled.version(contract, index));
        let Some(compiled) = compiled else {
            answers.extend(works.iter().map(|_| None));
            continue;
        };
        let case = |n: usize| works.get(n).map(|(_, work, _)| (&work.case, work.may_pay()));
        compiled.assess_all(case, |n, outcomes, ready| {
            let answer = case(n).zip(outcomes).and_then(|((case, _), outcomes)| {
                Some((lines(version, case, outcomes)?, Taken::of(outcomes, ready)))
            });
            answers.push(answer);
        });
    }
    answers
}

impl<'a> Work<'a> {
    /// Asks the compiled rules; `None` where there are none, or where a trace is asked for.
    pub(super) fn answer(&self) -> Option<Answer<'a>> {
        if self.found.trace.is_some() {
            return None;
        }
        let desk = self.desk;
        let compiled = desk.compiled?.version(self.credited.contract_index, self.credited.version_index)?;
        let version = self.credited.version;
        let answer = compiled.assess(&self.case, self.may_pay(), |outcomes, ready| {
            Some((lines(version, &self.case, outcomes)?, Taken::of(outcomes, ready)))
        });
        Some(answer.flatten())
    }

    /// Restricts and pays by what compiled rules answered. `None` where something failed: then rules are run one by one.
    pub(super) fn compiled(&mut self, answer: Answer<'a>) -> Option<Vec<DraftLine<'a>>> {
        let version = self.credited.version;
        let Some((mut lines, taken)) = answer else { return self.one_by_one() };
        if round(version, &mut lines).is_err() {
            return self.one_by_one();
        }
        self.take(version, &taken);
        Some(lines)
    }

    /// From here on an exact module runs the rules, and says where they fail.
    fn one_by_one(&mut self) -> Option<Vec<DraftLine<'a>>> {
        let fuel = self.evaluator.fuel();
        if let Some(exact) = Rules::exact(self.desk, &self.credited, false, fuel) {
            self.evaluator = exact;
        }
        None
    }

    /// Takes in what restrictions and scripts said.
    fn take(&mut self, version: &'a Version, taken: &Taken<'a>) {
        for (index, said) in &taken.restrictions {
            let Some(restriction) = version.restrictions.get(*index) else { continue };
            match &restriction.body {
                RestrictionBody::When { condition, verdict, reason, release_after } => {
                    self.restricted_when(restriction, condition, *verdict, reason, *release_after);
                }
                RestrictionBody::Script(rule) => {
                    self.restricted_by(restriction, rule.reads_fraud, said);
                }
                // A module does not answer for it.
                RestrictionBody::Component(_) => {}
            }
        }
        for (group, code) in &taken.notices {
            let Some(group) = group_at(version, *group) else { continue };
            let Pays::Script(rule) = &group.pays else { continue };
            let fraud = rule.reads_fraud;
            self.found.notice(Notice { code: (*code).to_owned(), rule: group.name.clone(), fraud });
        }
        self.evaluator.add_fuel(taken.fuel);
    }
}

/// What restrictions and scripts said.
pub(super) struct Taken<'a> {
    restrictions: Vec<(usize, Vec<VerbCall<'a>>)>,
    notices: Vec<(usize, &'a str)>,
    fuel: u64,
}

impl<'a> Taken<'a> {
    fn of(outcomes: &Outcomes, ready: &'a ModulePool) -> Self {
        let spoken = |said: &SaidVerb| match said.what {
            What::Reason(symbol, seconds) => Some(VerbCall {
                verb: said.verb,
                value: Value::Text(ready.text(symbol)),
                second: seconds.map(|seconds| Value::Duration(Duration { seconds })),
            }),
            What::Number(_) => None,
        };
        let range = |range: &std::ops::Range<usize>| outcomes.said.get(range.clone()).unwrap_or_default();
        let restrictions = outcomes
            .restrictions
            .iter()
            .map(|(index, said)| {
                let said = said.as_ref().map(range).unwrap_or_default();
                (*index, said.iter().filter_map(spoken).collect())
            })
            .collect();
        let notices = outcomes.scripts.iter().flat_map(|(group, said)| {
            range(said).iter().filter_map(|said| match (said.verb, said.what) {
                (Verb::Notice, What::Reason(symbol, _)) => Some((*group, ready.text(symbol))),
                _ => None,
            })
        });
        Self { restrictions, notices: notices.collect(), fuel: outcomes.fuel }
    }
}

/// The lines of a payout, not yet rounded, from the groups that match; `None` where an amount does not fit.
pub(super) fn lines<'a>(
    version: &'a Version,
    facts: &impl LineFacts,
    outcomes: &Outcomes,
) -> Option<Vec<DraftLine<'a>>> {
    let mut lines = Vec::with_capacity(outcomes.lines.len());
    let mut added: Vec<&'a str> = Vec::new();
    for (item, range) in &outcomes.lines {
        let (quantity, base) = (facts.units(version, *item)?, facts.base(*item)?);
        let mut line = DraftLine {
            item: *item,
            quantity,
            base,
            steps: Vec::new(),
            unrounded: Money::ZERO,
            earned: Money::ZERO,
        };
        let matched = |outcome: &GroupOutcome| {
            let group = group_at(version, outcome.group)?;
            Some((group, effects(version, group, outcome, &outcomes.said)?))
        };
        match outcomes.groups.get(range.clone())? {
            // There is no other to choose.
            [only] => line.give(matched(only)?, &mut added),
            many => {
                let many = many.iter().map(matched).collect::<Option<_>>()?;
                let chosen = choose(version, many, &line, &added)?;
                chosen.into_iter().for_each(|matched| line.give(matched, &mut added));
            }
        }
        line.unrounded = given(&line.steps, quantity).and_then(|given| given.on(base)).ok()?;
        lines.push(line);
    }
    Some(lines)
}

/// The group at this index; the default payout's is one more than the last.
pub(super) fn group_at(version: &Version, index: usize) -> Option<&Group> {
    version.payout.groups.get(index).or(version.payout.default.as_ref())
}

/// What lines are paid on: the facts of one case.
pub(super) trait LineFacts {
    /// Items of the order.
    fn items(&self) -> usize;

    /// Units of an item.
    fn quantity(&self, item: u32) -> Option<u32>;

    /// The commissionable amount of an item, or of the whole order.
    fn base(&self, item: Option<u32>) -> Option<Money>;

    /// Units of a line.
    #[inline]
    fn units(&self, version: &Version, item: Option<u32>) -> Option<u32> {
        match (item, version.payout.per) {
            (Some(item), _) => self.quantity(item),
            (None, PayoutPer::Order) if self.items() > 0 => {
                let count = u32::try_from(self.items()).ok()?;
                (0..count).try_fold(0u32, |sum, item| sum.checked_add(self.quantity(item)?))
            }
            (None, _) => Some(1),
        }
    }
}

impl LineFacts for RuleInput<'_> {
    #[inline]
    fn items(&self) -> usize {
        self.action.items.len()
    }

    #[inline]
    fn quantity(&self, item: u32) -> Option<u32> {
        Some(self.action.items.get(item as usize)?.quantity)
    }

    #[inline]
    fn base(&self, item: Option<u32>) -> Option<Money> {
        match item {
            None => Some(self.base),
            Some(item) if (item as usize) < self.items() => {
                Some(self.item_bases.get(item as usize).copied().unwrap_or_default())
            }
            Some(_) => None,
        }
    }
}

/// Of the groups that match, those whose verbs the line gets, in order.
fn choose<'a>(
    version: &Version,
    mut matched: Vec<Matched<'a>>,
    line: &DraftLine<'a>,
    added: &[&str],
) -> Option<Vec<Matched<'a>>> {
    let chosen = match version.payout.choose {
        // The default payout is tried last, and its verbs come first.
        Choose::Stack => {
            let default = version.payout.default.as_ref();
            let is_default = matched
                .last()
                .is_some_and(|(group, _)| default.is_some_and(|default| std::ptr::eq(*group, default)));
            if is_default {
                matched.rotate_right(1);
            }
            return Some(matched);
        }
        Choose::First => 0,
        Choose::Highest => {
            let pays = matched
                .iter()
                .map(|(group, effects)| would_pay(group, effects, line, added).ok())
                .collect::<Option<Vec<_>>>()?;
            best_of(&pays, |a, b| a > b).unwrap_or_default()
        }
        Choose::MostSpecific => {
            let specificity: Vec<u16> = matched.iter().map(|(group, _)| group.specificity).collect();
            best_of(&specificity, |a, b| a > b).unwrap_or_default()
        }
    };
    Some(matched.into_iter().nth(chosen).into_iter().collect())
}

/// The verbs of a group that matches.
fn effects<'a>(
    version: &Version,
    group: &'a Group,
    outcome: &GroupOutcome,
    said: &[SaidVerb],
) -> Option<Cow<'a, [Effect]>> {
    Some(match &group.pays {
        Pays::Fixed(effects) => Cow::Borrowed(effects),
        Pays::Bands { bands, .. } => Cow::Borrowed(bands.get(outcome.band)?.effects.as_slice()),
        Pays::Script(_) | Pays::Component(_) => {
            let per = if version.payout.per == PayoutPer::Item { AddPer::Item } else { AddPer::Order };
            let said = said.get(outcome.said.clone())?;
            Cow::Owned(
                said.iter()
                    .filter_map(|said| match (said.verb, value(said)?) {
                        (Verb::Rate, Value::Decimal(rate)) => Some(Effect::Rate(rate)),
                        (Verb::AddPoints, Value::Decimal(points)) => Some(Effect::AddPoints(points)),
                        (Verb::Multiply, Value::Decimal(factor)) => Some(Effect::Multiply(factor)),
                        (Verb::Add, Value::Money(amount)) => Some(Effect::Add { amount, per }),
                        (Verb::AddPerUnit, Value::Money(amount)) => {
                            Some(Effect::Add { amount, per: AddPer::Unit })
                        }
                        _ => None,
                    })
                    .collect(),
            )
        }
    })
}
