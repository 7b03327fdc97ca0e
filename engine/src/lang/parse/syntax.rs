//! Explains syntax faults in plain words: what Rhai's parser reports, or what the tokens show, and what to write instead.

use rhai::{LexError, ParseError, ParseErrorType};

use super::fault::{Fault, Repair};
use super::foreign;
use super::layout::Layout;
use super::scan::Kind;
use crate::diagnostic::{Code, Help, Span};
use crate::money::number_meant;

/// Returns the tokens that are faults by themselves, with their indexes.
pub(crate) fn tokens(layout: &Layout<'_>) -> Vec<(usize, Fault)> {
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    for index in 0..layout.tokens.len() {
        // A phrase of several words is one fault.
        let inside = faults.last().is_some_and(|(_, fault)| layout.span(index).start < fault.span.end);
        if let Some(fault) = token(layout, index).filter(|_| !inside) {
            faults.push((index, fault));
        }
    }
    faults
}

fn token(layout: &Layout<'_>, index: usize) -> Option<Fault> {
    let written = layout.word(index);
    let span = layout.span(index);
    let fault = |message: String| Fault::new(Code::RuleSyntax, span, message);
    match layout.kind(index)? {
        Kind::Unknown if written.contains(QUOTES) => {
            let help = Help::from("text stands in straight double quotes: `\"…\"`");
            let inner = written.trim_matches(QUOTES).trim();
            let whole = written.starts_with(QUOTES) && written.ends_with(QUOTES) && !inner.is_empty();
            let help = match whole && !inner.contains(QUOTES) && !inner.contains('"') {
                true => help.edit(span, format!("\"{inner}\"")),
                false => help,
            };
            Some(fault(format!("`{}` is a typographic quote", short(written))).help(help))
        }
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
            Some(fault(format!("`{written}` is not an operator")).write(plain))
        }
        Kind::Unknown if written.chars().all(char::is_whitespace) => {
            let names: Vec<String> = written.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
            let message = format!("there is a blank that is no ordinary blank here: {}", names.join(" "));
            Some(fault(message).help(Help::from("write an ordinary blank").edit(span, " ")))
        }
        Kind::Unknown => {
            Some(fault(format!("`{}` cannot stand outside of text", short(written))).help(
                "names have plain letters, digits and `_`; other text stands in double quotes: `\"…\"`",
            ))
        }
        Kind::Unclosed if written.starts_with('"') => {
            Some(fault("this text is never closed".to_owned()).help("end it with `\"` on the same line"))
        }
        Kind::Unclosed => {
            Some(fault("this quote is never closed".to_owned()).help("text stands in double quotes: `\"…\"`"))
        }
        Kind::Char => {
            let inner = written.trim_matches('\'');
            let code = if inner.chars().count() == 1 { Code::NotInLanguage } else { Code::RuleSyntax };
            let help = Help::from(format!("text stands in double quotes: `\"{}\"`", short(inner)));
            let help =
                if inner.contains(['"', '\\']) { help } else { help.edit(span, format!("\"{inner}\"")) };
            Some(Fault::new(code, span, format!("`{}` is in single quotes", short(written))).help(help))
        }
        Kind::Backtick => Some(
            Fault::new(Code::NoStringBuilding, span, "text in back-ticks is built while a rule runs")
                .help("text stands in double quotes and is not put together: `\"…\"`"),
        ),
        Kind::Raw => Some(
            Fault::new(Code::NotInLanguage, span, "raw text is not in the language")
                .help("text stands in double quotes; `\\\"` is a quote inside of it"),
        ),
        Kind::Text if layout.word(index + 1) == ":" => {
            let bracket = layout.parent.get(index).copied().flatten().unwrap_or(index);
            let close = layout.partner.get(bracket).copied().flatten().unwrap_or(bracket);
            let whole = layout.span(bracket).to(layout.span(close));
            Some(
                Fault::new(Code::NoMap, whole, "object maps are not in the language, and a rule is not JSON")
                    .help("write the condition itself, such as `action.amount > money(\"100\")`"),
            )
        }
        Kind::Number if has_percent(layout, index) => Some(
            Fault::new(
                Code::RuleSyntax,
                span.to(layout.span(index + 1)),
                format!("`{written}%` is not a number"),
            )
            .write(format!("percent({written})")),
        ),
        Kind::Number if let Some(number) = local_number(layout, index) => {
            let text = layout.slice(number);
            let fault =
                Fault::new(Code::BadLiteral, number, format!("`{text}` is not a number of the language"));
            Some(match number_meant(text) {
                Some(meant) => fault.write(meant),
                None => {
                    let (thousands, decimal) = (text.replace(',', ""), text.replace(',', "."));
                    fault
                        .help(format!("write `{thousands}`, or `{decimal}` if the comma begins the decimals"))
                }
            })
        }
        Kind::Symbol if written == "$" => {
            let number = layout.word(index + 1);
            let span = if layout.kind(index + 1) == Some(Kind::Number) {
                span.to(layout.span(index + 1))
            } else {
                span
            };
            let fault =
                Fault::new(Code::RuleSyntax, span, format!("`{}` is not an amount", layout.slice(span)));
            Some(match layout.kind(index + 1) {
                Some(Kind::Number) => fault.help(format!("write `money(\"{number}\")`")),
                _ => fault.help("an amount is written `money(\"5.00\")`"),
            })
        }
        Kind::Symbol if written == "=" && is_comparison(layout, index) => Some(
            fault("`=` sets a value and cannot stand here".to_owned())
                .help(Help::from("a comparison is written `==`").edit(span, "==")),
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
                    return Some(Fault::new(Code::RuleSyntax, both, "`=<` is not an operator").write("<="));
                }
                "<" if layout.word(index + 1) == ">" && touches(layout, index) => {
                    let both = span.to(layout.span(index + 1));
                    return Some(Fault::new(Code::RuleSyntax, both, "`<>` is not an operator").write("!="));
                }
                "=>" if !in_switch(layout, index) && follows_parameters(layout, index) => {
                    let message = "closures and function pointers are not in the language";
                    let help = "give repeated work a name with `fn name(x) { … }` and call it";
                    return Some(Fault::new(Code::NoClosure, span, message).help(help));
                }
                "=>" if !in_switch(layout, index) => {
                    return Some(
                        fault("`=>` stands only in a `switch`".to_owned())
                            .help(Help::from("a comparison is written `>=`").edit(span, ">=")),
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
                _ => fault.write(plain),
            })
        }
        Kind::Word => word(layout, index),
        _ => None,
    }
}

