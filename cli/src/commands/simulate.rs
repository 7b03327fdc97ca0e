//! `accrue simulate`: what a draft of a program would change over a history, and through which of its changes.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, available_parallelism, scope};

use accrue::{Action, Engine, Program};
use accrue_simulate::{
    Checks, Comparison, History, Notice, Plan, PlanOptions, RefusedAction, SimulateError, Simulation,
};
use indicatif::ProgressBar;

use crate::actions::adjustments::{Adjustments, read_adjustments};
use crate::actions::batch::{Batch, Entry, Found};
use crate::actions::input::{Input, adjustment_inputs, inputs, progress};
use crate::actions::stream::{ActionStream, Order};
use crate::args::Simulate;
use crate::exit::{Exit, Failure};
use crate::output::diagnostics::tell_warnings;
use crate::output::errors::ErrorReport;
use crate::output::format::plural;
use crate::output::simulation::Report;
use crate::output::simulation_file::{SimulationFormat, write_simulation};
use crate::output::simulation_text::simulation_text;
use crate::output::target::Target;
use crate::output::terminal::{say, say_json, shown, tell};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;
use crate::source::state::read_state;

/// The most threads that decide. Another one reads.
const MOST_THREADS: usize = 2;

/// The number of batches that are read ahead.
const READ_AHEAD: usize = 4;

/// Runs the command.
pub(crate) fn run(args: &Simulate) -> Result<Exit, Failure> {
    let formats = formats(args)?;
    no_file_is_harmed(args)?;
    let engine = Engine::default();
    let old = Folder::open(&args.old, &args.trust, engine.limits())?;
    let new = match args.draft {
        true => old.with_draft(&args.new, engine.limits())?,
        false => Folder::open(&args.new, &args.trust, engine.limits())?,
    };
    let programs = [old.program(&engine)?, new.program(&engine)?];
    let [old_program, new_program] = &programs;
    tell_warnings(new_program, &new.name);
    may_close(args, &programs)?;
    let reference = read_reference(args.facts.as_deref(), &old, old_program)?;
    read_reference(args.facts.as_deref(), &old, new_program)?;
    let is_same = old_program.id() == new_program.id();
    if !is_same && (args.state.is_some() || args.closed_until.is_some()) {
        return Err(Failure::usage(
            format!("the counters of `{}` are none of `{}`", old_program.id(), new_program.id()),
            "give the draft the `id` of the program, or leave `--state` and `--closed-until` out",
        ));
    }
    let action_inputs = inputs(&args.actions, args.map.as_deref(), &old, old_program.zone())?;
    let counters = read_state(args.state.as_deref(), args.closed_until, old_program)?;
    // Opened first: a path that cannot be written is told before anything is decided.
    let targets = args.out.iter().map(|path| Target::file(path)).collect::<Result<Vec<_>, _>>()?;
    let bar = progress(&action_inputs);
    let adjustment_inputs = adjustment_inputs(&args.adjustments, &args.actions, &old, old_program.zone())?;
    let adjustments = read_adjustments(&adjustment_inputs, old_program.limits(), &bar)?;
    let options = PlanOptions { steps: args.steps.into(), alone: args.alone.into() };
    let plan = Plan::new(&engine, (&old.source, old_program), (&new.source, new_program), options);
    let history = History {
        counters: Some(counters).filter(|_| is_same),
        adjustments: Arc::clone(&adjustments.in_order),
        close: args.close,
        as_of: args.as_of,
        ..History::new(reference)
    };
    let plan = Arc::new(plan);
    let job = Job { args, plan, history, program: old_program, inputs: &action_inputs, bar: &bar };
    let ran = job.run();
    bar.finish_and_clear();
    let (comparison, mut errors) = ran?;
    refused_adjustments(&adjustments, &comparison, &mut errors);
    errors.tell();
    if errors.lines > 0 {
        tell(&format!("{} not taken, as `accrue run` says in more detail\n", plural(errors.lines, "line")));
    }
    let report = Report::new(&comparison, args.limit_rows as usize, checks(args)).map_err(too_large)?;
    for (target, format) in targets.into_iter().zip(formats) {
        write_simulation(&report, target, format)?;
    }
    if args.json {
        say_json(&report)?;
    } else {
        say(&simulation_text(&report))?;
        for path in &args.out {
            say(&format!("Written: {}\n", shown(path)))?;
        }
    }
    Ok(match (report.holds(), errors.lines) {
        (false, _) => Exit::OutOfBounds,
        (true, 0) => Exit::Ok,
        (true, _) => Exit::Rejected,
    })
}

/// Fails if a file that is written is also read, or written twice.
fn no_file_is_harmed(args: &Simulate) -> Result<(), Failure> {
    let written: Vec<(&str, Option<&Path>)> =
        args.out.iter().map(|path| ("--out", Some(path.as_path()))).collect();
    let mut read: Vec<Read<'_>> =
        args.actions.iter().chain(&args.adjustments).map(|path| Read::Input(path)).collect();
    read.push(Read::Program(&args.old, May::WriteBeside));
    read.push(Read::Program(&args.new, May::WriteBeside));
    read.extend(args.map.as_deref().map(|map| Read::File("--map", Path::new(map))));
    read.extend(args.state.as_deref().map(|state| Read::File("--state", state)));
    read.extend(args.facts.as_deref().map(|facts| Read::Folder("--facts", facts)));
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&written, &read)
}

