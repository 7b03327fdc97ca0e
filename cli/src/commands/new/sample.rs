//! Generates sample actions, in order, for the program that `accrue new` makes.
//!
//! The same count and seed give the same bytes on every machine: all arithmetic is in whole numbers, and SplitMix64 is
//! written out here, since the numbers of a library may change.

use accrue::facts::TouchKind;
use accrue::time::Timestamp;
use serde::{Serialize, Serializer};

/// The first moment of the sample, 2026-01-01T00:00:00Z.
const START_SECONDS: i64 = 1_767_225_600;
/// The longest time that a sample spans.
const YEAR_SECONDS: u64 = 365 * 86_400;
/// The time between two orders of a small sample: eight a day.
const GAP_SECONDS: u64 = 3 * 3_600;
/// Seconds in a day.
const DAY_SECONDS: u64 = 86_400;

/// Products: key, category, price in cents.
const PRODUCTS: [(&str, &str, u64); 12] = [
    ("ESP-250", "espresso", 890),
    ("ESP-1000", "espresso", 2_990),
    ("FIL-250", "filter", 950),
    ("FIL-1000", "filter", 3_190),
    ("DECAF-250", "filter", 980),
    ("GEISHA-100", "rare", 1_950),
    ("MUG-01", "ware", 1_450),
    ("SERVER-06", "ware", 2_790),
    ("KETTLE-09", "gear", 6_900),
    ("GRINDER-M1", "gear", 11_900),
    ("SCALE-02", "gear", 4_500),
    ("GIFT-50", "gift", 5_000),
];

/// Partners, and the percentage of touches that each has.
const PARTNERS: [(&str, u64); 5] =
    [("cup-of-joy", 34), ("deal-nest", 26), ("bean-diary", 20), ("slow-mornings", 13), ("office-perks", 7)];

/// Promo codes and their owners.
const CODES: [(&str, Option<&str>); 3] =
    [("JOY10", Some("cup-of-joy")), ("NEST10", Some("deal-nest")), ("SPRING10", None)];

/// A sample order, written as a line of an actions file. Its amounts have two decimals.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    event_type: &'static str,
    occurred_at: Timestamp,
    order_id: String,
    currency: &'static str,
    amount: Cents,
    subtotal: Cents,
    #[serde(skip_serializing_if = "Cents::is_zero")]
    discount: Cents,
    #[serde(skip_serializing_if = "Cents::is_zero")]
    shipping: Cents,
    items: Vec<Item>,
    customer: Customer,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promo_codes: Vec<&'static str>,
    touches: Vec<Touch>,
    device: Device,
}

#[derive(Debug, PartialEq, Serialize)]
struct Item {
    sku: &'static str,
    category: &'static str,
    quantity: u64,
    amount: Cents,
}

#[derive(Debug, PartialEq, Serialize)]
struct Customer {
    id: String,
    status: &'static str,
    lifetime_value: Cents,
    order_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    country: &'static str,
}

#[derive(Debug, PartialEq, Serialize)]
struct Touch {
    partner: &'static str,
    at: Timestamp,
    kind: TouchKind,
    id: String,
}

#[derive(Debug, PartialEq, Serialize)]
struct Device {
    kind: &'static str,
    os: &'static str,
}

/// An amount in cents, written with two decimals.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cents(u64);

impl Cents {
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

/// The random number generator SplitMix64 of Steele, Lea and Flood.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`, or 0 if `end` is 0.
    fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Returns `true` in `percent` of 100 cases.
    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns 1 in `percent` of 100 cases, else 1 to 3.
    fn one_or_more(&mut self, percent: u64) -> u64 {
        if self.chance(percent) { 1 } else { 1 + self.below(3) }
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len() as u64);
        usize::try_from(at).ok().and_then(|at| all.get(at))
    }

    fn partner(&mut self) -> &'static str {
        let mut at = self.below(100);
        for (partner, weight) in PARTNERS {
            if at < weight {
                return partner;
            }
            at -= weight;
        }
        "cup-of-joy"
    }
}

/// The orders of a customer until now.
#[derive(Clone, Copy, Debug, Default)]
struct History {
    orders: u32,
    cents: u64,
    since: i64,
}

/// Generates sample actions.
#[derive(Debug)]
pub(crate) struct Sample {
    random: Random,
    count: u64,
    made: u64,
    span: u64,
    digits: usize,
    customers: Vec<History>,
}

impl Sample {
    /// Returns a generator of `count` actions. It takes some 24 bytes of memory for every third action.
    pub(crate) fn new(count: u64, seed: u64) -> Self {
        let customers = usize::try_from(count / 3).unwrap_or(usize::MAX).max(20);
        Self {
            random: Random(seed),
            count,
            made: 0,
            span: count.saturating_mul(GAP_SECONDS).min(YEAR_SECONDS),
            digits: count.to_string().len().max(6),
            customers: vec![History::default(); customers],
        }
    }

    /// Returns the UTC second of the next action. Each action has its own slice of the time, so that actions are in order.
    fn at(&mut self) -> i64 {
        let span = u128::from(self.span);
        let slice = |n: u64| u64::try_from(u128::from(n) * span / u128::from(self.count.max(1))).unwrap_or(0);
        let (from, until) = (slice(self.made), slice(self.made.saturating_add(1)));
        let at = from + self.random.below(until.saturating_sub(from));
        START_SECONDS.saturating_add_unsigned(at)
    }

