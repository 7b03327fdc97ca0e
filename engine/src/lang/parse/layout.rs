//! The places of a rule's tokens and syntax tree: converts Rhai's lines and columns to spans of bytes.

use rhai::{Expr, FnCallExpr, Position, Stmt, StmtBlock};

use super::scan::{Kind, Scan, Token, scan};
use crate::diagnostic::Span;

/// The tokens of a rule, its pairs of brackets, and its lines.
#[derive(Clone, Debug)]
pub(crate) struct Layout<'t> {
    /// The text of the rule.
    pub(crate) text: &'t str,
    /// The tokens of the text.
    pub(crate) tokens: Vec<Token>,
    /// For each bracket, the index of its partner.
    pub(crate) partner: Vec<Option<usize>>,
    /// For each token, the index of the bracket that contains it.
    pub(crate) parent: Vec<Option<usize>>,
    /// The indexes of brackets without a partner.
    pub(crate) unmatched: Vec<usize>,
    /// First byte of a comment that is never closed.
    pub(crate) unclosed: Option<usize>,
    /// First byte of each comment that begins inside of a comment.
    pub(crate) nested: Vec<usize>,
    lines: Vec<usize>,
    /// The byte of every character, if some characters have more than one byte; and the number of characters before each line.
    chars: Option<(Vec<usize>, Vec<usize>)>,
}

impl<'t> Layout<'t> {
    /// Returns the layout of a text.
    pub(crate) fn new(text: &'t str) -> Self {
        let Scan { tokens, lines, unclosed, nested } = scan(text);
        let (partner, parent, unmatched) = brackets(text, &tokens);
        let chars = (!text.is_ascii()).then(|| {
            let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let starts = lines.iter().map(|line| bytes.partition_point(|at| at < line)).collect();
            (bytes, starts)
        });
        Self { text, tokens, partner, parent, unmatched, unclosed, nested, lines, chars }
    }

