//! Output for people and programs: tables that fit the terminal, the summary as data, and CSV.
//!
//! `ACCRUE_BLESS=1 cargo test -p accrue-cli --test it output` writes the files of `widths/` anew.

use std::path::{Path, PathBuf};

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::{Desk, action};

/// An action of a partner whom the program does not list.
fn stranger(id: &str, partner: &str) -> String {
    action(id, "20.00").replace("bean-diary", partner)
}

#[test]
fn output_fits_the_terminal() {
    let desk = Desk::new(300);
    desk.edit(
        "shop/tests/standard.toml",
        "payout = \"4.00\"\ngroup = \"new customers\"",
        "payout = \"5.00\"\ngroup = \"loyalty\"",
    );
    let mut lines = desk.read("shop/actions/sample.jsonl");
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap().to_owned();
    lines.push_str(&stranger("s1", "a-stranger"));
    desk.write("shop/actions/sample.jsonl", lines);
    let bless = std::env::var_os("ACCRUE_BLESS").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/widths");
    let commands: [(&str, &[&str]); 4] = [
        ("summary", &["run", "shop", "--show", "3"]),
        ("check", &["check", "shop"]),
        ("test", &["test", "shop"]),
        ("explain", &["explain", "shop", &id]),
    ];
    let mut wrong = Vec::new();
    for (name, args) in commands {
        for columns in [60, 80, 120] {
            let printed = desk.accrue_in(args, columns).out;
            // The pace depends on the machine.
            let printed: Vec<&str> =
                printed.lines().filter(|line| !line.ends_with("a second")).map(str::trim_end).collect();
            for line in &printed {
                // A receipt is one word, which has its own line.
                assert!(line.width() <= columns || line.trim().len() == 64, "{name}, {columns}: {line}");
            }
            let printed = format!("{}\n", printed.join("\n"));
            let file: PathBuf = folder.join(format!("{name}-{columns}.txt"));
            if bless {
                std::fs::write(&file, &printed).unwrap();
            }
            if std::fs::read_to_string(&file).unwrap_or_default() != printed {
                wrong.push(format!("{name} in {columns} columns prints:\n{printed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}ACCRUE_BLESS=1 writes what was found", wrong.join("\n"));
}

#[test]
fn limits_of_the_engine_are_shown_on_request() {
    let desk = Desk::new(0);
    assert!(!desk.accrue(&["check", "shop"]).out.contains("Limits of the engine"));
    assert!(desk.accrue(&["check", "shop", "--limits"]).out.contains("Limits of the engine"));
}

/// Runs `shop` on a sale of each kind, with these options.
fn run(desk: &Desk, options: &[&str]) {
    let april = action("a4", "10.00").replace("2026-03", "2026-04");
    let actions = [
        action("a1", "100.00"),
        stranger("a2", "ghost"),
        stranger("a3", "=1+1"),
        // 8% of this is less than half a cent.
        action("a5", "0.01"),
        april,
    ];
    desk.write("in.jsonl", actions.join("\n"));
    let ended = desk.accrue(&[&["run", "shop", "in.jsonl"], options].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[test]
fn the_summary_is_data() {
    let desk = Desk::new(0);
    run(&desk, &["--summary", "s.json"]);
    let json: Value = serde_json::from_str(&desk.read("s.json")).unwrap();
    assert_eq!((json["actions"].as_u64(), json["program"].as_str()), (Some(5), Some("corner-roastery")));
    let table = |name: &str| json[name].as_array().unwrap().clone();
    let partners = table("partners");
    let cells = |row: &Value, names: &[&str]| {
        names.iter().map(|name| row[*name].to_string()).collect::<Vec<_>>().join(" ")
    };
    let names = ["month", "partner", "actions", "actions_payable", "actions_rejected", "actions_zero"];
    assert_eq!(partners.len(), 3, "{partners:?}");
    assert_eq!(cells(&partners[0], &names), r#""2026-03" null 2 0 2 0"#);
    assert_eq!(cells(&partners[1], &names), r#""2026-03" "bean-diary" 2 1 0 1"#);
    let money = ["commissionable_payable", "commissionable_zero", "payable", "held"];
    assert_eq!(cells(&partners[1], &money), r#""100" "0.01" "10" "0""#);
    assert_eq!(partners[2]["month"], "2026-04");
    let reasons: Vec<String> =
        table("reasons").iter().map(|row| cells(row, &["reason", "status", "actions", "amount"])).collect();
    assert_eq!(reasons, [r#""PAYS_ZERO" "zero" 1 "0.01""#, r#""UNKNOWN_PARTNER" "rejected" 2 "40""#]);
    let strangers: Vec<String> =
        table("uncredited_partners").iter().map(|row| cells(row, &["partner", "reason", "amount"])).collect();
    assert_eq!(strangers, [r#""=1+1" "UNKNOWN_PARTNER" "20""#, r#""ghost" "UNKNOWN_PARTNER" "20""#]);
    run(&desk, &["--summary", "s.csv", "--minor-units"]);
    let csv = desk.read("s.csv");
    assert!(csv.starts_with("table,month,partner,currency,actions,"), "{csv}");
    assert!(csv.contains("partners,2026-03,bean-diary,EUR,2,1,0,0,1,0,10000,0,0,1,0,1000,0"), "{csv}");
    assert!(csv.contains(",'=1+1,"), "{csv}");
    for (options, error) in [
        (["--summary", "s.txt"].as_slice(), "end it in `.json`, `.csv` or `.xlsx`"),
        (&["--summary", "s.json", "--out", "s.json", "--format", "csv"], "name the same file"),
        (&["--minor-units"], "says how amounts of CSV are written"),
    ] {
        let ended = desk.accrue(&[&["run", "shop", "in.jsonl"], options].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains(error), "{}", ended.err);
    }
}

#[test]
fn the_summary_tells_months_strangers_and_what_was_rejected() {
    let desk = Desk::new(0);
    run(&desk, &["--out", "d.csv"]);
    let ended = desk.accrue(&["run", "shop", "in.jsonl"]);
    for shown in [
        "2026-03",
        "2026-04",
        "ghost",
        "PAYS_ZERO",
        "Payout: 11.00 EUR on 110.00 EUR commissionable; 0.01 EUR unpaid",
    ] {
        assert!(ended.out.contains(shown), "no `{shown}` in:\n{}", ended.out);
    }
}

#[test]
fn csv_has_the_calculation_of_each_line_and_no_formula() {
    let desk = Desk::new(0);
    run(&desk, &["--out", "d.csv"]);
    let awards = desk.read("d.csv");
    let header = "action,event_type,occurred_at,order_id,partner,role,share,reported_partner,status,currency,base,payout,payable,held,adjustment,change,groups,";
    assert!(awards.starts_with(header), "{awards}");
    assert!(awards.contains("a3,sale,2026-03-02T10:00:00Z,,,,,'=1+1,rejected,"), "{awards}");
    run(&desk, &["--out", "l.csv", "--lines"]);
    let lines = desk.read("l.csv");
    assert!(lines.contains(",EUR,,,1,100,new customers,0.1,0,1,0,10,10,0,10,"), "{lines}");
    run(&desk, &["--out", "m.csv", "--lines", "--minor-units"]);
    let lines = desk.read("m.csv");
    assert!(lines.contains(",EUR,,,1,10000,new customers,0.1,0,1,0,1000,1000,0,1000,"), "{lines}");
    assert!(lines.contains(",EUR,,,1,1,new customers,0.1,0,1,0,0.1,0,0,0,"), "{lines}");
}
