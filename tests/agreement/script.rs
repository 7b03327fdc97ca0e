//! A program of one script over attributes: their values enter, what it adds leaves.

use accrue::decide::Assessor;
use accrue::facts::read_action;
use accrue::lang::Value;
use accrue::run::RuleInput;
use accrue::terms::Source;
use accrue::{Engine, Limits, Reference};
use rust_decimal::Decimal;

/// Compiles a script that adds the value of an expression, and hands `ask` what runs it: attributes in, in the order in which
/// they are declared, and what is added out, unless it fails.
pub(crate) fn with<'v>(
    attributes: &str,
    expression: &str,
    ask: impl FnOnce(&mut dyn FnMut(Vec<Value<'v>>) -> Option<Decimal>),
) {
    let reference = Reference::default();
    let action = read_action(
        r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "100.00",
            "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#,
    )
    .unwrap();
    let program = Engine::new(Limits::default()).load(&source(attributes, expression)).unwrap();
    let terms = program.terms();
    let contract = &terms.contracts[0];
    let mut assessor = Assessor::new(&program, 0, 0).unwrap();
    let mut case =
        RuleInput::new(terms, contract, &contract.versions[0], &action, &action.touches[0], &reference);
    ask(&mut |attributes| {
        case.attributes = attributes;
        assessor.assess(&case).map(|assessed| assessed.lines[0].exact.0)
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
