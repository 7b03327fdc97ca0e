//! The checker: turns the text of a rule into a typed and bounded program, or into diagnostics that point at the word.
//!
//! Names are resolved, types are inferred, values that may be unknown must be guarded, code that is not in the language is
//! refused with what to write instead, and the worst case is computed. An error is reported once, where it is made: code that
//! depends on it is still checked, but does not report it again.

mod assign;
mod block;
mod branch;
mod builtins;
mod calls;
mod chain;
mod checker;
mod cost;
mod expr;
mod functions;
mod lint;
mod literals;
mod names;
mod ops;
mod place;
mod rejects;
mod scope;
mod stmt;
mod switch;
#[cfg(test)]
mod tests;
mod totals;
mod verbs;
mod words;

use std::collections::{BTreeSet, HashMap, HashSet};

use rhai::Stmt as Tree;

use super::env::{Checked, Env, RuleSource, Used};
use super::ir::{Block, Const, Expr, ExprKind, Form, Node, Rule};
use super::parse::{Fault, Layout, Parsed, parse, too_long};
use super::shared::place_of;
use super::types::Phase;
use super::types::{Base, Record, Type};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Help, Place, Span};
use checker::{Checker, Checking, Expect, Failed, Frame};
pub(crate) use words::a as described;

/// Checks a rule: a script file or one inline expression. Errors and warnings are added to `diagnostics`. Returns `None` if there
/// are errors.
pub fn check(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    form: Form,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    let expect = match form {
        Form::Script => Expect::Script,
        Form::Expression(ty) => Expect::Value(ty),
    };
    run(env, source, phase, expect, diagnostics)
}

/// Checks an inline expression that gives an integer, a decimal or money, such as `by = '…'` of bands. The form of the returned
/// rule has the type that was found.
pub fn check_number(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    run(env, source, phase, Expect::Number, diagnostics)
}

/// Checks an inline expression of any type, such as the fact that a column of a table names. The form of the returned rule has
/// the type that was found.
pub fn check_any(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    run(env, source, phase, Expect::Any, diagnostics)
}

fn run(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    expect: Expect,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    let joined = env.functions.join(source.text);
    let mut faults: Vec<Fault> = too_long(&joined.text, env.limits).into_iter().collect();
    let layout = Layout::new(if faults.is_empty() { &joined.text } else { "" });
    let parsed = if faults.is_empty() { parse(&layout, env.limits, &mut faults) } else { None };
    let mut checked = None;
    if let Some(parsed) = &parsed {
        let mut checker = Checker {
            env,
            layout: &layout,
            phase,
            expect,
            faults: Vec::new(),
            errors: 0,
            nodes: 0,
            seen: HashSet::new(),
            lost: &parsed.lost,
            whole: parsed.whole,
            definitions: Vec::new(),
            instances: HashMap::new(),
            active: Vec::new(),
            functions: Vec::new(),
            frame: Frame::new(),
            assigned: scope::assigned(&layout),
            reads: BTreeSet::new(),
            used: Used { functions: joined.names.clone(), ..Used::default() },
            rule_at: joined.rule_at,
            depth: 0,
            deepest: 0,
        };
        checked = checker.rule(parsed);
        faults.append(&mut checker.faults);
    }
    let failed = faults.iter().any(|fault| fault.code.severity() == crate::diagnostic::Severity::Error);
    let moved = |span| joined.moved(span, source.offset);
    for fault in faults {
        let place = |span| place_of(&joined.parts, source.file, moved(span));
        let help = fault.help.map(|help| help.moved(|span| place(span).span));
        diagnostics
            .push(Diagnostic::new(fault.code, Some(place(fault.span)), fault.message).maybe_help(help));
    }
    let mut checked = checked.filter(|_| !failed)?;
    let rule = &mut checked.rule;
    rule.place = Place::new(source.file, Span::new(0, source.text.len()).shift(source.offset));
    rule.text_bytes = joined.text.len();
    if source.offset != 0 || joined.rule_at != 0 {
        place::shift(rule, &moved);
    }
    rule.shared = joined.parts;
    Some(checked)
}

