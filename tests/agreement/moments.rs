//! A moment of any zone: rules see the same date, hour and difference, interpreted, compiled and by Rhai's evaluator.

use accrue::internals::lang::{Form, Phase};
use accrue::time::{Timestamp, Zone};
use accrue_tests::agree::every_way;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::generate::action::Amounts;
use accrue_tests::stage::{Stage, facts};
use chrono::DateTime;

const PROGRAMS: [&str; 3] = [
    "let d = action.occurred_at.date; add(money(\"1\") * decimal(d.day)); \
     add(money(\"1\") * decimal(action.occurred_at.hour)); add(money(\"1\") * decimal(action.occurred_at.minute));",
    "if action.occurred_at - touch.at >= minutes(1) { add(money(\"10\")); } else { add(money(\"1\")); }",
    "let s = action.occurred_at - (action.occurred_at - days(1)); if s == days(1) && action.occurred_at >= touch.at \
     { add(money(\"10\")); }",
];

/// Zones with offsets of seconds, with days that clocks skip, and with clocks that go back.
const ZONES: [&str; 6] = [
    "Africa/Monrovia",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
];

/// Moments beside each other: around the changes of clocks of these zones, and parts of a second apart.
fn moments(choices: &mut Choices<'_>) -> Timestamp {
    let around = [63_593_070, 1_541_300_400, 1_325_239_200, 1_774_746_000, 1_792_890_000, 0, -2_208_988_800];
    let seconds = choices.pick(&around) + choices.between(-3, 3) * choices.pick(&[1, 60, 2_670, 3_600]);
    let nanoseconds = choices.pick(&[0, 1, 500, 999_999, 1_000_000, 999_999_999]);
    DateTime::from_timestamp(seconds.max(-2_208_988_800), nanoseconds).and_then(Timestamp::new).unwrap()
}

#[test]
fn moments_agree_in_every_zone() {
    let mut stage = Stage::new().unwrap();
    for zone in ZONES {
        stage.terms.zone = Zone::parse(zone).unwrap();
        let checked: Vec<_> = PROGRAMS
            .iter()
            .map(|text| {
                let (checked, found) = stage.check(text, Phase::PayOrder, Form::Script);
                (text, checked.unwrap_or_else(|| panic!("{text}: {found}")))
            })
            .collect();
        // Each rule is compiled for each of these.
        for seed in 0..5 {
            let bytes = noise(seed, 600);
            let mut choices = Choices::new(&bytes);
            let mut facts = facts(&mut choices, Phase::PayOrder, Amounts::Ordinary(2));
            if facts.action.touches.is_empty() {
                continue;
            }
            facts.zone = zone.parse().unwrap();
            facts.action.occurred_at = moments(&mut choices);
            for touch in &mut facts.action.touches {
                touch.at = moments(&mut choices);
            }
            for (text, checked) in &checked {
                if let Err(difference) = every_way(&stage, text, &checked.rule, &facts) {
                    panic!("{zone}, {}: {text}\n{difference}", facts.action.occurred_at);
                }
            }
        }
    }
}