/// Returns the format of each file that is written.
fn formats(args: &Simulate) -> Result<Vec<SimulationFormat>, Failure> {
    let format = |path: &std::path::PathBuf| {
        SimulationFormat::of_name(path).ok_or_else(|| {
            Failure::usage(
                format!("the name `{}` does not say in which format the result is written", path.display()),
                "end it in `.json`, `.csv`, `.xlsx`, `.md` or `.svg`",
            )
        })
    };
    args.out.iter().map(format).collect()
}

/// Fails if bonuses are to be closed, and there are none.
fn may_close(args: &Simulate, programs: &[Program]) -> Result<(), Failure> {
    let has_bonus = |program: &Program| program.next_close(chrono::NaiveDate::default()).is_some();
    if args.close && !programs.iter().any(has_bonus) {
        return Err(Failure::usage(
            "`--close` closes the periods of bonuses, and neither program has a bonus",
            "leave it out",
        ));
    }
    Ok(())
}

/// Returns the bounds that were asked for.
fn checks(args: &Simulate) -> Checks {
    let fraction = |of: Option<crate::args::Percentage>| of.map(|percentage| percentage.0);
    Checks {
        max_increase: fraction(args.max_increase),
        max_loss_per_partner: fraction(args.max_loss_per_partner),
        notice: args.notice_days.zip(args.today).map(|(days, today)| Notice { days: days.into(), today }),
        min_margin: fraction(args.min_margin),
    }
}

fn too_large(error: impl std::fmt::Display) -> Failure {
    Failure::usage(
        format!("the amounts are too large to be compared: {error}"),
        "compare the actions of a shorter time",
    )
}

fn not_simulated(error: &SimulateError) -> Failure {
    match error {
        SimulateError::Close(error) => crate::exit::not_closed(error),
        error => too_large(error),
    }
}

/// Adds the adjustments that are none, or that the old program refuses, to the errors.
fn refused_adjustments(adjustments: &Adjustments<'_>, comparison: &Comparison, errors: &mut ErrorReport) {
    for (input, reject) in &adjustments.rejects {
        errors.lines += 1;
        errors.add(input, &reject.errors);
    }
    errors.lines += comparison.refused.adjustments_old;
}

/// Everything that decides the actions of a simulation.
struct Job<'a> {
    args: &'a Simulate,
    plan: Arc<Plan>,
    history: History,
    program: &'a Program,
    inputs: &'a [Input],
    bar: &'a ProgressBar,
}

impl<'a> Job<'a> {
    /// Decides all actions. The inputs are read as given first, and again in order if they turn out not to be.
    fn run(&self) -> Result<(Comparison, ErrorReport), Failure> {
        for order in [Order::AsGiven, Order::Sorted] {
            if let Some(ran) = self.run_in(order)? {
                return Ok(ran);
            }
            self.bar.reset();
        }
        // Sorted actions are in order.
        Err(too_large("the actions are in no order"))
    }

    /// Decides all actions in one order. Returns `None` if they were not in order.
    fn run_in(&self, order: Order) -> Result<Option<(Comparison, ErrorReport)>, Failure> {
        let threads = available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let simulation =
            Simulation::new(Arc::clone(&self.plan), self.history.clone(), self.args.limit_rows as usize);
        let mut simulation = simulation.threads(threads);
        let mut errors = ErrorReport::default();
        let mut stream = ActionStream::open_for_several(self.inputs, order, self.program, self.bar)?;
        // The next batches are read while one is decided.
        let (read, batches) = sync_channel(READ_AHEAD);
        let was_in_order = scope(|scope| {
            let reader = Builder::new().spawn_scoped(scope, move || {
                loop {
                    let mut batch = Batch::new();
                    let next = stream.next(&mut batch);
                    let is_over = !matches!(next, Ok(true));
                    let sent = match next {
                        Ok(true) => read.send(Ok(batch)),
                        Ok(false) => return stream.was_in_order(),
                        Err(failure) => read.send(Err(failure)),
                    };
                    if is_over || sent.is_err() {
                        return Ok(true);
                    }
                }
            });
            let reader = reader.map_err(|error| Failure::Io("cannot start a thread".to_owned(), error))?;
            // What is received is dropped at the first failure, so that the reader ends, too.
            batches.into_iter().try_for_each(|batch| take(&batch?, &mut simulation, &mut errors))?;
            reader.join().unwrap_or_else(|panic| resume_unwind(panic))
        })?;
        if !was_in_order {
            return Ok(None);
        }
        let comparison = simulation.finish().map_err(|error| not_simulated(&error))?;
        Ok(Some((comparison, errors)))
    }
}

/// Decides the actions of a batch, and keeps the errors of what is not decided.
fn take(batch: &Batch<'_>, simulation: &mut Simulation, errors: &mut ErrorReport) -> Result<(), Failure> {
    let mut found: Vec<(&Input, Found<'_>)> = Vec::new();
    batch.each(|input, entry| {
        match entry {
            Entry::Action(action) => found.push((input, action)),
            Entry::Reject(reject) => {
                errors.lines += 1;
                errors.add(input, &reject.errors);
            }
            Entry::Unreadable(found) => {
                errors.lines += 1;
                errors.add(input, found);
            }
            // What an export has besides its actions changes nothing.
            Entry::SetAside(_) | Entry::Notes(_) => {}
        }
        Ok(())
    })?;
    let actions: Vec<&Action> = found.iter().map(|(_, found)| found.action()).collect();
    let refused = simulation.add(&actions).map_err(|error| not_simulated(&error))?;
    for RefusedAction { index, by_old, errors: of_action, .. } in refused {
        // What only one of both takes is in the comparison.
        if let Some((input, found)) = found.get(index).filter(|_| by_old) {
            errors.lines += 1;
            errors.add(input, &found.reject(of_action).errors);
        }
    }
    Ok(())
}
