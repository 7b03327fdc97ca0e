//! What order actions come in, in how many files and in which format makes no difference.

use crate::Desk;

/// The lines in an order that has nothing to do with theirs.
fn shuffled(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut state = 11u64;
    for last in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lines.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
    }
    lines.join("\n") + "\n"
}

#[test]
fn unsorted_input_gives_the_same_bytes() {
    let desk = Desk::new(500);
    let sorted = desk.read("shop/actions/sample.jsonl");
    desk.write("mixed.jsonl", shuffled(&sorted));
    let expected = desk.accrue(&["run", "shop", "--json"]);
    assert_eq!(expected.decided().len(), 500);
    let mixed = desk.accrue(&["run", "shop", "mixed.jsonl", "--json"]);
    assert_eq!((mixed.code, &mixed.out), (Some(0), &expected.out));
    let piped = desk.accrue_with(&["run", "shop", "-", "--json"], &shuffled(&sorted));
    assert_eq!((piped.code, &piped.out), (Some(0), &expected.out));
}

/// Actions in order are decided by several threads, a batch at a time; others one by one.
#[test]
fn many_batches_are_decided_as_one_by_one() {
    let desk = Desk::new(3_000);
    let mut lines: Vec<String> = desk.read("shop/actions/sample.jsonl").lines().map(str::to_owned).collect();
    for line in lines.iter_mut().skip(50).step_by(97) {
        *line = line.replace("\"id\"", "\"di\"");
    }
    let (last, rest) = lines.split_last().unwrap();
    desk.write("sorted.jsonl", lines.join("\n"));
    desk.write("last.jsonl", last);
    desk.write("rest.jsonl", rest.join("\n"));
    for format in ["jsonl", "csv", "parquet"] {
        let run = |inputs: &[&str], out: &str| {
            let rejects = format!("{out}.rejects");
            let args = [&["run", "shop"], inputs, &["--out", out, "--rejects", &rejects]].concat();
            let ended = desk.accrue(&args);
            assert_eq!(ended.code, Some(3), "{}", ended.err);
            let decisions = std::fs::read(desk.path(out)).unwrap();
            (decisions, desk.read(&rejects), ended.err.lines().count())
        };
        let batches = run(&["sorted.jsonl"], &format!("a.{format}"));
        let one_by_one = run(&["last.jsonl", "rest.jsonl"], &format!("b.{format}"));
        assert_eq!(batches.1.lines().count(), 31);
        assert!(batches == one_by_one, "{format} differs");
    }
}

#[test]
fn several_files_are_one_stream() {
    let desk = Desk::new(200);
    let all = desk.read("shop/actions/sample.jsonl");
    let expected = desk.accrue(&["run", "shop", "--json"]);
    let odd: Vec<&str> = all.lines().step_by(2).collect();
    let even: Vec<&str> = all.lines().skip(1).step_by(2).collect();
    desk.write("a.jsonl", odd.join("\n"));
    desk.write("b.jsonl", even.join("\n"));
    let both = desk.accrue(&["run", "shop", "b.jsonl", "a.jsonl", "--json"]);
    assert_eq!((both.code, &both.out), (Some(0), &expected.out));
}

#[test]
fn csv_in_any_order_with_quotes_and_rows_that_belong_together() {
    let desk = Desk::new(0);
    let header = "id,event_type,occurred_at,amount,item.sku,item.amount,touch.partner,touch.at,touch.kind\n";
    let touch = "bean-diary,2026-03-01T09:00:00Z,click";
    let rows = [
        format!(
            "a1,sale,2026-03-02T10:00:00Z,30.00,\"MUG, \"\"blue\"\"\",10.00,{touch}\na1,,,,\"two, too\",20.00,,,\n"
        ),
        format!("a2,sale,2026-03-02T11:00:00Z,5.00,,,{touch}\n"),
        format!("a3,sale,2026-03-02T12:00:00Z,7.00,,,{touch}\n"),
    ];
    desk.write("sorted.csv", format!("{header}{}{}{}", rows[0], rows[1], rows[2]));
    desk.write("mixed.csv", format!("{header}{}{}{}", rows[2], rows[0], rows[1]));
    let sorted = desk.accrue(&["run", "shop", "sorted.csv", "--json"]);
    assert_eq!(sorted.code, Some(0), "{}", sorted.err);
    assert_eq!(sorted.decided(), ["a1", "a2", "a3"]);
    let mixed = desk.accrue(&["run", "shop", "mixed.csv", "--json"]);
    assert_eq!((mixed.code, &mixed.out), (Some(0), &sorted.out), "{}", mixed.err);
}

