//! Finds the changes between two sources of a program, and makes the programs between them.

use std::collections::BTreeMap;

use accrue::Source;
use accrue::diagnostic::{Place, Span};
use toml::{Table, Value};

use crate::change::{Change, ChangeKind, How, Lines, VersionName};
use crate::document::{self, Difference, Slot};

const PROGRAM: &str = "program.toml";
const CONTRACTS: &str = "contracts/";

/// The changes from one source to another, in the order of the steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) list: Vec<Change>,
    /// What each change does, in the same order.
    edits: Vec<SourceEdit>,
    /// Files of the new source that change nothing by themselves, because something has to name them.
    named: Vec<String>,
}

/// What a change does to the files of a program.
#[derive(Clone, Debug)]
enum SourceEdit {
    /// Replaces a part of the file with the first path by that of the new file with the second path.
    Slot { old: String, new: String, slot: Slot },
    /// Takes a whole file of the new source.
    Take(String),
    /// Takes a file out.
    Remove(String),
}

/// Returns the changes from one source of a program to another, in the order in which [`Plan`](crate::Plan) makes steps of them: by
/// [`ChangeKind`], and what is removed and may still be used, such as a parameter, last. Comments and blanks are no change.
///
/// ```
/// use accrue::Source;
/// let contract = |rate: &str| format!("contract = \"a\"\nversion = 1\n[payout.default]\nrate = \"{rate}\"\n");
/// let old = Source::from_files([("contracts/a.toml", contract("10%"))]);
/// let new = Source::from_files([("contracts/a.toml", contract("12%"))]);
/// let changes = accrue_simulate::changes(&old, &new);
/// assert_eq!(changes[0].to_string(), "payout `default`: rate 10% → 12%");
/// assert_eq!(changes[0].line, Some(3));
/// ```
pub fn changes(old: &Source, new: &Source) -> Vec<Change> {
    Changes::find(old, new).list
}

/// A change with what it does, before they are sorted.
type Found = (Change, SourceEdit);

impl Changes {
    pub(crate) fn find(old: &Source, new: &Source) -> Self {
        let mut found = Vec::new();
        if let (Some(was), Some(is)) = (table(old, PROGRAM), table(new, PROGRAM)) {
            for difference in document::program_differences(&was, &is) {
                found.push(at_slot((PROGRAM, &was), (PROGRAM, &is), difference, (old, new)));
            }
        }
        contracts(old, new, &mut found);
        let mut named = Vec::new();
        for path in new.paths().filter(|path| is_file(path) && old.bytes(path) != new.bytes(path)) {
            if old.bytes(path).is_none() && !path.starts_with("functions/") {
                named.push(path.to_owned());
                continue;
            }
            let how = if old.bytes(path).is_some() { How::Changed } else { How::Added };
            found.push((file(path, how, (old, new)), SourceEdit::Take(path.to_owned())));
        }
        for path in old.paths().filter(|path| path.starts_with("functions/") && new.bytes(path).is_none()) {
            found.push((file(path, How::Removed, (old, new)), SourceEdit::Remove(path.to_owned())));
        }
        // Stable: the order of the lists in the new files stays.
        found.sort_by_key(|(change, _)| rank(change));
        let (list, edits) = found.into_iter().unzip();
        Self { list, edits, named }
    }

    /// Returns the old source with some of the changes applied.
    pub(crate) fn apply(&self, old: &Source, new: &Source, applied: impl Fn(usize) -> bool) -> Source {
        let mut source = old.clone();
        for path in &self.named {
            source.insert(path.as_str(), new.bytes(path).unwrap_or_default());
        }
        let mut files: BTreeMap<&str, (Table, Option<Table>)> = BTreeMap::new();
        for (_, edit) in self.edits.iter().enumerate().filter(|(n, _)| applied(*n)) {
            match edit {
                SourceEdit::Slot { old: path, new: from, slot } => {
                    let (file, of) = files
                        .entry(path)
                        .or_insert_with(|| (table(old, path).unwrap_or_default(), table(new, from)));
                    if let Some(of) = of {
                        document::apply(slot, file, of);
                    }
                }
                SourceEdit::Take(path) => {
                    source.insert(path.as_str(), new.bytes(path).unwrap_or_default());
                }
                SourceEdit::Remove(path) => source.remove(path),
            }
        }
        for (path, (file, _)) in files {
            // A table that was parsed can be written.
            if let Ok(text) = toml::to_string(&file) {
                source.insert(path, text);
            }
        }
        source
    }
}

