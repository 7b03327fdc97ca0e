//! Exports: what `accrue import` and `accrue run --map` make of them.

use super::Desk;

const MAPPING: &str = r#"
title = "A network"
[values]
decimal_mark = ","
dates = ["DD.MM.YYYY HH:mm"]
[columns]
id = "Order"
event_type = { value = "sale" }
occurred_at = "Date"
amount = "Total"
"touch.partner" = "Publisher"
"touch.at" = "Date"
"touch.kind" = { value = "click" }
[rows]
skip_when = { column = "Order", is = ["Sum"] }
[status]
column = "Status"
approved = ["ok"]
reversed = ["void"]
"#;

const EXPORT: &str = "Order;Date;Total;Publisher;Status\n\
    3;04.03.2026 09:00;30,00;acme;ok\n\
    1;02.03.2026 09:00;10,50;größe;ok\n\
    2;03.03.2026 09:00;20,00;acme;void\n\
    4;05.03.2026 09:00;4.0;acme;ok\n\
    1;06.03.2026 09:00;10,00;acme;ok\n\
    Sum;;70,00;;\n";

fn desk() -> Desk {
    let desk = Desk::new(1);
    std::fs::create_dir(desk.path("shop/imports")).unwrap();
    desk.write("shop/imports/network.toml", MAPPING);
    desk.write("march.csv", EXPORT);
    desk
}

#[test]
fn run_with_a_mapping_decides_as_import_and_run_do() {
    let desk = desk();
    let mapped = desk.accrue(&["run", "shop", "--map", "network", "march.csv", "--out", "mapped.jsonl"]);
    assert_eq!(mapped.code, Some(3), "{}", mapped.err);
    assert!(mapped.err.contains("march.csv:5: Total (amount): `4.0` is not a number"), "{}", mapped.err);
    assert!(mapped.err.contains("march.csv:6: id: `1` is on line 3 already"), "{}", mapped.err);
    assert!(mapped.err.contains("1 row left out"), "{}", mapped.err);
    assert!(mapped.err.contains("1 transaction set aside"), "{}", mapped.err);
    let imported =
        desk.accrue(&["import", "network", "march.csv", "--program", "shop", "--out", "actions.jsonl"]);
    assert_eq!(imported.code, Some(3), "{}", imported.err);
    let run = desk.accrue(&["run", "shop", "actions.jsonl", "--out", "run.jsonl"]);
    assert_eq!(run.code, Some(3), "the id that is there twice is rejected now: {}", run.err);
    assert!(!desk.read("run.jsonl").is_empty());
    assert_eq!(desk.read("run.jsonl"), desk.read("mapped.jsonl"));
    let explained = desk.accrue(&["explain", "shop", "3", "--map", "network", "march.csv"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
}

#[test]
fn rejected_and_reversed_rows_are_kept_with_the_header_of_the_export() {
    let desk = desk();
    let text: String = EXPORT.lines().map(|line| format!("{line}\r\n")).collect();
    desk.write(
        "march.csv",
        text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect::<Vec<u8>>(),
    );
    desk.edit("shop/imports/network.toml", "[rows]", "[file]\nencoding = \"windows-1252\"\n[rows]");
    let imported =
        desk.accrue(&["import", "network", "march.csv", "--program", "shop", "--rejects", "bad.csv"]);
    assert_eq!(imported.code, Some(3), "{}", imported.err);
    assert_eq!(imported.out.lines().count(), 3);
    assert!(imported.out.contains("größe"), "{}", imported.out);
    let kept = desk.read("march.set-aside.csv");
    assert_eq!(kept, "\u{FEFF}Order;Date;Total;Publisher;Status\n2;03.03.2026 09:00;20,00;acme;void\n");
    desk.edit("bad.csv", "4.0", "4,0");
    let again = desk.accrue(&["import", "network", "bad.csv", "--program", "shop"]);
    assert_eq!((again.code, again.out.lines().count()), (Some(0), 1), "{}", again.err);
}

#[test]
fn what_does_not_fit_ends_before_anything_is_decided() {
    let desk = desk();
    desk.write("other.csv", "a,b\n1,2\n");
    let unfit = desk.accrue(&["run", "shop", "--map", "network", "other.csv", "--out", "d.jsonl"]);
    assert_eq!(unfit.code, Some(1), "{}", unfit.err);
    assert!(unfit.err.contains("`other.csv` does not fit the mapping `network`"), "{}", unfit.err);
    assert!(!desk.path("d.jsonl").exists());
    let unknown = desk.accrue(&["run", "shop", "--map", "netwrok", "march.csv"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("did you mean `network`?"), "{}", unknown.err);
    desk.edit("shop/imports/network.toml", "amount =", "amuont =");
    let faulty = desk.accrue(&["import", "shop/imports/network.toml", "march.csv"]);
    assert_eq!(faulty.code, Some(1));
    assert!(faulty.err.contains("did you mean `amount`?"), "{}", faulty.err);
    assert_eq!(desk.accrue(&["import", "network"]).code, Some(2));
    assert_eq!(desk.accrue(&["import"]).code, Some(2));
}

#[test]
fn a_proposal_is_written_and_its_questions_are_asked() {
    let desk = desk();
    let proposed = desk.accrue(&["import", "--guess", "march.csv", "--out", "proposal.toml"]);
    assert_eq!(proposed.code, Some(0), "{}", proposed.err);
    assert!(desk.read("proposal.toml").contains("id = \"Order\""));
    assert!(proposed.err.contains("question: "), "{}", proposed.err);
    let listed = desk.accrue(&["import", "--list", "--program", "shop"]);
    assert!(listed.out.contains("A network") && listed.out.contains("ships with Accrue"), "{}", listed.out);
}