impl<'c> Checker<'c, '_> {
    fn rule(&mut self, parsed: &'c Parsed) -> Option<Checked> {
        self.define(parsed);
        let statements = parsed.ast.statements();
        let whole = Span::new(self.rule_at as usize, self.layout.text.len());
        let body = match self.expect {
            Expect::Script => self.script(statements, whole),
            expect => self.inline(statements, whole, expect),
        };
        self.leftover_functions();
        let (body, ty) = body.ok()?;
        let form = if self.expect == Expect::Script { Form::Script } else { Form::Expression(ty) };
        let conjuncts = match body.value.as_ref().map(|value| &value.kind) {
            Some(ExprKind::And(_, rest)) => u16::try_from(rest.len()).unwrap_or(u16::MAX).saturating_add(1),
            _ => 1,
        };
        let mut rule = Rule {
            place: Place::new("", whole),
            shared: Vec::new(),
            text_bytes: 0,
            phase: self.phase,
            form,
            body,
            functions: std::mem::take(&mut self.functions),
            slots: self.frame.most,
            worst_fuel: 0,
            worst_fuel_of_one: 0,
            reads: self.reads.iter().copied().collect(),
            reads_fraud: self.reads.iter().any(|field| field.spec().record == Record::Fraud),
            rounding: self.env.rounding,
            number: 0,
            conjuncts,
        };
        if self.phase == Phase::Credit {
            self.not_known_for_credit(&rule);
        } else if self.env.several_currencies {
            self.amounts_without_currency(&rule);
        }
        let worst = cost::settle(&mut rule, self.env);
        if rule.worst_fuel > self.env.limits.rule_fuel {
            let message = format!(
                "in the worst case the rule costs {}; the most is {}",
                rule.worst_fuel, self.env.limits.rule_fuel
            );
            self.report(Code::OverBudget, worst.span, message, worst.help(self.env.limits));
        }
        if form == Form::Script && self.whole {
            self.ends_without_verb(&rule);
        }
        Some(Checked { rule, used: std::mem::take(&mut self.used), nodes: self.nodes })
    }

    /// Reports amounts and totals in a condition on touches: while credit is decided, no contract and so no currency is chosen.
    fn not_known_for_credit(&mut self, rule: &Rule) {
        let blocks = std::iter::once(&rule.body).chain(rule.functions.iter().map(|function| &function.body));
        let mut found = Vec::new();
        for block in blocks {
            block.walk(&mut |node| {
                let Node::Expr(Expr { kind, ty, span }) = node else { return };
                match kind {
                    ExprKind::Total(..) => {
                        found.push((*span, "a total is read once the partner is credited"))
                    }
                    ExprKind::Block(_) | ExprKind::If(..) | ExprKind::Switch(_) => {}
                    _ if ty.base == Base::Money => {
                        found.push((*span, "an amount has no currency before a contract is chosen"));
                    }
                    _ => {}
                }
            });
        }
        for (span, message) in found {
            let help = "a condition on touches asks for facts of the touch, its partner, its creative or the customer; \
                        an amount is asked for by a restriction";
            self.report(Code::WrongPhase, span, message, Some(help.to_owned()));
        }
    }

    /// Reports amounts that the text of a rule states, in a contract that pays in several currencies.
    fn amounts_without_currency(&mut self, rule: &Rule) {
        let blocks = std::iter::once(&rule.body).chain(rule.functions.iter().map(|function| &function.body));
        let mut found = Vec::new();
        for block in blocks {
            block.walk(&mut |node| {
                if let Node::Expr(Expr { kind: ExprKind::Const(Const::Money(amount)), span, .. }) = node
                    && !amount.is_zero()
                    && !self.layout.slice(*span).starts_with("params.")
                {
                    found.push(*span);
                }
            });
        }
        for span in found {
            let message = "this contract pays in several currencies, and this amount is of none of them";
            let help = "declare it by currency: `bonus = { money = { EUR = \"4.50\", USD = \"5.00\" } }` under `[params]`, \
                        and write `params.bonus` here";
            self.report(Code::WrongType, span, message, Some(help.to_owned()));
        }
    }

    fn script(&mut self, statements: &'c [Tree], whole: Span) -> Checking<(Block, Type)> {
        let lowered = self.statements(statements, whole, block::Want::Nothing);
        if lowered.failed { Err(Failed) } else { Ok((lowered.block, Type::UNIT)) }
    }

    /// Returns the help for statements where one expression is needed.
    fn one_expression(&self) -> &'static str {
        match self.expect {
            _ if self.phase.is_amount() => {
                "`[amount]` takes one expression that gives money, such as `action.amount - (action.shipping ?? money(\"0\"))`; \
                 an amount of each line stands under `item`"
            }
            Expect::Number => {
                "`by` takes one expression that gives a number or an amount, such as `action.amount`"
            }
            _ => "join conditions with `&&` or `||`, or move the statements to a `.rhai` file",
        }
    }

    /// Checks the one expression of an inline condition.
    fn inline(&mut self, statements: &'c [Tree], whole: Span, expect: Expect) -> Checking<(Block, Type)> {
        match statements {
            [Tree::Expr(_) | Tree::FnCall(..) | Tree::If(..) | Tree::Switch(..) | Tree::Block(_)] => {}
            [] if !self.whole => return Err(Failed),
            [] => {
                return self.fail(
                    Code::RuleSyntax,
                    whole,
                    "the expression is empty",
                    "write a condition, such as `customer.status == \"new\"`",
                );
            }
            [Tree::Assignment(assignment)] => {
                let at = self.layout.token_at(self.layout.offset(assignment.0.position()));
                return self.fail(
                    Code::RuleSyntax,
                    self.layout.span(at),
                    "`=` sets a value and cannot stand here",
                    Help::from("a comparison is written `==`").edit(self.layout.span(at), "=="),
                );
            }
            [first, ..] => {
                // Check the statements all the same, to report their other errors.
                self.statements(statements, whole, block::Want::Nothing);
                let second = statements
                    .get(1)
                    .map_or_else(|| self.layout.stmt(first), |second| self.layout.stmt(second));
                return self.fail(
                    Code::RuleSyntax,
                    second,
                    "an inline rule is one expression",
                    self.one_expression(),
                );
            }
        }
        let lowered = self.statements(statements, whole, block::Want::Value);
        if lowered.failed {
            return Err(Failed);
        }
        let Block { charge, stmts, value, span } = lowered.block;
        let Some(value) = value else {
            return self.fail(
                Code::WrongType,
                whole,
                "the expression gives no value",
                "end it with what it should give",
            );
        };
        let value = match expect {
            Expect::Value(ty) => self.expected(value, ty)?,
            Expect::Any => value,
            _ => {
                let value = self.known(value)?;
                if !matches!(value.ty.base, Base::Integer | Base::Decimal | Base::Money) {
                    let message = format!("a number or an amount is needed here, not {}", words::a(value.ty));
                    return self.fail(
                        Code::WrongType,
                        value.span,
                        message,
                        "bands are over an integer, a decimal or money",
                    );
                }
                value
            }
        };
        let ty = value.ty;
        Ok((Block { charge, stmts, value: Some(value), span }, ty))
    }
}
