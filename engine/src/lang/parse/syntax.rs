//! Explains syntax faults in plain words: what Rhai's parser reports, or what the tokens show, and what to write instead.

use rhai::{LexError, ParseError, ParseErrorType};

use super::fault::{Fault, Repair};
use super::layout::Layout;
use super::scan::Kind;
use crate::diagnostic::{Code, Span};

/// Returns the tokens that are faults by themselves, with their indexes.
pub(crate) fn tokens(layout: &Layout<'_>) -> Vec<(usize, Fault)> {
    (0..layout.tokens.len()).filter_map(|index| token(layout, index).map(|fault| (index, fault))).collect()
}

fn token(layout: &Layout<'_>, index: usize) -> Option<Fault> {
    let written = layout.word(index);
    let span = layout.span(index);
    let fault = |message: String| Fault::new(Code::RuleSyntax, span, message);
    match layout.kind(index)? {
        Kind::Unknown if written.contains(['“', '”', '„', '«', '»', '‘', '’']) => Some(
            fault(format!("`{written}` is a typographic quote"))
                .help("text stands in straight double quotes: `\"…\"`"),
        ),
        Kind::Unknown if written.contains(['€', '£', '¥']) => Some(
            fault(format!("`{written}` is not part of an amount"))
                .help("an amount is written `money(\"5.00\")`"),
        ),
        Kind::Unknown if written.contains(['≥', '≤', '≠', '×', '÷', '–', '−']) => {
            let plain = match written {
                "≥" => ">=",
                "≤" => "<=",
                "≠" => "!=",
                "×" => "*",
                "÷" => "/",
                _ => "-",
            };
            Some(fault(format!("`{written}` is not an operator")).help(format!("write `{plain}`")))
        }
        Kind::Unknown => Some(fault(format!("`{}` cannot stand outside of text", short(written)))),
        Kind::Unclosed if written.starts_with('"') => {
            Some(fault("this text is never closed".to_owned()).help("end it with `\"` on the same line"))
        }
        Kind::Unclosed => {
            Some(fault("this quote is never closed".to_owned()).help("text stands in double quotes: `\"…\"`"))
        }
        Kind::Char => {
            let inner = written.trim_matches('\'');
            let code = if inner.chars().count() == 1 { Code::NotInLanguage } else { Code::RuleSyntax };
            Some(
                Fault::new(code, span, format!("`{}` is in single quotes", short(written)))
                    .help(format!("text stands in double quotes: `\"{}\"`", short(inner))),
            )
        }
        Kind::Backtick => Some(
            Fault::new(Code::NoStringBuilding, span, "text in back-ticks is built while a rule runs")
                .help("text stands in double quotes and is not put together: `\"…\"`"),
        ),
        Kind::Raw => Some(
            Fault::new(Code::NotInLanguage, span, "raw text is not in the language")
                .help("text stands in double quotes; `\\\"` is a quote inside of it"),
        ),
        Kind::Number if has_percent(layout, index) => Some(
            Fault::new(
                Code::RuleSyntax,
                span.to(layout.span(index + 1)),
                format!("`{written}%` is not a number"),
            )
            .help(format!("write `percent({written})`")),
        ),
        Kind::Symbol if written == "$" => {
            let number = layout.word(index + 1);
            let span = if layout.kind(index + 1) == Some(Kind::Number) {
                span.to(layout.span(index + 1))
            } else {
                span
            };
            let amount = if layout.kind(index + 1) == Some(Kind::Number) { number } else { "5.00" };
            Some(
                Fault::new(Code::RuleSyntax, span, format!("`{}` is not an amount", layout.slice(span)))
                    .help(format!("write `money(\"{amount}\")`")),
            )
        }
        Kind::Symbol if written == "=" && is_comparison(layout, index) => Some(
            fault("`=` sets a value and cannot stand here".to_owned()).help("a comparison is written `==`"),
        ),
        Kind::Symbol => {
            let plain = match written {
                "===" => "==",
                "!==" => "!=",
                ":=" => "=",
                "~" | "@" | "#" | "->" | "<-" | "..." | "++" | "--" | "|>" | "<|" | "!." | ":;" | "::<"
                | "?" => "",
                // `=<` and `=>` for `<=` and `>=`; `=>` is a fault only outside of a `switch`.
                "=" if layout.word(index + 1) == "<" && touches(layout, index) => {
                    let both = span.to(layout.span(index + 1));
                    return Some(
                        Fault::new(Code::RuleSyntax, both, "`=<` is not an operator").help("write `<=`"),
                    );
                }
                "<" if layout.word(index + 1) == ">" && touches(layout, index) => {
                    let both = span.to(layout.span(index + 1));
                    return Some(
                        Fault::new(Code::RuleSyntax, both, "`<>` is not an operator").help("write `!=`"),
                    );
                }
                "=>" if !in_switch(layout, index) => {
                    return Some(
                        fault("`=>` stands only in a `switch`".to_owned())
                            .help("a comparison is written `>=`"),
                    );
                }
                _ => return None,
            };
            let fault = fault(format!("`{written}` is not an operator of the language"));
            Some(match written {
                "++" => fault.help("write `x += 1`"),
                "--" => fault.help("write `x -= 1`"),
                "?" => fault.help("write `if … { … } else { … }`"),
                "#" => fault.help("a comment begins with `//`"),
                _ if plain.is_empty() => fault,
                _ => fault.help(format!("write `{plain}`")),
            })
        }
        Kind::Word => word(layout, index),
        _ => None,
    }
}

