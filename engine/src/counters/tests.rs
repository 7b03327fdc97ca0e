#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::*;
use crate::money::Money;
use crate::time::{Timestamp, Zone};

const MONTHLY: &str = "shop contract=a per=partner period=month currency=EUR";
const ROLLING: &str = "shop contract=a per=partner period=30-days currency=EUR";

fn zone() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn paid(amount: &str) -> Sums {
    let amount: Money = amount.parse().unwrap();
    Sums { actions: 1, paid_actions: 1, units: 2, revenue: amount, payouts: amount, payable: amount }
}

fn posting(counter: &str, key: &str, at: &str, amount: &str, counters: &Counters) -> Posting {
    let counter = CounterId::parse(counter).unwrap();
    let at = Moment::new(moment(at), zone(), counters).counted_at(&counter);
    Posting { counter, key: CounterKey::new([key]), at, distinct: None, sums: paid(amount) }
}

fn payouts(counters: &Counters, counter: &str, at: &str) -> String {
    let counter = CounterId::parse(counter).unwrap();
    let at = Moment::new(moment(at), zone(), counters).counted_at(&counter);
    counters.read(&counter, &CounterKey::new(["acme"]), at).unwrap().payouts.to_string()
}

fn add(counters: &mut Counters, counter: &str, at: &str, amount: &str) {
    let posting = posting(counter, "acme", at, amount, counters);
    counters.apply(&[posting]).unwrap();
}

#[test]
fn a_calendar_period_begins_at_midnight_of_the_programs_zone_and_each_keeps_its_sums() {
    let mut counters = Counters::new("shop");
    add(&mut counters, MONTHLY, "2026-01-31T23:00:00Z", "7");
    // An action that arrives late counts in the period that it occurred in.
    add(&mut counters, MONTHLY, "2026-01-31T22:59:59Z", "5");
    assert_eq!(payouts(&counters, MONTHLY, "2026-01-15T00:00:00Z"), "5");
    assert_eq!(payouts(&counters, MONTHLY, "2026-02-15T00:00:00Z"), "7", "February in Berlin");
    assert_eq!(payouts(&counters, MONTHLY, "2026-03-15T00:00:00Z"), "0");
}

#[test]
fn a_closed_period_counts_in_the_first_open_one() {
    let mut counters = Counters::new("shop");
    add(&mut counters, MONTHLY, "2026-01-10T00:00:00Z", "5");
    let before = posting(MONTHLY, "acme", "2026-01-20T00:00:00Z", "1", &counters);
    counters.close(date("2026-02-01"), zone(), BTreeMap::new(), |_| None);
    let moment = Moment::new(moment("2026-01-20T00:00:00Z"), zone(), &counters);
    assert!(moment.is_closed(&CounterId::parse(MONTHLY).unwrap()));
    assert!(!moment.is_closed(&CounterId::parse("shop per=partner period=year currency=EUR").unwrap()));
    assert_eq!(payouts(&counters, MONTHLY, "2026-01-20T00:00:00Z"), "0", "January is dropped");
    // Decided before the close, applied after it.
    counters.apply(&[before]).unwrap();
    add(&mut counters, MONTHLY, "2026-01-20T00:00:00Z", "2");
    assert_eq!(payouts(&counters, MONTHLY, "2026-02-20T00:00:00Z"), "3");
}

#[test]
fn rolling_days_hold_what_is_inside_them_in_any_order() {
    let mut counters = Counters::new("shop");
    for (at, amount) in
        [("2026-01-10T00:00:00Z", "4"), ("2026-01-01T00:00:01Z", "2"), ("2026-01-01T00:00:00Z", "1")]
    {
        add(&mut counters, ROLLING, at, amount);
    }
    assert_eq!(payouts(&counters, ROLLING, "2026-01-30T23:59:59Z"), "7");
    assert_eq!(payouts(&counters, ROLLING, "2026-01-31T00:00:00Z"), "6");
    assert_eq!(payouts(&counters, ROLLING, "2026-01-31T00:00:01Z"), "4");
    assert_eq!(payouts(&counters, ROLLING, "2026-01-05T00:00:00Z"), "3", "nothing that came later");
    assert_eq!(payouts(&counters, ROLLING, "2027-01-01T00:00:00Z"), "0");
    counters.close(date("2026-02-05"), zone(), BTreeMap::new(), |_| None);
    assert_eq!(payouts(&counters, ROLLING, "2026-02-05T00:00:00Z"), "4");
    assert_eq!(counters.entries().len(), 2, "of what no open window reaches, one sum is left");
}

