//! The close of periods: which bonuses are due, for whom, and what each pays.
//!
//! A bonus is a function of counters: of what totals counted in its period, and of what it has paid itself. So its close can be asked
//! for again and gives nothing new, and what changes a closed period changes a bonus by a posted difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::bonus::{self, BonusLine};
use super::closing::{due_on, end, first, stays_open_until};
use super::counted::UsedSums;
use super::dates::dates;
use super::decision::{
    Award, BonusOf, Change, ContractRef, Decision, LimitCut, Line, NextTier, Notice, Revision, Status, Step,
    VERSION,
};
use super::draft::DraftLine;
use super::findings::{Findings, PhaseError, ProgramView};
use super::postings::sums_at;
use super::receipt;
use super::settle::{effect, round_together};
use crate::counters::{CountedAt, CounterError, CounterKey, Counters, Posting, Sums};
use crate::digest::Digest;
use crate::facts::{Action, AdjustmentKind, Partner, Reference, Touch, TouchKind};
use crate::lang::catalog::Verb;
use crate::lang::{Rule, TotalAt, TotalSum, Value};
use crate::money::{ArithmeticError, Exact, Money, checked};
use crate::period::Period;
use crate::run::{Evaluator, RuleInput, RunRules, TotalFacts, TotalSums, attributes};
use crate::terms::{
    AddPer, AfterClose, Bonus, BonusPays, Contract, Edge, Effect, Ladder, On, Rounding, RoundingPlace, Scope,
    TrueUp, Version,
};
use crate::time::{Duration, Timestamp};

/// The most periods of one bonus that one close may compute: three years of days.
const MOST_PERIODS: usize = 1_100;

/// Why periods cannot be closed. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloseError {
    /// The counters belong to another program, or a sum does not fit.
    #[error(transparent)]
    Counters(#[from] CounterError),
    /// The periods until this date are closed.
    #[error("periods are closed until {closed_until} already, so there is nothing to close until {until}")]
    Closed {
        /// The date until which periods were to be closed.
        #[schemars(with = "String")]
        until: NaiveDate,
        /// The date until which they are closed.
        #[schemars(with = "String")]
        closed_until: NaiveDate,
    },
    /// A bonus has too many periods at once.
    #[error(
        "bonus `{bonus}` would close more than {MOST_PERIODS} periods at once; close an earlier date first"
    )]
    TooManyPeriods {
        /// The bonus.
        bonus: String,
    },
}

impl CloseError {
    /// Returns the code of the error, which stays the same from release to release.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Counters(_) => "CLOSE_COUNTERS",
            Self::Closed { .. } => "PERIOD_CLOSED",
            Self::TooManyPeriods { .. } => "TOO_MANY_PERIODS",
        }
    }
}

/// A bonus of one period, of all partners.
#[derive(Clone, Copy)]
struct Job<'a> {
    end: NaiveDate,
    from: NaiveDate,
    contract_index: usize,
    contract: &'a Contract,
    version: &'a Version,
    bonus_index: usize,
    bonus: &'a Bonus,
}

impl Job<'_> {
    /// What jobs are sorted by.
    fn place(&self) -> (NaiveDate, usize, usize) {
        (self.end, self.contract_index, self.bonus_index)
    }
}

/// The inputs of a close, and what it has posted so far.
struct Close<'a> {
    view: ProgramView<'a>,
    /// When the periods are closed.
    now: Timestamp,
    reference: &'a Reference,
    counters: &'a Counters,
    /// What stands in the place of the action that a close does not have.
    action: &'a Action,
    touch: &'a Touch,
    /// What earlier bonuses of this close have posted to the counters of bonuses.
    posted: BTreeMap<(usize, &'a str, Option<NaiveDate>), Sums>,
}

/// Computes the bonuses that are due when periods are closed until a date.
pub(crate) fn close(
    view: ProgramView<'_>,
    until: NaiveDate,
    reference: &Reference,
    counters: &Counters,
) -> Result<Vec<Decision>, CloseError> {
    if let Some(closed_until) = counters.closed_until().filter(|closed| until <= *closed) {
        return Err(CloseError::Closed { until, closed_until });
    }
    let action = Action::new(String::new(), String::new(), Timestamp::UNIX_EPOCH);
    let touch = Touch::new(String::new(), Timestamp::UNIX_EPOCH, TouchKind::Click);
    let (action, touch) = (&action, &touch);
    let now = view.terms.zone.start_of(until);
    let mut close = Close { view, now, reference, counters, action, touch, posted: BTreeMap::new() };
    let mut decisions = Vec::new();
    for job in jobs(view, until, counters)? {
        for partner in close.partners(job) {
            decisions.extend(close.decide(job, partner)?);
        }
    }
    Ok(decisions)
}

