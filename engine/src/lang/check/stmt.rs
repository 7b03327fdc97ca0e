//! Checks statements: typed statements, and whether what follows is reached.

use rhai::{ASTFlags, Expr as Tree, FlowControl, FnCallExpr, Ident, Position, Stmt as Node};

use super::block::Want;
use super::checker::{Checker, Checking, Failed};
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{Expr, ExprKind, Stmt};
use crate::lang::types::{Base, Type};

impl<'c> Checker<'c, '_> {
    /// Checks one statement. Returns whether the code after it is never reached.
    pub(super) fn stmt(&mut self, node: &'c Node, out: &mut Vec<Stmt>) -> Checking<bool> {
        let span = self.layout.stmt(node);
        let word = self.layout.at(node.position());
        match node {
            Node::Noop(_) => Ok(false),
            Node::If(parts, position) => {
                let chosen = self.choose(parts, *position, span, Want::Nothing)?;
                self.learn(&chosen.expr);
                out.push(Stmt::Do(chosen.expr));
                Ok(chosen.ends)
            }
            Node::Switch(parts, position) => {
                let chosen = self.switch(&parts.0, &parts.1, *position, span, Want::Nothing)?;
                out.push(Stmt::Do(chosen.expr));
                Ok(chosen.ends)
            }
            Node::Block(block) => {
                let chosen = self.nested(block, Want::Nothing)?;
                out.push(Stmt::Do(chosen.expr));
                Ok(chosen.ends)
            }
            Node::FnCall(call, position) => self.call_stmt(call, *position, span, out),
            Node::Expr(tree) => match &**tree {
                Tree::FnCall(call, position) => self.call_stmt(call, *position, span, out),
                Tree::Stmt(block) if !matches!(block.statements(), [Node::Share(_), ..]) => {
                    let chosen = self.nested(block, Want::Nothing)?;
                    self.learn(&chosen.expr);
                    out.push(Stmt::Do(chosen.expr));
                    Ok(chosen.ends)
                }
                // `()` does nothing; it is allowed for `_ => ()`.
                Tree::Unit(_) => Ok(false),
                tree => {
                    let value = self.expr(tree)?;
                    self.unused_value(&value);
                    out.push(Stmt::Do(value));
                    Ok(false)
                }
            },
            Node::Var(parts, flags, _) => {
                self.declaration(&parts.0, &parts.1, *flags, word, out).map(|()| false)
            }
            Node::Assignment(parts) => self.assignment(&parts.0, &parts.1, span, out).map(|()| false),
            Node::For(parts, _) => self.walk(&parts.0, parts.1.as_ref(), &parts.2, out).map(|()| false),
            Node::Return(value, flags, _) => self.leave_rule(value.as_deref(), *flags, word, span, out),
            Node::BreakLoop(value, flags, _) => {
                if let Some(value) = value {
                    let _ = self.open_operand(value);
                    return self.fail(
                        Code::NotInLanguage,
                        span,
                        "`break` gives no value",
                        "set a local before it: `found = x; break;`",
                    );
                }
                out.push(if flags.contains(ASTFlags::BREAK) {
                    Stmt::Break(word)
                } else {
                    Stmt::Continue(word)
                });
                Ok(true)
            }
            other => self.refused_stmt(other, word),
        }
    }

    /// Checks a call as a statement: a verb, or a function that is called for its verbs.
    fn call_stmt(
        &mut self,
        call: &'c FnCallExpr,
        position: Position,
        span: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<bool> {
        if let Some(spec) =
            Self::verb(call.name.as_str()).filter(|_| !call.is_qualified() && !call.is_operator_call())
        {
            let verb = self.say(spec, call, self.layout.at(position), span)?;
            out.push(verb);
            return Ok(false);
        }
        let value = self.call(call, position, span)?;
        if !matches!(value.kind, ExprKind::Call(..)) {
            self.unused_value(&value);
        }
        out.push(Stmt::Do(value));
        Ok(false)
    }

    fn unused_value(&mut self, value: &Expr) {
        if self.expect != super::Expect::Script {
            return;
        }
        let written = self.written(value.span);
        self.report(
            Code::UnusedValue,
            value.span,
            format!("nothing uses the value of `{written}`"),
            Some("give it a name with `let`, use it in a condition, or remove it".to_owned()),
        );
    }

    /// Checks `for x in list` and `for (x, n) in list`.
    fn walk(
        &mut self,
        name: &'c Ident,
        counter: Option<&'c Ident>,
        parts: &'c FlowControl,
        out: &mut Vec<Stmt>,
    ) -> Checking<()> {
        let list = self.value(&parts.expr);
        let (list, element) = match list {
            Err(Failed) => (Err(Failed), None),
            Ok(list) => match list.ty.base {
                Base::List(element) => (Ok(list), Some(element.ty())),
                _ => {
                    let message = format!("`for` walks a list, and this is {}", words::a(list.ty));
                    let failed = self.fail(
                        Code::WrongType,
                        list.span,
                        message,
                        "walk a list: `action.items`, `action.touches`, `action.promo_codes` or `lists.…`",
                    );
                    (failed, None)
                }
            },
        };
        let mark = self.enter();
        let counter = counter.map(|counter| {
            self.declare(&counter.name, Some(Type::known(Base::Integer)), self.layout.at(counter.pos), false)
        });
        let slot = self.declare(&name.name, element, self.layout.at(name.pos), false);
        let body = self.block(&parts.body, Want::Nothing);
        self.leave(mark);
        let (list, slot, counter) = (list?, slot?, counter.transpose()?);
        if body.failed {
            return Err(Failed);
        }
        out.push(Stmt::For { slot, counter, list, body: body.block });
        Ok(())
    }

    /// Checks `return`, and reports `throw`.
    fn leave_rule(
        &mut self,
        value: Option<&'c Tree>,
        flags: ASTFlags,
        word: Span,
        span: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<bool> {
        if flags.contains(ASTFlags::BREAK) {
            if let Some(value) = value {
                let _ = self.open_operand(value);
            }
            return self.fail(
                Code::NoTry,
                word,
                "`throw` is not in the language",
                "say what should happen: `hold(\"REASON\")` in a restriction, or `return;`",
            );
        }
        if !matches!(self.expect, super::Expect::Script) {
            return self.fail(
                Code::NothingToLeave,
                word,
                "an inline expression has nothing to return from",
                "write the value itself",
            );
        }
        let value = match value {
            None => Ok(None),
            Some(tree) => {
                if self.frame.returns.is_none() {
                    let _ = self.open_operand(tree);
                    return self.fail(
                        Code::NotInLanguage,
                        self.layout.expr(tree),
                        "a rule gives no value",
                        "write `return;`, and say what should happen with verbs",
                    );
                }
                self.expr(tree).and_then(|value| self.storable(value)).map(Some)
            }
        };
        if let Some(returns) = &mut self.frame.returns {
            let ty = value.as_ref().ok().map(|value| value.as_ref().map_or(Type::UNIT, |value| value.ty));
            returns.push((ty, span));
        }
        out.push(Stmt::Return(value?, span));
        Ok(true)
    }

    /// Reports statements that are not in the language; their contents are still checked.
    fn refused_stmt(&mut self, node: &'c Node, word: Span) -> Checking<bool> {
        match node {
            Node::While(parts, _) | Node::Do(parts, ..) => {
                if !matches!(parts.expr, Tree::Unit(_)) {
                    let _ = self.condition(&parts.expr);
                }
                self.block(&parts.body, Want::Nothing);
                let written = self.layout.slice(word);
                self.fail(
                    Code::NoLoop,
                    word,
                    format!("`{written}` is not in the language: it may never end"),
                    "walk a list with `for x in action.items { … }`",
                )
            }
            Node::TryCatch(parts, _) => {
                self.block(&parts.body, Want::Nothing);
                let mark = self.enter();
                if let Tree::Variable(name, _, position) = &parts.expr {
                    let _ = self.declare(&name.1, None, self.layout.at(*position), false);
                }
                self.block(&parts.branch, Want::Nothing);
                self.leave(mark);
                self.fail(
                    Code::NoTry,
                    word,
                    "`try` is not in the language: a rule that fails holds the action",
                    "ask before: `known(x)`, or compare a divisor with zero",
                )
            }
            Node::Import(..) | Node::Export(..) => {
                let written = self.layout.slice(word);
                self.fail(
                    Code::NoImport,
                    word,
                    format!("`{written}` is not in the language"),
                    "a rule is one file of its own; share values under `[params]` and `[lists]`",
                )
            }
            Node::Share(_) => self.closure(word),
            _ => self.fail(
                Code::NotInLanguage,
                word,
                "this statement is not in the language",
                "see the language reference for what a rule may do",
            ),
        }
    }
}
