//! A stream of actions: JSON Lines in, decisions as JSON Lines out. In this process, on one core, against only reading
//! the same file into the same types; and the command line as a user runs it, with its time and its peak memory, from
//! lines to lines and from columns to columns.

use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use accrue::Source;
use accrue::facts::{FactKind, JsonlActions};
use accrue::{Engine, Limits, Program, Reference};
use accrue_arrow::{ParquetDecisions, action_batch, write_actions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::actions::{self, CREATIVES, PARTNERS};
use crate::measure::{Contender, take_turns};
use crate::process::peak_bytes_of;
use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// How often the memory of the command line is looked at. What is read is its own high-water mark, so nothing is
/// missed but what it takes in its last moments.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Actions of one batch of columns.
const BATCH_ACTIONS: usize = 4_096;

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
    let decided = decide(&program, &reference, &input, Some(&output))?;
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
            Contender::new("decide", || note(decide(&program, &reference, &input, None))),
            Contender::new("write", || note(decide(&program, &reference, &input, Some(&output)))),
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
            format!("{count} actions: parsed and decided"),
            per_second(times.best("decide")),
            "actions/s",
        )
        .ratio(times.ratio("decide", "parse"))
        .bar(Bar::AtMost(2.5)),
    );
    report.push(
        Figure::new(
            format!("{count} actions: parsed, decided, written"),
            per_second(times.best("write")),
            "actions/s",
        )
        .ratio(times.ratio("write", "parse")),
    );

    let cli = match &options.cli {
        Some(cli) => cli.clone(),
        None => build_cli()?,
    };
    let columns = folder.join("actions.parquet");
    let decided_columns = folder.join("decisions.parquet");
    to_columns(&input, &columns)?;
    // The command line is a process of its own, so it takes turns with parsing here.
    let mut rounds = Vec::new();
    for _ in 0..if options.quick { 3 } else { 2 } {
        let start = Instant::now();
        parse(&input)?;
        let parsed = start.elapsed();
        let lines =
            watch(command(&cli, &program_folder, &input).arg("--json").stdout(File::create(&output)?), &cli)?;
        let columns = watch(
            command(&cli, &program_folder, &columns).arg("--out").arg(&decided_columns).stdout(Stdio::null()),
            &cli,
        )?;
        rounds.push(Round { parsed, lines, columns });
    }
    let library = only_columns(&columns, &decided_columns)?;
    for (kind, decided) in [("lines", count_lines(&output)?), ("columns", count_rows(&decided_columns)?)] {
        if decided != count {
            return Err(format!("`accrue run` decided {decided} of {count} actions from {kind}").into());
        }
    }
    // Fastest against fastest: what each takes when nothing disturbs it.
    let fastest = |time: fn(&Round) -> Duration| rounds.iter().map(time).min().unwrap_or_default();
    let (lines, columns) = (fastest(|round| round.lines.time), fastest(|round| round.columns.time));
    let parsed = fastest(|round| round.parsed).min(parse_time);
    report.push(
        Figure::new(format!("{count} actions: `accrue run --json`"), lines.as_secs_f64(), "s")
            .ratio(lines.as_secs_f64() / parsed.as_secs_f64())
            .bar(Bar::AtMost(2.5)),
    );
    report.push(
        Figure::new(
            format!("{count} actions: Parquet to Parquet, lines / columns"),
            columns.as_secs_f64(),
            "s",
        )
        .ratio(lines.as_secs_f64() / columns.as_secs_f64())
        .bar(Bar::AtLeast(5.0)),
    );
    report.push(
        Figure::new(
            format!("{count} actions: Parquet read and written, nothing decided, one core"),
            library.as_secs_f64(),
            "s",
        )
        .ratio(lines.as_secs_f64() / library.as_secs_f64()),
    );
    for (kind, of) in [
        ("lines", (|round| round.lines.peak_bytes) as fn(&Round) -> Option<u64>),
        ("columns", |round| round.columns.peak_bytes),
    ] {
        if let Some(peak) = rounds.iter().filter_map(of).max() {
            let name = format!("{count} actions: peak memory of `accrue run`, {kind}");
            report.push(Figure::new(name, peak as f64 / 1e6, "MB").bar(Bar::AtMost(200.0)));
        }
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

/// The whole way, as a host would write it; decisions may have no file to go to.
fn decide(program: &Program, reference: &Reference, input: &Path, output: Option<&Path>) -> Result<u64> {
    let mut count = 0;
    let mut totals = program.counters();
    let out = output.map(File::create).transpose()?;
    let mut out = out.map(|file| BufWriter::with_capacity(BUFFER_BYTES, file));
    let reader = BufReader::with_capacity(BUFFER_BYTES, File::open(input)?);
    for record in JsonlActions::new(reader, program.limits()) {
        let action = record.map_err(|reject| reject.errors)?.action;
        let decision = program.decide(&action, reference, &totals, Default::default())?;
        totals.apply(&decision.postings)?;
        match &mut out {
            Some(out) => {
                serde_json::to_writer(&mut *out, &decision)?;
                out.write_all(b"\n")?;
            }
            None => drop(black_box(decision)),
        }
        count += 1;
    }
    if let Some(out) = &mut out {
        out.flush()?;
    }
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
    let program = Engine::builder().limits(limits.clone()).build().load(&source)?;
    let mut reference = Reference::default();
    for (kind, name) in [
        (FactKind::Partners, "facts/partners.csv"),
        (FactKind::Creatives, "facts/creatives.csv"),
        (FactKind::PromoCodes, "facts/promo_codes.csv"),
    ] {
        reference.read(kind, name, &std::fs::read(folder.join(name))?, &limits)?;
    }
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

/// The same actions as a Parquet file.
fn to_columns(input: &Path, output: &Path) -> Result {
    let reader = BufReader::with_capacity(BUFFER_BYTES, File::open(input)?);
    let mut actions = JsonlActions::new(reader, &Limits::default()).peekable();
    let mut failure: Option<Box<dyn std::error::Error>> = None;
    let batches = std::iter::from_fn(|| {
        actions.peek()?;
        let batch: std::result::Result<Vec<_>, _> =
            actions.by_ref().take(BATCH_ACTIONS).map(|read| read.map(|record| record.action)).collect();
        let batch: Result<Vec<_>> = batch.map_err(|reject| reject.errors.into());
        match batch.and_then(|actions| action_batch(&actions).map_err(Into::into)) {
            Ok(batch) => Some(batch),
            Err(error) => {
                failure = Some(error);
                None
            }
        }
    });
    write_actions(File::create(output)?, batches)?;
    failure.map_or(Ok(()), Err)
}

/// What the library of Parquet takes by itself: it reads the actions and writes the decisions, which are in memory. No way of
/// deciding between the two is faster than this on one core.
fn only_columns(actions: &Path, decisions: &Path) -> Result<Duration> {
    let read = |path: &Path| -> Result<Vec<_>> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        Ok(reader.with_batch_size(BATCH_ACTIONS).build()?.collect::<std::result::Result<_, _>>()?)
    };
    let decided = read(decisions)?;
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        black_box(read(actions)?);
        let mut writer = ParquetDecisions::new(Vec::new())?;
        for batch in &decided {
            writer.write(batch)?;
        }
        black_box(writer.finish()?);
        fastest = fastest.min(start.elapsed());
    }
    Ok(fastest)
}

