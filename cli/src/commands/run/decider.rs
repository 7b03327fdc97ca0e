//! Actions enter in order; decisions leave, and what could not be decided goes to the rejects.

use std::path::{Path, PathBuf};

use accrue::facts::{FactError, FactErrors, Record, Reject};
use accrue::{Action, Decision, Program, Reference, Totals};

use crate::actions::input::{self, Input};
use crate::actions::stream::Batch;
use crate::args::Run;
use crate::exit::Failure;
use crate::output::rejects::Rejects;
use crate::output::summary::Summary;
use crate::output::terminal as render;
use crate::source::folder as load;

/// Errors printed one by one. The rest are counted; all of them are in the rejects file.
const SHOWN_ERRORS: u64 = 20;

/// Keeps the first errors, and counts.
#[derive(Default)]
pub(crate) struct Errors {
    /// Lines at fault.
    pub(crate) lines: u64,
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
    pub(crate) fn tell(&self) {
        self.first.iter().for_each(|text| render::tell(&format!("{text}\n")));
    }

    /// Prints how many more there are, and where the lines are kept.
    pub(crate) fn conclude(&self, kept: &[PathBuf]) {
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

/// Decides what is read.
pub(crate) struct Decider<'a> {
    program: &'a Program,
    reference: &'a Reference,
    totals: Totals,
    trace: bool,
    show: usize,
    /// Lines that could not be decided.
    pub(crate) rejects: Rejects,
    /// What it came to.
    pub(crate) summary: Summary,
    /// What was wrong with the lines.
    pub(crate) errors: Errors,
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
    recorded.map_err(|error| FactErrors::from(FactError::field("occurred_at", error.to_string())))?;
    Ok(decision)
}

impl<'a> Decider<'a> {
    /// Begins with nothing recorded.
    pub(crate) fn new(args: &Run, program: &'a Program, reference: &'a Reference) -> Self {
        let beside = args.out.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        Self {
            program,
            reference,
            totals: program.totals(),
            trace: args.trace,
            show: args.show,
            rejects: Rejects::new(args.rejects.as_deref(), beside, &program.terms().id),
            summary: Summary::default(),
            errors: Errors::default(),
        }
    }

    /// Decides an action that stands on this line, or says why it cannot be decided.
    fn decide(&mut self, input: &Input, line: u64, action: &Action) -> Result<Decision, FactErrors> {
        let decision = decide(self.program, self.reference, &mut self.totals, self.trace, action)?;
        if self.summary.add(&decision, self.show).is_err() {
            let error = FactError::whole("its amounts are too large to be summed up");
            self.errors.add(input, &error.on_line(line).into());
        }
        Ok(decision)
    }

    /// Decides an action, which is rejected where that cannot be.
    pub(crate) fn action(
        &mut self,
        input: &Input,
        header: Option<&str>,
        record: &Record,
    ) -> Result<Option<Decision>, Failure> {
        match self.decide(input, record.first_line, &record.action) {
            Ok(decision) => Ok(Some(decision)),
            Err(errors) => self.reject(input, header, &record.clone().reject(errors)).map(|()| None),
        }
    }

    /// Decides the actions of a batch, in order.
    pub(crate) fn decide_all(
        &mut self,
        input: &Input,
        batch: &Batch,
        decisions: &mut Vec<Decision>,
    ) -> Result<(), Failure> {
        match batch {
            Batch::Lines { header, lines } => {
                let header = header.as_deref();
                for line in lines {
                    match line {
                        Ok(record) => decisions.extend(self.action(input, header, record)?),
                        Err(reject) => self.reject(input, header, reject)?,
                    }
                }
            }
            Batch::Rows { first, rows } => {
                for (number, row) in (*first..).zip(rows.iter()) {
                    let decided = match row {
                        Ok(action) => self.decide(input, number, action),
                        Err(errors) => Err(errors.clone()),
                    };
                    match decided {
                        Ok(decision) => decisions.push(decision),
                        Err(errors) => self.reject(input, None, &input::rejected(number, &errors))?,
                    }
                }
            }
            Batch::Unreadable(errors) => self.unreadable(input, errors)?,
        }
        Ok(())
    }

    /// Keeps a line that is not an action of this program.
    pub(crate) fn reject(
        &mut self,
        input: &Input,
        header: Option<&str>,
        reject: &Reject,
    ) -> Result<(), Failure> {
        self.errors.lines += 1;
        self.errors.add(input, &reject.errors);
        self.rejects.keep(input, header, reject)
    }

    /// Keeps an input that cannot be read at all.
    pub(crate) fn unreadable(&mut self, input: &Input, errors: &FactErrors) -> Result<(), Failure> {
        self.errors.add(input, errors);
        self.errors.lines += self.rejects.keep_all(input)?.max(1);
        Ok(())
    }
}
