//! What decisions say, whatever the number of their awards.

#![allow(clippy::expect_used, reason = "a panic of an oracle is a finding like any other")]

use accrue::decide::{Award, ContractRef, Decision, LimitCut, Reason, Role};
use accrue::money::Money;

/// What is paid for the action in all.
pub fn paid(decision: &Decision) -> Money {
    decision.payout().expect("one currency")
}

/// Every reason, those of the action first.
pub fn reasons(decision: &Decision) -> Vec<Reason> {
    decision.all_reasons().map(|(_, reason)| reason.clone()).collect()
}

/// Limits that cut a payout.
pub fn cuts(decision: &Decision) -> Vec<&LimitCut> {
    decision.awards.iter().flat_map(|award| &award.limits).collect()
}

/// Whether the action counts for totals and limits.
pub fn counts(decision: &Decision) -> bool {
    decision.awards.iter().any(|award| award.counts)
}

/// Whether the partner is credited, and not paid beside those who are.
pub fn is_credited(award: &Award) -> bool {
    award.role.is_none_or(Role::is_credited)
}

/// The terms that the first award was decided by.
pub fn contract(decision: &Decision) -> Option<&ContractRef> {
    decision.awards.first().map(|award| &award.contract)
}
