//! `accrue adjust`: adjusts decisions of earlier runs, and counts the difference.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use accrue::facts::{Adjustment, FactError, FactErrors};
use accrue::{Action, Decision, Engine, Program};
use accrue_history::{Decider, Summary};
use indicatif::ProgressBar;

use crate::actions::adjustments::{Adjustments, read_adjustments, refused};
use crate::actions::batch::{Batch, Entry};
use crate::actions::input::{Input, adjustment_inputs, inputs, progress};
use crate::actions::stream::{ActionStream, Order};
use crate::args::Adjust;
use crate::exit::{Exit, Failure};
use crate::output::decisions::{encoding_of_list, write_all};
use crate::output::diagnostics::tell_warnings;
use crate::output::errors::ErrorReport;
use crate::output::format::{heading, minor, plural};
use crate::output::rejects::Rejects;
use crate::output::table::{number, table, text};
use crate::output::target::Target;
use crate::output::terminal::{DIM, RESET, say, shown};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;
use crate::source::state::{StateFile, read_state};

/// By id: an action as it stands with its decision. One of the two may not be found.
type Standing = BTreeMap<String, (Option<Action>, Option<Decision>)>;

/// Runs the command.
pub(crate) fn run(args: &Adjust) -> Result<Exit, Failure> {
    no_file_is_harmed(args)?;
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    tell_warnings(&program, &folder.name);
    let encoding = encoding_of_list(args.out.as_deref(), args.json, &program)?;
    let reference = read_reference(args.facts.as_deref(), &folder, &program)?;
    if args.state.is_none() && !program.counter_ids().is_empty() {
        return Err(Failure::usage(
            "limits and totals of this program depend on what was counted before",
            "name the counters with `--state FILE`",
        ));
    }
    let action_inputs = inputs(&args.actions, args.map.as_deref(), &folder, program.zone())?;
    let state = args.state.as_deref().map(StateFile::open).transpose()?;
    let counters = read_state(args.state.as_deref(), None, &program)?;
    let bar = progress(&action_inputs);
    let adjustment_inputs = adjustment_inputs(&args.adjustments, &args.actions, &folder, program.zone())?;
    let adjustments = read_adjustments(&adjustment_inputs, program.limits(), &bar)?;
    let mut standing: Standing = BTreeMap::new();
    for adjustment in adjustments.in_order.as_slice() {
        standing.entry(adjustment.adjusts.clone()).or_default();
    }
    for path in &args.decisions {
        read_decisions(path, &mut standing)?;
    }
    read_actions(&action_inputs, &program, &bar, &mut standing)?;
    bar.finish_and_clear();
    let target = args.out.as_deref().map(Target::file).transpose()?;
    let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut rejects = Rejects::new(args.rejects.as_deref(), beside, program.id());
    let mut errors = ErrorReport::default();
    let mut decider = Decider::new(&program, reference, counters);
    let decisions = adjust(&adjustments, &mut standing, &mut decider, &mut errors, &mut rejects)?;
    if let Some(encoding) = encoding {
        let target = target.unwrap_or_else(Target::stdout);
        write_all(encoding, target, &decisions, &Summary::new(&program), &program)?;
    }
    errors.tell();
    let files = rejects.finish()?;
    if let Some(state) = state {
        state.write(&decider.into_counters())?;
    }
    errors.conclude(&files, "correct them and adjust with that file");
    if !args.json {
        report(args, &decisions)?;
    }
    Ok(if errors.lines == 0 { Exit::Ok } else { Exit::Rejected })
}

/// Fails if a file that is written is also read, or written twice.
fn no_file_is_harmed(args: &Adjust) -> Result<(), Failure> {
    let written = [
        ("--out", args.out.as_deref()),
        ("--rejects", args.rejects.as_deref()),
        ("--state", args.state.as_deref()),
    ];
    let inputs = args.actions.iter().chain(&args.adjustments).chain(&args.decisions);
    let mut read: Vec<Read<'_>> = inputs.map(|path| Read::Input(path)).collect();
    read.push(Read::Program(&args.program, May::WriteBeside));
    read.extend(args.map.as_deref().map(|map| Read::File("--map", Path::new(map))));
    read.extend(args.facts.as_deref().map(|facts| Read::Folder("--facts", facts)));
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    check_outputs(&written, &read)
}

/// The most bytes of a line with a decision. One of 100,000 steps, the most that there are, has some 20 MiB.
const MOST_DECISION_BYTES: u64 = 64 << 20;

