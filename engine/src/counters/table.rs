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

    /// Returns the absolute value of each sum.
    fn magnitude(self) -> Option<Self> {
        Some(Self {
            actions: self.actions.checked_abs()?,
            paid_actions: self.paid_actions.checked_abs()?,
            revenue: Units(self.revenue.0.checked_abs()?),
            payouts: Units(self.payouts.0.checked_abs()?),
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
    /// The number of moments in `movements`.
    moments: usize,
}

/// The movements of one key over rolling days.
///
/// Nearly all movements come in the order of their moments and are added at the end of the first run. A late movement starts a
/// run of its own, and two runs are merged when the second is as long as the first. So there are at most log2(n) runs, adding n
/// movements in any order takes n log n steps, and a read takes a binary search in each run.
#[derive(Clone, Debug)]
struct Movements {
    runs: Vec<Run>,
    /// At least the sum of the absolute values of all movements; `None` if that does not fit, and then there is only one run.
    /// While it fits, the sum of any of the movements fits.
    gross: Option<Kept>,
}

/// Movements in the order of their moments, none of them zero. Each moment has the sum of all movements of the run up to and
/// including it.
#[derive(Clone, Debug, Default)]
struct Run(Vec<(Timestamp, Kept)>);

impl Run {
    /// Returns the sum of the movements before this index.
    fn before(&self, index: usize) -> Kept {
        let last = index.checked_sub(1).and_then(|last| self.0.get(last));
        last.map(|(_, sum)| *sum).unwrap_or_default()
    }

    /// Returns the sum of the movements later than `after`, up to and including `until`.
    fn between(&self, after: Timestamp, until: Timestamp) -> Option<Kept> {
        let sum_at = |at: Timestamp| self.before(self.0.partition_point(|(moment, _)| *moment <= at));
        sum_at(until).plus(sum_at(after).negated()?)
    }

    /// Returns each moment with what moved at it.
    fn each(&self) -> impl Iterator<Item = (Timestamp, Option<Kept>)> + '_ {
        let mut before = Kept::default();
        self.0.iter().map(move |(at, sum)| {
            let moved = before.negated().and_then(|before| sum.plus(before));
            before = *sum;
            (*at, moved)
        })
    }

    /// Adds a movement that is not earlier than the last. Returns `None` and changes nothing if a sum does not fit.
    fn push(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let before = self.before(self.0.len().saturating_sub(1));
        match self.0.last_mut() {
            Some((last, sum)) if *last == at => {
                *sum = sum.plus(moved)?;
                if *sum == before {
                    self.0.pop();
                }
            }
            last => {
                let sum = last.map(|(_, sum)| *sum).unwrap_or_default().plus(moved)?;
                self.0.push((at, sum));
            }
        }
        Some(())
    }

    /// Adds a movement at any moment, in as many steps as there are later moments. Returns `None` and changes nothing if a sum
    /// does not fit.
    fn insert(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let index = self.0.partition_point(|(moment, _)| *moment < at);
        let before = self.before(index);
        let later = self.0.get(index..).unwrap_or_default();
        if later.iter().any(|(_, sum)| sum.plus(moved).is_none()) {
            return None;
        }
        if later.first().is_none_or(|(moment, _)| *moment != at) {
            before.plus(moved)?;
            self.0.insert(index, (at, before));
        }
        for (_, sum) in self.0.iter_mut().skip(index) {
            *sum = sum.plus(moved)?;
        }
        if self.0.get(index).is_some_and(|(_, sum)| *sum == before) {
            self.0.remove(index);
        }
        Some(())
    }

    /// Returns the movements of two runs as one run. Returns `None` if a sum does not fit.
    fn merged(&self, other: &Self) -> Option<Self> {
        let mut merged = Self(Vec::with_capacity(self.0.len().saturating_add(other.0.len())));
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut of_one, mut of_two, mut last) = (Kept::default(), Kept::default(), Kept::default());
        while let Some(at) = [one.peek(), two.peek()].into_iter().flatten().map(|(at, _)| *at).min() {
            if let Some((_, sum)) = one.next_if(|(moment, _)| *moment == at) {
                of_one = *sum;
            }
            if let Some((_, sum)) = two.next_if(|(moment, _)| *moment == at) {
                of_two = *sum;
            }
            let sum = of_one.plus(of_two)?;
            if sum != last {
                merged.0.push((at, sum));
                last = sum;
            }
        }
        Some(merged)
    }
}

impl Default for Movements {
    fn default() -> Self {
        Self { runs: Vec::new(), gross: Some(Kept::default()) }
    }
}

impl Movements {
    /// Returns the number of moments that are kept.
    fn len(&self) -> usize {
        self.runs.iter().map(|run| run.0.len()).sum()
    }

