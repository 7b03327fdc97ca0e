//! What happens after an action was decided: adjustments, holds that end, and periods that close, in one run and between runs.

use serde_json::Value;

use crate::{Desk, Ended};

const PROGRAM: &str = "id = \"life\"\nname = \"Life\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n[reasons]\nNEW = \"new\"\n";

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[credit]
windows = { click = "90 days" }

[locking]
from = "month_end"
days = 45
counting = "dates"

[[restrictions]]
name = "new customers"
when = 'customer.status == "new"'
verdict = "hold"
reason = "NEW"
release_after = "10 days"

[payout.default]
rate = "10%"

[totals.sales]
per = ["partner"]
period = "month"

[[bonuses]]
name = "volume"
period = "month"
measure = 'totals.sales.revenue.at_close'
threshold = "reaches"
scope = "whole"
after_close = "recompute"
notice_at = "50%"
tiers = [{ from = "1000", rate = "1%" }, { from = "2000", rate = "2%" }]
"#;

fn sale(id: &str, at: &str, amount: &str, status: &str) -> String {
    format!(
        r#"{{"id":"{id}","event_type":"sale","occurred_at":"{at}","amount":"{amount}","customer":{{"status":"{status}"}},"touches":[{{"partner":"acme","at":"2026-01-01T00:00:00Z","kind":"click"}}]}}"#
    )
}

