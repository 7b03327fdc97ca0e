//! Which bonuses are computed at a close, and for which periods.

use chrono::NaiveDate;

use super::close_error::CloseError;
use super::closing::{due_on, end, first, stays_open_until};
use super::findings::ProgramView;
use crate::counters::{CountedAt, Counters};
use crate::period::Period;
use crate::terms::{AfterClose, Bonus, Contract, Terms, Version};
use crate::time::{Duration, Timestamp};

/// The most periods of one bonus that one close may compute: three years of days.
const MOST_PERIODS: usize = 1_100;

/// A bonus of one period, of all partners.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) end: NaiveDate,
    pub(super) from: NaiveDate,
    pub(super) contract_index: usize,
    pub(super) contract: &'a Contract,
    pub(super) version: &'a Version,
    pub(super) bonus_index: usize,
    pub(super) bonus: &'a Bonus,
}

impl Job<'_> {
    /// What jobs are sorted by.
    fn place(&self) -> (NaiveDate, usize, usize) {
        (self.end, self.contract_index, self.bonus_index)
    }
}

/// A bonus of a contract version.
#[derive(Clone, Copy)]
pub(super) struct Declared<'a> {
    pub(super) contract_index: usize,
    pub(super) contract: &'a Contract,
    pub(super) version: &'a Version,
    pub(super) bonus_index: usize,
    pub(super) bonus: &'a Bonus,
}

impl<'a> Declared<'a> {
    /// Returns the bonus of the period that begins on a date.
    pub(super) fn of(self, from: NaiveDate) -> Job<'a> {
        let Self { contract_index, contract, version, bonus_index, bonus } = self;
        Job { end: end(bonus, from), from, contract_index, contract, version, bonus_index, bonus }
    }
}

/// Returns every bonus of every contract version.
pub(super) fn bonuses(terms: &Terms) -> impl Iterator<Item = Declared<'_>> {
    terms.contracts.iter().enumerate().flat_map(|(contract_index, contract)| {
        let mut before = None;
        // A contract file makes a version for each event type with a payout of its own, all with the same bonuses.
        let versions = contract
            .versions
            .iter()
            .filter(move |version| before.replace(version.number) != Some(version.number));
        versions.flat_map(move |version| {
            let bonuses = version.bonuses.iter().enumerate();
            bonuses.map(move |(bonus_index, bonus)| Declared {
                contract_index,
                contract,
                version,
                bonus_index,
                bonus,
            })
        })
    })
}

/// Returns the bonuses that are due, and those that are computed again, in the order in which their periods end.
pub(super) fn jobs<'a>(
    view: ProgramView<'a>,
    until: NaiveDate,
    counters: &Counters,
) -> Result<Vec<Job<'a>>, CloseError> {
    let mut jobs = Vec::new();
    for declared in bonuses(view.terms) {
        let Declared { contract, version, bonus, .. } = declared;
        let periods = periods(view, version, bonus, until, counters)?;
        let of_version = |from: &NaiveDate| {
            let last = last_moment(view.terms, end(bonus, *from));
            let start = view.terms.zone.start_of(*from);
            version_at(contract, start, last).is_some_and(|of| of.number == version.number)
        };
        jobs.extend(periods.into_iter().filter(of_version).map(|from| declared.of(from)));
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
pub(super) fn last_moment(terms: &Terms, end: NaiveDate) -> Timestamp {
    let end = terms.zone.start_of(end);
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
pub(super) fn time_of(period: Period, from: NaiveDate) -> CountedAt {
    if period.is_calendar() { CountedAt::Period(from) } else { CountedAt::Always }
}

/// Returns the first dates of the periods of the calendar year up to and including the one that begins on a date.
pub(super) fn year_to_date(period: Period, from: NaiveDate) -> Vec<NaiveDate> {
    let mut dates = Vec::new();
    let mut next = Period::Year.start_date(from);
    while let Some(date) = next.filter(|date| *date <= from) {
        dates.push(date);
        next = period.next(date);
    }
    dates
}

/// Returns the first date of the period some periods before the one that begins on a date.
pub(super) fn back(period: Period, from: NaiveDate, periods: u32) -> Option<NaiveDate> {
    (0..periods).try_fold(from, |from, _| period.previous(from))
}