    /// Returns `None` and changes nothing that can be read if a sum does not fit.
    fn add(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let gross = moved.magnitude().and_then(|moved| self.gross?.plus(moved));
        if gross.is_none() {
            return self.add_large(at, moved);
        }
        self.gross = gross;
        match self.runs.first_mut() {
            Some(first) if first.0.last().is_none_or(|(last, _)| *last <= at) => first.push(at, moved),
            _ => {
                let mut run = Run::default();
                run.push(at, moved)?;
                self.runs.push(run);
                self.merge_runs(|longer, shorter| shorter >= longer);
                Some(())
            }
        }
    }

    /// Adds a movement whose sums may not fit, which never happens to the amounts of decisions.
    fn add_large(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        self.merge_runs(|_, _| true);
        if self.runs.is_empty() {
            self.runs.push(Run::default());
        }
        let run = self.runs.first_mut()?;
        run.insert(at, moved)?;
        self.gross =
            run.each().try_fold(Kept::default(), |gross, (_, moved)| gross.plus(moved?.magnitude()?));
        Some(())
    }

    /// Merges the last two runs while their lengths are such.
    fn merge_runs(&mut self, merge: impl Fn(usize, usize) -> bool) {
        while let [.., longer, shorter] = self.runs.as_slice()
            && merge(longer.0.len(), shorter.0.len())
        {
            // Cannot fail: the gross sum fits while there are two runs.
            let Some(merged) = longer.merged(shorter) else { return };
            self.runs.truncate(self.runs.len().saturating_sub(2));
            self.runs.push(merged);
        }
    }

    /// Returns the sum of movements later than `after`, up to and including `until`.
    fn between(&self, after: Timestamp, until: Timestamp) -> Option<Kept> {
        self.runs.iter().try_fold(Kept::default(), |sum, run| sum.plus(run.between(after, until)?))
    }

    /// Returns each moment with what moved at it, in order.
    fn each(&self) -> Vec<(Timestamp, Kept)> {
        let moved = |run: &Run| run.each().filter_map(|(at, moved)| Some((at, moved?))).collect::<Vec<_>>();
        let mut all: Vec<(Timestamp, Kept)> = self.runs.iter().flat_map(moved).collect();
        if self.runs.len() > 1 {
            all.sort_by_key(|(at, _)| *at);
            all.dedup_by(|(at, moved), (kept_at, kept)| {
                let sum = kept.plus(*moved).filter(|_| at == kept_at);
                sum.map(|sum| *kept = sum).is_some()
            });
        }
        all
    }

    /// Drops the movements up to and including `after`. The last dropped moment stays: its running sum is subtracted from those
    /// of later moments.
    fn drop_until(&mut self, after: Timestamp) {
        self.merge_runs(|_, _| true);
        for run in &mut self.runs {
            let gone = run.0.partition_point(|(at, _)| *at <= after);
            run.0.drain(..gone.saturating_sub(1));
        }
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
            moments: 0,
        }
    }

    /// Returns the number of moments that are kept for rolling days.
    pub(super) fn moments(&self) -> usize {
        self.moments
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
            let movements = self.movements.get_mut(number as usize)?;
            let others = self.moments.saturating_sub(movements.len());
            let added = movements.add(moment, moved);
            self.moments = others.saturating_add(movements.len());
            return added;
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
            self.movements.iter_mut().for_each(|movements| movements.drop_until(after));
            self.moments = self.movements.iter().map(Movements::len).sum();
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
                let moved = movements.each().into_iter();
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A read takes a binary search in each run, and adding to a run never moves what stands in it.
    #[test]
    fn there_are_few_runs_whatever_the_order() {
        let moved = Kept { actions: 1, ..Kept::default() };
        let at =
            |n: i64| Timestamp::parse("2026-01-01T00:00:00Z").unwrap().plus(Duration { seconds: n }).unwrap();
        let orders: [fn(i64) -> i64; 4] =
            [|n| n, |n| -n, |n| n * 7_919 % 10_007, |n| if n % 2 == 0 { n } else { -n }];
        for order in orders {
            let (mut movements, mut most) = (Movements::default(), 0);
            for n in 0..10_000 {
                movements.add(at(order(n)), moved).unwrap();
                most = most.max(movements.runs.len());
            }
            assert!(most <= 15, "{most} runs of 10,000 movements");
            assert_eq!(movements.len(), 10_000);
            let halves =
                movements.runs.windows(2).all(|pair| matches!(pair, [a, b] if a.0.len() > b.0.len()));
            assert!(halves, "a run is at least as long as the run before it");
        }
    }
}
