//! Words and phrases of other languages: of SQL, Python, JavaScript and spreadsheets, and of German, French and English sentences.
//! Tables only; `syntax` decides where a word is meant so.

use super::fault::Fault;
use super::layout::Layout;
use super::scan::Kind;
use crate::diagnostic::{Code, Help, Span};

/// A word or an operator of the language, and the words that people write for it.
const WORDS: &[(&str, &[&str])] = &[
    ("&&", &["and", "AND", "And", "und", "UND", "et", "ET"]),
    ("||", &["or", "OR", "Or", "oder", "ODER", "ou", "OU"]),
    ("!", &["not", "NOT", "Not", "nicht", "NICHT", "non", "NON", "pas"]),
    ("==", &["is", "IS", "ist", "est", "equals", "equal", "eq", "EQ", "gleich"]),
    (">", &["over", "above", "exceeds", "gt", "GT", "größer"]),
    ("<", &["below", "under", "lt", "LT"]),
    ("else if", &["elif", "elsif", "elseif", "elseIf", "ELSEIF"]),
    ("if", &["IF", "If", "wenn", "Wenn", "WENN", "si", "Si", "SI", "when", "WHEN"]),
    ("else", &["ELSE", "Else", "sonst", "SONST", "sinon", "SINON", "otherwise"]),
    ("let", &["var"]),
    ("switch", &["match", "case", "CASE"]),
    ("fn", &["function", "func", "def"]),
    ("true", &["True", "TRUE"]),
    ("false", &["False", "FALSE"]),
    ("in", &["IN"]),
];

/// Phrases between two values, and the operator that they mean. The longest phrase that fits is taken.
const PHRASES: &[(&[&str], &str)] = &[
    (&["is", "at", "least"], ">="),
    (&["is", "at", "most"], "<="),
    (&["at", "least"], ">="),
    (&["at", "most"], "<="),
    (&["is", "more", "than"], ">"),
    (&["is", "greater", "than"], ">"),
    (&["is", "less", "than"], "<"),
    (&["is", "over"], ">"),
    (&["is", "above"], ">"),
    (&["is", "below"], "<"),
    (&["is", "under"], "<"),
    (&["is", "not"], "!="),
    (&["more", "than"], ">"),
    (&["greater", "than"], ">"),
    (&["less", "than"], "<"),
    (&["equal", "to"], "=="),
    (&["equals", "to"], "=="),
    (&["is", "equal", "to"], "=="),
    (&["not", "in"], "!in"),
    (&["NOT", "IN"], "!in"),
    (&["mindestens"], ">="),
    (&["höchstens"], "<="),
    (&["über"], ">"),
    (&["unter"], "<"),
];

/// Words for a value that is not there, which can be no names.
pub(super) const NULL: [&str; 5] = ["null", "NULL", "nil", "None", "undefined"];

/// Words for a value that is not there, after `is`.
const NOTHING: [&str; 9] = ["null", "NULL", "nil", "None", "undefined", "NaN", "empty", "blank", "nothing"];

/// Words between a condition and what follows from it.
pub(super) const THEN: [&str; 5] = ["then", "THEN", "dann", "alors", "do"];

/// Returns the word or operator of the language that a foreign word stands for.
pub(super) fn word(written: &str) -> Option<&'static str> {
    WORDS.iter().find(|(_, others)| others.contains(&written)).map(|(own, _)| *own)
}

/// Returns the fault of a phrase that begins at a token, after a value.
pub(super) fn phrase(layout: &Layout<'_>, index: usize) -> Option<Fault> {
    let fits = |words: &[&str]| (index..).zip(words).all(|(at, word)| layout.word(at) == *word);
    if let Some(fault) = of_sql(layout, index) {
        return Some(fault);
    }
    let (words, operator) =
        PHRASES.iter().filter(|(words, _)| fits(words)).max_by_key(|(words, _)| words.len())?;
    let last = index.checked_add(words.len())?.checked_sub(1)?;
    let after = matches!(
        layout.kind(last + 1),
        Some(Kind::Word | Kind::Number | Kind::Text | Kind::Char | Kind::Open)
    );
    let is_null = NOTHING.contains(&layout.word(last + 1));
    if !after || is_null {
        return None;
    }
    let span = layout.span(index).to(layout.span(last));
    let message = format!("`{}` is not an operator", layout.slice(span));
    Some(Fault::new(Code::RuleSyntax, span, message).write(*operator))
}

