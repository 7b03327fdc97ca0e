//! `accrue explain`: shows how one action, or each action of an order, is decided, step by step.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use accrue::decide::Award;
use accrue::explain::{Reader, Waterfall};
use accrue::facts::FactErrors;
use accrue::{Action, Counters, Decision, Engine, Program, Reference};
use accrue_history::{Event, History, Logged, Replay, Trace, passing_test};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::actions::adjustments::read_adjustments;
use crate::actions::batch::{Batch, Entry};
use crate::actions::input::{Input, adjustment_inputs, inputs, progress};
use crate::actions::stream::{ActionStream, Order};
use crate::args::Explain;
use crate::exit::{Exit, Failure, not_closed};
use crate::output::diagnostics::fact_error;
use crate::output::explanation::{colored, explanation_width};
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RED, RESET, clean, say, say_json, say_raw, tell};
use crate::output::workbook::Workbook;
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;
use crate::source::state::read_state;

/// Runs the command.
pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let engine = Engine::default();
    no_file_is_harmed(args)?;
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = Arc::new(read_reference(args.facts.as_deref(), &folder, &program)?);
    let inputs = inputs(&args.actions, args.map.as_deref(), &folder, program.zone())?;
    let counters = read_state(args.state.as_deref(), args.closed_until, &program)?;
    let bar = progress(&inputs);
    let adjustment_inputs = adjustment_inputs(&args.adjustments, &args.actions, &folder, program.zone())?;
    let adjustments = read_adjustments(&adjustment_inputs, program.limits(), &bar)?;
    let history = History {
        counters: Some(counters),
        adjustments: adjustments.in_order,
        close: args.close,
        as_of: args.as_of,
        ..History::new(Arc::clone(&reference))
    };
    let mut replay = Replay::new(&program, history);
    replay.set_trace(Trace::Of(args.action.clone()));
    if args.as_test {
        replay.keep_log(&args.action);
    }
    let seen = Seen { id: &args.action, found: Vec::new(), rejected: Vec::new(), is_id: false };
    let searched = Search { replay, seen, is_over: false }.run(&program, &inputs, &bar);
    bar.finish_and_clear();
    let id = clean(&args.action);
    let (found, rejected, log) = searched?;
    if args.as_test && !found.is_empty() {
        let text = as_test(args, &program, &folder, &reference, (&found, log))?;
        say_raw(&text)?;
        return Ok(Exit::Ok);
    }
    if !found.is_empty() {
        found.iter().try_for_each(|found| show(args, &program, found))?;
        if let Some(out) = &args.out {
            write_waterfalls(out, &found)?;
        }
        return Ok(Exit::Ok);
    }
    if rejected.is_empty() {
        let names: Vec<&str> = inputs.iter().map(|input| input.shown.as_str()).collect();
        return Err(Failure::usage(
            format!(
                "no action has the id or the order number `{id}`, and no bonus that was closed has the id"
            ),
            format!("looked into {}", names.join(", ")),
        ));
    }
    tell(&format!("{BOLD}{RED}error:{RESET} action `{id}` was rejected\n"));
    rejected.iter().for_each(|error| tell(&format!("{error}\n")));
    Ok(Exit::Rejected)
}

/// Fails if the file that is written is not a workbook, or also read.
fn no_file_is_harmed(args: &Explain) -> Result<(), Failure> {
    let Some(out) = args.out.as_deref() else { return Ok(()) };
    if out.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("xlsx")) {
        return Err(Failure::usage(
            format!("`{}` does not end in `.xlsx`", clean(&out.display().to_string())),
            "a waterfall is a workbook: `--out waterfall.xlsx`; `--json` prints it as data",
        ));
    }
    let inputs = args.actions.iter().chain(&args.adjustments);
    let mut read: Vec<Read<'_>> = inputs.map(|path| Read::Input(path)).collect();
    read.push(Read::Program(&args.program, May::WriteBeside));
    read.extend(args.map.as_deref().map(|map| Read::File("--map", Path::new(map))));
    read.extend(args.state.as_deref().map(|state| Read::File("--state", state)));
    read.extend(args.facts.as_deref().map(|facts| Read::Folder("--facts", facts)));
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&[("--out", Some(out))], &read)
}

