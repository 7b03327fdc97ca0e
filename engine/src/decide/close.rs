//! The close of periods: for whom bonuses are due, and what each pays.
//!
//! A bonus is a function of counters: of what totals counted in its period, and of what it has paid itself. So its close can be asked
//! for again and gives nothing new, and what changes a closed period changes a bonus by a posted difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::bonus_case::{Case, Close, finished};
use super::bonus_jobs::{Job, back, bonuses, jobs, last_moment, year_to_date};
use super::close_error::CloseError;
use super::dates::dates;
use super::decision::{Award, BonusOf, Change, ContractRef, Decision, LimitCut, Revision, Status, VERSION};
use super::ends::{Occasion, ends};
use super::findings::ProgramView;
use super::receipt;
use crate::counters::{CountedAt, CounterKey, Counters, Posting, Sums};
use crate::digest::Digest;
use crate::facts::{Action, AdjustmentKind, Partner, Reference, Touch, TouchKind};
use crate::lang::TotalAt;
use crate::money::{Money, checked};
use crate::run::PointKind;
use crate::terms::{Bonus, BonusPays, Rounding, RoundingPlace, Scope, TrueUp, Version};
use crate::time::Timestamp;

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
    let mut close = Close { view, now, reference, counters, action, touch, posted: BTreeMap::new(), fuel: 0 };
    let mut decisions = Vec::new();
    for job in jobs(view, until, counters)? {
        for partner in close.partners(job) {
            close.charge(job.bonus)?;
            decisions.extend(close.decide(job, partner)?);
        }
    }
    Ok(decisions)
}

/// A tier that a partner is near in a period that is still open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WithinReach {
    /// The last date of the period.
    pub(crate) until: NaiveDate,
    pub(crate) contract: String,
    pub(crate) bonus: String,
    pub(crate) partner: String,
    pub(crate) tier: Decimal,
    pub(crate) lacks: Decimal,
}

/// Returns the tiers that are within reach on a date, in the periods that contain it.
pub(crate) fn within_reach(
    view: ProgramView<'_>,
    on: NaiveDate,
    reference: &Reference,
    counters: &Counters,
) -> Result<Vec<WithinReach>, CloseError> {
    let action = Action::new(String::new(), String::new(), Timestamp::UNIX_EPOCH);
    let touch = Touch::new(String::new(), Timestamp::UNIX_EPOCH, TouchKind::Click);
    let (action, touch, now) = (&action, &touch, view.terms.zone.start_of(on));
    let mut close = Close { view, now, reference, counters, action, touch, posted: BTreeMap::new(), fuel: 0 };
    let mut found = Vec::new();
    let in_force = |version: &Version| version.effective.contains(now);
    for declared in bonuses(view.terms).filter(|declared| in_force(declared.version)) {
        let Some((notice_at, from)) = declared.bonus.notice_at.zip(declared.bonus.period.start_date(on))
        else {
            continue;
        };
        let job = declared.of(from);
        for partner in close.partners(job) {
            close.charge(job.bonus)?;
            let mut case = Case::new(&close, job, partner, now)?;
            let BonusPays::Tiers(ladder) = &job.bonus.pays else { continue };
            if case.tiers(ladder).is_err() {
                continue;
            }
            let (Some(Money(measure)), Some(next)) = (case.measure, case.next) else { continue };
            let from = checked::mul(next.from.0, notice_at);
            if from.is_ok_and(|from| measure >= from) {
                found.push(WithinReach {
                    until: job.end.pred_opt().unwrap_or(job.end),
                    contract: job.contract.name.clone(),
                    bonus: job.bonus.name.clone(),
                    partner: partner.to_owned(),
                    tier: next.from.0,
                    lacks: next.lacks.0,
                });
            }
        }
    }
    Ok(found)
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
            let at = last_moment(view.terms, job.end);
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
        let at = last_moment(self.view.terms, job.end);
        let mut case = Case::new(self, job, partner, at)?;
        let occasion = Occasion { at, contract: job.contract, version, partner };
        ends(&mut case.findings, occasion, self.reference, self.view.terms.zone);
        let computed = if case.findings.may_pay() { case.compute() } else { Ok(Vec::new()) };
        let Case { mut findings, fuel, measure, next, kept_back, .. } = case;
        let (groups, lines) =
            match computed.and_then(|lines| finished(version, bonus, lines, &mut findings.limits)) {
                Ok(lines) => lines,
                Err(error) => {
                    findings.fail(self.view, error);
                    (Vec::new(), Vec::new())
                }
            };
        self.fuel = self.fuel.saturating_add(fuel);
        let payout = Money(lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.payout.0)));
        let status = Status::of(findings.reasons.first().map(|reason| reason.verdict), payout);
        let before = self.paid(bonus.paid, partner, Some(from))?;
        let change = Money(payout.0.saturating_sub(before.payouts.0));
        self.reach(bonus, payout, &findings.limits);
        let is_first = before.units == 0;
        // What cannot be computed again stays as it was.
        let is_held = status == Status::Held;
        if (is_held && !is_first) || (!is_held && change.is_zero() && (!is_first || payout.is_zero())) {
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
        let kept_back = if is_held { Money::ZERO } else { kept_back };
        let postings = self.post(job, partner, &award, change, kept_back, is_first);
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

    /// Records that a bonus pays, and whether it is cut.
    fn reach(&self, bonus: &Bonus, payout: Money, cuts: &[LimitCut]) {
        if payout.is_zero() {
            return;
        }
        self.view.reach(&bonus.place, PointKind::Bonus);
        let kind = if cuts.is_empty() { PointKind::LimitBelow } else { PointKind::LimitReached };
        self.view.reach(&bonus.place, kind);
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
}
