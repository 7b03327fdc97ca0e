//! Brackets of a partner's month, as tax tables have them: once as a rule of the language, once as a component.

use accrue::Reference;
use accrue::Source;
use accrue::internals::run::{TotalAdds, TotalFacts, TotalSums};
use accrue::money::Money;
use rust_decimal::Decimal;

use super::{ACTIONS, MOMENT, Subject};
use crate::Result;
use crate::random::SplitMix64;

const PROGRAM: &str = include_str!("../../programs/brackets/program.toml");

/// As a rule of the language.
pub fn rule() -> Result<Subject> {
    subject(Source::from_files([
        ("program.toml", PROGRAM),
        ("contracts/rule.toml", include_str!("../../programs/brackets/contracts/rule.toml")),
        ("rules/brackets.rhai", include_str!("../../programs/brackets/rules/brackets.rhai")),
    ]))
}

/// As a component in Rust.
pub fn component() -> Result<Subject> {
    let mut source = Source::from_files([
        ("program.toml", PROGRAM),
        ("contracts/component.toml", include_str!("../../programs/brackets/contracts/component.toml")),
    ]);
    source.insert(
        "components/progressive.wasm",
        include_bytes!("../../../rules-examples/marketplace/components/progressive.wasm"),
    );
    subject(source)
}

/// Orders up to 3,000.00 of partners who have sold for up to 7,000.00 in the month.
fn subject(source: Source) -> Result<Subject> {
    let mut random = SplitMix64(7);
    let lines = (0..ACTIONS).map(|n| {
        format!(
            r#"{{"id": "a{n}", "event_type": "sale", "occurred_at": "{MOMENT}", "amount": "{}.{:02}",
                "touches": [{{"partner": "acme", "at": "{MOMENT}", "kind": "click"}}]}}"#,
            random.below(3_000),
            random.below(100),
        )
    });
    let mut subject = Subject::new(source, Reference::default(), lines)?;
    let mut random = SplitMix64(8);
    subject.totals = (0..ACTIONS)
        .map(|_| TotalFacts {
            before: TotalSums {
                actions: 1,
                revenue: Money(Decimal::from(random.below(7_000))),
                ..TotalSums::default()
            },
            this: Some(TotalAdds::default()),
            ..TotalFacts::default()
        })
        .collect();
    Ok(subject)
}