/// Returns whether a brace opens the arms of a `switch`.
pub(super) fn is_switch(layout: &Layout<'_>, brace: usize) -> bool {
    let outer = layout.parent.get(brace);
    for index in (0..brace).rev() {
        if layout.parent.get(index) != outer {
            continue;
        }
        match layout.word(index) {
            "switch" => return true,
            ";" | "{" | "}" | "=>" => return false,
            _ => {}
        }
    }
    false
}

/// Returns what a faulty token was meant to be, if that is clear and not longer than the token.
pub(crate) fn repair(layout: &Layout<'_>, index: usize) -> Option<Repair> {
    let written = layout.word(index);
    let quoted;
    let meant = match (layout.kind(index)?, written) {
        (Kind::Word, "and" | "AND") => "&&",
        (Kind::Word, "or" | "OR") => "||",
        (Kind::Word, "True" | "TRUE") => "true",
        (Kind::Word, "False" | "FALSE") => "false",
        (Kind::Word, "is") | (Kind::Symbol, "===" | "!==") => operator_meant(written),
        (Kind::Word, "not" | "NOT") if layout.word(index + 1) != "in" => operator_meant(written),
        (Kind::Char, _) => {
            let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
            quoted = (!inner.contains(['"', '\\'])).then(|| format!("\"{inner}\""))?;
            &quoted
        }
        (Kind::Symbol, "=") => return repair_equals(layout, index),
        _ => return None,
    };
    let mut text = meant.to_owned();
    text.extend(std::iter::repeat_n(' ', written.len().checked_sub(meant.len())?));
    Some(Repair::new(layout.span(index).range(), text))
}

/// Tokens around a `=` that are examined to recognise a comparison. Conditions are shorter.
const NEAR: usize = 64;

/// Returns whether a `=` is inside a condition: after `if` or a logical operator, or between a field and a logical operator.
fn is_comparison(layout: &Layout<'_>, index: usize) -> bool {
    let joins = |word: &str| matches!(word, "&&" | "||" | "and" | "AND" | "or" | "OR");
    let ends = |word: &str| matches!(word, ";" | "{" | "}" | "=>" | "let" | "const" | "");
    if layout.word(index + 1) == "<" && touches(layout, index) {
        return false;
    }
    let before = (1..=NEAR).filter_map(|back| index.checked_sub(back)).map(|at| layout.word(at));
    let mut in_condition = before.take_while(|word| !ends(word)).filter(|word| *word == "if" || joins(word));
    let of_field = index >= 3 && matches!(layout.word(index - 2), "." | "?.");
    let mut after = (1..=NEAR).map(|on| layout.word(index + on)).take_while(|word| !ends(word));
    in_condition.next().is_some() || of_field && after.any(joins)
}

/// Returns the operator that was meant by the text in its place.
pub(crate) fn operator_meant(written: &str) -> &str {
    match written {
        "=" | "is" | "===" => "==",
        "!==" => "!=",
        "not" | "NOT" => "!",
        _ => written,
    }
}

/// Returns `==` for a `=` that was meant as a comparison, if a space leaves room for it.
pub(crate) fn repair_equals(layout: &Layout<'_>, index: usize) -> Option<Repair> {
    let span = layout.span(index).range();
    let room = span.start..span.end.checked_add(1)?;
    let meant = layout.word(index) == "=" && layout.text.get(room.clone())? == "= ";
    meant.then(|| Repair::new(room, "==".to_owned()))
}

