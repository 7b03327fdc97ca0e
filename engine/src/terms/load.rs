//! The loader: reads a program's files into checked [`Terms`], or returns everything that is wrong with them.
//!
//! Each file is read as far as possible, and checks across files run on what could be read, so that one error does not hide
//! another.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::bonus::BonusPays;
use super::component::ComponentLoader;
use super::contract;
use super::draft::Draft;
use super::model::{Contract, Counter, Scope, Terms};
use super::program::{self, Declared};
use super::read::{did_you_mean, shown};
use super::source::Source;
use super::source_files::{CONTRACTS, FUNCTIONS, Files, PROGRAM, RULES, TABLES};
use super::table;
use super::versions;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::money::Currency;

/// Reads and checks a program. Returns terms only if there is no error, and the warnings with them.
pub(crate) fn load(
    source: &Source,
    limits: &Limits,
    components: &dyn ComponentLoader,
) -> (Option<Terms>, Diagnostics) {
    let mut out = Diagnostics::new();
    let files = Files::new(source, limits, components);
    if !files.check_size(&mut out) {
        return (None, out);
    }
    let declared = program::read(&files, limits, &mut out);
    let paths = files.of(&CONTRACTS);
    if paths.is_empty() {
        let help = "add a file such as `contracts/standard.toml`";
        out.push(Diagnostic::new(Code::MissingFile, None, "the program has no contract").help(help));
    }
    if paths.len() > limits.table_entries {
        let message = format!(
            "{} contract files are more than the {} a program may have",
            paths.len(),
            limits.table_entries
        );
        out.push(Diagnostic::new(Code::TooLarge, None, message).help("remove versions that are long over"));
        return (None, out);
    }
    let mut drafts: Vec<Option<Draft>> = Vec::with_capacity(paths.len());
    for path in &paths {
        // Where so much is wrong already, the rest is not read.
        let goes_on = files.goes_on(&out);
        drafts.push(if goes_on { contract::read(path, &files, &declared, limits, &mut out) } else { None });
    }
    let complete = drafts.iter().all(Option::is_some);
    let drafts: Vec<Draft> = drafts.into_iter().flatten().collect();

    let grouped = in_order(&drafts, &declared, complete, &mut out);
    for versions in grouped.values() {
        versions::check_contract(versions, &mut out);
    }
    let by_contract: Vec<Vec<&Draft>> = grouped.values().cloned().collect();
    versions::check_claims(&by_contract, &mut out);
    versions::check_currencies(&by_contract, &mut out);
    unused_names(&drafts, &declared, complete, &mut out);
    if files.goes_on(&out) {
        files.check_stray(&mut out);
    }
    table::settle(&files.sheets.borrow(), &mut out);

    out.settle();
    if out.has_errors() {
        out.0.retain(|diagnostic| !diagnostic.code.waits());
        return (None, out);
    }
    if !(complete
        && files.account.has_room()
        && declared.whole
        && drafts.iter().all(|draft| draft.rules_sound))
    {
        // Cannot be: what was not read was reported.
        out.push(Diagnostic::new(Code::TooLarge, None, "the program could not be read to its end"));
        return (None, out);
    }
    let (contracts, counters) = contracts(&grouped);
    let spent = files.account.spent(files.size());
    let terms = Terms {
        id: declared.id,
        name: declared.name,
        currency: declared.currency,
        zone: declared.zone,
        items: declared.items,
        decimals: declared.decimals,
        event_types: declared.event_types,
        attributes: declared.attributes,
        reasons: declared.reasons,
        lists: declared.lists,
        holidays: declared.holidays,
        contracts,
        counters,
        digest: digest(source),
        sources: sources(source, &files),
        spent,
        tables: table::TablePlaces::new(&files.sheets.borrow()),
    };
    (Some(terms), out)
}

