//! The memory of counters: bytes for each key of plain sums, with the sums of a previous period, and of distinct values.

use std::process::Command;

use accrue::counters::{CountedAt, CounterId, CounterKey, Posting, Sums};
use accrue::{Counters, money::Money};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::process::resident_bytes;
use crate::report::{Figure, Report};
use crate::{Options, Result};

/// What is counted under each key: the title, the counter, the months, and the keys among which the values are shared out.
const CASES: [(&str, &str, u32, Option<usize>); 3] = [
    ("plain sums, a key", "shop per=customer period=month currency=EUR", 1, None),
    ("with a previous month, a key", "shop per=customer period=month currency=EUR", 2, None),
    (
        "distinct values, a value",
        "shop per=partner period=month distinct=customer currency=EUR",
        1,
        Some(1_000),
    ),
];

/// The first argument of this binary as a child that fills the counters of one case.
pub const CHILD: &str = "--counters-child";

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let count: usize = if options.quick { 100_000 } else { 1_000_000 };
    for (index, (title, ..)) in CASES.iter().enumerate() {
        let arguments = [CHILD, &index.to_string(), &count.to_string()];
        let output = Command::new(std::env::current_exe()?).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("the child failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let bytes: Option<u64> = serde_json::from_slice(&output.stdout)?;
        if let Some(bytes) = bytes {
            report.push(Figure::new(*title, bytes as f64 / count as f64, "bytes"));
        }
    }
    Ok(())
}

/// Fills the counters of the case with this index, and writes the bytes that they hold; `null` where the system does not tell.
pub fn child(index: &str, count: &str) -> Result {
    let (_, counter, months, keys) = *CASES.get(index.parse::<usize>()?).ok_or("there is such a case")?;
    let before = resident_bytes();
    let counters = filled(counter, months, keys, count.parse()?)?;
    let held = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before));
    drop(counters);
    println!("{}", serde_json::to_string(&held)?);
    Ok(())
}

/// Counts this many customers in each of the months.
fn filled(counter: &str, months: u32, keys: Option<usize>, count: usize) -> Result<Counters> {
    let counter = CounterId::parse(counter).ok_or("the counter has an identity")?;
    let mut counters = Counters::new("shop");
    for month in 1..=months {
        let from = NaiveDate::from_ymd_opt(2026, month, 1).ok_or("the month has a first day")?;
        for n in 0..count {
            let customer = format!("customer-{n:08}");
            let (key, distinct) = match keys {
                None => (customer, None),
                Some(keys) => (format!("partner-{}", n % keys), Some(customer)),
            };
            let amount = Money(Decimal::new(1_999, 2));
            let posting = Posting {
                counter: counter.clone(),
                key: CounterKey::new([key.as_str()]),
                at: CountedAt::Period(from),
                distinct,
                sums: Sums {
                    actions: 1,
                    paid_actions: 1,
                    units: 2,
                    revenue: amount,
                    payouts: amount,
                    payable: amount,
                },
            };
            counters.apply(std::slice::from_ref(&posting))?;
        }
    }
    Ok(counters)
}
