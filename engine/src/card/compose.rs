//! Puts a card together: chooses the versions, tells each part of the contract that a version was made of, and merges what the parts
//! say alike.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use thiserror::Error;

use super::bonus;
use super::changes;
use super::context::Context;
use super::general;
use super::known::Known;
use super::merge::{Label, Part, merged};
use super::model::{Card, ContractCard, Line, Origin, Piece, Section, SectionKind, Sentence};
use super::numbers;
use super::partner::{partner_notes, partners_below};
use super::payout;
use super::restrict;
use super::sentence::{list, name, number, plain, repeated, say, words};
use super::told::{general as general_entry, line};
use super::words::Phrase;
use crate::decide::Lookup;
use crate::facts::Reference;
use crate::terms::{Actions, Contract, Terms, Version};
use crate::time::{Interval, Zone};

/// What a card shows. The default is the last version of every contract, as the brand reads it.
///
/// ```
/// let options = accrue::card::CardOptions { partner: Some("acme"), ..Default::default() };
/// assert_eq!(options.at, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardOptions<'a> {
    /// Only the contract with this name.
    pub contract: Option<&'a str>,
    /// The date, in the program's time zone, whose versions and facts are shown: those in force when the date begins, or the first that
    /// begin on it. `None` for the last version of each contract and the last facts of the partner.
    pub at: Option<NaiveDate>,
    /// Only what can apply to the partner with this id, and nothing that a partner may not know.
    pub partner: Option<&'a str>,
}

/// Why there is no card.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CardError {
    /// The program has no contract with this name.
    #[error("there is no contract `{0}`")]
    NoContract(String),
    /// No version is in force on the date.
    #[error("no contract version is in force on {0}")]
    NotInForce(NaiveDate),
    /// The reference facts list partners, and not this one.
    #[error("the facts have no partner `{0}`")]
    NoPartner(String),
    /// No contract is for the partner.
    #[error("no contract is for the partner `{0}`")]
    NoContractForPartner(String),
}

/// The versions of a contract with one number, by their indexes: a contract file with several payouts or currencies is several.
#[derive(Clone, Debug)]
struct Chosen {
    contract: usize,
    number: u32,
    versions: Vec<usize>,
}

/// Returns the card of a program: see [`Program::card`](crate::Program::card).
pub(crate) fn card(
    terms: &Terms,
    lookup: &Lookup,
    reference: &Reference,
    options: CardOptions<'_>,
) -> Result<Card, CardError> {
    if let Some(name) = options.contract.filter(|name| terms.contracts.iter().all(|of| of.name != *name)) {
        return Err(CardError::NoContract(name.to_owned()));
    }
    let wanted = |contract: &Contract| options.contract.is_none_or(|name| name == contract.name);
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut not_in_force = Vec::new();
    for (index, contract) in terms.contracts.iter().enumerate() {
        match chosen_number(contract, options.at, terms.zone) {
            Some(number) => chosen.push(of_number(contract, index, number)),
            None if wanted(contract) => not_in_force.push(name(contract.name.as_str())),
            None => {}
        }
    }
    let known = match options.partner {
        Some(id) => Some(known(id, reference, options.at, terms.zone)?),
        None => None,
    };
    if let Some(known) = &known {
        chosen = of_partner(terms, lookup, known, &chosen);
        if chosen.is_empty() {
            return Err(CardError::NoContractForPartner(known.id.to_owned()));
        }
        not_in_force.clear();
    }
    chosen.retain(|chosen| terms.contracts.get(chosen.contract).is_some_and(wanted));
    if chosen.is_empty() {
        return Err(match (&known, options.at) {
            (Some(known), _) => CardError::NoContractForPartner(known.id.to_owned()),
            (None, Some(at)) => CardError::NotInForce(at),
            (None, None) => CardError::NoContract(options.contract.unwrap_or_default().to_owned()),
        });
    }
    let title = match &known {
        Some(known) => say(Phrase::TitleForPartner, [plain(terms.name.as_str()), plain(known.id)]),
        None => say(Phrase::Title, [plain(terms.name.as_str())]),
    };
    let mut notes = vec![match options.at {
        Some(at) => say(Phrase::NoteAt, [number(at.to_string(), None)]),
        None => words(Phrase::NoteLast),
    }];
    if !not_in_force.is_empty() {
        notes.push(say(Phrase::NoteNotInForce, [list(not_in_force, Phrase::And)]));
    }
    notes.push(say(Phrase::NoteZone, [plain(terms.zone.name())]));
    let told = RefCell::new(BTreeSet::new());
    let contracts = chosen.iter().map(|chosen| contract_card(terms, known.as_ref(), chosen, &told));
    let mut card = Card {
        program: terms.name.clone(),
        partner: options.partner.map(str::to_owned),
        at: options.at,
        title,
        contracts: contracts.collect(),
        notes,
    };
    if let Some(known) = &known {
        card.notes.extend(partner_notes(terms, known, options.at, &told.borrow()));
        without_places(&mut card);
    }
    Ok(card)
}

