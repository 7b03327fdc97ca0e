//! Totals: what has been decided so far, by meter and key. Decisions enter in the order of (occurred-at, id); what
//! was counted up to a moment leaves, for limits and for the totals that rules read.
//!
//! A meter keeps one entry a key: the period it is in and four sums. Keys stand one after the other in one text, and
//! the hash table holds only their numbers, so that a million customers fit into some 90 MB. A rolling period keeps
//! every action that is still inside it.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use chrono::{Datelike, NaiveDate};
use hashbrown::HashTable;

use crate::facts::Action;
use crate::money::Money;
use crate::period::Period;
use crate::terms::{Meter, Scope};
use crate::time::{Duration, Timestamp, Zone};

/// What is counted under one key.
///
/// A sum that no longer fits its type stays at the largest value, so that a limit stays used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Actions that count.
    pub actions: u32,
    /// Actions with a payout above zero.
    pub paid_actions: u32,
    /// Commissionable amounts.
    pub revenue: Money,
    /// Payouts, after limits; held ones are in it.
    pub payouts: Money,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.actions = self.actions.saturating_add(other.actions);
        self.paid_actions = self.paid_actions.saturating_add(other.paid_actions);
        self.revenue = Money(self.revenue.0.saturating_add(other.revenue.0));
        self.payouts = Money(self.payouts.0.saturating_add(other.payouts.0));
    }

    fn take_off(&mut self, other: &Self) {
        self.actions = self.actions.saturating_sub(other.actions);
        self.paid_actions = self.paid_actions.saturating_sub(other.paid_actions);
        self.revenue = Money(self.revenue.0.saturating_sub(other.revenue.0));
        self.payouts = Money(self.payouts.0.saturating_sub(other.payouts.0));
    }
}

/// A moment, and its date in the program's time zone once somebody asks.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    at: Timestamp,
    zone: Zone,
    date: std::cell::OnceCell<NaiveDate>,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, zone: Zone) -> Self {
        Self { at, zone, date: std::cell::OnceCell::new() }
    }

    /// The calendar period of this moment, as the day its first date is in the calendar; 0 for other periods.
    fn period(&self, period: Period) -> i32 {
        match period {
            Period::RollingDays(_) | Period::Contract | Period::Lifetime => 0,
            _ => {
                let date = *self.date.get_or_init(|| self.zone.date(self.at));
                period.start_date(date).unwrap_or(date).num_days_from_ce()
            }
        }
    }
}

/// Everything that keys are made of, for one action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys<'a> {
    pub(crate) action: &'a Action,
    pub(crate) partner: &'a str,
    /// The credited touch's id.
    pub(crate) click: Option<&'a str>,
}

/// Stands between the parts of a key.
const BETWEEN: char = '\u{1f}';
/// Stands before a part's own [`BETWEEN`] or [`ESCAPE`], so that no two lists of parts run together.
const ESCAPE: char = '\u{1e}';

impl Keys<'_> {
    /// Writes the key of a meter into `key`; false when a part of it is not known. `group` is asked for when the
    /// meter is kept by payout group.
    pub(crate) fn write(&self, per: &[Scope], group: Option<&str>, key: &mut String) -> bool {
        key.clear();
        for (n, scope) in per.iter().enumerate() {
            if n > 0 {
                key.push(BETWEEN);
            }
            let part = match scope {
                Scope::Action => Some(self.action.id.as_str()),
                Scope::Order => self.action.order_id.as_deref(),
                Scope::Customer => self.action.customer.id.as_deref(),
                Scope::Click => self.click,
                Scope::Partner => Some(self.partner),
                Scope::Group => group,
                Scope::Program => Some(""),
            };
            let Some(part) = part else { return false };
            if per.len() > 1 && part.contains([BETWEEN, ESCAPE]) {
                for c in part.chars() {
                    if c == BETWEEN || c == ESCAPE {
                        key.push(ESCAPE);
                    }
                    key.push(c);
                }
            } else {
                key.push_str(part);
            }
        }
        true
    }
}

