//! Reference facts by the names of their files: a kind, a name and bytes enter; what could be read joins a
//! [`Reference`], and the faults of the rest leave.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::error::{FactError, FactErrors};
use super::read_reference::{read_creatives, read_partners, read_pauses, read_promo_codes, read_rates};
use super::reference::Reference;
use crate::limits::Limits;

/// What a file of reference facts holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// Partners.
    Partners,
    /// Creatives.
    Creatives,
    /// Promo codes.
    PromoCodes,
    /// Exchange rates.
    Rates,
    /// Pauses.
    Pauses,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Partners, Self::Creatives, Self::PromoCodes, Self::Rates, Self::Pauses];

    /// The name of its files, without `.csv` or `.jsonl`.
    pub fn stem(self) -> &'static str {
        match self {
            Self::Partners => "partners",
            Self::Creatives => "creatives",
            Self::PromoCodes => "promo_codes",
            Self::Rates => "rates",
            Self::Pauses => "pauses",
        }
    }

    /// The kind whose files have this name.
    pub fn of_stem(stem: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.stem() == stem)
    }
}

impl Reference {
    /// Adds the facts of one file, CSV when its name ends in `.csv` and JSON Lines otherwise. What is wrong is left out
    /// and returned; what is here already under the same key stays, since which of two is meant is not for a reader to
    /// choose. A rate of the same pair and moment replaces the earlier one.
    ///
    /// ```
    /// use accrue::{Limits, Reference, facts::FactKind};
    /// let mut reference = Reference::default();
    /// let errors = reference.read(FactKind::Partners, "partners.csv", b"id,groups\nacme,vip\n,gold\n", &Limits::default());
    /// assert_eq!(reference.partners.len(), 1);
    /// assert_eq!(errors.0[0].line, Some(3));
    /// ```
    pub fn read(&mut self, kind: FactKind, name: &str, bytes: &[u8], limits: &Limits) -> FactErrors {
        match kind {
            FactKind::Partners => {
                let facts = read_partners(name, bytes, limits);
                join(&mut self.partners, facts.values, facts.errors, "id", |partner| partner.id.clone())
            }
            FactKind::Creatives => {
                let facts = read_creatives(name, bytes, limits);
                join(&mut self.creatives, facts.values, facts.errors, "id", |creative| creative.id.clone())
            }
            FactKind::PromoCodes => {
                let facts = read_promo_codes(name, bytes, limits);
                join(&mut self.promo_codes, facts.values, facts.errors, "code", |code| {
                    code.code.to_uppercase()
                })
            }
            FactKind::Rates => {
                let facts = read_rates(name, bytes, limits);
                facts.values.iter().for_each(|rate| self.rates.insert(rate));
                facts.errors
            }
            FactKind::Pauses => {
                let facts = read_pauses(name, bytes, limits);
                self.pauses.extend(facts.values);
                facts.errors
            }
        }
    }
}

/// Adds values under their keys; what two files say about the same thing is an error, not a choice.
fn join<T>(
    map: &mut BTreeMap<String, T>,
    values: Vec<T>,
    mut errors: FactErrors,
    field: &str,
    key: impl Fn(&T) -> String,
) -> FactErrors {
    for value in values {
        match map.entry(key(&value)) {
            Entry::Occupied(taken) => errors.0.push(FactError::field(
                field,
                format!("`{}` is in another file of these facts as well; the first one counts", taken.key()),
            )),
            Entry::Vacant(free) => {
                free.insert(value);
            }
        }
    }
    errors
}