/// Returns the bonuses that are due, and those that are computed again, in the order in which their periods end.
fn jobs<'a>(
    view: ProgramView<'a>,
    until: NaiveDate,
    counters: &Counters,
) -> Result<Vec<Job<'a>>, CloseError> {
    let mut jobs = Vec::new();
    for (contract_index, contract) in view.terms.contracts.iter().enumerate() {
        for (version_index, version) in contract.versions.iter().enumerate() {
            // A contract file makes a version for each event type with a payout of its own, all with the same bonuses.
            let number = version.number;
            if contract.versions.iter().take(version_index).any(|before| before.number == number) {
                continue;
            }
            for (bonus_index, bonus) in version.bonuses.iter().enumerate() {
                let job = |from| Job {
                    end: end(bonus, from),
                    from,
                    contract_index,
                    contract,
                    version,
                    bonus_index,
                    bonus,
                };
                let periods = periods(view, version, bonus, until, counters)?;
                let of_version = |from: &NaiveDate| {
                    let at = last_moment(view, end(bonus, *from));
                    let start = view.terms.zone.start_of(*from);
                    version_at(contract, start, at).is_some_and(|of| of.number == number)
                };
                jobs.extend(periods.into_iter().filter(of_version).map(job));
            }
        }
    }
    jobs.sort_by_key(Job::place);
    Ok(jobs)
}

/// Returns the first dates of the periods of a bonus that are computed when periods are closed until a date.
fn periods(
    view: ProgramView<'_>,
    version: &Version,
    bonus: &Bonus,
    until: NaiveDate,
    counters: &Counters,
) -> Result<Vec<NaiveDate>, CloseError> {
    let start = match counters.closed_until() {
        Some(closed) => first(bonus, closed, |from| {
            let again =
                bonus.after_close != AfterClose::Keep && stays_open_until(version, bonus, from) > closed;
            again || due_on(version, bonus, from) > closed
        }),
        // Nothing was closed yet: from the first period in which anything was counted.
        None => {
            let read = bonus.totals.iter().filter_map(|index| version.totals.get(usize::from(*index)));
            let counted = read.filter_map(|total| counters.first_period(view.lookup.id(total.counter)?));
            let counted = counted.min().and_then(|from| bonus.period.start_date(from));
            counted.or_else(|| bonus.period.previous(until)).unwrap_or(until)
        }
    };
    let mut periods = Vec::new();
    let mut next = Some(start);
    while let Some(from) = next.filter(|from| due_on(version, bonus, *from) <= until) {
        if periods.len() >= MOST_PERIODS {
            return Err(CloseError::TooManyPeriods { bonus: bonus.name.clone() });
        }
        periods.push(from);
        next = bonus.period.next(from);
    }
    Ok(periods)
}

/// Returns the last second before a date begins.
fn last_moment(view: ProgramView<'_>, end: NaiveDate) -> Timestamp {
    let end = view.terms.zone.start_of(end);
    end.plus(Duration { seconds: -1 }).unwrap_or(end)
}

/// Returns the version in force at the last moment of a period; if none is, the last that was in force in it.
fn version_at(contract: &Contract, start: Timestamp, last: Timestamp) -> Option<&Version> {
    let in_force = contract.versions.iter().find(|version| version.effective.contains(last));
    in_force.or_else(|| {
        contract.versions.iter().rev().find(|version| {
            let effective = version.effective;
            effective.from.is_none_or(|from| from <= last)
                && effective.until.is_none_or(|until| until > start)
        })
    })
}

/// The time of a counter that a close reads: the period that begins on a date, or all time.
fn time_of(period: Period, from: NaiveDate) -> CountedAt {
    if period.is_calendar() { CountedAt::Period(from) } else { CountedAt::Always }
}

/// Returns the first dates of the periods of the calendar year up to and including the one that begins on a date.
fn year_to_date(period: Period, from: NaiveDate) -> Vec<NaiveDate> {
    let mut dates = Vec::new();
    let mut next = Period::Year.start_date(from);
    while let Some(date) = next.filter(|date| *date <= from) {
        dates.push(date);
        next = period.next(date);
    }
    dates
}

