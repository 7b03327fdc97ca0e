//! How commands end: exit codes, messages for what is missing, and a reader that has gone away.

use std::io::Read as _;

use crate::{Desk, action, command};

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::new(0);
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.write("notes.txt", "a1");
    for (args, code, named) in [
        (&["check", "nowhere"][..], 2, "there is no folder `nowhere`"),
        (&["check", "notes.txt"], 2, "`notes.txt` is a file"),
        (&["check", "empty"], 2, "it has no program.toml"),
        (&["run", "shop", "nowhere.jsonl"], 4, "cannot read `nowhere.jsonl`: there is no such file"),
        (&["run", "shop", "empty"], 2, "`empty` is a folder"),
        (&["run", "shop", "notes.txt"], 2, "neither a .jsonl nor a .csv"),
        (&["run", "shop", "--facts", "nowhere"], 2, "there is no folder `nowhere`"),
        (&["run", "shop", "--out", "nowhere/out.jsonl"], 4, "cannot write `nowhere/out.jsonl`"),
        (&["run", "shop", "--summary", "nowhere/s.json"], 4, "cannot write `nowhere/s.json`"),
        (&["run", "shop", "--out", "x.jsonl", "--format", "table"], 2, "--out"),
        (&["run", "shop", "--out", "d.xls"], 2, "does not say in which format"),
        (&["run", "shop", "--out", "d.csv.gz"], 2, "does not say in which format"),
        (
            &["run", "shop", "shop/actions/sample.jsonl", "--out", "shop/actions/sample.jsonl"],
            2,
            "one of the inputs",
        ),
        (&["frobnicate"], 2, "frobnicate"),
    ] {
        let ended = desk.accrue(args);
        assert_eq!(ended.code, Some(code), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(named), "{args:?}: {}", ended.err);
        assert!(ended.out.is_empty(), "{args:?}: {}", ended.out);
    }
}

#[test]
fn a_program_with_errors_decides_nothing() {
    let desk = Desk::new(3);
    desk.edit("shop/rules/loyalty.rhai", "params.gold", "params.glod");
    for args in [&["run", "shop", "--json"][..], &["test", "shop"], &["explain", "shop", "a-000001"]] {
        let ended = desk.accrue(args);
        assert_eq!(ended.code, Some(1), "{args:?}");
        assert!(ended.out.is_empty(), "{args:?}: {}", ended.out);
        for shown in ["params.glod", "shop/rules/loyalty.rhai:4:", "gold"] {
            assert!(ended.err.contains(shown), "no `{shown}` in:\n{}", ended.err);
        }
    }
}

#[test]
fn warnings_are_allowed_unless_they_are_denied() {
    let desk = Desk::new(0);
    desk.edit("shop/contracts/standard.toml", "[params]", "[params]\nspare = 1");
    assert_eq!(desk.accrue(&["check", "shop"]).code, Some(0));
    assert_eq!(desk.accrue(&["check", "shop", "--deny-warnings"]).code, Some(1));
    desk.write("one.jsonl", action("a1", "1.00"));
    let run = desk.accrue(&["run", "shop", "one.jsonl"]);
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("1 warning, shown by `accrue check shop`"), "{}", run.err);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let desk = Desk::new(3_000);
    let mut child = command(desk.dir.path()).args(["run", "shop", "--json"]).spawn().unwrap();
    drop(child.stdin.take());
    let mut start = [0u8; 1];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn help_lists_the_exit_codes() {
    let desk = Desk::new(0);
    let help = desk.accrue(&["--help"]);
    assert_eq!(help.code, Some(0));
    assert!(help.out.contains("3  some input was rejected"), "{}", help.out);
    assert!(desk.accrue(&["completions", "bash"]).out.contains("accrue"));
}
