//! Tells checked rules in words: conditions and values as sentences, scripts as nested lists of sentences.
//!
//! Every constant of a rule is told exactly once. A local that is read once, or whose value has no number, is told where it is read;
//! any other local gets a letter.

use super::context::Context;
use super::model::{Line, Sentence};
use super::numbers;
use super::sentence::{all, capitalized, counted, fill, list, name, say, words};
use super::words::{self, Phrase};
use crate::lang::catalog::{Builtin, Field, Verb};
use crate::lang::{
    ArmValue, Base, BinaryOp, Block, Compared, Comparison, Const, Element, Expr, ExprKind, Node, Record,
    Rule, Stmt, Switch, TotalAt, TotalField, TotalSum, UnaryOp,
};

/// How a decimal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Plain,
    /// As a percentage, since it is a rate.
    Percent,
    /// As a number of percentage points.
    Points,
}

/// A local of the rule, by its slot.
#[derive(Clone, Debug)]
enum Local<'r> {
    /// Told where it is read.
    Inline {
        value: &'r Expr,
        /// Whether its numbers were told before.
        is_told: bool,
    },
    /// Told by a name: a loop's element or counter, a parameter, or a letter.
    Named(Sentence),
}

/// A sentence, and lines that belong below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) sentence: Sentence,
    pub(super) lines: Vec<Line>,
}

/// Tells one rule.
struct Teller<'t, 'a, 'r> {
    context: &'t Context<'a>,
    rule: &'r Rule,
    /// The path of the rule, and of the function whose code is told.
    owner: String,
    locals: Vec<Local<'r>>,
    /// The letters that were given so far.
    letters: u32,
    /// Whether a function with this index was called.
    called: Vec<bool>,
}

/// Returns the condition of an expression in words. `owner` is the path of the rule in the terms.
pub(super) fn condition(context: &Context<'_>, rule: &Rule, owner: &str) -> Told {
    expression(context, rule, owner, |teller, value| teller.condition(value, true))
}

/// Returns the value of an expression in words.
pub(super) fn value(context: &Context<'_>, rule: &Rule, owner: &str) -> Told {
    expression(context, rule, owner, |teller, value| teller.value(value, Shape::Plain))
}

fn expression<'r>(
    context: &Context<'_>,
    rule: &'r Rule,
    owner: &str,
    tell: impl Fn(&mut Teller<'_, '_, 'r>, &'r Expr) -> Sentence,
) -> Told {
    let mut teller = Teller::new(context, rule, owner);
    let mut lines = Vec::new();
    teller.statements(&rule.body.stmts, 1, &mut lines);
    let sentence = rule.body.value.as_ref().map(|value| tell(&mut teller, value)).unwrap_or_default();
    teller.functions(1, &mut lines);
    Told { sentence, lines }
}

/// Returns a rule file as a nested list.
pub(super) fn script(context: &Context<'_>, rule: &Rule, owner: &str, depth: u8) -> Vec<Line> {
    let mut teller = Teller::new(context, rule, owner);
    let mut lines = Vec::new();
    teller.block(&rule.body, depth, &mut lines);
    teller.functions(depth, &mut lines);
    lines
}

/// Returns the verbs that a rule may say, each once.
pub(super) fn verbs(rule: &Rule) -> Vec<Verb> {
    let mut found = Vec::new();
    let mut meet = |node: Node<'_>| {
        if let Node::Stmt(Stmt::Verb { verb, .. }) = node
            && !found.contains(verb)
        {
            found.push(*verb);
        }
    };
    rule.body.walk(&mut meet);
    rule.functions.iter().for_each(|function| function.body.walk(&mut meet));
    found
}

/// Returns whether an expression has a number of its own.
fn has_number(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |node| {
        if let Node::Expr(expr) = node {
            found |= match &expr.kind {
                ExprKind::Const(of) => !matches!(of, Const::Unit | Const::Bool(_) | Const::Text(_)),
                ExprKind::Total(_, field) => matches!(field.at, TotalAt::Named(_)),
                ExprKind::Switch(_) => true,
                _ => false,
            };
        }
    });
    found
}

/// Returns whether an expression reads a fact and computes nothing, so that repeating it is short.
fn is_fact(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Fact(_)
        | ExprKind::Attribute(_)
        | ExprKind::ItemAttribute(..)
        | ExprKind::Total(..)
        | ExprKind::FieldOf(..) => true,
        ExprKind::Unary(UnaryOp::ToDecimal, of) => is_fact(of),
        _ => false,
    }
}

/// Returns whether the value of a local may be repeated: a fact, with or without a default that is a constant.
fn is_short(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Coalesce(first, rest) => {
            is_fact(first) && rest.iter().all(|operand| matches!(operand.expr.kind, ExprKind::Const(_)))
        }
        _ => is_fact(value),
    }
}

/// Returns whether a condition asks that a fact is known, and the next condition reads that fact.
fn guards(condition: &Expr, next: &Expr) -> bool {
    let ExprKind::Known(of) = &condition.kind else { return false };
    let mut reads = false;
    next.walk(&mut |node| {
        if let Node::Expr(expr) = node {
            reads |= match (&expr.kind, &of.kind) {
                (ExprKind::Fact(read), ExprKind::Fact(known)) => read == known,
                (ExprKind::Attribute(read), ExprKind::Attribute(known)) => read == known,
                _ => false,
            };
        }
    });
    reads && !matches!(of.kind, ExprKind::Fact(Field::FOLLOWS_ID))
}

/// What a body does with the local of a slot.
#[derive(Clone, Copy, Debug, Default)]
struct Uses<'r> {
    sets: usize,
    loops: usize,
    reads: usize,
    value: Option<&'r Expr>,
    /// The list whose elements the local holds; `None` for a counter.
    list: Option<&'r Expr>,
}

