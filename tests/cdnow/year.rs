//! A year of the history with a split between two partners, returns and quarterly bonuses, computed twice: by the engine, event by event
//! with closes and adjustments, and by straight-line code in whole numbers. Both must agree to the cent, per partner and quarter.

use std::collections::BTreeMap;

use accrue::facts::{Adjustment, AdjustmentKind, TouchKind};
use accrue::money::Money;
use accrue::time::{Timestamp, Zone};
use accrue::{Action, Decision, Engine, Options, Reference, Source, facts};
use accrue_tests::folder::root;
use chrono::{Datelike as _, Days, NaiveDate};
use rust_decimal::Decimal;

use super::{PROGRAM, cents};

/// One order in this many is returned, this many days later.
const RETURNED: usize = 20;
const DAYS_LATER: u64 = 40;

/// The partners who open a path, by the customer.
const OPENERS: [&str; 3] = ["radio-one", "band-forum", "city-guide"];

const CONTRACT: &str = r#"
contract = "shared"
version = 1
effective_from = 1997-01-01

[credit]
policy = "positions"
positions = ["40%", "60%"]
windows = { click = "90 days" }

[totals.quarter]
per = ["partner"]
period = "quarter"

[payout.default]
rate = "5%"

[[bonuses]]
name = "quarterly"
period = "quarter"
measure = 'totals.quarter.revenue.at_close'
threshold = "reaches"
scope = "marginal"
after_close = "recompute"
tiers = [{ from = "5000", rate = "1%" }, { from = "20000", rate = "2%" }]
"#;

/// A purchase of 1997.
struct Order {
    id: String,
    at: Timestamp,
    date: NaiveDate,
    cents: u64,
    /// The partners of the path, one or two.
    partners: Vec<String>,
    is_returned: bool,
}

