//! `accrue run`: decides actions; writes the decisions, a summary and the rejected lines.

mod pipeline;
mod processor;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use accrue::{Counters, Engine, Program, Reference};
use accrue_history::Summary;
use indicatif::ProgressBar;

use crate::actions::adjustments::{Adjustments, read_adjustments};
use crate::actions::input::{FileFormat, Input, adjustment_inputs, inputs, progress, total_bytes};
use crate::actions::stream::{ActionStream, Order};
use crate::args::{Format, Run};
use crate::exit::{Exit, Failure};
use crate::output::csv::{RowKind, Rows, Units};
use crate::output::decisions::{DecisionWriter, Encoding};
use crate::output::diagnostics::tell_warnings;
use crate::output::summary_file::{SummaryFormat, write_summary};
use crate::output::summary_text::{About, pace, summary_text};
use crate::output::target::Target;
use crate::output::terminal::{DIM, RESET, clean, say, shown, tell};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;
use crate::source::state::{StateFile, read_state};
use pipeline::decide_all;
use processor::{Kept, Processor};

/// The most bytes of input that are read as given if decisions go to standard output or into a pipe. These decisions are
/// held in a temporary file until the order of the actions is known. Larger inputs, of more than some four million actions,
/// are scanned first instead.
const HELD_BYTES: u64 = 4 << 30;

/// Runs the command.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = format(args)?;
    let summary_format = summary_format(args, format)?;
    no_file_is_harmed(args)?;
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    tell_warnings(&program, &folder.name);
    if args.close && program.next_close(chrono::NaiveDate::default()).is_none() {
        return Err(Failure::usage(
            "`--close` closes the periods of bonuses, and this program has no bonus",
            "leave it out; `--closed-until DATE` closes periods",
        ));
    }
    let encoding = format.and_then(|format| encoding(args, format, &program));
    let reference = Arc::new(read_reference(args.facts.as_deref(), &folder, &program)?);
    let inputs = inputs(&args.actions, args.map.as_deref(), &folder, program.zone())?;
    // Opened first: a path that cannot be written is told before anything is decided.
    let summary_file = args.summary.as_deref().map(Target::file).transpose()?;
    let state = args.state.as_deref().map(StateFile::open).transpose()?;
    let counters = read_state(args.state.as_deref(), args.closed_until, &program)?;
    let keeps = !program.counter_ids().is_empty();
    let begins = keeps && counters.is_empty();
    let bar = progress(&inputs);
    let adjustment_inputs = adjustment_inputs(&args.adjustments, &args.actions, &folder, program.zone())?;
    let adjustments = read_adjustments(&adjustment_inputs, program.limits(), &bar)?;
    let job = Job {
        args,
        encoding,
        program: &program,
        reference: &reference,
        counters: &counters,
        inputs: &inputs,
        adjustments: &adjustments,
        bar: &bar,
    };
    let Decided { processor, writer } = job.decide()?;
    let Processor { replay, kept } = processor;
    let Kept { rejects, summary, errors, report: imported, first, .. } = kept;
    bar.finish_and_clear();
    errors.tell();
    if let Some(writer) = writer {
        writer.finish(&summary, &program)?;
    }
    if let Some((target, format)) = summary_file.zip(summary_format) {
        write_summary(&summary, target, (format, units(args)), &program, errors.lines)?;
    }
    let files = rejects.finish()?;
    if let Some(state) = state {
        state.write(&replay.into_counters())?;
    }
    errors.conclude(&files, &again(args, keeps));
    imported.conclude()?;
    let about = About { rejected: errors.lines, time: started.elapsed(), rows: args.limit_rows, first };
    report(args, encoding, &program, &summary, &about)?;
    if begins {
        tell(&format!("{DIM}{}{RESET}\n", from_nothing(args)));
    }
    Ok(if errors.lines == 0 { Exit::Ok } else { Exit::Rejected })
}

/// Fails if a file that the run writes is also read, or written twice.
fn no_file_is_harmed(args: &Run) -> Result<(), Failure> {
    let written = [
        ("--out", args.out.as_deref()),
        ("--summary", args.summary.as_deref()),
        ("--rejects", args.rejects.as_deref()),
        ("--state", args.state.as_deref()),
    ];
    let mut read: Vec<Read<'_>> =
        args.actions.iter().chain(&args.adjustments).map(|path| Read::Input(path)).collect();
    read.push(Read::Program(&args.program, May::WriteBeside));
    read.extend(args.map.as_deref().map(|map| Read::File("--map", Path::new(map))));
    read.extend(args.facts.as_deref().map(|facts| Read::Folder("--facts", facts)));
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&written, &read)
}

