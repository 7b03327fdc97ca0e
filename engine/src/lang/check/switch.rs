//! Checks `switch`: restores the order of arms from Rhai's table of hashes.

use rhai::{Dynamic, Expr as Tree, Position, SwitchCasesCollection};

use super::block::{Chosen, Want};
use super::checker::{Checker, Checking, Failed};
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{Arm, ArmValue, Const, Expr, ExprKind, Operand, Switch};
use crate::lang::parse::{Kind, literal};
use crate::lang::types::{Base, Type};

impl<'c> Checker<'c, '_> {
    /// Checks `switch subject { literal if condition => …, _ => … }`.
    ///
    /// Rhai looks up a subject by its hash, which depends on the type: an integer never matches a decimal. So the literals must
    /// have the subject's type. Rhai tries literals before ranges, and accepts no number after a range, so the order of the arms
    /// is also Rhai's order.
    pub(super) fn switch(
        &mut self,
        subject: &'c Tree,
        cases: &'c SwitchCasesCollection,
        position: Position,
        span: Span,
        want: Want,
    ) -> Checking<Chosen> {
        let checked = self.value(subject);
        let subject = match checked {
            Ok(value) if matches!(value.ty.base, Base::Integer | Base::Text | Base::Code | Base::Bool) => {
                Ok(value)
            }
            Ok(value) => {
                let help = match value.ty.base {
                    Base::Money | Base::Decimal => {
                        "write `if x >= … { … } else if … { … }`, or bands in the contract"
                    }
                    _ => "switch over an integer, text, a promo code or a bool",
                };
                let message = format!("`switch` does not take {}", words::a(value.ty));
                self.fail(Code::WrongType, value.span, message, help)
            }
            Err(failed) => Err(failed),
        };
        let arrows = self.arrows(position);
        let mut branches = Vec::new();
        let mut arms: Vec<(Vec<ArmValue>, Option<Operand>)> = Vec::new();
        let mut failed = false;
        let mut default = None;
        for (n, case) in cases.expressions.iter().enumerate() {
            let mark = self.frame.facts.len();
            if cases.def_case == Some(n) {
                default = Some(branches.len());
                arms.push((Vec::new(), None));
            } else {
                let values = match arrows.get(n) {
                    Some(arrow) => self.pattern(*arrow, subject.as_ref().ok()),
                    None => Err(Failed),
                };
                let always = matches!(case.lhs, Tree::BoolConstant(true, position) if position.is_none());
                let condition = if always {
                    Ok(None)
                } else {
                    self.operand(&case.lhs).and_then(|condition| self.bool(condition)).map(|expr| {
                        self.assume(&expr, true);
                        Some(Operand { charge: 0, expr })
                    })
                };
                match (values, condition) {
                    (Ok(values), Ok(condition)) => arms.push((values, condition)),
                    _ => {
                        failed = true;
                        arms.push((Vec::new(), None));
                    }
                }
            }
            let branch = match &case.rhs {
                Tree::Stmt(block) => self.block(
                    block,
                    if want == Want::Maybe && cases.def_case.is_none() { Want::Nothing } else { want },
                ),
                _ => return Err(Failed),
            };
            branches.push(branch);
            self.frame.facts.truncate(mark);
        }
        let subject = subject?;
        if failed {
            return Err(Failed);
        }
        if default.is_none() && want == Want::Value {
            return self.fail(
                Code::BranchTypes,
                self.layout.at(position),
                "this `switch` has no `_` arm, so it may give no value",
                "add `_ => …` with the value otherwise",
            );
        }
        self.unreached(&arms, &arrows);
        let want = if want == Want::Maybe && default.is_none() { Want::Nothing } else { want };
        let (ty, ends) = self.unify(&mut branches, default.is_some(), want)?;
        let mut switch = Switch { subject, arms: Vec::with_capacity(arms.len()), default: None };
        for (n, (branch, (values, condition))) in branches.into_iter().zip(arms).enumerate() {
            if default == Some(n) {
                switch.default = Some(branch.block);
            } else {
                switch.arms.push(Arm { values, condition, body: branch.block });
            }
        }
        Ok(Chosen { expr: Expr { kind: ExprKind::Switch(Box::new(switch)), ty, span }, ends })
    }

    /// Returns the `=>` tokens of the arms.
    fn arrows(&self, position: Position) -> Vec<usize> {
        let word = self.layout.token(position);
        let outer = self.layout.parent.get(word).copied();
        let brace = (word..self.layout.tokens.len()).find(|index| {
            self.layout.word(*index) == "{" && self.layout.parent.get(*index).copied() == outer
        });
        let Some(brace) = brace else { return Vec::new() };
        let end = self.layout.partner.get(brace).copied().flatten().unwrap_or(self.layout.tokens.len());
        (brace..end)
            .filter(|index| {
                self.layout.word(*index) == "=>"
                    && self.layout.parent.get(*index).copied().flatten() == Some(brace)
            })
            .collect()
    }

    /// Reads the literals before an arrow.
    fn pattern(&mut self, arrow: usize, subject: Option<&Expr>) -> Checking<Vec<ArmValue>> {
        // Go back to the `if` of a condition, then over the tokens of literals.
        let brace = self.layout.parent.get(arrow).copied().flatten();
        let same = |index: usize| self.layout.parent.get(index).copied().flatten() == brace;
        let mut end = arrow;
        let mut index = arrow;
        while index > 0 {
            index -= 1;
            if !same(index) {
                continue;
            }
            match self.layout.word(index) {
                "if" => {
                    end = index;
                    break;
                }
                "," | "=>" | "{" | "}" => break,
                _ => {}
            }
        }
        let mut start = end;
        while start > 0 {
            let before = start - 1;
            let fits = matches!(self.layout.kind(before), Some(Kind::Number | Kind::Text))
                || matches!(self.layout.word(before), "|" | ".." | "..=" | "-" | "+" | "true" | "false");
            if !fits {
                break;
            }
            start = before;
        }
        let whole = self.layout.span(start).to(self.layout.span(end.saturating_sub(1).max(start)));
        if start == end {
            return self.fail(
                Code::NotInLanguage,
                self.layout.span(end.saturating_sub(1)),
                "this cannot be a case of a `switch`",
                "cases are literals: `1`, `1..5`, `\"text\"`, `true`",
            );
        }
        let mut values = Vec::new();
        let mut failed = false;
        let mut from = start;
        for index in start..=end {
            if index < end && self.layout.word(index) != "|" {
                continue;
            }
            if index > from {
                match self.case(from, index, subject) {
                    Ok(value) => values.push(value),
                    Err(Failed) => failed = true,
                }
            }
            from = index + 1;
        }
        if failed {
            return Err(Failed);
        }
        let ranges = values.iter().filter(|value| matches!(value, ArmValue::Range { .. })).count();
        if ranges != 0 && ranges != values.len() {
            return self.fail(
                Code::NotInLanguage,
                whole,
                "a case lists either values or ranges",
                "write two cases, the values above the ranges",
            );
        }
        Ok(values)
    }

    /// Reads one literal of an arm.
    fn case(&mut self, from: usize, to: usize, subject: Option<&Expr>) -> Checking<ArmValue> {
        let span = self.layout.span(from).to(self.layout.span(to.saturating_sub(1)));
        let range = (from..to).find(|index| matches!(self.layout.word(*index), ".." | "..="));
        let integer = |span: Span, layout: &crate::lang::parse::Layout<'_>| {
            literal(layout.slice(span)).and_then(|value| value.as_int().ok())
        };
        if let Some(dots) = range {
            // A missing end of a range stands for the end of all integers.
            let bound = |from: usize, to: usize, none: i64| {
                if from == to {
                    return Some(none);
                }
                integer(self.layout.span(from).to(self.layout.span(to - 1)), self.layout)
            };
            let open = dots + 1 == to;
            let (start, end) = (bound(from, dots, 0), bound(dots + 1, to, i64::MAX));
            let (Some(start), Some(end)) = (start, end) else {
                return self.fail(
                    Code::WrongType,
                    span,
                    "a range is between two integers",
                    "write `1..5` or `1..=4`",
                );
            };
            let inclusive = self.layout.word(dots) == "..=" || open;
            if let Some(subject) = subject
                && subject.ty.base != Base::Integer
            {
                return self.mismatch(span, Type::known(Base::Integer), subject.ty);
            }
            if start > end || (start == end && !inclusive) {
                self.report(
                    Code::UnreachableCode,
                    span,
                    "nothing is in this range",
                    Some("write the smaller number first".to_owned()),
                );
            }
            return Ok(ArmValue::Range { start, end, inclusive });
        }
        let Some(value) = literal(self.layout.slice(span)).and_then(constant_of) else {
            return self.fail(
                Code::WrongType,
                span,
                "a case is an integer, text, `true` or `false`",
                "compare other values with `if`",
            );
        };
        if let Const::Text(text) = &value {
            self.text(text, span)?;
        }
        let ty = super::expr::type_of(&value);
        if let Some(subject) = subject {
            if !super::expr::same_kind(ty.base, subject.ty.base) {
                return self.mismatch(span, ty, subject.ty);
            }
            let word = super::expr::constant(value.clone(), span);
            self.vocabulary(subject, &word)?;
        }
        Ok(ArmValue::Const(value))
    }

    fn mismatch<T>(&mut self, span: Span, case: Type, subject: Type) -> Checking<T> {
        let message = format!(
            "this case is {}, and the subject is {}, so it never matches",
            words::a(case),
            words::a(subject)
        );
        self.fail(Code::WrongType, span, message, format!("write {}", words::a(subject)))
    }

    /// Warns of a literal that an earlier arm always takes.
    fn unreached(&mut self, arms: &[(Vec<ArmValue>, Option<Operand>)], arrows: &[usize]) {
        let mut taken: Vec<&ArmValue> = Vec::new();
        for (n, (values, condition)) in arms.iter().enumerate() {
            if !values.is_empty() && values.iter().all(|value| taken.contains(&value)) {
                let at = arrows
                    .get(n)
                    .map_or_else(Span::default, |arrow| self.layout.span(arrow.saturating_sub(1)));
                self.report(
                    Code::UnreachableCode,
                    at,
                    "an earlier case takes this value",
                    Some("remove one of them, or give the first a condition".to_owned()),
                );
            }
            if condition.is_none() {
                taken.extend(values);
            }
        }
    }
}

fn constant_of(value: Dynamic) -> Option<Const> {
    if let Ok(value) = value.as_int() {
        return Some(Const::Integer(value));
    }
    if let Ok(value) = value.as_bool() {
        return Some(Const::Bool(value));
    }
    value.into_string().ok().map(Const::Text)
}
