//! The data of a contract card: sections, entries, lines and the pieces of their sentences.
//!
//! Hosts draw a card from this data as they like; [`super::text`], [`super::markdown`] and [`super::html`] are three drawings of it.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use crate::digest::Digest;

/// The terms of a program in plain words, generated from the checked terms. [`Program::card`](crate::Program::card) makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Card")]
#[non_exhaustive]
pub struct Card {
    /// The name of the program.
    pub program: String,
    /// The partner that the card is for; `None` for the whole program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The date whose terms are shown; `None` for the last version of each contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<NaiveDate>,
    /// The title: the program, and the partner that the card is for.
    pub title: Sentence,
    /// What holds for the whole card: which versions are shown, the time zone, what is known of the partner.
    pub notes: Vec<Sentence>,
    /// The contracts, in the order in which they are tried for a partner.
    pub contracts: Vec<ContractCard>,
}

/// One version of a contract on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ContractCard {
    /// The name of the contract.
    pub contract: String,
    /// The number of the version.
    pub version: u32,
    /// The file of the version; `None` on the card of a partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The digest of the version and of everything that it uses.
    pub digest: Digest,
    /// The heading.
    pub title: Sentence,
    /// The sections, in the order of [`SectionKind`].
    pub sections: Vec<Section>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SectionKind {
    /// When the version is in force, and for which partners.
    Scope,
    /// What is paid for what.
    Payout,
    /// What the commissionable amount is.
    Amount,
    /// Who is credited.
    Credit,
    /// What is excluded or held.
    Restrictions,
    /// What limits payouts.
    Limits,
    /// What is paid when a period closes.
    Bonuses,
    /// The totals that rules read.
    Totals,
    /// What becomes of a payout if its action is taken back.
    Reversals,
    /// When payouts lock and are paid, and how they are rounded.
    Dates,
    /// The parameters that components receive.
    Parameters,
    /// What differs from the version before. Numbers of this section are repeated from elsewhere.
    Changes,
}

/// A section of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Section {
    /// What the section is about.
    pub kind: SectionKind,
    /// The heading.
    pub heading: Sentence,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// An entry of a section: a payout group, a restriction, a limit, or something that is said in general.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Entry {
    /// The name, as the contract has it or as the card calls it; `None` for what is said of the whole section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The place in the contract; `None` if the entry is not one declaration, and on the card of a partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The sentences.
    pub lines: Vec<Line>,
}

/// A sentence of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
#[schemars(rename = "CardLine")]
pub struct Line {
    /// How deep the line stands in a nested list; 0 for a line of the entry itself.
    pub depth: u8,
    /// The sentence.
    pub sentence: Sentence,
}

/// The pieces of a sentence, in order.
pub type Sentence = Vec<Piece>;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Piece {
    /// Words of the card, or a text of the brand.
    Text {
        /// The words.
        text: String,
    },
    /// A name or a literal of the contract.
    Name {
        /// The name.
        text: String,
    },
    /// A number of the terms: a rate, an amount, a bound, a count, a length of time, a date.
    Number {
        /// The number as the card writes it, with its unit.
        text: String,
        /// Where the terms have the number. More than one if parts of the contract for several event types or currencies say the same;
        /// none if the number is repeated from elsewhere on the card, and on the card of a partner.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        at: Vec<Origin>,
    },
}

/// The place of a number in the checked terms of a version, such as `payout.groups[1].rate`, `limits[0].max`, or
/// `restrictions[2].when@40..43` for a constant in a rule, with its bytes in the file. In a contract with payouts by event type or in
/// several currencies, the event type and the currency stand before it: `lead USD: payout.default.add`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Origin(pub String);

impl Piece {
    /// Returns the text of the piece, without what sets it off.
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text } | Self::Name { text } | Self::Number { text, .. } => text,
        }
    }
}

impl Card {
    /// Calls `see` for each sentence of the card.
    pub fn each_sentence<'c>(&'c self, see: &mut dyn FnMut(Option<SectionKind>, &'c Sentence)) {
        see(None, &self.title);
        self.notes.iter().for_each(|note| see(None, note));
        for contract in &self.contracts {
            see(None, &contract.title);
            for section in &contract.sections {
                see(Some(section.kind), &section.heading);
                let lines = section.entries.iter().flat_map(|entry| &entry.lines);
                lines.for_each(|line| see(Some(section.kind), &line.sentence));
            }
        }
    }
}
