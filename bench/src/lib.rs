//! Speed, measured as ratios: contenders take turns in one process, so that a busy machine slows them alike. Nothing
//! enters but flags; a table and `report.json` leave.
//!
//! - [`subject`]: programs with made-up actions, and what a contract says about each action;
//! - [`native`]: the same contracts by hand, which everything is compared with;
//! - [`ways`]: the engine's own ways of running them; [`rhai_way`]: Rhai's evaluator;
//! - [`race`], [`measure`] and [`report`]: contenders, times, ratios and the bars they are held to;
//! - [`peers`]: other engines in a race of their own;
//! - [`workload`]: what is measured.
//!
//! No contender is timed before all of them have given the same answers. `docs/src/speed.md` says what the figures mean.
//!
//! A new contract is a folder in `programs/`, its facts and made-up actions in [`subject`], the same by hand in
//! [`native`], and a [`race::Race`] in [`workload`]. For a profile, build with `cargo build --profile profiling -p
//! accrue-bench`, which keeps names and lines; `--only` and `--who` leave little else to run:
//! `valgrind --tool=callgrind target/profiling/accrue-bench --quick --only five --who "one call"`.
#![allow(clippy::float_arithmetic, reason = "times and their ratios, never amounts")]

pub mod measure;
pub mod native;
pub mod peers;
pub mod process;
pub mod race;
pub mod random;
pub mod report;
pub mod rhai_way;
pub mod subject;
pub mod ways;
pub mod workload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;
use workload::Workload;

/// What the command line asks for.
#[derive(Debug)]
pub struct Options {
    /// Within minutes after the build: fewer rounds, fewer actions.
    pub quick: bool,
    /// A bar that is missed is a failure.
    pub check: bool,
    /// Only workloads with this in their names.
    pub only: Option<String>,
    /// In a race only contenders with this in their names, and native Rust.
    pub who: Option<String>,
    /// The `accrue` binary to measure; built when left out.
    pub cli: Option<PathBuf>,
    /// Where files are made, and the report.
    pub folder: PathBuf,
}

/// Anything that keeps a measurement from being made.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Options:
  --quick      within minutes after the build
  --check      exit with 1 when a bar is missed
  --only NAME  only workloads with NAME in their names
  --who NAME   in a race only contenders with NAME in their names, and native Rust
  --list       the names of the workloads
  --cli FILE   the `accrue` binary to measure, instead of building it";

/// What to do.
enum Asked {
    Measure(Options),
    List,
}

fn asked(arguments: impl Iterator<Item = String>) -> std::result::Result<Asked, String> {
    let mut options = Options {
        quick: false,
        check: false,
        only: None,
        who: None,
        cli: None,
        folder: target().join("bench"),
    };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--check" => options.check = true,
            "--only" => options.only = Some(arguments.next().ok_or("`--only` needs a name")?),
            "--who" => options.who = Some(arguments.next().ok_or("`--who` needs a name")?),
            "--list" => return Ok(Asked::List),
            "--cli" => options.cli = Some(arguments.next().ok_or("`--cli` needs a file")?.into()),
            other => return Err(format!("unknown option `{other}`")),
        }
    }
    Ok(Asked::Measure(options))
}

/// The workspace's target folder, whatever folder the command is called from.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("target"),
    }
}

fn measure_all(options: &Options, workloads: &[Workload]) -> Result<bool> {
    if cfg!(debug_assertions) {
        eprintln!("built without optimisation; the figures mean little: use `cargo run --release`");
    }
    std::fs::create_dir_all(&options.folder)?;
    let mut report = Report::default();
    let is_meant =
        |workload: &&Workload| options.only.as_ref().is_none_or(|only| workload.name.contains(only.as_str()));
    let mut measured = 0;
    for workload in workloads.iter().filter(is_meant) {
        eprintln!("measuring {}: {} …", workload.name, workload.about);
        (workload.run)(options, &mut report)?;
        measured += 1;
    }
    if measured == 0 {
        return Err("no workload has that name; `--list` has them all".into());
    }
    println!("{report}");
    let path = options.folder.join("report.json");
    report.write(&path)?;
    println!("\nwritten to {}", path.display());
    Ok(report.ok())
}

/// The command line: measures these workloads as the arguments ask.
pub fn main(workloads: &[Workload]) -> ExitCode {
    let options = match asked(std::env::args().skip(1)) {
        Ok(Asked::Measure(options)) => options,
        Ok(Asked::List) => {
            for workload in workloads {
                println!("{:<16} {}", workload.name, workload.about);
            }
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match measure_all(&options, workloads) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) if !options.check => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a bar was missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
