//! Speed, measured as ratios: contenders take turns in one process, so that a busy machine slows them alike. Nothing
//! enters but flags; a table and `target/bench/report.json` leave.
#![allow(clippy::float_arithmetic, reason = "times and their ratios, never amounts")]

mod measure;
mod native;
mod report;
mod workload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

/// What the command line asks for.
pub(crate) struct Options {
    /// Within a minute after the build: fewer rounds, fewer actions.
    pub(crate) quick: bool,
    /// A bar that is missed is a failure.
    check: bool,
    /// The `accrue` binary to measure; built when left out.
    pub(crate) cli: Option<PathBuf>,
    /// Where files are made, and the report.
    pub(crate) folder: PathBuf,
}

/// Anything that keeps a measurement from being made.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Usage: cargo run --release -p accrue-bench -- [OPTIONS]

  --quick      within a minute after the build
  --check      exit with 1 when a bar is missed
  --cli FILE   the `accrue` binary to measure, instead of building it";

fn options(arguments: impl Iterator<Item = String>) -> std::result::Result<Options, String> {
    let mut options = Options { quick: false, check: false, cli: None, folder: target().join("bench") };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--check" => options.check = true,
            "--cli" => options.cli = Some(arguments.next().ok_or("`--cli` needs a file")?.into()),
            other => return Err(format!("unknown option `{other}`")),
        }
    }
    Ok(options)
}

/// The workspace's target folder, whatever folder the command is called from.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("target"),
    }
}

fn run(options: &Options) -> Result<bool> {
    if cfg!(debug_assertions) {
        eprintln!("built without optimisation; the figures mean little: use `cargo run --release`");
    }
    std::fs::create_dir_all(&options.folder)?;
    let mut report = Report::default();
    for (name, workload) in workload::ALL {
        eprintln!("measuring {name} …");
        workload(options, &mut report)?;
    }
    println!("{report}");
    let path = options.folder.join("report.json");
    report.write(&path)?;
    println!("\nwritten to {}", path.display());
    Ok(report.ok())
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
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