fn reversal(id: &str, of: &str, at: &str, rest: &str) -> String {
    format!(r#"{{"id":"{id}","adjusts":"{of}","kind":"reversal","occurred_at":"{at}"{rest}}}"#)
}

/// A program of 1,500.00 in January and 900.00 in February, of which an order of January comes back in February.
fn desk() -> Desk {
    let desk = Desk { dir: tempfile::tempdir().unwrap() };
    for folder in ["life", "life/contracts", "life/actions", "life/adjustments"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
    }
    desk.write("life/program.toml", PROGRAM);
    desk.write("life/contracts/standard.toml", CONTRACT);
    let january = [
        sale("j1", "2026-01-10T10:00:00Z", "900.00", "existing"),
        sale("j2", "2026-01-20T10:00:00Z", "600.00", "existing"),
    ];
    let february = [sale("f1", "2026-02-05T10:00:00Z", "900.00", "new")];
    desk.write("january.jsonl", january.join("\n"));
    desk.write("february.jsonl", february.join("\n"));
    desk.write("life/actions/all.jsonl", [&january[..], &february].concat().join("\n"));
    let back = reversal("r1", "j2", "2026-02-10T10:00:00Z", "");
    desk.write("back.jsonl", &back);
    desk.write("life/adjustments/all.jsonl", back);
    desk
}

/// What stands in the end: by action or bonus, the status and the payout.
fn standing(lines: &str) -> Vec<(String, String, String)> {
    let mut standing: Vec<(String, String, String)> = Vec::new();
    for line in lines.lines() {
        let decision: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let payout = text(&decision["awards"][0]["payout"]);
        let now = (text(&decision["action"]), text(&decision["status"]), payout);
        match standing.iter_mut().find(|(action, ..)| *action == now.0) {
            Some(before) => *before = now,
            None => standing.push(now),
        }
    }
    standing.sort();
    standing
}

fn ok(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

fn rows(of: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    of.iter().map(|(id, status, payout)| ((*id).into(), (*status).into(), (*payout).into())).collect()
}

/// Runs by month, with a return and two closes in between, end where one run ends that closes on its way.
#[test]
fn a_life_in_one_run_and_in_several_ends_alike() {
    let desk = desk();
    let whole =
        ["run", "life", "--close", "--as-of", "2026-03-01", "--out", "whole.jsonl", "--state", "whole.json"];
    ok(&desk.accrue(&whole));
    let expected = rows(&[
        ("f1", "payable", "90"),
        ("j1", "payable", "90"),
        ("j2", "reversed", "0"),
        // 1% of the 1,500.00 of January; 900.00 are left when February closes.
        ("standard:volume:2026-01:acme", "zero", "0"),
    ]);
    assert_eq!(standing(&desk.read("whole.jsonl")), expected);

    for command in [
        &["run", "life", "january.jsonl", "--out", "a.jsonl", "--state", "s.json"][..],
        &["close", "life", "--state", "s.json", "--until", "2026-02-01", "--out", "b.jsonl"],
        &["run", "life", "february.jsonl", "--as-of", "2026-02-28", "--out", "c.jsonl", "--state", "s.json"],
        &[
            "adjust",
            "life",
            "january.jsonl",
            "--decisions",
            "a.jsonl",
            "--adjustments",
            "back.jsonl",
            "--out",
            "d.jsonl",
            "--state",
            "s.json",
        ],
        &["close", "life", "--state", "s.json", "--until", "2026-03-01", "--out", "e.jsonl"],
    ] {
        ok(&desk.accrue(command));
    }
    assert_eq!(standing(&desk.read("b.jsonl")), rows(&[("standard:volume:2026-01:acme", "payable", "15")]));
    let several: String = ["a", "b", "c", "d", "e"].map(|name| desk.read(&format!("{name}.jsonl"))).concat();
    assert_eq!(standing(&several), expected);
    let state = |name: &str| serde_json::from_str::<Value>(&desk.read(name)).unwrap();
    assert_eq!(state("s.json"), state("whole.json"));
}

#[test]
fn a_period_is_closed_once_and_a_dry_run_closes_nothing() {
    let desk = desk();
    ok(&desk.accrue(&["run", "life", "january.jsonl", "--state", "s.json"]));
    let before = desk.read("s.json");
    let dry = desk.accrue(&["close", "life", "--state", "s.json", "--until", "2026-02-01", "--dry-run"]);
    ok(&dry);
    assert!(dry.out.contains("15.00 EUR") && dry.out.contains("nothing was recorded"), "{}", dry.out);
    assert_eq!(desk.read("s.json"), before);
    ok(&desk.accrue(&["close", "life", "--state", "s.json", "--until", "2026-02-01"]));
    let closed = desk.read("s.json");
    assert_ne!(closed, before);
    for until in ["2026-02-01", "2026-01-15"] {
        let again =
            desk.accrue(&["close", "life", "--state", "s.json", "--until", until, "--out", "x.jsonl"]);
        assert_eq!(again.code, Some(2), "{}", again.err);
        assert!(again.err.contains("PERIOD_CLOSED"), "{}", again.err);
        assert!(!desk.path("x.jsonl").exists());
    }
    assert_eq!(desk.read("s.json"), closed);
    let none = desk.accrue(&["close", "life", "--state", "none.json", "--until", "2026-02-01"]);
    assert_eq!(none.code, Some(2), "{}", none.err);
    assert!(none.err.contains("there is no state `none.json`"), "{}", none.err);
}

#[test]
fn an_adjustment_that_is_refused_has_its_code_and_is_kept() {
    let desk = desk();
    let lines = [
        reversal("unknown", "nowhere", "2026-02-10T10:00:00Z", ""),
        reversal("large", "j1", "2026-02-10T10:00:00Z", r#","amount":"900.01""#),
        reversal("part", "j1", "2026-02-11T10:00:00Z", r#","amount":"300.00""#),
        reversal("part", "j1", "2026-02-12T10:00:00Z", r#","amount":"300.00""#),
        reversal("late", "j2", "2026-04-12T10:00:00Z", ""),
    ];
    desk.write("wrong.jsonl", lines.join("\n"));
    let run =
        ["run", "life", "january.jsonl", "--adjustments", "wrong.jsonl", "--out", "out.jsonl", "--rejects"];
    let run = desk.accrue(&[&run[..], &["kept.jsonl"]].concat());
    assert_eq!(run.code, Some(3), "{}", run.err);
    for (line, code) in
        [(1, "nowhere"), (2, "REVERSAL_TOO_LARGE"), (4, "ADJUSTMENT_REPEATED"), (5, "ACTION_LOCKED")]
    {
        let shown = run.err.lines().find(|shown| shown.starts_with(&format!("wrong.jsonl:{line}:")));
        assert!(shown.is_some_and(|shown| shown.contains(code)), "line {line}: {}", run.err);
    }
    let mut kept: Vec<String> = desk.read("kept.jsonl").lines().map(str::to_owned).collect();
    kept.sort();
    let mut refused = vec![lines[0].clone(), lines[1].clone(), lines[3].clone(), lines[4].clone()];
    refused.sort();
    assert_eq!(kept, refused);
    // The third is made, and the others have changed nothing.
    assert_eq!(standing(&desk.read("out.jsonl")), rows(&[("j1", "payable", "60"), ("j2", "payable", "60")]));
}

#[test]
fn a_hold_ends_with_as_of() {
    let desk = desk();
    for (as_of, status) in [("2026-02-14", "held"), ("2026-02-15", "payable")] {
        let run = desk.accrue(&["run", "life", "february.jsonl", "--as-of", as_of, "--out", "out.jsonl"]);
        ok(&run);
        assert_eq!(standing(&desk.read("out.jsonl")), rows(&[("f1", status, "90")]), "{as_of}");
    }
    let explained = desk.accrue(&["explain", "life", "f1", "--as-of", "2026-02-15"]);
    ok(&explained);
    assert!(explained.out.contains("payable for acme"), "{}", explained.out);
}

#[test]
fn a_bonus_is_explained_and_a_near_tier_is_listed() {
    let desk = desk();
    let id = "standard:volume:2026-01:acme";
    let explained = desk.accrue(&["explain", "life", id, "--close", "--as-of", "2026-03-01"]);
    ok(&explained);
    for shown in ["1000: 100 to go", "computed again", "-15.00 EUR"] {
        assert!(explained.out.contains(shown), "no `{shown}` in:\n{}", explained.out);
    }
    let seen = desk.accrue(&["explain", "life", id, "--close", "--as-of", "2026-03-01", "--partner-view"]);
    ok(&seen);
    ok(&desk.accrue(&["run", "life", "january.jsonl", "--state", "s.json"]));
    let due = desk.accrue(&["due", "life", "--state", "s.json", "--on", "2026-01-25"]);
    ok(&due);
    assert!(due.out.contains("volume") && due.out.contains("500"), "{}", due.out);
}

const MAPPING: &str = r#"
title = "A network"
[values]
dates = ["YYYY-MM-DD HH:mm"]
time_zone = "UTC"
[columns]
id = "Order"
event_type = { value = "sale" }
occurred_at = "Date"
amount = "Total"
"touch.partner" = "Publisher"
"touch.at" = "Date"
"touch.kind" = { value = "click" }
[status]
column = "Status"
approved = ["ok"]
reversed = ["void"]
reversed_at = "Voided"
reason = "Why"
"#;

#[test]
fn rows_of_an_export_that_are_reversed_are_taken_back() {
    let desk = desk();
    std::fs::create_dir(desk.path("life/imports")).unwrap();
    desk.write("life/imports/network.toml", MAPPING);
    let header = "Order,Date,Total,Publisher,Status,Voided,Why\n";
    desk.write("march.csv", format!("{header}1,2026-03-01 10:00,100.00,acme,ok,,\n"));
    desk.write(
        "april.csv",
        format!("{header}1,2026-03-01 10:00,100.00,acme,void,2026-04-02 09:00,too small\n"),
    );
    let import = |export: &str| {
        let stem = export.trim_end_matches(".csv");
        let (actions, reversals) = (format!("{stem}.jsonl"), format!("{stem}-back.jsonl"));
        let ended = desk.accrue(&[
            "import",
            "network",
            export,
            "--program",
            "life",
            "--out",
            &actions,
            "--adjustments",
            &reversals,
        ]);
        ok(&ended);
    };
    import("march.csv");
    import("april.csv");
    assert_eq!(desk.read("march-back.jsonl"), "");
    let back: Value = serde_json::from_str(&desk.read("april-back.jsonl")).unwrap();
    assert_eq!((&back["adjusts"], &back["reason"]), (&"1".into(), &"too small".into()));
    assert_eq!(back["occurred_at"], "2026-04-02T09:00:00Z");
    ok(&desk.accrue(&["run", "life", "march.jsonl", "--out", "march-out.jsonl", "--state", "s.json"]));
    let adjust = |decisions: &[&str], out: &str| {
        let given =
            ["adjust", "life", "march.jsonl", "--state", "s.json", "--adjustments", "april-back.jsonl"];
        let decisions = decisions.iter().flat_map(|file| ["--decisions", *file]);
        desk.accrue(&given.into_iter().chain(decisions).chain(["--out", out]).collect::<Vec<_>>())
    };
    ok(&adjust(&["march-out.jsonl"], "april-out.jsonl"));
    assert_eq!(standing(&desk.read("april-out.jsonl")), rows(&[("1", "reversed", "0")]));
    let again = adjust(&["march-out.jsonl", "april-out.jsonl"], "again.jsonl");
    assert_eq!(again.code, Some(3), "{}", again.err);
    assert!(again.err.contains("ADJUSTMENT_REPEATED"), "{}", again.err);
}

#[test]
fn tiers_may_stand_in_a_workbook() {
    let desk = desk();
    desk.edit(
        "life/contracts/standard.toml",
        "tiers = [{ from = \"1000\", rate = \"1%\" }, { from = \"2000\", rate = \"2%\" }]",
        "tiers = { table = \"tiers\" }",
    );
    std::fs::create_dir(desk.path("life/tables")).unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let percent = rust_xlsxwriter::Format::new().set_num_format("0%");
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["from", "rate"]).unwrap();
    for (row, (from, rate)) in [(1, (1_000, 0.01)), (2, (2_000, 0.02))] {
        sheet.write(row, 0, from).unwrap();
        sheet.write_with_format(row, 1, rate, &percent).unwrap();
    }
    book.save(desk.path("life/tables/tiers.xlsx")).unwrap();
    ok(&desk.accrue(&["run", "life", "january.jsonl", "--state", "s.json"]));
    ok(&desk.accrue(&["close", "life", "--state", "s.json", "--until", "2026-02-01", "--out", "b.jsonl"]));
    assert_eq!(standing(&desk.read("b.jsonl")), rows(&[("standard:volume:2026-01:acme", "payable", "15")]));
}
