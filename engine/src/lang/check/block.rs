//! Checks blocks: a typed block with its value, and whether its end is reached.

use rhai::{Expr as Tree, Stmt as Node, StmtBlock};

use super::checker::{Checker, Checking, Failed};
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::ir::{Block, Expr, ExprKind, Stmt};
use crate::lang::types::Type;

/// Whether the last statement of a block is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// The value of the block is not used.
    Nothing,
    /// The block must have a value.
    Value,
    /// The block has a value if it can, like the body of a function.
    Maybe,
}

/// A checked block.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    pub(super) block: Block,
    /// The type of its value; `Unit` if it has none.
    pub(super) ty: Type,
    /// Whether its end is never reached, because it returns, breaks or continues.
    pub(super) ends: bool,
    pub(super) failed: bool,
}

/// The last statement of a block.
struct Tail {
    value: Option<Expr>,
    ends: bool,
}

/// A checked `if` or `switch`, with the type that its branches share.
pub(super) struct Chosen {
    pub(super) expr: Expr,
    pub(super) ends: bool,
}

impl<'c> Checker<'c, '_> {
    /// Checks a block with a scope of its own.
    pub(super) fn block(&mut self, block: &'c StmtBlock, want: Want) -> Lowered {
        let span = self.block_span(block);
        self.statements(block.statements(), span, want)
    }

    /// Checks statements with a scope of their own.
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
            if self.node(span).is_err() {
                lowered.failed = true;
                break;
            }
            if lowered.ends {
                // Unreachable statements are checked for faults and left out.
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

    /// Checks the last statement of a block whose value is wanted.
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

    /// Checks a block inside another.
    pub(super) fn nested(&mut self, block: &'c StmtBlock, want: Want) -> Checking<Chosen> {
        let lowered = self.block(block, want);
        if lowered.failed {
            return Err(Failed);
        }
        let Lowered { block, ty, ends, .. } = lowered;
        let span = block.span;
        // A block with only a value is that value.
        let expr = match block {
            Block { stmts, value: Some(value), .. } if stmts.is_empty() => value,
            block => Expr { kind: ExprKind::Block(Box::new(block)), ty, span },
        };
        Ok(Chosen { expr, ends })
    }

    /// Checks `if`, `switch` or a block in the place of an expression.
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

    /// Checks `return`, `break` or `continue` after `??`.
    pub(super) fn leaving(&mut self, tree: &'c Tree, span: Span) -> Checking<Expr> {
        match tree {
            Tree::Stmt(block) => self.nested(block, Want::Nothing).map(|chosen| chosen.expr),
            _ => self.fail(Code::RuleSyntax, span, "a value is needed here", "write a default"),
        }
    }
}

/// Returns whether a checked block never reaches its end.
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