/// Takes off where in the contract everything stands: a partner does not learn how the contract is written.
fn without_places(card: &mut Card) {
    for contract in &mut card.contracts {
        let title = std::mem::take(&mut contract.title);
        contract.title = repeated(&title);
        for entry in contract.sections.iter_mut().flat_map(|section| &mut section.entries) {
            entry.place = None;
            for line in &mut entry.lines {
                line.sentence = repeated(&line.sentence);
            }
        }
    }
}

/// Returns the number of the version whose terms a card shows; `None` if none is in force on the date.
fn chosen_number(contract: &Contract, at: Option<NaiveDate>, zone: Zone) -> Option<u32> {
    let Some(date) = at else { return contract.versions.last().map(|version| version.number) };
    let start = zone.start_of(date);
    let day = Interval { from: Some(start), until: Some(zone.end_of(date)) };
    let mut versions = contract.versions.iter();
    let found = versions.find(|version| version.effective.contains(start));
    let found = found.or_else(|| contract.versions.iter().find(|version| version.effective.overlaps(day)));
    found.map(|version| version.number)
}

fn of_number(contract: &Contract, index: usize, number: u32) -> Chosen {
    let versions = contract.versions.iter().enumerate();
    let versions = versions.filter(|(_, version)| version.number == number).map(|(index, _)| index);
    Chosen { contract: index, number, versions: versions.collect() }
}

fn known<'a>(
    id: &'a str,
    reference: &'a Reference,
    at: Option<NaiveDate>,
    zone: Zone,
) -> Result<Known<'a>, CardError> {
    // After every moment that facts may have.
    let last = NaiveDate::from_ymd_opt(3000, 1, 1).unwrap_or_default();
    let at = zone.start_of(at.unwrap_or(last));
    if reference.lists_partners() && !reference.has_partner(id) {
        return Err(CardError::NoPartner(id.to_owned()));
    }
    Ok(Known { id, partner: reference.partner(id, at), reference, at })
}

/// Returns the versions that apply to a partner, of those that a card may show: each that some event type and currency leads to.
fn of_partner(terms: &Terms, lookup: &Lookup, known: &Known<'_>, chosen: &[Chosen]) -> Vec<Chosen> {
    let place = |of: &Chosen| of.versions.iter().map(|version| (of.contract, *version)).collect::<Vec<_>>();
    let all: BTreeSet<(usize, usize)> = chosen.iter().flat_map(place).collect();
    let version_at =
        |(contract, version): (usize, usize)| terms.contracts.get(contract)?.versions.get(version);
    let applies = |place: (usize, usize)| {
        let Some(version) = version_at(place) else { return false };
        let actions = &version.actions;
        let event_types: Vec<&String> = match actions.event_types.is_empty() {
            true => terms.event_types.keys().collect(),
            false => actions.event_types.iter().collect(),
        };
        // A version for all other currencies is also for its own.
        let currency = actions.currencies.first().copied().unwrap_or(version.currency);
        for event_type in event_types {
            let found = lookup.version_for(known.id, known.groups(), |contract, version| {
                let of = version_at((contract, version))?;
                let is_for = all.contains(&(contract, version)) && of.actions.contain(event_type, currency);
                is_for.then_some((contract, version))
            });
            match found {
                Some(found) if found == place => return true,
                // What is found for every action is found for all event types.
                Some(found) if version_at(found).is_some_and(|of| of.actions == Actions::default()) => {
                    return false;
                }
                _ => {}
            }
        }
        false
    };
    let of_reader = chosen.iter().map(|of| {
        let versions = of.versions.iter().copied().filter(|version| applies((of.contract, *version)));
        Chosen { versions: versions.collect(), ..of.clone() }
    });
    of_reader.filter(|of| !of.versions.is_empty()).collect()
}

fn contract_card(
    terms: &Terms,
    known: Option<&Known<'_>>,
    chosen: &Chosen,
    attributes_told: &RefCell<BTreeSet<u16>>,
) -> ContractCard {
    let contract = terms.contracts.get(chosen.contract);
    let first = contract.and_then(|of| of.versions.get(*chosen.versions.first()?));
    let (Some(contract), Some(first)) = (contract, first) else {
        return ContractCard {
            contract: String::new(),
            version: chosen.number,
            file: None,
            digest: terms.digest,
            title: Sentence::new(),
            sections: Vec::new(),
        };
    };
    let mut sections = sections(terms, known, contract, chosen, attributes_told);
    if known.is_none() {
        let others = other_versions(contract, chosen.number, terms.zone);
        let scope = sections.iter_mut().find(|section| section.kind == SectionKind::Scope);
        if let (Some(scope), false) = (scope, others.is_empty()) {
            scope.entries.push(general_entry(Phrase::NameOthers, others));
        }
    }
    let before = contract.versions.iter().map(|version| version.number);
    let before = before.take_while(|number| *number != chosen.number).last();
    if let Some(before) = before {
        let mut earlier = of_number(contract, chosen.contract, before);
        if known.is_some() {
            // The same parts as those of today.
            let alike = |index: &usize| {
                let of = contract.versions.get(*index).map(|of| (&of.actions, of.currency));
                let mut today = chosen.versions.iter().filter_map(|index| contract.versions.get(*index));
                today.any(|today| Some((&today.actions, today.currency)) == of)
            };
            earlier.versions.retain(alike);
        }
        let earlier = self::sections(terms, known, contract, &earlier, attributes_told);
        sections.push(changes::section(before, &earlier, &sections));
    }
    let origins = chosen.versions.iter().filter_map(|index| contract.versions.get(*index));
    let at = origins.map(|version| {
        Origin(match label(contract, version) {
            label if label.is_empty() => "version".to_owned(),
            label => format!("{label}: version"),
        })
    });
    let version = vec![Piece::Number { text: chosen.number.to_string(), at: at.collect() }];
    ContractCard {
        contract: contract.name.clone(),
        version: chosen.number,
        file: known.is_none().then(|| first.file.clone()),
        digest: first.digest,
        title: say(Phrase::ContractTitle, [name(contract.name.as_str()), version]),
        sections,
    }
}