fn uses(body: &Block, slots: u16) -> Vec<Uses<'_>> {
    let mut uses = vec![Uses::default(); usize::from(slots)];
    body.walk(&mut |node| match node {
        Node::Stmt(Stmt::Set { slot, value }) => {
            if let Some(uses) = uses.get_mut(usize::from(*slot)) {
                uses.sets = uses.sets.saturating_add(1);
                uses.value = Some(value);
            }
        }
        Node::Stmt(Stmt::For { slot, counter, list, .. }) => {
            for (slot, list) in [(Some(*slot), Some(list)), (*counter, None)] {
                if let Some(uses) = slot.and_then(|slot| uses.get_mut(usize::from(slot))) {
                    uses.loops = uses.loops.saturating_add(1);
                    uses.list = list;
                }
            }
        }
        Node::Expr(Expr { kind: ExprKind::Local(slot), .. }) => {
            if let Some(uses) = uses.get_mut(usize::from(*slot)) {
                uses.reads = uses.reads.saturating_add(1);
            }
        }
        _ => {}
    });
    uses
}

/// Returns the locals that an expression reads.
fn reads(value: &Expr) -> Vec<u16> {
    let mut found = Vec::new();
    value.walk(&mut |node| {
        if let Node::Expr(Expr { kind: ExprKind::Local(slot), .. }) = node {
            found.push(*slot);
        }
    });
    found
}

impl<'t, 'a, 'r> Teller<'t, 'a, 'r> {
    fn new(context: &'t Context<'a>, rule: &'r Rule, owner: &str) -> Self {
        let called = vec![false; rule.functions.len()];
        let mut teller =
            Self { context, rule, owner: owner.to_owned(), locals: Vec::new(), letters: 0, called };
        teller.enter(&rule.body, rule.slots, 0);
        teller
    }

    fn letter(&mut self) -> Sentence {
        let number = self.letters;
        self.letters = number.saturating_add(1);
        let letter = u8::try_from(number % 26).map_or('A', |n| char::from(b'A'.saturating_add(n)));
        let round = number / 26;
        name(if round == 0 { letter.to_string() } else { format!("{letter}{round}") })
    }