#[test]
fn postings_are_applied_all_or_none() {
    let mut counters = Counters::new("shop");
    add(&mut counters, MONTHLY, "2026-01-10T00:00:00Z", "5");
    let before = counters.clone();
    let good = posting(MONTHLY, "acme", "2026-01-10T00:00:00Z", "1", &counters);
    let foreign = CounterId::parse("other per=partner period=month currency=EUR").unwrap();
    let error = counters.apply(&[good.clone(), Posting { counter: foreign, ..good.clone() }]).unwrap_err();
    assert_eq!(error.to_string(), "these are counters of program `shop`, not of `other`");
    assert_eq!(counters, before);
    let too_exact = Sums { revenue: "0.1234567890123".parse().unwrap_or_default(), ..Sums::default() };
    let too_exact = Sums { revenue: Money(rust_decimal::Decimal::new(1, 13)), ..too_exact };
    assert!(counters.apply(&[good.clone(), Posting { sums: too_exact, ..good.clone() }]).is_err());
    let other = Posting { at: CountedAt::Always, ..good.clone() };
    assert!(matches!(counters.apply(&[good, other]), Err(CounterError::OtherPeriod { .. })));
    assert_eq!(counters, before);
}

#[test]
fn what_is_reverted_is_gone() {
    let mut counters = Counters::new("shop");
    let all = [
        posting(MONTHLY, "acme", "2026-01-10T00:00:00Z", "5", &counters),
        posting(MONTHLY, "acme", "2026-02-10T00:00:00Z", "5.25", &counters),
        posting(ROLLING, "acme", "2026-02-10T00:00:00Z", "79228162514264337593543950335", &counters),
        posting(ROLLING, "acme", "2026-02-10T00:00:00Z", "-79228162514264337593543950335", &counters),
    ];
    assert!(matches!(counters.apply(&all), Err(CounterError::DoesNotFit { .. })));
    counters.apply(&all[..2]).unwrap();
    counters.revert(&all[..2]).unwrap();
    assert!(counters.is_empty());
    assert_eq!(counters, Counters::new("shop"));
}

#[test]
fn a_refused_posting_leaves_full_counters_as_they_were() {
    let mut counters = Counters::new("shop");
    let of = |counters: &Counters, actions| {
        let posting = posting(MONTHLY, "acme", "2026-01-10T00:00:00Z", "0", counters);
        Posting { sums: Sums { actions, ..Sums::default() }, ..posting }
    };
    let full = of(&counters, i64::MAX);
    counters.apply(&[full]).unwrap();
    let before = counters.clone();
    let (less, more) = (of(&counters, -5), of(&counters, 5));
    let foreign = CounterId::parse("other per=partner period=month currency=EUR").unwrap();
    let foreign = Posting { counter: foreign, ..less.clone() };
    assert!(matches!(counters.apply(&[less, more, foreign]), Err(CounterError::ForeignCounters { .. })));
    assert_eq!(counters, before);
}

#[test]
fn many_keys_are_told_apart() {
    let mut counters = Counters::new("shop");
    for n in 0..10_000 {
        let posting = posting(MONTHLY, &format!("c{}", n % 2_500), "2026-01-01T12:00:00Z", "1", &counters);
        counters.apply(&[posting]).unwrap();
    }
    assert_eq!(counters.len(), 2_500);
    assert!(counters.entries().iter().all(|entry| entry.sums.actions == 4));
}

