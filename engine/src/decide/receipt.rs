//! Receipts: all that a decision was made from, and the decision, enter; a digest leaves. The same inputs give the
//! same bytes anywhere, so a replay can be compared by its receipt.
//!
//! The digest is SHA-256 over one JSON object, fields in the order of [`Sealed`], with amounts normalised: the action
//! as it came, the digest of its terms, the reference facts that were looked up, the exchange rate, the totals that
//! were read, and the decision with a receipt of zeros and without a trace.

use serde::Serialize;

use super::credit::Credited;
use super::decision::Decision;
use super::totals::Sums;
use crate::digest::Digest;
use crate::facts::{Action, Creative, Partner, PromoCode, Reference};
use crate::money::{Money, Number};

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
    pub(super) rate: Option<rust_decimal::Decimal>,
    pub(super) used: &'a [UsedTotal<'a>],
    pub(super) decision: &'a Decision,
}

#[derive(Serialize)]
struct Sealed<'a> {
    action: &'a Action,
    terms: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<&'a Partner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creative: Option<&'a Creative>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promo_codes: Vec<&'a PromoCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<Number>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    totals: Vec<SealedTotal<'a>>,
    decision: &'a Decision,
}

#[derive(Serialize)]
struct SealedTotal<'a> {
    name: &'a str,
    actions: u32,
    paid_actions: u32,
    revenue: Money,
    payouts: Money,
}

/// The receipt of a decision whose own receipt is still zeros.
pub(super) fn seal(inputs: &Inputs<'_>) -> Digest {
    let reference = inputs.reference;
    let creative = inputs.credited.and_then(|credited| credited.touch.creative.as_ref());
    let codes = inputs.action.promo_codes.iter().filter(|_| !reference.promo_codes.is_empty());
    let sealed = Sealed {
        action: inputs.action,
        terms: inputs.terms,
        partner: inputs.credited.and_then(|credited| credited.partner),
        creative: creative.and_then(|id| reference.creatives.get(id)),
        promo_codes: codes.filter_map(|code| reference.promo_codes.get(&code.to_uppercase())).collect(),
        rate: inputs.rate.map(Number),
        totals: inputs
            .used
            .iter()
            .map(|used| SealedTotal {
                name: used.name,
                actions: used.sums.actions,
                paid_actions: used.sums.paid_actions,
                revenue: used.sums.revenue,
                payouts: used.sums.payouts,
            })
            .collect(),
        decision: inputs.decision,
    };
    // A typical action and its decision have some 1,200 bytes. Hashing them in one go is faster than as they come.
    let mut bytes = Vec::with_capacity(2048);
    match serde_json::to_writer(&mut bytes, &sealed) {
        Ok(()) => Digest::of(&bytes),
        // Only a map without text keys or a writer that fails could bring this about; there is neither.
        Err(_) => Digest::default(),
    }
}
