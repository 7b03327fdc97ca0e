//! Operators, functions and properties of the language, registered with Rhai for the oracle's own types.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Timelike};
use rhai::{Dynamic, Engine, ImmutableString};
use rust_decimal::Decimal;

use super::facts::Facts;
use super::values::{Cash, Day, List, Moment, Rhai, Row, Span, arithmetic, divide, fits, maybe_text, round};
use accrue::internals::lang::Record;
use accrue::time::Timestamp;

const DAY: i64 = 86_400;

/// Registers `==` to `>=` for a type.
macro_rules! comparisons {
    ($engine:ident, $ty:ty) => {
        $engine.register_fn("==", |a: $ty, b: $ty| a == b);
        $engine.register_fn("!=", |a: $ty, b: $ty| a != b);
        $engine.register_fn("<", |a: $ty, b: $ty| a < b);
        $engine.register_fn("<=", |a: $ty, b: $ty| a <= b);
        $engine.register_fn(">", |a: $ty, b: $ty| a > b);
        $engine.register_fn(">=", |a: $ty, b: $ty| a >= b);
    };
}

/// Registers `==` to `>=` for money and a number, either way round: beside money a number is an amount.
macro_rules! mixed_comparisons {
    ($engine:ident, $number:ty) => {
        mixed_comparisons!($engine, $number, "==" ==, "!=" !=, "<" <, "<=" <=, ">" >, ">=" >=);
    };
    ($engine:ident, $number:ty, $($name:literal $op:tt),+) => {
        $(
            $engine.register_fn($name, |a: Cash, b: $number| a.0 $op Decimal::from(b));
            $engine.register_fn($name, |a: $number, b: Cash| Decimal::from(a) $op b.0);
        )+
    };
}

/// Everything that does not depend on a phase.
pub(super) fn register(engine: &mut Engine, facts: &Arc<Facts>) {
    comparisons!(engine, Cash);
    mixed_comparisons!(engine, i64);
    mixed_comparisons!(engine, Decimal);
    comparisons!(engine, Moment);
    comparisons!(engine, Day);
    comparisons!(engine, Span);
    money(engine, facts);
    numbers(engine);
    times(engine, facts);
    durations(engine);
    lists(engine);
    codes(engine, facts);
    engine.register_fn("known", |value: Dynamic| !value.is_unit());
}

fn money(engine: &mut Engine, facts: &Facts) {
    engine.register_fn("money", |text: &str| -> Rhai<Cash> {
        text.parse().map(Cash).map_err(|_| format!("`{text}` is not an amount").into())
    });
    engine.register_fn("+", |a: Cash, b: Cash| fits(a.0.checked_add(b.0)).map(Cash));
    engine.register_fn("-", |a: Cash, b: Cash| fits(a.0.checked_sub(b.0)).map(Cash));
    engine.register_fn("-", |a: Cash| Cash(-a.0));
    engine.register_fn("*", |a: Cash, b: Decimal| fits(a.0.checked_mul(b)).map(Cash));
    engine.register_fn("*", |a: Decimal, b: Cash| fits(b.0.checked_mul(a)).map(Cash));
    engine.register_fn("*", |a: Cash, b: i64| fits(a.0.checked_mul(b.into())).map(Cash));
    engine.register_fn("*", |a: i64, b: Cash| fits(b.0.checked_mul(a.into())).map(Cash));
    engine.register_fn("/", |a: Cash, b: Decimal| divide(a.0, b).map(Cash));
    engine.register_fn("/", |a: Cash, b: i64| divide(a.0, b.into()).map(Cash));
    engine.register_fn("/", |a: Cash, b: Cash| divide(a.0, b.0));
    engine.register_fn("min", |a: Cash, b: Cash| if b.0 < a.0 { b } else { a });
    engine.register_fn("max", |a: Cash, b: Cash| if b.0 > a.0 { b } else { a });
    engine.register_fn("abs", |a: Cash| Cash(a.0.abs()));
    let mode = facts.rounding;
    engine.register_fn("round", move |a: Cash, step: Cash| round(a.0, step.0, mode).map(Cash));
}

fn numbers(engine: &mut Engine) {
    engine.register_fn("decimal", |n: i64| Decimal::from(n));
    engine.register_fn("decimal", |n: Decimal| n);
    engine.register_fn("percent", |n: i64| divide(n.into(), Decimal::ONE_HUNDRED));
    engine.register_fn("percent", |n: Decimal| divide(n, Decimal::ONE_HUNDRED));
    engine.register_fn("floor", |n: i64| n);
    // An integer beside a decimal is a decimal.
    engine.register_fn("min", |a: i64, b: Decimal| b.min(a.into()));
    engine.register_fn("min", |a: Decimal, b: i64| a.min(b.into()));
    engine.register_fn("max", |a: i64, b: Decimal| b.max(a.into()));
    engine.register_fn("max", |a: Decimal, b: i64| a.max(b.into()));
}

fn seconds(span: Span) -> Rhai<TimeDelta> {
    fits(TimeDelta::try_seconds(span.0))
}

fn shift_day(day: NaiveDate, whole_days: Option<i64>) -> Rhai<Day> {
    let days = fits(whole_days)?;
    let by = Days::new(days.unsigned_abs());
    fits(if days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }).map(Day)
}

/// Returns the day of another month with the same number, or the last that the month has: found by counting days down.
fn shift_months(day: NaiveDate, months: Option<i64>) -> Rhai<Day> {
    let month = i64::from(day.year()) * 12 + i64::from(day.month0());
    let month = fits(months.and_then(|months| month.checked_add(months)))?;
    let year = i32::try_from(month.div_euclid(12)).ok();
    let number = u32::try_from(month.rem_euclid(12)).unwrap_or_default() + 1;
    let found = year
        .and_then(|year| (1..=day.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, number, day)));
    fits(found).map(Day)
}

