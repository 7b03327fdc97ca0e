//! Two versions of one TOML file: what differs, slot by slot, and the file with some of the differences applied.
//!
//! This module knows which keys of contracts and of `program.toml` are lists with names. It knows nothing of money.

use std::collections::{BTreeMap, BTreeSet};

use accrue::diagnostic::Span;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::change::{ChangeKind, Edit, How};

/// The most characters of a value that an edit shows.
const SHOWN_CHARS: usize = 120;

/// The part of a file that one change replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The value at a path.
    Key(Vec<String>),
    /// The entry with this name of the list at a path.
    Entry(Vec<String>, String),
    /// The order of the list at a path.
    Order(Vec<String>),
}

/// A difference between two files.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) kind: ChangeKind,
    pub(crate) how: How,
    pub(crate) name: String,
    pub(crate) edits: Vec<Edit>,
    pub(crate) slot: Slot,
}

/// Returns what differs between two contract files, in the order of the new file's lists.
pub(crate) fn contract_differences(old: &Table, new: &Table) -> Vec<Difference> {
    let mut found = Vec::new();
    for key in keys(old, new) {
        let (was, is) = (old.get(&key), new.get(&key));
        let path = vec![key.clone()];
        match key.as_str() {
            "params" => tables(&path, was, is, ChangeKind::Parameter, &mut found),
            "totals" => tables(&path, was, is, ChangeKind::Total, &mut found),
            "restrictions" => list(&path, was, is, ChangeKind::Restriction, "", &mut found),
            "limits" => list(&path, was, is, ChangeKind::Limit, "", &mut found),
            "bonuses" => list(&path, was, is, ChangeKind::Bonus, "", &mut found),
            "payout" => payout(&path, was, is, "", &mut found),
            "payouts" => {
                let (Some(Value::Table(was)), Some(Value::Table(is))) = (was, is) else {
                    found.extend(at_key(path, was, is, ChangeKind::Payout, key));
                    continue;
                };
                for event in keys(was, is) {
                    let of = format!("{event}: ");
                    payout(&[key.clone(), event.clone()], was.get(&event), is.get(&event), &of, &mut found);
                }
            }
            "contract" | "version" | "effective_from" | "effective_until" | "partners" | "anchor" => {
                found.extend(at_key(path, was, is, ChangeKind::Validity, key));
            }
            _ => found.extend(at_key(path, was, is, ChangeKind::Terms, key)),
        }
    }
    found
}

/// Returns what differs between two files `program.toml`.
pub(crate) fn program_differences(old: &Table, new: &Table) -> Vec<Difference> {
    let mut found = Vec::new();
    for key in keys(old, new) {
        let (was, is) = (old.get(&key), new.get(&key));
        let kind = if key == "lists" { ChangeKind::List } else { ChangeKind::Program };
        match (was, is) {
            (Some(Value::Table(_)) | None, Some(Value::Table(_)) | None) => {
                tables(&[key], was, is, kind, &mut found);
            }
            _ => found.extend(at_key(vec![key.clone()], was, is, kind, key)),
        }
    }
    found
}

/// Applies a difference to a file.
pub(crate) fn apply(slot: &Slot, file: &mut Table, new: &Table) {
    match slot {
        Slot::Key(path) => set(file, path, value_at(new, path).cloned()),
        Slot::Entry(path, name) => {
            let news = entries(value_at(new, path));
            let mut list: Vec<Value> = entries(value_at(file, path)).to_vec();
            let names = names_of(&list);
            let at = names.iter().position(|own| own == name);
            let new_names = names_of(news);
            let new_at = new_names.iter().position(|own| own == name);
            match (at, new_at.and_then(|at| news.get(at))) {
                (Some(at), Some(value)) => {
                    if let Some(own) = list.get_mut(at) {
                        own.clone_from(value);
                    }
                }
                (Some(at), None) => drop(list.remove(at)),
                (None, Some(value)) => {
                    // After the entry that stands before it in the new list, as far as that is there.
                    let before = new_names.iter().take(new_at.unwrap_or_default()).rev();
                    let after = before.filter_map(|name| names.iter().position(|own| own == name)).next();
                    list.insert(after.map_or(0, |at| at.saturating_add(1)), value.clone());
                }
                (None, None) => {}
            }
            set(file, path, (!list.is_empty()).then_some(Value::Array(list)));
        }
        Slot::Order(path) => {
            let new_names = names_of(entries(value_at(new, path)));
            let list = entries(value_at(file, path)).to_vec();
            let names = names_of(&list);
            let place = |name: &String| new_names.iter().position(|new| new == name).unwrap_or(usize::MAX);
            let mut sorted: Vec<(usize, Value)> = names.iter().map(place).zip(list).collect();
            sorted.sort_by_key(|(place, _)| *place);
            set(file, path, Some(sorted.into_iter().map(|(_, value)| value).collect::<Vec<_>>().into()));
        }
    }
}

