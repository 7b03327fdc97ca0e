//! Parses a rule with Rhai's parser: returns a syntax tree, and every syntax fault in plain words.
//!
//! First a scan of tokens checks nesting and chains against their limit, because Rhai's parser and the drop of its trees use the
//! stack. After a fault its statement is blanked and the text is parsed again, so that one fault does not hide the next. This
//! module must not know names or types.

mod fault;
mod foreign;
mod layout;
mod scan;
mod syntax;

use std::collections::BTreeSet;
use std::ops::Range;

use rhai::{AST, ASTNode, Engine, Stmt};

pub(crate) use layout::Layout;
pub(crate) use scan::Kind;
pub(crate) use syntax::operator_meant;

use crate::diagnostic::{Code, Span};
use crate::limits::Limits;
pub(crate) use fault::Fault;
use fault::Repair;

/// The most bytes of one rule. Rhai's positions have 16 bits for the line and 16 for the column, and names are searched one by
/// one; the longest public contract has 20 kB in all.
const RULE_BYTES: usize = 65_000;

/// The most parses of one rule with faults: each parse blanks a statement. A page of faults is enough to work on.
const ROUNDS: usize = 12;

/// The most words and brackets of one rule that are reported as misplaced. Each blanks its statement, which takes a walk through
/// the tokens.
const BROKEN: usize = 100;

/// Levels of Rhai's parser for one level of nesting: the parser counts an `if` in a block as three levels, a parenthesis as two,
/// and each operator of a chain as one.
const PARSER_LEVELS: usize = 4;

/// The result of a parse.
pub(crate) struct Parsed {
    /// The tree of the statements that could be parsed.
    pub(crate) ast: AST,
    /// The functions of the rule, in the order of the file.
    pub(crate) functions: Vec<ParsedFunction>,
    /// Names declared in statements that could not be parsed; they are not reported as unknown.
    pub(crate) lost: BTreeSet<String>,
    /// Whether every statement is in the tree.
    pub(crate) whole: bool,
}

/// A function of a rule.
pub(crate) struct ParsedFunction {
    /// The name of the function.
    pub(crate) name: String,
    /// The names of its parameters.
    pub(crate) params: Vec<String>,
    /// Whether it is declared for values of one type, such as `fn int.f()`.
    pub(crate) typed: bool,
    /// The index of the brace token that begins its body.
    pub(crate) brace: usize,
    /// The body of the function.
    pub(crate) body: Vec<Stmt>,
}