/// Writes the waterfall of each award of what was found.
fn write_waterfalls(out: &Path, found: &[Found]) -> Result<(), Failure> {
    let mut target = Target::file(out)?;
    let mut waterfalls = Vec::new();
    for found in found {
        waterfalls.extend(waterfalls_of(found.decision())?);
    }
    let mut workbook = Workbook::new();
    workbook.waterfalls(&waterfalls).map_err(|error| target.failure(error))?;
    workbook.save(&mut target)?;
    target.finish()
}

/// A decision that was found.
enum Found {
    /// Of an action.
    Action(Box<(Action, Decision)>),
    /// Of a bonus.
    Bonus(Box<Decision>),
}

/// What was found, the errors of rejected lines, and what happened to what was found.
type Searched = (Vec<Found>, Vec<String>, Vec<(Logged, Counters)>);

/// A search for an action by its id, for the actions of an order by its number, or for a bonus by its id.
struct Search<'a> {
    replay: Replay,
    seen: Seen<'a>,
    /// Whether nothing that is left may change what was found.
    is_over: bool,
}

/// What was found so far.
struct Seen<'a> {
    id: &'a str,
    found: Vec<Found>,
    /// The errors of the rejected lines that have the id in their text.
    rejected: Vec<String>,
    /// Whether what was found has the id itself, and not as its order number.
    is_id: bool,
}

impl Search<'_> {
    /// Decides all actions up to the one with this id, so that the totals are as they were when it was decided, and on to its last
    /// change. Without such an action, finds those with this order number.
    fn run(mut self, program: &Program, inputs: &[Input], bar: &ProgressBar) -> Result<Searched, Failure> {
        let mut stream = ActionStream::open(inputs, Order::Sorted, program, bar)?;
        let mut batch = Batch::new();
        while !self.is_over && stream.next(&mut batch)? {
            batch.each(|input, entry| if self.is_over { Ok(()) } else { self.take(input, entry) })?;
        }
        if !self.is_over {
            while let Some(step) = self.replay.finish().map_err(|error| not_closed(&error))? {
                self.seen.happened(step);
            }
        }
        let log = self.replay.take_log();
        Ok((self.seen.found, self.seen.rejected, log))
    }

    fn take(&mut self, input: &Input, entry: Entry<'_>) -> Result<(), Failure> {
        let reject = match entry {
            Entry::Action(read) => match self.decide(read.action())? {
                Some(errors) => Cow::Owned(read.reject(errors)),
                None => return Ok(()),
            },
            Entry::Reject(reject) => reject,
            Entry::SetAside(_) | Entry::Notes(_) => return Ok(()),
            Entry::Unreadable(errors) => {
                errors.0.iter().for_each(|error| tell(&format!("{}\n", fact_error(&input.shown, error))));
                return Ok(());
            }
        };
        // A line that could not be read has no id, so its text is searched.
        if String::from_utf8_lossy(&reject.text).contains(self.seen.id) {
            self.seen.rejected.extend(reject.errors.0.iter().map(|error| fact_error(&input.shown, error)));
        }
        Ok(())
    }

    /// Decides an action, unless nothing may change any more what was found. Returns the errors of an action that is refused.
    fn decide(&mut self, action: &Action) -> Result<Option<FactErrors>, Failure> {
        let Self { replay, seen, is_over } = self;
        loop {
            if seen.has_action() && !replay.may_change(seen.id) {
                *is_over = true;
                return Ok(None);
            }
            match replay.step(action).map_err(|error| not_closed(&error))? {
                Event::Decided { decision, .. } => {
                    seen.decided(action, decision);
                    return Ok(None);
                }
                Event::Refused(errors) => return Ok(Some(errors)),
                step => seen.happened(step),
            }
        }
    }
}