/// Returns where a slot stands in a file.
pub(crate) fn span(slot: &Slot, text: &str) -> Option<Span> {
    let table = DeTable::parse(text).ok()?;
    let (path, name) = match slot {
        Slot::Key(path) | Slot::Order(path) => (path, None),
        Slot::Entry(path, name) => (path, Some(name)),
    };
    let (key, value) = spanned_at(table.get_ref(), path)?;
    let Some(name) = name else { return Some(key) };
    let DeValue::Array(entries) = value.get_ref() else { return Some(key) };
    let names = unique(entries.iter().map(|entry| match entry.get_ref() {
        DeValue::Table(table) => name_of(|key| match table.get(key)?.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        }),
        _ => None,
    }));
    let entry = entries.iter().zip(&names).find(|(_, own)| *own == name)?.0;
    Some(Span::new(entry.span().start, entry.span().end))
}

fn spanned_at<'a, 'i>(table: &'a DeTable<'i>, path: &[String]) -> Option<(Span, &'a Spanned<DeValue<'i>>)> {
    let (first, rest) = path.split_first()?;
    let (key, value) = table.get_key_value(first.as_str())?;
    if rest.is_empty() {
        return Some((Span::new(key.span().start, key.span().end), value));
    }
    match value.get_ref() {
        DeValue::Table(table) => spanned_at(table, rest),
        _ => None,
    }
}

/// Returns the keys of both tables, each once and sorted: whether a table keeps the order of its keys depends on how the reader of
/// TOML was built.
fn keys(old: &Table, new: &Table) -> BTreeSet<String> {
    old.keys().chain(new.keys()).cloned().collect()
}

/// Finds what differs key by key in a table whose keys are names.
fn tables(
    path: &[String],
    old: Option<&Value>,
    new: Option<&Value>,
    kind: ChangeKind,
    found: &mut Vec<Difference>,
) {
    let empty = Table::new();
    let (was, is) = match (old, new) {
        (Some(Value::Table(was)), Some(Value::Table(is))) => (was, is),
        (None, Some(Value::Table(is))) => (&empty, is),
        (Some(Value::Table(was)), None) => (was, &empty),
        _ => return found.extend(at_key(path.to_vec(), old, new, kind, path.join("."))),
    };
    for key in keys(was, is) {
        let path = path.iter().chain([&key]).cloned().collect();
        found.extend(at_key(path, was.get(&key), is.get(&key), kind, key));
    }
}

fn payout(path: &[String], old: Option<&Value>, new: Option<&Value>, of: &str, found: &mut Vec<Difference>) {
    let empty = Table::new();
    let (was, is) = match (old, new) {
        (Some(Value::Table(was)), Some(Value::Table(is))) => (was, is),
        (None, Some(Value::Table(is))) => (&empty, is),
        (Some(Value::Table(was)), None) => (was, &empty),
        _ => {
            return found.extend(at_key(path.to_vec(), old, new, ChangeKind::Payout, path.join(".")));
        }
    };
    for key in keys(was, is) {
        let inner: Vec<String> = path.iter().chain([&key]).cloned().collect();
        let (was, is) = (was.get(&key), is.get(&key));
        if key == "groups" {
            list(&inner, was, is, ChangeKind::Group, of, found);
        } else {
            found.extend(at_key(inner, was, is, ChangeKind::Payout, format!("{of}{key}")));
        }
    }
}

