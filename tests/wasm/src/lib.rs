//! The engine linked into a WebAssembly module, so that what the module imports can be checked.
//!
//! `cargo xtask wasm` builds it and refuses any import. What the linker drops is not checked, so [`decide`] reaches
//! the whole engine: it loads a program, reads facts and decides an action, all hidden from the optimiser.

use std::hint::black_box;

use accrue::facts::{read_action, read_partners};
use accrue::terms::Source;
use accrue::{Engine, Limits, Reference};

const PROGRAM: &str = r#"
id = "wasm"
name = "Wasm"
currency = "EUR"
time_zone = "Europe/Berlin"

[event_types]
sale = {}
"#;

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[payout]
[[payout.groups]]
name = "loyalty"
rule = "rules/loyalty.rhai"
"#;

const RULE: &str = r#"
let spent = customer.lifetime_value ?? money("0");
if spent >= 250 { rate(percent(8)); } else { rate(percent(4)); }
"#;

const PARTNERS: &str = "id,groups\nacme,vip\n";

const ACTION: &str = r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"100.00",
"touches":[{"partner":"acme","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#;

/// Loads a program and decides an action by it: the first byte of the receipt, plus one; 0 when anything fails.
// SAFETY: the name is the module's own; nothing else in it is called `decide`.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn decide() -> u32 {
    receipt_byte().map_or(0, |byte| u32::from(byte) + 1)
}

fn receipt_byte() -> Option<u8> {
    let limits = Limits::default();
    let source = Source::from_files([
        ("program.toml", black_box(PROGRAM)),
        ("contracts/standard.toml", black_box(CONTRACT)),
        ("rules/loyalty.rhai", black_box(RULE)),
    ]);
    let partners = read_partners("facts/partners.csv", black_box(PARTNERS).as_bytes(), &limits);
    let mut reference = Reference::default();
    reference.partners.extend(partners.values.into_iter().map(|partner| (partner.id.clone(), partner)));
    let program = Engine::new(limits).load(&source).ok()?;
    let action = read_action(black_box(ACTION)).ok()?;
    let decision = program.explain(&action, &reference, &program.totals()).ok()?;
    decision.receipt.0.first().copied()
}
