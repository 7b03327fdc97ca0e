//! `accrue simulate`: what a draft changes, the files, the checks, and names that try to do harm.

use crate::{Desk, Ended};

const PROGRAM: &str = "id = \"kiosk\"\nname = \"Kiosk\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n";

const CONTRACT: &str = r#"contract = "standard"
version = 1
effective_from = 2026-01-01

[params]
large = { money = "100.00" }

[payout.default]
rate = "10%"

[[payout.groups]]
name = "large"
when = 'action.amount >= params.large'
rate = "12%"

[[limits]]
name = "month"
max = "30.00"
per = ["partner"]
period = "month"
"#;

/// An action of a partner, with an item that has a cost.
fn sale(n: u32, partner: &str, amount: &str) -> String {
    let partner = serde_json::to_string(partner).unwrap();
    format!(
        r#"{{"id":"s{n}","event_type":"sale","occurred_at":"2026-03-0{n}T10:00:00Z","amount":"{amount}","items":[{{"sku":"MUG","quantity":1,"amount":"{amount}","cost":"20.00"}}],"touches":[{{"partner":{partner},"at":"2026-03-01T09:00:00Z","kind":"click"}}]}}"#
    )
}

/// A kiosk with a draft: another rate, another bound and a lower limit.
fn desk() -> Desk {
    let desk = Desk::new(1);
    for part in ["old/contracts", "old/actions", "draft/contracts"] {
        std::fs::create_dir_all(desk.path(part)).unwrap();
    }
    desk.write("old/program.toml", PROGRAM);
    desk.write("old/contracts/standard.toml", CONTRACT);
    let draft = CONTRACT.replace("\"100.00\"", "\"90.00\"").replace("12%", "15%").replace("30.00", "25.00");
    desk.write("draft/contracts/standard.toml", draft);
    let sales = [
        sale(1, "acme", "100.00"),
        sale(2, "acme", "95.00"),
        sale(3, "acme", "150.00"),
        sale(4, "bolt", "40.00"),
    ];
    desk.write("old/actions/march.jsonl", sales.join("\n") + "\n");
    desk
}

fn simulate(desk: &Desk, args: &[&str]) -> Ended {
    let all: Vec<&str> = ["simulate", "old", "draft", "--draft"].iter().chain(args).copied().collect();
    desk.accrue_in(&all, 80)
}