/// Finds what differs entry by entry in a list whose entries have names.
fn list(
    path: &[String],
    old: Option<&Value>,
    new: Option<&Value>,
    kind: ChangeKind,
    of: &str,
    found: &mut Vec<Difference>,
) {
    let is_list = |value: Option<&Value>| value.is_none_or(Value::is_array);
    if !is_list(old) || !is_list(new) {
        return found.extend(at_key(path.to_vec(), old, new, kind, path.join(".")));
    }
    let (was, is) = (entries(old), entries(new));
    let (old_names, new_names) = (names_of(was), names_of(is));
    let by_name = |names: &[String], values: &'_ [Value]| -> BTreeMap<String, Value> {
        names.iter().cloned().zip(values.iter().cloned()).collect()
    };
    let (before, after) = (by_name(&old_names, was), by_name(&new_names, is));
    let gone = old_names.iter().filter(|name| !after.contains_key(*name));
    for name in new_names.iter().chain(gone) {
        let of_name = format!("{of}{name}");
        let difference = at_key(path.to_vec(), before.get(name), after.get(name), kind, of_name);
        found.extend(difference.map(|difference| {
            let slot = Slot::Entry(path.to_vec(), name.clone());
            Difference { slot, ..difference }
        }));
    }
    let kept: Vec<&String> = old_names.iter().filter(|name| after.contains_key(*name)).collect();
    let now: Vec<&String> = new_names.iter().filter(|name| before.contains_key(*name)).collect();
    if kept != now {
        let name = format!("{of}{}", path.last().map_or("", String::as_str));
        let (how, slot) = (How::Reordered, Slot::Order(path.to_vec()));
        found.push(Difference { kind, how, name, edits: Vec::new(), slot });
    }
}

/// Returns the difference of two values; `None` if there is none.
fn at_key(
    path: Vec<String>,
    old: Option<&Value>,
    new: Option<&Value>,
    kind: ChangeKind,
    name: String,
) -> Option<Difference> {
    if old == new {
        return None;
    }
    let how = match (old, new) {
        (None, _) => How::Added,
        (_, None) => How::Removed,
        _ => How::Changed,
    };
    let mut edits = Vec::new();
    compare("", old, new, &mut edits);
    Some(Difference { kind, how, name, edits, slot: Slot::Key(path) })
}

/// Lists the values that differ.
fn compare(key: &str, old: Option<&Value>, new: Option<&Value>, edits: &mut Vec<Edit>) {
    let inner = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match (old, new) {
        (Some(old), Some(new)) if old == new => {}
        (Some(Value::Table(_)) | None, Some(Value::Table(_)) | None) => {
            let empty = Table::new();
            let table = |value: Option<&Value>| value.and_then(Value::as_table).cloned();
            let (old, new) = (table(old).unwrap_or(empty.clone()), table(new).unwrap_or(empty));
            for name in keys(&old, &new) {
                compare(&inner(&name), old.get(&name), new.get(&name), edits);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && old.iter().chain(new).all(Value::is_table) =>
        {
            for (n, (old, new)) in (1..).zip(old.iter().zip(new)) {
                let n: usize = n;
                compare(&inner(&n.to_string()), Some(old), Some(new), edits);
            }
        }
        (old, new) => edits.push(Edit { key: key.to_owned(), old: old.map(shown), new: new.map(shown) }),
    }
}

/// Returns a value for people.
fn shown(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    if text.chars().nth(SHOWN_CHARS).is_some() {
        text = text.chars().take(SHOWN_CHARS).chain(['…']).collect();
    }
    text
}

fn write(value: &Value, to: &mut String) {
    match value {
        Value::String(text) => to.push_str(text),
        Value::Array(values) => {
            to.push('[');
            for (n, value) in values.iter().enumerate() {
                to.push_str(if n == 0 { "" } else { ", " });
                write(value, to);
            }
            to.push(']');
        }
        Value::Table(table) => {
            to.push_str("{ ");
            for (n, (key, value)) in table.iter().enumerate() {
                to.push_str(if n == 0 { "" } else { ", " });
                to.push_str(&format!("{key} = "));
                write(value, to);
            }
            to.push_str(" }");
        }
        other => to.push_str(&other.to_string()),
    }
}

/// Returns the value at a path.
fn value_at<'t>(table: &'t Table, path: &[String]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    let value = table.get(first)?;
    if rest.is_empty() { Some(value) } else { value_at(value.as_table()?, rest) }
}

/// Sets or removes the value at a path. Tables on the way are made, and removed once they are empty.
fn set(table: &mut Table, path: &[String], value: Option<Value>) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        match value {
            Some(value) => drop(table.insert(first.clone(), value)),
            None => drop(table.remove(first)),
        }
        return;
    }
    if value.is_some() && !table.get(first).is_some_and(Value::is_table) {
        table.insert(first.clone(), Value::Table(Table::new()));
    }
    let Some(Value::Table(inner)) = table.get_mut(first) else { return };
    set(inner, rest, value);
    if inner.is_empty() {
        table.remove(first);
    }
}

