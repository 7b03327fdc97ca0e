//! The command line as a user meets it: arguments and files go in; output, files and exit codes come out.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod as_test;
mod bench;
mod bundle;
mod card;
mod columns;
mod coverage;
mod due;
mod ends;
mod explain;
mod facts;
mod files;
mod imports;
mod layout;
mod life;
mod lsp;
mod order;
mod output;
mod program;
mod rejects;
mod rule_tests;
mod simulate;
mod state;
mod tables;
mod workbook;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tables of a contract that says when awards lock and are paid.
const DATES: &str = "[locking]\nfrom = \"month_end\"\ndays = 27\n\n[payment]\ndays = 20\n";

/// A folder of its own for each test, with a new program in `shop`.
struct Desk {
    dir: tempfile::TempDir,
}

/// How a command ended.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new(sample: u32) -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        let made = desk.accrue(&["new", "shop", "--sample", &sample.to_string(), "--seed", "7"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(name)).unwrap_or_default()).into_owned()
    }

    /// Replaces text in a file that has it.
    fn edit(&self, name: &str, from: &str, to: &str) {
        // A bundle is not text.
        let mut bytes = std::fs::read(self.path(name)).unwrap();
        let at = bytes.windows(from.len()).position(|bytes| bytes == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{name} has no `{from}`"));
        bytes.splice(at..at + from.len(), to.bytes());
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn accrue(&self, args: &[&str]) -> Ended {
        self.accrue_with(args, "")
    }

    /// Runs a command on a terminal of this width.
    fn accrue_in(&self, args: &[&str], columns: usize) -> Ended {
        self.ended(command(self.dir.path()).env("COLUMNS", columns.to_string()).args(args), "")
    }

    fn accrue_with(&self, args: &[&str], stdin: &str) -> Ended {
        self.ended(command(self.dir.path()).args(args), stdin)
    }

    fn ended(&self, command: &mut Command, stdin: &str) -> Ended {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended =
            Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) };
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accrue"));
    command
        .current_dir(dir)
        .env_remove("COLUMNS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Ended {
    /// The ids of the decisions that were printed.
    fn decided(&self) -> Vec<String> {
        let decision = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        self.out.lines().map(|line| decision(line)["action"].as_str().unwrap().to_owned()).collect()
    }
}

/// An action of the new program.
fn action(id: &str, amount: &str) -> String {
    format!(
        r#"{{"id":"{id}","event_type":"sale","occurred_at":"2026-03-02T10:00:00Z","amount":"{amount}","customer":{{"status":"new"}},"touches":[{{"partner":"bean-diary","at":"2026-03-01T09:00:00Z","kind":"click"}}]}}"#
    )
}
