//! `accrue run`: a program and actions enter; decisions, a summary and a rejects file leave.

mod behind;
pub(crate) mod input;
mod rejects;
mod scan;
mod sort;
pub(crate) mod stream;
mod summary;
mod write;

use std::path::{Path, PathBuf};
use std::time::Instant;

use accrue::facts::{FactErrors, Record, Reject};
use accrue::{Action, Decision, Engine, Program, Reference, Totals};
use accrue_columnar::Rows;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{Format, Run};
use crate::exit::{Exit, Failure};
use crate::load;
use crate::render::{self, BOLD, RESET, YELLOW};
use input::Input;
use rejects::Rejects;
use stream::{Sink, as_they_come, in_order};
use summary::{About, Summary};
use write::{Target, Writer};

/// Decisions that may be seen before the end, on standard output or in a pipe, are held in a temporary file until it is
/// known that their actions are in order. Past this much input, some four million actions, that is looked at first.
const HELD_BYTES: u64 = 4 << 30;

/// Errors printed one by one. The rest are counted; all of them are in the rejects file.
const SHOWN_ERRORS: u64 = 20;

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
    let start = |held| Decider::start(args, format, &program, &reference, held);
    let bytes = inputs.iter().fold(0u64, |sum, input| sum.saturating_add(input.bytes));
    let mut decided = None;
    if bytes <= HELD_BYTES || !target(args)?.is_seen_at_once() {
        let mut run = start(true)?;
        let streamed = as_they_come(&inputs, program.limits(), &bar, &mut run);
        if run.unless_failed(streamed, &bar)? {
            decided = Some(run);
        }
    }
    let Decider { writer, rejects, summary, errors, .. } = match decided {
        Some(run) => run,
        None => {
            bar.reset();
            let mut run = start(false)?;
            let streamed = in_order(&inputs, &program, &bar, &mut run);
            run.unless_failed(streamed, &bar)?;
            run
        }
    };
    bar.finish_and_clear();
    errors.tell();
    if let Some(writer) = writer {
        writer.finish()?;
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

/// Writes decisions, out of sight until the end if they are `held`.
fn writer(args: &Run, format: Format, held: bool) -> Result<Option<Writer>, Failure> {
    if args.out.is_none() && format == Format::Table {
        return Ok(None);
    }
    // A Parquet file without its end is none, so that nothing of it is seen before.
    let held = held || format == Format::Parquet;
    let target = if held { target(args)?.held()? } else { target(args)? };
    match format {
        Format::Csv => Writer::csv(target).map(Some),
        Format::Parquet => Writer::parquet(target).map(Some),
        Format::Jsonl | Format::Table => Ok(Some(Writer::jsonl(target))),
    }
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

/// Keeps the first errors, and counts.
#[derive(Default)]
struct Errors {
    lines: u64,
    count: u64,
    first: Vec<String>,
}

impl Errors {
    fn add(&mut self, input: &Input, errors: &FactErrors) {
        for error in &errors.0 {
            if self.count < SHOWN_ERRORS {
                self.first.push(load::fact_fault(&input.shown, error));
            }
            self.count += 1;
        }
    }

    /// Prints the first ones.
    fn tell(&self) {
        self.first.iter().for_each(|text| render::tell(&format!("{text}\n")));
    }

    fn conclude(&self, kept: &[PathBuf]) {
        if let Some(more) = self.count.checked_sub(SHOWN_ERRORS).filter(|more| *more > 0) {
            render::tell(&format!("… and {}\n", render::plural(more, "more error")));
        }
        if self.lines > 0 {
            let files: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
            let count = render::plural(self.lines, "line");
            let files = files.join(", ");
            render::tell(&format!("{count} rejected, kept in {files}: correct them and run that file\n"));
        }
    }
}

/// Decides what the stream brings.
struct Decider<'a> {
    program: &'a Program,
    reference: &'a Reference,
    totals: Totals,
    trace: bool,
    show: usize,
    writer: Option<Writer>,
    rejects: Rejects,
    summary: Summary,
    errors: Errors,
}

/// Decides an action and moves the totals on, or says why it cannot be decided.
pub(crate) fn decide(
    program: &Program,
    reference: &Reference,
    totals: &mut Totals,
    trace: bool,
    action: &Action,
) -> Result<Decision, FactErrors> {
    let decision = if trace {
        program.explain(action, reference, totals)?
    } else {
        program.decide(action, reference, totals)?
    };
    let recorded = program.record(totals, action, &decision);
    recorded.map_err(|error| {
        FactErrors::from(accrue::facts::FactError::field("occurred_at", error.to_string()))
    })?;
    Ok(decision)
}

impl<'a> Decider<'a> {
    /// Begins a run. What it writes stays out of sight until the end if it is `held`.
    fn start(
        args: &Run,
        format: Format,
        program: &'a Program,
        reference: &'a Reference,
        held: bool,
    ) -> Result<Self, Failure> {
        let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        Ok(Self {
            program,
            reference,
            totals: program.totals(),
            trace: args.trace,
            show: args.show,
            writer: writer(args, format, held)?,
            rejects: Rejects::new(args.rejects.as_deref(), beside, &program.terms().id),
            summary: Summary::default(),
            errors: Errors::default(),
        })
    }

    /// What streaming came to. A failure is told after what was wrong with the input up to there; the decisions up to
    /// there are kept out of sight: a file that has its name is complete.
    fn unless_failed<T>(&self, streamed: Result<T, Failure>, bar: &ProgressBar) -> Result<T, Failure> {
        if streamed.is_err() {
            bar.finish_and_clear();
            self.errors.tell();
        }
        streamed
    }
}

impl Decider<'_> {
    /// Decides an action that stands on this line, or says why it cannot be decided.
    fn decide(
        &mut self,
        input: &Input,
        line: u64,
        action: &Action,
    ) -> Result<Result<(), FactErrors>, Failure> {
        let decision = match decide(self.program, self.reference, &mut self.totals, self.trace, action) {
            Ok(decision) => decision,
            Err(errors) => return Ok(Err(errors)),
        };
        if self.summary.add(&decision, self.show).is_err() {
            let error = accrue::facts::FactError::whole("its amounts are too large to be summed up");
            self.errors.add(input, &error.on_line(line).into());
        }
        match &mut self.writer {
            Some(writer) => writer.write(&decision).map(Ok),
            None => Ok(Ok(())),
        }
    }
}

impl Sink for Decider<'_> {
    fn action(&mut self, input: &Input, header: Option<&str>, record: Record) -> Result<bool, Failure> {
        if let Err(errors) = self.decide(input, record.first_line, &record.action)? {
            self.reject(input, header, record.reject(errors))?;
        }
        Ok(true)
    }

    fn rows(&mut self, input: &Input, first: u64, rows: &Rows) -> Result<bool, Failure> {
        for (number, row) in (first..).zip(rows.iter()) {
            let decided = match row {
                Ok(action) => self.decide(input, number, action)?,
                Err(errors) => Err(errors.clone()),
            };
            if let Err(errors) = decided {
                self.reject(input, None, input::rejected(number, &errors))?;
            }
        }
        Ok(true)
    }

    fn reject(&mut self, input: &Input, header: Option<&str>, reject: Reject) -> Result<(), Failure> {
        self.errors.lines += 1;
        self.errors.add(input, &reject.errors);
        self.rejects.keep(input, header, &reject)
    }

    fn unreadable(&mut self, input: &Input, errors: FactErrors) -> Result<(), Failure> {
        self.errors.add(input, &errors);
        self.errors.lines += self.rejects.keep_all(input)?.max(1);
        Ok(())
    }
}
