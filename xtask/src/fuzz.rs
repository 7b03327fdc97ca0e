//! `cargo xtask fuzz`: runs the fuzz targets one after the other, within fixed limits, and ends with a table.
//!
//! No sanitizer watches memory: unsafe code is forbidden here, so what fuzzing looks for are panics, broken laws,
//! inputs that take too long and inputs that take too much memory; and without one it tries several times as many.

use crate::process::{ask, cargo, root, run};
use crate::{Result, setup};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The crate of the targets, which is also its folder.
const PACKAGE: &str = "accrue-fuzz";
const FOLDER: &str = "fuzz";

/// Seconds that one input may take. None is meant to take as much as one; the rest is for a busy machine.
const INPUT_SECONDS: u32 = 10;

/// Memory that a target may take, in MiB. Without wasmtime they take some 50; an input that needs this much is a finding.
const MEMORY_MIB: u32 = 2_048;

/// Lines of a failed target's log that are shown.
const SHOWN_LINES: usize = 60;

/// What a person asks for.
pub(crate) struct Asked {
    /// Seconds for each target.
    pub(crate) seconds: u32,
    /// Without what needs wasmtime, which takes most of the time to build.
    pub(crate) without_sandbox: bool,
    /// One target, or all.
    pub(crate) target: Option<String>,
}

/// A target as `prepare` lists it.
struct Target {
    name: String,
    longest: String,
}

/// A line of the table.
struct Outcome {
    name: String,
    seconds: u64,
    stats: Stats,
    passed: bool,
}

/// Runs the targets.
pub(crate) fn fuzz(asked: &Asked) -> Result {
    setup::fuzzer()?;
    let inputs = inputs();
    let mut targets = prepare(asked, &inputs)?;
    if let Some(name) = &asked.target {
        let names: Vec<String> = targets.iter().map(|target| format!("`{}`", target.name)).collect();
        targets.retain(|target| target.name == *name);
        if targets.is_empty() {
            return Err(format!("there is no target `{name}`; there are {}", names.join(", ")).into());
        }
    }
    let mut outcomes = Vec::new();
    for target in &targets {
        outcomes.push(run_target(asked, target, &inputs.join(&target.name))?);
    }
    println!("\n{}", table(&outcomes));
    match outcomes.iter().find(|outcome| !outcome.passed) {
        None => Ok(()),
        Some(failed) => Err(format!(
            "`{name}` failed; the input is in {FOLDER}/artifacts/{name}. Keep it in {FOLDER}/seeds/{name} under a \
             name that says what it shows, and `cargo test --package {PACKAGE}` repeats it",
            name = failed.name
        )
        .into()),
    }
}

/// Where seeds, dictionaries and logs go.
fn inputs() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(target).join("fuzz-inputs")
}

fn features(command: &mut Command, asked: &Asked) {
    command.args(asked.without_sandbox.then_some("--no-default-features"));
}

/// Writes seeds and dictionaries; the targets there are.
fn prepare(asked: &Asked, inputs: &Path) -> Result<Vec<Target>> {
    let mut command = cargo("run --quiet --example prepare --package");
    command.arg(PACKAGE);
    features(&mut command, asked);
    println!("writing seeds and dictionaries to {}", inputs.display());
    let listed = ask(command.arg("--").arg(inputs))
        .ok_or_else(|| format!("`cargo run --package {PACKAGE} --example prepare` failed"))?;
    let target = |line: &str| {
        let (name, longest) = line.split_once(' ')?;
        Some(Target { name: name.to_owned(), longest: longest.to_owned() })
    };
    Ok(listed.lines().filter_map(target).collect())
}