/// Returns the message of a run that starts without counters, if limits or totals count.
fn from_nothing(args: &Run) -> String {
    match &args.state {
        Some(state) => format!(
            "Limits and totals began from nothing in this run; `{}` carries them to the next.",
            shown(state)
        ),
        None => "Limits and totals began from nothing in this run; `--state FILE` carries them to the next."
            .to_owned(),
    }
}

/// Returns what to do with rejected lines once they are corrected.
fn again(args: &Run, keeps: bool) -> String {
    if keeps && args.state.is_none() {
        return "correct them in the inputs and run all of them again, since limits and totals begin from nothing in each run"
            .to_owned();
    }
    // The rejects of an export are rows of that export.
    let map = args.map.iter().map(|map| format!("`--map {}`", clean(map)));
    let state = args.state.iter().filter(|_| keeps).map(|state| format!("`--state {}`", shown(state)));
    let options: Vec<String> = map.chain(state).collect();
    match options.as_slice() {
        [] => "correct them and run that file".to_owned(),
        options => format!("correct them and run that file with {}", options.join(" and ")),
    }
}

/// Prints the summary, or only the pace if the decisions are printed.
fn report(
    args: &Run,
    encoding: Option<Encoding>,
    program: &Program,
    summary: &Summary,
    about: &About,
) -> Result<(), Failure> {
    if encoding.is_some() && args.out.is_none() {
        tell(&format!("{}\n", pace(summary, about.time)));
        return Ok(());
    }
    let text = summary_text(summary, program, about);
    // A sum that does not fit must not lose the decisions, which are written already.
    say(&text.unwrap_or_else(|error| format!("the sums cannot be shown: {error}\n")))?;
    for (what, path) in [("Decisions", &args.out), ("Summary", &args.summary)] {
        if let Some(path) = path {
            say(&format!("{what}: {}\n", shown(path)))?;
        }
    }
    Ok(())
}

/// Returns the format of the decisions, from the options and the name of the output file, or `None` if only a summary is
/// printed.
fn format(args: &Run) -> Result<Option<Format>, Failure> {
    let named = args.out.as_deref().and_then(format_of_name);
    if let (Some(out), None, None, false) = (&args.out, named, args.format, args.json) {
        return Err(Failure::usage(
            format!("the name `{}` does not say in which format decisions are written", out.display()),
            "end it in `.jsonl`, `.csv`, `.parquet` or `.xlsx`, or add `--format jsonl`",
        ));
    }
    let format = match args.format {
        _ if args.json => Some(Format::Jsonl),
        Some(Format::Table) if args.out.is_some() => {
            return Err(Failure::usage(
                "`--out` keeps decisions, and a table has none",
                "leave `--format table` out: the summary is printed beside the file anyway",
            ));
        }
        Some(Format::Table) => None,
        Some(format) => Some(format),
        None => named,
    };
    if args.trace && matches!(format, Some(Format::Parquet | Format::Xlsx)) {
        let name = if format == Some(Format::Xlsx) { "a workbook" } else { "Parquet" };
        return Err(Failure::usage(
            format!("{name} has no column for a trace"),
            "write `.jsonl`, or leave `--trace` out",
        ));
    }
    if args.lines && format != Some(Format::Csv) {
        return Err(Failure::usage(
            "`--lines` says what a row of CSV is",
            "add `--format csv`, or an output that ends in `.csv`; other formats have the lines anyway",
        ));
    }
    Ok(format)
}

/// Returns the format of decisions that a file's name promises.
fn format_of_name(path: &Path) -> Option<Format> {
    match FileFormat::of_name(path) {
        Some(FileFormat::Jsonl) => Some(Format::Jsonl),
        Some(FileFormat::Csv) => Some(Format::Csv),
        Some(FileFormat::Parquet) => Some(Format::Parquet),
        None => path.extension().filter(|ending| ending.eq_ignore_ascii_case("xlsx")).map(|_| Format::Xlsx),
    }
}