impl<'a> Close<'a> {
    /// Returns the partners for whom a bonus is computed: those of whom its totals or the bonus itself have counted something, and, if
    /// it may pay for nothing, the listed partners of the contract.
    fn partners(&self, job: Job<'a>) -> BTreeSet<&'a str> {
        let Job { from, bonus, version, .. } = job;
        let Self { view, counters, reference, .. } = *self;
        let mut partners = BTreeSet::new();
        let mut add = |counter: usize, from: Option<NaiveDate>| {
            let id = view.lookup.id(counter);
            partners.extend(id.map_or_else(Vec::new, |id| counters.keys_at(id, from)));
        };
        for index in &bonus.totals {
            let Some(total) = version.totals.get(usize::from(*index)) else { continue };
            let Some(counter) = view.terms.counters.get(total.counter) else { continue };
            if counter.per == [Scope::Program] {
                continue;
            }
            if !counter.period.is_calendar() {
                add(total.counter, None);
            } else if total.at_close.contains(&TotalAt::YearToDate) {
                year_to_date(counter.period, from)
                    .into_iter()
                    .for_each(|from| add(total.counter, Some(from)));
            } else {
                add(total.counter, Some(from));
            }
        }
        add(bonus.paid, Some(from));
        if matches!(bonus.pays, BonusPays::Draw { .. }) || bonus.true_up == Some(TrueUp::Lifetime) {
            add(bonus.ever, None);
        }
        if let BonusPays::Holdback { periods, .. } = bonus.pays
            && let Some(held) = back(bonus.period, from, periods)
        {
            add(bonus.paid, Some(held));
        }
        if bonus.pays_for_nothing() {
            let at = last_moment(view, job.end);
            let is_of_contract = |partner: &&Partner| {
                let in_force = |contract: usize, version: usize| {
                    let contract_of = view.terms.contracts.get(contract)?;
                    let version = contract_of.versions.get(version)?;
                    version.effective.contains(at).then_some(contract)
                };
                let facts = reference.partner(&partner.id, at);
                facts.is_some_and(|facts| {
                    view.lookup.version_for(&facts.id, &facts.groups, in_force) == Some(job.contract_index)
                })
            };
            partners.extend(reference.partners().filter(is_of_contract).map(|partner| partner.id.as_str()));
        }
        partners
    }

    /// Decides the bonus of one partner. Returns `None` if nothing is paid, or nothing has changed.
    fn decide(&mut self, job: Job<'a>, partner: &'a str) -> Result<Option<Decision>, CloseError> {
        let Job { from, bonus, version, .. } = job;
        let at = last_moment(self.view, job.end);
        let mut case = Case::new(self, job, partner, at)?;
        let computed = case.compute();
        let Case { mut findings, fuel, measure, next, kept_back, .. } = case;
        let (groups, lines) =
            match computed.and_then(|lines| finished(version, bonus, lines, &mut findings.limits)) {
                Ok(lines) => lines,
                Err(error) => {
                    findings.fail(self.view, error);
                    (Vec::new(), Vec::new())
                }
            };
        let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
        let status = Status::of(findings.reasons.first().map(|reason| reason.verdict), payout);
        let before = self.paid(bonus.paid, partner, Some(from))?;
        let change = Money(payout.0.saturating_sub(before.payouts.0));
        let is_first = before.units == 0;
        if status != Status::Held && change.is_zero() && (!is_first || payout.is_zero()) {
            return Ok(None);
        }
        let (locks_at, pays_on) = dates(version, self.view.terms.zone, at, status);
        let facts = self.reference.partner(partner, at);
        let award = Award {
            partner: partner.to_owned(),
            parent: facts.and_then(|facts| facts.parent.clone()),
            touch: None,
            role: None,
            share: None,
            below: None,
            contract: ContractRef {
                name: job.contract.name.clone(),
                version: version.number,
                anchor: version.anchor,
                terms_as_of: at,
                digest: version.digest,
            },
            status,
            payout,
            currency: version.currency,
            exchange: None,
            base: Money::ZERO,
            groups,
            lines,
            rounding: Rounding { place: RoundingPlace::Order, ..version.rounding },
            minor_digits: version.currency.minor_digits(),
            reasons: std::mem::take(&mut findings.reasons),
            release_at: None,
            locks_at,
            pays_on,
            limits: std::mem::take(&mut findings.limits),
            notices: std::mem::take(&mut findings.notices),
            counts: true,
            counted: Vec::new(),
            fuel,
        };
        let postings = if status == Status::Held {
            Vec::new()
        } else {
            self.post(job, partner, &award, change, kept_back, is_first)
        };
        let of = BonusOf {
            contract: job.contract.name.clone(),
            bonus: bonus.name.clone(),
            period: bonus.period.name_of(from),
            from,
            until: job.end,
            measure,
            next,
        };
        let id = of.id(partner);
        let mut decision = Decision {
            action: id.clone(),
            event_type: BonusOf::EVENT_TYPE.to_owned(),
            occurred_at: at,
            order_id: None,
            bonus: Some(of),
            status,
            history: Vec::new(),
            awards: vec![award],
            reasons: Vec::new(),
            postings,
            returned: Vec::new(),
            counted: Vec::new(),
            fuel,
            engine: VERSION.into(),
            receipt: Digest::default(),
            trace: None,
        };
        if !is_first {
            let currency = version.currency;
            decision.history.push(Revision {
                adjustment: format!("{id}:{}", before.units),
                kind: AdjustmentKind::Modification,
                occurred_at: self.now,
                reason: None,
                partner: None,
                changes: vec![Change { partner: partner.to_owned(), currency, by: change }],
            });
        }
        decision.receipt = receipt::seal_bonus(facts, &findings.used, &decision);
        Ok(Some(decision))
    }

    /// Returns the movements of the counters of a bonus, and remembers them for later bonuses of this close.
    fn post(
        &mut self,
        job: Job<'a>,
        partner: &'a str,
        award: &Award,
        change: Money,
        kept_back: Money,
        is_first: bool,
    ) -> Vec<Posting> {
        let Job { from, bonus, .. } = job;
        let sums = Sums {
            actions: i64::from(is_first),
            paid_actions: i64::from(is_first && award.payout > Money::ZERO),
            units: 1,
            revenue: kept_back,
            payouts: change,
            payable: if award.status == Status::Payable { change } else { Money::ZERO },
        };
        let ever = matches!(bonus.pays, BonusPays::Draw { .. }) || bonus.true_up == Some(TrueUp::Lifetime);
        let places = [Some((bonus.paid, Some(from))), ever.then_some((bonus.ever, None))];
        let mut postings = Vec::new();
        for (counter, from) in places.into_iter().flatten() {
            let Some(id) = self.view.lookup.id(counter) else { continue };
            let sum = self.posted.entry((counter, partner, from)).or_default();
            // Cannot fail: a bonus is an amount of a decision.
            *sum = sum.plus(sums).unwrap_or(*sum);
            let at = from.map_or(CountedAt::Always, CountedAt::Period);
            let key = CounterKey::new([partner]);
            postings.push(Posting { counter: id.clone(), key, at, distinct: None, sums });
        }
        postings
    }

    /// Returns what a counter of a bonus has counted of a partner, with what this close has posted.
    fn paid(&self, counter: usize, partner: &'a str, from: Option<NaiveDate>) -> Result<Sums, CloseError> {
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

/// Returns the first date of the period some periods before the one that begins on a date.
fn back(period: Period, from: NaiveDate, periods: u32) -> Option<NaiveDate> {
    (0..periods).try_fold(from, |from, _| period.previous(from))
}

/// The bonus of one partner while it is computed.
struct Case<'c, 'a> {
    close: &'c Close<'a>,
    job: Job<'a>,
    partner: &'a str,
    input: RuleInput<'a>,
    rules: Evaluator<'a>,
    findings: Findings<'a>,
    fuel: u64,
    measure: Option<Money>,
    next: Option<NextTier>,
    kept_back: Money,
}

impl<'c, 'a> Case<'c, 'a> {
    fn new(close: &'c Close<'a>, job: Job<'a>, partner: &'a str, at: Timestamp) -> Result<Self, CloseError> {
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
            rules: Evaluator::new(view.limits, None),
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
    fn compute(&mut self) -> Result<Vec<BonusLine>, PhaseError> {
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

    fn tiers(&mut self, ladder: &'a Ladder) -> Result<Vec<BonusLine>, PhaseError> {
        let measure = match self.run(&ladder.measure)? {
            Value::Money(Money(value)) | Value::Decimal(value) => value,
            Value::Integer(value) => Decimal::from(value),
            _ => Decimal::ZERO,
        };
        self.measure = Some(Money(measure));
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
fn finished(
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
