//! Conditions in cells: a cell below a fact becomes a condition of the rule language.
//!
//! A value stands for `==`; `|` separates values of which one suffices; `not` before them means none of them; numbers, amounts,
//! dates and moments also have `>= 5`, `> 5`, `<= 5`, `< 5`, `1..5` (without 5), `1..=5`, `1..` and `..5`; `known` and `unknown`
//! ask whether a fact is known. A fact that is not known only matches `unknown`.

use crate::lang::{Base, Element, Type};
use crate::money::{AmountError, parse_decimal};
use crate::time::{Timestamp, parse_date};

/// Why a cell is no condition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

fn fault<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { message: message.into(), help: help.into() })
}

/// Returns whether a column of this type can have conditions; returns what to write instead if not.
pub(super) fn comparable(ty: Type) -> Result<(), &'static str> {
    match ty.base {
        Base::Bool
        | Base::Integer
        | Base::Decimal
        | Base::Money
        | Base::Text
        | Base::Code
        | Base::Time
        | Base::Date
        | Base::List(Element::Text | Element::Code) => Ok(()),
        Base::Duration => Err("name a number of it, such as `….days`"),
        Base::Unit | Base::Record(_) | Base::List(Element::Item | Element::Touch) => {
            Err("name one of its fields, such as `item.sku`")
        }
    }
}

/// Returns the condition that a cell states about a fact.
///
/// `most` is the number of values that one cell may have.
pub(super) fn condition(subject: &str, ty: Type, cell: &str, most: usize) -> Result<String, Fault> {
    match cell {
        "known" | "unknown" if ty.unknown => {
            let not = if cell == "known" { "" } else { "!" };
            return Ok(format!("{not}known({subject})"));
        }
        "known" | "unknown" if !is_text(ty.base) => {
            return fault(format!("`{subject}` is always known"), "leave the cell empty, or write a value");
        }
        "*" | "-" | "any" => {
            return fault(
                format!("`{cell}` is no condition"),
                "leave the cell empty if any value will do; put a text into quotes if it is meant as it stands",
            );
        }
        _ => {}
    }
    let (not, rest) = match cell.split_at_checked(4) {
        Some((word, rest)) if word.eq_ignore_ascii_case("not ") => (true, rest.trim()),
        _ => (false, cell),
    };
    let values = split(rest)?;
    if values.len() > most {
        return fault(
            format!("{} values are more than the {most} that a cell may have", values.len()),
            "declare a list in `program.toml` under `[lists]`, and write `lists.NAME` here",
        );
    }
    let (tested, joined) = match ty.base {
        Base::Bool => truth(subject, &values, not)?,
        Base::Text | Base::Code => texts(subject, &values, not)?,
        Base::List(_) => members(subject, &values, not)?,
        _ => numbers(subject, ty.base, &values, not)?,
    };
    Ok(match (ty.unknown, joined) {
        (true, true) => format!("known({subject}) && ({tested})"),
        (true, false) => format!("known({subject}) && {tested}"),
        (false, true) => format!("({tested})"),
        (false, false) => tested,
    })
}

/// One value of a cell.
struct Part<'c> {
    text: &'c str,
    /// Whether the value stood in quotes, so that nothing in it has a meaning.
    quoted: bool,
}

/// Returns the values between `|`. A value may stand in quotes.
fn split(cell: &str) -> Result<Vec<Part<'_>>, Fault> {
    let mut parts = Vec::new();
    let mut rest = cell.trim();
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let Some((text, after)) = inside.split_once('"') else {
                    return fault(
                        "this quote is not closed",
                        "write `\"` at both ends of the value, or none",
                    );
                };
                let after = after.trim_start();
                if !after.is_empty() && !after.starts_with('|') {
                    return fault("there is text behind the quoted value", "separate values by `|`");
                }
                (Part { text, quoted: true }, after.strip_prefix('|'))
            }
            None => match rest.split_once('|') {
                Some((text, after)) => (Part { text: text.trim(), quoted: false }, Some(after)),
                None => (Part { text: rest, quoted: false }, None),
            },
        };
        if part.text.is_empty() {
            return fault(
                "a value is missing",
                "write a value on both sides of `|`, or leave the cell empty",
            );
        }
        parts.push(part);
        match after {
            Some(after) => rest = after.trim(),
            None => return Ok(parts),
        }
    }
}