/// Builds and runs one target; what it prints goes to a log.
fn run_target(asked: &Asked, target: &Target, inputs: &Path) -> Result<Outcome> {
    let name = &target.name;
    let corpus = root().join(FOLDER).join("corpus").join(name);
    fs::create_dir_all(&corpus)?;
    let fuzz = |subcommand: &str| {
        let mut command = cargo(&format!("+nightly fuzz {subcommand} --sanitizer none --features libfuzzer"));
        features(&mut command, asked);
        command.args(["--fuzz-dir", FOLDER]).arg(name);
        command
    };
    run(&mut fuzz("build"))?;
    let log = inputs.join("log");
    let mut command = fuzz("run");
    command.arg(corpus).arg(inputs.join("seeds")).arg("--");
    let words = inputs.join("words");
    // An empty one is an error to the fuzzer.
    if fs::metadata(&words).is_ok_and(|words| words.len() > 0) {
        command.arg(format!("-dict={}", words.display()));
    }
    command.args([
        format!("-max_total_time={}", asked.seconds),
        format!("-max_len={}", target.longest),
        format!("-timeout={INPUT_SECONDS}"),
        format!("-rss_limit_mb={MEMORY_MIB}"),
        "-print_final_stats=1".to_owned(),
    ]);
    println!("{name}: {} s, see {}", asked.seconds, log.display());
    let file = File::create(&log)?;
    let begin = Instant::now();
    let status = command.stdout(file.try_clone()?).stderr(file).status()?;
    let seconds = begin.elapsed().as_secs();
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(SHOWN_LINES)) {
            println!("{line}");
        }
    }
    Ok(Outcome { name: name.clone(), seconds, stats: Stats::read(&text), passed: status.success() })
}

/// What a log says at its end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stats {
    runs: String,
    per_second: String,
    edges: String,
    inputs: String,
    mebibytes: String,
}

impl Stats {
    fn read(log: &str) -> Self {
        let stat = |name: &str| {
            let line = log.lines().rev().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
            line.and_then(|rest| rest.strip_prefix(':')).unwrap_or_default().trim().to_owned()
        };
        // Such as `#2048 pulse cov: 300 ft: 500 corp: 12/3456b exec/s: 682`.
        let word = |name: &str| {
            let line = log.lines().rev().find(|line| line.starts_with('#') && line.contains(name));
            let rest = line.and_then(|line| line.split(name).nth(1)).unwrap_or_default();
            let word = rest.split_whitespace().next().unwrap_or_default();
            word.split('/').next().unwrap_or_default().to_owned()
        };
        Self {
            runs: stat("number_of_executed_units"),
            per_second: stat("average_exec_per_sec"),
            edges: word(" cov:"),
            inputs: word(" corp:"),
            mebibytes: stat("peak_rss_mb"),
        }
    }
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!(
        "{:<6} {:<12} {:>8} {:>12} {:>8} {:>8} {:>8} {:>6}",
        "", "target", "seconds", "runs", "runs/s", "edges", "corpus", "MiB"
    );
    for Outcome { name, seconds, stats, passed } in outcomes {
        // Writing to a string does not fail.
        let _ = write!(
            table,
            "\n{:<6} {name:<12} {seconds:>8} {:>12} {:>8} {:>8} {:>8} {:>6}",
            if *passed { "ok" } else { "FAILED" },
            stats.runs,
            stats.per_second,
            stats.edges,
            stats.inputs,
            stats.mebibytes
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_at_the_end_of_the_log() {
        let log = "#2\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb\n\
            #4096\tpulse  cov: 912 ft: 2100 corp: 77/9Kb lim: 43 exec/s: 2048 rss: 61Mb\n\
            #5000\tDONE   cov: 913 ft: 2101 corp: 78/9Kb lim: 43 exec/s: 1666 rss: 61Mb\n\
            stat::number_of_executed_units: 5000\n\
            stat::average_exec_per_sec:     1666\n\
            stat::peak_rss_mb:              61\n";
        let stats = Stats::read(log);
        let expected = ["5000", "1666", "913", "78", "61"].map(str::to_owned);
        assert_eq!([stats.runs, stats.per_second, stats.edges, stats.inputs, stats.mebibytes], expected);
        assert_eq!(Stats::read("no figures"), Stats::default());
    }
}