#[test]
fn decisions_as_csv_and_into_a_file() {
    let desk = Desk::new(50);
    let printed = desk.accrue(&["run", "shop", "--format", "csv"]);
    assert_eq!(printed.out.lines().count(), 51);
    assert!(
        printed.out.starts_with(
            "action,event_type,occurred_at,order_id,partner,role,share,reported_partner,status,"
        ),
        "{}",
        printed.out
    );
    let kept = desk.accrue(&["run", "shop", "--out", "decisions.csv"]);
    assert_eq!(kept.code, Some(0));
    assert!(kept.out.contains("Payout: "), "the summary is printed beside the file: {}", kept.out);
    assert_eq!(desk.read("decisions.csv"), printed.out);
    let lines = desk.accrue(&["run", "shop", "--format", "csv", "--lines"]);
    let header = "action,event_type,occurred_at,order_id,partner,status,currency,item,sku,";
    assert!(lines.out.starts_with(header), "{}", lines.out);
    let refused = desk.accrue(&["run", "shop", "--json", "--lines"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    desk.accrue(&["run", "shop", "--out", "decisions.jsonl"]);
    assert_eq!(desk.read("decisions.jsonl"), desk.accrue(&["run", "shop", "--json"]).out);
}

#[test]
fn a_trace_is_added_when_asked_for_and_changes_nothing_else() {
    let desk = Desk::new(20);
    let plain = desk.accrue(&["run", "shop", "--json"]);
    let traced = desk.accrue(&["run", "shop", "--json", "--trace"]);
    for (plain, traced) in plain.out.lines().zip(traced.out.lines()) {
        let plain: serde_json::Value = serde_json::from_str(plain).unwrap();
        let mut traced: serde_json::Value = serde_json::from_str(traced).unwrap();
        assert!(traced.as_object_mut().unwrap().remove("trace").is_some());
        assert_eq!(plain, traced);
    }
}

#[test]
fn moments_of_csv_without_an_offset_are_of_the_programs_zone() {
    let desk = Desk::new(0);
    let header = "id,event_type,occurred_at,amount,touch.partner,touch.at,touch.kind\n";
    let row = |id: &str, at: &str| format!("{id},sale,{at},30.00,bean-diary,2026-03-01T09:00:00Z,click\n");
    let with = [row("a1", "2026-03-02T10:00:00+01:00"), row("a2", "2026-03-29T00:59:00Z")];
    let without = [row("a1", "2026-03-02 10:00"), row("a2", "2026-03-29T01:59:00")];
    desk.write("with.csv", format!("{header}{}{}", with[0], with[1]));
    desk.write("without.csv", format!("{header}{}{}", without[1], without[0]));
    let expected = desk.accrue(&["run", "shop", "with.csv", "--json"]);
    let found = desk.accrue(&["run", "shop", "without.csv", "--json"]);
    assert_eq!((found.code, &found.out), (Some(0), &expected.out), "{}", found.err);
    desk.write("never.csv", format!("{header}{}", row("a3", "2026-03-29 02:30")));
    let never = desk.accrue(&["run", "shop", "never.csv", "--json"]);
    assert_eq!(never.code, Some(3));
    assert!(never.err.contains("clocks in Europe/Berlin never show"), "{}", never.err);
}

#[cfg(unix)]
#[test]
fn the_mode_of_an_output_is_that_of_any_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let desk = Desk::new(3);
    desk.write("plain.txt", "");
    desk.accrue(&["run", "shop", "--out", "decisions.csv", "--state", "state.json"]);
    let mode = |name: &str| std::fs::metadata(desk.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("decisions.csv"), mode("plain.txt"));
    assert_eq!(mode("state.json"), mode("plain.txt"));
}
