//! The corpus of attacks: each case is a file of `cases/` that says what is run on which files, what it may use, and what must
//! come of it. Every run is a child process under a budget of memory and time (see [`accrue_tests::child`]), so that an attack
//! that succeeds is a line of the report and not the end of the machine.
//!
//! A case fails if a run uses more than its budget, ends otherwise than it says, or panics. The table of all runs is printed:
//! `cargo test --workspace --test hostile corpus -- --nocapture`. `ACCRUE_HOSTILE_ONLY=NAME` runs the cases with NAME in their names.
//!
//! To add a case, write a file; [`CaseFile`] documents the keys, and `template.rs` how large texts are written short.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use accrue_tests::child::{self, Budget, Ended};
use accrue_tests::command::binary;
use serde::Deserialize;

use crate::generators::generate;
use crate::in_library;
use crate::template::expand;

/// Cases that the engine does not pass yet, each with what is missing. The test fails when one of them passes, so that the list
/// is emptied as the engine is mended. Until then they have the time of a release build, so that they cost little.
const PENDING: &[(&str, &str)] = &[];

/// The fewest cases there are: a runner that finds none must not pass.
const LEAST_CASES: usize = 30;

/// A build without optimisation takes up to this many times the processor time of a release build.
const DEBUG_TIME: u32 = 10;

/// Megabytes that a build without optimisation may hold in addition: its code is several times as large, and is read from the
/// file into memory page by page.
const DEBUG_MEGABYTES: u64 = 128;

/// A file of `cases/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    /// What the attack is, in one sentence.
    #[serde(skip)]
    pub(crate) name: String,
    about: String,
    /// What all cases of its kind have in common, in a word or two.
    kind: String,
    /// The name of the limit that ends it; none if it is no matter of a limit.
    pub(crate) limit: Option<String>,
    /// What a user gets at the limit: a code of a diagnostic, a fault or a rejection.
    pub(crate) ends_with: Option<String>,
    /// Files by path, each a template. Without a `program.toml`, a contract or actions, the folder has plain ones.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// A function of `generators.rs` that makes what a template cannot say, such as a pipe.
    generator: Option<String>,
    /// What is run, one after the other in the same folder.
    run: Vec<Run>,
    /// What each run may use.
    #[serde(default)]
    budget: BudgetFile,
}

/// What a run may use, in a release build.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BudgetFile {
    memory_mb: u64,
    time_ms: u64,
    /// Bytes read from files, for attacks that have a file read again and again.
    read_mb: Option<u64>,
}

impl Default for BudgetFile {
    fn default() -> Self {
        Self { memory_mb: 256, time_ms: 2_000, read_mb: None }
    }
}

/// One run. Exactly one of `args`, `shell` and `library` says what is run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// Arguments of `accrue`, in the folder `program` of the case.
    args: Option<Vec<String>>,
    /// A script of `sh`, where `$ACCRUE` is the binary. The budget is on the shell alone.
    shell: Option<String>,
    /// Loads the program through the library and decides its actions this way: `load`, `compiled`, `interpreted`, `traced`,
    /// `batch`, or `deadline` for a host that gives components endless fuel and ticks its clock.
    library: Option<String>,
    /// The exit code, or the exit codes that are all right.
    #[serde(default)]
    exit: Exit,
    /// What the outputs contain. A library run prints a line for each diagnostic and decision.
    #[serde(default)]
    says: Vec<String>,
    /// What they do not contain.
    #[serde(default)]
    never: Vec<String>,
    /// Files, beside the program, that there are not afterwards.
    #[serde(default)]
    absent: Vec<String>,
    /// Files that have the bytes that they had before.
    #[serde(default)]
    unchanged: Vec<String>,
}

/// How a run may end.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Exit {
    Code(i32),
    AnyOf(Vec<i32>),
}

impl Default for Exit {
    fn default() -> Self {
        Self::Code(0)
    }
}

impl Exit {
    fn allows(&self, code: Option<i32>) -> bool {
        match self {
            Self::Code(allowed) => code == Some(*allowed),
            Self::AnyOf(allowed) => code.is_some_and(|code| allowed.contains(&code)),
        }
    }
}

