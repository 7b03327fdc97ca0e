//! Receipts: a digest over everything a decision was made from, and the decision. The same inputs give the same bytes anywhere,
//! so a replay can be compared by its receipt.
//!
//! The digest is SHA-256 over the action as it was reported, the digest of its terms, the reference facts that were looked up,
//! the exchange rates, the counters that were read, and the decision without its trace, its postings included. [`crate::seal`]
//! says how each value is written.

use super::counted::UsedSums;
use super::credited::Credited;
use super::decision::{
    Award, Below, BonusOf, Change, ContractRef, Decision, GroupShare, LimitCut, Line, NextTier, Notice,
    Reason, Returned, Revision, Role, RuleFault, Status, Step, TotalCount,
};
use crate::counters::{CountedAt, CounterId, CounterKey, Posting, Sums};
use crate::diagnostic::{Place, Span};
use crate::digest::Digest;
use crate::facts::{Action, Adjustment, Partner, Reference};
use crate::lang::FaultKind;
use crate::money::RoundingMode;
use crate::seal::{Seal, length, seal_cases, seal_records};
use crate::terms::{
    AddPer, Anchor, ConvertedAmounts, Edge, Effect, Rounding, RoundingPlace, Threshold, Verdict,
};

/// The inputs of one award, besides the action and the reference facts of its promo codes.
pub(super) struct AwardInputs<'a> {
    pub(super) credited: Credited<'a>,
    pub(super) used: Vec<UsedSums<'a>>,
}

/// Returns the receipt of a decision. A receipt that the decision already has is not part of it.
///
/// `program` is the digest of the whole program, if nobody is credited. An award names the digest of its contract version.
pub(super) fn seal(
    action: &Action,
    program: Option<Digest>,
    reference: &Reference,
    awards: &[AwardInputs<'_>],
    decision: &Decision,
) -> Digest {
    // A typical action and its decision have some 600 bytes; hashing them at once is faster than piece by piece.
    let mut bytes = Vec::with_capacity(1024);
    let out = &mut bytes;
    action.seal(out);
    program.seal(out);
    if !reference.promo_codes.is_empty() {
        for code in &action.promo_codes {
            reference.promo_codes.get(&code.to_uppercase()).seal(out);
        }
    }
    length(awards.len(), out);
    for AwardInputs { credited, used } in awards {
        credited.partner.seal(out);
        credited.creative.seal(out);
        length(used.len(), out);
        used.iter().for_each(|used| seal_used(used, out));
    }
    decision.seal(out);
    Digest::of(out)
}

/// Returns the receipt of an adjusted decision: over the receipt of the decision before, the adjustment, and the decision as it was
/// computed.
pub(super) fn seal_adjusted(before: Digest, adjustment: &Adjustment, decision: &Decision) -> Digest {
    let mut bytes = Vec::with_capacity(1024);
    before.seal(&mut bytes);
    adjustment.seal(&mut bytes);
    decision.receipt.seal(&mut bytes);
    decision.seal(&mut bytes);
    Digest::of(&bytes)
}

/// Returns the receipt of a bonus: over what is known of the partner, the counters that were read, and the decision.
pub(super) fn seal_bonus(partner: Option<&Partner>, used: &[UsedSums<'_>], decision: &Decision) -> Digest {
    let mut bytes = Vec::with_capacity(1024);
    let out = &mut bytes;
    partner.seal(out);
    length(used.len(), out);
    used.iter().for_each(|used| seal_used(used, out));
    decision.action.seal(out);
    decision.occurred_at.seal(out);
    decision.seal(out);
    Digest::of(out)
}

fn seal_used(used: &UsedSums<'_>, out: &mut Vec<u8>) {
    let UsedSums { name, sums, distinct } = used;
    name.seal(out);
    sums.seal(out);
    distinct.seal(out);
}

seal_records! {
    // What a decision repeats of its action is sealed with the action.
    Decision {
        bonus, status, awards, reasons, postings, history, returned, counted, fuel, engine;
        but action; but event_type; but occurred_at; but order_id; but receipt; but trace
    }
    BonusOf { contract, bonus, period, from, until, measure, next }
    NextTier { from, lacks, threshold }
    Award {
        partner, parent, touch, role, share, below, contract, status, payout, currency, exchange, base, groups, lines, rounding, minor_digits, reasons,
        release_at, locks_at, pays_on, limits, notices, counts, counted, fuel
    }
    Posting { counter, key, at, distinct, sums }
    Sums { actions, paid_actions, units, revenue, payouts, payable }
    TotalCount { counter, units, revenue }
    Below { partner, level }
    ContractRef { name, version, anchor, terms_as_of, digest }
    Line { item, sku, quantity, base, steps, unrounded, earned, payout, taken_back, returned, shares }
    Revision { adjustment, kind, occurred_at, reason, partner, changes }
    Change { partner, currency, by }
    Returned { item, quantity, amount }
    Step { group, effect }
    GroupShare { group, payout }
    Reason { code, verdict, rule, partner, fault, fraud }
    RuleFault { kind, place, text }
    Place { file, span }
    Span { start, end }
    LimitCut { limit, edge, left, cut }
    Notice { code, rule, fraud }
    Rounding { mode, place, converted }
}

seal_cases! {
    Role { Introducer = 0, Influencer = 1, Closer = 2, Participant = 3, Parent = 4 }
    Status { Payable = 0, Held = 1, Rejected = 2, Zero = 3, Reversed = 4 }
    Verdict { Flag = 0, Zero = 1, Hold = 2, Reject = 3 }
    Anchor { Click = 0, Event = 1, Submission = 2 }
    Threshold { Reaches = 0, Exceeds = 1 }
    Edge { Remainder = 0, AllOrNothing = 1, PayThenStop = 2, Hold = 3, Alert = 4 }
    RoundingMode { HalfUp = 0, HalfEven = 1, Up = 2, Down = 3 }
    RoundingPlace { Item = 0, Order = 1 }
    ConvertedAmounts { MinorUnit = 0, Unrounded = 1 }
    FaultKind {
        Overflow = 0, DivisionByZero = 1, Budget = 2, Deadline = 3, Memory = 4, Stack = 5, Trap = 6, BadOutput = 7,
        TooMuchOutput = 8, Reported = 9, DecisionFuel = 10, DecisionSteps = 11, DecisionText = 12, RoundingStep = 13
    }
}

impl Seal for CounterId {
    fn seal(&self, out: &mut Vec<u8>) {
        self.text().seal(out);
    }
}

impl Seal for CounterKey {
    fn seal(&self, out: &mut Vec<u8>) {
        self.as_str().seal(out);
    }
}

impl Seal for CountedAt {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Self::Period(from) => {
                out.push(0);
                from.seal(out);
            }
            Self::Moment(at) => {
                out.push(1);
                at.seal(out);
            }
            Self::Always => out.push(2),
        }
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
