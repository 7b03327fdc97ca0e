//! The bonus of one partner: reads what its totals counted, runs its rules, and makes its lines.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::bonus::{self, BonusLine};
use super::bonus_jobs::{Job, back, time_of, year_to_date};
use super::close_error::CloseError;
use super::counted::UsedSums;
use super::decision::{LimitCut, Line, NextTier, Notice, Step};
use super::draft::DraftLine;
use super::findings::{Findings, PhaseError, ProgramView};
use super::postings::sums_at;
use super::settle::{effect, round_together};
use crate::counters::{CountedAt, CounterError, CounterKey, Counters, Sums};
use crate::facts::{Action, Reference, Touch};
use crate::lang::catalog::Verb;
use crate::lang::{Rule, TotalAt, TotalSum, Value};
use crate::money::{ArithmeticError, Exact, Money, checked};
use crate::period::Period;
use crate::run::{Evaluator, PointKind, RuleInput, RunRules, TotalFacts, TotalSums, attributes};
use crate::terms::{AddPer, Bonus, BonusPays, Edge, Effect, Ladder, On, Scope, TrueUp, Version};
use crate::time::Timestamp;

/// The inputs of a close, and what it has posted so far.
pub(super) struct Close<'a> {
    pub(super) view: ProgramView<'a>,
    /// When the periods are closed.
    pub(super) now: Timestamp,
    pub(super) reference: &'a Reference,
    pub(super) counters: &'a Counters,
    /// What stands in the place of the action that a close does not have.
    pub(super) action: &'a Action,
    pub(super) touch: &'a Touch,
    /// What earlier bonuses of this close have posted to the counters of bonuses.
    pub(super) posted: BTreeMap<(usize, &'a str, Option<NaiveDate>), Sums>,
    /// The fuel that was spent until now.
    pub(super) fuel: u64,
}

/// The fuel of one bonus of one partner, without its rules, and of each tier that it may reach.
const BONUS_FUEL: u64 = 1_000;
const TIER_FUEL: u64 = 100;

impl<'a> Close<'a> {
    /// Charges what a bonus of one partner takes besides its rules, before it is computed.
    pub(super) fn charge(&mut self, bonus: &Bonus) -> Result<(), CloseError> {
        let tiers = if let BonusPays::Tiers(ladder) = &bonus.pays { ladder.tiers.len() } else { 0 };
        let tiers = u64::try_from(tiers).unwrap_or(u64::MAX);
        let more = TIER_FUEL.saturating_mul(tiers).saturating_add(BONUS_FUEL);
        self.fuel = self.fuel.saturating_add(more);
        let most = self.view.limits.close_fuel;
        if self.fuel > most {
            return Err(CloseError::TooLarge { bonus: bonus.name.clone(), most });
        }
        Ok(())
    }

    /// Returns what a counter of a bonus has counted of a partner, with what this close has posted.
    pub(super) fn paid(
        &self,
        counter: usize,
        partner: &'a str,
        from: Option<NaiveDate>,
    ) -> Result<Sums, CloseError> {
        let key = CounterKey::new([partner]);
        let at = from.map_or(CountedAt::Always, CountedAt::Period);
        let sums = sums_at(self.view, (self.counters, &[]), counter, &key, at)?;
        let posted = self.posted.get(&(counter, partner, from)).copied().unwrap_or_default();
        let does_not_fit = |_| {
            self.view
                .lookup
                .id(counter)
                .map(|id| CounterError::DoesNotFit { counter: id.clone(), key: key.parts() })
        };
        match sums.plus(posted).map_err(does_not_fit) {
            Ok(sums) => Ok(sums),
            Err(error) => error.map_or(Ok(sums), |error| Err(error.into())),
        }
    }
}

/// The bonus of one partner while it is computed.
pub(super) struct Case<'c, 'a> {
    close: &'c Close<'a>,
    job: Job<'a>,
    partner: &'a str,
    input: RuleInput<'a>,
    rules: Evaluator<'a>,
    pub(super) findings: Findings<'a>,
    pub(super) fuel: u64,
    pub(super) measure: Option<Money>,
    pub(super) next: Option<NextTier>,
    pub(super) kept_back: Money,
}

