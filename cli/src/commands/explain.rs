//! `accrue explain`: shows how one action, or each action of an order, is decided, step by step.

use std::borrow::Cow;

use accrue::explain::Reader;
use accrue::{Action, Decision, Engine, Program};
use indicatif::ProgressBar;

use crate::actions::adjusting::Adjusting;
use crate::actions::adjustments::read_adjustments;
use crate::actions::batch::{Batch, Entry};
use crate::actions::input::{Input, adjustment_inputs, inputs, progress};
use crate::actions::stream::{ActionStream, Order};
use crate::args::Explain;
use crate::decider::Decider;
use crate::exit::{Exit, Failure};
use crate::output::diagnostics::fact_error;
use crate::output::explanation::{colored, explanation_width};
use crate::output::terminal::{BOLD, RED, RESET, clean, say, say_json, tell};
use crate::source::folder::Folder;
use crate::source::reference::read_reference;
use crate::source::state::read_state;

/// Runs the command.
pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = read_reference(args.facts.as_deref(), &folder, &program)?;
    let inputs = inputs(&args.actions, args.map.as_deref(), &folder, program.zone())?;
    let counters = read_state(args.state.as_deref(), args.closed_until, &program)?;
    let bar = progress(&inputs);
    let adjustment_inputs = adjustment_inputs(&args.adjustments, program.zone())?;
    let adjustments = read_adjustments(&adjustment_inputs, program.limits(), &bar)?;
    let decider = Decider::new(&program, &reference, counters);
    let searched = search(&args.action, &inputs, &program, decider, Adjusting::new(&adjustments), &bar);
    bar.finish_and_clear();
    let id = clean(&args.action);
    let Search { found, rejected } = searched?;
    if !found.is_empty() {
        for (action, decision) in &found {
            show(args, &program, action, decision)?;
        }
        return Ok(Exit::Ok);
    }
    if rejected.is_empty() {
        let names: Vec<&str> = inputs.iter().map(|input| input.shown.as_str()).collect();
        return Err(Failure::usage(
            format!("no action has the id or the order number `{id}`"),
            format!("looked into {}", names.join(", ")),
        ));
    }
    tell(&format!("{BOLD}{RED}error:{RESET} action `{id}` was rejected\n"));
    rejected.iter().for_each(|error| tell(&format!("{error}\n")));
    Ok(Exit::Rejected)
}

/// What [`search`] found.
#[derive(Default)]
struct Search {
    /// The action with the id, or those with the order number.
    found: Vec<(Action, Decision)>,
    /// The errors of the rejected lines that have the id in their text.
    rejected: Vec<String>,
}

/// Decides all actions up to the action with this id, so that the totals are as they were when it was decided, and on to its last
/// adjustment. Without such an action, finds those with this order number.
fn search(
    id: &str,
    inputs: &[Input],
    program: &Program,
    mut decider: Decider<'_>,
    mut adjusting: Adjusting<'_>,
    bar: &ProgressBar,
) -> Result<Search, Failure> {
    let Search { mut found, mut rejected } = Search::default();
    let (mut is_id, mut is_over) = (false, false);
    let mut stream = ActionStream::open(inputs, Order::Sorted, program, bar)?;
    let mut batch = Batch::new();
    // Adjustments that are refused change nothing; `run` reports them.
    let adjust = |decider: &mut Decider<'_>,
                  adjusting: &mut Adjusting<'_>,
                  found: &mut Vec<(Action, Decision)>,
                  before| {
        while let Some(placed) = adjusting.next(before) {
            let wanted = found.iter_mut().find(|(action, _)| action.id == placed.adjustment().adjusts);
            if let (Some(found), Ok(adjusted)) = (wanted, adjusting.adjust(decider, placed, true)) {
                found.clone_from(adjusted);
            }
        }
    };
    while !is_over && stream.next(&mut batch)? {
        batch.each(|input, entry| {
            let reject = match entry {
                _ if is_over => return Ok(()),
                Entry::Action(read) => {
                    let action = read.action();
                    adjust(&mut decider, &mut adjusting, &mut found, Some(action.occurred_at));
                    if is_id && !adjusting.adjusts(id) {
                        is_over = true;
                        return Ok(());
                    }
                    let wanted = action.id == id || action.order_id.as_deref() == Some(id);
                    match decider.decide(action, wanted) {
                        Ok(decision) => {
                            adjusting.keep(action, &decision);
                            if action.id == id {
                                is_id = true;
                                is_over = !adjusting.adjusts(id);
                                found.clear();
                            }
                            // Of the action with the id, there is one.
                            if wanted && (!is_id || found.is_empty()) {
                                found.push((action.clone(), decision));
                            }
                            return Ok(());
                        }
                        Err(errors) => Cow::Owned(read.reject(errors)),
                    }
                }
                Entry::Reject(reject) => reject,
                Entry::SetAside(_) | Entry::Notes(_) => return Ok(()),
                Entry::Unreadable(errors) => {
                    errors.0.iter().for_each(|error| tell(&format!("{}\n", fact_error(&input.shown, error))));
                    return Ok(());
                }
            };
            // A line that could not be read has no id, so its text is searched.
            if String::from_utf8_lossy(&reject.text).contains(id) {
                rejected.extend(reject.errors.0.iter().map(|error| fact_error(&input.shown, error)));
            }
            Ok(())
        })?;
    }
    adjust(&mut decider, &mut adjusting, &mut found, None);
    Ok(Search { found, rejected })
}

/// Prints the decision.
fn show(args: &Explain, program: &Program, action: &Action, decision: &Decision) -> Result<(), Failure> {
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
            None => say_json(decision),
        };
    }
    let reader = match partner {
        Some(partner) if args.partner_view => Reader::Partner(partner),
        _ => Reader::Brand,
    };
    say(&colored(&program.explain_within(decision, action, reader, explanation_width(0))))
}