fn is_text(base: Base) -> bool {
    matches!(base, Base::Text | Base::Code | Base::List(_))
}

/// Returns a text as a literal of the rule language.
pub(super) fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Refuses what stands in an unquoted text but may mean something else.
fn plain<'c>(part: &Part<'c>) -> Result<&'c str, Fault> {
    let text = part.text;
    if part.quoted {
        return Ok(text);
    }
    if let Some((first, rest)) = text.split_once(',') {
        let either = std::iter::once(first).chain(rest.split(',')).map(str::trim).collect::<Vec<_>>();
        return fault(
            format!("the comma in `{text}` may separate values or belong to one value"),
            format!(
                "write `{}` for any of them, or put `\"{text}\"` with its quotes for one value",
                either.join(" | ")
            ),
        );
    }
    if text.starts_with(['<', '>', '=', '!']) {
        return fault(
            format!("`{text}` compares, and texts have no order"),
            "write the text itself; `not` before it means any other",
        );
    }
    if text.contains('*') {
        return fault(
            format!("`{text}` has a `*`, and cells have no wildcards"),
            "write the values separated by `|`; put a text with a `*` into quotes",
        );
    }
    Ok(text)
}

/// Returns the name of a list that stands in the place of a value.
fn named_list<'c>(part: &Part<'c>) -> Option<&'c str> {
    let name = part.text.strip_prefix("lists.").filter(|_| !part.quoted)?;
    super::super::values::is_identifier(name).then_some(part.text)
}