/// Returns the fault of a word that other languages have and Rhai does not.
fn word(layout: &Layout<'_>, index: usize) -> Option<Fault> {
    let written = layout.word(index);
    let before = index.checked_sub(1).map_or("", |before| layout.word(before));
    let after = layout.word(index + 1);
    if matches!(before, "." | "?.")
        || after == "(" && !matches!(written, "and" | "or" | "not" | "AND" | "OR" | "NOT")
    {
        return None;
    }
    // Checked only where an operator must or must not be: elsewhere these words may be names.
    let operand_before = index > 0
        && matches!(layout.kind(index - 1), Some(Kind::Word | Kind::Number | Kind::Text | Kind::Close))
        && !matches!(
            before,
            "if" | "in"
                | "return"
                | "else"
                | "let"
                | "const"
                | "for"
                | "switch"
                | "fn"
                | "}"
                | "and"
                | "AND"
                | "or"
                | "OR"
                | "not"
                | "NOT"
                | "is"
        );
    let operand_after = matches!(layout.kind(index + 1), Some(Kind::Word | Kind::Number | Kind::Text))
        || matches!(after, "(" | "!");
    let plain = match written {
        "and" | "AND" if operand_before => "&&",
        "or" | "OR" if operand_before => "||",
        "is" if operand_before && operand_after => "==",
        "not" | "NOT" if !operand_before && operand_after => "!",
        "not" if operand_before && after == "in" => {
            let both = layout.span(index).to(layout.span(index + 1));
            return Some(
                Fault::new(Code::RuleSyntax, both, "`not in` is not an operator").help("write `!in`"),
            );
        }
        "elif" | "elsif" | "elseif" => "else if",
        "null" | "nil" | "None" | "undefined" => {
            return Some(
                Fault::new(
                    Code::RuleSyntax,
                    layout.span(index),
                    format!("`{written}` is not in the language"),
                )
                .help("ask `known(x)` whether a value is there, or give it a default: `x ?? …`"),
            );
        }
        "then" if operand_before => {
            return Some(
                Fault::new(Code::RuleSyntax, layout.span(index), "`then` is not a word of the language")
                    .help("what follows a condition stands in braces: `if … { … }`"),
            );
        }
        "var" => "let",
        "match" | "case" => "switch",
        "function" | "func" | "def" if operand_after => "fn",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        _ => return None,
    };
    Some(
        Fault::new(
            Code::RuleSyntax,
            layout.span(index),
            format!("`{written}` is not a word of the language"),
        )
        .help(format!("write `{plain}`")),
    )
}

/// Returns whether a number is followed by a percent sign that has no divisor.
fn has_percent(layout: &Layout<'_>, index: usize) -> bool {
    layout.word(index + 1) == "%"
        && touches(layout, index)
        && !matches!(layout.kind(index + 2), Some(Kind::Word | Kind::Number | Kind::Text | Kind::Open))
}

/// Returns whether a token touches the next token.
fn touches(layout: &Layout<'_>, index: usize) -> bool {
    layout.span(index).end == layout.span(index + 1).start
}

