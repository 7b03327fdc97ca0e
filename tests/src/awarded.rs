//! What decisions say, whatever the number of their awards.

#![allow(clippy::expect_used, reason = "a panic of an oracle is a finding like any other")]

use accrue::decide::{Award, ContractRef, Decision, LimitCut, Reason};
use accrue::money::Money;

/// The award of a decision that has one at the most.
pub fn award(decision: &Decision) -> Option<&Award> {
    assert!(decision.awards.len() <= 1, "{} awards", decision.awards.len());
    decision.awards.first()
}

/// What is paid for the action in all.
pub fn paid(decision: &Decision) -> Money {
    decision.payout().expect("one currency")
}

/// Every reason, those of the action first.
pub fn reasons(decision: &Decision) -> Vec<Reason> {
    decision.all_reasons().map(|(_, reason)| reason.clone()).collect()
}

/// Limits that cut the payout.
pub fn cuts(decision: &Decision) -> &[LimitCut] {
    award(decision).map(|award| award.limits.as_slice()).unwrap_or_default()
}

/// Whether the action counts for totals and limits.
pub fn counts(decision: &Decision) -> bool {
    award(decision).is_some_and(|award| award.counts)
}

/// The terms that the action was decided by.
pub fn contract(decision: &Decision) -> Option<&ContractRef> {
    award(decision).map(|award| &award.contract)
}
