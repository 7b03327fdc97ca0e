//! Actions and reference facts: choices enter; facts with unknowns, edges and repeats leave.

use std::collections::BTreeMap;

use accrue::facts::{
    Action, Attribute, Creative, Credit, Customer, Device, Follows, Fraud, Item, Partner, PromoCode,
    Reference, StandingPartner, Touch, TouchKind,
};
use accrue::money::{Money, Number};
use accrue::time::Timestamp;
use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::vocabulary::{
    ATTRIBUTES, CODES, CREATIVES, CUSTOMERS, DATES, Declared, EVENT_TYPES, ITEM_ATTRIBUTES, MOMENTS,
    PARTNER_ATTRIBUTES, PARTNERS, REQUIRED_ATTRIBUTE, Ty, WORDS,
};
use crate::choices::Choices;

/// What kind of amounts actions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// From zero to some hundreds, with at most this many decimals, as in a shop.
    Ordinary(u32),
    /// Negative, tiny and huge ones too.
    Any,
}

/// One of the vocabulary's moments, moved by some hours.
pub fn moment(choices: &mut Choices<'_>) -> Timestamp {
    let base = Timestamp::parse(choices.pick(&MOMENTS)).unwrap_or_default_moment();
    let hours = if choices.once_in(2) { choices.between(-72, 72) } else { 0 };
    base.utc().checked_add_signed(TimeDelta::hours(hours)).and_then(Timestamp::new).unwrap_or(base)
}

/// The vocabulary's own moments always parse; this names what happens if one did not.
trait OrEpoch {
    fn unwrap_or_default_moment(self) -> Timestamp;
}

