//! `accrue explain`: a program, actions and an id enter; that action's whole path leaves.

use accrue::explain::{Explanation, Reader, Tone, explain};
use accrue::facts::{FactErrors, Record, Reject};
use accrue::{Decision, Engine, Program, Reference, Totals};

use crate::actions::input::{self, Input};
use crate::actions::stream::{Sink, in_order};
use crate::args::Explain;
use crate::exit::{Exit, Failure};
use crate::output::terminal::{self as render, BOLD, DIM, GREEN, RED, RESET, YELLOW, clean};
use crate::source::folder as load;

/// Runs the command.
pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let engine = Engine::default();
    let folder = load::trusted(&args.program, &args.trust, engine.limits())?;
    let program = load::program(&folder, &engine)?;
    let (reference, faults) = load::reference(args.facts.as_deref(), &folder, engine.limits())?;
    for fault in &faults {
        render::tell(&format!("{BOLD}{YELLOW}left out:{RESET} {fault}\n"));
    }
    let inputs = input::inputs(&args.actions, &folder)?;
    let bar = crate::commands::run::progress(&inputs);
    let mut search = Search {
        program: &program,
        reference: &reference,
        totals: program.totals(),
        id: &args.action,
        found: None,
        rejected: Vec::new(),
    };
    let streamed = in_order(&inputs, &program, &bar, &mut search);
    bar.finish_and_clear();
    streamed?;
    match search.found {
        Some((record, decision)) => {
            show(args, &program, &record, &decision)?;
            Ok(Exit::Ok)
        }
        None if !search.rejected.is_empty() => {
            let id = clean(&args.action);
            render::tell(&format!("{BOLD}{RED}error:{RESET} action `{id}` was rejected\n"));
            search.rejected.iter().for_each(|error| render::tell(&format!("{error}\n")));
            Ok(Exit::Rejected)
        }
        None => Err(Failure::usage(
            format!("no action has the id `{}`", clean(&args.action)),
            format!("looked into {}", names(&inputs)),
        )),
    }
}

fn names(inputs: &[Input]) -> String {
    let names: Vec<&str> = inputs.iter().map(|input| input.shown.as_str()).collect();
    names.join(", ")
}

fn show(args: &Explain, program: &Program, record: &Record, decision: &Decision) -> Result<(), Failure> {
    let partner = decision.partners.first().map(|payout| payout.partner.as_str());
    let view = partner.filter(|_| args.partner_view).and_then(|partner| decision.partner_view(partner));
    if args.partner_view && view.is_none() {
        return Err(Failure::usage(
            format!("action `{}` is credited to no partner, so none has a view of it", clean(&args.action)),
            "leave `--partner-view` out",
        ));
    }
    if args.json {
        let json = match &view {
            Some(view) => serde_json::to_string_pretty(view),
            None => serde_json::to_string_pretty(decision),
        };
        let json = json.map_err(|error| Failure::output(error.into()))?;
        return render::say(&format!("{json}\n"));
    }
    let reader = match partner {
        Some(partner) if args.partner_view => Reader::Partner(partner),
        _ => Reader::Brand,
    };
    render::say(&colored(&explain(decision, &record.action, program.terms(), reader)))
}

/// An explanation with its tones as colours.
pub(crate) fn colored(explanation: &Explanation) -> String {
    let mut text = String::new();
    for line in &explanation.lines {
        let (on, off) = match line.tone {
            Tone::Heading => (BOLD, RESET),
            Tone::Plain => ("", ""),
            Tone::Quiet => (DIM, RESET),
            Tone::Good => (GREEN, RESET),
            Tone::Warning => (YELLOW, RESET),
            Tone::Bad => (RED, RESET),
        };
        text.push_str(&format!("{on}{}{off}\n", clean(&line.text)));
    }
    text
}

/// Decides every action up to the one that is looked for, so that totals are as they were.
struct Search<'a> {
    program: &'a Program,
    reference: &'a Reference,
    totals: Totals,
    id: &'a str,
    found: Option<(Record, Decision)>,
    rejected: Vec<String>,
}

impl Sink for Search<'_> {
    fn action(&mut self, input: &Input, header: Option<&str>, record: Record) -> Result<bool, Failure> {
        let wanted = record.action.id == self.id;
        match crate::commands::run::decide(
            self.program,
            self.reference,
            &mut self.totals,
            wanted,
            &record.action,
        ) {
            Ok(decision) if wanted => {
                self.found = Some((record, decision));
                Ok(false)
            }
            Ok(_) => Ok(true),
            Err(errors) => {
                self.reject(input, header, record.reject(errors))?;
                Ok(true)
            }
        }
    }

    fn reject(&mut self, input: &Input, _: Option<&str>, reject: Reject) -> Result<(), Failure> {
        // What could not be read has no id; its text tells whether it is the one.
        let text = String::from_utf8_lossy(&reject.text);
        if text.contains(self.id) {
            let shown = reject.errors.0.iter().map(|error| load::fact_fault(&input.shown, error));
            self.rejected.extend(shown);
        }
        Ok(())
    }

    fn unreadable(&mut self, input: &Input, errors: FactErrors) -> Result<(), Failure> {
        errors
            .0
            .iter()
            .for_each(|error| render::tell(&format!("{}\n", load::fact_fault(&input.shown, error))));
        Ok(())
    }
}
