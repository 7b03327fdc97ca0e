//! Static answers: planted faults are found, nothing that is found is false, every finding has a test that passes, and what is said of a
//! draft holds for generated actions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod drafts;
mod generated;
mod reproduced;
mod shop;

use std::collections::BTreeMap;

use accrue::analyse::{Finding, FindingKind};
use accrue::{Engine, Program, Reference, Source};
use serde::Deserialize;

use reproduced::{assert_reproduced, folder_passes};

const PROGRAM: &str = include_str!("program.toml");

#[derive(Deserialize)]
struct Planted {
    cases: Vec<Case>,
}

/// A contract with a fault.
#[derive(Deserialize)]
struct Case {
    find: String,
    of: String,
    text: String,
    #[serde(default)]
    choose: Option<String>,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    missed: bool,
}

/// Returns the files of a program whose contract has this text, which may have a `[payout]` of its own.
fn files_of(text: &str) -> BTreeMap<String, String> {
    let head = "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n";
    BTreeMap::from([
        ("program.toml".to_owned(), PROGRAM.to_owned()),
        ("contracts/standard.toml".to_owned(), format!("{head}{text}")),
    ])
}

/// Returns the files of a program whose contract has this text below a default payout.
fn files(text: &str, choose: Option<&str>, rule: Option<&str>) -> BTreeMap<String, String> {
    let head =
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\neffective_until = 2026-12-31\n";
    let choose = choose.map_or_else(String::new, |choose| format!("[payout]\nchoose = \"{choose}\"\n"));
    let default = "[payout.default]\nrate = \"4%\"\n";
    let mut files = BTreeMap::from([
        ("program.toml".to_owned(), PROGRAM.to_owned()),
        ("contracts/standard.toml".to_owned(), format!("{head}{choose}{default}{text}")),
    ]);
    if let Some(rule) = rule {
        files.insert("rules/planted.rhai".to_owned(), rule.to_owned());
    }
    files
}

fn load(files: &BTreeMap<String, String>) -> Program {
    let source = Source::from_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    Engine::default().load(&source).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}\n{files:#?}", errors.join("\n"))
    })
}

fn kind(finding: &Finding) -> String {
    serde_json::to_value(finding.kind).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn planted_faults_are_found() {
    let planted: Planted = toml::from_str(include_str!("planted.toml")).unwrap();
    let (mut found, mut wrong) = (0, Vec::new());
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in &planted.cases {
        let program = load(&files(&case.text, case.choose.as_deref(), case.rule.as_deref()));
        let analysis = program.analyse(&Reference::default());
        for finding in &analysis.findings {
            assert_reproduced(&program, &Reference::default(), &finding.witness);
        }
        let is_found =
            analysis.findings.iter().any(|finding| kind(finding) == case.find && finding.name == case.of);
        found += usize::from(is_found);
        let of_kind = kinds.entry(case.find.clone()).or_default();
        *of_kind = (of_kind.0 + usize::from(is_found), of_kind.1 + 1);
        if is_found == case.missed {
            wrong.push(format!("{} of `{}`: {:#?}", case.find, case.of, analysis.undecided));
        }
    }
    for (kind, (found, of)) in &kinds {
        println!("{kind}: {found} of {of}");
    }
    println!("{found} of {} planted faults are found", planted.cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(planted.cases.len() >= 40 && kinds.len() >= 10);
}

/// The tests of findings pass in `accrue test` as they are printed.
#[test]
fn planted_faults_have_tests_that_pass() {
    let planted: Planted = toml::from_str(include_str!("planted.toml")).unwrap();
    for case in &planted.cases {
        let files = files(&case.text, case.choose.as_deref(), case.rule.as_deref());
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in &files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder_passes(dir.path());
    }
}

#[test]
fn examples_and_golden_cases_have_no_false_finding() {
    let root = accrue_tests::folder::root();
    for of in ["rules-examples", "tests/golden"] {
        for entry in std::fs::read_dir(root.join(of)).unwrap() {
            let folder = entry.unwrap().path();
            if folder.join("program.toml").is_file() {
                let copy = tempfile::tempdir().unwrap();
                reproduced::copy(&folder, copy.path());
                folder_passes(copy.path());
            }
        }
    }
}

/// A contract of 200 groups is analysed whole, and quickly: `cargo test --release` prints how quickly.
#[test]
fn a_contract_of_200_groups_is_analysed_whole() {
    let mut text = String::new();
    for n in 0..200 {
        let (low, status) = (n * 10, if n % 2 == 0 { "new" } else { "existing" });
        text.push_str(&format!(
            "[[payout.groups]]\nname = \"group {n}\"\nrate = \"{}%\"\nwhen = 'customer.status == \"{status}\" && \
             action.amount >= money(\"{low}\") && action.amount < money(\"{}\") && (customer.country ?? \"\") in lists.dach && \
             (touch.kind == \"click\" || (attributes.vip ?? false))'\n",
            n % 9 + 1,
            low + 20
        ));
    }
    text.push_str("[[payout.groups]]\nname = \"last\"\nrate = \"5%\"\n");
    text.push_str(
        "when = 'customer.status == \"new\" && action.amount >= money(\"100\") && action.amount < money(\"170\") && \
         customer.country ?? \"\" == \"DE\" && touch.kind == \"click\"'\n"
            .replace("customer.country ?? \"\" == ", "(customer.country ?? \"\") == ")
            .as_str(),
    );
    let program = load(&files(&text, None, None));
    let began = std::time::Instant::now();
    let analysis = program.analyse(&Reference::default());
    println!("a contract of 200 groups is analysed in {:?}", began.elapsed());
    assert!(analysis.undecided.is_empty(), "{:#?}", analysis.undecided);
    let covered = analysis.findings.iter().find(|finding| finding.kind == FindingKind::GroupCovered).unwrap();
    assert_eq!((covered.name.as_str(), covered.others.len()), ("last", 4));
}