impl<'c, 'a> Case<'c, 'a> {
    pub(super) fn new(
        close: &'c Close<'a>,
        job: Job<'a>,
        partner: &'a str,
        at: Timestamp,
    ) -> Result<Self, CloseError> {
        let Job { contract, version, bonus, .. } = job;
        let Close { view, reference, counters, action, touch, .. } = *close;
        let facts = reference.partner(partner, at);
        let mut findings = Findings::new(false, view.limits);
        let mut totals = vec![TotalFacts::default(); version.totals.len()];
        for index in &bonus.totals {
            let index = usize::from(*index);
            let (Some(total), Some(read)) = (version.totals.get(index), totals.get_mut(index)) else {
                continue;
            };
            let Some(counter) = view.terms.counters.get(total.counter) else { continue };
            let part = if counter.per == [Scope::Program] { "" } else { partner };
            let key = CounterKey::new([part]);
            let mut sums = |at: CountedAt| -> Result<(Sums, u32), CloseError> {
                let sums = sums_at(view, (counters, &[]), total.counter, &key, at)?;
                let id = view.lookup.id(total.counter);
                let distinct = id.map_or(0, |id| counters.distinct(id, &key, at, None).0);
                findings.used.push(UsedSums { name: &total.name, sums, distinct });
                Ok((sums, distinct))
            };
            read.before = as_total(sums(time_of(counter.period, job.from))?);
            for of in &total.at_close {
                let earlier = match of {
                    TotalAt::Previous => match counter.period.previous(job.from) {
                        Some(from) => sums(CountedAt::Period(from))?,
                        None => Default::default(),
                    },
                    TotalAt::Named(from) => sums(CountedAt::Period(*from))?,
                    TotalAt::YearToDate => {
                        let mut all = Sums::default();
                        for from in year_to_date(counter.period, job.from) {
                            let (of_period, _) = sums(CountedAt::Period(from))?;
                            let does_not_fit = |_| view.lookup.id(total.counter).cloned();
                            all = match all.plus(of_period).map_err(does_not_fit) {
                                Ok(all) => all,
                                Err(Some(counter)) => {
                                    return Err(CounterError::DoesNotFit { counter, key: key.parts() }.into());
                                }
                                Err(None) => all,
                            };
                        }
                        (all, 0)
                    }
                    TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose => continue,
                };
                read.earlier.push((*of, as_total(earlier)));
            }
        }
        let input = RuleInput {
            terms: view.terms,
            contract,
            version,
            action,
            currency: version.currency,
            promo_codes: &[],
            partner_id: partner,
            partner: facts,
            touch,
            creative: None,
            reference,
            attributes: attributes(view.terms, action, facts).collect(),
            totals,
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        };
        Ok(Self {
            close,
            job,
            partner,
            input,
            rules: Evaluator::new(view.limits, None).recording(view.marks),
            findings,
            fuel: 0,
            measure: None,
            next: None,
            kept_back: Money::ZERO,
        })
    }