    fn items(&mut self) -> (Vec<Item>, u64) {
        let large = self.random.chance(1);
        let lines = self.random.one_or_more(60);
        let mut items: Vec<Item> = Vec::new();
        let mut subtotal = 0;
        for _ in 0..lines {
            let Some((sku, category, cents)) = self.random.pick(&PRODUCTS) else { continue };
            if items.iter().any(|item| item.sku == *sku) {
                continue;
            }
            let quantity = if large { 12 + self.random.below(18) } else { 1 + self.random.below(3) / 2 };
            let worth = cents.saturating_mul(quantity);
            subtotal += worth;
            items.push(Item { sku, category, quantity, amount: Cents(worth) });
        }
        (items, subtotal)
    }

    fn touches(&mut self, at: i64) -> Vec<Touch> {
        // A few customers come back after the referral window.
        let mut days = if self.random.chance(3) { 31 + self.random.below(20) } else { self.random.below(9) };
        let count = self.random.one_or_more(70);
        let mut touches = Vec::new();
        for n in 0..count {
            let before = days * DAY_SECONDS + 60 + self.random.below(DAY_SECONDS - 60);
            let kind = match self.random.below(100) {
                0..88 => TouchKind::Click,
                88..96 => TouchKind::Impression,
                _ => TouchKind::Code,
            };
            touches.push(Touch {
                partner: self.random.partner(),
                at: moment(at.saturating_sub_unsigned(before)),
                kind,
                id: format!("t{}-{n}", self.made + 1),
            });
            days += 1 + self.random.below(9);
        }
        touches.reverse();
        touches
    }

    fn codes(&mut self, touches: &[Touch]) -> Vec<&'static str> {
        if !self.random.chance(18) {
            return Vec::new();
        }
        let own = touches.last().map(|touch| touch.partner);
        let anyone = self.random.chance(20);
        let fitting: Vec<&'static str> = CODES
            .iter()
            .filter(|(_, owner)| anyone || owner.is_none_or(|owner| Some(owner) == own))
            .map(|(code, _)| *code)
            .collect();
        self.random.pick(&fitting).copied().into_iter().collect()
    }

    fn customer(&mut self, at: i64, cents: u64) -> Customer {
        let number = self.random.below(self.customers.len() as u64);
        let country = match number % 5 {
            3 => "AT",
            4 => "NL",
            _ => "DE",
        };
        let mut none = History::default();
        let known = usize::try_from(number).ok().and_then(|at| self.customers.get_mut(at));
        let history = known.unwrap_or(&mut none);
        let before = *history;
        if before.orders == 0 {
            history.since = at;
        }
        history.orders = history.orders.saturating_add(1);
        history.cents = history.cents.saturating_add(cents);
        Customer {
            id: format!("c-{:05}", number + 1),
            status: if before.orders == 0 { "new" } else { "existing" },
            lifetime_value: Cents(before.cents),
            order_count: before.orders,
            since: (before.orders > 0).then(|| moment(before.since)),
            country,
        }
    }
}

impl Iterator for Sample {
    type Item = Order;

    fn next(&mut self) -> Option<Order> {
        if self.made >= self.count {
            return None;
        }
        let at = self.at();
        let (items, subtotal) = self.items();
        let touches = self.touches(at);
        let promo_codes = self.codes(&touches);
        let discount = if promo_codes.is_empty() { 0 } else { subtotal / 10 };
        let goods = subtotal - discount;
        let shipping = if goods < 4_000 { 490 } else { 0 };
        let customer = self.customer(at, goods);
        let (kind, os) = if self.random.chance(55) { ("phone", "ios") } else { ("desktop", "windows") };
        self.made += 1;
        let digits = self.digits;
        Some(Order {
            id: format!("a-{:0digits$}", self.made),
            event_type: "sale",
            occurred_at: moment(at),
            order_id: format!("R{}", 10_000 + self.made),
            currency: "EUR",
            amount: Cents(goods + shipping),
            subtotal: Cents(subtotal),
            discount: Cents(discount),
            shipping: Cents(shipping),
            items,
            customer,
            promo_codes,
            touches,
            device: Device { kind, os },
        })
    }
}

fn moment(seconds: i64) -> Timestamp {
    chrono::DateTime::from_timestamp(seconds, 0).and_then(Timestamp::new).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use accrue::money::Money;

    #[test]
    fn a_sample_is_in_order_and_its_orders_add_up() {
        let mut last = None;
        for order in Sample::new(2_000, 7) {
            let line = serde_json::to_string(&order).unwrap();
            let action = accrue::facts::read_action(&line).unwrap();
            let items = Money::sum(action.items.iter().map(|item| item.amount)).unwrap();
            assert_eq!(Some(items), action.subtotal);
            let off = action.discount.unwrap_or_default();
            let shipping = action.shipping.unwrap_or_default();
            assert_eq!(action.amount, Some(items.sub(off).unwrap().add(shipping).unwrap()));
            assert!(action.touches.iter().all(|touch| touch.at < action.occurred_at));
            let key = Some((action.occurred_at, action.id));
            assert!(last < key);
            last = key;
        }
        assert_eq!(last.unwrap().1, "a-002000");
    }

    #[test]
    fn the_same_seed_gives_the_same_sample() {
        let sample = |seed| Sample::new(50, seed).collect::<Vec<Order>>();
        assert_eq!(sample(3), sample(3));
        assert_ne!(sample(3), sample(4));
        // The first number of SplitMix64 from seed 0, as its authors publish it.
        assert_eq!(Random(0).next(), 0xE220_A839_7B1D_CDAF);
    }
}
