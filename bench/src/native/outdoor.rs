//! `programs/outdoor` by hand.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;

use super::{Amount, Line, Restrictions, Verdict, may_pay};

/// The facts that the contract reads.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Facts<A> {
    pub occurred_at: DateTime<Utc>,
    pub amount: A,
    pub discount: Option<A>,
    pub category: Option<String>,
    pub promo_codes: Vec<String>,
    pub customer: Customer<A>,
    pub partner: Partner,
    pub touch: Touch,
    pub creative: Option<Creative>,
    pub device_kind: Option<String>,
    pub device_os: Option<String>,
    /// In hundredths, as amounts are.
    pub fraud_risk: Option<A>,
    /// Of the partner in this month, with this one.
    pub month_actions: u32,
    /// Of the partner in this month, before this one.
    pub month_revenue: A,
}

/// Who bought.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Customer<A> {
    pub status: String,
    pub lifetime_value: Option<A>,
    pub order_count: Option<u32>,
    pub country: Option<String>,
}

/// Who is paid.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Partner {
    pub id: String,
    pub kind: Option<String>,
    pub groups: Vec<String>,
    pub properties: Vec<String>,
}

/// The credited touch.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Touch {
    pub at: DateTime<Utc>,
    pub property: Option<String>,
    pub landing_page: Option<String>,
    pub link_updated_at: Option<DateTime<Utc>>,
}

/// Its creative.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names are those of the facts in rules")]
pub struct Creative {
    pub valid_until: Option<DateTime<Utc>>,
    pub partners: Vec<String>,
}

/// The constants of the contract, and what it looks things up in.
#[derive(Debug)]
pub struct Params<A> {
    none: A,
    large: A,
    strong: A,
    risky: A,
    busy: u32,
    many: u32,
    grace: TimeDelta,
    stale_after: TimeDelta,
    launch_ends: NaiveDate,
    bands: [A; 4],
    /// Promo codes that belong to a partner.
    owners: HashMap<String, String>,
}

const HOME: [&str; 3] = ["DE", "AT", "CH"];
const NORDICS: [&str; 4] = ["DK", "SE", "NO", "FI"];
const NOT_SERVED: [&str; 6] = ["US", "CA", "AU", "NZ", "JP", "BR"];
const UNPAID: [&str; 3] = ["gift-cards", "repairs", "rentals"];

impl<A: Amount> Params<A> {
    /// As in the contract.
    pub fn new(owners: HashMap<String, String>) -> Self {
        Self {
            none: A::cents(0),
            large: A::cents(20_000),
            strong: A::cents(2_000_000),
            risky: A::cents(90),
            busy: 500,
            many: 900,
            grace: TimeDelta::days(3),
            stale_after: TimeDelta::days(365),
            launch_ends: NaiveDate::from_ymd_opt(2026, 3, 15).unwrap_or_default(),
            bands: [A::cents(50_000), A::cents(100_000), A::cents(250_000), A::cents(500_000)],
            owners,
        }
    }
}

/// What the contract says: the restrictions that match, and what is paid unless they say that nothing is. `None` on
/// overflow.
pub fn assess<A: Amount>(facts: &Facts<A>, params: &Params<A>) -> Option<(Restrictions, Option<Line<A>>)> {
    let restrictions = restrict(facts, params);
    if !may_pay(&restrictions) {
        return Some((restrictions, None));
    }
    let (group, rate, add) = group(facts, params);
    Some((restrictions, Some(Line { group, paid: facts.amount.pay(rate, add)? })))
}

fn has(list: &[String], text: &str) -> bool {
    list.iter().any(|entry| entry == text)
}

fn is_in(list: &[&str], text: Option<&str>) -> bool {
    text.is_some_and(|text| list.contains(&text))
}

fn restrict<A: Amount>(facts: &Facts<A>, params: &Params<A>) -> Restrictions {
    let Facts { customer, partner, touch, creative, .. } = facts;
    let mut matched = Vec::new();
    if let Some(creative) = creative {
        if creative.valid_until.is_some_and(|until| touch.at - params.grace >= until) {
            matched.push(("expired creative", Verdict::Reject));
        }
        if !creative.partners.is_empty() && !has(&creative.partners, &partner.id) {
            matched.push(("creative of another partner", Verdict::Reject));
        }
    }
    let is_foreign = |code: &String| params.owners.get(code).is_some_and(|owner| *owner != partner.id);
    if facts.promo_codes.iter().any(is_foreign) {
        matched.push(("foreign codes", Verdict::Reject));
    }
    if touch.property.as_ref().is_some_and(|property| !partner.properties.contains(property)) {
        matched.push(("unapproved site", Verdict::Hold));
    }
    if touch.link_updated_at.is_some_and(|updated| touch.at - updated > params.stale_after) {
        matched.push(("stale link", Verdict::Zero));
    }
    if is_in(&NOT_SERVED, customer.country.as_deref()) {
        matched.push(("not served", Verdict::Reject));
    }
    if has(&facts.promo_codes, "TEAM") {
        matched.push(("staff", Verdict::Zero));
    }
    if touch.landing_page.as_ref().is_some_and(|page| page.starts_with("https://shop.example/brand/")) {
        matched.push(("brand pages", Verdict::Reject));
    }
    if facts.fraud_risk.is_some_and(|risk| risk >= params.risky) {
        matched.push(("risk", Verdict::Hold));
    }
    if facts.month_actions > params.many {
        matched.push(("many orders", Verdict::Flag));
    }
    matched
}