#[test]
fn a_snapshot_of_another_version_is_refused() {
    let mut snapshot = Counters::new("shop").snapshot();
    snapshot.accrue_counters = 1;
    let error = Counters::restore(snapshot).unwrap_err().to_string();
    assert_eq!(error, "these counters are saved in version 1 of the format; this engine reads version 2");
}

#[test]
fn a_sum_of_more_digits_than_an_amount_may_have_is_saved_whole() {
    let mut counters = Counters::new("shop");
    for amount in ["14160000000000000000000", "0.000000000001"] {
        add(&mut counters, MONTHLY, "2026-01-01T12:00:00Z", amount);
    }
    assert_eq!(counters.entries().len(), 2);
    assert_eq!(Counters::restore(counters.snapshot()).unwrap(), counters);
}

/// A generator of the same numbers everywhere.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

fn after(seconds: usize) -> crate::time::Duration {
    crate::time::Duration { seconds: i64::try_from(seconds).unwrap() }
}

fn rolling(key: &str, second: usize, sums: Sums) -> Posting {
    let at = moment("2026-01-01T00:00:00Z").plus(after(second)).unwrap();
    let counter = CounterId::parse(ROLLING).unwrap();
    Posting { counter, key: CounterKey::new([key]), at: CountedAt::Moment(at), distinct: None, sums }
}

/// The worst order is the reverse one: each movement comes before all that there are.
#[test]
fn movements_in_any_order_cost_the_same_and_are_the_same_counters() {
    const COUNT: usize = 20_000;
    let postings: Vec<Posting> = (0..COUNT).map(|n| rolling("acme", n * 60, paid("0.01"))).collect();
    let counted = |postings: &mut dyn Iterator<Item = &Posting>| {
        let mut counters = Counters::new("shop");
        postings.for_each(|posting| counters.apply(std::slice::from_ref(posting)).unwrap());
        counters
    };
    let rising = counted(&mut postings.iter());
    let falling = counted(&mut postings.iter().rev());
    let mut state = 5;
    let mut mixed = postings.clone();
    for last in (1..COUNT).rev() {
        mixed.swap(last, next(&mut state) % (last + 1));
    }
    let mixed = counted(&mut mixed.iter());
    // Reading changes nothing, so what has left the window is still there, and costs nothing.
    let (id, key) = (CounterId::parse(ROLLING).unwrap(), CounterKey::new(["acme"]));
    for counters in [&rising, &falling, &mixed] {
        for n in 0..COUNT {
            let later = after((COUNT + 30 * 1_440 + n) * 60);
            let at = CountedAt::Moment(moment("2026-01-01T00:00:00Z").plus(later).unwrap());
            assert_eq!(counters.read(&id, &key, at).unwrap(), Sums::default());
        }
    }
    assert_eq!(rising, falling);
    assert_eq!(rising, mixed);
    let restored = Counters::restore(mixed.snapshot()).unwrap();
    assert_eq!(restored, rising);
    assert_eq!((mixed.rolling_movements(), restored.rolling_movements()), (COUNT, COUNT));
}

