//! The border of the component: converts the host's values to facts, and the answer of the rule to the host's values.
//!
//! Built for WebAssembly only. The names here are for the macros [`crate::restriction!`] and [`crate::payout!`].

#![allow(missing_docs, reason = "for the macros of this crate")]

#[allow(unsafe_code, unreachable_pub, missing_docs, clippy::all, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit/rules",
        world: "rule",
        pub_export_macro: true,
        runtime_path: "::wit_bindgen::rt",
    });
}

use bindings::exports::accrue::rules::{payout as wit_payout, restriction as wit_restriction, types};
use rust_decimal::Decimal;

use crate::{
    Action, Contract, Creative, Customer, Date, Device, Duration, Facts, Fault, Follows, Fraud, Item, Moment,
    Money, Named, Partner, Payout, PromoCode, Total, TotalSums, Touch, TouchKind, Value, Verb, Verdict,
    Verdicts,
};

pub use bindings::exports::accrue::rules::payout::__export_accrue_rules_payout_0_2_0_cabi as export_payout;
pub use bindings::exports::accrue::rules::restriction::__export_accrue_rules_restriction_0_2_0_cabi as export_restriction;

/// Implemented by the macro for a restriction.
pub trait Restriction {
    fn restrict(facts: &Facts, verdicts: &mut Verdicts) -> Result<(), Fault>;
}

/// Implemented by the macro for a payout rule.
pub trait PayoutRule {
    fn pay(facts: &Facts, payout: &mut Payout) -> Result<(), Fault>;
}

impl<R: Restriction> wit_restriction::Guest for R {
    fn restrict(facts: types::Facts) -> Result<Vec<wit_restriction::Verdict>, String> {
        let mut verdicts = Verdicts::default();
        let judged = read(facts).and_then(|facts| R::restrict(&facts, &mut verdicts));
        judged.map_err(|fault| fault.to_string())?;
        Ok(verdicts.0.into_iter().map(verdict).collect())
    }
}

impl<P: PayoutRule> wit_payout::Guest for P {
    fn pay(facts: types::Facts) -> Result<Vec<wit_payout::Verb>, String> {
        let mut payout = Payout::default();
        let priced = read(facts).and_then(|facts| P::pay(&facts, &mut payout));
        priced.map_err(|fault| fault.to_string())?;
        Ok(payout.0.into_iter().map(verb).collect())
    }
}

fn verdict(verdict: Verdict) -> wit_restriction::Verdict {
    match verdict {
        Verdict::Reject(reason) => wit_restriction::Verdict::Reject(reason),
        Verdict::Hold(reason, after) => wit_restriction::Verdict::Hold(wit_restriction::Hold {
            reason,
            release_after: after.map(|after| types::Duration { seconds: after.seconds }),
        }),
        Verdict::Zero(reason) => wit_restriction::Verdict::Zero(reason),
        Verdict::Flag(reason) => wit_restriction::Verdict::Flag(reason),
        Verdict::Notice(reason) => wit_restriction::Verdict::Notice(reason),
    }
}

fn verb(verb: Verb) -> wit_payout::Verb {
    match verb {
        Verb::Rate(rate) => wit_payout::Verb::Rate(out(rate)),
        Verb::AddPoints(points) => wit_payout::Verb::AddPoints(out(points)),
        Verb::Multiply(factor) => wit_payout::Verb::Multiply(out(factor)),
        Verb::Add(amount) => wit_payout::Verb::Add(types::Money { amount: out(amount.0) }),
        Verb::AddPerUnit(amount) => wit_payout::Verb::AddPerUnit(types::Money { amount: out(amount.0) }),
        Verb::Notice(reason) => wit_payout::Verb::Notice(reason),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "taking a number of 128 bits apart; a scale is at most 28"
)]
fn out(decimal: Decimal) -> types::Decimal {
    let digits = decimal.mantissa();
    types::Decimal { low: digits as u64, high: (digits >> 64) as i64, scale: decimal.scale() as u8 }
}

fn decimal(decimal: types::Decimal) -> Result<Decimal, Fault> {
    let digits = (i128::from(decimal.high) << 64) | i128::from(decimal.low);
    Decimal::try_from_i128_with_scale(digits, u32::from(decimal.scale)).map_err(|_| Fault::Overflow)
}

fn money(money: types::Money) -> Result<Money, Fault> {
    decimal(money.amount).map(Money)
}

fn moment(moment: types::Moment) -> Moment {
    let types::Moment { seconds, nanoseconds, offset } = moment;
    Moment { seconds, nanoseconds, offset }
}

fn value(value: types::Value) -> Result<Value, Fault> {
    Ok(match value {
        types::Value::Bool(value) => Value::Bool(value),
        types::Value::Integer(value) => Value::Integer(value),
        types::Value::Decimal(value) => Value::Decimal(decimal(value)?),
        types::Value::Money(value) => Value::Money(money(value)?),
        types::Value::Text(value) => Value::Text(value),
        types::Value::Time(value) => Value::Time(moment(value)),
        types::Value::Date(types::Date { year, month, day }) => Value::Date(Date { year, month, day }),
        types::Value::Duration(types::Duration { seconds }) => Value::Duration(Duration { seconds }),
    })
}

