//! Decides batches of actions, and keeps the summary and the rejected lines.

use std::path::Path;

use accrue::facts::{FactError, FactErrors, Reject};
use accrue::{Counters, Decision, Program, Reference};

use crate::actions::batch::{Batch, Entry, Found};
use crate::actions::input::Input;
use crate::args::Run;
use crate::decider::Decider;
use crate::exit::Failure;
use crate::output::errors::ErrorReport;
use crate::output::imported::ImportReport;
use crate::output::rejects::Rejects;
use crate::output::summary::Summary;
use crate::output::summary_text::first_row;

/// Decides batches in their order.
pub(super) struct Processor<'a> {
    pub(super) decider: Decider<'a>,
    program: &'a Program,
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
    ) -> Self {
        let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        Self {
            decider: Decider::new(program, reference, counters),
            program,
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
            Entry::Action(read) => match self.decide_one(input, read) {
                Ok(decision) => {
                    decisions.push(decision);
                    Ok(())
                }
                Err(errors) => self.reject(input, &read.reject(errors)),
            },
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
        if self.first.len() < self.show {
            self.first.push(first_row(&decision, self.program));
        }
        if self.summary.add(&decision, read.action()).is_err() {
            let error = FactError::whole("its amounts are too large to be summed up");
            self.errors.add(input, &error.on_line(read.line()).into());
        }
        Ok(decision)
    }

    /// Keeps a line that is not a valid action of this program.
    fn reject(&mut self, input: &Input, reject: &Reject) -> Result<(), Failure> {
        self.errors.lines += 1;
        self.errors.add(input, &reject.errors);
        self.rejects.keep(input, reject)
    }
}