/// Returns the contracts in the order in which they are tried, each with its versions in the order in which they begin.
fn in_order<'d>(
    drafts: &'d [Draft],
    declared: &Declared,
    complete: bool,
    out: &mut Diagnostics,
) -> IndexMap<&'d str, Vec<&'d Draft>> {
    let mut grouped: IndexMap<&str, Vec<&Draft>> = IndexMap::new();
    for draft in drafts {
        if let Some(contract) = &draft.contract {
            grouped.entry(&contract.value).or_default().push(draft);
        }
    }
    for versions in grouped.values_mut() {
        versions.sort_by_key(|draft| draft.version.effective.from);
    }
    let Some(order) = &declared.order else { return grouped };
    let mut ordered: IndexMap<&str, Vec<&Draft>> = IndexMap::new();
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    let mut misspelt = !complete;
    for name in &order.value {
        if let Some(earlier) = first.insert(&name.value, name.span) {
            let message = format!("the contract `{}` is declared twice", shown(&name.value));
            let diagnostic = Diagnostic::at(Code::DuplicateName, PROGRAM, name.span, message);
            out.push(
                diagnostic
                    .label(Place::new(PROGRAM, earlier), "the first one")
                    .help("name each contract once"),
            );
            continue;
        }
        match grouped.swap_remove_entry(name.value.as_str()) {
            Some((name, versions)) => {
                ordered.insert(name, versions);
            }
            None if complete => {
                misspelt = true;
                let known =
                    drafts.iter().filter_map(|draft| draft.contract.as_ref()).map(|at| at.value.as_str());
                let help = did_you_mean(&name.value, name.span, known, "no file of `contracts/` has one");
                let message = format!("there is no contract `{}`", shown(&name.value));
                out.push(Diagnostic::at(Code::UnknownName, PROGRAM, name.span, message).help(help));
            }
            None => {}
        }
    }
    for (name, versions) in grouped {
        let at = versions.first().and_then(|draft| draft.contract.as_ref()).map(|at| at.span);
        if let (false, Some(draft), Some(at)) = (misspelt, versions.first(), at) {
            let message =
                format!("the contract `{}` is never tried, since `contracts` does not name it", shown(name));
            let diagnostic = Diagnostic::at(Code::StrayFile, &draft.version.file, at, message);
            let diagnostic = diagnostic.label(Place::new(PROGRAM, order.span), "the order of contracts");
            out.push(diagnostic.help(format!("add `\"{}\"` to `contracts` in `{PROGRAM}`", shown(name))));
        }
    }
    ordered
}

/// Warns of lists that no rule reads, of holidays that no contract uses, and of shared functions that no rule calls.
fn unused_names(drafts: &[Draft], declared: &Declared, complete: bool, out: &mut Diagnostics) {
    if !complete || !drafts.iter().all(|draft| draft.rules_sound) {
        return;
    }
    let lists: BTreeSet<&String> = drafts.iter().flat_map(|draft| &draft.used.lists).collect();
    let functions: BTreeSet<&str> =
        drafts.iter().flat_map(|draft| &draft.used.functions).map(String::as_str).collect();
    for (name, at) in &declared.list_places {
        if !lists.contains(name) {
            let message = format!("no rule reads `lists.{}`", shown(name));
            let diagnostic = Diagnostic::at(Code::Unused, PROGRAM, *at, message);
            out.push(diagnostic.help("remove it, or use it in a rule"));
        }
    }
    let holidays: BTreeSet<&String> = drafts.iter().flat_map(|draft| &draft.holidays).collect();
    for (name, at) in declared.holiday_places.iter().filter(|(name, _)| !holidays.contains(name)) {
        let message = format!("no contract uses the holidays `{}`", shown(name));
        let help = "remove them, or name them under `[locking]` or `[payment]` of a contract";
        out.push(Diagnostic::at(Code::Unused, PROGRAM, *at, message).help(help));
    }
    for (name, place) in declared.functions.places() {
        if !functions.contains(name) {
            let message = format!("no rule calls the shared function `{}`", shown(name));
            let diagnostic = Diagnostic::new(Code::Unused, Some(place), message);
            out.push(diagnostic.help("remove it, or call it in a rule"));
        }
    }
}