    /// Decides how the locals of a body are told. Slots below `params` are parameters.
    fn enter(&mut self, body: &'r Block, slots: u16, params: u16) {
        let uses = uses(body, slots);
        let is_loop = |of: &Uses<'_>| of.loops > 0 && of.sets == 0;
        let mut locals = Vec::new();
        for (slot, of) in uses.iter().enumerate() {
            let is_stable = |slot: &u16| {
                let of = uses.get(usize::from(*slot)).copied().unwrap_or_default();
                usize::from(*slot) < usize::from(params) || is_loop(&of) || of.sets == 1
            };
            let inline = of.value.filter(|value| {
                let is_repeatable = of.reads == 1 || is_short(value);
                of.sets == 1
                    && of.loops == 0
                    && of.reads > 0
                    && slot >= usize::from(params)
                    && is_repeatable
                    && reads(value).iter().all(is_stable)
            });
            let local = match inline {
                Some(value) => Local::Inline { value, is_told: false },
                None if is_loop(of) => {
                    let noun = of.list.map_or(Phrase::Counter, |list| element(list));
                    let alike = |other: &Uses<'_>| {
                        is_loop(other) && other.list.map_or(Phrase::Counter, element) == noun
                    };
                    let loops: usize =
                        uses.iter().filter(|other| alike(other)).map(|other| other.loops).sum();
                    let of_item = self.rule.phase.is_of_item() && noun == Phrase::ItemNoun;
                    if loops > 1 || of_item || noun == Phrase::Counter {
                        let letter = self.letter();
                        Local::Named(say(Phrase::Lettered, [words(noun), letter]))
                    } else {
                        Local::Named(say(Phrase::TheElement, [words(noun)]))
                    }
                }
                None => Local::Named(self.letter()),
            };
            locals.push(local);
        }
        self.locals = locals;
    }

    /// Tells the functions that were called, each once.
    fn functions(&mut self, depth: u8, lines: &mut Vec<Line>) {
        let rule = self.rule;
        let owner = std::mem::take(&mut self.owner);
        // A function calls only functions with a lower index.
        for (index, function) in rule.functions.iter().enumerate().rev() {
            if self.called.get(index) != Some(&true) {
                continue;
            }
            self.owner = format!("{owner}.functions[{index}]");
            self.enter(&function.body, function.slots, function.params);
            let params = self.locals.iter().take(usize::from(function.params)).map(|local| match local {
                Local::Named(name) => name.clone(),
                Local::Inline { .. } => Sentence::new(),
            });
            let of = match params.collect::<Vec<_>>() {
                params if params.is_empty() => self.function_name(index),
                params => say(Phrase::FunctionOf, [self.function_name(index), list(params, Phrase::And)]),
            };
            if let ([], Some(value)) = (function.body.stmts.as_slice(), &function.body.value)
                && value.ty.base != Base::Unit
            {
                let value = self.anything(value, Shape::Plain);
                lines.push(line(depth, say(Phrase::WhereIs, [of, value])));
            } else {
                lines.push(line(depth, say(Phrase::Where, [of])));
                self.block(&function.body, depth.saturating_add(1), lines);
            }
        }
        self.owner = owner;
    }

    fn function_name(&self, index: usize) -> Sentence {
        let functions = &self.rule.functions;
        let called = functions.get(index).map_or("", |function| function.name.as_str());
        let before = functions.iter().take(index).filter(|function| function.name == called).count();
        name(if before == 0 { called.to_owned() } else { format!("{called} {}", before.saturating_add(1)) })
    }

    // --- statements

    fn block(&mut self, block: &'r Block, depth: u8, lines: &mut Vec<Line>) {
        let from = lines.len();
        self.statements(&block.stmts, depth, lines);
        match &block.value {
            Some(value) if value.ty.base == Base::Unit => self.run(value, depth, lines),
            Some(value) => {
                let value = self.anything(value, Shape::Plain);
                lines.push(line(depth, say(Phrase::ResultIs, [value])));
            }
            None => {}
        }
        if lines.len() == from {
            lines.push(line(depth, words(Phrase::NothingHappens)));
        }
    }

    fn statements(&mut self, statements: &'r [Stmt], depth: u8, lines: &mut Vec<Line>) {
        for stmt in statements {
            match stmt {
                Stmt::Set { slot, value } => match self.locals.get(usize::from(*slot)).cloned() {
                    Some(Local::Inline { .. }) => {}
                    Some(Local::Named(local)) => {
                        let value = self.anything(value, Shape::Plain);
                        lines.push(line(depth, say(Phrase::Let, [local, value])));
                    }
                    None => {}
                },
                Stmt::Do(value) => self.run(value, depth, lines),
                Stmt::For { slot, counter, list, body } => {
                    let of = self.value(list, Shape::Plain);
                    let element = self.local_name(*slot);
                    let head = match counter {
                        Some(counter) => {
                            let counter = self.local_name(*counter);
                            say(Phrase::ForEachCounted, [of, element, counter])
                        }
                        // What has no letter is called by its kind.
                        None if element.len() == 1 => say(Phrase::ForEach, [of]),
                        None => say(Phrase::ForEachCalled, [of, element]),
                    };
                    lines.push(line(depth, head));
                    self.block(body, depth.saturating_add(1), lines);
                }
                Stmt::Verb { verb, args, .. } => {
                    let verb = self.verb(*verb, args);
                    lines.push(line(depth, say(Phrase::Stop, [capitalized(verb)])));
                }
                Stmt::Return(Some(value), _) if value.ty.base != Base::Unit => {
                    let value = self.anything(value, Shape::Plain);
                    lines.push(line(depth, say(Phrase::ReturnIs, [value])));
                }
                Stmt::Return(..) => lines.push(line(depth, words(Phrase::Return))),
                Stmt::Break(_) => lines.push(line(depth, words(Phrase::Break))),
                Stmt::Continue(_) => lines.push(line(depth, words(Phrase::Continue))),
            }
        }
    }

    fn local_name(&self, slot: u16) -> Sentence {
        match self.locals.get(usize::from(slot)) {
            Some(Local::Named(name)) => name.clone(),
            _ => Sentence::new(),
        }
    }

    /// Tells an expression that is run for its effect.
    fn run(&mut self, value: &'r Expr, depth: u8, lines: &mut Vec<Line>) {
        match &value.kind {
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.condition(condition, true);
                self.branch(Phrase::If, [condition], then, depth, lines);
                if let Some(otherwise) = otherwise {
                    self.otherwise(otherwise, depth, lines);
                }
            }
            ExprKind::Switch(switch) => self.switch(switch, depth, lines),
            ExprKind::Block(block) => self.block(block, depth, lines),
            ExprKind::Const(Const::Unit) => {}
            ExprKind::Call(index, args) => {
                let call = self.call(*index, args);
                lines.push(line(depth, say(Phrase::DoCall, [call])));
            }
            _ => {
                let value = self.anything(value, Shape::Plain);
                lines.push(line(depth, say(Phrase::Computes, [value])));
            }
        }
    }

    fn otherwise(&mut self, block: &'r Block, depth: u8, lines: &mut Vec<Line>) {
        let only = match (block.stmts.as_slice(), &block.value) {
            ([Stmt::Do(only)], None) => Some(only),
            ([], Some(only)) => Some(only),
            _ => None,
        };
        if let Some(Expr { kind: ExprKind::If(condition, then, otherwise), ty, .. }) = only
            && ty.base == Base::Unit
        {
            let condition = self.condition(condition, true);
            self.branch(Phrase::OtherwiseIf, [condition], then, depth, lines);
            if let Some(otherwise) = otherwise {
                self.otherwise(otherwise, depth, lines);
            }
            return;
        }
        self.branch(Phrase::Otherwise, [], block, depth, lines);
    }

    /// Tells a head and the code below it: on one line if the code is one verb.
    fn branch<const N: usize>(
        &mut self,
        head: Phrase,
        arguments: [Sentence; N],
        block: &'r Block,
        depth: u8,
        lines: &mut Vec<Line>,
    ) {
        let head = capitalized(say(head, arguments));
        if let ([Stmt::Verb { verb, args, .. }], None) = (block.stmts.as_slice(), &block.value) {
            let verb = self.verb(*verb, args);
            lines.push(line(depth, say(Phrase::HeadThen, [head, verb])));
            return;
        }
        lines.push(line(depth, say(Phrase::Head, [head])));
        self.block(block, depth.saturating_add(1), lines);
    }

    fn switch(&mut self, switch: &'r Switch, depth: u8, lines: &mut Vec<Line>) {
        let subject = self.anything(&switch.subject, Shape::Plain);
        lines.push(line(depth, say(Phrase::By, [subject])));
        let inner = depth.saturating_add(1);
        for (n, arm) in switch.arms.iter().enumerate() {
            let head = self.arm(switch, n);
            self.branch(Phrase::Bare, [head], &arm.body, inner, lines);
        }
        if let Some(default) = &switch.default {
            self.branch(Phrase::ForAnyOther, [], default, inner, lines);
        }
    }

    /// Tells when an arm of a switch runs.
    fn arm(&mut self, switch: &'r Switch, n: usize) -> Sentence {
        let Some(arm) = switch.arms.get(n) else { return Sentence::new() };
        let span = switch.subject.span;
        let path = format!("{}@{}..{}.arms[{n}]", self.owner, span.start, span.end);
        let values = arm.values.iter().enumerate().map(|(n, value)| match value {
            ArmValue::Const(value) => self.constant(value, &format!("{path}[{n}]"), Shape::Plain),
            ArmValue::Range { start, end, inclusive } => {
                let of = |value: &i64, key: &str| {
                    self.context.number(value.to_string(), &format!("{path}[{n}].{key}"))
                };
                let phrase = if *inclusive { Phrase::Range } else { Phrase::RangeBelow };
                say(phrase, [of(start, "start"), of(end, "end")])
            }
        });
        let values = list(values.collect(), Phrase::Or);
        match &arm.condition {
            Some(condition) => {
                let condition = self.condition(&condition.expr, true);
                say(Phrase::ArmIf, [values, condition])
            }
            None => values,
        }
    }

    fn verb(&mut self, verb: Verb, args: &'r [Expr]) -> Sentence {
        let mut args = args.iter();
        let (first, second) = (args.next(), args.next());
        let Some(first) = first else { return Sentence::new() };
        let of_item = self.rule.phase.is_of_item();
        match verb {
            Verb::Rate => {
                let rate = self.value(first, Shape::Percent);
                say(if of_item { Phrase::RateOfItem } else { Phrase::Rate }, [rate])
            }
            Verb::AddPoints => {
                let points = self.value(first, Shape::Points);
                counted(points, Phrase::AddPoint, Phrase::AddPoints)
            }
            Verb::Multiply => {
                let factor = self.value(first, Shape::Plain);
                say(Phrase::Multiply, [factor])
            }
            Verb::Add => {
                let amount = self.value(first, Shape::Plain);
                say(if of_item { Phrase::AddPerItem } else { Phrase::AddFlat }, [amount])
            }
            Verb::AddPerUnit => {
                let amount = self.value(first, Shape::Plain);
                say(Phrase::AddPerUnit, [amount])
            }
            Verb::AddPerOrder => {
                let amount = self.value(first, Shape::Plain);
                say(Phrase::AddPerOrder, [amount])
            }
            Verb::Reject | Verb::Zero | Verb::Flag | Verb::Notice | Verb::Hold | Verb::HoldUntil => {
                let reason = self.reason(first);
                match (verb, second) {
                    (Verb::Hold, Some(length)) => {
                        let length = self.value(length, Shape::Plain);
                        say(Phrase::HoldFor, [length, reason])
                    }
                    (Verb::HoldUntil, Some(date)) => {
                        let date = self.value(date, Shape::Plain);
                        say(Phrase::HoldUntil, [date, reason])
                    }
                    (Verb::Reject, _) => say(Phrase::Reject, [reason]),
                    (Verb::Zero, _) => say(Phrase::Zero, [reason]),
                    (Verb::Flag, _) => say(Phrase::Flag, [reason]),
                    (Verb::Notice, _) => say(Phrase::Notice, [reason]),
                    _ => say(Phrase::Hold, [reason]),
                }
            }
        }
    }

    fn reason(&mut self, code: &'r Expr) -> Sentence {
        match &code.kind {
            ExprKind::Const(Const::Text(code)) => self.context.reason(code),
            _ => self.value(code, Shape::Plain),
        }
    }

    // --- conditions

    /// Tells a value of any type: a bool as whether its condition holds.
    fn anything(&mut self, expr: &'r Expr, shape: Shape) -> Sentence {
        if expr.ty.base == Base::Bool && !matches!(expr.kind, ExprKind::Local(_) | ExprKind::Call(..)) {
            let condition = self.condition(expr, true);
            return say(Phrase::Whether, [condition]);
        }
        self.value(expr, shape)
    }

    /// Tells when a bool is true, or when it is false.
    fn condition(&mut self, expr: &'r Expr, yes: bool) -> Sentence {
        match &expr.kind {
            ExprKind::Const(Const::Bool(value)) => {
                words(if *value == yes { Phrase::Always } else { Phrase::Never })
            }
            ExprKind::Unary(UnaryOp::Not, of) => self.condition(of, !yes),
            ExprKind::And(first, rest) => self.operands(first, rest, yes, yes),
            ExprKind::Or(first, rest) => self.operands(first, rest, yes, !yes),
            ExprKind::Binary(BinaryOp::Compare(comparison, compared), pair) => {
                self.compare(*comparison, *compared, (&pair.0, &pair.1), yes)
            }
            ExprKind::Binary(BinaryOp::In, pair) => self.is_in(&pair.0, &pair.1, yes),
            ExprKind::Known(of) if matches!(of.kind, ExprKind::Fact(Field::FOLLOWS_ID)) => {
                words(if yes { Phrase::Follows } else { Phrase::FollowsNone })
            }
            ExprKind::Known(of) => {
                let of = self.value(of, Shape::Plain);
                say(if yes { Phrase::IsKnown } else { Phrase::IsUnknown }, [of])
            }
            ExprKind::Coalesce(first, rest) if rest.len() == 1 && is_fact(first) => {
                let default = rest.first().map(|operand| &operand.expr.kind);
                let Some(ExprKind::Const(Const::Bool(default))) = default else {
                    return self.holds(expr, yes);
                };
                let told = self.condition(first, yes);
                if *default == yes { say(Phrase::OrUnknown, [told]) } else { told }
            }
            ExprKind::Fact(field) if *field == Field::CREATIVE_ALLOWED => {
                words(if yes { Phrase::CreativeAllowed } else { Phrase::CreativeNotAllowed })
            }
            ExprKind::Local(slot) => match self.locals.get_mut(usize::from(*slot)) {
                Some(Local::Inline { value, is_told }) => {
                    let value = *value;
                    *is_told = true;
                    self.condition(value, yes)
                }
                _ => self.holds(expr, yes),
            },
            ExprKind::Builtin(builtin, args) => match self.question(*builtin, args, yes) {
                Some(told) => told,
                None => self.holds(expr, yes),
            },
            _ => self.holds(expr, yes),
        }
    }

    fn holds(&mut self, expr: &'r Expr, yes: bool) -> Sentence {
        let value = self.value(expr, Shape::Plain);
        say(if yes { Phrase::IsTrue } else { Phrase::IsFalse }, [value])
    }

    fn operands(
        &mut self,
        first: &'r Expr,
        rest: &'r [crate::lang::Operand],
        yes: bool,
        is_and: bool,
    ) -> Sentence {
        let mut told = Vec::new();
        let operands: Vec<&'r Expr> =
            std::iter::once(first).chain(rest.iter().map(|operand| &operand.expr)).collect();
        let mut is_guarded = false;
        for (n, operand) in operands.iter().enumerate() {
            let next = n.checked_add(1).and_then(|next| operands.get(next));
            // `known(x) && x …` is told as a condition on what is known.
            if yes && is_and && next.is_some_and(|next| guards(operand, next)) {
                is_guarded = true;
                continue;
            }
            let mut sentence = self.condition(operand, yes);
            if self.is_compound(operand) {
                sentence = say(Phrase::InBrackets, [sentence]);
            }
            if std::mem::take(&mut is_guarded) {
                sentence = say(Phrase::WhereKnown, [sentence]);
            }
            told.push(sentence);
        }
        super::sentence::joined(told, if is_and { Phrase::And } else { Phrase::Or })
    }

    /// Returns whether a condition is told as several, so that it needs brackets among others.
    fn is_compound(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::And(..) | ExprKind::Or(..) => true,
            ExprKind::Unary(UnaryOp::Not, of) => self.is_compound(of),
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, .. }) => self.is_compound(value),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns the text or bool constant that a fact defaults to.
    fn default_of(expr: &'r Expr) -> Option<(&'r Expr, &'r Const)> {
        let ExprKind::Coalesce(first, rest) = &expr.kind else { return None };
        let [operand] = rest.as_slice() else { return None };
        match &operand.expr.kind {
            ExprKind::Const(default @ Const::Text(_)) if is_fact(first) => Some((first, default)),
            _ => None,
        }
    }

    /// Returns an expression with the locals replaced that are told where they are read.
    fn resolved(&mut self, expr: &'r Expr) -> &'r Expr {
        match &expr.kind {
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, is_told: false }) if Self::default_of(value).is_some() => value,
                _ => expr,
            },
            _ => expr,
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        compared: Compared,
        (left, right): (&'r Expr, &'r Expr),
        yes: bool,
    ) -> Sentence {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let (left, right, comparison) = match (&left.kind, &right.kind) {
            (ExprKind::Const(_), ExprKind::Const(_)) | (_, ExprKind::Const(_)) => (left, right, comparison),
            (ExprKind::Const(_), _) => {
                let mirrored = match comparison {
                    Less => Greater,
                    LessOrEqual => GreaterOrEqual,
                    Greater => Less,
                    GreaterOrEqual => LessOrEqual,
                    same => same,
                };
                (right, left, mirrored)
            }
            _ => (left, right, comparison),
        };
        let comparison = match (comparison, yes) {
            (same, true) => same,
            (Equal, false) => NotEqual,
            (NotEqual, false) => Equal,
            (Less, false) => GreaterOrEqual,
            (LessOrEqual, false) => Greater,
            (Greater, false) => LessOrEqual,
            (GreaterOrEqual, false) => Less,
        };
        if let (Compared::Bool, ExprKind::Const(Const::Bool(value))) = (compared, &right.kind) {
            return self.condition(left, *value == (comparison == Equal));
        }
        let subject = self.resolved(left);
        if let (Some((fact, Const::Text(default))), ExprKind::Const(Const::Text(text))) =
            (Self::default_of(subject), &right.kind)
        {
            let if_unknown = (default == text) == (comparison == Equal);
            let told = [self.value(fact, Shape::Plain), self.context.literal(text)];
            return match (comparison, if_unknown) {
                (Equal, false) => say(Phrase::Is, told),
                (Equal, true) => say(Phrase::OrUnknown, [say(Phrase::Is, told)]),
                (_, true) => say(Phrase::OrUnknown, [say(Phrase::IsNot, told)]),
                (_, false) => say(Phrase::IsKnownNot, told),
            };
        }
        let is_moment = matches!(compared, Compared::Time | Compared::Date);
        let phrase = match (comparison, is_moment) {
            (Equal, _) => Phrase::Is,
            (NotEqual, _) => Phrase::IsNot,
            (Less, false) => Phrase::IsBelow,
            (LessOrEqual, false) => Phrase::IsAtMost,
            (Greater, false) => Phrase::IsAbove,
            (GreaterOrEqual, false) => Phrase::IsAtLeast,
            (Less, true) => Phrase::IsBefore,
            (LessOrEqual, true) => Phrase::IsNotAfter,
            (Greater, true) => Phrase::IsAfter,
            (GreaterOrEqual, true) => Phrase::IsNotBefore,
        };
        let left = self.anything(left, Shape::Plain);
        let right = self.anything(right, Shape::Plain);
        say(phrase, [left, right])
    }

    fn is_in(&mut self, text: &'r Expr, of: &'r Expr, yes: bool) -> Sentence {
        let ExprKind::NamedList(index) = &of.kind else {
            let list = self.value(of, Shape::Plain);
            let text = self.value(text, Shape::Plain);
            return say(if yes { Phrase::Include } else { Phrase::IncludeNot }, [list, text]);
        };
        let named = self.context.terms.lists.get_index(usize::from(*index));
        let list = named.map(|(name, list)| self.context.named_list(name, list)).unwrap_or_default();
        let subject = self.resolved(text);
        let default = Self::default_of(subject);
        let told = [self.value(default.map_or(text, |(fact, _)| fact), Shape::Plain), list];
        let if_unknown = match (default, named) {
            (Some((_, Const::Text(default))), Some((_, list))) => Some(list.contains(default) == yes),
            _ => None,
        };
        match (yes, if_unknown) {
            (true, Some(true)) => say(Phrase::OrUnknown, [say(Phrase::IsOneOf, told)]),
            (true, _) => say(Phrase::IsOneOf, told),
            (false, Some(true)) => say(Phrase::OrUnknown, [say(Phrase::IsNoneOf, told)]),
            (false, Some(false)) => say(Phrase::IsKnownNoneOf, told),
            (false, None) => say(Phrase::IsNoneOf, told),
        }
    }

    /// Tells a built-in that answers a question; `None` for any other.
    fn question(&mut self, builtin: Builtin, args: &'r [Expr], yes: bool) -> Option<Sentence> {
        let phrase = match (builtin, yes) {
            (Builtin::StartsWith, true) => Phrase::StartsWith,
            (Builtin::StartsWith, false) => Phrase::StartsNotWith,
            (Builtin::EndsWith, true) => Phrase::EndsWith,
            (Builtin::EndsWith, false) => Phrase::EndsNotWith,
            (Builtin::Contains, true) => Phrase::Contains,
            (Builtin::Contains, false) => Phrase::ContainsNot,
            (Builtin::ExpiredAt, true) => Phrase::Expired,
            (Builtin::ExpiredAt, false) => Phrase::NotExpired,
            (Builtin::NotYetValidAt, true) => Phrase::NotYetValid,
            (Builtin::NotYetValidAt, false) => Phrase::AlreadyValid,
            (Builtin::PromoActive, true) => Phrase::PromoActive,
            (Builtin::PromoActive, false) => Phrase::PromoNotActive,
            _ => return None,
        };
        if matches!(builtin, Builtin::ExpiredAt | Builtin::NotYetValidAt) {
            // There is only one creative; only the moment is told.
            let at = self.value(args.last()?, Shape::Plain);
            return Some(say(phrase, [at]));
        }
        let [first, second] = args else { return None };
        let told = [self.value(first, Shape::Plain), self.value(second, Shape::Plain)];
        Some(say(phrase, told))
    }

    // --- values

    fn constant(&self, value: &Const, path: &str, shape: Shape) -> Sentence {
        let number = match (value, shape) {
            (Const::Text(text), _) => return self.context.literal(text),
            (Const::Bool(true), _) => return words(Phrase::True),
            (Const::Bool(false), _) => return words(Phrase::False),
            (Const::Unit, _) => return Sentence::new(),
            (Const::Decimal(value), Shape::Percent) => Some(numbers::percent(*value)),
            (Const::Decimal(value), Shape::Points) => Some(numbers::hundredths(*value)),
            (value, _) => numbers::constant(value, self.context.version.currency, self.context.terms.zone),
        };
        self.context.number(number.unwrap_or_default(), path)
    }

    fn value(&mut self, expr: &'r Expr, shape: Shape) -> Sentence {
        let path = || format!("{}@{}..{}", self.owner, expr.span.start, expr.span.end);
        match &expr.kind {
            ExprKind::Const(value) => self.constant(value, &path(), shape),
            ExprKind::Local(slot) => self.local(*slot, shape),
            ExprKind::Fact(field) => fact(*field, None),
            ExprKind::FieldOf(field, of) => {
                let of = self.value(of, Shape::Plain);
                fact(*field, Some(of))
            }
            ExprKind::Attribute(index) => self.attribute(*index, None),
            ExprKind::ItemAttribute(index, of) => {
                let of = of.as_ref().map(|of| self.value(of, Shape::Plain));
                self.attribute(*index, Some(of.unwrap_or_else(the_item)))
            }
            ExprKind::Total(index, field) => self.total(*index, *field, &path()),
            ExprKind::NamedList(index) => {
                let named = self.context.terms.lists.get_index(usize::from(*index));
                named.map(|(name, list)| self.context.named_list(name, list)).unwrap_or_default()
            }
            ExprKind::Unary(UnaryOp::ToDecimal, of) => self.value(of, shape),
            ExprKind::Unary(UnaryOp::Not, _)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Known(_)
            | ExprKind::Binary(BinaryOp::Compare(..) | BinaryOp::In, _) => {
                let condition = self.condition(expr, true);
                say(Phrase::InBrackets, [condition])
            }
            ExprKind::Unary(_, of) => {
                let of = self.operand(of);
                say(Phrase::Minus, [of])
            }
            ExprKind::Binary(op, pair) => self.arithmetic(*op, &pair.0, &pair.1),
            ExprKind::Coalesce(first, rest) => {
                let mut told = self.value(first, shape);
                for operand in rest {
                    told = match &operand.expr.kind {
                        ExprKind::Const(Const::Text(text)) if text.is_empty() => told,
                        _ => {
                            let default = self.anything(&operand.expr, shape);
                            say(Phrase::IfUnknown, [told, default])
                        }
                    };
                }
                told
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.condition(condition, true);
                let then = self.block_value(then, shape);
                match otherwise {
                    Some(otherwise) => {
                        let otherwise = self.block_value(otherwise, shape);
                        say(Phrase::IfElse, [then, condition, otherwise])
                    }
                    None => say(Phrase::IfOnly, [then, condition]),
                }
            }
            ExprKind::Switch(switch) => {
                let subject = self.anything(&switch.subject, Shape::Plain);
                let mut told = Vec::new();
                for (n, arm) in switch.arms.iter().enumerate() {
                    let head = self.arm(switch, n);
                    let body = self.block_value(&arm.body, shape);
                    told.push(say(Phrase::ArmValue, [body, head]));
                }
                if let Some(default) = &switch.default {
                    let body = self.block_value(default, shape);
                    told.push(say(Phrase::OtherwiseValue, [body]));
                }
                say(Phrase::SwitchValue, [subject, list(told, Phrase::Comma)])
            }
            ExprKind::Block(block) => self.block_value(block, shape),
            ExprKind::Call(index, args) => self.call(*index, args),
            ExprKind::Builtin(builtin, args) => self.builtin(*builtin, args, expr),
        }
    }

    /// Tells the value of a block, after what its statements do.
    fn block_value(&mut self, block: &'r Block, shape: Shape) -> Sentence {
        let mut lines = Vec::new();
        self.statements(&block.stmts, 0, &mut lines);
        let value = match &block.value {
            Some(value) if value.ty.base == Base::Unit => {
                self.run(value, 0, &mut lines);
                None
            }
            Some(value) => Some(self.anything(value, shape)),
            None => None,
        };
        let mut parts: Vec<Sentence> = lines.into_iter().map(|line| line.sentence).collect();
        if parts.is_empty() {
            return value.unwrap_or_default();
        }
        parts.extend(value.map(|value| say(Phrase::ResultIs, [value])));
        say(Phrase::InBrackets, [super::sentence::joined(parts, Phrase::Space)])
    }

    fn local(&mut self, slot: u16, shape: Shape) -> Sentence {
        let Some(local) = self.locals.get_mut(usize::from(slot)) else { return Sentence::new() };
        match local {
            Local::Named(name) => name.clone(),
            Local::Inline { value, is_told } => {
                let value = *value;
                // A short value with a default is repeated without it.
                if std::mem::replace(is_told, true)
                    && let ExprKind::Coalesce(first, _) = &value.kind
                    && has_number(value)
                {
                    return self.value(first, shape);
                }
                self.anything(value, shape)
            }
        }
    }

    fn attribute(&self, index: u16, of: Option<Sentence>) -> Sentence {
        use crate::lang::AttributeOf;
        let Some((key, declared)) = self.context.terms.attributes.get_index(usize::from(index)) else {
            return Sentence::new();
        };
        let attribute = name(declared.of.name(key));
        match (declared.of, of) {
            (AttributeOf::Partner, _) => {
                self.context.attributes_told.borrow_mut().insert(index);
                say(Phrase::AttributeOfPartner, [attribute])
            }
            (_, Some(of)) => say(Phrase::AttributeOfItem, [attribute, of]),
            _ => say(Phrase::Attribute, [attribute]),
        }
    }

    fn total(&self, index: u16, field: TotalField, path: &str) -> Sentence {
        let Some(total) = self.context.version.totals.get(usize::from(index)) else {
            return Sentence::new();
        };
        self.context.totals_read.borrow_mut().insert(usize::from(index));
        total_words(self.context, &total.name, total.counter, field, path)
    }

    /// Tells an operand of arithmetic, in brackets if it is computed itself.
    fn operand(&mut self, expr: &'r Expr) -> Sentence {
        let told = self.value(expr, Shape::Plain);
        let is_computed = match &self.resolved_any(expr).kind {
            ExprKind::Binary(..) | ExprKind::If(..) | ExprKind::Switch(_) => true,
            ExprKind::Unary(op, _) => *op != UnaryOp::ToDecimal,
            _ => false,
        };
        if is_computed { say(Phrase::InBrackets, [told]) } else { told }
    }

    fn resolved_any(&self, expr: &'r Expr) -> &'r Expr {
        match &expr.kind {
            ExprKind::Local(slot) => match self.locals.get(usize::from(*slot)) {
                Some(Local::Inline { value, .. }) => self.resolved_any(value),
                _ => expr,
            },
            ExprKind::Unary(UnaryOp::ToDecimal, of) => self.resolved_any(of),
            _ => expr,
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, left: &'r Expr, right: &'r Expr) -> Sentence {
        use BinaryOp as Op;
        let phrase = match op {
            Op::AddInteger | Op::AddDecimal | Op::AddMoney | Op::AddDuration => Phrase::Plus,
            Op::AddTime | Op::AddDate => Phrase::LaterBy,
            Op::SubTime | Op::SubDate => Phrase::EarlierBy,
            Op::SubInteger | Op::SubDecimal | Op::SubMoney | Op::SubDuration => Phrase::Less,
            Op::MulInteger | Op::MulDecimal | Op::MulMoney | Op::MulDuration => Phrase::Times,
            Op::RemInteger | Op::RemDecimal => Phrase::Remainder,
            Op::DivDecimal | Op::DivMoney | Op::RatioMoney => Phrase::DividedBy,
            Op::DiffTime | Op::DiffDate => Phrase::TimeBetween,
            Op::Compare(..) | Op::In => return Sentence::new(),
        };
        if op == Op::DiffTime {
            let told = [self.event(right), self.event(left)];
            return say(phrase, told);
        }
        let is_sum = matches!(phrase, Phrase::Plus | Phrase::Less);
        let left = match &left.kind {
            ExprKind::Binary(..) if is_sum && is_addition(left) => self.value(left, Shape::Plain),
            _ => self.operand(left),
        };
        let right = self.operand(right);
        match phrase {
            Phrase::TimeBetween => say(phrase, [right, left]),
            _ => say(phrase, [left, right]),
        }
    }

    /// Tells a moment as what happened then: `the action` for its time.
    fn event(&mut self, at: &'r Expr) -> Sentence {
        match &at.kind {
            ExprKind::Fact(Field::ACTION_OCCURRED_AT) => words(Phrase::TheAction),
            ExprKind::Fact(Field::FOLLOWS_OCCURRED_AT) => words(Phrase::EarlierAction),
            ExprKind::Fact(Field::TOUCH_AT) => words(Phrase::CreditedTouch),
            _ => self.operand(at),
        }
    }

    fn call(&mut self, index: u16, args: &'r [Expr]) -> Sentence {
        if let Some(called) = self.called.get_mut(usize::from(index)) {
            *called = true;
        }
        let name = self.function_name(usize::from(index));
        if args.is_empty() {
            return name;
        }
        let args: Vec<Sentence> = args.iter().map(|arg| self.anything(arg, Shape::Plain)).collect();
        say(Phrase::FunctionOf, [name, list(args, Phrase::And)])
    }

    fn builtin(&mut self, builtin: Builtin, args: &'r [Expr], expr: &'r Expr) -> Sentence {
        if self.is_question(builtin) {
            let condition = self.condition(expr, true);
            return say(Phrase::InBrackets, [condition]);
        }
        let phrase = match builtin {
            Builtin::Percent => Phrase::Percent,
            Builtin::Days => Phrase::Days,
            Builtin::Hours => Phrase::Hours,
            Builtin::Minutes => Phrase::Minutes,
            Builtin::Min => Phrase::Smaller,
            Builtin::Max => Phrase::Larger,
            Builtin::Abs => Phrase::WithoutSign,
            Builtin::Floor => Phrase::RoundedDown,
            Builtin::Round => Phrase::RoundedTo,
            Builtin::Len => Phrase::NumberOf,
            Builtin::PromoOwner => Phrase::PromoOwner,
            Builtin::TimeDate => Phrase::DateOf,
            Builtin::TimeHour => Phrase::HourOf,
            Builtin::TimeMinute => Phrase::MinuteOf,
            Builtin::PlusMonths => Phrase::PlusMonths,
            Builtin::PlusYears => Phrase::PlusYears,
            Builtin::MonthsBetween => Phrase::MonthsBetween,
            Builtin::StartOfMonth => Phrase::StartOfMonth,
            Builtin::EndOfMonth => Phrase::EndOfMonth,
            Builtin::DateYear => Phrase::YearOf,
            Builtin::DateMonth => Phrase::MonthOf,
            Builtin::DateDay => Phrase::DayOf,
            Builtin::DateWeekday => Phrase::WeekdayOf,
            Builtin::DurationDays => Phrase::WholeDays,
            Builtin::DurationHours => Phrase::WholeHours,
            Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::ExpiredAt
            | Builtin::NotYetValidAt
            | Builtin::PromoActive => return Sentence::new(),
        };
        match args {
            [only] => {
                let only = self.value(only, Shape::Plain);
                say(phrase, [only])
            }
            [first, second] => {
                let told = [self.value(first, Shape::Plain), self.value(second, Shape::Plain)];
                say(phrase, told)
            }
            _ => Sentence::new(),
        }
    }

    fn is_question(&self, builtin: Builtin) -> bool {
        matches!(
            builtin,
            Builtin::StartsWith
                | Builtin::EndsWith
                | Builtin::Contains
                | Builtin::ExpiredAt
                | Builtin::NotYetValidAt
                | Builtin::PromoActive
        )
    }
}

fn is_addition(expr: &Expr) -> bool {
    use BinaryOp as Op;
    matches!(
        expr.kind,
        ExprKind::Binary(
            Op::AddInteger
                | Op::AddDecimal
                | Op::AddMoney
                | Op::AddDuration
                | Op::SubInteger
                | Op::SubDecimal
                | Op::SubMoney
                | Op::SubDuration,
            _
        )
    )
}

fn line(depth: u8, sentence: Sentence) -> Line {
    Line { depth, sentence: capitalized(sentence) }
}

/// Returns the noun for the elements of a list.
fn element(list: &Expr) -> Phrase {
    match list.ty.base {
        Base::List(Element::Item) => Phrase::ItemNoun,
        Base::List(Element::Touch) => Phrase::TouchNoun,
        Base::List(Element::Code) => Phrase::CodeNoun,
        _ => Phrase::TextNoun,
    }
}

/// Tells a fact. `of` is the item or touch that it belongs to; `None` for the item that the rule is about, and the credited touch.
fn fact(field: Field, of: Option<Sentence>) -> Sentence {
    let of = of.unwrap_or_else(|| match field.spec().record {
        Record::Touch => words(Phrase::CreditedTouch),
        _ => the_item(),
    });
    match words::fact(field) {
        Some(text) => fill(text, [of]),
        None => name(field.spec().full_name()),
    }
}

fn the_item() -> Sentence {
    say(Phrase::TheElement, [words(Phrase::ItemNoun)])
}

/// Tells a sum of a declared total.
pub(super) fn total_words(
    context: &Context<'_>,
    total: &str,
    counter: usize,
    field: TotalField,
    path: &str,
) -> Sentence {
    let sum = match field.sum {
        TotalSum::Actions => Phrase::SumActions,
        TotalSum::Units => Phrase::SumUnits,
        TotalSum::Revenue => Phrase::SumRevenue,
        TotalSum::Measured => Phrase::SumMeasured,
        TotalSum::Payouts => Phrase::SumPayouts,
        TotalSum::Payable => Phrase::SumPayable,
        TotalSum::Distinct => Phrase::SumDistinct,
    };
    let sum = say(sum, [name(total)]);
    match field.at {
        TotalAt::Before => say(Phrase::TotalBefore, [sum]),
        TotalAt::WithThis => say(Phrase::TotalWithThis, [sum]),
        TotalAt::Previous => say(Phrase::TotalPrevious, [sum]),
        TotalAt::Named(from) => {
            let period = context.terms.counters.get(counter).map(|counter| counter.period);
            let name = period.map_or_else(|| from.to_string(), |period| period.name_of(from));
            say(Phrase::TotalNamed, [sum, context.number(name, path)])
        }
        TotalAt::AtClose => all([sum]),
        TotalAt::YearToDate => say(Phrase::TotalYear, [sum]),
    }
}
