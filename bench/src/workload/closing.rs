//! A month that closes: a bonus of three tiers for each of 100,000 partners, against deciding the actions that it sums.

use std::hint::black_box;
use std::time::Instant;

use accrue::facts::{Touch, TouchKind};
use accrue::money::Money;
use accrue::time::Timestamp;
use accrue::{Action, Counters, Engine, Options as DecideOptions, Program, Reference, Source};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// Partners with something counted in the month: a counter has a key for each.
const PARTNERS: usize = 100_000;

/// What a close may take.
const SECONDS: f64 = 2.0;

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"

[event_types]
sale = {}
"#;

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[totals.month]
per = ["partner"]
period = "month"

[payout.default]
rate = "5%"

[[bonuses]]
name = "volume"
period = "month"
measure = 'totals.month.revenue.at_close'
threshold = "reaches"
scope = "marginal"
tiers = [
  { from = "100", rate = "1%" },
  { from = "250", rate = "1.5%" },
  { from = "500", rate = "2%", add = "10" },
]
"#;

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let source = Source::from_files([("program.toml", PROGRAM), ("contracts/standard.toml", CONTRACT)]);
    let program = Engine::default().load(&source)?;
    let (reference, mut counters) = (Reference::default(), program.counters());
    let at = Timestamp::parse("2026-03-10T12:00:00Z").ok_or("the moment is one")?;
    let start = Instant::now();
    for n in 0..PARTNERS {
        let action = action(n, at);
        let decision = program.decide(&action, &reference, &counters, DecideOptions::default())?;
        counters.apply(&decision.postings)?;
    }
    let decided = start.elapsed();

    let until = NaiveDate::from_ymd_opt(2026, 4, 1).ok_or("the month has an end")?;
    let mut fastest = f64::INFINITY;
    for _ in 0..if options.quick { 2 } else { 5 } {
        fastest = fastest.min(close(&program, until, &reference, &counters)?);
    }
    let name = format!("a month of {PARTNERS} partners closes");
    report.push(Figure::new(&name, fastest, "s").bar(Bar::AtMost(SECONDS)));
    report.push(
        Figure::new(format!("{name}: a bonus"), fastest * 1e9 / PARTNERS as f64, "ns")
            .ratio(fastest / decided.as_secs_f64()),
    );
    Ok(())
}

/// Closes the month as a host does, on counters of its own; returns the seconds.
fn close(program: &Program, until: NaiveDate, reference: &Reference, counters: &Counters) -> Result<f64> {
    let mut counters = counters.clone();
    let start = Instant::now();
    let bonuses = program.close(until, reference, &counters)?;
    for bonus in &bonuses {
        counters.apply(&bonus.postings)?;
    }
    program.close_periods(&mut counters, until)?;
    let took = start.elapsed().as_secs_f64();
    // Nine of ten sell for at least the first tier.
    if bonuses.len() != PARTNERS / 10 * 9 {
        return Err(format!("{} partners have a bonus", bonuses.len()).into());
    }
    black_box(bonuses);
    Ok(took)
}

/// A sale of 10 to 910 euros by the partner of this number.
fn action(n: usize, at: Timestamp) -> Action {
    let mut action = Action::new(format!("order-{n}"), "sale", at);
    action.amount = Some(Money(Decimal::from(10 + n % 10 * 100)));
    action.touches = vec![Touch::new(format!("partner-{n:06}"), at, TouchKind::Click)];
    action
}
