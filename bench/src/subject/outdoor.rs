//! A contract such as shops have: ten restrictions and thirty payout groups, by customer, country, category, code,
//! creative, property, landing page, device, totals, and bands of what was spent before.

use std::collections::HashMap;

use accrue::Reference;
use accrue::Source;
use accrue::facts::{Creative, Fact, Partner, PromoCode};
use accrue::internals::lang::Value;
use accrue::internals::run::{RuleInput, TotalAdds, TotalFacts, TotalSums};
use accrue::money::Money;
use accrue::time::Timestamp;
use rust_decimal::Decimal;

use super::{ACTIONS, Answer, Subject, amount, optional};
use crate::Result;
use crate::native::outdoor::{Customer, Facts, Params, Touch, assess};
use crate::native::{self, Amount};
use crate::random::SplitMix64;

const PARTNERS: u64 = 60;
const CREATIVES: u64 = 20;

/// The program's files.
pub fn source() -> Source {
    Source::from_files([
        ("program.toml", include_str!("../../programs/outdoor/program.toml")),
        ("contracts/standard.toml", include_str!("../../programs/outdoor/contracts/standard.toml")),
        ("rules/foreign_codes.rhai", include_str!("../../programs/outdoor/rules/foreign_codes.rhai")),
    ])
}

/// The program with its actions, and totals of partners in the middle of a month.
pub fn subject() -> Result<Subject> {
    let mut random = SplitMix64(30);
    let lines: Vec<String> = (0..ACTIONS).map(|n| line(n, &mut random)).collect();
    let mut subject = Subject::new(source(), reference()?, lines.into_iter())?;
    subject.totals = (0..ACTIONS)
        .map(|_| TotalFacts {
            before: TotalSums {
                actions: i64::try_from(random.below(1_000) / (1 + random.below(3))).unwrap_or(0),
                revenue: Money(Decimal::new(i64::try_from(random.below(2_500_000)).unwrap_or(0), 2)),
                ..TotalSums::default()
            },
            this: Some(TotalAdds::default()),
            ..TotalFacts::default()
        })
        .collect();
    Ok(subject)
}

fn reference() -> Result<Reference> {
    let mut reference = Reference::default();
    for n in 0..PARTNERS {
        let id = format!("partner-{n:02}");
        let partner = Partner {
            kind: Some(if n % 10 == 1 { "cashback" } else { "content" }.to_owned()),
            groups: if n % 6 == 2 { vec!["autumn".to_owned(), "press".to_owned()] } else { Vec::new() },
            properties: vec![
                format!("site-{n:02}.example"),
                "deals.example".to_owned(),
                "summer.coupons.example".to_owned(),
            ],
            ..Partner { id: id.clone(), ..Partner::default() }
        };
        reference.insert(partner)?;
    }
    for n in 0..CREATIVES {
        let id = format!("banner-{n:02}");
        let creative = Creative {
            id: id.clone(),
            valid_until: if n % 10 == 0 { Timestamp::parse("2026-02-01T00:00:00Z") } else { None },
            partners: if n == 7 {
                vec!["partner-07".to_owned(), "partner-17".to_owned()]
            } else {
                Vec::new()
            },
            ..Creative::default()
        };
        reference.insert(creative)?;
    }
    for (code, owner) in [
        ("SPRING", None),
        ("LAUNCH", None),
        ("NEWS", None),
        ("TEAM", None),
        ("PARTNER07", Some("partner-07")),
    ] {
        let promo =
            PromoCode { code: code.to_owned(), owner: owner.map(str::to_owned), ..PromoCode::default() };
        reference.insert(promo)?;
    }
    Ok(reference)
}

