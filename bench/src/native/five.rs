//! `programs/five` by hand.

use super::{Amount, Line};

/// The facts that the contract reads.
#[derive(Debug)]
pub struct Facts<A> {
    /// The customer's status; `unknown` when it is not known.
    pub status: String,
    /// What the customer spent before.
    pub lifetime_value: Option<A>,
    /// What the order is worth.
    pub amount: A,
    /// Codes on the order.
    pub promo_codes: Vec<String>,
}

/// The constants of the contract.
#[derive(Debug)]
pub struct Params<A> {
    none: A,
    large: A,
    silver: A,
    gold: A,
}

impl<A: Amount> Params<A> {
    /// As in the contract.
    pub fn new() -> Self {
        Self { none: A::cents(0), large: A::cents(20_000), silver: A::cents(50_000), gold: A::cents(100_000) }
    }
}

impl<A: Amount> Default for Params<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// What the contract pays; `None` on overflow.
pub fn assess<A: Amount>(facts: &Facts<A>, params: &Params<A>) -> Option<Line<A>> {
    let spent = facts.lifetime_value.unwrap_or(params.none);
    let (group, rate, add) = if facts.status == "new" && facts.amount >= params.large {
        ("new and large", 1_200, 0)
    } else if facts.promo_codes.iter().any(|code| code == "SPRING") {
        ("spring", 1_000, 250)
    } else if spent >= params.gold {
        ("gold", 800, 0)
    } else if spent >= params.silver {
        ("silver", 600, 0)
    } else {
        ("default", 400, 0)
    };
    Some(Line { group, paid: facts.amount.pay(rate, add)? })
}
