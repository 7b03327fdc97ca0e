//! A program of one script over attributes: their values enter, the amount that the script adds leaves.

use accrue::Source;
use accrue::facts::{Attribute, read_action};
use accrue::internals::{decide_unvalidated, terms};
use accrue::{Engine, Reference};
use accrue_tests::awarded::reasons;
use rust_decimal::Decimal;

/// Compiles a script that adds the value of an expression, and hands `ask` a function that decides an action by it. The
/// function takes the attributes in the order in which they are declared, and returns the amount before rounding, or `None`
/// if the script fails.
pub(crate) fn with(
    attributes: &str,
    expression: &str,
    ask: impl FnOnce(&mut dyn FnMut(Vec<Attribute>) -> Option<Decimal>),
) {
    let reference = Reference::default();
    let mut action = read_action(
        r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "100.00",
            "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#,
    )
    .unwrap();
    let program = Engine::default().load(&source(attributes, expression)).unwrap();
    assert!(program.is_compiled());
    let totals = program.counters();
    ask(&mut |values| {
        let names = terms(&program).attributes.keys();
        assert_eq!(names.len(), values.len());
        action.attributes = names.cloned().zip(values).collect();
        // Not validated: the decimals of these amounts are none of a currency's.
        let decision = decide_unvalidated(&program, &action, &reference, &totals);
        let [partner] = decision.awards.as_slice() else { panic!("{decision:#?}") };
        let failed = reasons(&decision).iter().any(|reason| reason.fault.is_some());
        assert_eq!(partner.lines.len(), usize::from(!failed), "{decision:#?}");
        partner.lines.first().map(|line| line.unrounded.0)
    });
}

fn source(attributes: &str, expression: &str) -> Source {
    Source::from_files([
        (
            "program.toml",
            format!(
                "id = \"p\"\nname = \"P\"\ncurrency = \"USD\"\n[event_types]\nsale = {{}}\n[attributes]\n{attributes}"
            ),
        ),
        (
            "contracts/a.toml",
            "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout]\nchoose = \"first\"\n\
             [[payout.groups]]\nname = \"g\"\nrule = \"rules/r.rhai\"\n"
                .to_owned(),
        ),
        ("rules/r.rhai", format!("add({expression});\n")),
    ])
}