/// Returns the event types and the currency that tell the parts of a contract file from each other; empty if it has one part.
fn label(contract: &Contract, version: &Version) -> String {
    let parts = || contract.versions.iter().filter(|of| of.number == version.number);
    let mut label = Vec::new();
    if parts().any(|of| of.actions.event_types != version.actions.event_types) {
        label.push(version.actions.event_types.join(" "));
    }
    if parts().any(|of| of.currency != version.currency) {
        label.push(version.currency.code().to_owned());
    }
    label.join(" ")
}

/// Returns the other versions of a contract, a line for each.
fn other_versions(contract: &Contract, number_of_card: u32, zone: Zone) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut before = None;
    for version in &contract.versions {
        if version.number == number_of_card || before.replace(version.number) == Some(version.number) {
            continue;
        }
        let from = version.effective.from.map(|at| number(numbers::moment(at, zone), None));
        let until = version.effective.until.map(|at| number(numbers::end(at, zone), None));
        let interval = match (from, until) {
            (Some(from), Some(until)) => say(Phrase::IntervalBetween, [from, until]),
            (Some(from), None) => say(Phrase::IntervalFrom, [from]),
            (None, Some(until)) => say(Phrase::IntervalUntil, [until]),
            (None, None) => words(Phrase::IntervalAlways),
        };
        lines.push(line(0, say(Phrase::OtherVersion, [number(version.number.to_string(), None), interval])));
    }
    lines
}

/// Tells a version, part by part, and merges what the parts say alike.
fn sections(
    terms: &Terms,
    known: Option<&Known<'_>>,
    contract: &Contract,
    of: &Chosen,
    attributes_told: &RefCell<BTreeSet<u16>>,
) -> Vec<Section> {
    let mut parts = Vec::new();
    for index in &of.versions {
        let Some(version) = contract.versions.get(*index) else { continue };
        let label = label(contract, version);
        let totals_read = RefCell::new(BTreeSet::new());
        let context = Context {
            terms,
            contract,
            version,
            label: &label,
            partner: known,
            totals_read: &totals_read,
            attributes_told,
        };
        let types = version.actions.event_types.clone();
        let label = Label { types, currency: payout::currency_words(&context) };
        parts.push(Part { label, sections: part(&context, of.contract) });
    }
    merged(parts)
}

/// Tells one part of a version.
fn part(context: &Context<'_>, index: usize) -> Vec<Section> {
    let earlier = if context.partner.is_none() { earlier(context, index) } else { Vec::new() };
    let below = context.partner.is_some_and(|known| partners_below(known) > 0);
    let pays = payout::section(context, below);
    let paying: Vec<String> = context.version.groups().map(|group| group.name.clone()).collect();
    let is_default = |name: &str| context.version.payout.default.as_ref().is_some_and(|of| of.name == name);
    let on_card: Vec<String> = pays.entries.iter().filter_map(|entry| entry.name.clone()).collect();
    let told: Vec<String> = paying
        .into_iter()
        .filter(|name| is_default(name) || on_card.contains(name))
        .chain(on_card.clone())
        .collect();
    let mut sections = vec![general::scope(context, &earlier), pays];
    sections.push(general::amount(context));
    sections.push(general::credit(context));
    sections.extend(restrict::restrictions(context));
    sections.extend(restrict::limits(context, &told));
    sections.extend(bonus::bonuses(context));
    // A component is handed every total.
    let all = context.partner.is_none() && context.version.has_component();
    sections.extend(bonus::totals(context, all));
    sections.push(general::reversals(context));
    sections.push(general::dates(context));
    sections.extend(general::parameters(context));
    sections
}

/// Returns the contracts of the same kind that are tried before a contract.
fn earlier<'a>(context: &Context<'a>, index: usize) -> Vec<&'a str> {
    let kind = |version: &Version| (version.partners.is_everyone(), version.partners.ids.is_empty());
    let own = kind(context.version);
    let before = context.terms.contracts.iter().take(index);
    let before = before.filter(|contract| contract.versions.iter().any(|version| kind(version) == own));
    before.map(|contract| contract.name.as_str()).collect()
}