/// The times of one round.
struct Round {
    parsed: Duration,
    lines: Watched,
    columns: Watched,
}

fn command(cli: &Path, program: &Path, input: &Path) -> Command {
    let mut command = Command::new(cli);
    command.arg("run").arg(program).arg(input).stdin(Stdio::null());
    command
}

/// One run of the command line.
struct Watched {
    time: Duration,
    /// `None` where the system does not tell.
    peak_bytes: Option<u64>,
}

fn watch(command: &mut Command, cli: &Path) -> Result<Watched> {
    let start = Instant::now();
    let mut child =
        command.spawn().map_err(|error| format!("`{}` does not start: {error}", cli.display()))?;
    let mut peak_bytes = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_bytes = peak_bytes_of(&child.id().to_string()).max(peak_bytes);
        std::thread::sleep(LOOK_EVERY);
    };
    let time = start.elapsed();
    if !status.success() {
        return Err(format!("`accrue run` ended with {status}").into());
    }
    Ok(Watched { time, peak_bytes })
}

fn count_lines(path: &Path) -> Result<u64> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.iter().filter(|byte| **byte == b'\n').count() as u64)
}

fn count_rows(path: &Path) -> Result<u64> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    Ok(u64::try_from(builder.metadata().file_metadata().num_rows())?)
}
