//! Receipts: all that a decision was made from, and the decision, enter; a digest leaves. The same inputs give the
//! same bytes anywhere, so a replay can be compared by its receipt.
//!
//! The digest is SHA-256 over the action as it came, the digest of its terms, the reference facts that were looked up,
//! the exchange rate, the totals that were read, and the decision without its trace. [`crate::seal`] says how each is
//! written.

use rust_decimal::Decimal;

use super::credit::Credited;
use super::decision::{
    ContractRef, Decision, GroupShare, LimitCut, Line, Notice, PartnerPayout, Reason, RuleFault, Status, Step,
};
use crate::counters::Sums;
use crate::diagnostic::{Place, Span};
use crate::digest::Digest;
use crate::facts::{Action, Reference};
use crate::lang::FaultKind;
use crate::money::RoundingMode;
use crate::seal::{Seal, length, seal_cases, seal_records};
use crate::terms::{AddPer, Anchor, Edge, Effect, Rounding, RoundingPlace, Verdict};

/// What was read of a total, before the action.
#[derive(Clone, Copy, Debug)]
pub(super) struct UsedTotal<'a> {
    /// The declared total or the limit.
    pub(super) name: &'a str,
    pub(super) sums: Sums,
}

/// What is sealed.
pub(super) struct Inputs<'a> {
    pub(super) action: &'a Action,
    pub(super) terms: Digest,
    pub(super) reference: &'a Reference,
    pub(super) credited: Option<&'a Credited<'a>>,
    pub(super) rate: Option<Decimal>,
    pub(super) used: &'a [UsedTotal<'a>],
    pub(super) decision: &'a Decision,
}

/// The receipt of a decision; the one it has already is not part of it.
pub(super) fn seal(inputs: &Inputs<'_>) -> Digest {
    let Inputs { action, terms, reference, credited, rate, used, decision } = inputs;
    // A typical action and its decision have some 450 bytes. Hashing them in one go is faster than as they come.
    let mut bytes = Vec::with_capacity(1024);
    let out = &mut bytes;
    action.seal(out);
    terms.seal(out);
    credited.and_then(|credited| credited.partner).seal(out);
    credited.and_then(|credited| credited.creative).seal(out);
    if !reference.promo_codes.is_empty() {
        for code in &action.promo_codes {
            reference.promo_codes.get(&code.to_uppercase()).seal(out);
        }
    }
    rate.seal(out);
    length(used.len(), out);
    for UsedTotal { name, sums: Sums { actions, paid_actions, revenue, payouts } } in *used {
        name.seal(out);
        actions.seal(out);
        paid_actions.seal(out);
        revenue.seal(out);
        payouts.seal(out);
    }
    decision.seal(out);
    Digest::of(out)
}

seal_records! {
    Decision {
        action, event_type, occurred_at, status, payout, currency, base, partners, reasons, release_at, limits,
        notices, touch, contract, counts, fuel, engine; but receipt; but trace
    }
    ContractRef { name, version, anchor, terms_as_of, digest }
    PartnerPayout { partner, payout, lines, rounding, minor_digits }
    Line { item, sku, quantity, base, steps, unrounded, earned, payout, shares }
    Step { group, effect }
    GroupShare { group, payout }
    Reason { code, verdict, rule, fault, fraud }
    RuleFault { kind, place, text }
    Place { file, span }
    Span { start, end }
    LimitCut { limit, edge, left, cut }
    Notice { code, rule, fraud }
    Rounding { mode, place }
}

seal_cases! {
    Status { Payable = 0, Held = 1, Rejected = 2, Zero = 3 }
    Verdict { Flag = 0, Zero = 1, Hold = 2, Reject = 3 }
    Anchor { Click = 0, Event = 1, Submission = 2 }
    Edge { Remainder = 0, AllOrNothing = 1, PayThenStop = 2 }
    RoundingMode { HalfUp = 0, HalfEven = 1, Up = 2, Down = 3 }
    RoundingPlace { Item = 0, Order = 1 }
    FaultKind {
        Overflow = 0, DivisionByZero = 1, Budget = 2, Deadline = 3, Memory = 4, Stack = 5, Trap = 6, BadOutput = 7,
        TooMuchOutput = 8, Reported = 9
    }
}

impl Seal for Effect {
    fn seal(&self, out: &mut Vec<u8>) {
        let (case, value) = match self {
            Self::Rate(value) => (0, value),
            Self::AddPoints(value) => (1, value),
            Self::Multiply(value) => (2, value),
            Self::Add { amount, per: AddPer::Order } => (3, &amount.0),
            Self::Add { amount, per: AddPer::Item } => (4, &amount.0),
            Self::Add { amount, per: AddPer::Unit } => (5, &amount.0),
        };
        out.push(case);
        value.seal(out);
    }
}