/// The first group that matches, with its rate in basis points and its amount in cents.
fn group<A: Amount>(facts: &Facts<A>, params: &Params<A>) -> (&'static str, i64, i64) {
    let Facts { customer, partner, touch, .. } = facts;
    let is_new = customer.status == "new";
    let category = facts.category.as_deref();
    let country = customer.country.as_deref();
    let codes = &facts.promo_codes;
    let spent = customer.lifetime_value.unwrap_or(params.none);
    let [first, second, third, fourth] = params.bands;

    if is_in(&UNPAID, category) {
        return ("unpaid", 0, 0);
    }
    if !codes.is_empty() {
        if has(codes, "LAUNCH") && facts.occurred_at.with_timezone(&Berlin).date_naive() < params.launch_ends
        {
            return ("launch", 1_200, 0);
        }
        if has(codes, "SPRING") {
            return if is_new { ("spring, new", 1_000, 250) } else { ("spring", 900, 0) };
        }
        if has(codes, "NEWS") {
            return ("newsletter", 300, 0);
        }
    }
    if has(&partner.groups, "press") {
        return match is_new {
            true if is_in(&HOME, country) => ("press, new at home", 1_100, 0),
            true => ("press, new", 900, 0),
            false => ("press", 700, 0),
        };
    }
    if partner.kind.as_deref() == Some("cashback") {
        return if is_new { ("cashback, new", 500, 0) } else { ("cashback", 300, 0) };
    }
    if let Some(property) = &touch.property {
        if property == "deals.example" && facts.discount.is_some_and(|discount| discount > params.none) {
            return ("deals on a discount", 200, 0);
        }
        if property.ends_with(".coupons.example") {
            return ("coupon sites", 250, 0);
        }
    }
    match category {
        Some("tents") if is_new && is_in(&HOME, country) => return ("tents, new at home", 1_000, 0),
        Some("tents") => return ("tents", 800, 0),
        Some("boots") if is_new => return ("boots, new", 900, 0),
        Some("boots") => return ("boots", 650, 0),
        Some("climbing") if facts.amount >= params.large => return ("climbing, large", 750, 500),
        Some("climbing") => return ("climbing", 600, 0),
        Some("electronics") => return ("electronics", 200, 0),
        _ => {}
    }
    if touch.landing_page.as_ref().is_some_and(|page| page.starts_with("https://shop.example/sale/")) {
        return ("sale pages", 350, 0);
    }
    if is_new && facts.device_kind.as_deref() == Some("phone") && facts.device_os.as_deref() == Some("ios") {
        return ("new on the phone", 850, 0);
    }
    if customer.status == "vip" && spent >= params.none {
        return match spent {
            spent if spent >= fourth => ("vip", 900, 0),
            spent if spent >= third => ("vip", 800, 0),
            spent if spent >= second => ("vip", 700, 0),
            spent if spent >= first => ("vip", 600, 0),
            _ => ("vip", 500, 0),
        };
    }
    if country == Some("CH") {
        return ("Switzerland", 600, 0);
    }
    if is_in(&NORDICS, country) {
        return if is_new { ("nordics, new", 800, 0) } else { ("nordics", 500, 0) };
    }
    if facts.month_actions > params.busy {
        return ("busy partners", 700, 0);
    }
    if facts.month_revenue >= params.strong {
        return ("strong partners", 650, 0);
    }
    if is_new {
        return ("new customers", 800, 0);
    }
    match spent {
        spent if spent >= fourth => return ("loyalty", 600, 0),
        spent if spent >= third => return ("loyalty", 550, 0),
        spent if spent >= second => return ("loyalty", 500, 0),
        spent if spent >= first => return ("loyalty", 450, 0),
        _ => {}
    }
    if customer.order_count.unwrap_or(0) <= 2 {
        return ("first orders", 450, 0);
    }
    ("default", 400, 0)
}