/// Returns the format of the summary file, if there is one.
fn summary_format(args: &Run, format: Option<Format>) -> Result<Option<SummaryFormat>, Failure> {
    let summary = match &args.summary {
        None => None,
        Some(path) => Some(SummaryFormat::of_name(path).ok_or_else(|| {
            Failure::usage(
                format!("the name `{}` does not say in which format the summary is written", path.display()),
                "end it in `.json`, `.csv` or `.xlsx`",
            )
        })?),
    };
    let has_units =
        format == Some(Format::Csv) || matches!(summary, Some(SummaryFormat::Csv | SummaryFormat::Json));
    if args.minor_units && !has_units {
        return Err(Failure::usage(
            "`--minor-units` says how amounts of CSV are written",
            "add `--format csv`, or a file that ends in `.csv`; other formats have decimals",
        ));
    }
    Ok(summary)
}

fn units(args: &Run) -> Units {
    if args.minor_units { Units::Minor } else { Units::Main }
}

/// Returns how decisions are encoded in a format; `None` for a table, which has none.
fn encoding(args: &Run, format: Format, program: &Program) -> Option<Encoding> {
    let kind = if args.lines { RowKind::Line } else { RowKind::Award };
    match format {
        Format::Table => None,
        Format::Jsonl => Some(Encoding::Jsonl),
        Format::Csv => Some(Encoding::Csv(Rows { kind, units: units(args) })),
        Format::Parquet => Some(Encoding::Parquet),
        Format::Xlsx => Some(Encoding::Xlsx(program.zone())),
    }
}

/// Everything that decides the actions of a run.
struct Job<'a> {
    args: &'a Run,
    /// `None` if only a summary is printed.
    encoding: Option<Encoding>,
    program: &'a Program,
    reference: &'a Arc<Reference>,
    /// The counters before the first action.
    counters: &'a Counters,
    inputs: &'a [Input],
    adjustments: &'a Adjustments<'a>,
    bar: &'a ProgressBar,
}

/// The result of deciding all actions.
struct Decided<'a> {
    processor: Processor<'a>,
    /// `None` if only a summary is printed.
    writer: Option<DecisionWriter>,
}

impl<'a> Job<'a> {
    /// Decides all actions. The inputs are read as given first, and again in order if they turn out not to be.
    fn decide(&self) -> Result<Decided<'a>, Failure> {
        let as_given = total_bytes(self.inputs) <= HELD_BYTES || !self.target()?.is_seen_at_once();
        let mut order = if as_given { Order::AsGiven } else { Order::Sorted };
        loop {
            let (decided, was_in_order) = self.decide_in(order)?;
            if was_in_order {
                return Ok(decided);
            }
            self.bar.reset();
            order = Order::Sorted;
        }
    }

    /// Decides all actions in one order, and returns whether they were in order. If not, the decisions are void.
    ///
    /// After a failure, the errors of the input up to there are printed. The output file does not get its name, so that a file
    /// with that name is always complete.
    fn decide_in(&self, order: Order) -> Result<(Decided<'a>, bool), Failure> {
        let mut writer = self.writer(order)?;
        let mut processor =
            Processor::new(self.args, self.program, self.reference, self.counters.clone(), self.adjustments);
        let decided = ActionStream::open(self.inputs, order, self.program, self.bar)
            .and_then(|stream| decide_all(stream, &mut processor, writer.as_mut()));
        if decided.is_err() {
            self.bar.finish_and_clear();
            processor.kept.errors.tell();
        }
        decided.map(|was_in_order| (Decided { processor, writer }, was_in_order))
    }

    /// Returns where the decisions go.
    fn target(&self) -> Result<Target, Failure> {
        match &self.args.out {
            None => Ok(Target::stdout()),
            Some(path) => Target::file(path),
        }
    }

    /// Returns a writer of the decisions. Decisions in an order that may turn out wrong are held back until the end.
    fn writer(&self, order: Order) -> Result<Option<DecisionWriter>, Failure> {
        let Some(encoding) = self.encoding else { return Ok(None) };
        // A Parquet file and a workbook cannot be read without their ends.
        let whole = matches!(encoding, Encoding::Parquet | Encoding::Xlsx(_));
        let held = order == Order::AsGiven || whole;
        let target = if held { self.target()?.held()? } else { self.target()? };
        DecisionWriter::new(encoding, target).map(Some)
    }
}