/// Finds what differs between the contract files: those with the same path, then those of the same contract version.
fn contracts(old: &Source, new: &Source, found: &mut Vec<Found>) {
    let is_contract = |path: &&str| path.starts_with(CONTRACTS) && path.ends_with(".toml");
    let files = |source: &Source| -> BTreeMap<String, Table> {
        let paths = source.paths().filter(is_contract);
        paths.filter_map(|path| Some((path.to_owned(), table(source, path)?))).collect()
    };
    let (mut olds, mut news) = (files(old), files(new));
    let same: Vec<String> = olds.keys().filter(|path| news.contains_key(*path)).cloned().collect();
    let mut pairs: Vec<(String, String)> = same.iter().map(|path| (path.clone(), path.clone())).collect();
    let renamed = |path: &String, was: &Table| {
        let mut others = news.iter().filter(|(path, _)| !olds.contains_key(*path));
        let other = others.find(|(_, is)| version(is).is_some() && version(is) == version(was))?;
        Some((path.clone(), other.0.clone()))
    };
    let moved: Vec<(String, String)> = olds
        .iter()
        .filter(|(path, _)| !news.contains_key(*path))
        .filter_map(|(path, was)| renamed(path, was))
        .collect();
    pairs.extend(moved);
    for (path, from) in pairs {
        let (Some(was), Some(is)) = (olds.remove(&path), news.remove(&from)) else { continue };
        for difference in document::contract_differences(&was, &is) {
            found.push(at_slot((&path, &was), (&from, &is), difference, (old, new)));
        }
    }
    for (path, is) in &news {
        let change = whole(ChangeKind::Version, How::Added, path, version(is), new);
        found.push((change, SourceEdit::Take(path.clone())));
    }
    for (path, was) in &olds {
        let change = whole(ChangeKind::Version, How::Removed, path, version(was), old);
        found.push((change, SourceEdit::Remove(path.clone())));
    }
}

/// Returns the change of a slot of a file.
fn at_slot(
    (path, was): (&str, &Table),
    (from, is): (&str, &Table),
    difference: Difference,
    (old, new): (&Source, &Source),
) -> Found {
    let Difference { kind, how, name, edits, slot } = difference;
    let removed = how == How::Removed;
    let (file, source, table) = if removed { (path, old, was) } else { (from, new, is) };
    let text = source.text(file).unwrap_or_default();
    let span = document::span(&slot, text);
    let change = Change {
        kind,
        how,
        name,
        contract: version(table),
        edits,
        lines: None,
        place: span.map(|span| Place::new(file, span)),
        line: span.map(|span| line(text, span)),
        takes_effect: None,
    };
    (change, SourceEdit::Slot { old: path.to_owned(), new: from.to_owned(), slot })
}

/// Returns the change of a whole file.
fn whole(kind: ChangeKind, how: How, path: &str, contract: Option<VersionName>, source: &Source) -> Change {
    let name = contract.as_ref().map_or_else(|| path.to_owned(), VersionName::to_string);
    let name = if kind == ChangeKind::Version { name } else { path.to_owned() };
    let is_text = source.text(path).is_some();
    Change {
        kind,
        how,
        name,
        contract,
        edits: Vec::new(),
        lines: None,
        place: is_text.then(|| Place::new(path, Span::default())),
        line: is_text.then_some(1),
        takes_effect: None,
    }
}

/// Returns the change of a file that is not TOML.
fn file(path: &str, how: How, (old, new): (&Source, &Source)) -> Change {
    let kind = match path.split('/').next().unwrap_or_default() {
        "functions" => ChangeKind::Functions,
        "lists" => ChangeKind::List,
        "tables" => ChangeKind::Table,
        "components" => ChangeKind::Component,
        _ => ChangeKind::Rule,
    };
    let source = if how == How::Removed { old } else { new };
    let change = whole(kind, how, path, None, source);
    let texts = old.text(path).zip(new.text(path)).filter(|_| how == How::Changed);
    match texts {
        Some((old, new)) => {
            let same = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
            let line = u32::try_from(same).unwrap_or(u32::MAX).saturating_add(1);
            Change { lines: Some(lines(old, new)), line: Some(line), ..change }
        }
        None => change,
    }
}

/// Returns whether a path is that of a file that is taken as a whole.
fn is_file(path: &str) -> bool {
    ["rules/", "functions/", "lists/", "tables/", "components/"].iter().any(|folder| path.starts_with(folder))
}

/// Returns the place of a change among the steps: what is removed and may be used by what is changed later comes last.
fn rank(change: &Change) -> (bool, ChangeKind, Option<VersionName>) {
    let is_used = change.kind <= ChangeKind::Total && change.how == How::Removed;
    // Versions of a contract follow each other, so they stand together, with what says when they hold.
    let contract = (change.kind >= ChangeKind::Validity).then(|| change.contract.clone()).flatten();
    let kind = change.kind.min(ChangeKind::Validity);
    (is_used, kind, contract)
}

/// Returns the name and the number of the version in a contract file.
fn version(table: &Table) -> Option<VersionName> {
    let name = table.get("contract")?.as_str()?.to_owned();
    Some(VersionName { name, version: table.get("version").and_then(Value::as_integer).unwrap_or_default() })
}

fn table(source: &Source, path: &str) -> Option<Table> {
    // Some editors mark a file as UTF-8 by its first character.
    source.text(path)?.trim_start_matches('\u{feff}').parse().ok()
}

/// Returns the line of a place, from 1.
fn line(text: &str, span: Span) -> u32 {
    let before = text.as_bytes().get(..span.start as usize).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1)
}

/// Counts the lines that only one of two texts has.
fn lines(old: &str, new: &str) -> Lines {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    new.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    old.lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    let sum = |of: fn(i64) -> i64| {
        counts.values().fold(0u64, |sum, count| sum.saturating_add(of(*count).max(0).unsigned_abs()))
    };
    Lines { added: sum(|count| count), removed: sum(|count| count.saturating_neg()) }
}
