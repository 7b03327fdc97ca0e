//! What is in scope while a rule is generated: locals, functions, guards, and how much may still nest.

use accrue::internals::lang::Phase;

use super::vocabulary::{FACTS, Fact, ITEM_FIELDS, LATER_FACTS, Ty};
use crate::choices::Choices;

/// A local of a block.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Whether it may be assigned to.
    pub mutable: bool,
}

/// A local that holds an item or a touch.
#[derive(Clone, Debug)]
pub struct RowLocal {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: &'static [Fact],
}

/// A function that may be called.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Types of its parameters.
    pub params: Vec<Ty>,
    /// What it returns; `None` for one that only gives verbs.
    pub returns: Option<Ty>,
}

/// The state of generation.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Where choices come from.
    pub choices: Choices<'a>,
    /// The phase, which decides facts and verbs.
    pub phase: Phase,
    /// Locals that can be read.
    pub locals: Vec<Local>,
    /// Locals of loops over items and touches.
    pub rows: Vec<RowLocal>,
    /// Functions that can be called.
    pub functions: Vec<Function>,
    /// Facts that a guard around this place says are known.
    pub guarded: Vec<String>,
    /// How many more levels may nest.
    pub depth: usize,
    /// Loops around this place.
    pub loops: usize,
    /// Names given so far.
    names: usize,
}

impl<'a> Scope<'a> {
    /// An empty scope.
    pub fn new(choices: Choices<'a>, phase: Phase) -> Self {
        Self {
            choices,
            phase,
            locals: Vec::new(),
            rows: Vec::new(),
            functions: Vec::new(),
            guarded: Vec::new(),
            depth: 5,
            loops: 0,
            names: 0,
        }
    }

    /// A name that nothing else has.
    pub fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}_{}", self.names)
    }

    /// Whether only leaves should be made.
    pub fn at_leaf(&self) -> bool {
        self.depth == 0 || self.choices.is_empty()
    }

    /// Runs `make` one level deeper.
    pub fn deeper<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth = self.depth.saturating_sub(1);
        let made = make(self);
        self.depth += 1;
        made
    }

    /// Runs `make` in a block of its own: what it declares is gone after it.
    pub fn block<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let (locals, rows, guarded) = (self.locals.len(), self.rows.len(), self.guarded.len());
        let made = self.deeper(make);
        self.locals.truncate(locals);
        self.rows.truncate(rows);
        self.guarded.truncate(guarded);
        made
    }

    /// Facts of a type that can be read here, each with whether it may be unknown.
    pub fn facts(&self, ty: Ty) -> Vec<(String, bool)> {
        let mut found: Vec<(String, bool)> = Vec::new();
        let mut take = |path: String, unknown: bool| {
            let unknown = unknown && !self.guarded.contains(&path);
            found.push((path, unknown));
        };
        let later = !matches!(self.phase, Phase::OrderAmount | Phase::ItemAmount);
        for (path, of, unknown) in FACTS.iter().chain(LATER_FACTS.iter().filter(|_| later)) {
            if *of == ty {
                take((*path).to_owned(), *unknown);
            }
        }
        let item = self.phase.is_of_item().then_some(("item", &ITEM_FIELDS[..]));
        let rows = self.rows.iter().map(|row| (row.name.as_str(), row.fields));
        for (name, fields) in item.into_iter().chain(rows) {
            for (field, _, unknown) in fields.iter().filter(|(_, of, _)| *of == ty) {
                take(format!("{name}.{field}"), *unknown);
            }
        }
        found
    }
}
