//! The five-branch rule as a programmer would write it by hand: what the ways of running rules are measured against.

use rust_decimal::Decimal;

/// The facts that the rule reads.
pub(crate) struct Facts {
    pub(crate) status: String,
    pub(crate) lifetime_value: Option<Decimal>,
    pub(crate) amount: Decimal,
    pub(crate) promo_codes: Vec<String>,
}

/// The constants of the rule.
pub(crate) struct Params {
    pub(crate) none: Decimal,
    pub(crate) large: Decimal,
    pub(crate) silver: Decimal,
    pub(crate) gold: Decimal,
    pub(crate) bonus: Decimal,
}

/// What the rule pays; `None` on overflow.
pub(crate) fn payout(facts: &Facts, params: &Params) -> Option<Decimal> {
    let percent = |points: i64| facts.amount.checked_mul(Decimal::new(points, 2));
    let spent = facts.lifetime_value.unwrap_or(params.none);
    if facts.status == "new" && facts.amount >= params.large {
        percent(12)
    } else if facts.promo_codes.iter().any(|code| code == "SPRING") {
        percent(10)?.checked_add(params.bonus)
    } else if spent >= params.gold {
        percent(8)
    } else if spent >= params.silver {
        percent(6)
    } else {
        percent(4)
    }
}