/// What has been counted so far. Made by [`crate::Program::totals`], moved on by [`crate::Program::record`].
#[derive(Clone, Debug, Default)]
pub struct Totals {
    tables: Vec<Table>,
    last: Option<(Timestamp, String)>,
    hasher: RandomState,
}

/// One entry of the totals, for summaries and for comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalEntry {
    /// The meter, by its index in the program's terms.
    pub meter: usize,
    /// The parts of its key in the order of the meter's scopes, with U+001F between them.
    pub key: String,
    /// The first date of the calendar period that the sums are of; `None` for other periods.
    pub since: Option<NaiveDate>,
    /// The sums. Of a rolling period, of every action inside it at the last action of this key.
    pub sums: Sums,
}

/// The keys of one meter and their entries.
#[derive(Clone, Debug)]
struct Table {
    period: Period,
    /// By key: half of its hash, so that growing does not hash every key again, and its number.
    numbers: HashTable<(u32, u32)>,
    /// All keys, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    entries: Vec<Entry>,
    /// For rolling periods: what is inside, by entry.
    windows: Vec<VecDeque<(Timestamp, Sums)>>,
}

fn half_hash(hasher: &RandomState, key: &str) -> u32 {
    u32::try_from(hasher.hash_one(key) >> 32).unwrap_or_default()
}

/// Half a hash over all 64 bits: the table looks at the lowest and the highest of them.
fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    sums: Sums,
    period: i32,
}

impl Table {
    fn new(period: Period) -> Self {
        Self {
            period,
            numbers: HashTable::new(),
            text: String::new(),
            ends: Vec::new(),
            entries: Vec::new(),
            windows: Vec::new(),
        }
    }

    fn key<'k>(text: &'k str, ends: &[usize], number: u32) -> Option<&'k str> {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *ends.get(before)?,
            None => 0,
        };
        text.get(start..*ends.get(number)?)
    }

    fn find(&self, half: u32, key: &str) -> Option<usize> {
        let is_it = |(other, number): &(u32, u32)| {
            *other == half && Self::key(&self.text, &self.ends, *number) == Some(key)
        };
        self.numbers.find(spread(half), is_it).map(|(_, number)| *number as usize)
    }

    fn find_or_add(&mut self, hasher: &RandomState, key: &str) -> usize {
        let half = half_hash(hasher, key);
        if let Some(number) = self.find(half, key) {
            return number;
        }
        let number = self.entries.len();
        self.text.push_str(key);
        self.ends.push(self.text.len());
        self.entries.push(Entry::default());
        if self.period.rolling_seconds().is_some() {
            self.windows.push(VecDeque::new());
        }
        // Four billion keys do not fit into memory long before they do not fit into the number.
        let short = u32::try_from(number).unwrap_or(u32::MAX);
        self.numbers.insert_unique(spread(half), (half, short), |(half, _)| spread(*half));
        number
    }

    fn read(&self, hasher: &RandomState, key: &str, moment: &Moment) -> Sums {
        let Some(number) = self.find(half_hash(hasher, key), key) else { return Sums::default() };
        let Some(entry) = self.entries.get(number) else { return Sums::default() };
        match self.opens(moment.at) {
            Some(opens) => {
                let mut sums = entry.sums;
                for (_, gone) in
                    self.windows.get(number).into_iter().flatten().take_while(|(at, _)| *at <= opens)
                {
                    sums.take_off(gone);
                }
                sums
            }
            None if entry.period == moment.period(self.period) => entry.sums,
            None => Sums::default(),
        }
    }

    fn add(&mut self, hasher: &RandomState, key: &str, moment: &Moment, sums: &Sums) {
        let number = self.find_or_add(hasher, key);
        let opens = self.opens(moment.at);
        let Some(entry) = self.entries.get_mut(number) else { return };
        match (opens, self.windows.get_mut(number)) {
            (Some(opens), Some(window)) => {
                while let Some((_, gone)) = window.pop_front_if(|(at, _)| *at <= opens) {
                    entry.sums.take_off(&gone);
                }
                match window.back_mut() {
                    Some((at, last)) if *at == moment.at => last.add(sums),
                    _ => window.push_back((moment.at, *sums)),
                }
            }
            _ => {
                let period = moment.period(self.period);
                if entry.period != period {
                    *entry = Entry { sums: Sums::default(), period };
                }
            }
        }
        entry.sums.add(sums);
    }

    /// The last moment that is no longer inside a rolling period that ends at `at`.
    fn opens(&self, at: Timestamp) -> Option<Timestamp> {
        let seconds = self.period.rolling_seconds()?;
        // Before the calendar begins there is nothing to drop.
        Some(at.plus(Duration { seconds: -seconds }).unwrap_or(at))
    }
}