fn item(item: types::Item) -> Result<Item, Fault> {
    Ok(Item {
        sku: item.sku,
        category: item.category,
        quantity: item.quantity,
        amount: money(item.amount)?,
        base: money(item.base)?,
        cost: item.cost.map(money).transpose()?,
        discount: item.discount.map(money).transpose()?,
        tax: item.tax.map(money).transpose()?,
        attributes: own(item.attributes)?,
    })
}

fn own(attributes: Vec<types::Attribute>) -> Result<Named, Fault> {
    let mut own = Named::default();
    for attribute in attributes {
        own.values.push((attribute.name, attribute.value.map(value).transpose()?));
    }
    Ok(own)
}

fn touch(touch: types::Touch) -> Touch {
    Touch {
        partner: touch.partner,
        at: moment(touch.at),
        kind: match touch.kind {
            types::TouchKind::Click => TouchKind::Click,
            types::TouchKind::Impression => TouchKind::Impression,
            types::TouchKind::Code => TouchKind::Code,
        },
        id: touch.id,
        creative: touch.creative,
        property: touch.property,
        landing_page: touch.landing_page,
        link_updated_at: touch.link_updated_at.map(moment),
        sub_ids: touch.sub_ids,
    }
}

fn promo_code(code: types::PromoCode) -> PromoCode {
    PromoCode {
        code: code.code,
        listed: code.listed,
        owner: code.owner,
        valid_from: code.valid_from.map(moment),
        valid_until: code.valid_until.map(moment),
    }
}

fn total(total: types::Total) -> Result<Total, Fault> {
    Ok(Total {
        name: total.name,
        actions_before: total.actions_before,
        actions_with_this: total.actions_with_this,
        units_before: total.units_before,
        units_with_this: total.units_with_this,
        revenue_before: money(total.revenue_before)?,
        revenue_with_this: money(total.revenue_with_this)?,
        payouts_before: money(total.payouts_before)?,
        payable_before: money(total.payable_before)?,
        distinct_before: total.distinct_before,
        distinct_with_this: total.distinct_with_this,
        previous: total.previous.map(sums).transpose()?,
    })
}

fn sums(sums: types::TotalSums) -> Result<TotalSums, Fault> {
    Ok(TotalSums {
        actions: sums.actions,
        units: sums.units,
        revenue: money(sums.revenue)?,
        payouts: money(sums.payouts)?,
        payable: money(sums.payable)?,
        distinct: sums.distinct,
    })
}

fn action(action: types::Action) -> Result<Action, Fault> {
    Ok(Action {
        id: action.id,
        event_type: action.event_type,
        occurred_at: moment(action.occurred_at),
        submitted_at: moment(action.submitted_at),
        order_id: action.order_id,
        currency: action.currency,
        amount: money(action.amount)?,
        base: money(action.base)?,
        subtotal: action.subtotal.map(money).transpose()?,
        discount: action.discount.map(money).transpose()?,
        tax: action.tax.map(money).transpose()?,
        shipping: action.shipping.map(money).transpose()?,
        items: action.items.into_iter().map(item).collect::<Result<_, _>>()?,
        promo_codes: action.promo_codes.into_iter().map(promo_code).collect(),
        touches: action.touches.into_iter().map(touch).collect(),
    })
}

fn customer(customer: types::Customer) -> Result<Customer, Fault> {
    Ok(Customer {
        id: customer.id,
        status: customer.status,
        lifetime_value: customer.lifetime_value.map(money).transpose()?,
        order_count: customer.order_count,
        since: customer.since.map(moment),
        country: customer.country,
        region: customer.region,
        audiences: customer.audiences,
    })
}

fn read(facts: types::Facts) -> Result<Facts, Fault> {
    let types::Facts {
        partner, creative, follows, device, fraud, contract, params, attributes, totals, ..
    } = facts;
    let mut named = Named::new("parameter");
    for param in params {
        named.values.push((param.name, Some(value(param.value)?)));
    }
    Ok(Facts {
        action: action(facts.action)?,
        item: facts.item.map(item).transpose()?,
        customer: customer(facts.customer)?,
        partner: Partner {
            id: partner.id,
            kind: partner.kind,
            groups: partner.groups,
            status: partner.status,
            properties: partner.properties,
            country: partner.country,
            parent: partner.parent,
            joined_at: partner.joined_at.map(moment),
            attributes: own(partner.attributes)?,
        },
        touch: touch(facts.touch),
        creative: Creative {
            id: creative.id,
            status: creative.status,
            valid_from: creative.valid_from.map(moment),
            valid_until: creative.valid_until.map(moment),
            allowed: creative.allowed,
        },
        follows: follows.map(|follows| Follows {
            id: follows.id,
            event_type: follows.event_type,
            occurred_at: moment(follows.occurred_at),
        }),
        device: Device { kind: device.kind, os: device.os },
        fraud: Fraud { risk: fraud.risk.map(decimal).transpose()?, reasons: fraud.reasons },
        contract: Contract {
            name: contract.name,
            version: contract.version,
            started_at: moment(contract.started_at),
            currency: contract.currency,
            minor_digits: contract.minor_digits,
        },
        params: named,
        attributes: own(attributes)?,
        totals: totals.into_iter().map(total).collect::<Result<_, _>>()?,
    })
}
