//! Receipts: all that a decision was made from, and the decision, enter; a digest leaves. The same inputs give the
//! same bytes anywhere, so a replay can be compared by its receipt.
//!
//! The digest is SHA-256 over the action as it came, the digest of its terms, the reference facts that were looked up,
//! the exchange rate, the counters that were read, and the decision without its trace, its postings included. They are written as bytes by
//! [`Seal`], not as JSON, which would take several times as long and would change with the name of a field:
//!
//! - every field of a record in the order of its type, nothing between them;
//! - a whole number in groups of 7 bits, the lowest first, the high bit of a byte saying that another follows; one that
//!   may be negative is doubled before, and -1 is 1, 1 is 2, -2 is 3;
//! - text and lists after their length;
//! - a value that may be missing after a byte 1, or a byte 0 alone; a case of an enum as its number, one byte;
//! - a decimal normalised, its scale and its digits, so that equal amounts are equal bytes;
//! - a moment as seconds since 1970 and nanoseconds, a date as days since 1970; a digest as its 32 bytes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::credit::Credited;
use super::decision::{
    Award, ContractRef, Decision, GroupShare, LimitCut, Line, Notice, Reason, RuleFault, Status, Step,
};
use crate::counters::{CountedAt, CounterId, CounterKey, Posting, Sums};
use crate::diagnostic::{Place, Span};
use crate::digest::Digest;
use crate::facts::{
    Action, Attribute, Creative, Customer, Device, Follows, Fraud, Item, Partner, PromoCode, Reference,
    Touch, TouchKind,
};
use crate::lang::FaultKind;
use crate::money::{Currency, Money, Number, RoundingMode};
use crate::terms::{AddPer, Anchor, Edge, Effect, Rounding, RoundingPlace, Verdict};
use crate::time::Timestamp;

/// What was read of a counter, before the action.
#[derive(Clone, Copy, Debug)]
pub(super) struct UsedSums<'a> {
    /// The declared total or the limit.
    pub(super) name: &'a str,
    pub(super) sums: Sums,
}

/// What one award was made from, besides the action and the reference facts of its promo codes.
pub(super) struct AwardInputs<'a> {
    pub(super) credited: &'a Credited<'a>,
    pub(super) rate: Option<Decimal>,
    pub(super) used: &'a [UsedSums<'a>],
}

/// Returns the receipt of a decision; the one it has already is not part of it.
///
/// `terms` is the digest of the contract version, or of the whole program when nobody is credited.
pub(super) fn seal(
    action: &Action,
    terms: Digest,
    reference: &Reference,
    awards: &[AwardInputs<'_>],
    decision: &Decision,
) -> Digest {
    // A typical action and its decision have some 600 bytes. Hashing them in one go is faster than as they come.
    let mut bytes = Vec::with_capacity(1024);
    let out = &mut bytes;
    action.seal(out);
    terms.seal(out);
    if !reference.promo_codes.is_empty() {
        for code in &action.promo_codes {
            reference.promo_codes.get(&code.to_uppercase()).seal(out);
        }
    }
    length(awards.len(), out);
    for AwardInputs { credited, rate, used } in awards {
        credited.partner.seal(out);
        credited.creative.seal(out);
        rate.seal(out);
        length(used.len(), out);
        for UsedSums { name, sums } in *used {
            name.seal(out);
            sums.seal(out);
        }
    }
    decision.seal(out);
    Digest::of(out)
}

/// Something that is written into a receipt. Records are taken apart without `..`, so that a new field cannot be
/// forgotten here.
trait Seal {
    fn seal(&self, out: &mut Vec<u8>);
}

fn number(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn length(of: usize, out: &mut Vec<u8>) {
    number(of as u64, out);
}

impl Seal for u32 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(u64::from(*self), out);
    }
}

impl Seal for u64 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(*self, out);
    }
}

impl Seal for i64 {
    fn seal(&self, out: &mut Vec<u8>) {
        number(((*self << 1) ^ (*self >> 63)).cast_unsigned(), out);
    }
}

impl Seal for i128 {
    fn seal(&self, out: &mut Vec<u8>) {
        let mut left = ((*self << 1) ^ (*self >> 127)).cast_unsigned();
        loop {
            if let Ok(low) = u64::try_from(left) {
                return number(low, out);
            }
            out.push(u8::try_from(left & 0x7f).unwrap_or_default() | 0x80);
            left >>= 7;
        }
    }
}

macro_rules! records {
    ($($record:ident { $($field:ident),+ $(; but $skipped:ident)* })+) => {
        $(impl Seal for $record {
            fn seal(&self, out: &mut Vec<u8>) {
                let Self { $($field,)+ $($skipped: _,)* } = self;
                $($field.seal(out);)+
            }
        })+
    };
}

