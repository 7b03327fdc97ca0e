//! Checks the rule's own functions: one checked function for each tuple of argument types.

use std::collections::HashSet;

use rhai::FnCallExpr;

use super::block::Want;
use super::checker::{Checker, Checking, Definition, Failed, Frame, Instance};
use super::expr::same_kind;
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::catalog::BUILTINS;
use crate::lang::ir::{Expr, ExprKind, Function};
use crate::lang::parse::Parsed;
use crate::lang::types::Type;

/// The most functions of one rule, counted for each tuple of argument types. A script calls a handful.
const INSTANCES: usize = 200;

impl<'c> Checker<'c, '_> {
    /// Collects the functions of a file.
    pub(super) fn define(&mut self, parsed: &'c Parsed) {
        let mut definitions = Vec::new();
        for function in &parsed.functions {
            let brace = function.brace;
            let Some(head) = (0..brace).rev().find(|index| self.layout.word(*index) == "fn") else {
                continue;
            };
            let name = (head..brace).find(|index| self.layout.word(*index) == function.name);
            let Some(name) = name else { continue };
            let names: HashSet<&str> = function.params.iter().map(String::as_str).collect();
            let params = (name + 2..brace)
                .filter(|index| names.contains(self.layout.word(*index)))
                .map(|index| (self.layout.word(index).to_owned(), self.layout.span(index)))
                .collect();
            let at = self.layout.span(name);
            if function.typed {
                let _: Checking<()> = self.fail(
                    Code::NoThis,
                    at,
                    "a function does not belong to a type",
                    format!("write `fn {}(x) {{ … }}` and call it `{}(x)`", function.name, function.name),
                );
                continue;
            }
            if head > 0 && self.layout.word(head - 1) == "private" {
                let _: Checking<()> = self.fail(
                    Code::NotInLanguage,
                    self.layout.span(head - 1),
                    "`private` is not in the language",
                    "leave it out: functions are only seen in their own file",
                );
            }
            let close = self.layout.partner.get(brace).copied().flatten().unwrap_or(brace);
            let span = self.layout.span(brace).to(self.layout.span(close));
            let name = function.name.clone();
            definitions.push(Definition { name, at, params, body: &function.body, span, called: false });
        }
        for definition in &definitions {
            let hides = BUILTINS.iter().any(|spec| spec.name == definition.name);
            if hides {
                let _: Checking<()> = self.fail(
                    Code::NoShadowing,
                    definition.at,
                    format!("`{}` hides the built-in `{}`", definition.name, definition.name),
                    format!("choose another name, such as `my_{}`", definition.name),
                );
            } else if let (Some(file), true) =
                (self.env.functions.file_of(&definition.name), definition.at.start >= self.rule_at)
            {
                let message = format!("`{}` hides the shared function of `{file}`", definition.name);
                let help = "leave it out to call the shared one, or choose another name";
                let _: Checking<()> = self.fail(Code::NoShadowing, definition.at, message, help);
            } else {
                let _ = self.may_declare(&definition.name, definition.at);
            }
        }
        self.definitions = definitions;
    }

    /// Returns whether the rule has a function with this name.
    pub(super) fn defines(&self, name: &str) -> bool {
        self.definitions.iter().any(|definition| definition.name == name)
    }

    /// Checks a call of the rule's own function.
    pub(super) fn own_call(&mut self, call: &'c FnCallExpr, at: Span, span: Span) -> Checking<Expr> {
        let mut args = Vec::with_capacity(call.args.len());
        let mut types = Vec::with_capacity(call.args.len());
        let mut failed = false;
        for tree in &call.args {
            let arg = self.open_operand(tree).and_then(|arg| self.storable(arg));
            types.push(arg.as_ref().ok().map(|arg| arg.ty));
            match arg {
                Ok(arg) => args.push(arg),
                Err(Failed) => failed = true,
            }
        }
        let found = self
            .definitions
            .iter()
            .position(|d| d.name == call.name.as_str() && d.params.len() == call.args.len());
        let Some(definition) = found else {
            let takes = self.definitions.iter_mut().find(|d| d.name == call.name.as_str()).map_or(0, |d| {
                d.called = true;
                d.params.len()
            });
            let params = self
                .definitions
                .iter()
                .find(|d| d.name == call.name.as_str())
                .map(|d| d.params.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "));
            return self.wrong_count(
                call,
                at,
                takes,
                &format!("{}({})", call.name, params.unwrap_or_default()),
            );
        };
        let instance = self.instance(definition, types, at)?;
        if failed {
            return Err(Failed);
        }
        Ok(Expr { kind: ExprKind::Call(instance.index, args), ty: instance.ty, span })
    }

    /// Returns the function for these types, checked now or before.
    fn instance(&mut self, index: usize, types: Vec<Option<Type>>, at: Span) -> Checking<Instance> {
        if let Some(start) = self.active.iter().position(|active| *active == index) {
            let cycle: Vec<String> = self
                .active
                .iter()
                .skip(start)
                .chain([&index])
                .filter_map(|n| self.definitions.get(*n))
                .map(|definition| format!("`{}`", definition.name))
                .collect();
            return self.fail(
                Code::NoRecursion,
                at,
                format!("a function calls itself: {}", cycle.join(" calls ")),
                "walk the list with `for x in list { … }`",
            );
        }
        let key = (index, types);
        if let Some(known) = self.instances.get(&key).copied() {
            let instance = known.ok_or(Failed)?;
            self.deeper(at, instance.height)?;
            return Ok(instance);
        }
        if self.instances.len() >= INSTANCES {
            return self.fail(
                Code::OverBudget,
                at,
                format!("functions are called with more than {INSTANCES} combinations of types"),
                "call them with values of the same types",
            );
        }
        let instance = self.instantiate(index, &key.1);
        self.instances.insert(key, instance.as_ref().ok().copied());
        instance
    }

    fn instantiate(&mut self, index: usize, types: &[Option<Type>]) -> Checking<Instance> {
        let Some(definition) = self.definitions.get_mut(index) else { return Err(Failed) };
        definition.called = true;
        let (body, body_span, at, name) =
            (definition.body, definition.span, definition.at, definition.name.clone());
        let params = definition.params.clone();
        let outer = std::mem::replace(&mut self.frame, Frame { returns: Some(Vec::new()), ..Frame::new() });
        let (depth, deepest) = (self.depth, std::mem::replace(&mut self.deepest, self.depth));
        self.active.push(index);

        let mark = self.enter();
        let mut failed = false;
        for ((param, span), ty) in params.iter().zip(types) {
            failed |= self.declare(param, *ty, *span, false).is_err();
        }
        let lowered = self.statements(body, body_span, Want::Maybe);
        self.leave(mark);

        self.active.pop();
        let height = self.deepest.saturating_sub(depth);
        self.deepest = self.deepest.max(deepest);
        let frame = std::mem::replace(&mut self.frame, outer);
        let ty = self.returned(&name, at, &lowered, &frame);
        if failed || lowered.failed {
            return Err(Failed);
        }
        let ty = ty?;
        let index = u16::try_from(self.functions.len()).map_err(|_| Failed)?;
        self.functions.push(Function {
            name,
            params: u16::try_from(params.len()).map_err(|_| Failed)?,
            slots: frame.most,
            body: lowered.block,
            ty,
        });
        Ok(Instance { index, ty, height })
    }

    /// Returns the type of a function, which must be the same at its end and at every `return`.
    fn returned(
        &mut self,
        name: &str,
        at: Span,
        lowered: &super::block::Lowered,
        frame: &Frame,
    ) -> Checking<Type> {
        // The type of its end is not known, and the error is reported already.
        if lowered.failed {
            return Err(Failed);
        }
        let mut ty = (!lowered.ends).then_some(lowered.ty);
        for (returned, span) in frame.returns.iter().flatten() {
            let Some(returned) = returned else { return Err(Failed) };
            ty = Some(match ty {
                None => *returned,
                Some(ty) if same_kind(ty.base, returned.base) => {
                    Type { base: ty.base, unknown: ty.unknown || returned.unknown }
                }
                Some(ty) => {
                    let message = format!(
                        "function `{name}` gives {} here and {} elsewhere",
                        words::a(*returned),
                        words::a(ty)
                    );
                    let at = if span.start == span.end { at } else { *span };
                    return self.fail(
                        Code::BranchTypes,
                        at,
                        message,
                        "give a value of one type wherever it ends",
                    );
                }
            });
        }
        Ok(ty.unwrap_or(Type::UNIT))
    }

    /// Checks functions that nothing calls without knowing their types, and warns of them.
    pub(super) fn leftover_functions(&mut self) {
        for index in 0..self.definitions.len() {
            let Some(definition) = self.definitions.get(index) else { continue };
            if definition.called {
                continue;
            }
            let (name, at, params) = (definition.name.clone(), definition.at, definition.params.len());
            let is_shared = at.start < self.rule_at;
            if self.whole && self.expect == super::Expect::Script && !is_shared {
                self.report(
                    Code::UnreachableCode,
                    at,
                    format!("function `{name}` is never called"),
                    Some("call it, or remove it".to_owned()),
                );
            }
            let _ = self.instance(index, vec![None; params], at);
        }
    }
}
