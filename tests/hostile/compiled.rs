//! Rules whose native code would cost a host more than their text says: they decide all the same, compiled or not.

use std::fmt::Write as _;

use accrue::facts::read_action;
use accrue::terms::Source;
use accrue::{Engine, Limits, Reference};

/// A script of so many branches, of which the last one that an amount of 550.40 passes says what is paid.
fn branches(count: u32) -> String {
    let mut text = String::from("let paid = percent(1);\n");
    for n in 0..count {
        let rate = n % 90 + 1;
        let _ = writeln!(text, "if action.amount > money(\"{n}.37\") {{ paid = percent({rate}); }}");
    }
    text + "rate(paid);\n"
}

/// A program with so many groups, all of them this script.
fn source(groups: u32, script: &str) -> Source {
    let mut contract = String::from(
        "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n\n[payout]\nchoose = \"highest\"\n\n[payout.default]\nrate = \"1%\"\n",
    );
    for n in 0..groups {
        let _ = write!(contract, "\n[[payout.groups]]\nname = \"g{n}\"\nrule = \"rules/long.rhai\"\n");
    }
    Source::from_files([
        (
            "program.toml",
            "id = \"p\"\nname = \"P\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n".to_owned(),
        ),
        ("contracts/a.toml", contract),
        ("rules/long.rhai", script.to_owned()),
    ])
}

/// Decides one action both ways; whether the program was compiled.
fn both_ways(groups: u32, count: u32) -> bool {
    let source = source(groups, &branches(count));
    let action = read_action(
        r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "550.40",
            "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#,
    )
    .unwrap();
    let reference = Reference::default();
    let program = Engine::new(Limits::default()).load(&source).unwrap();
    let portable = Engine::portable(Limits::default()).load(&source).unwrap();
    let decided = program.decide(&action, &reference, &program.totals()).unwrap();
    assert_eq!(decided, portable.decide(&action, &reference, &portable.totals()).unwrap());
    assert!(!decided.payout.is_zero());
    program.is_compiled()
}

#[test]
fn long_scripts_are_compiled() {
    assert!(both_ways(1, 900));
    assert!(both_ways(12, 900));
}

/// What nobody needs is not compiled, and decides the same.
#[test]
fn endless_contracts_are_interpreted() {
    assert!(!both_ways(60, 900));
}
