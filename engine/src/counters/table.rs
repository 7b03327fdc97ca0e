//! The sums of one counter by key and period. Sums are whole numbers, so that adding them in any order gives the same result.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Bound;

use chrono::NaiveDate;
use hashbrown::HashTable;
use rust_decimal::Decimal;

use super::id::CounterKey;
use super::posting::{CountedAt, Sums};
use crate::money::Money;
use crate::period::Period;
use crate::time::{Duration, Timestamp};

/// The number of decimals that counted amounts are kept to.
///
/// No currency has more than 4 decimals. A converted amount may have more, and is rounded to these decimals when it is counted.
pub const COUNTED_DECIMALS: u32 = crate::money::MAX_SCALE;

/// One whole unit of a currency, in [`Units`].
const WHOLE: i128 = 10_i128.pow(COUNTED_DECIMALS);

/// A sum of money in units of 10⁻¹² of the currency.
///
/// The amounts of a decision have at most 28 digits in these units, so the sum of ten billion of the largest fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Units(i128);

impl Units {
    /// Returns `None` if the amount is too large or has more than [`COUNTED_DECIMALS`] decimals.
    fn of(money: Money) -> Option<Self> {
        let missing = COUNTED_DECIMALS.checked_sub(money.0.scale());
        let (mantissa, missing) = match missing {
            Some(missing) => (money.0.mantissa(), missing),
            None => {
                let normal = money.0.normalize();
                (normal.mantissa(), COUNTED_DECIMALS.checked_sub(normal.scale())?)
            }
        };
        mantissa.checked_mul(10_i128.checked_pow(missing)?).map(Self)
    }

    /// Returns `None` if the sum has more than the 28 digits of an amount.
    fn money(self) -> Option<Money> {
        // Fast path: nearly all sums are whole cents.
        const CENTS: i128 = 10_i128.pow(COUNTED_DECIMALS - 2);
        if self.0 % CENTS == 0
            && let Ok(cents) = i64::try_from(self.0 / CENTS)
        {
            return Some(Money(Decimal::new(cents, 2)));
        }
        let (mut digits, mut scale) = (self.0, COUNTED_DECIMALS);
        while scale > 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        Decimal::try_from_i128_with_scale(digits, scale).ok().map(Money)
    }
}

/// [`Sums`] in the form in which they are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    actions: i64,
    paid_actions: i64,
    revenue: Units,
    payouts: Units,
}

impl Kept {
    /// Returns `None` if an amount cannot be counted.
    pub(super) fn of(sums: &Sums) -> Option<Self> {
        let Sums { actions, paid_actions, revenue, payouts } = *sums;
        Some(Self { actions, paid_actions, revenue: Units::of(revenue)?, payouts: Units::of(payouts)? })
    }

    /// Returns `None` if an amount has more digits than [`Money`] holds.
    pub(super) fn sums(self) -> Option<Sums> {
        let Self { actions, paid_actions, revenue, payouts } = self;
        Some(Sums { actions, paid_actions, revenue: revenue.money()?, payouts: payouts.money()? })
    }

    /// Returns one or two sums that add up to this sum: two, a whole part and a fraction, if an amount has more digits than
    /// [`Money`] holds.
    pub(super) fn parts(self) -> Vec<Sums> {
        if let Some(sums) = self.sums() {
            return vec![sums];
        }
        let whole = |units: Units| Units(units.0 - units.0 % WHOLE);
        let (revenue, payouts) = (whole(self.revenue), whole(self.payouts));
        let fraction = Self {
            actions: 0,
            paid_actions: 0,
            revenue: Units(self.revenue.0 - revenue.0),
            payouts: Units(self.payouts.0 - payouts.0),
        };
        [Self { revenue, payouts, ..self }, fraction].into_iter().filter_map(Self::sums).collect()
    }

    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            actions: self.actions.checked_add(other.actions)?,
            paid_actions: self.paid_actions.checked_add(other.paid_actions)?,
            revenue: Units(self.revenue.0.checked_add(other.revenue.0)?),
            payouts: Units(self.payouts.0.checked_add(other.payouts.0)?),
        })
    }

    pub(super) fn negated(self) -> Option<Self> {
        Some(Self {
            actions: self.actions.checked_neg()?,
            paid_actions: self.paid_actions.checked_neg()?,
            revenue: Units(self.revenue.0.checked_neg()?),
            payouts: Units(self.payouts.0.checked_neg()?),
        })
    }

    pub(super) fn is_zero(self) -> bool {
        self == Self::default()
    }
}