/// Returns the most months that can be added to a day without passing the other.
fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let number = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let most = number(to) - number(from);
    let fits = |months: i64| shift_months(from, Some(months)).is_ok_and(|day| day.0 <= to);
    (0..=most).rev().find(|months| fits(*months)).unwrap_or_default()
}

fn times(engine: &mut Engine, facts: &Arc<Facts>) {
    engine.register_fn("time", |text: &str| -> Rhai<Moment> {
        Timestamp::parse(text)
            .map(|at| Moment(at.utc()))
            .ok_or_else(|| format!("`{text}` is not a moment").into())
    });
    engine.register_fn("date", |text: &str| -> Rhai<Day> {
        text.parse().map(Day).map_err(|_| format!("`{text}` is not a date").into())
    });
    engine.register_fn("+", |at: Moment, by: Span| fits(at.0.checked_add_signed(seconds(by)?)).map(Moment));
    engine.register_fn("-", |at: Moment, by: Span| fits(at.0.checked_sub_signed(seconds(by)?)).map(Moment));
    engine.register_fn("-", |a: Moment, b: Moment| {
        let between = a.0 - b.0;
        let towards_zero = between.num_seconds();
        Span(if TimeDelta::seconds(towards_zero) > between { towards_zero - 1 } else { towards_zero })
    });
    engine.register_fn("+", |day: Day, by: Span| shift_day(day.0, Some(by.0.div_euclid(DAY))));
    engine.register_fn("-", |day: Day, by: Span| shift_day(day.0, by.0.div_euclid(DAY).checked_neg()));
    engine.register_fn("-", |a: Day, b: Day| Span((a.0 - b.0).num_days() * DAY));
    let zone = facts.zone;
    engine.register_get("date", move |at: &mut Moment| Day(at.0.with_timezone(&zone).date_naive()));
    engine.register_get("hour", move |at: &mut Moment| i64::from(at.0.with_timezone(&zone).hour()));
    engine.register_get("minute", move |at: &mut Moment| i64::from(at.0.with_timezone(&zone).minute()));
    engine.register_fn("plus_months", |day: Day, n: i64| shift_months(day.0, Some(n)));
    engine.register_fn("plus_years", |day: Day, n: i64| shift_months(day.0, n.checked_mul(12)));
    engine.register_fn("months_between", |a: Day, b: Day| months_between(a.0, b.0));
    engine.register_fn("start_of_month", |day: Day| fits(day.0.with_day(1)).map(Day));
    engine.register_fn("end_of_month", |day: Day| {
        let days = (1..=31).filter_map(|n| day.0.with_day(n));
        fits(days.max()).map(Day)
    });
    engine.register_get("year", |day: &mut Day| i64::from(day.0.year()));
    engine.register_get("month", |day: &mut Day| i64::from(day.0.month()));
    engine.register_get("day", |day: &mut Day| i64::from(day.0.day()));
    engine.register_get("weekday", |day: &mut Day| i64::from(day.0.weekday().number_from_monday()));
}

fn durations(engine: &mut Engine) {
    for (name, unit) in [("days", DAY), ("hours", 3_600), ("minutes", 60)] {
        engine.register_fn(name, move |n: i64| fits(n.checked_mul(unit)).map(Span));
    }
    engine.register_fn("+", |a: Span, b: Span| fits(a.0.checked_add(b.0)).map(Span));
    engine.register_fn("-", |a: Span, b: Span| fits(a.0.checked_sub(b.0)).map(Span));
    engine.register_fn("-", |a: Span| fits(a.0.checked_neg()).map(Span));
    engine.register_fn("*", |a: Span, n: i64| fits(a.0.checked_mul(n)).map(Span));
    engine.register_fn("*", |n: i64, a: Span| fits(a.0.checked_mul(n)).map(Span));
    engine.register_get("days", |a: &mut Span| a.0.div_euclid(DAY));
    engine.register_get("hours", |a: &mut Span| a.0.div_euclid(3_600));
}

fn lists(engine: &mut Engine) {
    engine.register_iterator::<List>();
    engine.register_fn("len", |list: List| i64::try_from(list.count()).map_err(|_| arithmetic("overflow")));
    engine.register_fn("contains", |list: List, value: ImmutableString| match &list {
        List::Text(values) => values.iter().any(|held| held.as_str() == value.as_str()),
        List::Rows(..) => false,
    });
}

fn codes(engine: &mut Engine, facts: &Arc<Facts>) {
    let seen = Arc::clone(facts);
    engine.register_fn("promo_owner", move |code: ImmutableString| {
        maybe_text(seen.reference.promo_code(&code).and_then(|known| known.owner.as_ref()))
    });
    let seen = Arc::clone(facts);
    engine.register_fn("promo_active", move |code: ImmutableString, at: Moment| {
        seen.reference.promo_code(&code).is_some_and(|known| {
            known.valid_from.is_none_or(|from| from.utc() <= at.0)
                && known.valid_until.is_none_or(|until| at.0 < until.utc())
        })
    });
    let seen = Arc::clone(facts);
    engine.register_fn("expired_at", move |row: Row, at: Moment| {
        let until = seen.creative().and_then(|creative| creative.valid_until);
        row.record == Record::Creative && until.is_some_and(|until| until.utc() <= at.0)
    });
    let seen = Arc::clone(facts);
    engine.register_fn("not_yet_valid_at", move |row: Row, at: Moment| {
        let from = seen.creative().and_then(|creative| creative.valid_from);
        row.record == Record::Creative && from.is_some_and(|from| at.0 < from.utc())
    });
}