impl Seen<'_> {
    /// Returns whether the action with the id was found.
    fn has_action(&self) -> bool {
        self.is_id && !self.found.iter().any(|found| matches!(found, Found::Bonus(_)))
    }

    /// Keeps the decision of an action with the id or the order number.
    fn decided(&mut self, action: &Action, decision: Cow<'_, Decision>) {
        let is_id = action.id == self.id;
        if is_id {
            self.is_id = true;
            self.found.clear();
        }
        // Of the action with the id, there is one.
        let of_order = !self.is_id && action.order_id.as_deref() == Some(self.id);
        if is_id || of_order {
            self.found.push(Found::Action(Box::new((action.clone(), decision.into_owned()))));
        }
    }

    /// Takes what happened besides the actions. Adjustments that are refused change nothing; `run` reports them.
    fn happened(&mut self, step: Event<'_>) {
        match step {
            Event::Adjusted { action, decision, .. } => {
                for found in &mut self.found {
                    match found {
                        Found::Action(found) if found.0.id == action.id => {
                            **found = (action.clone(), decision.clone());
                        }
                        Found::Action(_) | Found::Bonus(_) => {}
                    }
                }
            }
            Event::Closed { bonuses, .. } => {
                if let Some(bonus) = bonuses.into_iter().find(|bonus| bonus.action == self.id) {
                    self.is_id = true;
                    self.found = vec![Found::Bonus(Box::new(bonus))];
                }
            }
            _ => {}
        }
    }
}

/// A decision with the waterfall of each of its awards.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    decision: &'a Decision,
    waterfalls: Vec<Waterfall>,
}

fn waterfalls_of(decision: &Decision) -> Result<Vec<Waterfall>, Failure> {
    let waterfalls: Result<Vec<Waterfall>, _> = decision.awards.iter().map(Award::waterfall).collect();
    waterfalls.map_err(|error| {
        Failure::usage(format!("the payout cannot be taken apart: {error}"), "explain it as text")
    })
}

/// Returns a test of the decision. The test is run before it is returned, so it passes.
fn as_test(
    args: &Explain,
    program: &Program,
    folder: &Folder,
    reference: &Reference,
    (found, log): (&[Found], Vec<(Logged, Counters)>),
) -> Result<String, Failure> {
    let [found] = found else {
        let ids: Vec<String> = found.iter().map(|found| clean(found.id())).collect();
        let message = format!("the order `{}` has several actions", clean(&args.action));
        return Err(Failure::usage(message, format!("name one of {}", ids.join(", "))));
    };
    let own = read_reference(None, folder, program)?;
    passing_test(program, found.id(), &log, reference, &own).map_err(|error| {
        let help = "`accrue explain` without `--as-test` shows the decision";
        Failure::usage(clean(&error.to_string()), help)
    })
}

impl Found {
    fn decision(&self) -> &Decision {
        match self {
            Self::Action(found) => &found.1,
            Self::Bonus(decision) => decision,
        }
    }

    /// Returns the id of the action or bonus.
    fn id(&self) -> &str {
        match self {
            Self::Action(found) => &found.0.id,
            Self::Bonus(decision) => &decision.action,
        }
    }
}

/// Prints the decision.
fn show(args: &Explain, program: &Program, found: &Found) -> Result<(), Failure> {
    let decision = found.decision();
    let partner = decision.awards.first().map(|award| award.partner.as_str());
    let view = partner.filter(|_| args.partner_view).and_then(|partner| decision.partner_view(partner));
    if args.partner_view && view.is_none() {
        return Err(Failure::usage(
            format!("action `{}` is credited to no partner, so none has a view of it", clean(&args.action)),
            "leave `--partner-view` out",
        ));
    }
    if args.json {
        return match &view {
            Some(view) => say_json(view),
            None => say_json(&Explained { decision, waterfalls: waterfalls_of(decision)? }),
        };
    }
    let reader = match partner {
        Some(partner) if args.partner_view => Reader::Partner(partner),
        _ => Reader::Brand,
    };
    let width = explanation_width(0);
    say(&colored(&match found {
        Found::Action(found) => program.explain_within(decision, &found.0, reader, width),
        Found::Bonus(_) => program.explain_bonus(decision, reader, width),
    }))
}
