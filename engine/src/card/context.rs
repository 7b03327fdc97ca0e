//! What the writers of all sections share: the terms, the version that is told, where a number stands, and who reads the card.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::known::Known;
use super::model::{Origin, Sentence};
use super::numbers;
use super::sentence::{all, list, name, number, plain, say, words};
use super::words::Phrase;
use crate::facts::NamedList;
use crate::money::Money;
use crate::terms::{Contract, Terms, Version};
use crate::time::Duration;

/// The most values of a named list that a card shows; of a longer list it shows the number.
const LISTED: usize = 12;
/// The most characters of a text that stands once in the terms and may be named by many rules: enough for a sentence.
const SHOWN_CHARS: usize = 200;

/// The version that is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) terms: &'a Terms,
    pub(super) contract: &'a Contract,
    pub(super) version: &'a Version,
    /// The event types and the currency that the version is for, if its file has several payouts or currencies; else empty.
    pub(super) label: &'a str,
    /// The partner that the card is for; `None` for the brand's card.
    pub(super) partner: Option<&'a Known<'a>>,
    /// The totals that were named so far, by their indexes in the version.
    pub(super) totals_read: &'a RefCell<BTreeSet<usize>>,
    /// The attributes of partners that were named so far, by their indexes in the program.
    pub(super) attributes_told: &'a RefCell<BTreeSet<u16>>,
}

impl Context<'_> {
    /// Returns the place of a number of the version.
    fn origin(&self, path: &str) -> Origin {
        Origin(if self.label.is_empty() { path.to_owned() } else { format!("{}: {path}", self.label) })
    }

    /// Returns a number of the version as a sentence.
    pub(super) fn number(&self, text: String, path: &str) -> Sentence {
        number(text, Some(self.origin(path)))
    }

    pub(super) fn count(&self, count: impl Into<u64>, path: &str) -> Sentence {
        self.number(count.into().to_string(), path)
    }

    pub(super) fn percent(&self, fraction: Decimal, path: &str) -> Sentence {
        self.number(numbers::percent(fraction), path)
    }

    pub(super) fn decimal(&self, value: Decimal, path: &str) -> Sentence {
        self.number(numbers::decimal(value), path)
    }

    pub(super) fn money(&self, money: Money, path: &str) -> Sentence {
        self.number(numbers::amount(money, self.version.currency), path)
    }

    pub(super) fn duration(&self, length: Duration, path: &str) -> Sentence {
        self.number(length.to_string(), path)
    }

    /// Returns a reason code with its text.
    pub(super) fn reason(&self, code: &str) -> Sentence {
        match self.terms.reason_text(code) {
            Some(text) => say(Phrase::Reason, [plain(clipped(text)), name(code)]),
            None => name(code),
        }
    }

    /// Returns a text of the terms. A partner does not read the names of other partners.
    pub(super) fn literal(&self, text: &str) -> Sentence {
        if self.partner.is_some_and(|known| known.is_other(text)) {
            return words(Phrase::AnotherPartner);
        }
        if text.is_empty() { words(Phrase::EmptyText) } else { name(clipped(text)) }
    }

    /// Returns a named list with its values, or with their number if there are many.
    pub(super) fn named_list(&self, list_name: &str, of: &NamedList) -> Sentence {
        let is_other = |value: &&String| self.partner.is_some_and(|known| known.is_other(value));
        let names_partners = of.values().iter().any(|value| is_other(&value));
        let shown = if names_partners {
            words(Phrase::ListOfPartners)
        } else if of.len() > LISTED || of.values().iter().map(String::len).sum::<usize>() > SHOWN_CHARS {
            say(Phrase::ListCount, [plain(of.len().to_string())])
        } else {
            list(of.values().iter().map(|value| plain(value.clone())).collect(), Phrase::Comma)
        };
        if of.is_empty() { name(list_name) } else { all([name(list_name), say(Phrase::Bracketed, [shown])]) }
    }
}

/// Returns the beginning of a text that is too long to be repeated.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