    /// Runs a rule of the bonus.
    fn run(&mut self, rule: &'a Rule) -> Result<Value<'a>, PhaseError> {
        let value = self.rules.run(rule, &self.input);
        self.fuel = self.rules.fuel();
        value.map_err(|fault| PhaseError::rule(&self.job.bonus.name, rule, fault))
    }

    fn money(&mut self, rule: &'a Rule) -> Result<Money, PhaseError> {
        let Value::Money(amount) = self.run(rule)? else { return Ok(Money::ZERO) };
        let failed = |error| PhaseError::arithmetic(&self.job.bonus.name, Some(&rule.place), error);
        amount.bounded().map_err(failed)
    }

    fn failed(&self, error: ArithmeticError) -> PhaseError {
        PhaseError::arithmetic(&self.job.bonus.name, Some(&self.job.bonus.place), error)
    }

    /// Returns what a counter of the bonus has counted.
    fn paid(&self, counter: usize, from: Option<NaiveDate>) -> Result<Sums, PhaseError> {
        let sums = self.close.paid(counter, self.partner, from);
        sums.map_err(|_| self.failed(ArithmeticError::Overflow))
    }

    /// Returns the lines of the bonus; none if it does not apply.
    pub(super) fn compute(&mut self) -> Result<Vec<BonusLine>, PhaseError> {
        let Job { bonus, from, .. } = self.job;
        if let Some(when) = &bonus.when
            && self.run(when)? != Value::Bool(true)
        {
            return self.true_up(Vec::new());
        }
        match &bonus.pays {
            BonusPays::Tiers(ladder) => {
                let lines = self.tiers(ladder)?;
                self.true_up(lines)
            }
            BonusPays::Script { rule, on } => {
                let base = match on {
                    Some(on) => self.money(on)?,
                    None => Money::ZERO,
                };
                let lines = self.script(rule, base)?;
                self.true_up(lines)
            }
            BonusPays::Guarantee { amount, on } => {
                let earned = self.money(on)?;
                let lacks = amount.sub(earned).map_err(|error| self.failed(error))?;
                Ok(if lacks > Money::ZERO { vec![BonusLine::amount("guarantee", lacks)] } else { Vec::new() })
            }
            BonusPays::Draw { amount, on } => {
                let earned = self.money(on)?;
                let lacks = amount.sub(earned).map_err(|error| self.failed(error))?;
                if lacks > Money::ZERO {
                    return Ok(vec![BonusLine::amount("draw", lacks)]);
                }
                // What was advanced before is paid back by what was earned above the draw.
                let owed = self.paid(bonus.ever, None)?.payouts.max(Money::ZERO);
                let back = owed.min(Money(-lacks.0));
                Ok(if back.is_zero() {
                    Vec::new()
                } else {
                    vec![BonusLine::amount("draw paid back", Money(-back.0))]
                })
            }
            BonusPays::Holdback { share, periods, on } => {
                let earned = self.money(on)?.max(Money::ZERO);
                let mut lines = Vec::new();
                if !earned.is_zero() {
                    let effects = vec![Effect::Rate(-*share)];
                    lines.push(BonusLine {
                        name: "kept back".to_owned(),
                        base: earned,
                        quantity: 1,
                        effects,
                    });
                    let digits = self.job.version.currency.minor_digits();
                    let kept = Exact::from(earned).mul(*share);
                    let kept = kept.and_then(|kept| kept.round(digits, self.job.version.rounding.mode));
                    self.kept_back = kept.map_err(|error| self.failed(error))?;
                }
                if let Some(held) = back(bonus.period, from, *periods) {
                    let amount = self.paid(bonus.paid, Some(held))?.revenue;
                    if !amount.is_zero() {
                        let name = format!("kept back in {}", bonus.period.name_of(held));
                        lines.push(BonusLine::amount(name, amount));
                    }
                }
                Ok(lines)
            }
        }
    }

    /// Takes off what the bonus has paid before, if the contract says so.
    fn true_up(&self, mut lines: Vec<BonusLine>) -> Result<Vec<BonusLine>, PhaseError> {
        let Job { bonus, from, .. } = self.job;
        let before = match bonus.true_up {
            None => return Ok(lines),
            Some(TrueUp::Lifetime) => self.paid(bonus.ever, None)?.payouts,
            Some(TrueUp::Year) => {
                let mut all = Money::ZERO;
                for of in year_to_date(bonus.period, from).into_iter().filter(|of| *of < from) {
                    let paid = self.paid(bonus.paid, Some(of))?.payouts;
                    all = all.add(paid).map_err(|error| self.failed(error))?;
                }
                all
            }
        };
        if !before.is_zero() {
            lines.push(BonusLine::amount("paid before", Money(-before.0)));
        }
        Ok(lines)
    }

    pub(super) fn tiers(&mut self, ladder: &'a Ladder) -> Result<Vec<BonusLine>, PhaseError> {
        let measure = match self.run(&ladder.measure)? {
            Value::Money(Money(value)) | Value::Decimal(value) => value,
            Value::Integer(value) => Decimal::from(value),
            _ => Decimal::ZERO,
        };
        self.measure = Some(Money(measure));
        if self.close.view.marks.is_some() {
            self.reach_tiers(ladder, measure);
        }
        let next = ladder.tiers.get(bonus::reached(ladder, measure));
        self.next = next.and_then(|tier| {
            let lacks = checked::sub(tier.from, measure).ok()?;
            Some(NextTier { from: Money(tier.from), lacks: Money(lacks), threshold: ladder.threshold })
        });
        let on = match &ladder.on {
            On::Nothing => Money::ZERO,
            On::Rule(rule) => self.money(rule)?,
            On::Total(index, field) => match self.input.total(*index, *field) {
                Ok(Value::Money(amount)) => amount,
                Ok(_) => Money::ZERO,
                Err(error) => return Err(self.failed(error)),
            },
        };
        let mut past = Vec::with_capacity(ladder.tiers.len());
        for tier in &ladder.tiers {
            past.push(match (tier.past, &ladder.on) {
                (Some(counter), On::Total(_, field)) => Some(self.past(counter, field.sum)?),
                _ => None,
            });
        }
        let sums = bonus::Sums { measure, on: on.max(Money::ZERO), past: &past };
        bonus::tiers(ladder, &sums).map_err(|error| self.failed(error))
    }

    /// Records the tier that a measure lies in, and the tier whose bound it is.
    fn reach_tiers(&self, ladder: &Ladder, measure: Decimal) {
        let view = self.close.view;
        let tier = bonus::reached(ladder, measure).checked_sub(1).and_then(|at| ladder.tiers.get(at));
        tier.into_iter().for_each(|tier| view.reach(&tier.place, PointKind::Tier));
        let edges = ladder.tiers.iter().filter(|tier| tier.from == measure);
        edges.for_each(|tier| view.reach(&tier.place, PointKind::TierEdge));
    }

    /// Returns what the actions past a tier sum to.
    fn past(&mut self, counter: usize, sum: TotalSum) -> Result<Money, PhaseError> {
        let Close { view, counters, .. } = *self.close;
        let period = view.terms.counters.get(counter).map_or(Period::Lifetime, |counter| counter.period);
        let key = CounterKey::new([self.partner]);
        let sums = sums_at(view, (counters, &[]), counter, &key, time_of(period, self.job.from))
            .map_err(|error| PhaseError::counter(&self.job.bonus.name, None, &error))?;
        self.findings.used.push(UsedSums { name: &self.job.bonus.name, sums, distinct: 0 });
        Ok(match sum {
            TotalSum::Payouts => sums.payouts,
            TotalSum::Payable => sums.payable,
            _ => sums.revenue,
        })
    }

    fn script(&mut self, rule: &'a Rule, base: Money) -> Result<Vec<BonusLine>, PhaseError> {
        self.run(rule)?;
        let calls = self.rules.calls().to_vec();
        for call in calls.iter().filter(|call| call.verb == Verb::Notice) {
            if let Value::Text(code) = call.value {
                let rule = self.job.bonus.name.clone();
                self.findings.notices.push(Notice { code: code.to_owned(), rule, fraud: false });
            }
        }
        let effects: Vec<Effect> = calls.iter().filter_map(|call| effect(call, AddPer::Order)).collect();
        if effects.is_empty() {
            return Ok(Vec::new());
        }
        let name = self.job.bonus.name.clone();
        Ok(vec![BonusLine { name, base, quantity: 1, effects }])
    }
}

fn as_total((sums, distinct): (Sums, u32)) -> TotalSums {
    TotalSums {
        actions: sums.actions,
        units: sums.units,
        revenue: sums.revenue,
        payouts: sums.payouts,
        payable: sums.payable,
        distinct: i64::from(distinct),
    }
}

/// Rounds the sum of the lines once and applies the most that the bonus is. Returns the names of what pays, and the lines.
pub(super) fn finished(
    version: &Version,
    bonus: &Bonus,
    lines: Vec<BonusLine>,
    limits: &mut Vec<LimitCut>,
) -> Result<(Vec<String>, Vec<Line>), PhaseError> {
    let failed = |error| PhaseError::arithmetic(&bonus.name, Some(&bonus.place), error);
    let mut names = Vec::with_capacity(lines.len());
    let mut drafts = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        names.push(line.name);
        let mut draft = DraftLine {
            item: None,
            quantity: line.quantity,
            base: line.base,
            steps: line.effects.into_iter().map(|effect| (index, effect)).collect(),
            exact: Exact::ZERO,
            shown: Money::ZERO,
            earned: Money::ZERO,
        };
        draft.compute(Decimal::ONE).map_err(failed)?;
        drafts.push(draft);
    }
    round_together(version, drafts.iter_mut().collect()).map_err(failed)?;
    let sum = Money::sum(drafts.iter().map(|draft| draft.earned)).and_then(Money::bounded).map_err(failed)?;
    let mut cut = match bonus.at_most {
        Some(most) if sum > most => {
            let cut = sum.sub(most).map_err(failed)?;
            limits.push(LimitCut { limit: "at_most".to_owned(), edge: Edge::Remainder, left: most, cut });
            cut
        }
        _ => Money::ZERO,
    };
    let mut lines: Vec<Line> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let step = |(group, effect): (usize, Effect)| Step {
            group: u32::try_from(group).unwrap_or(u32::MAX),
            effect,
        };
        lines.push(Line {
            item: None,
            sku: None,
            quantity: draft.quantity,
            base: draft.base,
            steps: draft.steps.into_iter().map(step).collect(),
            unrounded: draft.shown,
            earned: draft.earned,
            payout: draft.earned,
            taken_back: Money::ZERO,
            returned: Money::ZERO,
            shares: Vec::new(),
        });
    }
    // The highest tiers are cut first.
    for line in lines.iter_mut().rev() {
        let of_line = cut.min(line.payout.max(Money::ZERO));
        line.payout = line.payout.sub(of_line).map_err(failed)?;
        cut = cut.sub(of_line).map_err(failed)?;
    }
    Ok((names, lines))
}