/// Compares a text with the kept one, or keeps it with `ACCRUE_BLESS=1`.
fn is_kept(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/simulate").join(name);
    if std::env::var_os("ACCRUE_BLESS").is_some() {
        return std::fs::write(path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, kept, "{}; ACCRUE_BLESS=1 keeps what is printed now", path.display());
}

#[test]
fn the_table_and_the_markdown_are_as_they_were() {
    let desk = desk();
    let args = ["--out", "draft.md", "--max-increase", "5%", "--min-margin", "10%"];
    let ended = simulate(&desk, &args);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    is_kept("table.txt", &ended.out);
    is_kept("markdown.md", &desk.read("draft.md"));
    assert!(ended.out.lines().all(|line| line.chars().count() <= 80), "{}", ended.out);
}

#[test]
fn steps_that_interact_are_told() {
    let ended = simulate(&desk(), &["--json"]);
    let found: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    // 12.00 + 9.50 + 8.50 of 18.00 becomes 15.00 + 10.00 of 14.25; 4.00 stays.
    assert_eq!(found["totals"][0]["old"]["payable"], "34");
    assert_eq!(found["totals"][0]["new"]["payable"], "29");
    let steps = found["steps"].as_array().unwrap();
    let text = |n: usize| steps[n]["changes"][0]["name"].as_str().unwrap();
    assert_eq!([text(0), text(1), text(2)], ["large", "large", "month"]);
    // The limit is reached either way, so no step adds anything before it is lowered.
    let by = |n: usize| steps[n]["money"][0]["change"]["payable"].as_str().unwrap();
    assert_eq!([by(0), by(1), by(2)], ["0", "0", "-5"]);
    assert!(steps[2].get("interactions").is_none(), "{}", ended.out);
    // Without the limit of the old program the rate would add, so it interacts with what takes the limit out.
    let desk = desk();
    let draft = CONTRACT.replace("12%", "15%").replace("30.00", "300.00");
    desk.write("draft/contracts/standard.toml", draft);
    let ended = simulate(&desk, &["--json"]);
    let found: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let interaction = &found["steps"][1]["interactions"][0];
    assert_eq!(
        (&interaction["alone"], &interaction["interaction"]),
        (&"9.5".into(), &"7.5".into()),
        "{}",
        ended.out
    );
    let left_out = simulate(&desk, &["--alone", "0"]);
    assert!(left_out.out.contains("1 step was not also made alone"), "{}", left_out.out);
    // More changes than steps are one step.
    let one = simulate(&desk, &["--steps", "1"]);
    assert!(one.out.contains("Step 1 has several changes: more changes than steps"), "{}", one.out);
}

#[test]
fn each_check_passes_and_fails() {
    let desk = desk();
    let lower = CONTRACT.replace("10%", "8%");
    desk.write("draft/contracts/standard.toml", lower);
    for (bound, passes) in [
        (&["--max-loss-per-partner", "20%"][..], true),
        (&["--max-loss-per-partner", "19.9%"], false),
        (&["--notice-days", "30", "--today", "2025-12-02"], true),
        (&["--notice-days", "31", "--today", "2025-12-02"], false),
        (&["--notice-days", "1", "--today", "2026-02-01"], false),
        // 385.00 less 80.00 of cost and 34.00 - 0.80 - 0.40 of payouts.
        (&["--min-margin", "70%"], true),
        (&["--min-margin", "71%"], false),
        (&["--max-increase", "0%"], true),
    ] {
        let ended = simulate(&desk, bound);
        let (code, word) = if passes { (0, "passed: ") } else { (6, "failed: ") };
        assert_eq!(ended.code, Some(code), "{bound:?}: {}{}", ended.out, ended.err);
        assert!(ended.out.contains(&format!("{word}{}:", bound[0])), "{bound:?}: {}", ended.out);
    }
    desk.write(
        "draft/contracts/standard.toml",
        CONTRACT.replace("rate = \"12%\"", "rate = \"12.1%\"").replace("30.00", "31.00"),
    );
    let ended = simulate(&desk, &["--max-increase", "2%"]);
    assert_eq!(ended.code, Some(6), "{}", ended.out);
    // A version that is not in force yet.
    std::fs::remove_file(desk.path("draft/contracts/standard.toml")).unwrap();
    let next = CONTRACT.replace("version = 1", "version = 2").replace("2026-01-01", "2026-06-01");
    desk.write("draft/contracts/standard-2.toml", next);
    desk.edit("old/contracts/standard.toml", "2026-01-01\n", "2026-01-01\neffective_until = 2026-05-31\n");
    let ended = simulate(&desk, &["--notice-days", "60", "--today", "2026-04-02"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    for wrong in
        [&["--max-increase", "5"][..], &["--notice-days", "3"], &["--max-increase=-5%"], &["--out", "x.txt"]]
    {
        assert_eq!(simulate(&desk, wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn every_file_has_what_was_found_and_none_is_harmed() {
    let desk = desk();
    let outs = ["--out", "d.json", "--out", "d.csv", "--out", "d.xlsx", "--out", "d.svg"];
    let ended = simulate(&desk, &outs);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(desk.read("d.csv").contains("by_partner,EUR,30,0,25,0"), "{}", desk.read("d.csv"));
    let json: serde_json::Value = serde_json::from_str(&desk.read("d.json")).unwrap();
    assert_eq!(json["partners"][0]["change"], "-5");
    let svg = desk.read("d.svg");
    assert!(svg.starts_with("<svg") && svg.contains("-5.00") && svg.contains("acme"), "{svg}");
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(desk.path("d.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut workbook, "by_change").unwrap();
    assert_eq!(sheet.height(), 4);
    for harmed in ["old/contracts/standard.toml", "draft/contracts/standard.toml", "old/actions/march.jsonl"]
    {
        let before = desk.read(harmed);
        std::fs::hard_link(desk.path(harmed), desk.path("link.md")).unwrap();
        assert_eq!(simulate(&desk, &["--out", "link.md"]).code, Some(2), "{harmed}");
        std::fs::remove_file(desk.path("link.md")).unwrap();
        assert_eq!(desk.read(harmed), before);
    }
}

#[test]
fn names_from_outside_are_only_names() {
    let desk = desk();
    let hostile = "a\u{1b}[2J|`@all`<img src=x>\u{202e}";
    let sales = [sale(1, hostile, "100.00"), sale(2, "=1+1", "150.00")];
    desk.write("old/actions/march.jsonl", sales.join("\n") + "\n");
    let evil = CONTRACT.replace("12%", "15%").replace("name = \"large\"", "name = \"lar|`@ge<b>\"");
    desk.write("draft/contracts/standard.toml", &evil);
    let ended = simulate(&desk, &["--out", "d.md", "--out", "d.svg", "--out", "d.csv"]);
    let all =
        [ended.out.clone(), ended.err.clone(), desk.read("d.md"), desk.read("d.svg"), desk.read("d.csv")];
    for text in &all {
        assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{202e}'), "{text}");
    }
    let markdown = desk.read("d.md");
    assert!(markdown.contains("`lar\\|'@ge<b>`"), "{markdown}");
    // Each line of a table has as many cells as its header.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut columns = 0;
    for line in markdown.lines() {
        columns = if line.starts_with('|') { if columns == 0 { cells(line) } else { columns } } else { 0 };
        assert!(columns == 0 || cells(line) == columns, "{line}");
    }
    assert!(!desk.read("d.svg").contains("<b>"), "{}", desk.read("d.svg"));
    assert!(desk.read("d.csv").contains("'=1+1"), "{}", desk.read("d.csv"));
}

#[test]
fn a_draft_that_does_not_load_and_one_that_is_none_are_told() {
    let desk = desk();
    desk.write("draft/contracts/standard.toml", CONTRACT.replace("params.large", "params.huge"));
    let ended = simulate(&desk, &[]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("params.huge") || ended.err.contains("huge"), "{}", ended.err);
    std::fs::remove_dir_all(desk.path("draft/contracts")).unwrap();
    let ended = simulate(&desk, &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("holds no file of a program"), "{}", ended.err);
    let same = desk.accrue(&["simulate", "old", "old"]);
    assert_eq!(same.code, Some(0), "{}", same.err);
    assert!(same.out.contains("The two programs say the same."), "{}", same.out);
}

#[test]
fn what_a_program_does_not_take_is_told() {
    let desk = desk();
    desk.write("draft/program.toml", PROGRAM.replace("sale = {}", "sale = {}\nlead = { amount = false }"));
    let lead = r#"{"id":"l1","event_type":"lead","occurred_at":"2026-03-05T10:00:00Z","touches":[{"partner":"acme","at":"2026-03-01T09:00:00Z","kind":"click"}]}"#;
    desk.write("old/actions/april.jsonl", format!("{lead}\nno json\n"));
    let ended = simulate(&desk, &[]);
    assert_eq!(ended.code, Some(3), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("2 lines not taken"), "{}", ended.err);
    assert!(ended.out.contains("not taken → "), "{}", ended.out);
}