fn orders() -> Vec<Order> {
    let file = std::fs::read(root().join(PROGRAM).join("actions/actions.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (id, at, amount, customer, partner) = (
        column("id"),
        column("occurred_at"),
        column("amount"),
        column("customer.id"),
        column("touch.partner"),
    );
    let mut orders = Vec::new();
    for record in reader.records().map(Result::unwrap).filter(|record| record[at].starts_with("1997")) {
        let opener = OPENERS[record[customer].parse::<usize>().unwrap() % OPENERS.len()];
        let mut partners = vec![opener.to_owned(), record[partner].to_owned()];
        partners.dedup();
        let is_returned = (orders.len() + 1).is_multiple_of(RETURNED);
        orders.push(Order {
            id: record[id].to_owned(),
            at: Timestamp::parse(&record[at]).unwrap(),
            date: record[at][..10].parse().unwrap(),
            cents: cents(&record[amount]),
            partners,
            is_returned,
        });
    }
    orders
}

/// By partner and quarter: what orders pay, and the bonus, in cents.
type Quarters = BTreeMap<(String, u32), [u64; 2]>;

fn quarter(date: NaiveDate) -> u32 {
    date.month0() / 3 + 1
}

fn by_hand(orders: &[Order]) -> Quarters {
    // What is left, in hundredths of a cent.
    let mut revenue: BTreeMap<(String, u32), u64> = BTreeMap::new();
    let mut quarters = Quarters::new();
    for order in orders.iter().filter(|order| !order.is_returned) {
        let parts: &[u64] = if order.partners.len() == 1 { &[100] } else { &[40, 60] };
        // The whole is rounded once. Shares are cut to cents, and the cent that is left goes to the share that lost most.
        let whole = (order.cents * 5 + 50) / 100;
        let exact: Vec<u64> = parts.iter().map(|part| order.cents * 5 * part).collect();
        let mut paid: Vec<u64> = exact.iter().map(|exact| exact / 10_000).collect();
        let mut by_loss: Vec<usize> = (0..parts.len()).collect();
        by_loss.sort_by_key(|n| (std::cmp::Reverse(exact[*n] % 10_000), *n));
        let left = whole.checked_sub(paid.iter().sum()).unwrap();
        by_loss.into_iter().cycle().take(usize::try_from(left).unwrap()).for_each(|n| paid[n] += 1);
        for ((partner, part), paid) in order.partners.iter().zip(parts).zip(paid) {
            let key = (partner.clone(), quarter(order.date));
            *revenue.entry(key.clone()).or_default() += order.cents * part;
            quarters.entry(key).or_default()[0] += paid;
        }
    }
    for (key, revenue) in revenue {
        let (first, second) = (5_000 * 10_000, 20_000 * 10_000);
        let one = revenue.min(second).saturating_sub(first);
        let two = revenue.saturating_sub(second);
        // Percent of hundredths of a cent are ten-thousandths of a cent; half a cent rounds up.
        quarters.entry(key).or_default()[1] = (one + two * 2 + 5_000) / 10_000;
    }
    quarters
}

/// What happens to an order.
enum Event<'o> {
    Close(NaiveDate),
    Order(&'o Order),
    Return(&'o Order, Timestamp),
}

fn events(orders: &[Order]) -> Vec<(Timestamp, Event<'_>)> {
    let start = |date: NaiveDate| Zone::UTC.start_of(date);
    let mut events: Vec<(Timestamp, Event<'_>)> = Vec::new();
    for month in [(1997, 4), (1997, 7), (1997, 10), (1998, 1), (1998, 4)] {
        let until = NaiveDate::from_ymd_opt(month.0, month.1, 1).unwrap();
        events.push((start(until), Event::Close(until)));
    }
    for order in orders {
        events.push((order.at, Event::Order(order)));
        if order.is_returned {
            let at = start(order.date + Days::new(DAYS_LATER));
            events.push((at, Event::Return(order, at)));
        }
    }
    events.sort_by_key(|(at, event)| (*at, matches!(event, Event::Return(..))));
    events
}

fn whole_cents(money: Money) -> u64 {
    let cents = money.0 * Decimal::ONE_HUNDRED;
    assert!(cents.fract().is_zero(), "{money} is not whole cents");
    u64::try_from(cents).unwrap()
}

fn action(order: &Order) -> Action {
    let mut action = Action::new(&order.id, "sale", order.at);
    action.amount = Some(Money(Decimal::new(i64::try_from(order.cents).unwrap(), 2)));
    let touched = order.partners.iter().zip([20, 1]);
    let touch = |(partner, days): (&String, u64)| {
        let at = Zone::UTC.start_of(order.date - Days::new(days));
        facts::Touch::new(partner, at, TouchKind::Click)
    };
    action.touches = touched.map(touch).collect();
    action
}

/// Also returns how many bonuses were computed again.
fn by_engine(orders: &[Order]) -> (Quarters, usize) {
    let program = "id = \"year\"\nname = \"Year\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n";
    let source = Source::from_files([("program.toml", program), ("contracts/shared.toml", CONTRACT)]);
    let program = Engine::default().load(&source).unwrap_or_else(|faults| panic!("{faults}"));
    let (reference, mut counters) = (Reference::default(), program.counters());
    let mut standing: BTreeMap<&str, (Action, Decision)> = BTreeMap::new();
    let mut bonuses: BTreeMap<String, Decision> = BTreeMap::new();
    let mut again = 0;
    for (_, event) in events(orders) {
        match event {
            Event::Close(until) => {
                for bonus in program.close(until, &reference, &counters).unwrap() {
                    counters.apply(&bonus.postings).unwrap();
                    again += usize::from(bonuses.insert(bonus.action.clone(), bonus).is_some());
                }
                program.close_periods(&mut counters, until).unwrap();
            }
            Event::Order(order) => {
                let action = action(order);
                let decision = program.decide(&action, &reference, &counters, Options::default()).unwrap();
                counters.apply(&decision.postings).unwrap();
                standing.insert(&order.id, (action, decision));
            }
            Event::Return(order, at) => {
                let (action, decision) = &standing[order.id.as_str()];
                let reversal =
                    Adjustment::new(format!("return-{}", order.id), &order.id, AdjustmentKind::Reversal, at);
                let adjusted = program
                    .adjust(&reversal, (action, decision), &reference, &counters, Options::default())
                    .unwrap();
                counters.apply(&adjusted.decision.postings).unwrap();
                standing.insert(&order.id, (adjusted.action, adjusted.decision));
            }
        }
    }
    let mut quarters = Quarters::new();
    for (_, decision) in standing.values() {
        let quarter = quarter(Zone::UTC.date(decision.occurred_at));
        for award in &decision.awards {
            let sums = quarters.entry((award.partner.clone(), quarter)).or_default();
            sums[0] += whole_cents(award.payout);
        }
    }
    for bonus in bonuses.values() {
        let award = &bonus.awards[0];
        let quarter = quarter(bonus.bonus.as_ref().unwrap().from);
        quarters.entry((award.partner.clone(), quarter)).or_default()[1] += whole_cents(award.payout);
    }
    quarters.retain(|_, sums| *sums != [0, 0]);
    (quarters, again)
}

#[test]
fn a_year_with_splits_returns_and_quarterly_bonuses_agrees_to_the_cent() {
    let orders = orders();
    assert!(orders.len() > 40_000, "{}", orders.len());
    let mut expected = by_hand(&orders);
    expected.retain(|_, sums| *sums != [0, 0]);
    let (found, again) = by_engine(&orders);
    assert_eq!(found, expected);
    let paid = expected.values().filter(|[_, bonus]| *bonus > 0).count();
    // Returns after the close of their quarter change bonuses that were paid.
    assert!(paid >= 8 && again >= 4, "{paid} bonuses, {again} computed again");
}
