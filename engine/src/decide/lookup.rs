//! Lookups that are computed once for a program, so that no decision repeats them: the contracts of a partner, the counters that
//! a contract moves, and the identities of counters.

use std::collections::HashMap;

use crate::counters::CounterId;
use crate::money::Currency;
use crate::run::GroupTable;
use crate::terms::{Counter, CreditPolicy, Terms, Version};

/// The lookups of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    by_id: HashMap<String, Vec<usize>>,
    by_group: HashMap<String, Vec<usize>>,
    everyone: Vec<usize>,
    /// Whether a contract credits the owner of a promo code.
    pub(crate) credits_owners: bool,
    /// The identity of each counter.
    ids: Vec<CounterId>,
    /// By contract and currency: the counters that decisions under the contract move.
    moves: Vec<Vec<(Currency, Vec<usize>)>>,
    /// By contract and version: the payout groups by the facts that they ask first; `None` if they are tried one by one.
    groups: Vec<Vec<Option<GroupTable>>>,
    /// By counter: the counters that count the same in other currencies.
    siblings: Vec<Vec<usize>>,
}

impl Lookup {
    pub(crate) fn new(terms: &Terms) -> Self {
        let mut lookup = Self::default();
        let add = |index: usize, list: &mut Vec<usize>| {
            if list.last() != Some(&index) {
                list.push(index);
            }
        };
        for (index, contract) in terms.contracts.iter().enumerate() {
            for version in &contract.versions {
                lookup.credits_owners |= version.credit.policy == CreditPolicy::PromoCodeOwner;
                for id in &version.partners.ids {
                    add(index, lookup.by_id.entry(id.clone()).or_default());
                }
                for group in &version.partners.groups {
                    add(index, lookup.by_group.entry(group.clone()).or_default());
                }
                if version.partners.is_everyone() {
                    add(index, &mut lookup.everyone);
                }
            }
            lookup.moves.push(moves(terms, index));
            lookup.groups.push(contract.versions.iter().map(GroupTable::new).collect());
        }
        lookup.ids = terms.counters.iter().map(|counter| CounterId::new(terms, counter)).collect();
        let siblings = |(number, counter): (usize, &Counter)| {
            let same = terms.counters.iter().enumerate();
            same.filter(|(other, of)| *other != number && of.counts_like(counter))
                .map(|(other, _)| other)
                .collect()
        };
        lookup.siblings = terms.counters.iter().enumerate().map(siblings).collect();
        lookup
    }

    /// Returns the contract for a partner: a contract that names the partner, else a contract for one of its groups, else a
    /// contract for everybody. Of several of one kind, the first in the program's order that is in force wins.
    ///
    /// `in_force` takes the index of a contract and returns the version in force, with a value of the caller's; `None` if no
    /// version is in force.
    pub(super) fn contract_for<'a, T>(
        &self,
        partner: &str,
        groups: &[String],
        in_force: impl Fn(usize) -> Option<(&'a Version, T)>,
    ) -> Option<T> {
        // Versions of one contract may be for different partners, so the version in force is checked as well.
        let first = |contracts: &[usize], holds: &dyn Fn(&Version) -> bool| {
            contracts.iter().find_map(|index| {
                in_force(*index).filter(|(version, _)| holds(version)).map(|(_, made)| made)
            })
        };
        let named = self.by_id.get(partner).and_then(|contracts| {
            first(contracts, &|version| version.partners.ids.iter().any(|id| id == partner))
        });
        if named.is_some() {
            return named;
        }
        if !self.by_group.is_empty() && !groups.is_empty() {
            let mut contracts: Vec<usize> =
                groups.iter().filter_map(|group| self.by_group.get(group)).flatten().copied().collect();
            contracts.sort_unstable();
            contracts.dedup();
            let grouped = first(&contracts, &|version| {
                version.partners.groups.iter().any(|group| groups.contains(group))
            });
            if grouped.is_some() {
                return grouped;
            }
        }
        first(&self.everyone, &|version| version.partners.is_everyone())
    }

    /// Returns the counters that decisions under this contract move in this currency.
    pub(super) fn moves(&self, contract: usize, currency: Currency) -> &[usize] {
        let by_currency = self.moves.get(contract).map(Vec::as_slice).unwrap_or_default();
        by_currency
            .iter()
            .find(|(of, _)| *of == currency)
            .map(|(_, counters)| counters.as_slice())
            .unwrap_or_default()
    }

    /// Returns the payout groups of a version by the facts that they ask first; `None` if they are tried one by one.
    pub(super) fn groups(&self, contract: usize, version: usize) -> Option<&GroupTable> {
        self.groups.get(contract)?.get(version)?.as_ref()
    }

    /// Returns the identity of a counter.
    pub(crate) fn id(&self, counter: usize) -> Option<&CounterId> {
        self.ids.get(counter)
    }

    /// Returns the identities of all counters.
    pub(crate) fn ids(&self) -> &[CounterId] {
        &self.ids
    }

    /// Returns the counters that count the same in other currencies.
    pub(super) fn siblings(&self, counter: usize) -> &[usize] {
        self.siblings.get(counter).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Returns the counters that decisions under a contract move, by the currency of the payout.
fn moves(terms: &Terms, contract: usize) -> Vec<(Currency, Vec<usize>)> {
    let mut moves: Vec<(Currency, Vec<usize>)> = Vec::new();
    for (number, counter) in terms.counters.iter().enumerate() {
        if !counter.is_kept() || counter.contract.is_some_and(|of| of != contract) {
            continue;
        }
        match moves.iter_mut().find(|(currency, _)| *currency == counter.currency) {
            Some((_, counters)) => counters.push(number),
            None => moves.push((counter.currency, vec![number])),
        }
    }
    moves
}
