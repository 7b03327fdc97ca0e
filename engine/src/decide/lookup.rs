//! What is worked out once for a program, so that no decision does it again: which contracts a partner may have, and which
//! meters a contract moves. Terms enter, lookups leave.

use std::collections::HashMap;

use super::credit::Credited;
use crate::terms::{Terms, Version};

/// The lookups of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    by_id: HashMap<String, Vec<usize>>,
    by_group: HashMap<String, Vec<usize>>,
    everyone: Vec<usize>,
    /// By contract: the meters that its decisions move.
    meters: Vec<Vec<usize>>,
}

impl Plan {
    pub(crate) fn new(terms: &Terms) -> Self {
        let mut plan = Self::default();
        let add = |index: usize, list: &mut Vec<usize>| {
            if list.last() != Some(&index) {
                list.push(index);
            }
        };
        for (index, contract) in terms.contracts.iter().enumerate() {
            for version in &contract.versions {
                for id in &version.partners.ids {
                    add(index, plan.by_id.entry(id.clone()).or_default());
                }
                for group in &version.partners.groups {
                    add(index, plan.by_group.entry(group.clone()).or_default());
                }
                if version.partners.is_everyone() {
                    add(index, &mut plan.everyone);
                }
            }
            let moves = |meter: &crate::terms::Meter| meter.contract.is_none_or(|of| of == index);
            let meters = terms.meters.iter().enumerate().filter(|(_, meter)| moves(meter)).map(|(n, _)| n);
            plan.meters.push(meters.collect());
        }
        plan
    }

    /// The contract for a partner: one that names it, else one for a group it is in, else one for everybody; of
    /// several of a kind, the first in the program's order that is in force.
    pub(super) fn contract_for<'a>(
        &self,
        partner: &str,
        groups: &[String],
        in_force: impl Fn(usize) -> Option<Credited<'a>>,
    ) -> Option<Credited<'a>> {
        // Versions of one contract may be for different partners, so what is in force has the last word.
        let first = |contracts: &[usize], holds: &dyn Fn(&Version) -> bool| {
            contracts.iter().find_map(|index| in_force(*index).filter(|credited| holds(credited.version)))
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

    /// The meters that a contract's decisions move.
    pub(super) fn meters(&self, contract: usize) -> &[usize] {
        self.meters.get(contract).map_or(&[], Vec::as_slice)
    }
}
