//! `accrue run`: a program and actions enter; decisions, a summary and a rejects file leave.

mod decider;
mod pipeline;

use std::path::Path;
use std::time::Instant;

use accrue::facts::{FactErrors, Record, Reject};
use accrue::{Engine, Program, Reference};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::actions::input::{self, Input};
use crate::actions::stream::{AsTheyCome, Sink, in_order};
use crate::args::{Format, Run};
use crate::exit::{Exit, Failure};
use crate::output::decisions::{Output, OutputFormat, Piece, Target};
use crate::output::summary::{About, Summary};
use crate::output::terminal::{self as render, BOLD, RESET, YELLOW};
use crate::source::folder as load;
use decider::Decider;
pub(crate) use decider::decide;
use pipeline::decide_in_turns;

/// Decisions that may be seen before the end, on standard output or in a pipe, are held in a temporary file until it is
/// known that their actions are in order. Past this much input, some four million actions, that is looked at first.
const HELD_BYTES: u64 = 4 << 30;

/// Decisions written at once where they come one by one.
const PIECE_DECISIONS: usize = 256;

/// Runs the command.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = format(args)?;
    let engine = Engine::default();
    let folder = load::trusted(&args.program, &args.trust, engine.limits())?;
    let program = load::program(&folder, &engine)?;
    warn(&program, &folder.name);
    let (reference, faults) = load::reference(args.facts.as_deref(), &folder, engine.limits())?;
    for fault in &faults {
        render::tell(&format!("{BOLD}{YELLOW}left out:{RESET} {fault}\n"));
    }
    let inputs = input::inputs(&args.actions, &folder)?;
    no_input_is_replaced(args, &inputs)?;
    let bar = progress(&inputs);
    let start = |held| Running::start(args, format, &program, &reference, held);
    let bytes = inputs.iter().fold(0u64, |sum, input| sum.saturating_add(input.bytes));
    let mut decided = None;
    if bytes <= HELD_BYTES || !target(args)?.is_seen_at_once() {
        let mut run = start(true)?;
        let reader = AsTheyCome::new(&inputs, program.limits(), &bar);
        let output = run.output.as_mut().map(|(format, output)| (*format, output));
        let streamed = decide_in_turns(reader, &mut run.decider, output);
        if run.unless_failed(streamed, &bar)? {
            decided = Some(run);
        }
    }
    let Running { decider: Decider { rejects, summary, errors, .. }, output } = match decided {
        Some(run) => run,
        None => {
            bar.reset();
            let mut run = start(false)?;
            let piece = run.output.as_ref().map(|(format, _)| Piece::new(*format));
            let mut one_by_one = OneByOne { running: &mut run, piece, count: 0 };
            let streamed =
                in_order(&inputs, &program, &bar, &mut one_by_one).and_then(|()| one_by_one.flush());
            run.unless_failed(streamed, &bar)?;
            run
        }
    };
    bar.finish_and_clear();
    errors.tell();
    if let Some((_, output)) = output {
        output.finish()?;
    }
    let kept = rejects.finish()?;
    errors.conclude(&kept);
    let about =
        About { rejected: errors.lines, facts: faults.len(), time: started.elapsed(), rows: args.limit_rows };
    report(args, format, &program, &summary, about)?;
    let clean = errors.lines == 0 && faults.is_empty();
    Ok(if clean { Exit::Ok } else { Exit::Rejected })
}

fn report(
    args: &Run,
    format: Format,
    program: &Program,
    summary: &Summary,
    about: About,
) -> Result<(), Failure> {
    if format == Format::Table || args.out.is_some() {
        let text = summary.render(program.terms(), about);
        // A sum that no longer fits is no reason to lose the decisions, which are written already.
        render::say(&text.unwrap_or_else(|error| format!("the sums cannot be shown: {error}\n")))?;
        if let Some(out) = &args.out {
            render::say(&format!("Decisions: {}\n", out.display()))?;
        }
        return Ok(());
    }
    render::tell(&format!("{}\n", summary.pace(about.time)));
    Ok(())
}

/// What is printed or written, from the options and the name of the output file.
fn format(args: &Run) -> Result<Format, Failure> {
    if args.json {
        return Ok(Format::Jsonl);
    }
    let named = args.out.as_deref().map(|out| match input::by_name(out) {
        Some(input::InputFormat::Csv) => Format::Csv,
        Some(input::InputFormat::Parquet) => Format::Parquet,
        Some(input::InputFormat::Jsonl) | None => Format::Jsonl,
    });
    if args.trace && args.format.or(named) == Some(Format::Parquet) {
        return Err(Failure::usage(
            "Parquet has no column for a trace",
            "write `.jsonl`, or leave `--trace` out",
        ));
    }
    match (args.format, named) {
        (Some(Format::Table), Some(_)) => Err(Failure::usage(
            "`--out` keeps decisions, and a table has none",
            "leave `--format table` out: the summary is printed beside the file anyway",
        )),
        (Some(format), _) => Ok(format),
        (None, named) => Ok(named.unwrap_or(Format::Table)),
    }
}

