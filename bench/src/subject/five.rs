//! Five branches: a commission by customer, size of the order, code and what was spent before.

use accrue::Reference;
use accrue::Source;
use accrue::internals::run::RuleInput;

use super::{ACTIONS, Answer, MOMENT, Subject, amount, optional};
use crate::Result;
use crate::native::Amount;
use crate::native::five::{Facts, Params, assess};
use crate::random::SplitMix64;

/// The program's files.
pub fn source() -> Source {
    Source::from_files([
        ("program.toml", include_str!("../../programs/five/program.toml")),
        ("contracts/standard.toml", include_str!("../../programs/five/contracts/standard.toml")),
    ])
}

/// So many actions with amounts in whole cents, as orders have them.
pub fn ordinary(actions: usize) -> Result<Subject> {
    subject(actions, |random| format!("{}.{:02}", random.below(400), random.below(100)))
}

/// With amounts that fit neither 64 bits of minor units nor the currency's decimals.
pub fn long() -> Result<Subject> {
    subject(ACTIONS, |random| {
        format!(
            "{}{:010}.{:09}",
            1_000 + random.below(9_000),
            random.below(10_000_000_000),
            1 + random.below(999_999_999)
        )
    })
}

fn subject(actions: usize, amount: impl Fn(&mut SplitMix64) -> String) -> Result<Subject> {
    let mut random = SplitMix64(5);
    let lines = (0..actions).map(move |n| {
        format!(
            r#"{{"id": "a{n}", "event_type": "sale", "occurred_at": "{MOMENT}", "amount": "{}",
                "customer": {{"status": "{}"{}}}, "promo_codes": [{}],
                "touches": [{{"partner": "acme", "at": "{MOMENT}", "kind": "click"}}]}}"#,
            amount(&mut random),
            random.pick(&["new", "existing", "existing", "vip"]),
            if random.once_in(6) {
                String::new()
            } else {
                format!(r#", "lifetime_value": "{}.{:02}""#, random.below(1_500), random.below(100))
            },
            random.pick(&["", "", r#""WELCOME""#, r#""SPRING""#, r#""WELCOME", "SPRING""#]),
        )
    });
    Subject::new(source(), Reference::default(), lines)
}

/// What native code reads of a case.
pub fn facts<A: Amount>(case: &RuleInput<'_>) -> Result<Facts<A>> {
    let customer = &case.action.customer;
    Ok(Facts {
        status: customer.status.clone().unwrap_or_else(|| "unknown".to_owned()),
        lifetime_value: optional(customer.lifetime_value)?,
        amount: amount(case.base.0)?,
        promo_codes: case.promo_codes.to_vec(),
    })
}

/// What native code says about facts.
pub fn answers<A: Amount>(facts: &[Facts<A>]) -> Result<Vec<Answer>> {
    let params = Params::new();
    let answer = |facts| Ok(Answer::native(&[], &[assess(facts, &params).ok_or("an amount is too large")?]));
    facts.iter().map(answer).collect()
}
