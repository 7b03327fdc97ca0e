//! Words for messages: the names of types, and the nearest of known names.

use crate::diagnostic::{Help, Span};
use crate::lang::types::{Base, Element, Type};
use crate::synonyms::{Of, meant};

/// Returns a type with its article, such as `an amount of money` for money.
pub(crate) fn a(ty: Type) -> String {
    let known = match ty.base {
        Base::Unit => "nothing",
        Base::Bool => "a condition",
        Base::Integer => "an integer",
        Base::Decimal => "a decimal",
        Base::Money => "money",
        Base::Text => "text",
        Base::Code => "a promo code",
        Base::Time => "a time",
        Base::Date => "a date",
        Base::Duration => "a duration",
        Base::Record(record) => return format!("the record `{}`", record.name()),
        Base::List(Element::Text) => "a list of text",
        Base::List(Element::Code) => "a list of promo codes",
        Base::List(Element::Item) => "a list of items",
        Base::List(Element::Touch) => "a list of touches",
    };
    if ty.unknown { format!("{known} that may be unknown") } else { known.to_owned() }
}

/// Returns a help with the known name that was meant, or with all names if there are few.
pub(super) fn did_you_mean<'a>(
    of: Of,
    written: &str,
    at: Span,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<Help> {
    match meant(of, written, known.clone()) {
        Some(name) => Some(Help::did_you_mean(at, name)),
        None => listed(known).map(Help::from),
    }
}

/// Returns a help with the word in quotes that was meant, or with all words if there are few.
pub(super) fn did_you_mean_text<'a>(
    written: &str,
    at: Span,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<Help> {
    match meant(Of::Word, written, known.clone()) {
        Some(word) => Some(Help::from(format!("did you mean `{word}`?")).edit(at, format!("\"{word}\""))),
        None => listed(known).map(Help::from),
    }
}

/// Returns a help with all names, if there are at most a dozen.
pub(super) fn listed<'a>(known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> = known.into_iter().take(13).map(|name| format!("`{name}`")).collect();
    (1..=12).contains(&names.len()).then(|| format!("there is {}", names.join(", ")))
}

/// Returns a count with its noun: `1 value`, `2 values`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
