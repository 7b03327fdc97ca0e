//! What the examples and the golden cases pay is what they have always paid: `paid.txt` was written by the engine as it was
//! before decisions had awards. A program that is changed on purpose is written anew with `ACCRUE_BLESS=1`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use accrue::digest::Digest;
use accrue::facts::{FactKind, read_action};
use accrue::{Action, Decision, Engine, Limits, Program, Reference};
use accrue_tests::folder::{Folder, programs, root};
use serde_json::Value;

/// Programs with more decisions are kept as a digest over their lines.
const MOST_LINES: usize = 1_000;

#[test]
fn the_examples_and_the_golden_cases_pay_what_they_paid() {
    let mut found = String::new();
    for path in programs(&root().join("rules-examples")).unwrap() {
        let folder = Folder::read(&path).unwrap();
        writeln!(found, "== {}", name(&path)).unwrap();
        let lines = lines(&load(&folder), &folder.actions, &folder.reference);
        let count = lines.lines().count();
        if count > MOST_LINES {
            writeln!(found, "{count} decisions, sha256 {}", Digest::of(lines.as_bytes())).unwrap();
        } else {
            found.push_str(&lines);
        }
    }
    for path in programs(&root().join("tests/golden")).unwrap() {
        golden(&path, &mut found);
    }
    let kept = root().join("tests/paid/paid.txt");
    let text = fs::read_to_string(&kept).unwrap();
    let (comments, expected): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    if std::env::var_os("ACCRUE_BLESS").is_some() {
        fs::write(&kept, format!("{}\n{found}", comments.join("\n"))).unwrap();
        return;
    }
    let (expected, found) = (expected.join("\n"), sections(&found));
    let expected = sections(&expected);
    let mut wrong = Vec::new();
    for name in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        match (expected.get(name), found.get(name)) {
            (Some(kept), Some(now)) if kept == now => {}
            (Some(kept), Some(now)) => {
                let lines = kept.iter().zip(now).filter(|(kept, now)| kept != now);
                let lines: Vec<String> = lines.map(|(kept, now)| format!("- {kept}\n+ {now}")).collect();
                let (kept, now) = (kept.len(), now.len());
                wrong.push(format!("{name}: {kept} lines, {now} found\n{}", lines.join("\n")));
            }
            (Some(_), None) => wrong.push(format!("{name}: is gone")),
            (None, _) => wrong.push(format!("{name}: is new; ACCRUE_BLESS=1 keeps what it pays")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines of each program, by its heading.
fn sections(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut heading = "";
    for line in text.lines() {
        match line.strip_prefix("== ") {
            Some(name) => {
                heading = name;
                sections.entry(name).or_default();
            }
            None => sections.entry(heading).or_default().push(line),
        }
    }
    sections
}

/// Adds what each test beside the rules of a golden case pays. Each begins with counters that have counted nothing.
fn golden(path: &Path, found: &mut String) {
    let program = load(&Folder::read(path).unwrap());
    let mut files: Vec<_> =
        fs::read_dir(path.join("tests")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let table: toml::Table = toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let table = json(toml::Value::Table(table));
        let mut reference = Reference::default();
        for kind in FactKind::ALL {
            for fact in table[kind.stem()].as_array().into_iter().flatten() {
                let fact = fact.to_string();
                reference.read(kind, "facts.jsonl", fact.as_bytes(), &Limits::default()).unwrap();
            }
        }
        for (n, test) in table["tests"].as_array().unwrap().iter().enumerate() {
            let actions = test["actions"].as_array().into_iter().flatten();
            let actions: Vec<Action> =
                actions.map(|action| read_action(&action.to_string()).unwrap()).collect();
            let file = file.file_name().unwrap().display();
            writeln!(found, "== {} {file} {}", name(path), n + 1).unwrap();
            found.push_str(&lines(&program, &actions, &reference));
        }
    }
}

fn load(folder: &Folder) -> Program {
    Engine::default().load(&folder.source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The path of a program from the root of the repository.
fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn lines(program: &Program, actions: &[Action], reference: &Reference) -> String {
    let decided = program.decide_all(actions, reference, &mut program.counters());
    decided.into_iter().map(|decided| line(&decided.decision.unwrap())).collect()
}

fn line(decision: &Decision) -> String {
    let or_dash = |texts: Vec<String>, between: &str| match texts.is_empty() {
        true => "-".to_owned(),
        false => texts.join(between),
    };
    let reasons = decision.all_reasons().map(|(_, reason)| reason.code.clone()).collect();
    let reasons = or_dash(reasons, ";");
    let Decision { action, status, awards, .. } = decision;
    let status = status.text();
    if awards.is_empty() {
        return format!("{action} {status} - - - {reasons} -\n");
    }
    let lines = awards.iter().map(|award| {
        let lines = or_dash(award.lines.iter().map(|line| line.payout.to_string()).collect(), "+");
        let (partner, payout, currency) = (&award.partner, award.payout, award.currency);
        format!("{action} {status} {partner} {payout} {currency} {reasons} {lines}\n")
    });
    lines.collect()
}

/// TOML as JSON, with moments as text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Float(number) => panic!("{number} is a binary float"),
    }
}
