//! Tells statements: branches, loops, verbs, and the functions that a rule calls.

use super::teller::{Local, Shape, Teller};
use crate::card::model::{Line, Sentence};
use crate::card::sentence::{capitalized, counted, list, say, words};
use crate::card::words::Phrase;
use crate::lang::catalog::Verb;
use crate::lang::{ArmValue, Base, Block, Const, Expr, ExprKind, Stmt, Switch};

impl<'r> Teller<'_, '_, 'r> {
    /// Tells the functions that were called, each once.
    pub(super) fn functions(&mut self, depth: u8, lines: &mut Vec<Line>) {
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

    pub(super) fn block(&mut self, block: &'r Block, depth: u8, lines: &mut Vec<Line>) {
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

    pub(super) fn statements(&mut self, statements: &'r [Stmt], depth: u8, lines: &mut Vec<Line>) {
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

    pub(super) fn local_name(&self, slot: u16) -> Sentence {
        match self.locals.get(usize::from(slot)) {
            Some(Local::Named(name)) => name.clone(),
            _ => Sentence::new(),
        }
    }

    /// Tells an expression that is run for its effect.
    pub(super) fn run(&mut self, value: &'r Expr, depth: u8, lines: &mut Vec<Line>) {
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

    pub(super) fn otherwise(&mut self, block: &'r Block, depth: u8, lines: &mut Vec<Line>) {
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
    pub(super) fn branch<const N: usize>(
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

    pub(super) fn switch(&mut self, switch: &'r Switch, depth: u8, lines: &mut Vec<Line>) {
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
    pub(super) fn arm(&mut self, switch: &'r Switch, n: usize) -> Sentence {
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

    pub(super) fn verb(&mut self, verb: Verb, args: &'r [Expr]) -> Sentence {
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

    pub(super) fn reason(&mut self, code: &'r Expr) -> Sentence {
        match &code.kind {
            ExprKind::Const(Const::Text(code)) => self.context.reason(code),
            _ => self.value(code, Shape::Plain),
        }
    }
}

fn line(depth: u8, sentence: Sentence) -> Line {
    Line { depth, sentence: capitalized(sentence) }
}
