//! Rules whose native code would cost a host more than their text says: they decide all the same, compiled or not.

use accrue::Options;
use accrue::Rules;
use std::fmt::Write as _;
use std::fs;

use accrue::Source;
use accrue::facts::read_action;
use accrue::internals::lang::FaultKind;
use accrue::{Engine, Limits, Reference};
use accrue_sandbox::{HostLimits, NativeCache, Sandbox};

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

const SALE: &str = r#"{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "550.40",
    "touches": [{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}]}"#;

/// Decides one action both ways; whether the program was compiled.
fn both_ways(groups: u32, count: u32) -> bool {
    let source = source(groups, &branches(count));
    let action = read_action(SALE).unwrap();
    let reference = Reference::default();
    // What deciding takes at worst is no matter here.
    let limits = || Limits { decision_fuel: u64::MAX, decision_steps: u64::MAX, ..Limits::default() };
    let program = Engine::builder().limits(limits()).build().load(&source).unwrap();
    let portable =
        Engine::builder().limits(limits()).rules(Rules::Interpreted).build().load(&source).unwrap();
    let decided = program.decide(&action, &reference, &program.counters(), Options::default()).unwrap();
    assert_eq!(
        decided,
        portable.decide(&action, &reference, &portable.counters(), Options::default()).unwrap()
    );
    assert!(!decided.payout().unwrap().is_zero());
    program.is_compiled()
}

/// Native code of rules comes from a directory only as this host has put it there.
#[test]
fn changed_native_code_of_rules_is_not_run() {
    let folder = std::env::temp_dir().join(format!("accrue-rules-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let action = read_action(SALE).unwrap();
    let decided = || {
        let cache = NativeCache::new(&folder, b"a secret of the host");
        let sandbox = Sandbox::with(HostLimits::default(), cache).unwrap();
        let program = Engine::builder().sandbox(sandbox).build().load(&source(1, &branches(3))).unwrap();
        assert!(program.is_compiled());
        program.decide(&action, &Reference::default(), &program.counters(), Options::default()).unwrap()
    };
    let first = decided();
    let [file] = fs::read_dir(&folder).unwrap().collect::<Vec<_>>().try_into().unwrap();
    let path = file.unwrap().path();
    let kept = fs::read(&path).unwrap();
    for at in [0, kept.len() / 2, kept.len() - 1] {
        let mut changed = kept.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert_eq!(decided(), first);
        // It was compiled anew, and the file put right.
        assert_ne!(fs::read(&path).unwrap(), changed);
    }
    // Untouched, it is taken as it is.
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(decided(), first);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn long_scripts_are_compiled() {
    assert!(both_ways(1, 900));
    assert!(both_ways(4, 900));
}

/// What nobody needs is not compiled, and decides the same.
#[test]
fn endless_contracts_are_interpreted() {
    assert!(!both_ways(60, 900));
}

/// Rules run one by one once one of them fails, and do not read a long order anew each time.
#[test]
fn a_failure_at_the_last_of_a_thousand_items() {
    let mut contract = String::from(
        "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n\n[payout]\nper = \"item\"\n\n[payout.default]\nrate = \"1%\"\n",
    );
    for n in 0..40 {
        let _ = write!(
            contract,
            "\n[[payout.groups]]\nname = \"g{n}\"\nwhen = 'item.sku.ends_with(\"x{n}\")'\nrate = \"2%\"\n"
        );
    }
    let contract = contract
        + "\n[[payout.groups]]\nname = \"fails\"\nwhen = '1.0 / (item.amount / money(\"1\") - 1000.0) > 7.0'\nrate = \"3%\"\n";
    let source = Source::from_files([
        (
            "program.toml",
            "id = \"p\"\nname = \"P\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n".to_owned(),
        ),
        ("contracts/a.toml", contract),
    ]);
    let items: Vec<String> =
        (1..=1_000).map(|n| format!(r#"{{"sku": "sku-{n}-", "amount": "{n}.00"}}"#)).collect();
    let action = read_action(&format!(
        r#"{{"id": "a", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "amount": "500500.00",
            "items": [{}], "touches": [{{"partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click"}}]}}"#,
        items.join(",")
    ))
    .unwrap();
    let reference = Reference::default();
    // What deciding takes at worst is no matter here.
    let limits = || Limits { decision_fuel: u64::MAX, decision_steps: u64::MAX, ..Limits::default() };
    let program = Engine::builder().limits(limits()).build().load(&source).unwrap();
    let portable =
        Engine::builder().limits(limits()).rules(Rules::Interpreted).build().load(&source).unwrap();
    assert!(program.is_compiled());
    let decided = program.decide(&action, &reference, &program.counters(), Options::default()).unwrap();
    assert_eq!(
        decided,
        portable.decide(&action, &reference, &portable.counters(), Options::default()).unwrap()
    );
    let fault = decided.awards[0].reasons.first().and_then(|reason| reason.fault.as_ref()).unwrap();
    assert_eq!(fault.kind, FaultKind::DivisionByZero);
    assert!(fault.text.starts_with("1.0 / ("), "{}", fault.text);
}
