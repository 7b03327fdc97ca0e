//! Merges what the parts of a contract version say alike. A contract file with payouts by event type or in several currencies is a part for
//! each.

use super::model::{Entry, Line, Piece, Section, SectionKind, Sentence};
use super::sentence::{joined, say};
use super::told::{line, names};
use super::words::Phrase;

/// What tells a part of a contract version from the others.
pub(super) struct Label {
    pub(super) types: Vec<String>,
    pub(super) currency: Sentence,
}

/// A part of a contract version, told.
pub(super) struct Part {
    pub(super) label: Label,
    pub(super) sections: Vec<Section>,
}

/// Merges the parts of a version. Each entry is told once, with the parts that it is for unless it is for all; of what is paid, each whole
/// section, since the order of its entries matters.
pub(super) fn merged(parts: Vec<Part>) -> Vec<Section> {
    /// An entry, and the parts that have it.
    type Shared = (Entry, Vec<usize>);
    let mut labels = Vec::new();
    let mut payouts: Vec<(Section, Vec<usize>)> = Vec::new();
    let mut others: Vec<(SectionKind, Sentence, Vec<Shared>)> = Vec::new();
    for (n, part) in parts.into_iter().enumerate() {
        labels.push(part.label);
        for section in part.sections {
            if section.kind == SectionKind::Payout {
                let alike = |(other, _): &&mut (Section, Vec<usize>)| {
                    other.heading == section.heading
                        && other.entries.len() == section.entries.len()
                        && other
                            .entries
                            .iter()
                            .zip(&section.entries)
                            .all(|(one, other)| says_same(one, other))
                };
                match payouts.iter_mut().find(alike) {
                    Some((other, of)) => {
                        other
                            .entries
                            .iter_mut()
                            .zip(section.entries)
                            .for_each(|(to, from)| add_origins(to, from));
                        of.push(n);
                    }
                    None => payouts.push((section, vec![n])),
                }
                continue;
            }
            let index = others.iter().position(|(kind, ..)| *kind == section.kind);
            let index = index.unwrap_or_else(|| {
                others.push((section.kind, section.heading.clone(), Vec::new()));
                others.len().saturating_sub(1)
            });
            let Some((_, _, entries)) = others.get_mut(index) else { continue };
            for entry in section.entries {
                let alike = |(other, of): &&mut Shared| !of.contains(&n) && says_same(other, &entry);
                match entries.iter_mut().find(alike) {
                    Some((other, of)) => {
                        add_origins(other, entry);
                        of.push(n);
                    }
                    None => entries.push((entry, vec![n])),
                }
            }
        }
    }
    let others = others.into_iter().map(|(kind, heading, entries)| {
        let entries = entries.into_iter().map(|(mut entry, of)| {
            if let Some(told) = only_for(&labels, &of) {
                entry.lines.insert(0, line(0, say(Phrase::OnlyFor, [told])));
            }
            entry
        });
        Section { kind, heading, entries: entries.collect() }
    });
    let payouts = payouts.into_iter().map(|(section, of)| {
        // The heading has the event types.
        let (_, currencies) = distinction(&labels, &of);
        match currencies {
            Some(told) => Section { heading: say(Phrase::HeadingFor, [section.heading, told]), ..section },
            None => section,
        }
    });
    let mut sections: Vec<Section> = payouts.collect();
    sections.extend(others);
    sections.sort_by_key(|section| section.kind);
    sections
}

/// Returns the parts of a version that an entry is for; `None` if it is for all.
fn only_for(labels: &[Label], of: &[usize]) -> Option<Sentence> {
    let own: Vec<&Label> = of.iter().filter_map(|n| labels.get(*n)).collect();
    let is_whole = labels.iter().enumerate().all(|(n, label)| {
        let has_types = own.iter().any(|own| own.types == label.types);
        let has_currency = own.iter().any(|own| own.currency == label.currency);
        of.contains(&n) || !(has_types && has_currency)
    });
    if is_whole {
        return both(distinction(labels, of));
    }
    let each = of.iter().filter_map(|n| both(distinction(labels, &[*n])));
    Some(joined(each.collect(), Phrase::Semicolon))
}

fn both(parts: (Option<Sentence>, Option<Sentence>)) -> Option<Sentence> {
    match parts {
        (Some(types), Some(currencies)) => Some(say(Phrase::LabelBoth, [types, currencies])),
        (types, currencies) => types.or(currencies),
    }
}

/// Returns the event types and the currencies by which some parts of a version differ from the others; `None` where they have all that
/// there are.
fn distinction(labels: &[Label], of: &[usize]) -> (Option<Sentence>, Option<Sentence>) {
    let own: Vec<&Label> = of.iter().filter_map(|n| labels.get(*n)).collect();
    let lacks = |same: &dyn Fn(&Label, &Label) -> bool| {
        labels.iter().any(|label| !own.iter().any(|own| same(own, label)))
    };
    let same_types = |one: &Label, other: &Label| one.types == other.types;
    let same_currency = |one: &Label, other: &Label| one.currency == other.currency;
    let mut types: Vec<String> = own.iter().flat_map(|label| label.types.clone()).collect();
    types.dedup();
    types.sort();
    types.dedup();
    let types = lacks(&same_types).then(|| say(Phrase::EventTypeLabel, [names(&types, Phrase::And)]));
    let mut told: Vec<Sentence> = Vec::new();
    for label in &own {
        if !told.contains(&label.currency) {
            told.push(label.currency.clone());
        }
    }
    let currencies = lacks(&same_currency).then(|| joined(told, Phrase::And));
    (types, currencies)
}

/// Returns whether two entries are the same but for the places of their numbers.
fn says_same(one: &Entry, other: &Entry) -> bool {
    let same_line = |(one, other): (&Line, &Line)| {
        one.depth == other.depth
            && one.sentence.len() == other.sentence.len()
            && one.sentence.iter().zip(&other.sentence).all(|(one, other)| {
                std::mem::discriminant(one) == std::mem::discriminant(other) && one.text() == other.text()
            })
    };
    one.name == other.name
        && one.lines.len() == other.lines.len()
        && one.lines.iter().zip(&other.lines).all(same_line)
}

/// Adds the places of the numbers of an entry that says the same.
fn add_origins(to: &mut Entry, from: Entry) {
    for (to, from) in to.lines.iter_mut().zip(from.lines) {
        for (to, from) in to.sentence.iter_mut().zip(from.sentence) {
            if let (Piece::Number { at, .. }, Piece::Number { at: more, .. }) = (to, from) {
                at.extend(more);
            }
        }
    }
}