/// Returns the fault of a function of spreadsheets whose values are parted by `;`, which ends statements here.
pub(crate) fn of_spreadsheet(layout: &Layout<'_>) -> Option<Fault> {
    let open = layout.unmatched.iter().copied().find(|open| {
        let name = open.checked_sub(1).map_or("", |name| layout.word(name));
        layout.word(*open) == "(" && name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase())
    })?;
    let name = open.checked_sub(1)?;
    (open..layout.tokens.len()).find(|index| layout.word(*index) == ";")?;
    let message = format!("`{}(…;…)` is a function of spreadsheets", layout.word(name));
    let fault = Fault::new(Code::RuleSyntax, layout.span(name), message);
    Some(
        fault.help("a choice is written `if … { … } else { … }`, and conditions are joined by `&&` and `||`"),
    )
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

/// Returns what a faulty word or sign was meant to be, if its help says so and there is room for it, so that the places of all that
/// follows stay. A fault of several words is none: the checker reads the operator from the text.
pub(crate) fn repair(layout: &Layout<'_>, index: usize, fault: &Fault) -> Option<Repair> {
    let (written, token) = (layout.word(index), layout.span(index));
    if written == "=" && token == fault.span {
        return repair_equals(layout, index);
    }
    let [(at, meant)] = fault.help.as_ref()?.edits() else { return None };
    let is_word = layout.kind(index) == Some(Kind::Char) || operator_meant(written) == meant;
    if !is_word || token != fault.span || at.start != token.start {
        return None;
    }
    let was = layout.slice(*at);
    let mut text = meant.clone();
    text.extend(std::iter::repeat_n(' ', was.len().checked_sub(meant.len())?));
    Some(Repair::new(at.range(), text))
}

/// Tokens around a `=` that are examined to recognise a comparison. Conditions are shorter.
const NEAR: usize = 64;

/// Returns whether a `=` is inside a condition: after `if` or a logical operator, or between a field and a logical operator.
fn is_comparison(layout: &Layout<'_>, index: usize) -> bool {
    // Only words that no local is called: `y = 1` sets a value.
    let joins = |word: &str| matches!(word, "&&" | "||" | "and" | "AND" | "or" | "OR" | "und" | "oder");
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
        "=" | "===" => "==",
        "!==" => "!=",
        _ => foreign::word(written).unwrap_or(written),
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
    let plain = foreign::word(written);
    let may_precede = written == "in" || matches!(plain, Some("&&" | "||" | "!" | "in"));
    if matches!(before, "." | "?.") || after == "(" && !may_precede {
        return None;
    }
    // Checked only where an operator must or must not be: elsewhere these words may be names.
    let operand_before = index > 0
        && matches!(layout.kind(index - 1), Some(Kind::Word | Kind::Number | Kind::Text | Kind::Close))
        && !matches!(
            before,
            "if" | "in" | "return" | "else" | "let" | "const" | "for" | "switch" | "fn" | "}"
        )
        && !matches!(operator_meant(before), "&&" | "||" | "!" | "==");
    let operand_after =
        matches!(layout.kind(index + 1), Some(Kind::Word | Kind::Number | Kind::Text | Kind::Char))
            || matches!(after, "(" | "!");
    let message = format!("`{written}` is not a word of the language");
    let fault = Fault::new(Code::RuleSyntax, layout.span(index), message);
    if operand_before && let Some(phrase) = foreign::phrase(layout, index) {
        return Some(phrase);
    }
    match plain {
        Some("&&" | "||" | "==" | "<" | ">") if !(operand_before && operand_after) => None,
        Some("in") if !operand_before || !(operand_after || after == "[") => None,
        Some("!" | "if") if operand_before || !operand_after => None,
        Some("else") if before != "}" => None,
        Some("fn") if !operand_after => None,
        // The blank after the word goes with it: `!known(x)`.
        Some("!") => {
            let word = Span { end: layout.span(index + 1).start, ..layout.span(index) };
            Some(fault.help(Help::from("write `!`").edit(word, "!")))
        }
        Some(plain) => Some(fault.write(plain)),
        None if foreign::NULL.contains(&written) && matches!(before, "==" | "!=") => {
            Some(foreign::compared_with_nothing(layout, index))
        }
        None if foreign::NULL.contains(&written) => {
            let message = format!("`{written}` is not in the language");
            let help = "ask `known(x)` whether a value is there, or give it a default: `x ?? …`";
            Some(Fault::new(Code::RuleSyntax, layout.span(index), message).help(help))
        }
        None if foreign::THEN.contains(&written) && operand_before => {
            Some(fault.help("what follows a condition stands in braces: `if … { … }`"))
        }
        None => None,
    }
}