/// The keys of one counter and what was counted under each key.
///
/// All keys are stored in one text, and the hash table holds only their indices, so that a million customers take some 110 MB.
#[derive(Clone, Debug)]
pub(super) struct Table {
    period: Period,
    hasher: RandomState,
    /// Half of each key's hash, so that growing the table does not hash every key again, and the key's index.
    numbers: HashTable<(u32, u32)>,
    /// All keys, one after the other.
    text: String,
    /// The end of each key in `text`.
    ends: Vec<usize>,
    /// By key: the latest period and its sums.
    latest: Vec<(NaiveDate, Kept)>,
    /// By key and first date: the sums of earlier periods that are open.
    earlier: BTreeMap<(u32, NaiveDate), Kept>,
    /// By key, for rolling days only: every movement.
    movements: Vec<Movements>,
}

/// The movements of one key over rolling days, by moment.
#[derive(Clone, Debug, Default)]
struct Movements {
    /// Each moment with the sum of all movements up to and including it.
    running: Vec<(Timestamp, Kept)>,
}

impl Movements {
    /// Returns `None` and changes nothing if a sum does not fit.
    fn add(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let index = self.running.partition_point(|(moment, _)| *moment < at);
        let later = self.running.get(index..).unwrap_or_default();
        if later.iter().any(|(_, sum)| sum.plus(moved).is_none()) {
            return None;
        }
        let before = index.checked_sub(1).and_then(|last| self.running.get(last));
        let before = before.map(|(_, sum)| *sum).unwrap_or_default();
        if self.running.get(index).is_none_or(|(moment, _)| *moment != at) {
            before.plus(moved)?;
            self.running.insert(index, (at, before));
        }
        for (_, sum) in self.running.iter_mut().skip(index) {
            *sum = sum.plus(moved)?;
        }
        Some(())
    }

    /// Returns the sum of movements later than `after`, up to and including `until`.
    fn between(&self, after: Timestamp, until: Timestamp) -> Option<Kept> {
        let sum_at = |at: Timestamp| {
            let index = self.running.partition_point(|(moment, _)| *moment <= at);
            index
                .checked_sub(1)
                .and_then(|last| self.running.get(last))
                .map(|(_, sum)| *sum)
                .unwrap_or_default()
        };
        sum_at(until).plus(sum_at(after).negated()?)
    }

    fn each(&self) -> impl Iterator<Item = (Timestamp, Option<Kept>)> + '_ {
        let mut before = Kept::default();
        self.running.iter().map(move |(at, sum)| {
            let moved = before.negated().and_then(|before| sum.plus(before));
            before = *sum;
            (*at, moved)
        })
    }
}

impl Table {
    pub(super) fn new(period: Period) -> Self {
        Self {
            period,
            hasher: RandomState::new(),
            numbers: HashTable::new(),
            text: String::new(),
            ends: Vec::new(),
            latest: Vec::new(),
            earlier: BTreeMap::new(),
            movements: Vec::new(),
        }
    }

    /// Returns the number of keys.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns what was counted under a key at this time. For rolling days, `at` is the end of the window.
    ///
    /// Returns `None` if a sum has more digits than an amount may have.
    pub(super) fn read(&self, key: &CounterKey, at: CountedAt) -> Option<Sums> {
        let Some(number) = self.find(self.half_hash(key.as_str()), key.as_str()) else {
            return Some(Sums::default());
        };
        let kept = match at {
            CountedAt::Moment(until) => {
                let seconds = self.period.rolling_seconds().unwrap_or_default();
                match (self.movements.get(number as usize), until.plus(Duration { seconds: -seconds })) {
                    (Some(movements), Some(after)) => movements.between(after, until)?,
                    // The window begins before the calendar does, so no movement is outside it.
                    (Some(movements), None) => movements.between(until, until)?,
                    (None, _) => Kept::default(),
                }
            }
            CountedAt::Period(_) | CountedAt::Always => {
                let from = first_date(at);
                match self.latest.get(number as usize) {
                    Some((date, kept)) if *date == from => *kept,
                    _ => self.earlier.get(&(number, from)).copied().unwrap_or_default(),
                }
            }
        };
        kept.sums()
    }

