//! When bonuses are computed, and how long the periods of their counters stay open.

use chrono::{Days, NaiveDate};

use crate::terms::{AfterClose, Bonus, Closes, Version};

/// How long a bonus with `recompute` is computed again after its period: two leap years, like the longest rolling period.
const RECOMPUTE_DAYS: u64 = 732;

/// Returns the first date after the period of a bonus that begins on `from`.
pub(super) fn end(bonus: &Bonus, from: NaiveDate) -> NaiveDate {
    bonus.period.next(from).unwrap_or(NaiveDate::MAX)
}

/// Returns the date on which an action of the last day of a period locks, and the end of the period if that is later or nothing locks.
fn locks_on(version: &Version, end: NaiveDate) -> NaiveDate {
    let last = end.pred_opt().unwrap_or(end);
    let locks = version.dates.locking.as_ref().and_then(|locking| locking.date(last, end));
    locks.map_or(end, |locks| locks.max(end))
}

/// Returns the date of the close at which the bonus of the period that begins on `from` is computed.
pub(super) fn due_on(version: &Version, bonus: &Bonus, from: NaiveDate) -> NaiveDate {
    let end = end(bonus, from);
    match bonus.closes {
        Closes::PeriodEnd => end,
        Closes::Lock => locks_on(version, end),
    }
}

/// Returns the date of the close after which nothing changes the bonus of the period that begins on `from`.
pub(super) fn stays_open_until(version: &Version, bonus: &Bonus, from: NaiveDate) -> NaiveDate {
    let (end, due) = (end(bonus, from), due_on(version, bonus, from));
    match bonus.after_close {
        AfterClose::Keep => due,
        AfterClose::Recompute => end.checked_add_days(Days::new(RECOMPUTE_DAYS)).unwrap_or(end).max(due),
        AfterClose::RecomputeUntilLock => locks_on(version, end).max(due),
    }
}

/// Returns whether the counters of a bonus stay open after the end of its period.
pub(super) fn opens_longer(bonus: &Bonus) -> bool {
    bonus.closes == Closes::Lock || bonus.after_close != AfterClose::Keep
}

/// Returns the first date of the first period that is still open for the bonus once periods are closed until a date.
pub(super) fn open_from(version: &Version, bonus: &Bonus, until: NaiveDate) -> NaiveDate {
    first(bonus, until, |from| stays_open_until(version, bonus, from) > until)
}

/// Returns the first date of the first period before the one that contains `until` for which, and for all periods after it, `holds`
/// says yes.
pub(super) fn first(bonus: &Bonus, until: NaiveDate, holds: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    let mut from = bonus.period.start_date(until).unwrap_or(until);
    while let Some(before) = bonus.period.previous(from).filter(|before| holds(*before)) {
        from = before;
    }
    from
}