#[test]
fn movements_are_read_as_if_each_was_summed() {
    let (id, mut state) = (CounterId::parse(ROLLING).unwrap(), 3);
    let mut counters = Counters::new("shop");
    let mut applied: Vec<Posting> = Vec::new();
    for round in 0..3_000 {
        if next(&mut state).is_multiple_of(3) && !applied.is_empty() {
            let gone = applied.swap_remove(next(&mut state) % applied.len());
            counters.revert(&[gone]).unwrap();
        } else {
            let key = ["acme", "zeta"][next(&mut state) % 2];
            let late =
                if next(&mut state).is_multiple_of(2) { next(&mut state) % (round * 4_000 + 1) } else { 0 };
            let second = (round * 4_000 - late) / 9_000 * 9_000;
            let posting = rolling(key, second, paid(&format!("{}.5", next(&mut state) % 90)));
            counters.apply(std::slice::from_ref(&posting)).unwrap();
            applied.push(posting);
        }
        let until = moment("2026-01-01T00:00:00Z");
        let until = until.plus(after(next(&mut state) % (round * 5_000 + 1))).unwrap();
        let begins = until.plus(crate::time::Duration { seconds: -30 * 86_400 }).unwrap();
        let inside = |posting: &&Posting| {
            let CountedAt::Moment(at) = posting.at else { return false };
            posting.key == CounterKey::new(["acme"]) && begins < at && at <= until
        };
        let expected = Money::sum(applied.iter().filter(inside).map(|posting| posting.sums.payouts)).unwrap();
        let found = counters.read(&id, &CounterKey::new(["acme"]), CountedAt::Moment(until)).unwrap();
        assert_eq!(found.payouts, expected, "round {round}");
        assert_eq!(found.actions, i64::try_from(applied.iter().filter(inside).count()).unwrap());
    }
    let split = counters.split(3, |_, key| key.parts().concat().len());
    let mut merged = Counters::new("shop");
    for part in split.iter().rev() {
        merged.merge(part).unwrap();
    }
    assert_eq!(merged, counters);
    let fresh = {
        let mut fresh = Counters::new("shop");
        applied.iter().for_each(|posting| fresh.apply(std::slice::from_ref(posting)).unwrap());
        fresh
    };
    assert_eq!(fresh, counters, "what was reverted is gone");
    let (mut closed, mut other) = (counters, fresh);
    closed.close(date("2026-05-01"), zone(), BTreeMap::new(), |_| None);
    other.close(date("2026-05-01"), zone(), BTreeMap::new(), |_| None);
    assert_eq!(closed, other, "however they were counted");
    assert_eq!(closed.rolling_movements(), closed.entries().len());
    applied.iter().for_each(|posting| drop(closed.revert(std::slice::from_ref(posting))));
}

#[test]
fn movements_that_do_not_fit_change_nothing() {
    let of = |second, actions| rolling("acme", second, Sums { actions, ..Sums::default() });
    let mut counters = Counters::new("shop");
    // Out of order, so that there are several runs.
    for second in [9, 3, 7, 1, 8, 2] {
        counters.apply(&[of(second, i64::MAX / 7)]).unwrap();
    }
    let before = counters.clone();
    let foreign = CounterId::parse("other per=partner period=30-days currency=EUR").unwrap();
    let refused = [of(5, i64::MAX / 7), of(4, -3), Posting { counter: foreign, ..of(0, 1) }];
    assert!(matches!(counters.apply(&refused), Err(CounterError::ForeignCounters { .. })));
    assert_eq!(counters, before);
    let refused = [of(5, i64::MAX / 7), of(4, i64::MAX / 7), of(6, i64::MAX / 7)];
    assert!(matches!(counters.apply(&refused), Err(CounterError::DoesNotFit { .. })));
    assert_eq!(counters, before);
    // Sums beyond the range of what moved in all, but not of what stands at any moment.
    for turn in [-1, 1, -1, 1] {
        counters.apply(&[of(5, turn * (i64::MAX / 2))]).unwrap();
    }
    assert_eq!(counters, before);
    for second in [1, 2, 3, 7, 8, 9] {
        counters.revert(&[of(second, i64::MAX / 7)]).unwrap();
    }
    assert!(counters.is_empty() && counters.rolling_movements() == 0);
}

const CUSTOMERS: &str = "shop contract=a per=partner period=month distinct=customer currency=EUR";

/// Returns a posting of one action of a customer; `None` for an action without one.
fn of_customer(key: &str, at: &str, customer: Option<&str>) -> Posting {
    let posting = posting(CUSTOMERS, key, at, "1", &Counters::new("shop"));
    Posting { distinct: customer.map(str::to_owned), ..posting }
}

fn customers(counters: &Counters, key: &str, from: &str) -> u32 {
    let counter = CounterId::parse(CUSTOMERS).unwrap();
    let at = CountedAt::Period(date(from));
    counters.distinct(&counter, &CounterKey::new([key]), at, None).0
}

