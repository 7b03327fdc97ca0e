//! Made-up actions: a seed enters, lines of JSON leave, the same for the same seed. They have the fields and the sizes
//! of a shop's real feed: items, a path of touches, codes, a customer.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::random::SplitMix64;

/// Partners that the actions are spread over, and that the facts list.
pub(crate) const PARTNERS: u64 = 200;
/// Creatives, of which every tenth has expired.
pub(crate) const CREATIVES: u64 = 50;

/// Writes `count` actions of the year 2026 in the order in which they happened.
pub(crate) fn write(count: u64, seed: u64, to: &mut impl Write) -> io::Result<()> {
    let mut random = SplitMix64(seed);
    let mut line = String::new();
    for n in 0..count {
        line.clear();
        // Spread evenly over the year, as the order of the file is the order in time.
        let second = n * (365 * 86_400) / count.max(1);
        // Writing to a string does not fail.
        let _ = action(n, second, &mut random, &mut line);
        line.push('\n');
        to.write_all(line.as_bytes())?;
    }
    to.flush()
}

fn action(n: u64, second: u64, random: &mut SplitMix64, line: &mut String) -> std::fmt::Result {
    let items: Vec<(u64, u64, u64)> = (0..1 + random.below(3))
        .map(|_| (random.below(500), 1 + random.below(3), 500 + random.below(20_000)))
        .collect();
    let subtotal: u64 = items.iter().map(|item| item.2).sum();
    let discount = if random.once_in(4) { subtotal / 10 } else { 0 };
    let shipping = if subtotal > 10_000 { 0 } else { 495 };
    write!(
        line,
        r#"{{"id":"A{n:07}","event_type":"sale","occurred_at":"{}","order_id":"O-{:08}","currency":"EUR","#,
        moment(second),
        n * 7 % 100_000_000,
    )?;
    write!(
        line,
        r#""amount":"{}","subtotal":"{}","discount":"{}","shipping":"{}","items":["#,
        cents(subtotal - discount + shipping),
        cents(subtotal),
        cents(discount),
        cents(shipping),
    )?;
    for (at, (sku, quantity, amount)) in items.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let category = random.pick(&["shoes", "coats", "bags", "shirts", "gift-cards"]);
        write!(
            line,
            r#"{comma}{{"sku":"SKU-{sku:04}","category":"{category}","quantity":{quantity},"amount":"{}"}}"#,
            cents(*amount)
        )?;
    }
    line.push_str("],");
    let status = random.pick(&["new", "existing", "existing"]);
    let country = random.pick(&["DE", "FR", "NL", "AT", "PL"]);
    write!(line, r#""customer":{{"id":"C-{:06}","status":"{status}","#, random.below(300_000))?;
    if status == "existing" && !random.once_in(5) {
        write!(
            line,
            r#""lifetime_value":"{}","order_count":{},"#,
            cents(random.below(150_000)),
            random.below(20)
        )?;
    }
    write!(line, r#""country":"{country}"}},"#)?;
    if random.once_in(5) {
        let code = random.pick(&["SPRING", "WELCOME", "PARTNER7", "PARTNER9"]);
        write!(line, r#""promo_codes":["{code}"],"#)?;
    }
    line.push_str(r#""touches":["#);
    let touches = 1 + random.below(3);
    for at in 0..touches {
        let before = (touches - at) * 3_600 + random.below(86_400);
        let comma = if at == 0 { "" } else { "," };
        let kind = random.pick(&["click", "click", "impression"]);
        write!(
            line,
            r#"{comma}{{"partner":"partner-{:03}","at":"{}","kind":"{kind}","id":"T-{n}-{at}","creative":"banner-{:02}","landing_page":"https://shop.example/{}"}}"#,
            random.below(PARTNERS),
            moment(second.saturating_sub(before)),
            random.below(CREATIVES),
            random.below(1_000),
        )?;
    }
    write!(
        line,
        r#"],"device":{{"kind":"{}","os":"{}"}}}}"#,
        random.pick(&["phone", "desktop"]),
        random.pick(&["ios", "android"])
    )
}

/// An amount in cents as text.
fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// The moment this many seconds after the beginning of 2026.
fn moment(second: u64) -> String {
    const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut day, second) = (second / 86_400, second % 86_400);
    let mut month = 1;
    for days in MONTHS {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!(
        "2026-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        day + 1,
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_actions_and_every_one_can_be_read() {
        let make = |seed| {
            let mut bytes = Vec::new();
            write(500, seed, &mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let text = make(1);
        assert_eq!(text, make(1));
        assert_ne!(text, make(2));
        let mut last = None;
        for line in text.lines() {
            let action = accrue::facts::read_action(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let place = (action.occurred_at, action.id);
            assert!(last.as_ref().is_none_or(|last| *last < place));
            last = Some(place);
        }
    }

    #[test]
    fn moments_keep_to_the_calendar() {
        assert_eq!(moment(0), "2026-01-01T00:00:00Z");
        assert_eq!(moment(31 * 86_400 + 3_661), "2026-02-01T01:01:01Z");
        assert_eq!(moment(365 * 86_400 - 1), "2026-12-31T23:59:59Z");
    }
}
