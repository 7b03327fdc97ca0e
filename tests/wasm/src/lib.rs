//! The engine linked into a WebAssembly module, so that what the module imports can be checked, and that it decides as
//! native code does.
//!
//! `cargo xtask wasm` builds it, refuses any import, and compares the receipt that it gives with the one of the native
//! program `receipt`. What the linker drops is not checked, so [`receipt`] reaches the whole engine: it loads a program,
//! reads facts, decides an action, takes a part of it back and closes its month, all hidden from the optimiser.

use std::hint::black_box;

use accrue::Source;
use accrue::digest::Digest;
use accrue::facts::{FactKind, read_action, read_adjustment};
use accrue::{Engine, Limits, Options, Reference};

const PROGRAM: &str = r#"
id = "wasm"
name = "Wasm"
currency = "EUR"
time_zone = "Europe/Berlin"

[event_types]
sale = {}

[reasons]
SUNDAY = "An order on a Sunday, or a large one"
"#;

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[credit]
policy = "time_decay"
half_life = "7 days"

[totals.month]
per = ["partner"]
period = "month"

[[bonuses]]
name = "month"
period = "month"
measure = 'totals.month.revenue.at_close'
threshold = "reaches"
scope = "whole"
linear = true
tiers = [{ from = "10", rate = "1%" }, { from = "97", rate = "3%" }]

[[restrictions]]
name = "large order"
when = 'action.amount >= 1_000 || action.occurred_at.date.weekday > 6'
verdict = "flag"
reason = "SUNDAY"

[payout]
per = "item"

[[payout.groups]]
name = "loyalty"
rule = "rules/loyalty.rhai"

[[limits]]
name = "budget"
max = "5.00"
per = ["partner"]
period = "month"
"#;

const RULE: &str = r#"
let spent = customer.lifetime_value ?? money("0");
if spent >= 250 { rate(percent(8)); } else { rate(percent(4)); }
"#;

const PARTNERS: &str = "id,groups\nacme,vip\nblog,\n";

const ACTION: &str = r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"100.05",
"items":[{"sku":"A","amount":"33.35"},{"sku":"B","quantity":2,"amount":"66.70"}],
"touches":[{"partner":"blog","at":"2026-02-19T20:30:00Z","kind":"click"},{"partner":"acme","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#;

const ADJUSTMENT: &str = r#"{"id":"r1","adjusts":"a1","kind":"reversal","occurred_at":"2026-03-09T10:00:00Z",
"returned":[{"sku":"B","quantity":1}]}"#;

/// One byte of the receipt, and 256 when there is none.
// SAFETY: the name is the module's own; nothing else in it is called `decide`.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn decide(byte: u32) -> u32 {
    let byte = receipt().and_then(|digest| digest.0.get(usize::try_from(byte).ok()?).copied());
    byte.map_or(256, u32::from)
}

/// Loads a program, decides an action by it, takes a part back, and closes the month: a digest of the receipts of all decisions, or
/// `None` when anything fails.
pub fn receipt() -> Option<Digest> {
    let limits = Limits::default();
    let source = Source::from_files([
        ("program.toml", black_box(PROGRAM)),
        ("contracts/standard.toml", black_box(CONTRACT)),
        ("rules/loyalty.rhai", black_box(RULE)),
    ]);
    let mut reference = Reference::default();
    let partners = black_box(PARTNERS).as_bytes();
    reference.read(FactKind::Partners, "facts/partners.csv", partners, &limits).ok()?;
    let program = Engine::builder().limits(limits).build().load(&source).ok()?;
    let action = read_action(black_box(ACTION)).ok()?;
    let mut counters = program.counters();
    let decision = program.decide(&action, &reference, &counters, Options::traced()).ok()?;
    counters.apply(&decision.postings).ok()?;
    let mut receipts = decision.receipt.to_string();
    let adjustment = read_adjustment(black_box(ADJUSTMENT)).ok()?;
    let earlier = (&action, &decision);
    let adjusted = program.adjust(&adjustment, earlier, &reference, &counters, Options::default()).ok()?;
    counters.apply(&adjusted.decision.postings).ok()?;
    receipts.push_str(&adjusted.decision.receipt.to_string());
    let april = accrue::time::parse_date(black_box("2026-04-01"))?;
    let bonuses = program.close(april, &reference, &counters).ok()?;
    bonuses.iter().for_each(|bonus| receipts.push_str(&bonus.receipt.to_string()));
    // Two partners share the order, and both have a bonus.
    (bonuses.len() == 2).then(|| Digest::of(receipts.as_bytes()))
}
