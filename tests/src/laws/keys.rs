//! The books of a test: what each key was paid in each period, kept apart from the engine's own totals.

use accrue::decide::Award;
use accrue::internals::period::Period;
use accrue::internals::terms;
use accrue::internals::terms::{Counter, Scope};
use accrue::money::Money;
use accrue::{Action, Program};
use chrono::{Datelike, NaiveDate, TimeDelta};

/// What an award paid, by payout group.
pub(crate) fn by_group(award: &Award) -> Vec<(String, Money)> {
    let mut paid = Vec::new();
    let name = |group: u32| award.group(group).to_owned();
    for line in &award.lines {
        if line.shares.is_empty() {
            paid.extend(line.steps.first().map(|step| (name(step.group), line.payout)));
        } else {
            paid.extend(line.shares.iter().map(|share| (name(share.group), share.payout)));
        }
    }
    paid
}

/// The key of an award under a counter, for one payout group; `None` when a part of it is not known.
pub(crate) fn key(
    counter: &Counter,
    action: &Action,
    award: &Award,
    group: Option<&str>,
) -> Option<Vec<String>> {
    let touch = award.touch.and_then(|touch| action.touches.get(touch as usize));
    counter
        .per
        .iter()
        .map(|scope| match scope {
            Scope::Action => Some(action.id.clone()),
            Scope::Order => action.order_id.clone(),
            Scope::Customer => action.customer.id.clone(),
            Scope::Click => touch.and_then(|touch| touch.id.clone()),
            Scope::Partner => Some(award.partner.clone()),
            Scope::Parent => award.parent.clone(),
            Scope::Group => group.map(str::to_owned),
            Scope::Program => Some(String::new()),
        })
        .collect()
}

/// The number of a week that begins on Sunday. The first day of the calendar was a Monday.
fn week(date: NaiveDate) -> i32 {
    date.num_days_from_ce().div_euclid(7)
}

/// The number of two weeks, from those that begin on a date.
fn fortnight(date: NaiveDate, from: NaiveDate) -> i32 {
    (date.num_days_from_ce() - from.num_days_from_ce()).div_euclid(14)
}

/// Whether what happened at `before` is in the period of `now`.
pub(crate) fn in_period(period: Period, before: &Action, now: &Action) -> bool {
    let berlin =
        |action: &Action| action.occurred_at.utc().with_timezone(&chrono_tz::Europe::Berlin).date_naive();
    let (a, b): (NaiveDate, NaiveDate) = (berlin(before), berlin(now));
    match period {
        Period::Day => a == b,
        Period::Week => a.iso_week() == b.iso_week(),
        Period::SundayWeek => week(a) == week(b),
        Period::TwoWeeks(from) => fortnight(a, from) == fortnight(b, from),
        Period::HalfMonth => (a.year(), a.month(), a.day() > 15) == (b.year(), b.month(), b.day() > 15),
        Period::Month => (a.year(), a.month()) == (b.year(), b.month()),
        Period::Quarter => (a.year(), a.month0() / 3) == (b.year(), b.month0() / 3),
        Period::Year => a.year() == b.year(),
        Period::RollingDays(days) => {
            now.occurred_at.utc() - before.occurred_at.utc() < TimeDelta::days(i64::from(days))
        }
        Period::Contract | Period::Lifetime => true,
    }
}

/// The declared counters of a program.
pub(crate) fn counters(program: &Program) -> &[Counter] {
    &terms(program).counters
}