#[test]
fn a_value_is_gone_with_its_last_action_only() {
    let mut counters = Counters::new("shop");
    let of = |customer| of_customer("acme", "2026-01-10T00:00:00Z", customer);
    counters.apply(&[of(Some("ann")), of(Some("ann")), of(Some("bob")), of(None)]).unwrap();
    assert_eq!(customers(&counters, "acme", "2026-01-01"), 2);
    let (counter, at) = (CounterId::parse(CUSTOMERS).unwrap(), CountedAt::Period(date("2026-01-01")));
    let asked = |who| counters.distinct(&counter, &CounterKey::new(["acme"]), at, Some(who)).1;
    assert!(asked("ann") && !asked("eve"));
    let sums = counters.read(&counter, &CounterKey::new(["acme"]), at).unwrap();
    assert_eq!((sums.actions, sums.units), (4, 8));
    counters.revert(&[of(Some("ann"))]).unwrap();
    assert_eq!(customers(&counters, "acme", "2026-01-01"), 2);
    counters.revert(&[of(Some("ann")), of(None)]).unwrap();
    assert_eq!(customers(&counters, "acme", "2026-01-01"), 1);
    counters.revert(&[of(Some("bob"))]).unwrap();
    assert!(counters.is_empty() && counters.distinct_counts() == 0);
    let plain = Posting { counter: CounterId::parse(MONTHLY).unwrap(), ..of(Some("ann")) };
    assert!(matches!(counters.apply(&[plain]), Err(CounterError::NotDistinct { .. })));
}

/// Distinct values are exact in any order, split and merged, saved and restored.
#[test]
fn distinct_values_are_counted_in_any_order() {
    let mut state = 11;
    let (mut counters, mut applied): (Counters, Vec<Posting>) = (Counters::new("shop"), Vec::new());
    for _ in 0..2_000 {
        let key = ["acme", "zeta"][next(&mut state) % 2];
        let at = format!("2026-0{}-15T00:00:00Z", next(&mut state) % 3 + 1);
        let customer = ["ann", "bob", "eve", "joe"].get(next(&mut state) % 5).copied();
        let posting = of_customer(key, &at, customer);
        // Taking back may come before recording.
        let posting = if next(&mut state).is_multiple_of(3) { posting.inverse() } else { posting };
        counters.apply(std::slice::from_ref(&posting)).unwrap();
        applied.push(posting);
    }
    let mut actions = std::collections::BTreeMap::<_, i64>::new();
    for Posting { key, at, distinct, sums, .. } in &applied {
        *actions.entry((key.parts().concat(), *at, distinct.clone())).or_default() += sums.actions;
    }
    for key in ["acme", "zeta"] {
        for from in ["2026-01-01", "2026-02-01", "2026-03-01"] {
            let at = CountedAt::Period(date(from));
            let own = actions.iter().filter(|((of, when, value), count)| {
                (of.as_str(), *when) == (key, at) && value.is_some() && **count > 0
            });
            assert_eq!(customers(&counters, key, from) as usize, own.count(), "{key} {from}");
        }
    }
    let mut other = Counters::new("shop");
    applied.iter().rev().for_each(|posting| other.apply(std::slice::from_ref(posting)).unwrap());
    assert_eq!(counters, other);
    let mut merged = Counters::new("shop");
    for part in counters.split(2, |_, key| usize::from(key.parts().concat() == "acme")) {
        merged.merge(&part).unwrap();
    }
    let restored = Counters::restore(counters.snapshot()).unwrap();
    for same in [&merged, &restored] {
        assert_eq!((same, same.distinct_counts()), (&counters, counters.distinct_counts()));
        assert_eq!(customers(same, "acme", "2026-02-01"), customers(&counters, "acme", "2026-02-01"));
    }
    applied.iter().for_each(|posting| counters.revert(std::slice::from_ref(posting)).unwrap());
    assert!(counters.is_empty() && counters.distinct_counts() == 0);
}

