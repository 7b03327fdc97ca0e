//! What names and expressions of a rule are, also where the rule is broken elsewhere: its locals with their types, and the value
//! before a point. The engine's checker says what a whole rule means; here a guess is enough, and where there is none, the answer
//! is "not known".

use accrue::diagnostic::Span;
use accrue::language::{Base, CallForm, Phase, Record, TOTAL_SUMS, Type, calls, fields, records};

use crate::file::RuleText;
use crate::lexer::{Kind, Token};
use crate::names::{NameKind, Names};

/// What stands before a point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Of {
    /// A value of this type.
    Value(Type),
    /// A namespace: the names of this kind.
    Names(NameKind),
    /// A declared total.
    Total(String),
    /// A total in an earlier period, or in the year.
    Earlier(String),
    /// A sum of a total, which is read at a time.
    Sum(Base),
    /// Nothing that is known.
    Unknown,
}

/// A local of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: String,
    /// The name where it is declared, in the rule's text.
    pub(crate) span: Span,
    pub(crate) ty: Option<Type>,
    /// Where it is seen, in the rule's text.
    pub(crate) scope: Span,
}

/// A rule with what is known of its names.
pub(crate) struct Types<'r> {
    pub(crate) rule: &'r RuleText,
    names: &'r Names,
    file: &'r str,
    phases: Vec<Phase>,
    /// The words without comments.
    pub(crate) tokens: Vec<&'r Token>,
    pub(crate) locals: Vec<Local>,
}

/// The deepest nesting that is looked into.
const DEEPEST: usize = 64;

/// The most locals of a rule that are known. A rule with more costs more than any budget.
const LOCALS: usize = 1_000;

/// The most words of one value that are looked through, so that the work grows with the length of a text and not with its square.
const WORDS: usize = 2_000;

impl<'r> Types<'r> {
    pub(crate) fn new(rule: &'r RuleText, names: &'r Names, file: &'r str) -> Self {
        let tokens = rule.tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
        let mut types =
            Self { rule, names, file, phases: phases(rule, names, file), tokens, locals: Vec::new() };
        types.find_locals();
        types
    }

    /// Returns the phases in which the rule runs. Where none is known, it may be any.
    pub(crate) fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Returns the records that the rule sees by name.
    pub(crate) fn records(&self) -> Vec<(Record, Type)> {
        let mut seen = Vec::new();
        for phase in &self.phases {
            for found in records(*phase) {
                if !seen.contains(&found) {
                    seen.push(found);
                }
            }
        }
        seen
    }

