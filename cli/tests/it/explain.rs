//! What an explanation says of the rules that did not apply.

use std::fs;

use crate::Desk;

const PROGRAM: &str = "id = \"why\"\nname = \"Why\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\nlead = {}\n[reasons]\nFAR = \"far away\"\n";

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[credit]
windows = { click = "7 days" }
when = 'touch.property != "blocked.example"'

[totals.orders]
per = ["partner"]
period = "month"

[[restrictions]]
name = "far"
when = '(customer.country ?? "DE") in ["US", "CA"] && action.amount > 1000'
verdict = "hold"
reason = "FAR"

[payout]
choose = "first"

[[payout.groups]]
name = "busy"
when = 'totals.orders.actions.before >= 100 && (customer.country ?? "") == "DE"'
rate = "20%"

[[payout.groups]]
name = "campaign"
when = '"SPRING" in action.promo_codes && !creative.expired_at(touch.at)'
rate = "15%"

[[payout.groups]]
name = "by amount"
by = "action.amount"
bands = [{ from = "50", rate = "10%" }]

[[payout.groups]]
name = "by rule"
rule = "rules/plan.rhai"

[payout.default]
rate = "5%"

[[limits]]
name = "a month"
max = "50.00"
per = ["partner"]
period = "month"

[[limits]]
name = "leads"
max = "50.00"
per = ["partner"]
period = "month"
event_types = ["lead"]
"#;

const RULE: &str = r#"let since = months_between(action.occurred_at.date, date("2026-12-31"));
switch customer.status {
    "new" => rate(0.5),
    "vip" if since < 3 => rate(0.6),
    _ => {}
}
"#;

const ACTION: &str = r#"{"id":"s1","order_id":"o1","event_type":"sale","occurred_at":"2026-03-10T10:00:00Z","amount":"24.00","customer":{"status":"existing","country":"US"},"promo_codes":["AUTUMN"],"touches":[{"partner":"acme","at":"2026-03-10T09:00:00Z","kind":"click","creative":"banner"},{"partner":"bad","at":"2026-03-10T09:30:00Z","kind":"click","property":"blocked.example"}]}
{"id":"s2","event_type":"sale","occurred_at":"2026-03-10T10:00:00Z","amount":"24.00","touches":[{"partner":"old","at":"2026-02-01T09:00:00Z","kind":"click"}]}
"#;

fn desk() -> Desk {
    let desk = Desk { dir: tempfile::tempdir().unwrap() };
    let contract = CONTRACT.replace("touch.property !=", "(touch.property ?? \"\") !=");
    for (path, text) in [
        ("why/program.toml", PROGRAM),
        ("why/contracts/standard.toml", contract.as_str()),
        ("why/rules/plan.rhai", RULE),
        ("why/actions/all.jsonl", ACTION),
        ("why/facts/creatives.jsonl", "{\"id\":\"banner\",\"valid_until\":\"2026-03-08T09:00:00Z\"}\n"),
    ] {
        let path = desk.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    desk
}

/// Texts on one line, whatever the width they were wrapped at.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_did_not_apply_says_what_would_have_been_enough() {
    let explained = desk().accrue(&["explain", "why", "s1"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    assert!(explained.out.lines().all(|line| line.chars().count() <= 80), "{}", explained.out);
    let text = unwrapped(&explained.out);
    for said in [
        "touch.property is blocked.example; it would have to be anything but blocked.example",
        "action.amount is 24.00; more than 1000.00 would be restricted: 976.01 more",
        "totals.orders.actions.before is 0; it would have to be 100 or more: 100 more customer.country is US; it would have to be DE \
         together that would be enough",
        "action.promo_codes is AUTUMN; it would have to be a list with SPRING creative.valid_until is 2026-03-08T09:00:00Z; it would \
         have to be later than 2026-03-10T09:00:00Z: 2 days",
        "action.amount is 24.00; 50.00 or more would be enough: 26.00 more",
        "customer.status is existing; new would be enough",
        "48.80 left after it",
        "leads is for other event types",
    ] {
        assert!(text.contains(&unwrapped(said)), "no `{said}` in:\n{}", explained.out);
    }
    let explained = desk().accrue(&["explain", "why", "s2"]);
    let said = "outside its referral window: 37 days 1 hour before the action, and the window is 7 days";
    assert!(unwrapped(&explained.out).contains(said), "{}", explained.out);
}

#[test]
fn a_partner_is_told_what_the_partner_may_know() {
    let seen = desk().accrue(&["explain", "why", "s1", "--partner-view"]);
    assert_eq!(seen.code, Some(0), "{}", seen.err);
    let text = unwrapped(&seen.out);
    // The country of a customer is no business of the partner, and neither are other partners.
    assert!(
        text.contains("by amount action.amount is 24.00; it would have to be 50.00 or more"),
        "{}",
        seen.out
    );
    for hidden in ["country", "blocked.example", "months_between", "far"] {
        assert!(!seen.out.contains(hidden), "`{hidden}` in:\n{}", seen.out);
    }
}

#[test]
fn groups_that_are_looked_up_say_by_what() {
    let desk = desk();
    let groups: String = (0..12)
        .map(|n| {
            format!("[[payout.groups]]\nname = \"g{n}\"\nwhen = '(customer.country ?? \"\") == \"X{n}\"'\nrate = \"9%\"\n")
        })
        .collect();
    let contract = format!(
        "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[credit]\nwindows = {{ click = \"7 days\" }}\n{groups}"
    );
    fs::write(desk.path("why/contracts/standard.toml"), contract).unwrap();
    let explained = desk.accrue(&["explain", "why", "s1"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    let said =
        "12 groups were not tried: they ask for another value of customer.country customer.country = US";
    assert!(unwrapped(&explained.out).contains(said), "{}", explained.out);
}
