//! A new program checks, keeps its promises, runs, and explains itself.

use crate::Desk;

#[test]
fn a_new_program_is_in_order() {
    let desk = Desk::new(300);
    let checked = desk.accrue(&["check", "shop", "--deny-warnings"]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    for shown in
        ["Corner roastery", "standard", "from 2026-01-01", "loyalty", "100,000", "0 errors, 0 warnings"]
    {
        assert!(checked.out.contains(shown), "no `{shown}` in:\n{}", checked.out);
    }
    let tested = desk.accrue(&["test", "shop"]);
    assert_eq!(tested.code, Some(0), "{}{}", tested.out, tested.err);
    assert!(tested.out.contains("6 passed, 0 failed"), "{}", tested.out);
    let run = desk.accrue(&["run", "shop"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    for shown in ["bean-diary", "Payout: ", "300 actions in"] {
        assert!(run.out.contains(shown), "no `{shown}` in:\n{}", run.out);
    }
}

#[test]
fn check_tells_a_machine_everything() {
    let desk = Desk::new(1);
    desk.edit("shop/contracts/standard.toml", "rate = \"10%\"", "raet = \"10%\"");
    let checked = desk.accrue(&["check", "shop", "--json"]);
    assert_eq!(checked.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(report["ok"], false);
    let wrong = report["diagnostics"].as_array().unwrap().iter().find(|d| d["code"] == "E104").unwrap();
    assert_eq!(wrong["place"]["file"], "contracts/standard.toml");
    let text = desk.read("shop/contracts/standard.toml");
    let line = text.lines().position(|line| line.contains("raet")).unwrap() + 1;
    assert_eq!(wrong["place"]["line"], line);
    assert_eq!(wrong["place"]["column"], 1);

    let drawn = desk.accrue(&["check", "shop"]);
    assert_eq!(drawn.code, Some(1));
    for shown in ["E104", "raet", "^^^^", &format!("shop/contracts/standard.toml:{line}:1")] {
        assert!(drawn.err.contains(shown), "no `{shown}` in:\n{}", drawn.err);
    }
}

#[test]
fn an_explanation_shows_the_whole_path_and_a_partner_sees_only_its_own() {
    let desk = Desk::new(0);
    let line = crate::action("a1", "44.90")
        .replace(r#""amount":"44.90","#, r#""amount":"44.90","shipping":"4.90","fraud":{"risk":"17"},"#);
    let two = line.replace(
        r#""touches":["#,
        r#""touches":[{"partner":"deal-nest","at":"2026-01-01T09:00:00Z","kind":"click"},"#,
    );
    desk.write("one.jsonl", two);
    let explained = desk.accrue(&["explain", "shop", "a1", "one.jsonl"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    for shown in [
        "PAYABLE",
        "44.90 EUR",
        "bean-diary",
        "standard, version 1",
        "large orders",
        "action.amount = 44.9",
        "new customers",
        "40.00 × 10% =",
        "monthly budget",
        "4.00 EUR",
        "receipt",
    ] {
        assert!(explained.out.contains(shown), "no `{shown}` in:\n{}", explained.out);
    }
    assert!(explained.out.lines().all(|line| line.chars().count() <= 80), "{}", explained.out);

    let partner = desk.accrue(&["explain", "shop", "a1", "one.jsonl", "--partner-view"]);
    assert!(partner.out.contains("40.00 × 10% ="), "{}", partner.out);
    for hidden in ["deal-nest", "fraud", "large orders", "44.9"] {
        assert!(!partner.out.contains(hidden), "`{hidden}` in:\n{}", partner.out);
    }

    let json = desk.accrue(&["explain", "shop", "a1", "one.jsonl", "--json"]);
    let decision: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(decision["awards"][0]["payout"], "4");
    assert!(decision["trace"]["awards"][0]["rules"].as_array().is_some());

    let missing = desk.accrue(&["explain", "shop", "a2", "one.jsonl"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("`a2`"), "{}", missing.err);
}

#[test]
fn an_explanation_has_the_totals_of_its_moment() {
    let desk = Desk::new(300);
    let run = desk.accrue(&["run", "shop", "--json"]);
    for line in run.out.lines().step_by(37) {
        let decision: serde_json::Value = serde_json::from_str(line).unwrap();
        let explained = desk.accrue(&["explain", "shop", decision["action"].as_str().unwrap(), "--json"]);
        let explained: serde_json::Value = serde_json::from_str(&explained.out).unwrap();
        assert_eq!(explained["receipt"], decision["receipt"]);
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let desk = Desk::new(1);
    let again = desk.accrue(&["new", "shop"]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("not empty"), "{}", again.err);
}

#[test]
fn schemas_are_printed_for_every_file() {
    let desk = Desk::new(0);
    for of in ["program", "contract", "tests", "action", "decision"] {
        let schema = desk.accrue(&["schema", of]);
        let schema: serde_json::Value = serde_json::from_str(&schema.out).unwrap();
        assert_eq!(schema["type"], "object", "{of}");
        assert!(schema["properties"].as_object().unwrap().len() > 3, "{of}");
    }
}
