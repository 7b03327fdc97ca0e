//! The same through `accrue run`: the rest is decided, the exit code is 3, and the rejects file holds what was rejected
//! and nothing else, to be corrected and fed again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::snapshot::root;
use accrue_tests::command::binary;

/// A folder for one test.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("malformed").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.0.join(name)).unwrap_or_default()).into_owned()
    }

    fn accrue(&self, arguments: &[&str]) -> Ended {
        let output = Command::new(binary().unwrap()).args(arguments).current_dir(&self.0).output().unwrap();
        let ended = Ended::of(&output);
        assert!(!ended.said.contains("panicked"), "{}", ended.said);
        ended
    }

    /// `accrue run` of the program here over `actions`.
    fn run(&self, actions: &str) -> Ended {
        let rejects = if actions.ends_with(".csv") { "rejects.csv" } else { "rejects.jsonl" };
        let program = root().join("program");
        self.accrue(&["run", program.to_str().unwrap(), actions, "--json", "--rejects", rejects])
    }
}

struct Ended {
    code: Option<i32>,
    /// The ids that were decided, in order.
    decided: Vec<String>,
    /// Standard error.
    said: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let decided = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|decision| decision["action"].as_str().map(str::to_owned))
            .collect();
        Self {
            code: output.status.code(),
            decided,
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn action(id: &str, amount: &str) -> String {
    format!(
        r#"{{"id":"{id}","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"{amount}","touches":[{{"partner":"acme","at":"2026-03-01T09:00:00Z","kind":"click"}}]}}"#
    )
}

#[test]
fn the_rest_is_decided_and_rejects_can_be_fed_again() {
    let desk = Desk::new("json");
    let bad =
        [action("a2", "12,50"), action("a4", "5.00").replace("sale", "sael"), r#"{"id":"a5","#.to_owned()];
    let lines =
        [&action("a1", "10.00"), &bad[0], &action("a3", "10.00"), &bad[1], &bad[2], &action("a6", "10.00")];
    desk.file("march.jsonl", lines.map(|line| format!("{line}\n")).concat());

    let first = desk.run("march.jsonl");
    assert_eq!(first.code, Some(3), "{}", first.said);
    assert_eq!(first.decided, ["a1", "a3", "a6"]);
    for named in ["march.jsonl", "2", "amount", "4", "event_type", "5", "sael"] {
        assert!(first.said.contains(named), "`{named}` is not named in:\n{}", first.said);
    }
    assert_eq!(desk.read("rejects.jsonl"), bad.map(|line| line + "\n").concat());

    let corrected = desk
        .read("rejects.jsonl")
        .replace("12,50", "12.50")
        .replace("sael", "sale")
        .replace(r#"{"id":"a5","#, &action("a5", "7.00"));
    desk.file("corrected.jsonl", corrected);
    let second = desk.run("corrected.jsonl");
    assert_eq!(second.code, Some(0), "{}", second.said);
    assert_eq!(second.decided, ["a2", "a4", "a5"]);
}

#[test]
fn rejected_rows_keep_their_header() {
    let desk = Desk::new("csv");
    let header = "id,event_type,occurred_at,amount,touch.partner,touch.at,touch.kind\n";
    let row = |id: &str, amount: &str| {
        format!("{id},sale,2026-03-01T10:00:00Z,{amount},acme,2026-03-01T09:00:00Z,click\n")
    };
    desk.file("march.csv", [header, &row("a1", "10.00"), &row("a2", "ten"), &row("a3", "10.00")].concat());
    let first = desk.run("march.csv");
    assert_eq!(first.code, Some(3), "{}", first.said);
    assert_eq!(first.decided, ["a1", "a3"]);
    assert_eq!(desk.read("rejects.csv"), [header, &row("a2", "ten")].concat());
    desk.file("corrected.csv", desk.read("rejects.csv").replace("ten", "10.00"));
    let second = desk.run("corrected.csv");
    assert_eq!((second.code, second.decided), (Some(0), vec!["a2".to_owned()]), "{}", second.said);
}

#[test]
fn the_same_id_twice() {
    let desk = Desk::new("twice");
    let lines = [action("a1", "10.00"), action("a2", "10.00"), action("a1", "99.00")];
    desk.file("march.jsonl", lines.clone().map(|line| line + "\n").concat());
    let ended = desk.run("march.jsonl");
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert_eq!(ended.decided, ["a1", "a2"]);
    assert!(ended.said.contains("a1") && ended.said.contains("march.jsonl"), "{}", ended.said);
    assert_eq!(desk.read("rejects.jsonl"), format!("{}\n", lines[2]));
}

#[test]
fn the_same_id_in_two_files() {
    let desk = Desk::new("two-files");
    desk.file("march.jsonl", action("a1", "10.00") + "\n");
    desk.file("april.jsonl", format!("{}\n{}\n", action("a1", "99.00"), action("a2", "5.00")));
    let program = root().join("program");
    let ended = desk.accrue(&[
        "run",
        program.to_str().unwrap(),
        "march.jsonl",
        "april.jsonl",
        "--json",
        "--rejects",
        "rejects.jsonl",
    ]);
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert_eq!(ended.decided, ["a1", "a2"]);
    assert!(ended.said.contains("april.jsonl"), "{}", ended.said);
    assert_eq!(desk.read("rejects.jsonl"), action("a1", "99.00") + "\n");
}

#[test]
fn bytes_that_are_not_utf8_come_back_as_they_were() {
    let desk = Desk::new("bytes");
    let mut bad = action("a2", "10.00").into_bytes();
    bad.splice(8..8, *b"\xff\xfe");
    let bytes = [action("a1", "10.00").as_bytes(), b"\n", &bad, b"\n"].concat();
    desk.file("march.jsonl", bytes);
    let ended = desk.run("march.jsonl");
    assert_eq!((ended.code, ended.decided.len()), (Some(3), 1), "{}", ended.said);
    assert_eq!(fs::read(desk.0.join("rejects.jsonl")).unwrap(), [bad.as_slice(), b"\n"].concat());
}

#[test]
fn files_that_are_not_there() {
    let desk = Desk::new("missing");
    let ended = desk.run("nowhere.jsonl");
    assert!(matches!(ended.code, Some(2 | 4)), "{:?} {}", ended.code, ended.said);
    assert!(ended.said.contains("nowhere.jsonl"), "{}", ended.said);
    let ended = desk.accrue(&["run", "no-program"]);
    assert!(matches!(ended.code, Some(2 | 4)), "{:?} {}", ended.code, ended.said);
    assert!(ended.said.contains("no-program"), "{}", ended.said);
    desk.file("march.txt", action("a1", "10.00"));
    let ended = desk.run("march.txt");
    assert!(!matches!(ended.code, Some(0)), "{}", ended.said);
    assert!(ended.said.contains("march.txt"), "{}", ended.said);
}

#[test]
fn an_empty_file_has_nothing_to_decide() {
    let desk = Desk::new("empty");
    desk.file("march.jsonl", "");
    let ended = desk.run("march.jsonl");
    assert_eq!((ended.code, ended.decided.len()), (Some(0), 0), "{}", ended.said);
    assert!(!desk.0.join("rejects.jsonl").exists() || desk.read("rejects.jsonl").is_empty());
}

#[test]
fn a_header_that_no_row_can_be_trusted_under() {
    let desk = Desk::new("header");
    desk.file("march.csv", "id,event_type,occurred_at,amout\na1,sale,2026-03-01T10:00:00Z,5.00\n");
    let ended = desk.run("march.csv");
    assert!(!matches!(ended.code, Some(0)), "{}", ended.said);
    assert!(ended.said.contains("march.csv") && ended.said.contains("amout"), "{}", ended.said);
    assert!(ended.said.contains("amount"), "the nearest name is not named: {}", ended.said);
}

/// Every file of this corpus, as a user would feed it.
#[test]
fn no_file_of_the_corpus_stops_a_run() {
    let desk = Desk::new("corpus");
    for path in crate::snapshot::files(&root().join("actions")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::copy(&path, desk.0.join(name)).unwrap();
        let ended = desk.run(name);
        assert!(matches!(ended.code, Some(0 | 2 | 3)), "{name}: {:?}\n{}", ended.code, ended.said);
        if ended.code == Some(3) {
            assert!(ended.said.contains(name), "{name} is not named:\n{}", ended.said);
        }
    }
}

/// Facts that are wrong are named, and never taken for others.
#[test]
fn wrong_reference_facts_are_named() {
    let desk = Desk::new("facts");
    desk.file("march.jsonl", action("a1", "10.00") + "\n");
    for path in crate::snapshot::files(&root().join("facts")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if crate::read::describe_facts(name, &fs::read(&path).unwrap()).starts_with("0 faults") {
            continue;
        }
        let facts = desk.0.join("facts");
        let _ = fs::remove_dir_all(&facts);
        fs::create_dir_all(&facts).unwrap();
        let (kind, rest) = name.split_once('.').unwrap();
        let ending = rest.rsplit('.').next().unwrap();
        let stored = format!("{kind}.{ending}");
        fs::copy(&path, facts.join(&stored)).unwrap();
        let program = root().join("program");
        let ended =
            desk.accrue(&["run", program.to_str().unwrap(), "march.jsonl", "--json", "--facts", "facts"]);
        assert!(!matches!(ended.code, Some(0) | None), "{name}: {}", ended.said);
        assert!(ended.said.contains(&stored), "{name} is not named:\n{}", ended.said);
    }
}
