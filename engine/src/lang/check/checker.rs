//! The state of one check, and how it reports: what every part of the checker works on.

use std::collections::{BTreeSet, HashMap, HashSet};

use rhai::{Stmt, StmtBlock};

use crate::diagnostic::{Code, Span};
use crate::lang::catalog::Field;
use crate::lang::env::{Env, Used};
use crate::lang::ir::Function;
use crate::lang::parse::{Fault, Layout};
use crate::lang::types::{Phase, Type};

/// Marks that a diagnostic has been given; whoever gets it goes on without one of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

pub(super) type Checking<T> = Result<T, Failed>;

/// What a rule must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// Statements and verbs.
    Script,
    /// A value of this type.
    Value(Type),
    /// An integer, a decimal or money.
    Number,
}

/// The state of one check.
pub(super) struct Checker<'c, 't> {
    pub(super) env: &'c Env<'c>,
    pub(super) layout: &'c Layout<'t>,
    pub(super) phase: Phase,
    pub(super) expect: Expect,
    pub(super) faults: Vec<Fault>,
    /// What has been reported, so that a function that is checked for several types reports once.
    pub(super) seen: HashSet<(Code, Span)>,
    /// Names that were declared in statements that could not be read.
    pub(super) lost: &'c BTreeSet<String>,
    /// Whether every statement could be read; lints need the whole rule.
    pub(super) whole: bool,
    pub(super) definitions: Vec<Definition<'c>>,
    pub(super) instances: HashMap<(usize, Vec<Option<Type>>), Option<Instance>>,
    /// Functions that are being checked, innermost last.
    pub(super) active: Vec<usize>,
    /// Functions that have been checked, callees first.
    pub(super) functions: Vec<Function>,
    pub(super) frame: Frame,
    /// Names that are assigned to anywhere.
    pub(super) assigned: HashSet<&'t str>,
    pub(super) reads: BTreeSet<Field>,
    pub(super) used: Used,
    /// Levels of nesting around what is being checked, and the most there were.
    pub(super) depth: usize,
    pub(super) deepest: usize,
}

impl Checker<'_, '_> {
    /// Reports, once for each code and place.
    pub(super) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        if self.seen.insert((code, span)) {
            let mut fault = Fault::new(code, span, message);
            fault.help = help.into();
            self.faults.push(fault);
        }
    }

    /// Reports an error with a help.
    pub(super) fn fail<T>(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Checking<T> {
        self.report(code, span, message, Some(help.into()));
        Err(Failed)
    }

    /// Goes one level deeper, unless that is too deep.
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

    /// A block of the tree, for its span.
    pub(super) fn block_span(&self, block: &StmtBlock) -> Span {
        self.layout.block(block)
    }
}

/// A function as it is written.
pub(super) struct Definition<'c> {
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) params: Vec<(String, Span)>,
    pub(super) body: &'c [Stmt],
    pub(super) span: Span,
    pub(super) called: bool,
}

/// A function that has been checked for some types.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) index: u16,
    pub(super) ty: Type,
    /// Levels of nesting inside it, its callees included.
    pub(super) height: usize,
}

/// A local.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) name: String,
    /// Its type; `None` when what it is set to has a fault.
    pub(super) ty: Option<Type>,
    pub(super) slot: u16,
    pub(super) span: Span,
    pub(super) read: bool,
    /// Whether it is worth a warning when nothing reads it: not a parameter, not what a `for` counts.
    pub(super) declared: bool,
}

/// Something that stays the same while a rule runs and may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Fact(Field),
    Attribute(u16),
    Local(u16),
    FieldOf(Field, u16),
}

/// What a rule or a function has while it is checked.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) locals: Vec<Local>,
    /// Slots needed at most.
    pub(super) most: u16,
    /// What is known here.
    pub(super) facts: Vec<Path>,
    /// Locals below this one are outside of the operand that is being checked.
    pub(super) floor: usize,
    /// What `return` gave so far; `None` outside of functions.
    pub(super) returns: Option<Vec<(Option<Type>, Span)>>,
}

impl Frame {
    pub(super) fn new() -> Self {
        Self { locals: Vec::new(), most: 0, facts: Vec::new(), floor: 0, returns: None }
    }
}
