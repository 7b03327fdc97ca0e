//! `cargo run --release --package accrue-fuzz --example cost -- --minutes 60`: looks for the dearest legal decisions, and needs
//! no nightly compiler. It keeps the dearest inputs and changes them, prints the ten that cost most for what they may cost, and
//! writes these to the folder `fuzz/artifacts/cost/`. `cost --replay FILE…` measures inputs again.
#![allow(clippy::float_arithmetic, reason = "times are compared, and no money")]

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use accrue_fuzz::mutate::changed;
use accrue_fuzz::seeds;
use accrue_fuzz::targets::cost::{Cost, measured};
use accrue_tests::choices::{Choices, noise};

/// Inputs that are kept and changed.
const KEPT: usize = 200;

/// Inputs that are printed.
const SHOWN: usize = 10;

/// The longest input.
const LONGEST: usize = 4_096;

/// An input and its dearest way.
struct Found {
    input: Vec<u8>,
    cost: Cost,
}

impl AsRef<[u8]> for Found {
    fn as_ref(&self) -> &[u8] {
        &self.input
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((_, files)) = arguments.split_first().filter(|(flag, _)| *flag == "--replay") {
        return replay(files);
    }
    let minutes = match arguments.as_slice() {
        [] => Some(1.0),
        [flag, minutes] if flag == "--minutes" => {
            minutes.parse::<f64>().ok().filter(|minutes| *minutes > 0.0)
        }
        _ => None,
    };
    let Some(minutes) = minutes else {
        eprintln!("usage: cost [--minutes NUMBER | --replay FILE…]");
        return ExitCode::from(2);
    };
    if cfg!(debug_assertions) {
        eprintln!("built without optimisation; the figures mean little: use `cargo run --release`");
    }
    let (found, tried) = search(Duration::from_secs_f64(minutes * 60.0));
    println!("{tried} inputs tried; the dearest:");
    for found in found.iter().take(SHOWN) {
        println!("{:>6.2} of what it may cost; {}", found.cost.score(), found.cost);
    }
    match write(&found) {
        Ok(()) if found.first().is_none_or(|found| found.cost.score() <= 1.0) => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot write to fuzz/artifacts/cost: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures inputs again, each in every way.
fn replay(files: &[String]) -> ExitCode {
    for file in files {
        match std::fs::read(file) {
            Ok(input) => {
                for cost in measured(&input) {
                    println!("{file}: {:>6.2} of what it may cost; {cost}", cost.score());
                }
            }
            Err(error) => {
                eprintln!("error: cannot read {file}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// Tries inputs until the time is over: seeds first, then changes of the dearest.
fn search(time: Duration) -> (Vec<Found>, u32) {
    let start = Instant::now();
    let mut found = Vec::new();
    let mut tried = 0;
    for input in seeds::noise_seeds() {
        tried += 1;
        keep(&mut found, input);
        if start.elapsed() > time {
            break;
        }
    }
    while start.elapsed() < time && !found.is_empty() {
        let bytes = noise(tried, 200);
        let mut choices = Choices::new(&bytes);
        // The dearest are changed more often.
        let among = 1 + choices.below(found.len());
        let mut input = changed(&mut choices, found.get(..among).unwrap_or(&found), &[]);
        input.truncate(LONGEST);
        tried += 1;
        keep(&mut found, input);
    }
    (found, tried)
}

/// Measures an input, and keeps it if it is among the dearest.
fn keep(found: &mut Vec<Found>, input: Vec<u8>) {
    let costs = measured(&input);
    let Some(cost) = costs.into_iter().max_by(|a, b| a.score().total_cmp(&b.score())) else { return };
    let at = found.partition_point(|other| other.cost.score() >= cost.score());
    found.insert(at, Found { input, cost });
    found.truncate(KEPT);
}

fn write(found: &[Found]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts/cost");
    std::fs::create_dir_all(&folder)?;
    for (n, found) in found.iter().take(SHOWN).enumerate() {
        std::fs::write(folder.join(format!("dearest-{n:02}")), &found.input)?;
    }
    Ok(())
}