fn texts(subject: &str, values: &[Part<'_>], not: bool) -> Result<(String, bool), Fault> {
    let lists: Vec<&str> = values.iter().filter_map(named_list).collect();
    let others: Vec<String> = values
        .iter()
        .filter(|part| named_list(part).is_none())
        .map(|part| plain(part).map(literal))
        .collect::<Result<_, _>>()?;
    let mut tests: Vec<String> = Vec::new();
    match others.as_slice() {
        [] => {}
        [only] if lists.is_empty() => {
            let is = if not { "!=" } else { "==" };
            return Ok((format!("{subject} {is} {only}"), false));
        }
        [only] => tests.push(format!("{subject} == {only}")),
        several => tests.push(format!("{subject} in [{}]", several.join(", "))),
    }
    tests.extend(lists.iter().map(|list| format!("{subject} in {list}")));
    Ok(any_of(&tests, not))
}

fn members(subject: &str, values: &[Part<'_>], not: bool) -> Result<(String, bool), Fault> {
    let tests: Vec<String> = values
        .iter()
        .map(|part| plain(part).map(|text| format!("{} in {subject}", literal(text))))
        .collect::<Result<_, _>>()?;
    Ok(any_of(&tests, not))
}

/// Returns the test that one of these holds, or none of them, and whether it needs brackets beside `&&`.
fn any_of(tests: &[String], not: bool) -> (String, bool) {
    match (tests, not) {
        (tests, true) => (format!("!({})", tests.join(" || ")), false),
        ([only], false) => (only.clone(), false),
        (tests, false) => (tests.join(" || "), true),
    }
}

fn truth(subject: &str, values: &[Part<'_>], not: bool) -> Result<(String, bool), Fault> {
    let word = match values {
        [only] if !not => only.text.to_ascii_lowercase(),
        _ => String::new(),
    };
    match word.as_str() {
        "yes" | "true" => Ok((subject.to_owned(), false)),
        "no" | "false" => Ok((format!("!{subject}"), false)),
        _ => fault(format!("`{subject}` is true or false"), "write `yes` or `no`, or leave the cell empty"),
    }
}

fn numbers(subject: &str, base: Base, values: &[Part<'_>], not: bool) -> Result<(String, bool), Fault> {
    let tests: Vec<String> =
        values.iter().map(|part| number(subject, base, part)).collect::<Result<_, _>>()?;
    // A range inside of `||` is joined by `&&`, which binds closer.
    Ok(any_of(&tests, not))
}

/// Returns the test that a value, a comparison or a range makes.
fn number(subject: &str, base: Base, part: &Part<'_>) -> Result<String, Fault> {
    if part.quoted {
        return fault(
            format!("`\"{}\"` is a text in quotes", part.text),
            format!("write {} without quotes", example(base)),
        );
    }
    for sign in [">=", "<=", ">", "<"] {
        if let Some(bound) = part.text.strip_prefix(sign) {
            let (subject, bound) = value(subject, base, bound.trim())?;
            return Ok(format!("{subject} {sign} {bound}"));
        }
    }
    let Some((from, to)) = part.text.split_once("..") else {
        let (subject, only) = value(subject, base, part.text)?;
        return Ok(format!("{subject} == {only}"));
    };
    let (below, to) = match to.strip_prefix('=') {
        Some(to) => ("<=", to),
        None => ("<", to),
    };
    let (from, to) = (from.trim(), to.trim());
    let from = (!from.is_empty()).then(|| value(subject, base, from)).transpose()?;
    let to = (!to.is_empty()).then(|| value(subject, base, to)).transpose()?;
    match (from, to) {
        (Some((subject, from)), Some((other, to))) if subject == other => {
            if from == to && below == "<" {
                return fault(
                    format!("the range `{}` is empty, since its end does not belong to it", part.text),
                    format!("write `{from}` for this value alone"),
                );
            }
            Ok(format!("{subject} >= {from} && {subject} {below} {to}"))
        }
        (Some(_), Some(_)) => {
            fault("one end of this range is a date and the other a moment", "write two dates or two moments")
        }
        (Some((subject, from)), None) if below == "<" => Ok(format!("{subject} >= {from}")),
        (None, Some((subject, to))) => Ok(format!("{subject} {below} {to}")),
        _ => fault(format!("the range `{}` has no end", part.text), "write `1..5`, `1..` or `..5`"),
    }
}

/// Returns a value as a literal, and what is compared with it: of a moment that is compared with a date, its date.
fn value(subject: &str, base: Base, text: &str) -> Result<(String, String), Fault> {
    let wrong = |help: Option<String>| {
        let help = help.unwrap_or_else(|| format!("write {}", example(base)));
        fault(format!("expected {}, found `{text}`", what(base)), help)
    };
    let of = |literal: String| Ok((subject.to_owned(), literal));
    match base {
        Base::Integer => match text.parse::<i64>() {
            Ok(number) => of(number.to_string()),
            Err(_) => wrong(meant(text)),
        },
        Base::Decimal | Base::Money => match parse_decimal(text) {
            Ok(number) => of(number.to_string()),
            Err(AmountError::NotANumber(_)) => wrong(meant(text)),
            Err(error) => fault(error.to_string(), "write fewer digits"),
        },
        Base::Date => match parse_date(text) {
            Some(date) => of(format!("date(\"{date}\")")),
            None => wrong(None),
        },
        _ => match (parse_date(text), Timestamp::parse(text)) {
            (Some(date), _) => Ok((format!("{subject}.date"), format!("date(\"{date}\")"))),
            (None, Some(_)) => of(format!("time({})", literal(text))),
            (None, None) => wrong(None),
        },
    }
}

fn what(base: Base) -> &'static str {
    match base {
        Base::Integer => "a whole number",
        Base::Decimal => "a number",
        Base::Money => "an amount",
        Base::Date => "a date",
        _ => "a date or a moment",
    }
}

fn example(base: Base) -> &'static str {
    match base {
        Base::Integer => "`3`, `>= 3` or `3..5`, which is 3 and 4",
        Base::Decimal | Base::Money => "`99.95`, `>= 99.95` or `50..100`, which ends before 100",
        Base::Date => "`2026-01-31`, `>= 2026-01-31` or `2026-01-01..2026-02-01`, which ends before February",
        _ => "`2026-01-31`, `2026-01-31T12:00:00Z` or `2026-01-01..2026-02-01`, which ends before February",
    }
}

/// Returns what was probably meant by a number that cannot be read.
fn meant(text: &str) -> Option<String> {
    if let Some((from, to)) = text.split_once('-').filter(|(from, _)| !from.is_empty()) {
        let (from, to) = (from.trim(), to.trim());
        let is_range = parse_decimal(from).is_ok() && parse_decimal(to).is_ok();
        return is_range.then(|| {
            format!(
                "write `{from}..{to}` for a range that ends before {to}, `{from}..={to}` for one with {to}"
            )
        });
    }
    if text.contains(',') {
        let several = text.split(',').map(str::trim).collect::<Vec<_>>();
        let decimal = text.replace(',', ".");
        return Some(match parse_decimal(&decimal) {
            Ok(_) => format!(
                "write `{decimal}` if the comma is a decimal mark, `{}` for any of them",
                several.join(" | ")
            ),
            Err(_) => format!("write `{}` for any of them; a number has no comma", several.join(" | ")),
        });
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn of(base: Base, cell: &str) -> String {
        condition("x.y", Type::known(base), cell, 100).unwrap()
    }

    fn help(base: Base, cell: &str) -> String {
        condition("x.y", Type::known(base), cell, 100).unwrap_err().help
    }

    #[test]
    fn texts_are_equal_or_one_of_several() {
        assert_eq!(of(Base::Text, "DE"), r#"x.y == "DE""#);
        assert_eq!(of(Base::Text, "not DE"), r#"x.y != "DE""#);
        assert_eq!(of(Base::Text, "DE | AT"), r#"x.y in ["DE", "AT"]"#);
        assert_eq!(of(Base::Text, "not DE|AT"), r#"!(x.y in ["DE", "AT"])"#);
        assert_eq!(of(Base::Text, "\"Home, Garden\" | Toys"), r#"x.y in ["Home, Garden", "Toys"]"#);
        assert_eq!(of(Base::Text, "a\\b"), r#"x.y == "a\\b""#);
        assert_eq!(of(Base::Text, "lists.eu | CH"), r#"(x.y == "CH" || x.y in lists.eu)"#);
        assert_eq!(of(Base::Text, "not lists.eu"), "!(x.y in lists.eu)");
        assert_eq!(of(Base::Text, "unknown"), r#"x.y == "unknown""#);
        assert!(help(Base::Text, "DE, AT").starts_with("write `DE | AT`"));
        assert!(help(Base::Text, "SHOE-*").contains("quotes"));
        assert!(help(Base::Text, "DE |").contains("both sides"));
    }

    #[test]
    fn facts_that_may_be_unknown_match_only_what_is_known() {
        let of = |cell: &str| condition("x.y", Type::maybe(Base::Text), cell, 100).unwrap();
        assert_eq!(of("DE"), r#"known(x.y) && x.y == "DE""#);
        assert_eq!(of("not DE"), r#"known(x.y) && x.y != "DE""#);
        assert_eq!(of("unknown"), "!known(x.y)");
        assert_eq!(of("known"), "known(x.y)");
        assert_eq!(of("\"unknown\""), r#"known(x.y) && x.y == "unknown""#);
        let number = condition("x.y", Type::maybe(Base::Integer), "1 | 5..", 100).unwrap();
        assert_eq!(number, "known(x.y) && (x.y == 1 || x.y >= 5)");
    }

    #[test]
    fn ranges_end_before_their_end() {
        assert_eq!(of(Base::Money, "100..200"), "x.y >= 100 && x.y < 200");
        assert_eq!(of(Base::Money, "100 ..= 199.99"), "x.y >= 100 && x.y <= 199.99");
        assert_eq!(of(Base::Integer, "..-5"), "x.y < -5");
        assert_eq!(of(Base::Integer, ">= 3"), "x.y >= 3");
        assert_eq!(of(Base::Integer, "not 1 | 3..5"), "!(x.y == 1 || x.y >= 3 && x.y < 5)");
        assert_eq!(of(Base::Date, "2026-01-01.."), r#"x.y >= date("2026-01-01")"#);
        assert_eq!(of(Base::Time, "<2026-02-01"), r#"x.y.date < date("2026-02-01")"#);
        assert!(help(Base::Integer, "5..5").contains("`5`"));
        assert!(help(Base::Money, "100-200").contains("`100..=200`"));
        assert!(help(Base::Money, "12,50").contains("`12.50`"));
    }

    #[test]
    fn truths_and_lists() {
        assert_eq!(of(Base::Bool, "Yes"), "x.y");
        assert_eq!(of(Base::Bool, "no"), "!x.y");
        assert_eq!(of(Base::List(Element::Code), "A | B"), r#"("A" in x.y || "B" in x.y)"#);
        assert_eq!(of(Base::List(Element::Code), "not A"), r#"!("A" in x.y)"#);
        assert!(condition("x.y", Type::known(Base::Text), "a|b|c", 2).is_err());
    }
}
