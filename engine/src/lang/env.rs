//! What a rule can see besides the catalogue, and what a check hands back: the names that a program and a
//! contract version declare go in, the checked rule and the names it used come out.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::ir::{Const, Rule};
use super::types::Type;
use crate::facts::NamedList;
use crate::limits::Limits;
use crate::money::Currency;

/// An attribute's declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeType {
    /// Its type; maybe unknown unless it is required.
    pub ty: Type,
    /// Whether every action must have it.
    pub required: bool,
}

/// The program's and the version's own names.
#[derive(Clone, Debug)]
pub struct Env<'a> {
    /// Declared event types.
    pub event_types: Vec<&'a str>,
    /// The brand's own attributes; the checked rule refers to them by index.
    pub attributes: &'a IndexMap<String, AttributeType>,
    /// Named lists; the checked rule refers to them by index.
    pub lists: &'a IndexMap<String, NamedList>,
    /// Reason codes with their text.
    pub reasons: &'a IndexMap<String, String>,
    /// The version's parameters.
    pub params: &'a IndexMap<String, Const>,
    /// Names of the version's totals; the checked rule refers to them by index.
    pub totals: Vec<&'a str>,
    /// The contract's currency, whose minor unit bounds the decimals of amounts.
    pub currency: Currency,
    /// Limits on text, nesting and cost.
    pub limits: &'a Limits,
}

/// The text of a rule, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct RuleSource<'a> {
    /// The file it stands in.
    pub file: &'a str,
    /// The rule: a whole file, or one inline expression.
    pub text: &'a str,
    /// Where the text begins in its file, in bytes; 0 for a whole file. Spans are moved by it.
    pub offset: u32,
}

/// A rule that may run.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The rule.
    pub rule: Rule,
    /// The declared names it used.
    pub used: Used,
}

/// Declared names that a rule used, for lints about those that none uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Parameters.
    pub params: BTreeSet<String>,
    /// Named lists.
    pub lists: BTreeSet<String>,
    /// Totals.
    pub totals: BTreeSet<String>,
    /// Reason codes.
    pub reasons: BTreeSet<String>,
    /// The brand's own attributes.
    pub attributes: BTreeSet<String>,
}

impl Used {
    /// Adds what another rule used.
    pub fn extend(&mut self, other: Self) {
        self.params.extend(other.params);
        self.lists.extend(other.lists);
        self.totals.extend(other.totals);
        self.reasons.extend(other.reasons);
        self.attributes.extend(other.attributes);
    }
}