fn line(n: usize, random: &mut SplitMix64) -> String {
    let optional = |random: &mut SplitMix64, known: u64, text: &dyn Fn(&mut SplitMix64) -> String| {
        if random.below(100) < known { text(random) } else { String::new() }
    };
    let day = 2 + random.below(27);
    let partner = random.below(PARTNERS);
    let lifetime = optional(random, 80, &|random| {
        format!(r#","lifetime_value":"{}.{:02}""#, random.below(7_000), random.below(100))
    });
    let orders = optional(random, 80, &|random| format!(r#","order_count":{}"#, random.below(12)));
    let country = optional(random, 90, &|random| {
        let country = random.pick(&[
            "DE", "DE", "DE", "AT", "CH", "FR", "FR", "NL", "NL", "PL", "IT", "ES", "DK", "SE", "NO", "US",
        ]);
        format!(r#","country":"{country}""#)
    });
    let category = optional(random, 90, &|random| {
        let category = random.pick(&[
            "tents",
            "boots",
            "climbing",
            "electronics",
            "clothing",
            "clothing",
            "cooking",
            "lamps",
            "maps",
            "repairs",
        ]);
        format!(r#","attributes":{{"category":"{category}"}}"#)
    });
    let codes = optional(random, 20, &|random| {
        let code = random.pick(&["SPRING", "LAUNCH", "NEWS", "WELCOME", "WELCOME", "TEAM", "PARTNER07"]);
        format!(r#","promo_codes":["{code}"]"#)
    });
    let discount = optional(random, 30, &|random| format!(r#","discount":"{}.00""#, random.below(20)));
    let risk = optional(random, 50, &|random| format!(r#","fraud":{{"risk":"0.{:02}"}}"#, random.below(93)));
    let property = optional(random, 50, &|random| {
        let own = format!("site-{partner:02}.example");
        let site = random.pick(&[
            &own,
            &own,
            &own,
            &own,
            &own,
            &own,
            "deals.example",
            "summer.coupons.example",
            "else.example",
        ]);
        format!(r#","property":"{site}""#)
    });
    let page = optional(random, 60, &|random| {
        let part = random.pick(&["shop", "shop", "shop", "shop", "shop", "shop", "sale", "sale", "brand"]);
        format!(r#","landing_page":"https://shop.example/{part}/{}""#, random.below(1_000))
    });
    let creative =
        optional(random, 50, &|random| format!(r#","creative":"banner-{:02}""#, random.below(CREATIVES)));
    let updated = optional(random, 30, &|random| {
        let year = if random.once_in(15) { 2024 } else { 2025 };
        format!(r#","link_updated_at":"{year}-{:02}-11T00:00:00Z""#, 4 + random.below(9))
    });
    format!(
        r#"{{"id":"a{n:05}","event_type":"sale","occurred_at":"2026-03-{day:02}T10:00:00Z","amount":"{}.{:02}"{discount},"customer":{{"id":"C-{}","status":"{}"{lifetime}{orders}{country}}}{codes}{category}{risk},"device":{{"kind":"{}","os":"{}"}},"touches":[{{"partner":"partner-{partner:02}","at":"2026-03-{:02}T09:00:00Z","kind":"click"{property}{page}{creative}{updated}}}]}}"#,
        random.below(400),
        random.below(100),
        random.below(10_000),
        random.pick(&["new", "existing", "existing", "existing", "vip"]),
        random.pick(&["phone", "desktop"]),
        random.pick(&["ios", "android"]),
        day - 1,
    )
}

/// The constants for native code.
pub fn params<A: Amount>(subject: &Subject) -> Params<A> {
    let owners: HashMap<String, String> = owners(subject).collect();
    Params::new(owners)
}

/// Owned promo codes with their owners.
pub fn owners<K: From<String>, V: From<String>>(subject: &Subject) -> impl Iterator<Item = (K, V)> {
    let owner = |fact| match fact {
        Fact::PromoCode(promo) => Some((promo.code.into(), promo.owner?.into())),
        _ => None,
    };
    subject.reference.facts().filter_map(owner)
}

/// What native code reads of a case.
pub fn facts<A: Amount>(case: &RuleInput<'_>) -> Result<Facts<A>> {
    let action = case.action;
    let total = case.totals.first().cloned().unwrap_or_default();
    let category = match case.attributes.first() {
        Some(Value::Text(text)) => Some((*text).to_owned()),
        _ => None,
    };
    Ok(Facts {
        occurred_at: action.occurred_at.utc(),
        amount: amount(case.base.0)?,
        discount: optional(action.discount)?,
        category,
        promo_codes: case.promo_codes.to_vec(),
        customer: Customer {
            status: action.customer.status.clone().unwrap_or_else(|| "unknown".to_owned()),
            lifetime_value: optional(action.customer.lifetime_value)?,
            order_count: action.customer.order_count,
            country: action.customer.country.clone(),
        },
        partner: native::outdoor::Partner {
            id: case.partner_id.to_owned(),
            kind: case.partner.and_then(|partner| partner.kind.clone()),
            groups: case.partner.map(|partner| partner.groups.clone()).unwrap_or_default(),
            properties: case.partner.map(|partner| partner.properties.clone()).unwrap_or_default(),
        },
        touch: Touch {
            at: case.touch.at.utc(),
            property: case.touch.property.clone(),
            landing_page: case.touch.landing_page.clone(),
            link_updated_at: case.touch.link_updated_at.map(Timestamp::utc),
        },
        creative: case.creative.map(|creative| native::outdoor::Creative {
            valid_until: creative.valid_until.map(Timestamp::utc),
            partners: creative.partners.clone(),
        }),
        device_kind: action.device.kind.clone(),
        device_os: action.device.os.clone(),
        fraud_risk: action.fraud.risk.map(|risk| amount(risk.0)).transpose()?,
        month_actions: u32::try_from(total.before.actions)? + u32::from(total.this.is_some()),
        month_revenue: amount(total.before.revenue.0)?,
    })
}

/// What native code says about facts.
pub fn answers<A: Amount>(facts: &[Facts<A>], params: &Params<A>) -> Result<Vec<Answer>> {
    let answer = |facts| {
        let (restrictions, line) = assess(facts, params).ok_or("an amount is too large")?;
        Ok(Answer::native(&restrictions, &line))
    };
    facts.iter().map(answer).collect()
}
