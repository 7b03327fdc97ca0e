//! Code of statements and of a rule's own functions.

use super::code::{Gen, Kept, Returns};
use super::entry::Entry;
use super::layout::{HEAD, LIST};
use super::rep::{Kind, Rep};
use super::{function::at, infer};
use crate::lang::catalog::Verb;
use crate::lang::{Base, Const, Element, Expr, ExprKind, Rule, Stmt, Type};

impl<'a, 'm> Gen<'a, 'm> {
    pub(super) fn stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Set { slot, value } => {
                let Some(kind) = Kind::of(value.ty.base) else { return self.drop_value(value) };
                let kept = self.local(*slot, kind);
                self.value(value, kept.rep, true);
                self.put_away(&kept, true);
            }
            Stmt::Do(expr) => self.drop_value(expr),
            Stmt::For { slot, counter, list, body } => self.walk(*slot, *counter, list, body),
            Stmt::Verb { verb, args, .. } => self.verb(*verb, args),
            Stmt::Return(value, _) => self.leave(value.as_ref()),
            Stmt::Break(_) => {
                if let Some((out, _)) = self.loops.last() {
                    self.body.br(*out);
                }
            }
            Stmt::Continue(_) => {
                if let Some((_, next)) = self.loops.last() {
                    self.body.br(*next);
                }
            }
        }
    }

    fn leave(&mut self, value: Option<&'a Expr>) {
        let Some(returns) = self.returns.clone() else { return };
        match (value, &returns.kept) {
            (Some(value), Some(kept)) => {
                self.value(value, kept.rep, true);
                self.put_away(kept, true);
            }
            (Some(value), None) => self.drop_value(value),
            (None, _) => {}
        }
        self.body.br(returns.label);
    }

    fn walk(&mut self, slot: u16, counter: Option<u16>, list: &'a Expr, body: &'a crate::lang::Block) {
        let i32_ = wasm_encoder::ValType::I32;
        let element = match list.ty.base {
            Base::List(element) => element,
            _ => return,
        };
        let (kind, step) = match element {
            Element::Text | Element::Code => (Kind::Text, 4),
            Element::Item => (Kind::Record, self.shared.layout.item.bytes),
            Element::Touch => (Kind::Record, self.shared.layout.touch.bytes),
        };
        let head = self.kept(list).words.first().copied().unwrap_or_default();
        let (address, left, n) = (self.body.local(i32_), self.body.local(i32_), self.body.local(i32_));
        self.body.get(head);
        self.body.put().i32_load(at(LIST.first, 2));
        self.body.set(address);
        self.body.get(head);
        self.body.put().i32_load(at(LIST.count, 2));
        self.body.set(left);
        self.body.i32(0);
        self.body.set(n);
        let element = self.local(slot, kind);
        let element_word = element.words.first().copied().unwrap_or_default();
        let counted = counter.map(|counter| self.local(counter, Kind::Int));
        let out = self.body.block();
        let again = self.body.head();
        self.body.get(n);
        self.body.get(left);
        self.body.put().i32_ge_u();
        self.body.br_if(out);
        self.body.get(address);
        if kind == Kind::Text {
            self.body.put().i32_load(at(0, 2));
        }
        self.body.set(element_word);
        self.body.i32(1);
        self.body.set(element.flag);
        if let Some(counted) = counted {
            self.body.get(n);
            self.body.put().i64_extend_i32_u();
            self.body.set(counted.words.first().copied().unwrap_or_default());
            self.body.i32(1);
            self.body.set(counted.flag);
        }
        let next = self.body.block();
        self.loops.push((out, next));
        self.block(body, Rep::Unit, false);
        self.loops.pop();
        self.body.end();
        self.body.get(address);
        self.body.i32(i32::try_from(step).unwrap_or(i32::MAX));
        self.body.put().i32_add();
        self.body.set(address);
        self.body.get(n);
        self.body.i32(1);
        self.body.put().i32_add();
        self.body.set(n);
        self.body.br(again);
        self.body.end();
        self.body.end();
    }

    fn verb(&mut self, verb: Verb, args: &'a [Expr]) {
        let mut args = args.iter();
        let Some(first) = args.next() else { return };
        let entry = Entry::verb(verb);
        if let ExprKind::Const(Const::Text(_)) = &first.kind {
            // A reason code, and optionally a duration or a date. `reject` and `zero` leave nothing to pay, which later phases must know.
            if matches!(verb, Verb::Reject | Verb::Zero) {
                self.said();
            }
            let second = args.next();
            let code = self.kept(first).words.first().copied().unwrap_or_default();
            let length = second.map(|second| self.kept(second));
            let entry = if length.is_some() { entry.with_length() } else { entry };
            self.write(
                entry,
                |gen_| match length.as_ref().and_then(|kept| kept.words.first()) {
                    Some(days) if verb == Verb::HoldUntil => {
                        gen_.body.get(*days);
                        gen_.body.put().i64_extend_i32_s();
                    }
                    Some(seconds) => gen_.body.get(*seconds),
                    None => gen_.body.i64(0),
                },
                |gen_| {
                    gen_.body.get(code);
                    gen_.body.put().i64_extend_i32_u();
                },
            );
            return;
        }
        self.said();
        let kept = self.kept(first);
        self.number(entry, &kept);
    }

    /// Records in the record's head that the script has given a verb that counts.
    fn said(&mut self) {
        if !self.shared.exact {
            self.body.get(self.state.record);
            self.body.i32(1);
            self.body.put().i32_store(at(HEAD.said, 2));
        }
    }

    /// Writes an entry with a number.
    pub(super) fn number(&mut self, entry: Entry, kept: &Kept) {
        let words = kept.words.clone();
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        match kept.rep {
            Rep::Wide => self.write(entry, |gen_| gen_.body.get(word(0)), |gen_| gen_.body.get(word(1))),
            Rep::Fixed { scale, .. } => self.write(
                entry,
                |gen_| gen_.body.get(word(0)),
                |gen_| gen_.body.i64(super::entry::fixed(scale)),
            ),
            _ => {
                self.write(entry, |gen_| gen_.body.get(word(0)), |gen_| gen_.body.i64(super::entry::fixed(0)))
            }
        }
    }

    /// Generates the code of a rule into the current function. Returns the locals of its value; `None` if it has no value.
    pub(super) fn rule_body(&mut self, rule: &'a Rule, functions: u32) -> Option<Kept> {
        self.rule = Some(rule);
        self.functions = functions;
        self.infer(&rule.body, &[]);
        let ty = match rule.form {
            crate::lang::Form::Expression(ty) => Some(ty),
            crate::lang::Form::Script => None,
        };
        let kept = ty.map(|_| {
            let rep = self.rep_of_block(&rule.body);
            self.keep(rep)
        });
        let label = self.body.block();
        self.returns = Some(Returns { label, kept: kept.clone() });
        match &kept {
            Some(kept) => {
                self.block(&rule.body, kept.rep, false);
                self.put_away(kept, false);
            }
            None => self.block(&rule.body, Rep::Unit, false),
        }
        self.body.end();
        self.returns = None;
        kept
    }

    /// Generates a rule's own functions. Returns the index of the first.
    pub(super) fn own_functions(
        shared: &'m super::code::Shared<'a>,
        parts: &mut super::code::Parts,
        rule: &'a Rule,
    ) -> u32 {
        let types = infer::params(rule);
        let first = super::function::count(parts.functions.len());
        let signature = |params: &Option<Vec<Type>>, ty: Type| {
            let mut takes = super::code::State::TYPES.to_vec();
            for param in params.iter().flatten() {
                takes.extend(Self::passed(*param));
            }
            let mut gives = Self::passed(ty);
            gives.extend([wasm_encoder::ValType::I64, wasm_encoder::ValType::I32]);
            (takes, gives)
        };
        for (function, params) in rule.functions.iter().zip(&types) {
            let (takes, gives) = signature(params, function.ty);
            let ty = parts.ty(&takes, &gives);
            parts.reserve(ty);
        }
        for (n, (function, params)) in (0u32..).zip(rule.functions.iter().zip(&types)) {
            if parts.size.is_over() {
                break;
            }
            let Some(params) = params else {
                // The function is never called, but its index must exist.
                let mut body = super::function::Body::new(0);
                body.put().unreachable();
                parts.define(first + n, body, Some(rule));
                continue;
            };
            let (takes, _) = signature(&Some(params.clone()), function.ty);
            let mut gen_ = Gen::new(shared, parts, super::function::count(takes.len()));
            gen_.function(function, params, first, rule);
            let body = gen_.body;
            parts.define(first + n, body, Some(rule));
        }
        first
    }

    fn function(&mut self, function: &'a crate::lang::Function, params: &[Type], first: u32, rule: &'a Rule) {
        self.rule = Some(rule);
        self.functions = first;
        self.infer(&function.body, params);
        let mut param = super::function::count(super::code::State::TYPES.len());
        for (slot, ty) in (0u16..).zip(params) {
            let Some(kind) = Kind::of(ty.base) else { continue };
            let kept = self.local(slot, kind);
            for word in &kept.words {
                self.body.get(param);
                self.body.set(*word);
                param += 1;
            }
            if ty.unknown {
                self.body.get(param);
                param += 1;
            } else {
                self.body.i32(1);
            }
            self.body.set(kept.flag);
        }
        let rep = Rep::widest(function.ty.base);
        let kept = self.keep(rep);
        let label = self.body.block();
        self.returns = Some(Returns { label, kept: (rep != Rep::Unit).then(|| kept.clone()) });
        let gives = function.body.value.is_some() && rep != Rep::Unit;
        self.block(&function.body, rep, true);
        if gives {
            self.put_away(&kept, true);
        }
        self.body.end();
        self.bring(&kept, function.ty.unknown);
        self.body.get(self.state.fuel);
        self.body.get(self.state.out);
        self.body.put().return_();
        self.body.end();
        // The function gave up: return empty values, and no output.
        for ty in Self::passed(function.ty) {
            match ty {
                wasm_encoder::ValType::I64 => self.body.i64(0),
                _ => self.body.i32(0),
            }
        }
        self.body.get(self.state.fuel);
        self.body.i32(0);
    }
}
