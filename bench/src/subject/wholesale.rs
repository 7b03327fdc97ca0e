//! Orders of twenty lines, each priced by itself: by SKU, by category, by a list of five hundred SKUs, by quantity.

use std::collections::HashSet;
use std::fmt::Write as _;

use accrue::Reference;
use accrue::Source;
use accrue::facts::Creative;
use accrue::internals::run::RuleInput;
use accrue::time::Timestamp;

use super::{ACTIONS, Answer, MOMENT, Subject, amount};
use crate::Result;
use crate::native::Amount;
use crate::native::wholesale::{Facts, Item, Params, assess};
use crate::random::SplitMix64;

/// Lines of an order.
pub const LINES: usize = 20;

const SKUS: u64 = 4_000;
/// Every eighth SKU is on clearance.
const CLEARANCE_STEP: u64 = 8;

fn sku(n: u64) -> String {
    format!("SKU-{n:04}")
}

fn clearance() -> impl Iterator<Item = String> {
    (0..SKUS / CLEARANCE_STEP).map(|n| sku(n * CLEARANCE_STEP))
}

/// The program's files.
pub fn source() -> Source {
    let list: String = std::iter::once("sku".to_owned()).chain(clearance()).map(|line| line + "\n").collect();
    Source::from_files([
        ("program.toml", include_str!("../../programs/wholesale/program.toml").to_owned()),
        (
            "contracts/standard.toml",
            include_str!("../../programs/wholesale/contracts/standard.toml").to_owned(),
        ),
        ("lists/clearance.csv", list),
    ])
}

/// The program with its orders.
pub fn subject() -> Result<Subject> {
    let mut reference = Reference::default();
    for (id, until) in [("spring", None), ("winter", Timestamp::parse("2026-02-01T00:00:00Z"))] {
        let creative = Creative { id: id.to_owned(), valid_until: until, ..Creative::default() };
        reference.insert(creative)?;
    }
    let mut random = SplitMix64(20);
    Subject::new(source(), reference, (0..ACTIONS).map(move |n| line(n, &mut random)))
}

fn line(n: usize, random: &mut SplitMix64) -> String {
    let mut items = String::new();
    let mut sum = 0;
    for at in 0..LINES {
        let cents = 100 + random.below(80_000);
        sum += cents;
        let sku = if random.once_in(40) { sku(7) } else { sku(random.below(SKUS)) };
        let category = random.pick(&[
            "furniture",
            "garden",
            "pots",
            "seeds",
            "tools",
            "lamps",
            "paint",
            "tiles",
            "doors",
            "deposits",
        ]);
        // Writing to a string does not fail.
        let _ = write!(
            items,
            r#"{}{{"sku":"{sku}","category":"{category}","quantity":{},"amount":"{}.{:02}"}}"#,
            if at == 0 { "" } else { "," },
            1 + random.below(14),
            cents / 100,
            cents % 100,
        );
    }
    format!(
        r#"{{"id":"o{n:05}","event_type":"sale","occurred_at":"{MOMENT}","amount":"{}.{:02}","customer":{{"status":"{}","country":"{}"}},"items":[{items}],"touches":[{{"partner":"acme","at":"{MOMENT}","kind":"click"{}}}]}}"#,
        sum / 100,
        sum % 100,
        random.pick(&["new", "existing", "existing"]),
        random.pick(&["DE", "FR", "NL", "AT", "PL", "IT", "ES", "BE", "DK", "SE", "CZ", "US"]),
        match random.below(12) {
            0 => r#","creative":"winter""#,
            1..6 => r#","creative":"spring""#,
            _ => "",
        },
    )
}

/// The constants for native code.
pub fn params<A: Amount>() -> Params<A> {
    Params::new(clearance().collect::<HashSet<_>>())
}

/// What native code reads of a case.
pub fn facts<A: Amount>(case: &RuleInput<'_>) -> Result<Facts<A>> {
    let item = |(item, base): (&accrue::facts::Item, &accrue::money::Money)| {
        Ok(Item {
            sku: item.sku.clone(),
            category: item.category.clone(),
            quantity: item.quantity,
            amount: amount(base.0)?,
        })
    };
    let customer = &case.action.customer;
    Ok(Facts {
        items: case.action.items.iter().zip(&case.item_bases).map(item).collect::<Result<_>>()?,
        customer_status: customer.status.clone().unwrap_or_else(|| "unknown".to_owned()),
        customer_country: customer.country.clone(),
        touch_at: case.touch.at.utc(),
        creative_valid_until: case.creative.and_then(|creative| creative.valid_until).map(Timestamp::utc),
    })
}

/// What native code says about facts.
pub fn answers<A: Amount>(facts: &[Facts<A>], params: &Params<A>) -> Result<Vec<Answer>> {
    let mut lines = Vec::new();
    let answer = |facts| {
        let restrictions = assess(facts, params, &mut lines).ok_or("an amount is too large")?;
        Ok(Answer::native(&restrictions, &lines))
    };
    facts.iter().map(answer).collect()
}
