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

/// A test in a file of its own, with this text.
fn alone(text: &str) -> Desk {
    let desk = Desk::new(0);
    std::fs::remove_file(desk.path("shop/tests/standard.toml")).unwrap();
    desk.write("shop/tests/alone.toml", format!("[[tests]]\nit = \"is tested\"\n{text}"));
    desk
}

const SALE: &str = r#"
[[tests.actions]]
id = "a1"
event_type = "sale"
occurred_at = 2026-03-02T10:00:00Z
amount = "10.00"
touches = [{ partner = "bean-diary", at = 2026-03-02T09:00:00Z, kind = "click" }]
"#;

#[test]
fn a_test_that_cannot_be_run_or_expects_nothing_has_no_tick() {
    let wrong_action = SALE.replace("10.00", "10,00");
    for (text, error) in [
        (SALE.to_owned(), "this test expects nothing"),
        (format!("{SALE}[[tests.expect]]\naction = \"a1\"\n"), "this expectation expects nothing"),
        (format!("{SALE}[[tests.expect]]\naction = \"a1\"\nstatus = \"payed\"\n"), "cannot be `payed`"),
        (format!("{SALE}[[tests.expect]]\naction = \"a2\"\nstatus = \"held\"\n"), "has the id `a2`"),
        (format!("{wrong_action}[[tests.expect]]\naction = \"a1\"\nstatus = \"held\"\n"), "`10,00`"),
        (format!("payouts = 5\n{SALE}"), "`payouts`"),
        (
            format!("{SALE}[[tests.expect]]\naction = \"a1\"\nstatus = \"held\"\n[[partners]]\nids = 1\n"),
            "ids",
        ),
    ] {
        let desk = alone(&text);
        let ended = desk.accrue(&["test", "shop"]);
        assert_eq!(ended.code, Some(1), "{text}{}", ended.out);
        assert!(ended.err.contains(error), "no `{error}` in:\n{}", ended.err);
        assert!(ended.out.contains("✗ is tested") && !ended.out.contains('✓'), "{}", ended.out);
        assert!(ended.out.contains("0 passed, 1 failed"), "{}", ended.out);
    }
    // What is still to be written may be noted.
    let desk = alone("skip = \"to be written\"\n");
    assert_eq!(desk.accrue(&["test", "shop"]).code, Some(0));
}

#[test]
fn a_failure_says_why() {
    let late = SALE.replace("2026-03-02T09", "2025-03-02T09");
    let desk = alone(&format!("{late}[[tests.expect]]\naction = \"a1\"\npayout = \"0.50\"\n"));
    let ended = desk.accrue(&["test", "shop"]);
    for shown in [
        "`a1` pays 0.00, expected 0.50 (0.50 too little)",
        "`a1` has NO_CREDIT: No partner touched the customer inside a referral window, by `credit`",
        "`a1`: `bean-diary` is not credited: it is outside its referral window",
    ] {
        assert!(ended.out.contains(shown), "no `{shown}` in:\n{}", ended.out);
    }
    let json: serde_json::Value =
        serde_json::from_str(&desk.accrue(&["test", "shop", "--json"]).out).unwrap();
    assert_eq!(json["tests"][0]["why"].as_array().map(Vec::len), Some(2), "{json}");
}