/// Reads the decisions of the actions that are adjusted. Of several decisions of one action the last is the one that stands.
fn read_decisions(path: &Path, standing: &mut Standing) -> Result<(), Failure> {
    let failed = |error| Failure::file("read", path, error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut text = Vec::new();
    for line in 1u64.. {
        text.clear();
        if (&mut file).take(MOST_DECISION_BYTES).read_until(b'\n', &mut text).map_err(failed)? == 0 {
            break;
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        let decision: Decision = serde_json::from_slice(&text).map_err(|error| {
            Failure::usage(
                format!("line {line} of `{}` is no decision: {error}", path.display()),
                "name the decisions that `accrue run --out FILE.jsonl` or `accrue adjust` has written",
            )
        })?;
        if let Some((_, of)) = standing.get_mut(&decision.action) {
            *of = Some(decision);
        }
    }
    Ok(())
}

/// Reads the actions that are adjusted.
fn read_actions(
    inputs: &[Input],
    program: &Program,
    bar: &ProgressBar,
    standing: &mut Standing,
) -> Result<(), Failure> {
    let mut stream = ActionStream::open(inputs, Order::AsGiven, program, bar)?;
    let mut batch = Batch::new();
    while stream.next(&mut batch)? {
        batch.each(|_, entry| {
            if let Entry::Action(read) = entry
                && let Some((of, _)) = standing.get_mut(&read.action().id)
            {
                *of = Some(read.action().clone());
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Makes all adjustments in their order. Returns the decision after each; an adjustment that is refused is rejected.
fn adjust(
    adjustments: &Adjustments<'_>,
    standing: &mut Standing,
    decider: &mut Decider,
    errors: &mut ErrorReport,
    rejects: &mut Rejects,
) -> Result<Vec<Decision>, Failure> {
    let mut decisions = Vec::new();
    let mut refused = Vec::new();
    for (index, adjustment) in adjustments.in_order.as_slice().iter().enumerate() {
        match adjust_one(adjustment, standing, decider) {
            Ok(decision) => decisions.push(decision),
            Err(found) => refused.extend(adjustments.reject(index, found)),
        }
    }
    for (input, reject) in refused.iter().chain(&adjustments.rejects) {
        errors.lines += 1;
        errors.add(input, &reject.errors);
        rejects.keep(input, reject)?;
    }
    Ok(decisions)
}

fn adjust_one(
    adjustment: &Adjustment,
    standing: &mut Standing,
    decider: &mut Decider,
) -> Result<Decision, FactErrors> {
    let unknown = |of: &str| -> FactErrors {
        let id: String = adjustment.adjusts.chars().take(40).collect();
        FactError::field("adjusts", format!("UNKNOWN_ACTION: there is no {of} `{id}` in the files")).into()
    };
    let of = standing.get_mut(&adjustment.adjusts).ok_or_else(|| unknown("action"))?;
    let (action, decision) = match of {
        (Some(action), Some(decision)) => (action, decision),
        (None, _) => return Err(unknown("action")),
        (_, None) => return Err(unknown("decision of action")),
    };
    match decider.adjust(adjustment, (action, decision)) {
        Ok(adjusted) => {
            (*action, *decision) = (adjusted.action, adjusted.decision);
            Ok(decision.clone())
        }
        Err(error) => Err(refused(error)),
    }
}

/// Lists what each adjustment has changed.
fn report(args: &Adjust, decisions: &[Decision]) -> Result<(), Failure> {
    let columns = [
        text("Adjustment"),
        text("What").rank(2),
        text("Action"),
        text("Partner").rank(3),
        text("Status").rank(2),
        number("Change"),
        number("Payout").rank(1),
    ];
    let mut rows = Vec::new();
    for decision in decisions.iter().take(args.limit_rows) {
        let Some(last) = decision.history.last() else { continue };
        for award in &decision.awards {
            let money = |amount| format!("{} {}", minor(amount, award.currency), award.currency);
            rows.push(vec![
                last.adjustment.clone(),
                last.kind.text().to_owned(),
                decision.action.clone(),
                award.partner.clone(),
                award.status.text().to_owned(),
                money(decision.change(award)),
                money(award.payout),
            ]);
        }
    }
    let mut page = heading("Adjustments");
    if !rows.is_empty() {
        page.push_str(&table(&columns, rows));
    }
    let more = decisions.len().saturating_sub(args.limit_rows);
    if more > 0 {
        page.push_str(&format!("{DIM}… {more} more{RESET}\n"));
    }
    page.push_str(&format!("{} made\n", plural(decisions.len() as u64, "adjustment")));
    if let Some(out) = &args.out {
        page.push_str(&format!("Decisions: {}\n", shown(out)));
    }
    say(&page)
}