/// Returns the contracts with their limits and totals assigned to counters. All versions that count the same in the same currency
/// share a counter.
fn contracts(grouped: &IndexMap<&str, Vec<&Draft>>) -> (Vec<Contract>, Vec<Counter>) {
    let mut counters: IndexSet<Counter> = IndexSet::new();
    let mut contracts = Vec::with_capacity(grouped.len());
    for (index, (name, drafts)) in grouped.iter().enumerate() {
        let mut versions = Vec::with_capacity(drafts.len());
        for draft in drafts {
            for draft in std::iter::once(*draft).chain(&draft.in_other_currencies) {
                let mut version = draft.version.clone();
                let mut index_of = |counter: &Counter| {
                    let contract = (!counter.per.contains(&Scope::Program)).then_some(index);
                    let counter = Counter { contract, ..counter.clone() };
                    // An action is past a tier of what is counted without it.
                    if counter.past.is_some() {
                        counters.insert(Counter { past: None, ..counter.clone() });
                    }
                    counters.insert_full(counter).0
                };
                for (total, counter) in version.totals.iter_mut().zip(&draft.total_counters) {
                    total.counter = index_of(counter);
                }
                for (limit, counter) in version.limits.iter_mut().zip(&draft.limit_counters) {
                    limit.counter = counter.as_ref().map(&mut index_of);
                }
                for (bonus, of) in version.bonuses.iter_mut().zip(&draft.bonus_counters) {
                    (bonus.paid, bonus.ever) = (index_of(&of.paid), index_of(&of.ever));
                    if let BonusPays::Tiers(ladder) = &mut bonus.pays {
                        for (tier, past) in ladder.tiers.iter_mut().zip(&of.past) {
                            tier.past = past.as_ref().map(&mut index_of);
                        }
                    }
                }
                for payout in &draft.payouts {
                    let mut version = version.with_payout(payout);
                    version.settle_rules();
                    versions.push(version);
                }
            }
        }
        contracts.push(Contract { name: (*name).to_owned(), versions });
    }
    let counters = in_every_currency(counters, &contracts);
    let readers = counters.iter().filter(|counter| counter.reads_items()).map(|counter| counter.contract);
    let readers: BTreeSet<Option<usize>> = readers.collect();
    for (index, contract) in contracts.iter_mut().enumerate() {
        let reads = readers.contains(&None) || readers.contains(&Some(index));
        contract.versions.iter_mut().for_each(|version| version.reads_item_bases |= reads);
    }
    (contracts, counters)
}

/// Adds each counter in every currency in which a version that it counts pays.
fn in_every_currency(mut counters: IndexSet<Counter>, contracts: &[Contract]) -> Vec<Counter> {
    let of = |contract: &Contract| contract.versions.iter().map(|version| version.currency).collect();
    let by_contract: Vec<IndexSet<Currency>> = contracts.iter().map(of).collect();
    let all: IndexSet<Currency> = by_contract.iter().flatten().copied().collect();
    for number in 0..counters.len() {
        let Some(counter) = counters.get_index(number).cloned() else { break };
        let counted = match counter.contract {
            Some(index) => by_contract.get(index).unwrap_or(&all),
            None => &all,
        };
        for currency in counted.iter().filter(|currency| **currency != counter.currency) {
            counters.insert(Counter { currency: *currency, ..counter.clone() });
        }
    }
    counters.into_iter().collect()
}

/// Returns the digest of every file of the terms, used or not.
fn digest(source: &Source) -> Digest {
    let paths = source.paths().filter(|path| Source::is_terms(path));
    let parts: Vec<(&str, Cow<'_, [u8]>)> = paths
        .map(|path| {
            let bytes = source.bytes(path).unwrap_or_default();
            let is_table = path.starts_with(TABLES.name);
            (path, if is_table { table::canonical(bytes) } else { Cow::Borrowed(bytes) })
        })
        .collect();
    Digest::of_parts(parts.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes.as_ref()]))
}

/// Returns the text of every contract, rule and shared function, and of every table as rules.
fn sources(source: &Source, files: &Files<'_>) -> BTreeMap<String, Arc<str>> {
    let paths = [&CONTRACTS, &RULES, &FUNCTIONS].into_iter().flat_map(|folder| files.of(folder));
    let texts = paths.filter_map(|path| Some((path.to_owned(), Arc::from(source.text(path)?))));
    let tables = files.sheets.borrow();
    let tables = tables.iter().map(|(path, sheet)| (path.clone(), Arc::from(sheet.text.as_str())));
    texts.chain(tables).collect()
}