    pub(crate) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| self.rule.word(token))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Returns the locals that are seen at a byte of the rule's text, the innermost last.
    pub(crate) fn locals_at(&self, at: u32) -> impl Iterator<Item = &Local> {
        self.locals.iter().filter(move |local| local.scope.start <= at && at <= local.scope.end)
    }

    fn find_locals(&mut self) {
        let end = crate::document::pin(self.rule.text.len());
        let ends = self.block_ends(end);
        // The end of each block that is open.
        let mut open: Vec<u32> = Vec::new();
        for index in 0..self.tokens.len() {
            let inner = open.last().copied().unwrap_or(end);
            match self.word(index) {
                "{" => open.push(ends.get(index).copied().unwrap_or(end)),
                "}" => {
                    open.pop();
                }
                "let" | "const" if self.kind(index + 1) == Some(Kind::Word) => {
                    let (ty, after) = if self.word(index + 2) == "=" {
                        let (of, after) = self.expr(index + 3, 0, 0);
                        (value(of), after)
                    } else {
                        (None, index + 2)
                    };
                    let from =
                        self.tokens.get(after).or(self.tokens.last()).map_or(end, |token| token.span.start);
                    self.local(index + 1, ty, Span { start: from, end: inner });
                }
                "for" if self.kind(index + 1) == Some(Kind::Word) && self.word(index + 2) == "in" => {
                    let (of, after) = self.expr(index + 3, 0, 0);
                    let ty = match of {
                        Of::Value(Type { base: Base::List(element), .. }) => Some(element.ty()),
                        _ => None,
                    };
                    let scope = self.block_after(after, &ends, end);
                    self.local(index + 1, ty, scope);
                }
                "fn" => {
                    let mut at = index + 3;
                    let mut params = Vec::new();
                    while let Some(Kind::Word) = self.kind(at) {
                        params.push(at);
                        at += if self.word(at + 1) == "," { 2 } else { 1 };
                    }
                    let scope = self.block_after(at, &ends, end);
                    params.into_iter().for_each(|param| self.local(param, None, scope));
                }
                _ => {}
            }
        }
    }

    fn local(&mut self, name: usize, ty: Option<Type>, scope: Span) {
        let Some(token) = self.tokens.get(name).filter(|_| self.locals.len() < LOCALS) else { return };
        let (name, span) = (self.rule.word(token).to_owned(), token.span);
        self.locals.push(Local { name, span, ty, scope });
    }

    /// Returns the block that begins at or soon after a word.
    fn block_after(&self, index: usize, ends: &[u32], end: u32) -> Span {
        let brace = (index..self.tokens.len()).take(4).find(|index| self.word(*index) == "{");
        let from = brace.unwrap_or(index);
        let start = self.tokens.get(from).map_or(end, |token| token.span.end);
        Span { start, end: brace.and_then(|brace| ends.get(brace)).copied().unwrap_or(end) }
    }

    /// Returns for each `{` where its block ends.
    fn block_ends(&self, end: u32) -> Vec<u32> {
        let mut ends = vec![end; self.tokens.len()];
        let mut open = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            match self.rule.word(token) {
                "{" => open.push(index),
                "}" => {
                    if let Some(end) = open.pop().and_then(|begin: usize| ends.get_mut(begin)) {
                        *end = token.span.start;
                    }
                }
                _ => {}
            }
        }
        ends
    }

    /// Returns what stands before the point that is this word, and where it begins.
    pub(crate) fn before_point(&self, point: usize) -> (Of, usize) {
        let mut begin = point;
        while let Some(last) = begin.checked_sub(1) {
            begin = match self.word(last) {
                ")" | "]" => self.opening(last),
                _ => last,
            };
            // A call: its name stands before the parenthesis.
            if matches!(self.word(begin), "(" | "[")
                && let Some(name) = begin.checked_sub(1)
                && self.kind(name) == Some(Kind::Word)
            {
                begin = name;
            }
            match begin.checked_sub(1) {
                Some(before) if self.word(before) == "." => begin = before,
                _ => break,
            }
        }
        if begin == point {
            return (Of::Unknown, point);
        }
        let (of, _) = self.chain(begin, point, 0);
        (of, begin)
    }

    fn opening(&self, closing: usize) -> usize {
        let mut depth = 0_usize;
        for index in (0..=closing).rev() {
            match self.word(index) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index;
                    }
                }
                _ => {}
            }
        }
        0
    }

    /// Returns the type of the expression that begins at a word, and the word after it. Operators that bind less than `least` end
    /// it.
    pub(crate) fn expr(&self, index: usize, least: u8, depth: usize) -> (Of, usize) {
        if depth > DEEPEST {
            return (Of::Unknown, index);
        }
        let (mut left, mut at) = self.unary(index, depth);
        loop {
            let operator = self.word(at);
            let binds = match operator {
                "||" => 1,
                "&&" => 2,
                "==" | "!=" => 3,
                "<" | "<=" | ">" | ">=" => 4,
                "in" => 4,
                "!" if self.word(at + 1) == "in" => 4,
                "??" => 5,
                "+" | "-" => 6,
                "*" | "/" | "%" => 7,
                _ => return (left, at),
            };
            if binds < least || at <= index {
                return (left, at);
            }
            let next = if operator == "!" { at + 2 } else { at + 1 };
            let (right, after) = self.expr(next, binds + 1, depth + 1);
            left = match binds {
                1..=4 => Of::Value(Type::BOOL),
                5 => match (left, right) {
                    (Of::Value(ty), Of::Value(other)) => {
                        Of::Value(Type { base: ty.base, unknown: other.unknown })
                    }
                    (Of::Value(ty), _) => Of::Value(Type::known(ty.base)),
                    (_, right) => right,
                },
                _ => arithmetic(operator, &left, &right),
            };
            at = after.max(next);
        }
    }

    fn unary(&self, index: usize, depth: usize) -> (Of, usize) {
        match self.word(index) {
            "!" => {
                let (_, after) = self.unary_of(index + 1, depth);
                (Of::Value(Type::BOOL), after)
            }
            "-" => self.unary_of(index + 1, depth),
            _ => self.chain(index, self.tokens.len(), depth),
        }
    }

    fn unary_of(&self, index: usize, depth: usize) -> (Of, usize) {
        if depth > DEEPEST { (Of::Unknown, index) } else { self.unary(index, depth + 1) }
    }

    /// Returns what a chain of points and calls is, up to a word, and the word after it.
    fn chain(&self, begin: usize, end: usize, depth: usize) -> (Of, usize) {
        let value = |base| Of::Value(Type::known(base));
        let name = self.word(begin);
        let (mut of, mut at) = match self.kind(begin) {
            Some(Kind::Number) => {
                (value(if name.contains('.') { Base::Decimal } else { Base::Integer }), begin + 1)
            }
            Some(Kind::Text) => (value(Base::Text), begin + 1),
            Some(Kind::Symbol) if name == "(" => {
                let (of, after) = self.expr(begin + 1, 0, depth + 1);
                (of, if self.word(after) == ")" { after + 1 } else { after })
            }
            Some(Kind::Word) if self.word(begin + 1) == "(" => {
                let (first, after) = self.arguments(begin + 1, depth);
                (self.called(name, first), after)
            }
            Some(Kind::Word) if matches!(name, "if" | "switch") => (Of::Unknown, self.past_blocks(begin)),
            Some(Kind::Word) => (self.named(name, begin), begin + 1),
            _ => return (Of::Unknown, begin),
        };
        while at < end && self.word(at) == "." && at + 1 < end && self.kind(at + 1) == Some(Kind::Word) {
            let name = self.word(at + 1);
            if self.word(at + 2) == "(" && at + 2 < end {
                let (_, after) = self.arguments(at + 2, depth);
                of = self.method(&of, name);
                at = after;
            } else {
                of = self.member(&of, name);
                at += 2;
            }
        }
        (of, at)
    }

    /// Returns the word after the blocks of an `if` or a `switch`.
    fn past_blocks(&self, begin: usize) -> usize {
        let mut depth = 0_usize;
        let end = self.tokens.len().min(begin.saturating_add(WORDS));
        for index in begin..end {
            match self.word(index) {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && self.word(index + 1) != "else" {
                        return index + 1;
                    }
                }
                ";" if depth == 0 => return index,
                _ => {}
            }
        }
        end
    }

    /// Returns the type of the first argument of a call whose parenthesis is this word, and the word after the call.
    fn arguments(&self, open: usize, depth: usize) -> (Option<Type>, usize) {
        let (first, mut at) = self.expr(open + 1, 0, depth + 1);
        let mut nested = 0_usize;
        let end = self.tokens.len().min(open.saturating_add(WORDS));
        while at < end {
            match self.word(at) {
                "(" | "[" | "{" => nested += 1,
                ")" | "]" | "}" if nested == 0 => return (value(first), at + 1),
                ")" | "]" | "}" => nested -= 1,
                ";" if nested == 0 => break,
                _ => {}
            }
            at += 1;
        }
        (value(first), at)
    }

    /// Returns what a name is that stands alone or begins a chain.
    pub(crate) fn named(&self, name: &str, index: usize) -> Of {
        let at = self.tokens.get(index).map_or(0, |token| token.span.start);
        if let Some(local) = self.locals_at(at).filter(|local| local.name == name).last() {
            return local.ty.map_or(Of::Unknown, Of::Value);
        }
        match name {
            "params" => Of::Names(NameKind::Param),
            "lists" => Of::Names(NameKind::List),
            "totals" => Of::Names(NameKind::Total),
            "attributes" => Of::Names(NameKind::Attribute),
            "true" | "false" => Of::Value(Type::BOOL),
            _ => match self.records().into_iter().find(|(record, _)| record.name() == name) {
                Some((_, ty)) => Of::Value(ty),
                None => Of::Unknown,
            },
        }
    }

    fn called(&self, name: &str, first: Option<Type>) -> Of {
        let call = calls().find(|call| call.form == CallForm::Function && call.name == name);
        call.map_or(Of::Unknown, |call| Of::Value(call.gives(first)))
    }

    fn method(&self, of: &Of, name: &str) -> Of {
        match of {
            Of::Value(ty) => calls()
                .find(|call| call.form == CallForm::Method && call.name == name && call.takes(ty.base))
                .map_or(Of::Unknown, |call| Of::Value(call.gives(Some(*ty)))),
            Of::Total(total) if name == "at" => Of::Earlier(total.clone()),
            _ => Of::Unknown,
        }
    }

    /// Returns what a name after a point is.
    pub(crate) fn member(&self, of: &Of, name: &str) -> Of {
        match of {
            Of::Value(Type { base: Base::Record(record), .. }) => {
                if name == "attributes" {
                    return match record {
                        Record::Partner => Of::Names(NameKind::PartnerAttribute),
                        Record::Item => Of::Names(NameKind::ItemAttribute),
                        _ => Of::Unknown,
                    };
                }
                fields()
                    .find(|field| field.record == *record && field.name == name)
                    .map_or(Of::Unknown, |field| Of::Value(field.ty))
            }
            Of::Value(ty) => calls()
                .find(|call| call.form == CallForm::Property && call.name == name && call.takes(ty.base))
                .map_or(Of::Unknown, |call| Of::Value(call.gives(Some(*ty)))),
            Of::Names(NameKind::Total) => Of::Total(name.to_owned()),
            Of::Names(kind) => self
                .names
                .find(*kind, name, self.file)
                .and_then(|declared| declared.ty)
                .map_or(Of::Unknown, Of::Value),
            Of::Total(total) if matches!(name, "previous" | "year_to_date") => Of::Earlier(total.clone()),
            Of::Total(_) => sum(name).map_or(Of::Unknown, Of::Sum),
            Of::Earlier(_) => sum(name).map_or(Of::Unknown, |base| Of::Value(Type::known(base))),
            Of::Sum(base) => Of::Value(Type::known(*base)),
            Of::Unknown => Of::Unknown,
        }
    }
}