#[test]
fn closed_periods_are_kept_while_they_are_read() {
    let mut counters = Counters::new("shop");
    for month in 1..=4 {
        add(&mut counters, MONTHLY, &format!("2026-0{month}-10T00:00:00Z"), &format!("{month}"));
        counters.apply(&[of_customer("acme", &format!("2026-0{month}-10T00:00:00Z"), Some("ann"))]).unwrap();
    }
    let read = StillRead { back: 1, named: [date("2026-01-01")].into(), ..StillRead::default() };
    let monthly = CounterId::parse(MONTHLY).unwrap();
    let still_read = |id: &CounterId| (*id == monthly).then_some(&read);
    counters.close(date("2026-04-01"), zone(), BTreeMap::new(), still_read);
    let left = |counters: &Counters, counter: &str| -> Vec<String> {
        let counter = CounterId::parse(counter).unwrap();
        let periods = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"].into_iter();
        let read = |from| counters.read(&counter, &CounterKey::new(["acme"]), CountedAt::Period(date(from)));
        periods.map(|from| read(from).unwrap().payouts.to_string()).collect()
    };
    assert_eq!(left(&counters, MONTHLY), ["1", "0", "3", "4"]);
    assert_eq!(left(&counters, CUSTOMERS), ["0", "0", "0", "1"]);
    assert_eq!(customers(&counters, "acme", "2026-03-01"), 0);
    assert_eq!(customers(&counters, "acme", "2026-04-01"), 1);
    // A closed period stays as it was, also in counters that are restored or merged.
    let restored = Counters::restore(counters.snapshot()).unwrap();
    assert_eq!(restored, counters);
    let mut merged = Counters::new("shop");
    add(&mut merged, MONTHLY, "2026-03-10T00:00:00Z", "7");
    let mut both = counters.clone();
    both.merge(&merged).unwrap();
    merged.merge(&counters).unwrap();
    assert_eq!((&both, left(&both, MONTHLY)), (&merged, ["1", "0", "3", "11"].map(str::to_owned).to_vec()));
    counters.close(date("2026-05-01"), zone(), BTreeMap::new(), still_read);
    assert_eq!(left(&counters, MONTHLY), ["1", "0", "0", "4"]);
}

#[test]
fn a_counter_may_stay_open_longer_than_the_others() {
    let mut counters = Counters::new("shop");
    let id = CounterId::parse(MONTHLY).unwrap();
    add(&mut counters, MONTHLY, "2026-01-10T00:00:00Z", "5");
    let longer = |date| BTreeMap::from([(id.clone(), date)]);
    counters.close(date("2026-02-01"), zone(), longer(date("2026-01-01")), |_| None);
    // What comes late counts in its own period, before and after a restart.
    add(&mut counters, MONTHLY, "2026-01-20T00:00:00Z", "-2");
    assert_eq!(payouts(&counters, MONTHLY, "2026-01-20T00:00:00Z"), "3");
    let mut restored = Counters::restore(counters.snapshot()).unwrap();
    assert_eq!(restored, counters);
    let parts = restored.split(2, |_, _| 1);
    let [one, mut other] = parts.try_into().unwrap();
    other.merge(&one).unwrap();
    assert_eq!(other, counters);
    restored.close(date("2026-03-01"), zone(), longer(date("2026-02-01")), |_| None);
    add(&mut restored, MONTHLY, "2026-01-21T00:00:00Z", "4");
    assert_eq!(
        payouts(&restored, MONTHLY, "2026-01-21T00:00:00Z"),
        "4",
        "in February, the first that is open"
    );
    // What is closed stays closed.
    restored.close(date("2026-04-01"), zone(), longer(date("2026-01-01")), |_| None);
    assert_eq!(restored.closed(&id), Some(date("2026-02-01")));
    restored.close(date("2026-05-01"), zone(), BTreeMap::new(), |_| None);
    assert_eq!(restored.closed(&id), Some(date("2026-05-01")));
}
