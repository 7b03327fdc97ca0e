//! Decides batches of actions, and keeps the summary and the rejected lines.

use std::path::Path;
use std::sync::Arc;

use accrue::decide::CloseError;
use accrue::facts::{FactError, Reject};
use accrue::{Counters, Decision, Program, Reference};
use accrue_history::{Event, History, Replay, Summary, Trace};

use crate::actions::adjustments::{Adjustments, refused};
use crate::actions::batch::{Batch, Entry, Found};
use crate::actions::input::Input;
use crate::args::Run;
use crate::exit::{Failure, not_closed};
use crate::output::errors::ErrorReport;
use crate::output::imported::ImportReport;
use crate::output::rejects::Rejects;
use crate::output::summary_text::first_row;
use crate::output::terminal::{clean, tell};

/// Decides batches in their order.
pub(super) struct Processor<'a> {
    pub(super) replay: Replay,
    pub(super) kept: Kept<'a>,
}

/// What is kept of the decisions.
pub(super) struct Kept<'a> {
    program: &'a Program,
    adjustments: &'a Adjustments<'a>,
    show: usize,
    /// The first decisions, as rows of a table.
    pub(super) first: Vec<Vec<String>>,
    /// The lines that could not be decided.
    pub(super) rejects: Rejects,
    /// The sums over the decisions.
    pub(super) summary: Summary,
    /// What exports have beside their actions.
    pub(super) report: ImportReport,
    /// The errors of the rejected lines.
    pub(super) errors: ErrorReport,
}

impl<'a> Processor<'a> {
    /// Returns a processor that continues from these counters.
    pub(super) fn new(
        args: &Run,
        program: &'a Program,
        reference: &Arc<Reference>,
        counters: Counters,
        adjustments: &'a Adjustments<'a>,
    ) -> Self {
        let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let history = History {
            counters: Some(counters),
            adjustments: Arc::clone(&adjustments.in_order),
            close: args.close,
            as_of: args.as_of,
            ..History::new(Arc::clone(reference))
        };
        let mut replay = Replay::new(program, history);
        if args.trace {
            replay.set_trace(Trace::Everything);
        }
        let kept = Kept {
            program,
            adjustments,
            show: args.show,
            first: Vec::new(),
            rejects: Rejects::new(args.rejects.as_deref(), beside, program.id()),
            summary: Summary::new(program),
            report: ImportReport::new(beside),
            errors: ErrorReport::default(),
        };
        Self { replay, kept }
    }

    /// Decides the actions of a batch and adds their decisions to `decisions`.
    pub(super) fn decide(&mut self, batch: &Batch<'_>, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        let Self { replay, kept } = self;
        batch.each(|input, entry| match entry {
            Entry::Action(read) => kept.decide(replay, input, read, decisions),
            Entry::Reject(reject) => kept.reject(input, &reject),
            Entry::SetAside(rows) => kept.report.keep(input, rows),
            Entry::Notes(notes) => {
                kept.report.note(input, notes);
                Ok(())
            }
            Entry::Unreadable(errors) => {
                kept.errors.add(input, errors);
                kept.errors.lines += kept.rejects.keep_all(input)?.max(1);
                Ok(())
            }
        })
    }

    /// Does what is left, sums up what has changed, and keeps the lines that are no adjustments.
    pub(super) fn conclude(&mut self, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        let Self { replay, kept } = self;
        while let Some(event) = replay.finish().map_err(closes)? {
            kept.happened(event, decisions)?;
        }
        for (action, decision) in replay.take_standing() {
            kept.show(&decision);
            if kept.summary.add(&decision, &action).is_err() {
                tell(&format!(
                    "the amounts of action `{}` are too large to be summed up\n",
                    clean(&action.id)
                ));
            }
        }
        for (input, reject) in &kept.adjustments.rejects {
            kept.reject(input, reject)?;
        }
        Ok(())
    }
}

fn closes(error: CloseError) -> Failure {
    not_closed(&error)
}

impl Kept<'_> {
    /// Decides an action, and does what happens before it.
    fn decide(
        &mut self,
        replay: &mut Replay,
        input: &Input,
        read: Found<'_>,
        decisions: &mut Vec<Decision>,
    ) -> Result<(), Failure> {
        loop {
            match replay.step(read.action()).map_err(closes)? {
                Event::Decided { decision, is_settled } => {
                    // What may still change is summed up as it stands in the end.
                    if is_settled {
                        self.show(&decision);
                        if self.summary.add(&decision, read.action()).is_err() {
                            let error = FactError::whole("its amounts are too large to be summed up");
                            self.errors.add(input, &error.on_line(read.line()).into());
                        }
                    }
                    decisions.push(decision.into_owned());
                    return Ok(());
                }
                Event::Refused(errors) => return self.reject(input, &read.reject(errors)),
                event => self.happened(event, decisions)?,
            }
        }
    }

    /// Takes what happened besides the actions, and adds the decisions to `decisions`.
    fn happened(&mut self, event: Event<'_>, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        match event {
            Event::Adjusted { decision, .. } => decisions.push(decision.clone()),
            Event::NotAdjusted { index, error } => {
                if let Some((input, reject)) = self.adjustments.reject(index, refused(error)) {
                    self.reject(input, &reject)?;
                }
            }
            Event::Closed { bonuses, .. } => {
                for bonus in bonuses {
                    self.show(&bonus);
                    if self.summary.add_bonus(&bonus).is_err() {
                        tell(&format!("bonus `{}` is too large to be summed up\n", clean(&bonus.action)));
                    }
                    decisions.push(bonus);
                }
            }
            // Only the action that is handed over.
            _ => {}
        }
        Ok(())
    }

    /// Keeps the row of a decision, if it is one of the first.
    fn show(&mut self, decision: &Decision) {
        if self.first.len() < self.show {
            self.first.push(first_row(decision, self.program));
        }
    }

    /// Keeps a line that is not a valid action of this program.
    fn reject(&mut self, input: &Input, reject: &Reject) -> Result<(), Failure> {
        self.errors.lines += 1;
        self.errors.add(input, &reject.errors);
        self.rejects.keep(input, reject)
    }
}