impl Totals {
    /// Nothing counted yet.
    pub(crate) fn new(meters: &[Meter]) -> Self {
        Self { tables: meters.iter().map(|meter| Table::new(meter.period)).collect(), ..Self::default() }
    }

    /// The moment and the id of the last action recorded.
    pub fn last(&self) -> Option<(Timestamp, &str)> {
        self.last.as_ref().map(|(at, id)| (*at, id.as_str()))
    }

    /// How many keys are kept in all.
    pub fn len(&self) -> usize {
        self.tables.iter().map(|table| table.entries.len()).sum()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every entry, by meter and key.
    pub fn entries(&self) -> Vec<TotalEntry> {
        let mut all = Vec::with_capacity(self.len());
        for (meter, table) in self.tables.iter().enumerate() {
            for (number, entry) in table.entries.iter().enumerate() {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                all.push(TotalEntry {
                    meter,
                    key: Table::key(&table.text, &table.ends, number).unwrap_or_default().to_owned(),
                    since: (entry.period != 0)
                        .then(|| NaiveDate::from_num_days_from_ce_opt(entry.period))
                        .flatten(),
                    sums: entry.sums,
                });
            }
        }
        all.sort_by(|a, b| (a.meter, &a.key).cmp(&(b.meter, &b.key)));
        all
    }

    /// What a meter has counted under a key in the period of a moment. In a calendar period other than the one it is
    /// in, nothing.
    pub(crate) fn read(&self, meter: usize, key: &str, moment: &Moment) -> Sums {
        self.tables.get(meter).map_or_else(Sums::default, |table| table.read(&self.hasher, key, moment))
    }

    pub(crate) fn add(&mut self, meter: usize, key: &str, moment: &Moment, sums: &Sums) {
        if let Some(table) = self.tables.get_mut(meter) {
            table.add(&self.hasher, key, moment, sums);
        }
    }

    pub(crate) fn set_last(&mut self, at: Timestamp, id: &str) {
        match &mut self.last {
            Some((last_at, last_id)) => {
                *last_at = at;
                last_id.clear();
                last_id.push_str(id);
            }
            None => self.last = Some((at, id.to_owned())),
        }
    }
}

impl PartialEq for Totals {
    fn eq(&self, other: &Self) -> bool {
        self.last == other.last && self.entries() == other.entries()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::new(Timestamp::parse(text).unwrap(), Zone::parse("Europe/Berlin").unwrap())
    }

    fn paid(amount: &str) -> Sums {
        let amount: Money = amount.parse().unwrap();
        Sums { actions: 1, paid_actions: 1, revenue: amount, payouts: amount }
    }

    fn totals(period: Period) -> Totals {
        let meter =
            Meter { contract: None, per: vec![Scope::Partner], period, event_types: Vec::new(), group: None };
        Totals::new(&[meter])
    }

