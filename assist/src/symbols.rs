//! The outline of a file, where a name is declared, and where it is used.

use accrue::diagnostic::{Place, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::file::FileKind;
use crate::names::{Declared, NameKind, Reference};
use crate::project::Project;
use crate::types::Types;

/// A name of the outline of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Symbol {
    /// The name.
    pub name: String,
    /// What it is of; `None` for a table of TOML.
    pub kind: Option<NameKind>,
    /// Its type or value; empty if there is none.
    pub detail: String,
    /// The name in the file.
    pub span: Span,
    /// The whole declaration.
    pub whole: Span,
    /// What is declared within it.
    pub children: Vec<Symbol>,
}

/// Returns the outline of a file: its tables and the names that it declares.
///
/// ```
/// use accrue_assist::{Project, symbols};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("contracts/a.toml", "[params]\ngrace_days = 3\n[[limits]]\nname = \"budget\"\n");
/// let names: Vec<String> = symbols(&project, "contracts/a.toml").into_iter().map(|symbol| symbol.name).collect();
/// assert_eq!(names, ["params", "budget"]);
/// ```
pub fn symbols(project: &Project, path: &str) -> Vec<Symbol> {
    let Some(file) = project.file(path) else { return Vec::new() };
    let mut own: Vec<&Declared> = project
        .names()
        .declared
        .iter()
        .filter(|declared| declared.place.file == path && declared.kind != NameKind::RuleFile)
        .collect();
    own.sort_by_key(|declared| declared.place.span);
    let symbol = |declared: &Declared| Symbol {
        name: declared.name.clone(),
        kind: Some(declared.kind),
        detail: declared.detail.clone(),
        span: declared.place.span,
        whole: declared.whole,
        children: Vec::new(),
    };
    let FileKind::Toml(document, _) = &file.kind else { return own.into_iter().map(symbol).collect() };
    let mut found = Vec::new();
    let mut next = 0;
    for section in &document.tables {
        let from = next;
        while own.get(next).is_some_and(|declared| declared.place.span.start < section.span.end) {
            next += 1;
        }
        let inside = own.get(from..next).unwrap_or_default().iter().map(|declared| symbol(declared));
        let whole = crate::names::table_span(section, &file.text);
        match &section.header {
            None => found.extend(inside),
            Some(header) => {
                let mut children: Vec<Symbol> = inside.collect();
                let is_whole = |symbol: &Symbol| symbol.whole == whole;
                if let Some(at) = children.iter().position(is_whole) {
                    let mut of = children.remove(at);
                    of.children = children;
                    found.push(of);
                } else {
                    let name = section.path().join(".");
                    let detail = String::new();
                    found.push(Symbol { name, kind: None, detail, span: header.span, whole, children });
                }
            }
        }
    }
    found
}

/// What is said at a byte of a file: a name of the program, or a local.
pub(crate) enum Said<'p> {
    Name(&'p Reference),
    Local { name: String, declared: Span, all: Vec<Span>, at: Span },
}

/// Returns what is said at a byte of a file.
pub(crate) fn said<'p>(project: &'p Project, path: &'p str, at: u32) -> Option<Said<'p>> {
    if let Some(reference) = project.names().reference_at(path, at) {
        return Some(Said::Name(reference));
    }
    let rule = project.file(path)?.rule_at(at)?;
    let types = Types::new(rule, project.names(), path);
    let local_at = at.saturating_sub(rule.offset);
    let index = types.tokens.iter().position(|token| {
        token.kind == crate::lexer::Kind::Word && token.span.start <= local_at && local_at <= token.span.end
    })?;
    let of = |index: usize| {
        let token = types.tokens.get(index)?;
        if token.kind != crate::lexer::Kind::Word
            || index.checked_sub(1).is_some_and(|before| types.word(before) == ".")
        {
            return None;
        }
        let word = types.word(index);
        if let Some(declared) = types.locals.iter().position(|local| local.span == token.span) {
            return Some(declared);
        }
        let seen = types.locals_at(token.span.start).filter(|local| local.name == word).last()?;
        types.locals.iter().position(|local| local.span == seen.span)
    };
    let local = of(index)?;
    let all = (0..types.tokens.len()).filter(|index| of(*index) == Some(local));
    let all: Vec<Span> = all.filter_map(|index| Some(rule.place(types.tokens.get(index)?))).collect();
    let declared = types.locals.get(local)?;
    let at = rule.place(types.tokens.get(index)?);
    Some(Said::Local { name: declared.name.clone(), declared: rule.moved(declared.span), all, at })
}

/// Returns the places where a name is declared that a byte of a file says. A parameter that several contracts declare for one rule
/// file has several.
///
/// ```
/// use accrue_assist::{Project, definition};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("functions/age.rhai", "fn age(from) { months_between(from, action.occurred_at.date) }");
/// project.set("rules/a.rhai", "if age(touch.at.date) > 3 { flag(\"OLD\"); }");
/// assert_eq!(definition(&project, "rules/a.rhai", 4)[0].file, "functions/age.rhai");
/// ```
pub fn definition(project: &Project, path: &str, at: u32) -> Vec<Place> {
    match said(project, path, at) {
        Some(Said::Name(reference)) => {
            let seen = project.names().seen(reference.kind, path);
            seen.into_iter()
                .filter(|declared| declared.name == reference.name)
                .map(|declared| declared.place.clone())
                .collect()
        }
        Some(Said::Local { declared, .. }) => vec![Place::new(path, declared)],
        None => Vec::new(),
    }
}

/// Returns every place that says the name at a byte of a file, its declarations among them, in the order of files and places.
pub fn references(project: &Project, path: &str, at: u32) -> Vec<Place> {
    match said(project, path, at) {
        Some(Said::Name(reference)) => {
            linked(project, reference, path).into_iter().map(|found| found.place.clone()).collect()
        }
        Some(Said::Local { all, .. }) => all.into_iter().map(|span| Place::new(path, span)).collect(),
        None => Vec::new(),
    }
}

/// Returns every reference to the name that a reference of a file says: contracts that share a rule file share what it reads.
pub(crate) fn linked<'p>(project: &'p Project, reference: &Reference, path: &str) -> Vec<&'p Reference> {
    let names = project.names();
    let same: Vec<&Reference> = names
        .references
        .iter()
        .filter(|other| other.kind == reference.kind && other.name == reference.name)
        .collect();
    if !reference.kind.is_of_contract() {
        return same;
    }
    // Contracts, and the files that see them.
    let mut contracts: Vec<&str> = names.contracts_of(path);
    loop {
        let before = contracts.len();
        for other in &same {
            let seen = names.contracts_of(&other.place.file);
            if seen.iter().any(|contract| contracts.contains(contract)) {
                let more: Vec<&str> =
                    seen.into_iter().filter(|contract| !contracts.contains(contract)).collect();
                contracts.extend(more);
            }
        }
        if contracts.len() == before {
            break;
        }
    }
    let sees = |other: &&Reference| {
        names.contracts_of(&other.place.file).iter().any(|contract| contracts.contains(contract))
    };
    same.into_iter().filter(sees).collect()
}