/// Reads every case.
pub(crate) fn cases() -> Vec<CaseFile> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let mut case: CaseFile =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        case.name = path.file_stem().unwrap().to_string_lossy().into_owned();
        case
    };
    let cases: Vec<CaseFile> = paths.iter().map(read).collect();
    assert!(cases.len() >= LEAST_CASES, "only {} cases", cases.len());
    cases
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile").join(name)
}

/// Returns whether a case is one that the engine does not pass yet.
pub(crate) fn is_pending(name: &str) -> bool {
    PENDING.iter().any(|(pending, _)| *pending == name)
}

const PROGRAM: &str = "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n[reasons]\nR = \"A reason\"\n";
const CONTRACT: &str =
    "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"5%\"\n";
const ACTIONS: &str = r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-01T10:00:00Z","amount":"100.00","touches":[{"partner":"acme","at":"2026-03-01T09:00:00Z","kind":"click"}]}
"#;

impl CaseFile {
    /// Writes the files of the case into a new folder, and returns that of the program.
    fn write(&self) -> PathBuf {
        let above = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(&self.name);
        let _ = fs::remove_dir_all(&above);
        let program = above.join("program");
        fs::create_dir_all(&program).unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = program.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        for (path, template) in &self.files {
            write(path, &expand(template).unwrap_or_else(|wrong| panic!("{}: {path}: {wrong}", self.name)));
        }
        for (path, text) in
            [("program.toml", PROGRAM), ("contracts/standard.toml", CONTRACT), ("actions/a.jsonl", ACTIONS)]
        {
            let of = path.split_once('/').map_or(path, |(of, _)| of);
            if !self.files.keys().any(|path| path.starts_with(of)) {
                write(path, text.as_bytes());
            }
        }
        if let Some(name) = &self.generator {
            generate(name, &program);
        }
        program
    }

    fn budget(&self) -> Budget {
        let BudgetFile { memory_mb, time_ms, read_mb } = self.budget;
        let (more_memory, times) = match (cfg!(debug_assertions), is_pending(&self.name)) {
            (true, false) => (DEBUG_MEGABYTES, DEBUG_TIME),
            (true, true) => (DEBUG_MEGABYTES, 1),
            (false, _) => (0, 1),
        };
        Budget {
            memory_bytes: (memory_mb + more_memory) << 20,
            time: Duration::from_millis(time_ms) * times,
            read_bytes: read_mb.map_or(u64::MAX, |megabytes| megabytes << 20),
        }
    }

    /// Runs the case, prints a row of the table for each run, and returns what is wrong.
    fn judge(&self) -> Vec<String> {
        let program = self.write();
        let mut wrong = Vec::new();
        for run in &self.run {
            let before: Vec<_> = run.unchanged.iter().map(|path| fs::read(program.join(path)).ok()).collect();
            let ended = child::run(&mut run.command(&program), self.budget()).unwrap();
            let mut faults = run.faults(&ended);
            faults.extend(
                run.absent
                    .iter()
                    .filter(|path| program.join(path).exists())
                    .map(|path| format!("made `{path}`")),
            );
            for (path, before) in run.unchanged.iter().zip(before) {
                if fs::read(program.join(path)).ok() != before {
                    faults.push(format!("changed `{path}`"));
                }
            }
            wrong.extend(faults.iter().map(|fault| format!("{}: `{}` {fault}", self.name, run.shown())));
            let row = Row {
                case: self.name.clone(),
                kind: self.kind.clone(),
                run: run.shown(),
                ended: self.ended(&ended),
                time: ended.time,
                peak_bytes: ended.peak_bytes,
            };
            println!("{}", row.text());
        }
        if wrong.is_empty() {
            let _ = fs::remove_dir_all(program.parent().unwrap());
        }
        wrong
    }

    fn ended(&self, ended: &Ended) -> String {
        match (ended.killed, &self.limit) {
            (Some(killed), _) => format!("killed: {killed:?}"),
            (None, Some(limit)) => limit.clone(),
            (None, None) => format!("exit {}", ended.status.code().unwrap_or(-1)),
        }
    }
}