    #[test]
    fn a_calendar_period_begins_at_midnight_of_the_programs_zone() {
        let mut totals = totals(Period::Month);
        totals.add(0, "acme", &at("2026-01-31T22:59:59Z"), &paid("5"));
        assert_eq!(totals.read(0, "acme", &at("2026-01-31T22:59:59.999Z")).actions, 1);
        assert_eq!(totals.read(0, "acme", &at("2026-01-31T23:00:00Z")).actions, 0, "February in Berlin");
        totals.add(0, "acme", &at("2026-01-31T23:00:00Z"), &paid("7"));
        assert_eq!(totals.read(0, "acme", &at("2026-02-15T00:00:00Z")).payouts, "7".parse().unwrap());
        assert_eq!(totals.read(0, "other", &at("2026-02-15T00:00:00Z")), Sums::default());
        assert_eq!(totals.entries()[0].since, chrono::NaiveDate::from_ymd_opt(2026, 2, 1));
    }

    #[test]
    fn a_rolling_period_drops_what_is_exactly_its_length_ago() {
        let mut totals = totals(Period::RollingDays(30));
        totals.add(0, "acme", &at("2026-01-01T00:00:00Z"), &paid("1"));
        totals.add(0, "acme", &at("2026-01-01T00:00:01Z"), &paid("2"));
        totals.add(0, "acme", &at("2026-01-10T00:00:00Z"), &paid("4"));
        let payouts = |totals: &Totals, moment: &str| totals.read(0, "acme", &at(moment)).payouts.to_string();
        assert_eq!(payouts(&totals, "2026-01-30T23:59:59Z"), "7");
        assert_eq!(payouts(&totals, "2026-01-31T00:00:00Z"), "6");
        assert_eq!(payouts(&totals, "2026-01-31T00:00:01Z"), "4");
        totals.add(0, "acme", &at("2026-02-05T00:00:00Z"), &paid("8"));
        assert_eq!(payouts(&totals, "2026-02-05T00:00:00Z"), "12");
        assert_eq!(payouts(&totals, "2027-01-01T00:00:00Z"), "0");
        assert_eq!(totals.tables[0].windows[0].len(), 2, "what is gone is not kept");
    }

    #[test]
    fn many_keys_are_told_apart() {
        let mut totals = totals(Period::Lifetime);
        let moment = at("2026-01-01T00:00:00Z");
        for n in 0..10_000 {
            totals.add(0, &format!("c{}", n % 2_500), &moment, &paid("1"));
        }
        assert_eq!(totals.len(), 2_500);
        assert!(totals.entries().iter().all(|entry| entry.sums.actions == 4));
    }

    #[test]
    fn parts_of_a_key_never_run_together() {
        let action = |order: &str, customer: &str| -> Action {
            serde_json::from_value(serde_json::json!({
                "id": "a", "event_type": "sale", "occurred_at": "2026-01-01T00:00:00Z",
                "order_id": order, "customer": { "id": customer }
            }))
            .unwrap()
        };
        let key = |action: &Action| {
            let mut key = String::new();
            let keys = Keys { action, partner: "p", click: None };
            assert!(keys.write(&[Scope::Order, Scope::Customer], None, &mut key));
            key
        };
        assert_ne!(key(&action("a\u{1f}b", "c")), key(&action("a", "b\u{1f}c")));
        assert_ne!(key(&action("a\u{1e}", "c")), key(&action("a", "\u{1e}c")));
        let mut none = String::new();
        let keys = Keys { action: &action("a", "c"), partner: "p", click: None };
        assert!(!keys.write(&[Scope::Click], None, &mut none), "the touch has no id");
    }

    #[test]
    fn a_sum_that_does_not_fit_stays_used_up() {
        let mut sums = paid("1");
        sums.actions = u32::MAX;
        sums.payouts = Money(rust_decimal::Decimal::MAX);
        sums.add(&paid("100"));
        assert_eq!((sums.actions, sums.payouts.0), (u32::MAX, rust_decimal::Decimal::MAX));
    }
}
