//! The account of a load: what reading a program spends, each taken before the work, beside the limits.
//!
//! The size of the files alone says little about what a program costs, since a file may be named many times: what cannot be
//! shared is counted each time that it is named.

use std::cell::Cell;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::limits::{Limits, Spent};

/// Text that is read more than once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Repeated {
    /// Rows of tables.
    Tables,
    /// A contract, for each version that it becomes.
    Versions,
    /// Shared functions, for each rule that calls them.
    Functions,
    /// A rule file, for each version whose parameters, totals or currency differ.
    RuleFiles,
    /// A file or a table, for each list that takes its values from it.
    Lists,
}

impl Repeated {
    /// Returns what has too many bytes, and what to do.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Tables => (
                "the rules of all tables that contracts use",
                "use fewer rows, shorter cells, or each table in fewer versions",
            ),
            Self::Versions => (
                "the versions that contracts make of currencies and payouts by event type",
                "name fewer currencies or event types in a contract, or make the contract shorter",
            ),
            Self::Functions => (
                "the shared functions of all rules that call them",
                "make the functions shorter, or call them in fewer rules",
            ),
            Self::RuleFiles => (
                "the rule files of all versions that name them",
                "make the files shorter, name them in fewer versions, or give the versions the same `[params]` and `[totals]`",
            ),
            Self::Lists => (
                "the files and tables of all lists that name them",
                "declare one list for each file, and name it wherever it is needed",
            ),
        }
    }
}

/// What a load has spent so far.
pub(super) struct Account<'l> {
    limits: &'l Limits,
    bytes: Cell<usize>,
    nodes: Cell<usize>,
    components: Cell<usize>,
    /// Whether the error is reported already: want of room is one error, however much comes after it.
    told: Cell<bool>,
}

impl<'l> Account<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            bytes: Cell::default(),
            nodes: Cell::default(),
            components: Cell::default(),
            told: Cell::default(),
        }
    }

    /// Takes bytes of text that is read again. Returns whether there is room for it; reports an error if not.
    pub(super) fn repeat(&self, bytes: usize, of: Repeated, at: Place, out: &mut Diagnostics) -> bool {
        let message = || {
            let (what, help) = of.words();
            let most = self.limits.repeated_bytes;
            (format!("{what} have more than the {most} bytes that may be read again"), help)
        };
        self.take(&self.bytes, bytes, self.limits.repeated_bytes, message, at, out)
    }

    /// Takes the expressions and statements of a checked rule. Returns whether there is room for them; reports an error if not.
    pub(super) fn rule(&self, nodes: usize, at: Place, out: &mut Diagnostics) -> bool {
        let message = || {
            let most = self.limits.rule_nodes;
            let message = format!("the rules have more than the {most} operations that a program may have");
            (message, "make the rules shorter, or move what they list to `lists/`")
        };
        self.take(&self.nodes, nodes, self.limits.rule_nodes, message, at, out)
    }

    /// Takes a component. Returns whether there is room for it; reports an error if not.
    pub(super) fn component(&self, at: Place, out: &mut Diagnostics) -> bool {
        let message = || {
            let most = self.limits.components;
            (
                format!("the program names more than the {most} components that it may have"),
                "let one component do the work of several: its `params` tell it what to do",
            )
        };
        self.take(&self.components, 1, self.limits.components, message, at, out)
    }

    fn take(
        &self,
        taken: &Cell<usize>,
        more: usize,
        most: usize,
        message: impl FnOnce() -> (String, &'static str),
        at: Place,
        out: &mut Diagnostics,
    ) -> bool {
        let all = taken.get().saturating_add(more);
        if all <= most && !self.told.get() {
            taken.set(all);
            return true;
        }
        if !self.told.replace(true) {
            let (message, help) = message();
            out.push(Diagnostic::new(Code::TooLarge, Some(at), message).help(help));
        }
        false
    }

    /// Returns whether nothing was refused so far.
    pub(super) fn has_room(&self) -> bool {
        !self.told.get()
    }

    /// Returns what was spent of each limit. `bytes` is the size of the files.
    pub(super) fn spent(&self, bytes: usize) -> Vec<Spent> {
        let Limits { program_bytes, repeated_bytes, rule_nodes, components, .. } = *self.limits;
        let of = |limit, spent: usize, at_most: usize| Spent {
            limit,
            spent: spent as u64,
            at_most: at_most as u64,
        };
        vec![
            of("program_bytes", bytes, program_bytes),
            of("repeated_bytes", self.bytes.get(), repeated_bytes),
            of("rule_nodes", self.nodes.get(), rule_nodes),
            of("components", self.components.get(), components),
        ]
    }
}