impl Run {
    fn command(&self, program: &Path) -> Command {
        let mut command = match (&self.args, &self.shell, &self.library) {
            (Some(args), None, None) => {
                let mut command = Command::new(binary().unwrap());
                command.args(args);
                command
            }
            (None, Some(script), None) => {
                let mut command = Command::new("sh");
                command.args(["-c", script]).env("ACCRUE", binary().unwrap());
                command
            }
            (None, None, Some(way)) => in_library::command(way),
            _ => panic!("a run has one of `args`, `shell` and `library`: {self:?}"),
        };
        command.current_dir(program);
        command
    }

    fn shown(&self) -> String {
        let args = self.args.as_ref().map(|args| args.join(" "));
        let shell = self.shell.as_ref().map(|_| "a script".to_owned());
        args.or(shell).or_else(|| self.library.clone()).unwrap_or_default()
    }

    /// What a run did otherwise than it should.
    fn faults(&self, ended: &Ended) -> Vec<String> {
        if let Some(killed) = ended.killed {
            let megabytes = ended.peak_bytes >> 20;
            return vec![format!(
                "was killed at its budget: {killed:?}, after {:?}, with {megabytes} MB",
                ended.time
            )];
        }
        let printed = format!("{}{}", ended.stdout, ended.stderr);
        let shown: String = printed.chars().take(1_500).collect();
        let mut faults = Vec::new();
        if !self.exit.allows(ended.status.code()) {
            faults.push(format!("ended with {}, not {:?}:\n{shown}", ended.status, self.exit));
        }
        if printed.contains("panicked") {
            faults.push(format!("panicked:\n{shown}"));
        }
        let missing = self.says.iter().filter(|text| !printed.contains(text.as_str()));
        faults.extend(missing.map(|text| format!("does not say `{text}`:\n{shown}")));
        let present = self.never.iter().filter(|text| printed.contains(text.as_str()));
        faults.extend(present.map(|text| format!("says `{text}`:\n{shown}")));
        faults
    }
}

/// A row of the table that the test prints.
struct Row {
    case: String,
    kind: String,
    run: String,
    ended: String,
    time: Duration,
    peak_bytes: u64,
}

impl Row {
    const HEAD: &str = "case, kind, run, ended by, processor time, memory";

    /// The row as text, printed when its run has ended, so that a run which takes long is seen.
    fn text(&self) -> String {
        let Self { case, kind, run, ended, time, peak_bytes } = self;
        let run: String = run.chars().take(28).collect();
        let (time, megabytes) = (time.as_millis(), peak_bytes >> 20);
        format!("{case:<48} {kind:<13} {run:<28} {ended:<24} {time:>6} ms {megabytes:>4} MB")
    }
}

#[test]
#[cfg(target_os = "linux")]
fn corpus() {
    let only = std::env::var("ACCRUE_HOSTILE_ONLY").unwrap_or_default();
    let cases: Vec<CaseFile> = cases().into_iter().filter(|case| case.name.contains(&only)).collect();
    let judged = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    binary().unwrap();
    println!("{}", Row::HEAD);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wrong = case.judge();
                    judged.lock().unwrap().push((case.name.clone(), wrong));
                }
            });
        }
    });
    let mut judged = judged.into_inner().unwrap();
    judged.sort_by(|a, b| a.0.cmp(&b.0));
    let mut failures = Vec::new();
    for (name, wrong) in judged {
        match (wrong.is_empty(), is_pending(&name)) {
            (true, true) => failures.push(format!("{name} passes: take it off the list of pending cases")),
            (false, false) => failures.extend(wrong),
            _ => {}
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_pending_case_is_a_case() {
    let names: Vec<String> = cases().into_iter().map(|case| case.name).collect();
    for (pending, missing) in PENDING {
        assert!(names.iter().any(|name| name == pending), "there is no case `{pending}`");
        assert!(!missing.is_empty(), "say what `{pending}` is waiting for");
    }
}

#[test]
fn every_case_says_what_it_is() {
    for CaseFile { name, about, run, limit, ends_with, .. } in cases() {
        assert!(about.len() > 20, "{name}: `about` is a sentence");
        assert!(!run.is_empty(), "{name} runs nothing");
        assert_eq!(
            limit.is_some(),
            ends_with.is_some(),
            "{name}: a limit and what it ends with belong together"
        );
    }
}
