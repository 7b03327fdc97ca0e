//! Statements and blocks: Rhai's statements enter, typed blocks leave, with what they give and whether they end.

use rhai::{
    ASTFlags, BinaryExpr, Expr as Tree, FlowControl, FnCallExpr, Ident, OpAssignment, Position, Stmt as Node,
    StmtBlock,
};

use super::expr::same_kind;
use super::{Checker, Checking, Code, Failed, words};
use crate::diagnostic::Span;
use crate::rule::ir::{Block, Expr, ExprKind, Stmt};
use crate::rule::types::{Base, Type};

/// Whether a block's last statement is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// What it gives is not used.
    Nothing,
    /// It must give a value.
    Value,
    /// It gives a value if it can, as the body of a function does.
    Maybe,
}

/// A block that has been checked.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    pub(super) block: Block,
    /// What it gives; nothing when it has no value.
    pub(super) ty: Type,
    /// Whether its end is never reached: it returns, breaks or continues.
    pub(super) ends: bool,
    pub(super) failed: bool,
}

/// What the last statement of a block is.
struct Tail {
    value: Option<Expr>,
    ends: bool,
}

/// An `if` or a `switch` that has been checked. Its type is the one its branches share.
pub(super) struct Chosen {
    pub(super) expr: Expr,
    pub(super) ends: bool,
}

