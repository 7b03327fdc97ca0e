//! `accrue test`: what it says about tests that fail, are left out, or are not written right.

use crate::Desk;

#[test]
fn a_failure_says_what_came_out_and_what_was_expected() {
    let desk = Desk::new(0);
    desk.edit(
        "shop/tests/standard.toml",
        "payout = \"4.00\"\ngroup = \"new customers\"",
        "payout = \"5.00\"\ngroup = \"loyalty\"",
    );
    let ended = desk.accrue(&["test", "shop"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    for shown in [
        "✗ pays 10% for a new customer",
        "`first-order` pays 4.00, expected 5.00 (1.00 too little)",
        "`first-order` is paid by group `new customers`, expected group `loyalty`",
        "5 passed, 1 failed",
    ] {
        assert!(ended.out.contains(shown), "no `{shown}` in:\n{}", ended.out);
    }
    let explained = desk.accrue(&["test", "shop", "--explain", "10%"]);
    assert!(explained.out.contains("40.00 × 10% ="), "{}", explained.out);
    assert!(explained.out.contains("0 passed, 1 failed"), "{}", explained.out);
    let json = desk.accrue(&["test", "shop", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((report["passed"].as_u64(), report["failed"].as_u64()), (Some(5), Some(1)));
}

#[test]
fn tests_are_left_out_with_skip_only_and_a_filter() {
    let desk = Desk::new(0);
    let file = "shop/tests/standard.toml";
    desk.edit(file, "it = \"pays 10%", "skip = \"until May\"\nit = \"pays 10%");
    let skipped = desk.accrue(&["test", "shop"]);
    assert!(skipped.out.contains("(skipped: until May)"), "{}", skipped.out);
    assert!(skipped.out.contains("5 passed, 0 failed, 1 skipped"), "{}", skipped.out);
    desk.edit(file, "it = \"holds", "only = true\nit = \"holds");
    let only = desk.accrue(&["test", "shop"]);
    assert!(only.out.contains("1 passed, 0 failed, 5 skipped"), "{}", only.out);
    let none = desk.accrue(&["test", "shop", "no such test"]);
    assert_eq!(none.code, Some(1));
}

#[test]
fn faults_of_a_test_file_do_not_hide_each_other() {
    let desk = Desk::new(0);
    desk.write(
        "shop/tests/wrong.toml",
        r#"
[[test]]
it = "is not read"

[[tests]]
it = "has faults"
onyl = true

[[tests.actions]]
id = "a1"
event_type = "sale"
occurred_at = 2026-03-02T10:00:00Z
amuont = "1.00"

[[tests.actions]]
id = "a2"
event_type = "sale"
occurred_at = 2026-03-02T10:00:00Z
amount = "1,00"

[[tests.expect]]
action = "a3"
staus = "held"

[[tests.expect]]
action = "a1"
status = "payed"

[[tests.expect]]
status = "held"
"#,
    );
    let ended = desk.accrue(&["test", "shop"]);
    assert_eq!(ended.code, Some(1));
    for shown in [
        "a test file has no key `test`",
        "did you mean `tests`?",
        "did you mean `only`?",
        "amuont",
        "`1,00` is not a decimal number",
        "no action of this test has the id `a3`",
        "did you mean `status`?",
        "`status` cannot be `payed`",
        "an expectation needs `action`",
        "shop/tests/wrong.toml:7:1",
        "shop/tests/wrong.toml:19:10",
    ] {
        assert!(ended.err.contains(shown), "no `{shown}` in:\n{}", ended.err);
    }
}

#[test]
fn a_file_brings_facts_of_its_own() {
    let desk = Desk::new(0);
    desk.write(
        "shop/tests/codes.toml",
        r#"
[[promo_codes]]
code = "diary5"
owner = "bean-diary"

[[tests]]
it = "knows the code of this file"

[[tests.actions]]
id = "a1"
event_type = "sale"
occurred_at = 2026-03-02T10:00:00Z
amount = "1.00"
promo_codes = ["DIARY5"]
touches = [{ partner = "deal-nest", at = 2026-03-02T09:00:00Z, kind = "click" }]

[[tests.expect]]
action = "a1"
reasons = ["FOREIGN_CODE"]
"#,
    );
    let ended = desk.accrue(&["test", "shop"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("7 passed, 0 failed"), "{}", ended.out);
}
