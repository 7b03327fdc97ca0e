//! What cannot be decided is named, kept as it came, and can be fed again; the rest is decided.

use std::sync::Arc;

use accrue_arrow::write_actions;
use arrow_array::{ArrayRef, RecordBatch, StringArray};

use crate::{Desk, action};

#[test]
fn lines_of_every_kind_of_fault_come_back_as_they_were() {
    let desk = Desk::new(0);
    let long = action("a8", "10.00").replace("bean-diary", &"x".repeat(2 << 20));
    let bad: [Vec<u8>; 7] = [
        action("a1", "12,50").into_bytes(),
        action("a2", "5.00").replace("sale", "sael").into_bytes(),
        br#"{"id":"a3","#.to_vec(),
        b"not json at all".to_vec(),
        [br#"{"id":"a5\xff"#.as_slice(), b"\xfe\"}"].concat(),
        action("a6", "5.00").replace("2026-03-02", "2026-02-30").into_bytes(),
        long.into_bytes(),
    ];
    let mut input = Vec::new();
    for (n, line) in bad.iter().enumerate() {
        input.extend(
            [line.as_slice(), b"\n", action(&format!("good-{n}"), "10.00").as_bytes(), b"\n"].concat(),
        );
    }
    desk.write("march.jsonl", &input);
    let ended = desk.accrue(&["run", "shop", "march.jsonl", "--json", "--rejects", "rejects.jsonl"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert_eq!(ended.decided().len(), 7);
    for line in [1, 3, 5, 7, 9, 11, 13] {
        assert!(
            ended.err.contains(&format!("march.jsonl:{line}:")),
            "line {line} is not named:\n{}",
            ended.err
        );
    }
    assert!(ended.err.contains("7 lines rejected, kept in rejects.jsonl"), "{}", ended.err);
    let kept = std::fs::read(desk.path("rejects.jsonl")).unwrap();
    let expected: Vec<u8> = bad.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
    assert!(kept == expected, "the rejects are not what came in");

    // The same when the input has to be sorted.
    desk.write("late.jsonl", action("z", "1.00").replace("2026-03-02T10", "2026-03-02T11") + "\n");
    let ended =
        desk.accrue(&["run", "shop", "late.jsonl", "march.jsonl", "--json", "--rejects", "again.jsonl"]);
    assert_eq!((ended.code, ended.decided().len()), (Some(3), 8), "{}", ended.err);
    assert!(std::fs::read(desk.path("again.jsonl")).unwrap() == expected);
}

#[test]
fn an_id_counts_once_over_all_files() {
    let desk = Desk::new(0);
    desk.write("a.jsonl", [action("a1", "1.00"), action("a2", "1.00"), action("a1", "2.00")].join("\n"));
    desk.write("b.jsonl", [action("a2", "1.00"), action("a3", "1.00")].join("\n"));
    let ended = desk.accrue(&["run", "shop", "a.jsonl", "b.jsonl", "--json", "--rejects", "r.jsonl"]);
    assert_eq!(ended.code, Some(3));
    assert_eq!(ended.decided(), ["a1", "a2", "a3"]);
    assert!(ended.err.contains("a.jsonl:3: id: `a1` is on line 1 already"), "{}", ended.err);
    assert!(ended.err.contains("b.jsonl:1: id: `a2` is on line 2 of `a.jsonl` already"), "{}", ended.err);
    assert_eq!(desk.read("r.jsonl"), [action("a1", "2.00"), action("a2", "1.00"), String::new()].join("\n"));
}

#[test]
fn a_file_fed_twice_is_decided_once() {
    let desk = Desk::new(300);
    let once = desk.accrue(&["run", "shop", "--json"]);
    let sample = "shop/actions/sample.jsonl";
    let twice = desk.accrue(&["run", "shop", sample, sample, "--json", "--rejects", "r.jsonl"]);
    assert_eq!((twice.code, &twice.out), (Some(3), &once.out));
    assert_eq!(desk.read("r.jsonl"), desk.read(sample));
    assert!(twice.err.contains("… and 280 more errors"), "{}", twice.err);
}

#[test]
fn corrected_rejects_are_decided() {
    let desk = Desk::new(0);
    desk.write("march.jsonl", [action("a1", "1.00"), action("a2", "ten")].join("\n"));
    let first = desk.accrue(&["run", "shop", "march.jsonl"]);
    assert_eq!(first.code, Some(3));
    let name = "corner-roastery.rejects.jsonl";
    assert!(first.err.contains(name), "{}", first.err);
    desk.edit(name, "ten", "10.00");
    let second = desk.accrue(&["run", "shop", name, "--json"]);
    assert_eq!((second.code, second.decided()), (Some(0), vec!["a2".to_owned()]), "{}", second.err);
    // The next rejects do not take the place of these.
    desk.accrue(&["run", "shop", "march.jsonl"]);
    assert!(desk.read(name).contains("10.00"));
    assert!(desk.read("corner-roastery.rejects-2.jsonl").contains("ten"));
}

#[test]
fn rows_keep_their_header_and_a_header_that_is_wrong_rejects_all() {
    let desk = Desk::new(0);
    let header = "id,event_type,occurred_at,amount,touch.partner,touch.at,touch.kind\n";
    let row = |id: &str, amount: &str| {
        format!("{id},sale,2026-03-02T10:00:00Z,{amount},bean-diary,2026-03-01T09:00:00Z,click\n")
    };
    desk.write("march.csv", [header, &row("a1", "1.00"), &row("a2", "ten")].concat());
    let wrong = header.replace("amount", "amuont");
    desk.write("april.csv", [&wrong, row("b1", "1.00").as_str(), &row("b2", "1.00")].concat());
    let ended = desk.accrue(&["run", "shop", "march.csv", "april.csv", "--json"]);
    assert_eq!((ended.code, ended.decided()), (Some(3), vec!["a1".to_owned()]), "{}", ended.err);
    assert!(ended.err.contains("march.csv:3: amount:"), "{}", ended.err);
    assert!(ended.err.contains("april.csv:1: amuont:"), "{}", ended.err);
    assert!(ended.err.contains("3 lines rejected"), "{}", ended.err);
    assert_eq!(desk.read("corner-roastery.rejects.csv"), [header, &row("a2", "ten")].concat());
    assert_eq!(desk.read("corner-roastery.rejects-2.csv"), desk.read("april.csv"));
}

#[test]
fn nothing_rejected_leaves_no_file() {
    let desk = Desk::new(5);
    desk.accrue(&["run", "shop", "--rejects", "r.jsonl"]);
    assert!(!desk.path("r.jsonl").exists());
}

#[test]
fn nothing_is_decided_with_facts_that_are_wrong() {
    let desk = Desk::new(5);
    desk.edit("shop/facts/promo_codes.csv", "code,owner", "code,ownr");
    let ended = desk.accrue(&["run", "shop", "--json"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("promo_codes.csv:1: ownr:"), "{}", ended.err);
    assert!(ended.err.contains("nothing was decided: 1 error in the reference facts"), "{}", ended.err);
    let checked = desk.accrue(&["check", "shop"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.err.contains("promo_codes.csv:1: ownr:"), "{}", checked.err);
}

/// Which of two lines with one id is right is for a person to say, so the line that can be read is not decided instead of the other.
#[test]
fn an_id_on_a_rejected_line_is_taken_in_every_format() {
    let desk = Desk::new(0);
    let rows = [("a1", "ten", "10:00"), ("a2", "5.00", "11:00"), ("a1", "7.00", "12:00"), ("", "x", "12:01")];
    let at = |time: &str| format!("2026-03-02T{time}:00Z");
    let json: Vec<String> = rows
        .iter()
        .map(|(id, amount, time)| action(id, amount).replace("2026-03-02T10:00:00Z", &at(time)))
        .collect();
    desk.write("a.jsonl", json.join("\n"));
    let header = "id,event_type,occurred_at,amount,touch.partner,touch.at,touch.kind,customer.status";
    let csv = rows.map(|(id, amount, time)| {
        format!("{id},sale,{},{amount},bean-diary,2026-03-01T09:00:00Z,click,new", at(time))
    });
    desk.write("a.csv", format!("{header}\n{}", csv.join("\n")));
    let texts = |each: &dyn Fn(&(&str, &str, &str)) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(each)))
    };
    let batch = RecordBatch::try_from_iter([
        ("id", texts(&|row| row.0.to_owned())),
        ("event_type", texts(&|_| "sale".to_owned())),
        ("occurred_at", texts(&|row| at(row.2))),
        ("amount", texts(&|row| row.1.to_owned())),
    ]);
    desk.write("a.parquet", write_actions(Vec::new(), [batch.unwrap()]).unwrap());
    std::fs::create_dir(desk.path("shop/imports")).unwrap();
    let mapping = "title = \"Own\"\n[values]\ndates = [\"YYYY-MM-DDTHH:mm:ssZ\"]\n[columns]\nid = \"id\"\nevent_type = \"event_type\"\n\
                   occurred_at = \"occurred_at\"\namount = \"amount\"\n[rows]\nignore = \"others\"\n";
    desk.write("shop/imports/own.toml", mapping);
    desk.write("b.csv", format!("{header}\n{}", csv.join("\n")));

    for (file, first, map) in
        [("a.jsonl", 1, None), ("a.csv", 2, None), ("a.parquet", 1, None), ("b.csv", 2, Some("own"))]
    {
        let map: &[&str] = map.as_slice();
        let map = if map.is_empty() { Vec::new() } else { [&["--map"], map].concat() };
        let run = |files: &[&str]| {
            let args = [&["run", "shop"], files, &map, &["--json", "--rejects", "r"]].concat();
            desk.accrue(&args)
        };
        let ended = run(&[file]);
        assert_eq!((ended.code, ended.decided()), (Some(3), vec!["a2".to_owned()]), "{file}: {}", ended.err);
        let repeated = format!("{file}:{}: id: `a1` is on line {first} already", first + 2);
        assert!(ended.err.contains(&repeated), "`{repeated}` is not in {}", ended.err);
        // Lines that have to be sorted.
        let name = file.split_once('.').unwrap();
        let late = format!("late.{}", name.1);
        std::fs::copy(desk.path(file), desk.path(&late)).unwrap();
        let ended = run(&[file, &late]);
        assert_eq!((ended.code, ended.decided()), (Some(3), vec!["a2".to_owned()]), "{file}: {}", ended.err);
    }
}

/// Blanks around an id are no part of it, and neither is its moment.
#[test]
fn an_id_that_is_written_otherwise_counts_once_too() {
    let desk = Desk::new(0);
    let late = |line: String| line.replace("T10:00", "T11:00");
    let lines = [
        late(action(" a1 ", "1.00")),
        action("a1", "2.00"),
        action("a2", "1.00").replace("2026-03-02T10:00:00Z", "some time"),
        action("a2", "2.00"),
    ];
    desk.write("a.jsonl", lines.join("\n"));
    let ended = desk.accrue(&["run", "shop", "a.jsonl", "--json", "--rejects", "r.jsonl"]);
    assert_eq!((ended.code, ended.decided()), (Some(3), vec!["a1".to_owned()]), "{}", ended.err);
    assert!(ended.err.contains("a.jsonl:2: id: `a1` is on line 1 already"), "{}", ended.err);
    assert!(ended.err.contains("a.jsonl:4: id: `a2` is on line 3 already"), "{}", ended.err);
}
