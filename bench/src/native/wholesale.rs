//! `programs/wholesale` by hand.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Amount, Line, Restrictions, Verdict, may_pay};

/// The facts that the contract reads.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Facts<A> {
    pub items: Vec<Item<A>>,
    pub customer_status: String,
    pub customer_country: Option<String>,
    pub touch_at: DateTime<Utc>,
    pub creative_valid_until: Option<DateTime<Utc>>,
}

/// A line of the order.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Item<A> {
    pub sku: String,
    pub category: Option<String>,
    pub quantity: u32,
    pub amount: A,
}

/// The constants of the contract, and what it looks things up in.
#[derive(Debug)]
pub struct Params<A> {
    dear: A,
    bulk: u32,
    clearance: HashSet<String>,
}

const NOT_SERVED: [&str; 3] = ["US", "CA", "AU"];

impl<A: Amount> Params<A> {
    /// As in the contract.
    pub fn new(clearance: HashSet<String>) -> Self {
        Self { dear: A::cents(50_000), bulk: 10, clearance }
    }
}

/// What the contract says: the restrictions that match, and a line for each item unless they say that nothing is paid.
/// `None` on overflow.
pub fn assess<A: Amount>(
    facts: &Facts<A>,
    params: &Params<A>,
    lines: &mut Vec<Line<A>>,
) -> Option<Restrictions> {
    lines.clear();
    let mut restrictions = Vec::new();
    if facts.creative_valid_until.is_some_and(|until| facts.touch_at >= until) {
        restrictions.push(("expired creative", Verdict::Reject));
    }
    if facts.customer_country.as_ref().is_some_and(|country| NOT_SERVED.contains(&country.as_str())) {
        restrictions.push(("not served", Verdict::Reject));
    }
    if !may_pay(&restrictions) {
        return Some(restrictions);
    }
    let is_new = facts.customer_status == "new";
    for item in &facts.items {
        let (group, rate, add) = group(item, is_new, params);
        lines.push(Line { group, paid: item.amount.pay(rate, add)? });
    }
    Some(restrictions)
}

/// The first group that matches, with its rate in basis points and its amount in cents.
fn group<A: Amount>(item: &Item<A>, is_new: bool, params: &Params<A>) -> (&'static str, i64, i64) {
    let category = item.category.as_deref();
    if matches!(category, Some("gift-cards" | "repairs" | "deposits")) {
        return ("unpaid", 0, 0);
    }
    if item.sku == "SKU-0007" {
        return ("special product", 1_500, 0);
    }
    if params.clearance.contains(&item.sku) {
        return ("clearance", 150, 0);
    }
    match category {
        Some("furniture") if item.amount >= params.dear => ("furniture, dear", 300, 1_000),
        Some("furniture") => ("furniture", 500, 0),
        Some("garden" | "pots" | "seeds" | "tools") => ("garden", 750, 0),
        _ if item.quantity >= params.bulk => ("bulk", 250, 0),
        _ if is_new => ("new customers", 600, 0),
        _ => ("default", 400, 0),
    }
}