fn target(args: &Run) -> Result<Target, Failure> {
    match &args.out {
        None => Ok(Target::stdout()),
        Some(path) => Target::file(path),
    }
}

/// Where decisions are written, out of sight until the end if they are `held`.
fn output(args: &Run, format: Format, held: bool) -> Result<Option<(OutputFormat, Output)>, Failure> {
    let kind = match format {
        Format::Table if args.out.is_none() => return Ok(None),
        Format::Csv => OutputFormat::Csv,
        Format::Parquet => OutputFormat::Parquet,
        Format::Jsonl | Format::Table => OutputFormat::Jsonl,
    };
    // A Parquet file without its end is none, so that nothing of it is seen before.
    let held = held || kind == OutputFormat::Parquet;
    let target = if held { target(args)?.held()? } else { target(args)? };
    Output::new(kind, target).map(|output| Some((kind, output)))
}

/// Neither decisions nor rejects may take the place of a file that is being read.
fn no_input_is_replaced(args: &Run, inputs: &[Input]) -> Result<(), Failure> {
    let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b && a.is_file(),
        _ => false,
    };
    for (option, path) in [("--out", &args.out), ("--rejects", &args.rejects)] {
        if let Some(path) = path
            && inputs.iter().any(|input| same(path, &input.path))
        {
            return Err(Failure::usage(
                format!("`{option} {}` is one of the inputs", path.display()),
                "name another file; the inputs are left as they are",
            ));
        }
    }
    Ok(())
}

/// Tells how many warnings a program has.
pub(crate) fn warn(program: &Program, name: &str) {
    let warnings = program.warnings().iter().count() as u64;
    if warnings > 0 {
        let count = render::plural(warnings, "warning");
        render::tell(&format!("{BOLD}{YELLOW}{count}{RESET}, shown by `accrue check {name}`\n"));
    }
}

/// A progress bar over the bytes of all inputs. Hidden where there is no terminal.
pub(crate) fn progress(inputs: &[Input]) -> ProgressBar {
    let bytes = inputs.iter().fold(0u64, |sum, input| sum.saturating_add(input.bytes));
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {bytes_per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A run under way.
struct Running<'a> {
    decider: Decider<'a>,
    /// Nothing where only the summary is printed.
    output: Option<(OutputFormat, Output)>,
}

impl<'a> Running<'a> {
    /// Begins a run. What it writes stays out of sight until the end if it is `held`.
    fn start(
        args: &Run,
        format: Format,
        program: &'a Program,
        reference: &'a Reference,
        held: bool,
    ) -> Result<Self, Failure> {
        let output = output(args, format, held)?;
        Ok(Self { decider: Decider::new(args, program, reference), output })
    }

    /// What streaming came to. A failure is told after what was wrong with the input up to there; the decisions up to
    /// there are kept out of sight: a file that has its name is complete.
    fn unless_failed<T>(&self, streamed: Result<T, Failure>, bar: &ProgressBar) -> Result<T, Failure> {
        if streamed.is_err() {
            bar.finish_and_clear();
            self.decider.errors.tell();
        }
        streamed
    }
}

/// Decides what comes one by one.
struct OneByOne<'r, 'a> {
    running: &'r mut Running<'a>,
    piece: Option<Piece>,
    /// Decisions in the piece.
    count: usize,
}

impl OneByOne<'_, '_> {
    fn flush(&mut self) -> Result<(), Failure> {
        self.count = 0;
        match (&mut self.running.output, &mut self.piece) {
            (Some((_, output)), Some(piece)) => output.write(piece),
            _ => Ok(()),
        }
    }
}

impl Sink for OneByOne<'_, '_> {
    fn action(&mut self, input: &Input, header: Option<&str>, record: Record) -> Result<bool, Failure> {
        let decision = self.running.decider.action(input, header, &record)?;
        if let (Some(decision), Some(piece)) = (decision, &mut self.piece) {
            piece.add(&decision)?;
            self.count += 1;
            if self.count == PIECE_DECISIONS {
                self.flush()?;
            }
        }
        Ok(true)
    }

    fn reject(&mut self, input: &Input, header: Option<&str>, reject: Reject) -> Result<(), Failure> {
        self.running.decider.reject(input, header, &reject)
    }

    fn unreadable(&mut self, input: &Input, errors: FactErrors) -> Result<(), Failure> {
        self.running.decider.unreadable(input, &errors)
    }
}