fn entries(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the names of the entries of a list, each once.
fn names_of(entries: &[Value]) -> Vec<String> {
    unique(entries.iter().map(|entry| {
        let table = entry.as_table()?;
        name_of(|key| table.get(key)?.as_str().map(str::to_owned))
    }))
}

/// Returns the name of an entry: that which it states, or the table that it is read from.
fn name_of(get: impl Fn(&str) -> Option<String>) -> Option<String> {
    get("name").or_else(|| get("table").map(|table| format!("table {table}")))
}

/// Returns names by which entries are told apart. An entry without a name is named by its place.
fn unique(names: impl Iterator<Item = Option<String>>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for (n, name) in (1usize..).zip(names) {
        let name = name.unwrap_or_else(|| format!("#{n}"));
        let mut candidate = name.clone();
        for again in 2usize.. {
            if taken.insert(candidate.clone()) {
                break;
            }
            candidate = format!("{name} #{again}");
        }
        found.push(candidate);
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const OLD: &str = "contract = \"a\"\nversion = 1\n[params]\nx = \"1%\"\ngone = 3\n[payout]\nchoose = \"first\"\n\
        [[payout.groups]]\nname = \"one\"\nrate = \"params.x\"\n[[payout.groups]]\nname = \"two\"\nrate = \"2%\"\n\
        [[payout.groups]]\nname = \"three\"\nrate = \"3%\"\n[[limits]]\nname = \"cap\"\nmax = \"5.00\"\n";
    const NEW: &str = "contract = \"a\"\nversion = 1\neffective_from = 2026-02-01\n[params]\nx = \"2%\"\ny = { money = \"1.00\" }\n\
        [payout]\nchoose = \"highest\"\n[[payout.groups]]\nname = \"two\"\nrate = \"2%\"\nbands = [{ from = \"0\" }]\n\
        [[payout.groups]]\nname = \"new\"\nrate = \"3%\"\n[[payout.groups]]\nname = \"one\"\nrate = \"params.x\"\n\
        [payouts.lead.default]\nadd = \"3.00\"\n[[bonuses]]\nname = \"b\"\n";

    #[test]
    fn all_differences_applied_make_the_new_file() {
        let (old, new): (Table, Table) = (OLD.parse().unwrap(), NEW.parse().unwrap());
        let differences = contract_differences(&old, &new);
        let mut file = old.clone();
        differences.iter().for_each(|difference| apply(&difference.slot, &mut file, &new));
        assert_eq!(file, new);
        // In any order, too, and on the way the file parses as it was written.
        let mut file = old.clone();
        for difference in differences.iter().rev().filter(|of| of.how != How::Reordered) {
            apply(&difference.slot, &mut file, &new);
            assert_eq!(toml::to_string(&file).unwrap().parse::<Table>().unwrap(), file);
        }
        let order = differences.iter().find(|of| of.how == How::Reordered).unwrap();
        apply(&order.slot, &mut file, &new);
        assert_eq!(file, new);
        let back = contract_differences(&new, &old);
        let mut file = new;
        back.iter().for_each(|difference| apply(&difference.slot, &mut file, &old));
        assert_eq!(file, old);
    }

    #[test]
    fn a_slot_is_found_where_the_author_wrote_it() {
        let slot = Slot::Entry(vec!["payout".to_owned(), "groups".to_owned()], "new".to_owned());
        let at = span(&slot, NEW).unwrap();
        assert!(NEW.get(at.range()).unwrap().starts_with("[[payout.groups]]"));
        let key = Slot::Key(vec!["params".to_owned(), "y".to_owned()]);
        assert_eq!(NEW.get(span(&key, NEW).unwrap().range()), Some("y"));
    }
}