/// Returns the fault of an operator of SQL that takes more than two values or has another form here.
fn of_sql(layout: &Layout<'_>, index: usize) -> Option<Fault> {
    let fault = |last: usize, help: Help| {
        let span = layout.span(index).to(layout.span(last));
        let message = format!("`{}` is not an operator", layout.slice(span));
        Some(Fault::new(Code::RuleSyntax, span, message).help(help))
    };
    let words = (layout.word(index), layout.word(index + 1), layout.word(index + 2));
    // `IN ('DE', 'AT')`: the values stand in parentheses.
    let listed = match words {
        ("in" | "IN", "(", _) => Some((index + 1, "in")),
        ("not" | "NOT", "in" | "IN", "(") => Some((index + 2, "!in")),
        _ => None,
    };
    if let Some((open, operator)) = listed {
        let close = layout.partner.get(open).copied().flatten()?;
        let values =
            (open..close).any(|at| layout.word(at) == "," && layout.parent.get(at) == Some(&Some(open)));
        let write = Span { end: layout.span(open).end, ..layout.span(index) };
        let help = Help::from(format!("write `{operator}` and a list: `x {operator} [\"a\", \"b\"]`"));
        let help = help.edit(write, format!("{operator} [")).edit(layout.span(close), "]");
        return values.then(|| fault(open, help)).flatten();
    }
    match words {
        ("is" | "IS", "not" | "NOT", word) if NOTHING.contains(&word) => {
            Some(known(layout, index, index + 2, true))
        }
        ("is" | "IS", word, _) if NOTHING.contains(&word) => Some(known(layout, index, index + 1, false)),
        ("between" | "BETWEEN", low, "and" | "AND") => {
            let help = Help::from("write both comparisons: `a <= x && x <= b`");
            let high = layout.span(index + 3);
            let number = |at: usize| layout.kind(at) == Some(Kind::Number);
            let chain = chain_before(layout, index).filter(|_| number(index + 1) && number(index + 3));
            match chain {
                Some(chain) => {
                    let (fact, most) = (layout.slice(chain), layout.word(index + 3));
                    let meant = format!("{fact} >= {low} && {fact} <= {most}");
                    let fault_span = layout.span(index).to(high);
                    let message = format!("`{}` is not an operator", layout.word(index));
                    Some(
                        Fault::new(Code::RuleSyntax, fault_span, message)
                            .help(help.edit(chain.to(high), meant)),
                    )
                }
                None => fault(index, help),
            }
        }
        ("between" | "BETWEEN", _, _) => fault(index, "write both comparisons: `a <= x && x <= b`".into()),
        ("not" | "NOT", "like" | "LIKE" | "ILIKE", _) => {
            fault(index + 1, like(layout, index, index + 2, "!"))
        }
        ("like" | "LIKE" | "ILIKE", _, _) => fault(index, like(layout, index, index + 1, "")),
        (word @ ("contains" | "starts_with" | "ends_with"), _, _)
            if layout.kind(index + 1) == Some(Kind::Text) =>
        {
            let text = layout.word(index + 1);
            let help = Help::from(format!("write `.{word}({text})` after the value"));
            let from = index.checked_sub(1).map_or(layout.span(index), |before| layout.span(before));
            let gap = Span { start: from.end, end: layout.span(index + 1).end };
            fault(index, help.edit(gap, format!(".{word}({text})")))
        }
        _ => None,
    }
}

/// Returns the names and points before a token: the fact that an operator of another language is about.
fn chain_before(layout: &Layout<'_>, index: usize) -> Option<Span> {
    let last = index.checked_sub(1).filter(|last| layout.kind(*last) == Some(Kind::Word))?;
    let mut first = last;
    while let Some(name) = first.checked_sub(2).filter(|_| layout.word(first - 1) == ".") {
        if layout.kind(name) != Some(Kind::Word) {
            return None;
        }
        first = name;
    }
    Some(layout.span(first).to(layout.span(last)))
}

/// Returns the fault of a question whether a value is there: tokens `first` to `last` after the value.
fn known(layout: &Layout<'_>, first: usize, last: usize, is_there: bool) -> Fault {
    let span = layout.span(first).to(layout.span(last));
    let message = format!("`{}` is not an operator", layout.slice(span));
    let fault = Fault::new(Code::RuleSyntax, span, message);
    let not = if is_there { "" } else { "!" };
    match chain_before(layout, first) {
        Some(chain) => {
            let meant = format!("{not}known({})", layout.slice(chain));
            fault.help(Help::write(chain.to(span), meant))
        }
        None => fault.help(format!("write `{not}known(x)`")),
    }
}

/// Returns the fault of `x == null` and `x != null`, at the word after the operator.
pub(super) fn compared_with_nothing(layout: &Layout<'_>, index: usize) -> Fault {
    let operator = index.saturating_sub(1);
    let is_there = layout.word(operator) == "!=";
    let fault = known(layout, operator, index, is_there);
    let message = format!("`{}` is not in the language", layout.word(index));
    Fault { span: layout.span(index), message, ..fault }
}

/// Returns the help for a pattern of SQL, at the token after `LIKE`.
fn like(layout: &Layout<'_>, index: usize, at: usize, not: &str) -> Help {
    let general = "write `x.contains(\"…\")`, `x.starts_with(\"…\")` or `x.ends_with(\"…\")`";
    let pattern = layout.word(at).trim_matches(['"', '\'']);
    let (method, text) = match (pattern.strip_prefix('%'), pattern.strip_suffix('%')) {
        (Some(_), Some(_)) => ("contains", pattern.trim_matches('%')),
        (Some(end), None) => ("ends_with", end),
        (None, Some(start)) => ("starts_with", start),
        (None, None) => return general.into(),
    };
    match chain_before(layout, index) {
        Some(chain) if !text.is_empty() && !text.contains(['%', '_', '"', '\\']) => {
            let meant = format!("{not}{}.{method}(\"{text}\")", layout.slice(chain));
            Help::write(chain.to(layout.span(at)), meant)
        }
        _ => general.into(),
    }
}
