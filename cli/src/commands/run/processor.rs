//! Decides batches of actions, and keeps the summary and the rejected lines.

use std::path::Path;

use accrue::facts::{FactError, FactErrors, Reject};
use accrue::time::Timestamp;
use accrue::{Counters, Decision, Program, Reference};

use crate::actions::adjustments::Adjustments;
use crate::actions::afterwards::{Afterwards, Asked, Next};
use crate::actions::batch::{Batch, Entry, Found};
use crate::actions::input::Input;
use crate::args::Run;
use crate::decider::Decider;
use crate::exit::{Failure, not_closed};
use crate::output::errors::ErrorReport;
use crate::output::imported::ImportReport;
use crate::output::rejects::Rejects;
use crate::output::summary::Summary;
use crate::output::summary_text::first_row;
use crate::output::terminal::{clean, tell};

/// Decides batches in their order.
pub(super) struct Processor<'a> {
    pub(super) decider: Decider<'a>,
    program: &'a Program,
    afterwards: Afterwards<'a>,
    trace: bool,
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
        reference: &'a Reference,
        counters: Counters,
        adjustments: &'a Adjustments<'a>,
    ) -> Self {
        let asked = Asked { close: args.close, as_of: args.as_of };
        let closed_until = counters.closed_until();
        let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        Self {
            decider: Decider::new(program, reference, counters),
            program,
            afterwards: Afterwards::new(program, adjustments, asked, closed_until),
            trace: args.trace,
            show: args.show,
            first: Vec::new(),
            rejects: Rejects::new(args.rejects.as_deref(), beside, program.id()),
            summary: Summary::new(program),
            report: ImportReport::new(beside),
            errors: ErrorReport::default(),
        }
    }

    /// Decides the actions of a batch and adds their decisions to `decisions`.
    pub(super) fn decide(&mut self, batch: &Batch<'_>, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        batch.each(|input, entry| match entry {
            Entry::Action(read) => {
                self.advance(Some(read.action().occurred_at), decisions)?;
                match self.decide_one(input, read) {
                    Ok(decision) => {
                        decisions.push(decision);
                        Ok(())
                    }
                    Err(errors) => self.reject(input, &read.reject(errors)),
                }
            }
            Entry::Reject(reject) => self.reject(input, &reject),
            Entry::SetAside(rows) => self.report.keep(input, rows),
            Entry::Notes(notes) => {
                self.report.note(input, notes);
                Ok(())
            }
            Entry::Unreadable(errors) => {
                self.errors.add(input, errors);
                self.errors.lines += self.rejects.keep_all(input)?.max(1);
                Ok(())
            }
        })
    }

    /// Decides an action and adds the decision to the summary.
    fn decide_one(&mut self, input: &Input, read: Found<'_>) -> Result<Decision, FactErrors> {
        let decision = self.decider.decide(read.action(), self.trace)?;
        // What may still change is summed up as it stands in the end.
        if self.afterwards.keep(read.action(), &decision) {
            return Ok(decision);
        }
        if self.first.len() < self.show {
            self.first.push(first_row(&decision, self.program));
        }
        if self.summary.add(&decision, read.action()).is_err() {
            let error = FactError::whole("its amounts are too large to be summed up");
            self.errors.add(input, &error.on_line(read.line()).into());
        }
        Ok(decision)
    }

    /// Does what happened before a moment, or all that is left, and adds the decisions to `decisions`.
    fn advance(&mut self, before: Option<Timestamp>, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        while let Some(next) = self.afterwards.next(before) {
            match next {
                Next::Adjustment(placed) => {
                    match self.afterwards.adjust(&mut self.decider, placed, self.trace) {
                        Ok((_, decision)) => decisions.push(decision.clone()),
                        Err(errors) => self.reject(placed.input, &placed.reject(errors))?,
                    }
                }
                Next::Release => {
                    let released = self.afterwards.release(&mut self.decider, self.trace);
                    decisions.extend(released.map(|(_, decision)| decision.clone()));
                }
                Next::Close(until) => {
                    let bonuses = self.decider.close(until).map_err(|error| not_closed(&error))?;
                    for bonus in bonuses {
                        if self.first.len() < self.show {
                            self.first.push(first_row(&bonus, self.program));
                        }
                        if self.summary.add_bonus(&bonus).is_err() {
                            tell(&format!("bonus `{}` is too large to be summed up\n", clean(&bonus.action)));
                        }
                        decisions.push(bonus);
                    }
                }
            }
        }
        Ok(())
    }

    /// Does what is left, sums up what has changed, and keeps the lines that are no adjustments.
    pub(super) fn conclude(&mut self, decisions: &mut Vec<Decision>) -> Result<(), Failure> {
        self.advance(None, decisions)?;
        for (action, decision) in self.afterwards.take_standing() {
            if self.first.len() < self.show {
                self.first.push(first_row(&decision, self.program));
            }
            if self.summary.add(&decision, &action).is_err() {
                tell(&format!(
                    "the amounts of action `{}` are too large to be summed up\n",
                    clean(&action.id)
                ));
            }
        }
        for (input, reject) in self.afterwards.rejects {
            self.reject(input, reject)?;
        }
        Ok(())
    }

    /// Keeps a line that is not a valid action of this program.
    fn reject(&mut self, input: &Input, reject: &Reject) -> Result<(), Failure> {
        self.errors.lines += 1;
        self.errors.add(input, &reject.errors);
        self.rejects.keep(input, reject)
    }
}