/// Returns the place of a number that is written with a decimal comma or with marks of thousands: `100,00`, `1.000,00`, `1 000`.
fn local_number(layout: &Layout<'_>, index: usize) -> Option<Span> {
    let number = |index: usize| layout.kind(index) == Some(Kind::Number);
    let after_comma = |index: usize| layout.word(index - 1) == "," && touches(layout, index - 1);
    let begins = index == 0 || !(number(index - 1) || after_comma(index));
    // Between the parentheses of a call and in a list, a comma parts values.
    let bracket = layout.parent.get(index).copied().flatten();
    let parts_values = bracket.is_some_and(|bracket| match layout.word(bracket) {
        "(" => {
            bracket > 0 && layout.kind(bracket - 1) == Some(Kind::Word) && layout.word(bracket - 1) != "if"
        }
        "[" => true,
        _ => is_switch(layout, bracket),
    });
    if !begins {
        return None;
    }
    let mut end = index;
    loop {
        let space = layout.slice(Span { start: layout.span(end).end, end: layout.span(end + 1).start });
        if number(end + 1)
            && layout.word(end + 1).split('.').next().is_some_and(|group| group.len() == 3)
            && space == " "
        {
            end += 1;
        } else if layout.word(end + 1) == ","
            && touches(layout, end)
            && number(end + 2)
            && touches(layout, end + 1)
            && !parts_values
        {
            end += 2;
        } else {
            break;
        }
    }
    (end > index).then(|| layout.span(index).to(layout.span(end)))
}

/// Quotation marks that are not quotes of the language.
const QUOTES: [char; 7] = ['“', '”', '„', '«', '»', '‘', '’'];

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

/// Returns whether a `=>` follows the parameters of a function: `x => …` or `(x, y) => …` after `=`, `(` or `,`.
fn follows_parameters(layout: &Layout<'_>, index: usize) -> bool {
    let Some(last) = index.checked_sub(1) else { return false };
    let first = match layout.word(last) {
        ")" => layout.partner.get(last).copied().flatten().unwrap_or(last),
        _ => last,
    };
    first.checked_sub(1).is_some_and(|before| matches!(layout.word(before), "=" | "(" | ","))
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
                .help(Help::from("a comparison is written `==`").edit(span, "=="))
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
                    .help(Help::from("a comparison is written `==`").edit(span, "=="));
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
                    .help(Help::from("a comparison is written `==`").edit(span, "=="));
            }
            let fault = syntax(span, format!("`{token}` is missing before `{written}`"));
            match token.as_str() {
                "{" => fault.help("what follows a condition stands in braces: `if … { … }`"),
                _ => fault.help(format!("write `{token}` there")),
            }
        }
        ParseErrorType::Reserved(word) if word == "this" => no_this(span),
        ParseErrorType::Reserved(word) => {
            let beside = index.checked_sub(1).map_or("", |before| operator_meant(layout.word(before)));
            if matches!(beside, "==" | "!=" | "[" | ",") || matches!(layout.word(index + 1), "==" | "!=") {
                let text = format!("\"{}\"", short(word));
                let fault = syntax(span, format!("`{}` is text without quotes", short(word)));
                return fault
                    .help(Help::from(format!("text stands in double quotes: `{text}`")).edit(span, text));
            }
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
        "&" => fault.help(Help::from("`and` is written `&&`").edit(layout.span(index), "&&")),
        "|" => fault.help(Help::from("`or` is written `||`").edit(layout.span(index), "||")),
        "=" => fault.help(Help::from("a comparison is written `==`").edit(layout.span(index), "==")),
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
