//! The state of one check, and how errors are reported. All parts of the checker share it.

use std::collections::{BTreeSet, HashMap, HashSet};

use rhai::{Stmt, StmtBlock};

use crate::diagnostic::{Code, Diagnostics, Help, Severity, Span};
use crate::lang::catalog::Field;
use crate::lang::env::{Env, Used};
use crate::lang::ir::Function;
use crate::lang::parse::{Fault, Layout};
use crate::lang::types::{Phase, Type};

/// Marks that a diagnostic was reported: the caller continues without a diagnostic of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

/// The most expressions and statements of one checked rule. A rule has at most 65,000 bytes, and so fewer of its own; a function
/// counts once for each combination of types that it is called with.
const NODES: usize = 150_000;

pub(super) type Checking<T> = Result<T, Failed>;

/// The result that a rule must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// Statements and verbs.
    Script,
    /// A value of this type.
    Value(Type),
    /// An integer, a decimal or money.
    Number,
    /// A value of any type, which may be unknown.
    Any,
}

/// The state of one check.
pub(super) struct Checker<'c, 't> {
    pub(super) env: &'c Env<'c>,
    pub(super) layout: &'c Layout<'t>,
    pub(super) phase: Phase,
    pub(super) expect: Expect,
    pub(super) faults: Vec<Fault>,
    /// The number of faults that are errors.
    pub(super) errors: usize,
    /// The number of nodes so far.
    pub(super) nodes: usize,
    /// What was reported, so that a function that is checked for several types reports once.
    pub(super) seen: HashSet<(Code, Span)>,
    /// Names declared in statements that could not be parsed.
    pub(super) lost: &'c BTreeSet<String>,
    /// Whether every statement could be parsed; lints need the whole rule.
    pub(super) whole: bool,
    pub(super) definitions: Vec<Definition<'c>>,
    pub(super) instances: HashMap<(usize, Vec<Option<Type>>), Option<Instance>>,
    /// The functions that are being checked, innermost last.
    pub(super) active: Vec<usize>,
    /// The checked functions, callees first.
    pub(super) functions: Vec<Function>,
    pub(super) frame: Frame,
    /// Names that are assigned to anywhere.
    pub(super) assigned: HashSet<&'t str>,
    pub(super) reads: BTreeSet<Field>,
    pub(super) used: Used,
    /// The first byte of the rule; the shared functions that it calls stand before it.
    pub(super) rule_at: u32,
    /// The levels of nesting around the current node, and the most so far.
    pub(super) depth: usize,
    pub(super) deepest: usize,
}

impl Checker<'_, '_> {
    /// Counts a node of the checked rule. Reports an error if the rule has too many, and stops where so much is wrong already that
    /// nobody would read more.
    pub(super) fn node(&mut self, span: Span) -> Checking<()> {
        if self.errors >= Diagnostics::MOST {
            return Err(Failed);
        }
        self.nodes += 1;
        if self.nodes <= NODES {
            return Ok(());
        }
        self.fail(
            Code::TooLarge,
            span,
            format!("the rule has more than {NODES} operations, counting each function once for each combination of types"),
            "call functions with values of the same types, or split the rule",
        )
    }

    /// Reports a diagnostic, once for each code and place.
    pub(super) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<impl Into<Help>>,
    ) {
        let is_error = code.severity() == Severity::Error;
        let is_kept = if is_error { self.errors } else { self.faults.len() } < Diagnostics::MOST;
        if is_kept && self.seen.insert((code, span)) {
            self.errors += usize::from(is_error);
            let mut fault = Fault::new(code, span, message);
            fault.help = help.map(Into::into);
            self.faults.push(fault);
        }
    }

    /// Reports an error with a help.
    pub(super) fn fail<T>(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) -> Checking<T> {
        self.report(code, span, message, Some(help));
        Err(Failed)
    }

    /// Goes `by` levels deeper, or reports that the nesting is too deep.
    pub(super) fn deeper(&mut self, span: Span, by: usize) -> Checking<()> {
        let depth = self.depth.saturating_add(by);
        self.deepest = self.deepest.max(depth);
        if depth <= self.env.limits.nesting {
            return Ok(());
        }
        let most = self.env.limits.nesting;
        self.fail(
            Code::TooDeep,
            span,
            format!("the rule is nested deeper than {most} levels here"),
            "give parts of it a name with `let`, or join fewer operands",
        )
    }

    /// Returns the span of a block of the tree.
    pub(super) fn block_span(&self, block: &StmtBlock) -> Span {
        self.layout.block(block)
    }
}

/// A function as it is defined.
pub(super) struct Definition<'c> {
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) params: Vec<(String, Span)>,
    pub(super) body: &'c [Stmt],
    pub(super) span: Span,
    pub(super) called: bool,
}

/// A function that was checked for one tuple of types.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) index: u16,
    pub(super) ty: Type,
    /// The levels of nesting inside the function, its callees included.
    pub(super) height: usize,
}

/// A local.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) name: String,
    /// The type; `None` if the value assigned has an error.
    pub(super) ty: Option<Type>,
    pub(super) slot: u16,
    pub(super) span: Span,
    pub(super) read: bool,
    /// Whether an unread local gets a warning: not a parameter, not the counter of a `for`.
    pub(super) declared: bool,
}

/// A fact or local that may be unknown, and that does not change while a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Fact(Field),
    Attribute(u16),
    Local(u16),
    FieldOf(Field, u16),
    AttributeOf(u16, u16),
}

/// The state of a rule or function while it is checked.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) locals: Vec<Local>,
    /// The most slots needed.
    pub(super) most: u16,
    /// The paths that are known at this point.
    pub(super) facts: Vec<Path>,
    /// Locals below this index are outside of the operand that is being checked.
    pub(super) floor: usize,
    /// What `return` gave so far; `None` outside of functions.
    pub(super) returns: Option<Vec<(Option<Type>, Span)>>,
}

impl Frame {
    pub(super) fn new() -> Self {
        Self { locals: Vec::new(), most: 0, facts: Vec::new(), floor: 0, returns: None }
    }
}