    /// Returns the byte at a position; the end of the text if there is no position.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let Some(line) = position.line() else { return self.text.len() };
        let (line, column) = (line.saturating_sub(1), position.position().unwrap_or(1).saturating_sub(1));
        let offset = match &self.chars {
            None => self.lines.get(line).map(|start| start.saturating_add(column)),
            Some((bytes, starts)) => {
                starts.get(line).and_then(|start| bytes.get(start.saturating_add(column))).copied()
            }
        };
        offset.unwrap_or(self.text.len()).min(self.text.len())
    }

    /// Returns the text of a token.
    pub(crate) fn word(&self, index: usize) -> &'t str {
        self.tokens.get(index).and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    /// Returns the text of a span.
    pub(crate) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Returns the span of a token.
    pub(crate) fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map_or_else(
            || Span::new(self.text.len(), self.text.len()),
            |token| Span::new(token.start, token.end),
        )
    }

    /// Returns the token that begins at a byte or contains it, else the next token.
    pub(crate) fn token_at(&self, offset: usize) -> usize {
        self.tokens.partition_point(|token| token.end <= offset)
    }

    /// Returns the token at a position.
    pub(crate) fn token(&self, position: Position) -> usize {
        self.token_at(self.offset(position))
    }

    /// Returns the span of the word at a position.
    pub(crate) fn at(&self, position: Position) -> Span {
        self.span(self.token(position))
    }

    /// Returns the kind of a token.
    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Returns the end of the call whose name is this token.
    fn call_end(&self, name: usize) -> usize {
        let open = if self.word(name + 1) == "!" { name + 2 } else { name + 1 };
        let close = self.partner.get(open).copied().flatten().unwrap_or(name);
        self.span(close).end as usize
    }

    /// Widens a span over the parentheses that close between its end and `until`.
    fn widen_left(&self, mut span: Span, until: u32) -> Span {
        let mut index = self.token_at(span.end as usize);
        while self.span(index).start < until && index < self.tokens.len() {
            if self.word(index) == ")"
                && let Some(open) = self.partner.get(index).copied().flatten()
            {
                span = span.to(self.span(open)).to(self.span(index));
            }
            index += 1;
        }
        span
    }

    /// Widens a span over the parentheses that open between `from` and its start.
    fn widen_right(&self, mut span: Span, from: u32) -> Span {
        let mut index = self.token_at(span.start as usize);
        while index > 0 && self.span(index - 1).start >= from {
            index -= 1;
            if self.word(index) == "("
                && let Some(close) = self.partner.get(index).copied().flatten()
            {
                span = span.to(self.span(index)).to(self.span(close));
            }
        }
        span
    }

    /// Returns the span of several operands in the order of the text, each with its own parentheses.
    fn joined<'e>(&self, operands: impl IntoIterator<Item = &'e Expr>) -> Span {
        let mut whole: Option<Span> = None;
        for operand in operands {
            let span = self.expr(operand);
            whole = Some(match whole {
                None => span,
                Some(left) => self.widen_left(left, span.start).to(self.widen_right(span, left.end)),
            });
        }
        whole.unwrap_or_default()
    }

    /// Returns the span of an expression, without parentheses around the whole expression.
    pub(crate) fn expr(&self, expr: &Expr) -> Span {
        match expr {
            Expr::Dot(chain, ..) => {
                let right = self.expr(&chain.rhs);
                self.widen_left(self.expr(&chain.lhs), right.start).to(right)
            }
            Expr::Index(chain, ..) => {
                let right = self.expr(&chain.rhs);
                let left = self.widen_left(self.expr(&chain.lhs), right.start);
                let mut end = self.token_at(right.end as usize);
                while end < self.tokens.len() && self.word(end) == ")" {
                    end += 1;
                }
                left.to(right).to(if self.word(end) == "]" { self.span(end) } else { right })
            }
            Expr::FnCall(call, position) | Expr::MethodCall(call, position) => self.call(call, *position),
            Expr::And(operands, _) | Expr::Or(operands, _) | Expr::Coalesce(operands, _) => {
                self.joined(operands.iter())
            }
            Expr::Stmt(block) => self.block(block),
            Expr::Array(_, position) | Expr::Map(_, position) => {
                let open = self.token(*position);
                let close = self.partner.get(open).copied().flatten().unwrap_or(open);
                self.span(open).to(self.span(close))
            }
            Expr::Unit(position) => {
                let open = self.token(*position);
                self.span(open).to(self.span(self.partner.get(open).copied().flatten().unwrap_or(open)))
            }
            _ => {
                let token = self.token(expr.start_position());
                // A sign is part of its number.
                if matches!(self.word(token), "-" | "+") {
                    self.span(token).to(self.span(token + 1))
                } else {
                    self.span(token)
                }
            }
        }
    }

    fn call(&self, call: &FnCallExpr, position: Position) -> Span {
        let name = self.token(position);
        let word = self.span(name);
        match (call.args.as_slice(), self.kind(name)) {
            ([list, item], _) if matches!(self.word(name), "in" | "!in") => {
                self.widen_left(self.expr(item), word.start).to(self.widen_right(self.expr(list), word.end))
            }
            ([inner], _) if self.word(name) == "!in" => self.expr(inner),
            ([left, right], Some(Kind::Symbol)) => {
                self.widen_left(self.expr(left), word.start).to(self.widen_right(self.expr(right), word.end))
            }
            ([operand], Some(Kind::Symbol)) => word.to(self.widen_right(self.expr(operand), word.end)),
            _ => Span { start: word.start, end: word.end.max(Span::new(0, self.call_end(name)).end) },
        }
    }

    /// Returns the span of a block with its braces; without braces, the span of its statements.
    pub(crate) fn block(&self, block: &StmtBlock) -> Span {
        let start = self.token(block.position());
        if block.end_position().is_none() || self.word(start) != "{" {
            return block.iter().map(|stmt| self.stmt(stmt)).reduce(Span::to).unwrap_or(self.span(start));
        }
        let close = self.partner.get(start).copied().flatten();
        self.span(start).to(close.map_or_else(|| self.at(block.end_position()), |close| self.span(close)))
    }

    /// Returns the span of a statement.
    pub(crate) fn stmt(&self, stmt: &Stmt) -> Span {
        let word = self.at(stmt.position());
        match stmt {
            Stmt::If(parts, _) => {
                let whole = word.to(self.block(&parts.body));
                if parts.branch.is_empty() { whole } else { whole.to(self.block(&parts.branch)) }
            }
            Stmt::Switch(parts, _) => {
                let brace = self.token_at(self.expr(&parts.0).end as usize);
                let brace =
                    (brace..self.tokens.len()).find(|index| self.word(*index) == "{").unwrap_or(brace);
                let close = self.partner.get(brace).copied().flatten().unwrap_or(brace);
                word.to(self.span(close))
            }
            Stmt::While(parts, _) | Stmt::Do(parts, ..) => word.to(self.block(&parts.body)),
            Stmt::For(parts, _) => word.to(self.block(&parts.2.body)),
            Stmt::TryCatch(parts, _) => word.to(self.block(&parts.body)).to(self.block(&parts.branch)),
            Stmt::Var(parts, ..) => {
                let value =
                    if parts.1.position().is_none() { self.at(parts.0.pos) } else { self.expr(&parts.1) };
                word.to(value)
            }
            Stmt::Assignment(parts) => self.joined([&parts.1.lhs, &parts.1.rhs]),
            Stmt::FnCall(call, position) => self.call(call, *position),
            Stmt::Block(block) => self.block(block),
            Stmt::Expr(expr) => self.expr(expr),
            Stmt::BreakLoop(Some(value), ..) | Stmt::Return(Some(value), ..) => word.to(self.expr(value)),
            _ => word,
        }
    }
}

type Brackets = (Vec<Option<usize>>, Vec<Option<usize>>, Vec<usize>);

/// Pairs brackets. A `;` or `}` ends parentheses that were left open, so that one forgotten `)` does not affect the rest of the
/// file.
fn brackets(text: &str, tokens: &[Token]) -> Brackets {
    let word = |token: &Token| text.get(token.start..token.end).unwrap_or_default();
    let mut partner = vec![None; tokens.len()];
    let mut parent = vec![None; tokens.len()];
    let mut unmatched = Vec::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let written = word(token);
        if written == ";" || written == "}" {
            while let Some((left, "(" | "[" | "?[")) = open.last() {
                unmatched.push(*left);
                open.pop();
            }
        }
        if token.kind == Kind::Close {
            let fits = open.last().is_some_and(|(_, left)| {
                matches!((*left, written), ("(", ")") | ("[" | "?[", "]") | ("{" | "#{", "}"))
            });
            match open.last() {
                Some((left, _)) if fits => {
                    for (slot, value) in [(*left, index), (index, *left)] {
                        if let Some(slot) = partner.get_mut(slot) {
                            *slot = Some(value);
                        }
                    }
                    open.pop();
                }
                _ => unmatched.push(index),
            }
        }
        if let Some(slot) = parent.get_mut(index) {
            *slot = open.last().map(|(left, _)| *left);
        }
        if token.kind == Kind::Open {
            open.push((index, written));
        }
    }
    unmatched.extend(open.iter().map(|(index, _)| *index));
    unmatched.sort_unstable();
    (partner, parent, unmatched)
}
