//! A stream of actions: JSON Lines in, decisions as JSON Lines out, on one core. In this process against only reading
//! the same file into the same types; and the command line as a user runs it, with its time and its peak memory.

use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use accrue::facts::{JsonlActions, read_creatives, read_partners, read_promo_codes};
use accrue::terms::Source;
use accrue::{Engine, Limits, Program, Reference};

use super::actions::{self, CREATIVES, PARTNERS};
use crate::measure::{Contender, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// How often the memory of the command line is looked at. What is read is its own high-water mark, so nothing is
/// missed but what it takes in its last moments.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Buffers of the files that are read and written.
const BUFFER_BYTES: usize = 256 << 10;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result {
    let count: u64 = if options.quick { 100_000 } else { 1_000_000 };
    let folder = options.folder.join("stream");
    let program_folder = write_program(&folder)?;
    let input = folder.join("actions.jsonl");
    let output = folder.join("decisions.jsonl");
    actions::write(count, 1, &mut BufWriter::with_capacity(BUFFER_BYTES, File::create(&input)?))?;

    let (program, reference) = load(&program_folder)?;
    // Also warms the file cache.
    let decided = decide(&program, &reference, &input, &output)?;
    if decided != count {
        return Err(format!("{decided} of {count} actions were decided").into());
    }

    let failure = RefCell::new(None);
    let note = |result: Result<u64>| {
        if let Err(error) = result {
            failure.replace(Some(error));
        }
    };
    let times = take_turns(
        3,
        &mut [
            Contender::new("parse", || note(parse(&input))),
            Contender::new("decide", || note(decide(&program, &reference, &input, &output))),
        ],
    );
    if let Some(error) = failure.take() {
        return Err(error);
    }
    let per_second = |time: Duration| count as f64 / time.as_secs_f64();
    let parse_time = times.best("parse");
    report.push(Figure::new(format!("{count} actions: only parsed"), per_second(parse_time), "actions/s"));
    report.push(
        Figure::new(
            format!("{count} actions: parsed, decided, written"),
            per_second(times.best("decide")),
            "actions/s",
        )
        .ratio(times.ratio("decide", "parse"))
        .bar(Bar::AtMost(4.0)),
    );

    let cli = match &options.cli {
        Some(cli) => cli.clone(),
        None => build_cli()?,
    };
    // The command line is a process of its own, so it takes turns with parsing here.
    let mut rounds = Vec::new();
    for _ in 0..if options.quick { 3 } else { 2 } {
        let start = Instant::now();
        parse(&input)?;
        let parsed = start.elapsed();
        rounds.push((watch(&cli, &program_folder, &input, &output)?, parsed));
    }
    let lines = count_lines(&output)?;
    if lines != count {
        return Err(format!("`accrue run` decided {lines} of {count} actions").into());
    }
    // Fastest against fastest: what each takes when nothing disturbs it.
    let fastest = rounds.iter().map(|(run, _)| run.time).min().unwrap_or_default();
    let parsed = rounds.iter().map(|(_, parsed)| *parsed).chain([parse_time]).min().unwrap_or_default();
    let ratio = fastest.as_secs_f64() / parsed.as_secs_f64();
    report.push(
        Figure::new(format!("{count} actions: `accrue run --json`"), fastest.as_secs_f64(), "s")
            .ratio(ratio)
            .bar(Bar::AtMost(4.0)),
    );
    let peak = rounds.iter().filter_map(|(run, _)| run.peak_bytes).max();
    if let Some(peak) = peak {
        report.push(
            Figure::new(format!("{count} actions: peak memory of `accrue run`"), peak as f64 / 1e6, "MB")
                .bar(Bar::AtMost(200.0)),
        );
    }
    Ok(())
}

/// Only reads the file into the types.
fn parse(input: &Path) -> Result<u64> {
    let mut count = 0;
    let reader = BufReader::with_capacity(BUFFER_BYTES, File::open(input)?);
    for record in JsonlActions::new(reader, &Limits::default()) {
        black_box(record.map_err(|reject| reject.errors)?);
        count += 1;
    }
    Ok(count)
}

/// The whole way, as a host would write it.
fn decide(program: &Program, reference: &Reference, input: &Path, output: &Path) -> Result<u64> {
    let mut count = 0;
    let mut totals = program.totals();
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(output)?);
    let reader = BufReader::with_capacity(BUFFER_BYTES, File::open(input)?);
    for record in JsonlActions::new(reader, program.limits()) {
        let action = record.map_err(|reject| reject.errors)?.action;
        let decision = program.decide(&action, reference, &totals)?;
        program.record(&mut totals, &action, &decision)?;
        serde_json::to_writer(&mut out, &decision)?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

/// The program of `bench/program/` with as many partners and creatives as the actions name.
fn write_program(folder: &Path) -> Result<PathBuf> {
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/program"));
    let to = folder.join("program");
    for file in ["program.toml", "contracts/standard.toml", "rules/foreign_codes.rhai", "rules/loyalty.rhai"]
    {
        let path = to.join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(&to))?;
        std::fs::copy(from.join(file), path)?;
    }
    std::fs::create_dir_all(to.join("facts"))?;
    let partners: String = (0..PARTNERS).map(|n| format!("partner-{n:03},content,DE\n")).collect();
    std::fs::write(to.join("facts/partners.csv"), format!("id,kind,country\n{partners}"))?;
    let creatives: String = (0..CREATIVES)
        .map(|n| format!("banner-{n:02},{}\n", if n % 10 == 0 { "2026-07-01T00:00:00Z" } else { "" }))
        .collect();
    std::fs::write(to.join("facts/creatives.csv"), format!("id,valid_until\n{creatives}"))?;
    std::fs::write(
        to.join("facts/promo_codes.csv"),
        "code,owner\nSPRING,\nWELCOME,\nPARTNER7,partner-007\nPARTNER9,partner-009\n",
    )?;
    Ok(to)
}

fn load(folder: &Path) -> Result<(Program, Reference)> {
    let mut source = Source::new();
    for file in ["program.toml", "contracts/standard.toml", "rules/foreign_codes.rhai", "rules/loyalty.rhai"]
    {
        source.insert(file, std::fs::read(folder.join(file))?);
    }
    let limits = Limits::default();
    let program = Engine::new(limits.clone()).load(&source)?;
    let mut reference = Reference::default();
    let partners =
        read_partners("facts/partners.csv", &std::fs::read(folder.join("facts/partners.csv"))?, &limits);
    partners.errors.into_result()?;
    reference.partners = partners.values.into_iter().map(|partner| (partner.id.clone(), partner)).collect();
    let creatives =
        read_creatives("facts/creatives.csv", &std::fs::read(folder.join("facts/creatives.csv"))?, &limits);
    creatives.errors.into_result()?;
    reference.creatives =
        creatives.values.into_iter().map(|creative| (creative.id.clone(), creative)).collect();
    let codes = read_promo_codes(
        "facts/promo_codes.csv",
        &std::fs::read(folder.join("facts/promo_codes.csv"))?,
        &limits,
    );
    codes.errors.into_result()?;
    reference.promo_codes = codes.values.into_iter().map(|code| (code.code.clone(), code)).collect();
    Ok((program, reference))
}

/// Builds the command line as it is released, and says where it is.
fn build_cli() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--quiet", "-p", "accrue-cli"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()?;
    if !status.success() {
        return Err("the command line does not build".into());
    }
    Ok(crate::target().join("release").join(format!("accrue{}", std::env::consts::EXE_SUFFIX)))
}

/// One run of the command line.
struct Watched {
    time: Duration,
    /// `None` where the system does not tell.
    peak_bytes: Option<u64>,
}

fn watch(cli: &Path, program: &Path, input: &Path, output: &Path) -> Result<Watched> {
    let start = Instant::now();
    let mut child = Command::new(cli)
        .arg("run")
        .arg(program)
        .arg(input)
        .arg("--json")
        .stdin(Stdio::null())
        .stdout(File::create(output)?)
        .spawn()
        .map_err(|error| format!("`{}` does not start: {error}", cli.display()))?;
    let mut peak_bytes = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_bytes = high_water_mark(child.id()).max(peak_bytes);
        std::thread::sleep(LOOK_EVERY);
    };
    let time = start.elapsed();
    if !status.success() {
        return Err(format!("`accrue run` ended with {status}").into());
    }
    Ok(Watched { time, peak_bytes })
}

/// The most memory that a process has held so far, as Linux tells it.
fn high_water_mark(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

fn count_lines(path: &Path) -> Result<u64> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.iter().filter(|byte| **byte == b'\n').count() as u64)
}