impl<'c> Checker<'c, '_> {
    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &'c StmtBlock, want: Want) -> Lowered {
        let span = self.block_span(block);
        self.statements(block.statements(), span, want)
    }

    /// Statements with a scope of their own.
    pub(super) fn statements(&mut self, statements: &'c [Node], span: Span, want: Want) -> Lowered {
        let block = Block { charge: 0, stmts: Vec::new(), value: None, span };
        let mut lowered = Lowered { block, ty: Type::UNIT, ends: false, failed: false };
        self.depth += 1;
        if self.deeper(span, 0).is_err() {
            self.depth -= 1;
            lowered.failed = true;
            return lowered;
        }
        let mark = self.enter();
        let last = statements.iter().rposition(|node| !node.is_noop());
        let mut told = false;
        for (n, node) in statements.iter().enumerate() {
            if node.is_noop() {
                continue;
            }
            if lowered.ends {
                // What follows is checked for its faults and left out.
                if !std::mem::replace(&mut told, true) {
                    let help = "remove it, or move it before what ends the block";
                    self.report(
                        Code::UnreachableCode,
                        self.layout.stmt(node),
                        "this is never reached",
                        Some(help.to_owned()),
                    );
                }
                let mut unreached = Vec::new();
                lowered.failed |= self.stmt(node, &mut unreached).is_err();
                continue;
            }
            if want != Want::Nothing && Some(n) == last {
                match self.tail(node, want, &mut lowered.block.stmts) {
                    Ok(tail) => {
                        lowered.ends = tail.ends;
                        lowered.ty = tail.value.as_ref().map_or(Type::UNIT, |value| value.ty);
                        lowered.block.value = tail.value;
                    }
                    Err(Failed) => lowered.failed = true,
                }
            } else {
                match self.stmt(node, &mut lowered.block.stmts) {
                    Ok(ends) => lowered.ends = ends,
                    Err(Failed) => lowered.failed = true,
                }
            }
        }
        self.leave(mark);
        self.depth -= 1;
        lowered
    }

    /// The last statement of a block whose value is wanted.
    fn tail(&mut self, node: &'c Node, want: Want, out: &mut Vec<Stmt>) -> Checking<Tail> {
        let give = |chosen: Chosen, out: &mut Vec<Stmt>| {
            if chosen.expr.ty == Type::UNIT {
                out.push(Stmt::Do(chosen.expr));
                Tail { value: None, ends: chosen.ends }
            } else {
                Tail { value: Some(chosen.expr), ends: false }
            }
        };
        match node {
            Node::If(parts, position) => {
                let chosen = self.choose(parts, *position, self.layout.stmt(node), want)?;
                Ok(give(chosen, out))
            }
            Node::Switch(parts, position) => {
                let chosen = self.switch(&parts.0, &parts.1, *position, self.layout.stmt(node), want)?;
                Ok(give(chosen, out))
            }
            Node::Block(block) => Ok(give(self.nested(block, want)?, out)),
            Node::Expr(tree) => match &**tree {
                Tree::FnCall(call, _) if Self::verb(call.name.as_str()).is_some() && !call.is_qualified() => {
                    self.stmt(node, out).map(|ends| Tail { value: None, ends })
                }
                Tree::Stmt(block) => Ok(give(self.nested(block, want)?, out)),
                Tree::Unit(_) if want == Want::Maybe => Ok(Tail { value: None, ends: false }),
                tree => {
                    let value = self.expr(tree)?;
                    if want == Want::Maybe && value.ty == Type::UNIT {
                        out.push(Stmt::Do(value));
                        return Ok(Tail { value: None, ends: false });
                    }
                    let value = self.storable(value)?;
                    Ok(Tail { value: Some(value), ends: false })
                }
            },
            _ => self.stmt(node, out).map(|ends| Tail { value: None, ends }),
        }
    }

    /// A block in a place of its own.
    fn nested(&mut self, block: &'c StmtBlock, want: Want) -> Checking<Chosen> {
        let lowered = self.block(block, want);
        if lowered.failed {
            return Err(Failed);
        }
        let Lowered { block, ty, ends, .. } = lowered;
        let span = block.span;
        // A block around nothing but a value is the value.
        let expr = match block {
            Block { stmts, value: Some(value), .. } if stmts.is_empty() => value,
            block => Expr { kind: ExprKind::Block(Box::new(block)), ty, span },
        };
        Ok(Chosen { expr, ends })
    }

    /// `if`, `switch` or a block where an expression stands.
    pub(super) fn value_block(&mut self, block: &'c StmtBlock, span: Span) -> Checking<Expr> {
        if matches!(block.statements(), [Node::Share(_), ..]) {
            return self.closure(self.layout.at(block.position()));
        }
        let chosen = self.nested(block, Want::Value)?;
        if chosen.expr.ty == Type::UNIT {
            return self.fail(
                Code::BranchTypes,
                span,
                "a value is needed here, and this block gives none",
                "let its last line be the value it should give",
            );
        }
        Ok(chosen.expr)
    }

    /// `return`, `break` or `continue` after `??`.
    pub(super) fn leaving(&mut self, tree: &'c Tree, span: Span) -> Checking<Expr> {
        match tree {
            Tree::Stmt(block) => self.nested(block, Want::Nothing).map(|chosen| chosen.expr),
            _ => self.fail(Code::RuleSyntax, span, "a value is needed here", "write a default"),
        }
    }

    /// One statement; whether what follows it is never reached.
    fn stmt(&mut self, node: &'c Node, out: &mut Vec<Stmt>) -> Checking<bool> {
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
                // `()` does nothing, as in `_ => ()`.
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

    /// After `if c { … return; }` the opposite of `c` is known.
    fn learn(&mut self, expr: &Expr) {
        let ExprKind::If(condition, then, otherwise) = &expr.kind else { return };
        let ends = |block: &Block| block_ends(block);
        let (then_ends, otherwise_ends) = (ends(then), otherwise.as_deref().is_some_and(ends));
        let condition = (**condition).clone();
        if then_ends && !otherwise_ends {
            self.assume(&condition, false);
        }
        if otherwise_ends && !then_ends {
            self.assume(&condition, true);
        }
    }

    /// A call that stands as a statement: a verb, or a function for what it does.
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

    /// `let x = …` and `const x = …`
    fn declaration(
        &mut self,
        name: &'c Ident,
        value: &'c Tree,
        flags: ASTFlags,
        word: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<()> {
        let at = self.layout.at(name.pos);
        if flags.contains(ASTFlags::EXPORTED) {
            let _: Checking<()> = self.fail(
                Code::NoImport,
                word,
                "`export` is not in the language",
                "a rule is one file of its own; leave it out",
            );
        }
        if matches!(value, Tree::Unit(position) if position.is_none()) {
            self.declare(&name.name, None, at, true)?;
            return self.fail(
                Code::NotInLanguage,
                at,
                format!("`{}` is declared without a value", name.name),
                format!("write `let {} = …;`", name.name),
            );
        }
        let value = self.expr(value).and_then(|value| self.storable(value));
        let slot = self.declare(&name.name, value.as_ref().ok().map(|value| value.ty), at, true)?;
        out.push(Stmt::Set { slot, value: value? });
        Ok(())
    }

    /// `x = …` and `x += …`
    fn assignment(
        &mut self,
        op: &'c OpAssignment,
        parts: &'c BinaryExpr,
        span: Span,
        out: &mut Vec<Stmt>,
    ) -> Checking<()> {
        let at = self.layout.expr(&parts.lhs);
        let written = self.written(at);
        let Tree::Variable(name, ..) = &parts.lhs else {
            let _ = self.open_operand(&parts.rhs);
            return if matches!(parts.lhs, Tree::Index(..)) {
                self.fail(
                    Code::NoArray,
                    at,
                    "elements of a list cannot be set",
                    "keep what you compute in locals: `let sum = money(\"0\");`",
                )
            } else if matches!(parts.lhs, Tree::ThisPtr(_)) {
                self.fail(
                    Code::NoThis,
                    at,
                    "`this` is not in the language",
                    "keep what you compute in a local",
                )
            } else {
                self.fail(
                    Code::NoAssignToFact,
                    at,
                    format!("`{written}` cannot be set: facts and parameters are only read"),
                    format!("keep a value of your own: `let x = {written};`"),
                )
            };
        };
        let name = name.1.as_str();
        let found = self.frame.locals.iter().rposition(|local| local.name == name);
        let Some(index) = found else {
            let _ = self.open_operand(&parts.rhs);
            if self.lost.contains(name) {
                return Err(Failed);
            }
            let fact =
                crate::rule::catalog::facts(self.phase).iter().any(|(record, _)| record.name() == name)
                    || super::scope::NAMESPACES.contains(&name);
            if fact {
                return self.fail(
                    Code::NoAssignToFact,
                    at,
                    format!("`{name}` cannot be set: facts and parameters are only read"),
                    "keep a value of your own with `let`",
                );
            }
            return self.fail(
                Code::UnknownFact,
                at,
                format!("`{name}` is not known here"),
                format!("declare it first: `let {name} = …;`"),
            );
        };
        let operator = op.get_op_assignment_info().map(|info| info.5);
        // What is set beside the value it is made of would be read before or after it.
        let value = match operator {
            None => self.expr(&parts.rhs),
            Some(_) => self.operand(&parts.rhs),
        };
        let Some(local) = self.frame.locals.get(index).cloned() else { return Err(Failed) };
        if index < self.frame.floor {
            return self.fail(
                Code::NotInLanguage,
                at,
                format!("`{name}` is set inside of a larger expression"),
                "set it in a statement of its own",
            );
        }
        let value = value?;
        let ty = local.ty.ok_or(Failed)?;
        let value = match operator {
            None => self.storable(value)?,
            Some(operator) => {
                let current = self.narrowed(Expr { kind: ExprKind::Local(local.slot), ty, span: at });
                let current = self.known(current)?;
                self.binary(
                    operator,
                    self.layout.at(op.position()),
                    span,
                    (current, None),
                    (value, Some(&parts.rhs)),
                )?
            }
        };
        if !same_kind(value.ty.base, ty.base) {
            let message =
                format!("`{name}` is {}, and this is {}", words::a(Type::known(ty.base)), words::a(value.ty));
            let help = match (ty.base, value.ty.base) {
                (Base::Integer, Base::Decimal) => format!("declare it as a decimal: `let {name} = 0.0;`"),
                _ => self.convert_help(ty.base, &value),
            };
            return self.fail(Code::WrongType, value.span, message, help);
        }
        let value = if ty.unknown { value } else { self.known(value)? };
        out.push(Stmt::Set { slot: local.slot, value });
        Ok(())
    }

    /// `for x in list` and `for (x, n) in list`
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

    /// `return`, and `throw`, which is refused.
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

    /// `if … { … } else { … }`
    fn choose(
        &mut self,
        parts: &'c FlowControl,
        position: Position,
        span: Span,
        want: Want,
    ) -> Checking<Chosen> {
        let word = self.layout.at(position);
        let condition = self.condition(&parts.expr);
        if let Tree::BoolConstant(value, _) = &parts.expr {
            let message = format!("this condition is always {value}");
            self.report(
                Code::UnreachableCode,
                self.layout.expr(&parts.expr),
                message,
                Some("remove the branch that never runs".to_owned()),
            );
        }
        let has_else = !parts.branch.position().is_none();
        let want = if want == Want::Maybe && !has_else { Want::Nothing } else { want };
        let mark = self.frame.facts.len();
        if let Ok(condition) = &condition {
            self.assume(condition, true);
        }
        let mut branches = vec![self.block(&parts.body, want)];
        self.frame.facts.truncate(mark);
        if has_else {
            if let Ok(condition) = &condition {
                self.assume(condition, false);
            }
            branches.push(self.block(&parts.branch, want));
            self.frame.facts.truncate(mark);
        } else if want == Want::Value {
            return self.fail(
                Code::BranchTypes,
                word,
                "this `if` has no `else`, so it may give no value",
                "add `else { … }` with the value otherwise",
            );
        }
        let condition = condition?;
        let (ty, ends) = self.unify(&mut branches, has_else, want)?;
        let mut branches = branches.into_iter();
        let then = branches.next().ok_or(Failed)?.block;
        let otherwise = branches.next().map(|branch| Box::new(branch.block));
        let kind = ExprKind::If(Box::new(condition), Box::new(then), otherwise);
        Ok(Chosen { expr: Expr { kind, ty, span }, ends })
    }

    /// The one type of all branches, and whether all of them end. `whole` tells that one of them always runs.
    pub(super) fn unify(
        &mut self,
        branches: &mut [Lowered],
        whole: bool,
        want: Want,
    ) -> Checking<(Type, bool)> {
        if branches.iter().any(|branch| branch.failed) {
            return Err(Failed);
        }
        let ends = whole && branches.iter().all(|branch| branch.ends);
        if want == Want::Nothing || ends {
            return Ok((Type::UNIT, ends));
        }
        let mut ty: Option<Type> = None;
        let mut odd: Option<(Span, Type, Type)> = None;
        for branch in branches.iter().filter(|branch| !branch.ends) {
            ty = Some(match ty {
                None => branch.ty,
                Some(ty) if same_kind(ty.base, branch.ty.base) => Type {
                    base: if ty.base == branch.ty.base { ty.base } else { Base::Text },
                    unknown: ty.unknown || branch.ty.unknown,
                },
                Some(ty) => {
                    let span = branch.block.value.as_ref().map_or(branch.block.span, |value| value.span);
                    odd.get_or_insert((span, branch.ty, ty));
                    ty
                }
            });
        }
        let ty = ty.unwrap_or(Type::UNIT);
        let fits = whole && odd.is_none() && ty != Type::UNIT;
        if fits {
            return Ok((ty, false));
        }
        if want == Want::Maybe {
            for branch in branches {
                if let Some(value) = branch.block.value.take() {
                    branch.block.stmts.push(Stmt::Do(value));
                }
                branch.ty = Type::UNIT;
            }
            return Ok((Type::UNIT, false));
        }
        let (span, found, wanted) = odd.unwrap_or_else(|| {
            let empty = branches.iter().find(|branch| !branch.ends && branch.ty == Type::UNIT);
            (empty.map_or_else(Span::default, |branch| branch.block.span), Type::UNIT, ty)
        });
        let message = format!("this branch gives {}, and another one {}", words::a(found), words::a(wanted));
        let help = match (found.base, wanted.base) {
            (Base::Integer, Base::Decimal) | (Base::Decimal, Base::Integer) => {
                "write both with a point, such as `1.0`, or convert with `decimal(n)`".to_owned()
            }
            (Base::Unit, _) | (_, Base::Unit) => "let the last line of each branch be its value".to_owned(),
            _ => format!("let every branch give {}", words::a(Type::known(wanted.base))),
        };
        self.fail(Code::BranchTypes, span, message, help)
    }

    /// Statements that are out of the language; what stands in them is checked all the same.
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

/// Whether a checked block never reaches its end.
pub(super) fn block_ends(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        Stmt::Return(..) | Stmt::Break(_) | Stmt::Continue(_) => true,
        Stmt::Do(expr) => expr_ends(expr),
        _ => false,
    }) || block.value.as_ref().is_some_and(expr_ends)
}

fn expr_ends(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Block(block) => block_ends(block),
        ExprKind::If(_, then, Some(otherwise)) => block_ends(then) && block_ends(otherwise),
        ExprKind::Switch(switch) => {
            switch.default.as_ref().is_some_and(block_ends)
                && switch.arms.iter().all(|arm| block_ends(&arm.body))
        }
        _ => false,
    }
}
