//! The inputs and results of a check: the names that a program and a contract version declare, the text of a rule, the checked
//! rule, and the names that it used.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::ir::{Const, Rule, TotalAt};
use super::shared::SharedFunctions;
use super::types::Type;
use crate::facts::NamedList;
use crate::limits::Limits;
use crate::money::{Currency, RoundingMode};
use crate::period::Period;

/// The record of facts that an attribute belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttributeOf {
    /// The action: `attributes.NAME`.
    #[default]
    Action,
    /// The credited partner: `partner.attributes.NAME`.
    Partner,
    /// An item: `item.attributes.NAME`.
    Item,
}

impl AttributeOf {
    /// Returns the key of an attribute among all that a program declares. A name has no point, so keys are unique.
    pub fn key(self, name: &str) -> String {
        match self {
            Self::Action => name.to_owned(),
            Self::Partner => format!("partner.{name}"),
            Self::Item => format!("item.{name}"),
        }
    }

    /// Returns the name of an attribute, given its key.
    pub fn name(self, key: &str) -> &str {
        match self {
            Self::Action => key,
            Self::Partner | Self::Item => key.split_once('.').map_or(key, |(_, name)| name),
        }
    }

    /// Returns the attribute with this key as rules write it.
    pub fn written(self, key: &str) -> String {
        let name = self.name(key);
        match self {
            Self::Action => format!("attributes.{name}"),
            Self::Partner => format!("partner.attributes.{name}"),
            Self::Item => format!("item.attributes.{name}"),
        }
    }
}

/// An attribute's declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeType {
    /// The record that it belongs to.
    pub of: AttributeOf,
    /// The type; may be unknown unless the attribute is required.
    pub ty: Type,
    /// Whether every action must have it.
    pub required: bool,
    /// The values that a text may have; any if empty.
    pub values: Vec<String>,
}

/// A declared total, as far as the check of a rule depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalName {
    /// The name.
    pub name: String,
    /// The period over which it sums.
    pub period: Period,
    /// Whether it sums a measure instead of the commissionable amount.
    pub has_measure: bool,
    /// Whether it counts distinct values.
    pub has_distinct: bool,
    /// Whether its key is known without an action: it is kept by the partner, the parent or the program.
    pub is_of_partner: bool,
}

/// The names that the program and the contract version declare.
#[derive(Clone, Debug)]
pub struct Env<'a> {
    /// The declared event types.
    pub event_types: Vec<&'a str>,
    /// The brand's own attributes by [`AttributeOf::key`]; the checked rule refers to them by index.
    pub attributes: &'a IndexMap<String, AttributeType>,
    /// Named lists; the checked rule refers to them by index.
    pub lists: &'a IndexMap<String, NamedList>,
    /// Reason codes and their text.
    pub reasons: &'a IndexMap<String, String>,
    /// The version's parameters.
    pub params: &'a IndexMap<String, Const>,
    /// The version's totals; the checked rule refers to them by index.
    pub totals: &'a [TotalName],
    /// The functions that all rules of the program share.
    pub functions: &'a SharedFunctions,
    /// The contract's currency, whose minor unit bounds the decimals of amounts.
    pub currency: Currency,
    /// The mode of `round`.
    pub rounding: RoundingMode,
    /// The period of the bonus that the rule belongs to; `None` for any other rule.
    pub closing: Option<Period>,
    /// Whether the contract pays in several currencies, so that an amount in a rule would be of none of them.
    pub several_currencies: bool,
    /// Limits on text, nesting and cost.
    pub limits: &'a Limits,
}

/// The text of a rule and its place.
#[derive(Clone, Copy, Debug)]
pub struct RuleSource<'a> {
    /// The path of the file.
    pub file: &'a str,
    /// The rule: a whole file, or one inline expression.
    pub text: &'a str,
    /// The byte of the file at which the text begins; 0 for a whole file. Spans are moved by this offset.
    pub offset: u32,
}

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The rule.
    pub rule: Rule,
    /// The declared names that the rule used.
    pub used: Used,
    /// The expressions and statements of the rule, each of which takes some 200 bytes of memory.
    pub nodes: usize,
}

/// Declared names that a rule used, to warn of names that no rule uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Parameters.
    pub params: BTreeSet<String>,
    /// Named lists.
    pub lists: BTreeSet<String>,
    /// Totals.
    pub totals: BTreeSet<String>,
    /// The periods of totals that the rule read, besides the period of the action.
    pub earlier: BTreeSet<(String, TotalAt)>,
    /// Reason codes.
    pub reasons: BTreeSet<String>,
    /// The brand's own attributes.
    pub attributes: BTreeSet<String>,
    /// Shared functions.
    pub functions: BTreeSet<String>,
}

impl Used {
    /// Adds the names that another rule used.
    pub fn extend(&mut self, other: &Self) {
        self.params.extend(other.params.iter().cloned());
        self.lists.extend(other.lists.iter().cloned());
        self.totals.extend(other.totals.iter().cloned());
        self.earlier.extend(other.earlier.iter().cloned());
        self.reasons.extend(other.reasons.iter().cloned());
        self.attributes.extend(other.attributes.iter().cloned());
        self.functions.extend(other.functions.iter().cloned());
    }
}
