//! Explains a decision in words: lines of text that a person reads from top to bottom, like a receipt.
//!
//! Every line is generated from the data of the decision, and the arithmetic is repeated while it is written. This module must
//! not decide anything.

mod bonus;
mod inputs;
mod limits;
mod numbers;
mod page;
mod partner_view;
mod payout;
mod restrict;
mod summary;
mod waterfall;
mod why;

use std::fmt;

pub use partner_view::{PartnerCut, PartnerReason, PartnerView, PartnerWanted, PartnerWhyNot};
pub use waterfall::{StepKind, Waterfall, WaterfallLine, WaterfallStep};

use crate::decide::{Award, AwardTrace, Decision, Trace};
use crate::facts::Action;
use crate::money::Money;
use crate::terms::{Contract, Terms, Version};
use crate::time::Timestamp;
use chrono::Timelike as _;
use numbers::amount;
use serde::Serialize;

/// The reader of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// The brand, which sees everything.
    Brand,
    /// A partner, who sees no other partner, no fraud signal, and not how the brand's rules are written. Holds the partner's id.
    Partner(&'a str),
}

/// The meaning of a line, for a program that draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// The name of a section.
    Heading,
    /// Something that applies.
    Plain,
    /// Something that was considered and does not apply, or a detail.
    Quiet,
    /// Money that is paid.
    Good,
    /// Something that holds a payout back for now, or flags it.
    Warning,
    /// Something that takes a payout away.
    Bad,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explained {
    /// The meaning of the line.
    pub tone: Tone,
    /// The text of the line.
    pub text: String,
}

/// An explanation, line by line. [`fmt::Display`] writes its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The lines, in order.
    pub lines: Vec<Explained>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{}", line.text))
    }
}

/// The width of lines unless a reader asks for another, in columns.
const WIDTH: usize = 80;
/// The least width of lines.
const LEAST_WIDTH: usize = 20;

/// Explains a decision in lines of a width, in columns: see [`Program::explain`](crate::Program::explain).
pub(crate) fn explain(
    decision: &Decision,
    action: &Action,
    terms: &Terms,
    reader: Reader<'_>,
    width: Option<usize>,
) -> Explanation {
    let width = width.unwrap_or(WIDTH).max(LEAST_WIDTH);
    let writer = Writer { out: Explanation::default(), decision, award: None, action, terms, reader, width };
    writer.write()
}

struct Writer<'a> {
    out: Explanation,
    decision: &'a Decision,
    /// The award that is being explained.
    award: Option<&'a Award>,
    action: &'a Action,
    terms: &'a Terms,
    reader: Reader<'a>,
    /// The width of lines, in columns.
    width: usize,
}

impl<'a> Writer<'a> {
    fn write(mut self) -> Explanation {
        if let Some(of) = &self.decision.bonus {
            self.bonus(of);
            return self.out;
        }
        self.head();
        self.facts();
        let decision = self.decision;
        let empty = Trace::default();
        let trace = decision.trace.as_ref().unwrap_or(&empty);
        self.credit(trace);
        if decision.awards.is_empty() {
            self.restrictions(&AwardTrace::default());
        }
        for (n, award) in decision.awards.iter().enumerate() {
            if !self.sees(&award.partner) {
                continue;
            }
            self.award = Some(award);
            let empty = AwardTrace::default();
            let trace = trace.awards.get(n).unwrap_or(&empty);
            self.contract(award);
            self.restrictions(trace);
            self.groups(trace);
            self.payout(award, trace);
            self.limits(award, trace);
            self.notices(award);
        }
        self.history();
        self.result();
        self.out
    }

    fn brand(&self) -> bool {
        self.reader == Reader::Brand
    }

    fn sees(&self, partner: &str) -> bool {
        match self.reader {
            Reader::Brand => true,
            Reader::Partner(own) => own == partner,
        }
    }

    fn version(&self) -> Option<(&'a Contract, &'a Version)> {
        let award = self.award?;
        let chosen = &award.contract;
        let contract = self.terms.contracts.iter().find(|contract| contract.name == chosen.name)?;
        let version = contract.version(chosen.version, &self.decision.event_type, award.currency)?;
        Some((contract, version))
    }

    /// Returns a moment as clocks of the program show it.
    fn time(&self, at: Timestamp) -> String {
        let local = self.terms.zone.local(at);
        let seconds = if local.second() == 0 && local.nanosecond() == 0 { "" } else { ":%S%.f" };
        local.format(&format!("%Y-%m-%d %H:%M{seconds}")).to_string()
    }

    fn amount(&self, money: Money) -> String {
        amount(money, self.award.map_or(self.terms.currency, |award| award.currency).minor_digits())
    }
}