impl OrEpoch for Option<Timestamp> {
    fn unwrap_or_default_moment(self) -> Timestamp {
        self.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// An amount.
pub fn amount(choices: &mut Choices<'_>, amounts: Amounts) -> Money {
    let scale = match amounts {
        Amounts::Any if choices.once_in(6) => {
            let edge = choices.pick(&[
                "-12.34",
                "0.000000000001",
                "9999999999999999",
                "-0.01",
                "999999999999.999999999999",
            ]);
            return edge.parse().unwrap_or_default();
        }
        Amounts::Any => 2,
        Amounts::Ordinary(scale) => scale,
    };
    let units = if choices.once_in(6) { 0 } else { choices.between(0, 60_000) };
    Money(Decimal::new(units, scale))
}

fn maybe<T>(choices: &mut Choices<'_>, make: impl FnOnce(&mut Choices<'_>) -> T) -> Option<T> {
    if choices.once_in(2) { Some(make(choices)) } else { None }
}

fn word(choices: &mut Choices<'_>) -> String {
    choices.pick(&WORDS).to_owned()
}

fn country(choices: &mut Choices<'_>) -> String {
    choices.pick(&["DE", "FR", "US"]).to_owned()
}

fn words(choices: &mut Choices<'_>) -> Vec<String> {
    (0..choices.between(0, 3)).map(|_| word(choices)).collect()
}

/// An action with this id.
pub fn action(choices: &mut Choices<'_>, id: String, amounts: Amounts) -> Action {
    let occurred_at = moment(choices);
    let (event_type, has_amount) = choices.pick(&EVENT_TYPES);
    // Only an event type whose amounts are signed has negative ones.
    let amounts = if has_amount { amounts } else { Amounts::Ordinary(2) };
    Action {
        id,
        event_type: event_type.to_owned(),
        occurred_at,
        submitted_at: maybe(choices, |choices| {
            let later = TimeDelta::hours(choices.between(0, 200));
            occurred_at.utc().checked_add_signed(later).and_then(Timestamp::new).unwrap_or(occurred_at)
        }),
        order_id: maybe(choices, |choices| format!("o-{}", choices.below(4))),
        currency: None,
        amount: Some(amount(choices, amounts)),
        subtotal: maybe(choices, |choices| amount(choices, amounts)),
        discount: maybe(choices, |choices| amount(choices, amounts)),
        tax: maybe(choices, |choices| amount(choices, amounts)),
        shipping: maybe(choices, |choices| amount(choices, amounts)),
        items: (0..choices.between(0, 4)).map(|_| item(choices, amounts)).collect(),
        customer: customer(choices, amounts),
        promo_codes: (0..choices.between(0, 2))
            .map(|_| choices.pick(&["spring", "SUMMER26", "été", "x"]).into())
            .collect(),
        touches: (0..=choices.between(0, 3)).map(|_| touch(choices, occurred_at)).collect(),
        credits: credits(choices),
        device: Device { kind: maybe(choices, word), os: maybe(choices, word) },
        fraud: Fraud {
            risk: maybe(choices, |choices| Number(amount(choices, amounts).0)),
            reasons: words(choices),
        },
        follows: maybe(choices, |choices| Follows {
            id: "a-0".to_owned(),
            event_type: choices.pick(&["install", "sale"]).to_owned(),
            occurred_at: moment(choices),
        }),
        attributes: ATTRIBUTES
            .iter()
            .filter_map(|(name, ty)| {
                let there = *name == REQUIRED_ATTRIBUTE || choices.once_in(2);
                there.then(|| ((*name).to_owned(), attribute(choices, *ty, amounts)))
            })
            .collect(),
    }
}

/// Credits of different partners, with weights or roles of all or of none.
fn credits(choices: &mut Choices<'_>) -> Vec<Credit> {
    let count = choices.pick(&[0, 0, 1, 1, 2, 3]);
    let (weights, roles) = (choices.once_in(2), choices.once_in(2));
    let credit = |partner: &&str| {
        let mut credit = Credit::new(*partner);
        credit.weight = weights.then(|| Number(choices.between(1, 5).into()));
        credit.role = roles.then(|| choices.pick(&["introducer", "influencer", "closer"]).to_owned());
        credit
    };
    PARTNERS.iter().take(count).map(credit).collect()
}

fn item(choices: &mut Choices<'_>, amounts: Amounts) -> Item {
    Item {
        sku: choices.pick(&["A-1", "B-2", "Z-9"]).to_owned(),
        category: maybe(choices, word),
        quantity: u32::try_from(choices.between(0, 5)).unwrap_or(1),
        amount: amount(choices, amounts),
        cost: maybe(choices, |choices| amount(choices, amounts)),
        discount: maybe(choices, |choices| amount(choices, amounts)),
        tax: maybe(choices, |choices| amount(choices, amounts)),
        attributes: some_attributes(choices, &ITEM_ATTRIBUTES, amounts),
    }
}

/// Half of the attributes of a table.
fn some_attributes(
    choices: &mut Choices<'_>,
    declared: &[Declared],
    amounts: Amounts,
) -> BTreeMap<String, Attribute> {
    let mut attributes = BTreeMap::new();
    for (name, ty) in declared {
        if choices.once_in(2) {
            attributes.insert((*name).to_owned(), attribute(choices, *ty, amounts));
        }
    }
    attributes
}

fn customer(choices: &mut Choices<'_>, amounts: Amounts) -> Customer {
    Customer {
        id: maybe(choices, |choices| choices.pick(&CUSTOMERS).to_owned()),
        status: maybe(choices, |choices| choices.pick(&["new", "existing"]).to_owned()),
        lifetime_value: maybe(choices, |choices| amount(choices, amounts)),
        order_count: maybe(choices, |choices| u32::try_from(choices.between(0, 30)).unwrap_or(0)),
        since: maybe(choices, moment),
        country: maybe(choices, country),
        region: maybe(choices, word),
        audiences: words(choices),
    }
}

fn touch(choices: &mut Choices<'_>, action_at: Timestamp) -> Touch {
    let before = TimeDelta::minutes(choices.between(0, 60_000));
    Touch {
        partner: choices.pick(&PARTNERS).to_owned(),
        at: action_at.utc().checked_sub_signed(before).and_then(Timestamp::new).unwrap_or(action_at),
        kind: choices.pick(&[TouchKind::Click, TouchKind::Click, TouchKind::Impression, TouchKind::Code]),
        id: maybe(choices, |choices| format!("k-{}", choices.below(4))),
        creative: maybe(choices, |choices| choices.pick(&CREATIVES).to_owned()),
        property: maybe(choices, word),
        landing_page: maybe(choices, word),
        link_updated_at: maybe(choices, moment),
        sub_ids: words(choices),
    }
}

fn attribute(choices: &mut Choices<'_>, ty: Ty, amounts: Amounts) -> Attribute {
    match ty {
        Ty::Bool => Attribute::Bool(choices.once_in(2)),
        Ty::Integer => Attribute::Number(Number(choices.between(-5, 300).into())),
        Ty::Decimal => Attribute::Number(Number(amount(choices, amounts).0)),
        Ty::Money => Attribute::Text(amount(choices, amounts).to_string()),
        Ty::Time => Attribute::Text(moment(choices).to_string()),
        Ty::Date => Attribute::Text(choices.pick(&DATES).to_owned()),
        Ty::Text | Ty::Code | Ty::Duration => Attribute::Text(word(choices)),
    }
}

/// What is known about partners, creatives and codes. The last of each is never listed, nor is one whose interval ends before it
/// begins.
pub fn reference(choices: &mut Choices<'_>) -> Reference {
    let mut reference = Reference::default();
    for id in PARTNERS.iter().take(3) {
        let partner = Partner {
            left_at: None,
            id: (*id).to_owned(),
            kind: maybe(choices, word),
            groups: words(choices),
            status: maybe(choices, word),
            properties: words(choices),
            country: maybe(choices, country),
            parent: maybe(choices, |choices| choices.pick(&PARTNERS).to_owned()),
            joined_at: maybe(choices, moment),
            from: None,
            attributes: some_attributes(choices, &PARTNER_ATTRIBUTES, Amounts::Ordinary(0)),
        };
        reference.insert(partner).ok();
    }
    for id in CREATIVES.iter().take(2) {
        let creative = Creative {
            id: (*id).to_owned(),
            valid_from: maybe(choices, moment),
            valid_until: maybe(choices, moment),
            status: maybe(choices, word),
            partners: maybe(choices, |choices| vec![choices.pick(&PARTNERS).to_owned()]).unwrap_or_default(),
        };
        reference.insert(creative).ok();
    }
    for code in CODES.iter().take(3) {
        let promo = PromoCode {
            code: (*code).to_owned(),
            owner: maybe(choices, |choices| choices.pick(&PARTNERS).to_owned()),
            valid_from: maybe(choices, moment),
            valid_until: maybe(choices, moment),
        };
        reference.insert(promo).ok();
    }
    for customer in CUSTOMERS.iter().take(1) {
        let standing = StandingPartner {
            customer: (*customer).to_owned(),
            partner: choices.pick(&PARTNERS).to_owned(),
            from: maybe(choices, moment),
            until: maybe(choices, moment),
        };
        reference.insert(standing).ok();
    }
    reference
}