/// Collects the functions of a rule. Rhai does not expose the type of their bodies, but its walk visits their statements: each
/// statement belongs to the innermost function around it.
fn functions(layout: &Layout<'_>, ast: &AST) -> Vec<ParsedFunction> {
    let mut found: Vec<(Range<usize>, ParsedFunction)> = ast
        .iter_fn_def()
        .map(|function| {
            let start = layout.offset(function.body.start_position());
            let end = function.body.end_position();
            let end = if end.is_none() { start } else { layout.offset(end) };
            let parsed = ParsedFunction {
                name: function.name.to_string(),
                params: function.params.iter().map(ToString::to_string).collect(),
                typed: function.this_type.is_some(),
                brace: layout.token_at(start),
                body: Vec::new(),
            };
            (start..end, parsed)
        })
        .collect();
    let mut outside = ast.statements().len();
    ast.walk(&mut |path| {
        if let [ASTNode::Stmt(stmt)] = path {
            if outside > 0 {
                outside -= 1;
                return true;
            }
            let at = layout.offset(stmt.position());
            let inside = found.iter_mut().filter(|(range, _)| range.start <= at && at <= range.end);
            if let Some((_, function)) = inside.max_by_key(|(range, _)| range.start) {
                function.body.push((*stmt).clone());
            }
        }
        true
    });
    // Closures have names that no text can have; they are refused where they are used.
    let mut functions: Vec<ParsedFunction> = found.into_iter().map(|(_, function)| function).collect();
    functions.retain(|function| function.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    functions.sort_by_key(|function| function.brace);
    functions
}

/// Returns the parser of every check: no packages, no optimiser, nothing that runs.
fn engine(limits: &Limits) -> Engine {
    let levels = limits.nesting.saturating_mul(PARSER_LEVELS);
    let mut engine = Engine::new_raw();
    engine.set_max_expr_depths(levels, levels);
    engine
}

/// Parses a literal by itself, for a `switch` arm.
pub(crate) fn literal(text: &str) -> Option<rhai::Dynamic> {
    let engine = engine(&Limits::default());
    let ast = engine.compile_expression(text).ok()?;
    match ast.statements() {
        [rhai::Stmt::Expr(expr)] => expr.get_literal_value(None),
        _ => None,
    }
}

/// Returns the fault of a rule that is too long to be parsed.
pub(crate) fn too_long(text: &str, limits: &Limits) -> Option<Fault> {
    let most = limits.source_bytes.min(RULE_BYTES);
    (text.len() > most).then(|| {
        let end = (0..=80).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        let message = format!("the rule has {} bytes; the most is {most}", text.len());
        Fault::new(Code::TooLarge, Span::new(0, end), message).help("split it, or move its values to lists")
    })
}

/// Parses a rule that is not [`too_long`]. Returns `None` if nothing could be parsed.
pub(crate) fn parse(layout: &Layout<'_>, limits: &Limits, faults: &mut Vec<Fault>) -> Option<Parsed> {
    let misread = misread(layout);
    if !misread.is_empty() {
        faults.extend(misread);
        return None;
    }
    if let Some(fault) = too_deep(layout, limits.nesting) {
        faults.push(fault);
        return None;
    }

    if let Some(fault) = syntax::of_spreadsheet(layout) {
        faults.push(fault);
        return None;
    }

    let mut blank: Vec<Range<usize>> = Vec::new();
    let mut broken = Vec::new();
    let mut repairs: Vec<Repair> = Vec::new();
    let faulty = syntax::tokens(layout);
    let too_many = faulty.len().saturating_add(layout.unmatched.len()) > BROKEN;
    for (token, fault) in faulty.into_iter().take(BROKEN) {
        match syntax::repair(layout, token, &fault) {
            Some(repair) => repairs.push(repair),
            None => broken.push(token),
        }
        faults.push(fault);
    }
    let mut unclosed = 0;
    for &bracket in layout.unmatched.iter().take(BROKEN.saturating_sub(broken.len())) {
        let written = layout.word(bracket);
        let span = layout.span(bracket);
        if layout.kind(bracket) == Some(Kind::Close) {
            let open = match written {
                ")" => "(",
                "]" => "[",
                _ => "{",
            };
            let fault = Fault::new(Code::RuleSyntax, span, format!("this `{written}` closes nothing"));
            faults.push(fault.help(format!("remove it, or write the `{open}` that it closes")));
            blank.push(span.range());
            continue;
        }
        let close = match written {
            "(" => ")",
            "[" | "?[" => "]",
            _ => "}",
        };
        let message = format!("this `{written}` is never closed");
        faults.push(
            Fault::new(Code::RuleSyntax, span, message).help(format!("write the `{close}` where it ends")),
        );
        if close == "}" {
            unclosed += 1;
        } else {
            broken.push(bracket);
        }
    }
    if too_many {
        return None;
    }
    let mut lost = BTreeSet::new();
    for token in broken {
        blank.push(lose(layout, token, &mut lost));
    }

    let engine = engine(limits);
    for _ in 0..ROUNDS {
        let mut text = repaired(blanked(layout.text, &blank), &blank, &repairs);
        text.push_str(&"}".repeat(unclosed));
        match engine.compile(&text) {
            Ok(ast) => {
                let functions = functions(layout, &ast);
                let whole = blank.is_empty() && repairs.is_empty() && unclosed == 0;
                return Some(Parsed { ast, functions, lost, whole });
            }
            Err(error) => {
                let offset = layout.offset(error.position());
                let token = layout.token_at(offset).min(layout.tokens.len().saturating_sub(1));
                // A fault beside a blanked statement is most likely caused by the blanks, so it is not reported.
                let near = layout.span(token.saturating_sub(1)).start as usize;
                if !blank.iter().any(|range| range.start <= offset && near <= range.end) && unclosed == 0 {
                    faults.push(syntax::explain(layout, &error));
                }
                if let Some(repair) = syntax::repair_equals(layout, token)
                    && !repairs.contains(&repair)
                {
                    repairs.push(repair);
                    continue;
                }
                let range = lose(layout, token, &mut lost);
                if blank.contains(&range) || range.is_empty() {
                    return None;
                }
                blank.push(range);
            }
        }
    }
    None
}

/// Returns the places at which a reader may take statements for a comment, or a comment for statements: a comment that is never
/// closed, since the parser takes the rest of the file for a comment; one inside of another, since the parser counts how many are
/// open, and readers do not; and an end without a beginning.
pub(crate) fn misread(layout: &Layout<'_>) -> Vec<Fault> {
    let fault = |at: usize, message: &str, help: &str| {
        Fault::new(Code::RuleSyntax, Span::new(at, at + 2), message).help(help)
    };
    let mut found: Vec<Fault> = Vec::new();
    for &at in layout.nested.iter().take(BROKEN) {
        let help = "take it out, or end the comment before it with `*/`: comments do not nest";
        found.push(fault(at, "`/*` stands inside of a comment", help));
    }
    if let (Some(at), true) = (layout.unclosed, found.is_empty()) {
        found.push(fault(at, "this comment is never closed", "write `*/` where it ends"));
    }
    let pairs = layout.tokens.iter().zip(layout.tokens.iter().skip(1));
    let ends = pairs.filter(|(star, slash)| layout.text.get(star.start..slash.end) == Some("*/"));
    for (star, _) in ends.take(BROKEN) {
        let help = "take it out, or write `/*` where the comment begins";
        found.push(fault(star.start, "this `*/` ends no comment", help));
    }
    found
}

/// Returns the bytes of the statement that contains a token, and adds the names it declares to `lost`.
fn lose(layout: &Layout<'_>, token: usize, lost: &mut BTreeSet<String>) -> Range<usize> {
    let statement = statement(layout, token);
    let mut declares = false;
    for index in statement.clone() {
        let word = layout.word(index);
        if layout.kind(index) == Some(Kind::Word) && declares {
            lost.insert(word.to_owned());
        }
        declares = match word {
            "let" | "const" | "fn" | "as" | "for" => true,
            "in" | "=" | ";" | "{" => false,
            "(" | ")" | "," => declares,
            _ => declares && layout.kind(index) == Some(Kind::Word),
        };
    }
    let last = statement.end.saturating_sub(1).max(statement.start);
    layout.span(statement.start).start as usize..layout.span(last).end as usize
}

/// Returns the tokens of the statement that contains a token, in the innermost block.
fn statement(layout: &Layout<'_>, token: usize) -> Range<usize> {
    let mut block = layout.parent.get(token).copied().flatten();
    while let Some(bracket) = block {
        if layout.word(bracket) == "{" && !syntax::is_switch(layout, bracket) {
            break;
        }
        block = layout.parent.get(bracket).copied().flatten();
    }
    let first = block.map_or(0, |bracket| bracket + 1);
    let end = block
        .and_then(|bracket| layout.partner.get(bracket).copied().flatten())
        .unwrap_or(layout.tokens.len());
    let by_block =
        |index| matches!(layout.word(index), "if" | "for" | "while" | "loop" | "switch" | "fn" | "try" | "{");
    let mut start = first;
    for index in first..end {
        if layout.parent.get(index).copied().flatten() != block {
            continue;
        }
        let ends = match layout.word(index) {
            ";" => true,
            "}" => by_block(start) && !matches!(layout.word(index + 1), "else" | "catch"),
            _ => false,
        };
        if ends {
            if token <= index {
                return start..index + 1;
            }
            start = index + 1;
        }
    }
    start..end
}

/// Returns the text with these bytes as spaces, one for each character, so that lines and columns stay.
fn blanked(text: &str, ranges: &[Range<usize>]) -> String {
    text.char_indices()
        .map(|(at, c)| {
            let blank = !c.is_whitespace() && ranges.iter().any(|range| range.contains(&at));
            if blank { ' ' } else { c }
        })
        .collect()
}

/// Returns the text with its repairs, except for repairs inside blanked ranges.
fn repaired(mut text: String, blank: &[Range<usize>], repairs: &[Repair]) -> String {
    for Repair { range, text: meant } in repairs {
        let is_blank = blank.iter().any(|blank| blank.start < range.end && range.start < blank.end);
        if !is_blank && text.get(range.clone()).is_some_and(|was| was.len() == meant.len()) {
            text.replace_range(range.clone(), meant);
        }
    }
    text
}

/// Returns the fault of the first place that is nested, or chained with points, deeper than the limit.
fn too_deep(layout: &Layout<'_>, most: usize) -> Option<Fault> {
    let mut depth: Vec<usize> = vec![0];
    let mut negations = 0_usize;
    for index in 0..layout.tokens.len() {
        let written = layout.word(index);
        let span = layout.span(index);
        negations = if matches!(written, "!" | "-" | "+") { negations.saturating_add(1) } else { 0 };
        match layout.kind(index) {
            Some(Kind::Open) => {
                if let (true, Some(chain)) = (matches!(written, "[" | "?["), depth.last_mut()) {
                    *chain = chain.saturating_add(1);
                }
                depth.push(0);
            }
            Some(Kind::Close) if depth.len() > 1 => {
                depth.pop();
            }
            Some(Kind::Symbol) => {
                if let Some(chain) = depth.last_mut() {
                    *chain =
                        if matches!(written, "." | "?." | "::" | "!") { chain.saturating_add(1) } else { 0 };
                }
            }
            Some(Kind::Word)
                if matches!(written, "if" | "else" | "in" | "for" | "switch" | "return" | "let") =>
            {
                if let Some(chain) = depth.last_mut() {
                    *chain = 0;
                }
            }
            _ => {}
        }
        let chain = depth.last().copied().unwrap_or(0);
        if depth.len() > most.saturating_add(1) || chain > most || negations > most {
            let message = format!("the rule is nested deeper than {most} levels here");
            return Some(
                Fault::new(Code::TooDeep, span, message)
                    .help("give parts of it a name with `let`, or move them to a `fn`"),
            );
        }
    }
    None
}

#[cfg(test)]
mod tests;
