//! An explanation in words: a decision, its trace and its terms enter; lines of text leave, as a receipt that a person
//! reads from top to bottom.
//!
//! Every line is generated from the data of the decision, and the arithmetic is done once more while it is written.
//! Nothing here decides anything.

mod inputs;
mod limits;
mod numbers;
mod page;
mod partner_view;
mod payout;
mod restrict;
mod summary;

use std::fmt;

pub use partner_view::{PartnerCut, PartnerReason, PartnerView};

use crate::decide::{Decision, Trace};
use crate::facts::Action;
use crate::money::Money;
use crate::terms::{Contract, Terms, Version};
use numbers::amount;

/// Who reads an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// The brand, who sees everything.
    Brand,
    /// A partner, who sees no other partner, no fraud signal, and nothing of how the brand's rules are written.
    Partner(&'a str),
}

/// How a line is meant, for whoever draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The name of a section.
    Heading,
    /// Something that holds.
    Plain,
    /// Something that was considered and does not apply, or a detail.
    Quiet,
    /// Money that is paid.
    Good,
    /// What holds a payout back for now, or marks it.
    Warning,
    /// What takes a payout away.
    Bad,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// An explanation, line by line. Its text is [`fmt::Display`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The lines.
    pub lines: Vec<Explained>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{}", line.text))
    }
}

/// Explains a decision. With a trace it says what every rule saw; without, only what came of them.
pub fn explain(decision: &Decision, action: &Action, terms: &Terms, reader: Reader<'_>) -> Explanation {
    let writer = Writer { out: Explanation::default(), decision, action, terms, reader };
    writer.write()
}

struct Writer<'a> {
    out: Explanation,
    decision: &'a Decision,
    action: &'a Action,
    terms: &'a Terms,
    reader: Reader<'a>,
}

impl<'a> Writer<'a> {
    fn write(mut self) -> Explanation {
        self.head();
        self.facts();
        let empty = Trace::default();
        let trace = self.decision.trace.as_ref().unwrap_or(&empty);
        self.credit(trace);
        self.contract();
        self.restrictions(trace);
        self.groups(trace);
        for payout in &self.decision.partners {
            if self.sees(&payout.partner) {
                self.payout(payout);
            }
        }
        self.limits(trace);
        self.notices();
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
        let chosen = self.decision.contract.as_ref()?;
        let contract = self.terms.contracts.iter().find(|contract| contract.name == chosen.name)?;
        let version = contract.versions.iter().find(|version| version.number == chosen.version)?;
        Some((contract, version))
    }

    fn amount(&self, money: Money) -> String {
        amount(money, self.decision.currency.minor_digits())
    }
}