    /// Adds a movement. Returns `None` and changes nothing if a sum does not fit.
    pub(super) fn add(&mut self, key: &str, at: CountedAt, moved: Kept) -> Option<()> {
        let number = self.find_or_add(key, first_date(at))?;
        if let CountedAt::Moment(moment) = at {
            return self.movements.get_mut(number as usize)?.add(moment, moved);
        }
        let from = first_date(at);
        let (date, latest) = self.latest.get_mut(number as usize)?;
        if *date == from {
            *latest = latest.plus(moved)?;
        } else if from > *date {
            let before = std::mem::replace(latest, moved);
            let earlier = std::mem::replace(date, from);
            if !before.is_zero() {
                self.earlier.insert((number, earlier), before);
            }
        } else {
            let kept = self.earlier.entry((number, from)).or_default();
            *kept = kept.plus(moved)?;
            if kept.is_zero() {
                self.earlier.remove(&(number, from));
            }
        }
        Some(())
    }

    /// Drops the calendar periods that end on this date or before it, and the movements that no open window reaches.
    pub(super) fn close(&mut self, until: NaiveDate, midnight: Timestamp) {
        if let Some(seconds) = self.period.rolling_seconds() {
            let Some(after) = midnight.plus(Duration { seconds: -seconds }) else { return };
            for movements in &mut self.movements {
                let gone = movements.running.partition_point(|(at, _)| *at <= after);
                // The last dropped moment stays: its running sum is subtracted from those of later moments.
                movements.running.drain(..gone.saturating_sub(1));
            }
            return;
        }
        let Some(open) = self.period.start_date(until) else { return };
        self.earlier.retain(|(_, from), _| *from >= open);
        for (from, kept) in &mut self.latest {
            if *from < open {
                *kept = Kept::default();
            }
        }
    }

    /// Returns every key with its sums, sorted by key and then by time, without sums that are zero.
    pub(super) fn entries(&self) -> Vec<(CounterKey, CountedAt, Kept)> {
        let mut entries = Vec::with_capacity(self.latest.len());
        for (number, (from, latest)) in (0u32..).zip(&self.latest) {
            let key = || CounterKey::from_stored(self.key(number).unwrap_or_default());
            if let Some(movements) = self.movements.get(number as usize) {
                let moved = movements.each().filter_map(|(at, moved)| Some((at, moved?)));
                entries.extend(moved.map(|(at, moved)| (key(), CountedAt::Moment(at), moved)));
                continue;
            }
            let of_key =
                (Bound::Included((number, NaiveDate::MIN)), Bound::Included((number, NaiveDate::MAX)));
            for ((_, from), kept) in self.earlier.range(of_key) {
                entries.push((key(), self.counted_at(*from), *kept));
            }
            entries.push((key(), self.counted_at(*from), *latest));
        }
        entries.retain(|(_, _, kept)| !kept.is_zero());
        entries.sort_by(|(a, a_at, _), (b, b_at, _)| (a, a_at).cmp(&(b, b_at)));
        entries
    }

    fn counted_at(&self, from: NaiveDate) -> CountedAt {
        match self.period {
            Period::Contract | Period::Lifetime | Period::RollingDays(_) => CountedAt::Always,
            _ => CountedAt::Period(from),
        }
    }

    fn half_hash(&self, key: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(key) >> 32).unwrap_or_default()
    }

    fn key(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(number)?)
    }

    fn find(&self, half: u32, key: &str) -> Option<u32> {
        let is_it = |(other, number): &(u32, u32)| *other == half && self.key(*number) == Some(key);
        self.numbers.find(spread(half), is_it).map(|(_, number)| *number)
    }

    fn find_or_add(&mut self, key: &str, from: NaiveDate) -> Option<u32> {
        let half = self.half_hash(key);
        if let Some(number) = self.find(half, key) {
            return Some(number);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(key);
        self.ends.push(self.text.len());
        self.latest.push((from, Kept::default()));
        if self.period.rolling_seconds().is_some() {
            self.movements.push(Movements::default());
        }
        self.numbers.insert_unique(spread(half), (half, number), |(half, _)| spread(*half));
        Some(number)
    }
}

/// Returns the first date of the period; the same date for everything that has no calendar period.
fn first_date(at: CountedAt) -> NaiveDate {
    match at {
        CountedAt::Period(from) => from,
        CountedAt::Moment(_) | CountedAt::Always => NaiveDate::MIN,
    }
}

/// Spreads half a hash over all 64 bits, because the table reads its lowest and highest bits.
fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
