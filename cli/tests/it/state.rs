//! Counters carried from one run to the next.

use crate::Desk;

/// The sample, split in two halves that are run one after the other, is the sample in one run.
#[test]
fn two_runs_with_a_state_are_one_run() {
    let desk = Desk::new(600);
    let sample = desk.read("shop/actions/sample.jsonl");
    let lines: Vec<&str> = sample.lines().collect();
    let (first, second) = lines.split_at(300);
    desk.write("first.jsonl", first.join("\n"));
    desk.write("second.jsonl", second.join("\n"));
    let whole = desk.accrue(&["run", "shop", "--json"]);
    assert!(whole.err.contains("began from nothing"), "{}", whole.err);

    let one = desk.accrue(&["run", "shop", "first.jsonl", "--json", "--state", "state.json"]);
    assert_eq!(one.code, Some(0), "{}", one.err);
    assert!(one.err.contains("began from nothing"), "{}", one.err);
    let two = desk.accrue(&["run", "shop", "second.jsonl", "--json", "--state", "state.json"]);
    assert!(!two.err.contains("began from nothing"), "{}", two.err);
    assert_eq!(format!("{}{}", one.out, two.out), whole.out);
    let state: serde_json::Value = serde_json::from_str(&desk.read("state.json")).unwrap();
    assert_eq!((&state["accrue_counters"], &state["program"]), (&2.into(), &"corner-roastery".into()));
}

/// A run that fails leaves the state as it was, and a state that cannot be used stops the run.
#[test]
fn a_state_is_whole_or_untouched() {
    let desk = Desk::new(50);
    desk.accrue(&["run", "shop", "--json", "--state", "state.json"]);
    let before = desk.read("state.json");
    let failed = desk.accrue(&["run", "shop", "--state", "state.json", "--out", "nowhere/decisions.jsonl"]);
    assert_ne!(failed.code, Some(0));
    assert_eq!(desk.read("state.json"), before);

    desk.write("other.json", before.replace("\"program\":\"corner-roastery\"", "\"program\":\"other\""));
    desk.write("broken.json", &before[..before.len() / 2]);
    for (state, why) in [("other.json", "`other`"), ("broken.json", "EOF")] {
        let refused = desk.accrue(&["run", "shop", "--state", state]);
        assert_eq!(refused.code, Some(2), "{state}: {}", refused.err);
        assert!(refused.err.contains(why) && refused.err.contains("--state"), "{}", refused.err);
    }
    let replaced =
        desk.accrue(&["run", "shop", "shop/actions/sample.jsonl", "--state", "shop/actions/sample.jsonl"]);
    assert_eq!(replaced.code, Some(2), "{}", replaced.err);
}

/// The actions of a closed period are held, and count in the first open one.
#[test]
fn an_action_of_a_closed_period_is_held() {
    let desk = Desk::new(50);
    let run =
        desk.accrue(&["run", "shop", "--json", "--closed-until", "2027-01-01", "--state", "state.json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("\"PERIOD_CLOSED\""), "{}", run.out);
    assert!(desk.read("state.json").contains("\"closed_until\":\"2027-01-01\""));
    let held = run.out.lines().find(|line| line.contains("PERIOD_CLOSED")).unwrap();
    let id = held.split('"').nth(3).unwrap();
    let explained = desk.accrue(&["explain", "shop", id, "--closed-until", "2027-01-01"]);
    assert!(explained.out.contains("PERIOD_CLOSED"), "{}", explained.out);
    for slip in ["20270-01-01", "2027-02-30", "yesterday"] {
        let refused = desk.accrue(&["run", "shop", "--closed-until", slip, "--state", "other.json"]);
        assert_eq!(refused.code, Some(2), "{slip}: {}", refused.err);
        assert!(refused.err.contains("such as `2026-04-01`"), "{}", refused.err);
    }
}

#[test]
fn two_runs_at_once_do_not_share_a_state() {
    use std::io::Read as _;
    let desk = Desk::new(300);
    desk.write("none.jsonl", "");
    let run = |wait: bool| {
        let mut child = crate::command(desk.dir.path())
            .args(["run", "shop", "--json", "--trace", "--state", "c.json"])
            .spawn()
            .unwrap();
        drop(child.stdin.take());
        // The decisions do not fit into the pipe, so the run waits before it writes the state.
        child.stdout.as_mut().unwrap().read_exact(&mut [0u8; 100]).unwrap();
        if wait { child.wait_with_output().map(|_| None).unwrap() } else { Some(child) }
    };
    // Neither of two runs that begin from nothing takes the place of the other.
    let first = run(false).unwrap();
    assert_eq!(desk.accrue(&["run", "shop", "none.jsonl", "--state", "c.json"]).code, Some(0));
    let before = desk.read("c.json");
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&first.stderr).contains("another run uses the state `c.json`"));
    assert_eq!(desk.read("c.json"), before);
    // A run that continues from a state has it for itself.
    let first = run(false).unwrap();
    let second = desk.accrue(&["run", "shop", "none.jsonl", "--state", "c.json"]);
    assert_eq!(second.code, Some(2), "{}", second.err);
    assert!(second.err.contains("another run uses the state `c.json`"), "{}", second.err);
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    assert_ne!(desk.read("c.json"), before);
    run(true);
}