records! {
    Action {
        id, event_type, occurred_at, submitted_at, order_id, currency, amount, subtotal, discount, tax, shipping,
        items, customer, promo_codes, touches, device, fraud, follows, attributes
    }
    Item { sku, category, quantity, amount }
    Customer { id, status, lifetime_value, order_count, since, country, region, audiences }
    Touch { partner, at, kind, id, creative, property, landing_page, link_updated_at, sub_ids }
    Device { kind, os }
    Fraud { risk, reasons }
    Follows { id, event_type, occurred_at }
    Partner { id, kind, groups, status, properties, country, parent }
    Creative { id, valid_from, valid_until, status, partners }
    PromoCode { code, owner, valid_from, valid_until }
    Decision {
        action, event_type, occurred_at, order_id, status, awards, reasons, postings, fuel, engine; but receipt; but trace
    }
    Award {
        partner, touch, contract, status, payout, currency, base, lines, rounding, minor_digits, reasons, release_at,
        limits, notices, counts, fuel
    }
    Posting { counter, key, at, sums }
    Sums { actions, paid_actions, revenue, payouts }
    ContractRef { name, version, anchor, terms_as_of, digest }
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

macro_rules! cases {
    ($($name:ident { $($case:ident = $number:literal),+ })+) => {
        $(impl Seal for $name {
            fn seal(&self, out: &mut Vec<u8>) {
                out.push(match self { $(Self::$case => $number,)+ });
            }
        })+
    };
}

cases! {
    TouchKind { Click = 0, Impression = 1, Code = 2 }
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

impl Seal for bool {
    fn seal(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Seal for str {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Seal for String {
    fn seal(&self, out: &mut Vec<u8>) {
        self.as_str().seal(out);
    }
}

impl<T: Seal + ?Sized> Seal for &T {
    fn seal(&self, out: &mut Vec<u8>) {
        (**self).seal(out);
    }
}

impl<T: Seal> Seal for Option<T> {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => {
                out.push(1);
                value.seal(out);
            }
            None => out.push(0),
        }
    }
}

impl<T: Seal> Seal for Vec<T> {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        for value in self {
            value.seal(out);
        }
    }
}

impl<K: Seal, V: Seal> Seal for BTreeMap<K, V> {
    fn seal(&self, out: &mut Vec<u8>) {
        length(self.len(), out);
        for (key, value) in self {
            key.seal(out);
            value.seal(out);
        }
    }
}

impl Seal for Decimal {
    fn seal(&self, out: &mut Vec<u8>) {
        // Nearly all are short, and dividing short ones is many times as fast; the bytes are the same.
        if let Ok(mut digits) = i64::try_from(self.mantissa()) {
            let mut scale = self.scale();
            while scale > 0 && digits % 10 == 0 {
                digits /= 10;
                scale -= 1;
            }
            scale.seal(out);
            return digits.seal(out);
        }
        let normal = self.normalize();
        normal.scale().seal(out);
        normal.mantissa().seal(out);
    }
}

impl Seal for Money {
    fn seal(&self, out: &mut Vec<u8>) {
        self.0.seal(out);
    }
}

impl Seal for Number {
    fn seal(&self, out: &mut Vec<u8>) {
        self.0.seal(out);
    }
}

impl Seal for Currency {
    fn seal(&self, out: &mut Vec<u8>) {
        self.code().seal(out);
    }
}

impl Seal for Digest {
    fn seal(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Seal for Timestamp {
    fn seal(&self, out: &mut Vec<u8>) {
        self.0.timestamp().seal(out);
        self.0.timestamp_subsec_nanos().seal(out);
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
                i64::from(crate::time::days_since_epoch(*from)).seal(out);
            }
            Self::Moment(at) => {
                out.push(1);
                at.seal(out);
            }
            Self::Always => out.push(2),
        }
    }
}

impl Seal for Attribute {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => {
                out.push(0);
                value.seal(out);
            }
            Self::Number(value) => {
                out.push(1);
                value.seal(out);
            }
            Self::Text(value) => {
                out.push(2);
                value.seal(out);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_amount_has_the_bytes_of_a_long_one() {
        for (digits, scale) in [
            (0, 0),
            (0, 9),
            (-1_990, 2),
            (500, 3),
            (i128::from(i64::MAX), 4),
            (i128::from(i64::MIN), 0),
            (10_000_000_000_000_000_000_000, 6),
            (i128::from(i64::MAX) + 1, 28),
        ] {
            let amount = Decimal::from_i128_with_scale(digits, scale);
            let normal = amount.normalize();
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            normal.scale().seal(&mut expected);
            normal.mantissa().seal(&mut expected);
            amount.seal(&mut found);
            assert_eq!(found, expected, "{amount}");
        }
    }
}
