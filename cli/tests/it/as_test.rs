//! `accrue explain --as-test`: every decision becomes a test that passes, and that fails if the program pays something else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Desk;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples")
}

/// Copies a program without its tests.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_name() == "tests" {
            fs::create_dir_all(target).unwrap();
        } else if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes a test of each decision of an example, with its adjustments and closes, and runs all of them.
fn every_decision(example: &str, close: bool) -> (Desk, usize) {
    let desk = Desk::new(0);
    copy(&examples().join(example), &desk.path("p"));
    let mut asked = vec!["--as-of", "2026-12-31"];
    asked.extend(close.then_some("--close"));
    let ran = desk.accrue(&[&["run", "p", "--json"], &asked[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ids: BTreeSet<String> = ran.decided().into_iter().collect();
    for (n, id) in ids.iter().enumerate() {
        let test = desk.accrue(&[&["explain", "p", id, "--as-test"], &asked[..]].concat());
        assert_eq!(test.code, Some(0), "{example} {id}: {}", test.err);
        desk.write(&format!("p/tests/{n}.toml"), test.out);
    }
    (desk, ids.len())
}

#[test]
fn every_decision_of_an_example_is_a_test_that_passes() {
    // Shares and returns; limits by month; tiers that are computed again; levels and holds; advances that are paid back.
    for (example, close, least) in [
        ("creators", false, 10),
        ("micro-influencers", false, 40),
        ("quarterly-tiers", true, 20),
        ("saas-reseller", false, 10),
        ("b2b-plan", true, 30),
    ] {
        let (desk, count) = every_decision(example, close);
        assert!(count >= least, "{example}: {count}");
        let tested = desk.accrue(&["test", "p"]);
        assert!(tested.out.contains(&format!("{count} passed, 0 failed")), "{example}:\n{}", tested.out);
    }
}

#[test]
fn a_test_of_a_decision_fails_where_the_program_has_changed() {
    let (desk, count) = every_decision("creators", false);
    desk.edit("p/contracts/creators.toml", "rate = \"15%\"", "rate = \"14%\"");
    let tested = desk.accrue(&["test", "p"]);
    assert_eq!(tested.code, Some(1), "{}", tested.out);
    assert!(!tested.out.contains(&format!("{count} passed")), "{}", tested.out);
}

#[test]
fn a_test_begins_with_what_was_counted() {
    let desk = Desk::new(0);
    let test = |before: &str, payout: &str| {
        format!(
            r#"[[tests]]
it = "is left of the budget"
[[tests.counted]]
{before}counter = "corner-roastery contract=standard per=partner period=month currency=EUR"
key = ["bean-diary"]
period = "2026-03-01"
actions = 3
paid_actions = 3
payouts = "498.00"
[[tests.actions]]
id = "a"
event_type = "sale"
occurred_at = 2026-03-02T10:00:00Z
amount = "100.00"
customer = {{ status = "new" }}
touches = [{{ partner = "bean-diary", at = 2026-03-01T09:00:00Z, kind = "click" }}]
[[tests.expect]]
action = "a"
payout = "{payout}"
limits = {{ budget = "8.00" }}
"#
        )
    };
    let contract = desk.read("shop/contracts/standard.toml");
    let (contract, _) = contract.split_once("[[limits]]").unwrap_or((&contract, ""));
    let limit =
        "\n[[limits]]\nname = \"budget\"\nmax = \"500.00\"\nper = [\"partner\"]\nperiod = \"month\"\n";
    desk.write("shop/contracts/standard.toml", format!("{contract}{limit}"));
    desk.write("shop/tests/standard.toml", test("", "2.00"));
    let ended = desk.accrue(&["test", "shop"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    desk.write("shop/tests/standard.toml", test("", "3.00").replace("\"8.00\"", "\"7.00\""));
    let wrong = desk.accrue(&["test", "shop"]);
    assert!(wrong.out.contains("limit `budget` takes 8.00 off `a`, expected 7.00"), "{}", wrong.out);
    desk.write("shop/tests/standard.toml", test("before = \"b\"\n", "2.00"));
    let unknown = desk.accrue(&["test", "shop"]);
    assert!(unknown.err.contains("nothing in this test is called `b`"), "{}{}", unknown.out, unknown.err);
}