/// Returns whether a token is directly inside the braces of a `switch`.
fn in_switch(layout: &Layout<'_>, index: usize) -> bool {
    layout.parent.get(index).copied().flatten().is_some_and(|brace| is_switch(layout, brace))
}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Returns the fault that Rhai's parser reports.
pub(crate) fn explain(layout: &Layout<'_>, error: &ParseError) -> Fault {
    let offset = layout.offset(error.position());
    let index = layout.token_at(offset).min(layout.tokens.len().saturating_sub(1));
    let span = layout.span(index);
    let written = short(layout.word(index));
    let at_end = offset >= layout.text.trim_end().len();
    let before = layout.span(index.saturating_sub(1));
    let syntax = |span: Span, message: String| Fault::new(Code::RuleSyntax, span, message);
    match error.err_type() {
        ParseErrorType::UnexpectedEOF => syntax(
            layout.span(layout.tokens.len().saturating_sub(1)),
            "something is missing after this".to_owned(),
        ),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "=" => {
            syntax(span, "`=` sets a value and cannot stand here".to_owned())
                .help("a comparison is written `==`")
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "this" => no_this(span),
        ParseErrorType::BadInput(LexError::MalformedNumber(_)) => {
            Fault::new(Code::BadLiteral, span, format!("`{written}` is not a number that a rule can hold"))
        }
        ParseErrorType::BadInput(LexError::MalformedEscapeSequence(sequence)) => {
            syntax(span, format!("`{}` is not an escape", short(sequence)))
                .help("a backslash is written `\\\\`, a quote `\\\"`")
        }
        ParseErrorType::BadInput(LexError::UnexpectedInput(_))
            if at_end && index + 1 == layout.tokens.len() && written != ";" =>
        {
            syntax(span, format!("`{written}` is unexpected here"))
        }
        ParseErrorType::BadInput(_) => unexpected(layout, index),
        ParseErrorType::MissingToken(token, _) if token == ";" => {
            if layout.word(index) == "=" {
                return syntax(span, "`=` sets a value and cannot stand here".to_owned())
                    .help("a comparison is written `==`");
            }
            let after = short(layout.slice(before));
            syntax(before, format!("`;` is missing after `{after}`"))
                .help(format!("write `{after};`, or an operator before `{written}`"))
        }
        ParseErrorType::MissingToken(token, _) => {
            if at_end {
                let last = layout.span(layout.tokens.len().saturating_sub(1));
                return syntax(last, format!("`{token}` is missing after `{}`", short(layout.slice(last))));
            }
            if layout.word(index) == "=" {
                return syntax(span, "`=` sets a value and cannot stand here".to_owned())
                    .help("a comparison is written `==`");
            }
            let fault = syntax(span, format!("`{token}` is missing before `{written}`"));
            match token.as_str() {
                "{" => fault.help("what follows a condition stands in braces: `if … { … }`"),
                _ => fault.help(format!("write `{token}` there")),
            }
        }
        ParseErrorType::Reserved(word) if word == "this" => no_this(span),
        ParseErrorType::Reserved(word) => {
            Fault::new(Code::NotInLanguage, span, format!("`{}` is a reserved word", short(word)))
                .help("choose another name")
        }
        ParseErrorType::MismatchedType(..) => {
            Fault::new(Code::WrongType, span, format!("a condition is needed here, and `{written}` is none"))
                .help("compare it with something, such as `x > 0`")
        }
        ParseErrorType::AssignmentToConstant(name) => {
            let name = if name.is_empty() { written } else { short(name) };
            Fault::new(Code::NoAssignToFact, span, format!("`{name}` is a constant and cannot be set"))
                .help("declare it with `let` to change it, or write `==` to compare")
        }
        ParseErrorType::AssignmentToInvalidLHS(_) => {
            Fault::new(Code::NoAssignToFact, span, "only a local can be set")
                .help("a comparison is written `==`")
        }
        ParseErrorType::LoopBreak => {
            Fault::new(Code::NothingToLeave, span, format!("`{written}` stands outside of a loop"))
                .help("`return` ends the rule")
        }
        ParseErrorType::ExprTooDeep => {
            Fault::new(Code::TooDeep, span, "the rule is nested too deep, or too long a chain, here")
                .help("give parts of it a name with `let`, or move them to a `fn`")
        }
        ParseErrorType::TooManyFunctions => {
            Fault::new(Code::TooLarge, span, "the rule has too many functions")
        }
        ParseErrorType::WrongFnDefinition => {
            syntax(span, "a function stands inside another block".to_owned())
                .help("move the `fn` to the outermost level of the file")
        }
        ParseErrorType::FnDuplicatedDefinition(name, _) => Fault::new(
            Code::DuplicateName,
            layout.span(index + 1),
            format!("function `{}` is declared twice", short(name)),
        ),
        ParseErrorType::FnDuplicatedParam(_, name) | ParseErrorType::DuplicatedVariable(name) => {
            Fault::new(Code::DuplicateName, span, format!("`{}` is declared twice", short(name)))
        }
        ParseErrorType::WrongExport => Fault::new(Code::NoImport, span, "`export` is not in the language")
            .help("a rule is one file of its own"),
        ParseErrorType::ExprExpected(what) if what == "literal" || what == "a literal" => {
            syntax(span, format!("`{written}` cannot be a case of a `switch`")).help(
                "cases are literals: `1`, `1..5`, `\"text\"`; a condition is written `_ if …` in an `if`",
            )
        }
        ParseErrorType::VariableExpected => syntax(span, format!("a name is missing before `{written}`")),
        ParseErrorType::PropertyExpected => {
            syntax(span, format!("the name of a field is missing before `{written}`"))
        }
        ParseErrorType::WrongSwitchIntegerCase => syntax(span, "a number stands after a range".to_owned())
            .help("write the cases with one number above those with a range"),
        ParseErrorType::WrongSwitchDefaultCase => syntax(span, "`_` is not the last case".to_owned()),
        ParseErrorType::WrongSwitchCaseCondition => syntax(span, "`_` has no condition".to_owned())
            .help("write the condition inside of it: `_ => if … { … }`"),
        ParseErrorType::UnknownOperator(operator) => {
            syntax(span, format!("`{}` is not an operator of the language", short(operator)))
        }
        other => syntax(span, format!("this cannot be read: {}", lower(&other.to_string()))),
    }
}

fn no_this(span: Span) -> Fault {
    Fault::new(Code::NoThis, span, "`this` is not in the language")
        .help("name the fact: `action`, `customer`, `partner`, …")
}

/// Returns the fault of a token where an operand or an end is expected.
fn unexpected(layout: &Layout<'_>, index: usize) -> Fault {
    let written = short(layout.word(index));
    let fault = Fault::new(Code::RuleSyntax, layout.span(index), format!("`{written}` is unexpected here"));
    match layout.word(index) {
        "&" => fault.help("`and` is written `&&`"),
        "|" => fault.help("`or` is written `||`"),
        "=" => fault.help("a comparison is written `==`"),
        ":" => fault.help("a choice is written `if … { … } else { … }`"),
        "else" => fault.help("`else` follows the `}` of an `if`"),
        _ => fault,
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
        .replace('\'', "`")
}