fn sum(name: &str) -> Option<Base> {
    TOTAL_SUMS.iter().find(|(sum, ..)| *sum == name).map(|(_, base, _)| *base)
}

fn value(of: Of) -> Option<Type> {
    match of {
        Of::Value(ty) => Some(ty),
        _ => None,
    }
}

/// Returns the type of a computed value.
fn arithmetic(operator: &str, left: &Of, right: &Of) -> Of {
    use Base::{Date, Decimal, Duration, Integer, Money, Time};
    let (Of::Value(a), Of::Value(b)) = (left, right) else { return Of::Unknown };
    let base = match (operator, a.base, b.base) {
        ("/", Money, Money) => Decimal,
        ("-", Time, Time) | ("-", Date, Date) => Duration,
        (_, Money, _) | ("*", _, Money) => Money,
        (_, Time, Duration) => Time,
        (_, Date, Duration) => Date,
        (_, Duration, Duration | Integer) | ("*", Integer, Duration) => Duration,
        (_, Integer, Integer) => Integer,
        (_, Integer | Decimal, Integer | Decimal) => Decimal,
        _ => return Of::Unknown,
    };
    Of::Value(Type::known(base))
}

/// Returns the phases in which a rule runs.
fn phases(rule: &RuleText, names: &Names, file: &str) -> Vec<Phase> {
    if let Some(phase) = rule.phase {
        return vec![phase];
    }
    let mut phases: Vec<Phase> =
        names.scripts.get(file).into_iter().flatten().map(|(_, phase)| *phase).collect();
    if phases.is_empty() {
        phases = vec![Phase::Restrict, Phase::PayOrder, Phase::PayItem];
    }
    phases.sort();
    phases.dedup();
    phases
}

/// Returns the name of a type, for a person.
pub(crate) fn shown(ty: Type) -> String {
    ty.to_string()
}
