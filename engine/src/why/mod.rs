//! Why not: the part of a condition that did not hold, the value it saw, and the nearest value that would have been enough.
//!
//! The condition of a rule is solved for the answer it did not give: `solve` changes one fact after the other, each by as little as the
//! part of the condition that reads it asks for, and evaluates the whole again. Only changes under which the interpreter says that the
//! whole condition holds are told.

mod solve;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;

pub(crate) use solve::why_not;

/// Why a condition did not hold.
///
/// The parts are those that would have to be otherwise. Together they are enough if [`WhyNot::enough`] is true: the condition holds if
/// the fact of each part has the value that the part names, and all other facts are as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct WhyNot {
    /// The parts, in the order of the rule; several parts about one fact ask for a value that meets them all.
    pub parts: Vec<FailedPart>,
    /// Whether these parts are all that was missing, and each names a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enough: bool,
}

impl WhyNot {
    /// Returns the bytes that it counts in a trace.
    pub(crate) fn bytes(&self) -> usize {
        const PART: usize = 160;
        let of_wanted = |wanted: &Wanted| match wanted {
            Wanted::OneOf(values) | Wanted::NoneOf(values) | Wanted::Containing(values) => {
                values.iter().map(String::len).sum()
            }
            Wanted::AtLeast(value) | Wanted::Above(value) | Wanted::AtMost(value) | Wanted::Below(value) => {
                value.len()
            }
            Wanted::Text { part, .. } => part.len(),
            Wanted::Known => 0,
        };
        let of_part = |part: &FailedPart| {
            let texts = [&part.place.file, &part.text, &part.fact, &part.saw, &part.nearest, &part.missing];
            let wanted = part.wanted.as_ref().map_or(0, of_wanted);
            PART + wanted + texts.iter().map(|text| text.len()).sum::<usize>()
        };
        self.parts.iter().map(of_part).sum()
    }
}

/// A part of a condition that did not say what the condition needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FailedPart {
    /// Where the part is written.
    pub place: Place,
    /// The part as the rule writes it.
    pub text: String,
    /// What would have to change, as rules write it: a fact such as `customer.country`, or what a rule computes of one fact, such as
    /// `action.items.len()`. Empty if no single fact can be named.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fact: String,
    /// Its value; `unknown` if it is not known. Empty if there is no fact.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub saw: String,
    /// What it would have to be; `None` if that cannot be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// The nearest value that meets `wanted` and every other part about the same fact. Empty if none is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nearest: String,
    /// How far the value is from the nearest, for numbers and times.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
    /// Whether the partner may know of it: a fact of the order, the item, the touch or the partner, which tells nothing of others, of
    /// fraud signals, or of what a product costs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partner: bool,
}

/// What a fact would have to be. Values are written as in a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Wanted {
    /// One of these.
    OneOf(Vec<String>),
    /// Anything but these.
    NoneOf(Vec<String>),
    /// This or more; of a time or a date, then or later.
    AtLeast(String),
    /// More than this; of a time, later.
    Above(String),
    /// This or less; of a time or a date, then or earlier.
    AtMost(String),
    /// Less than this; of a time, earlier.
    Below(String),
    /// A list that contains one of these.
    Containing(Vec<String>),
    /// A text that begins, ends or contains this.
    Text {
        /// `starts_with`, `ends_with` or `contains`.
        how: String,
        /// The text.
        part: String,
    },
    /// Any value that is known.
    Known,
}
