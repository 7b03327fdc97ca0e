//! The worlds themselves: laws that hold of nothing prove nothing, so what they are about must happen often.

use accrue_tests::awarded::contract;
use accrue_tests::awarded::counts;
use accrue_tests::awarded::cuts;
use accrue_tests::awarded::paid;
use accrue_tests::awarded::reasons;
use std::collections::BTreeMap;

use accrue::decide::Status;
use accrue::internals::terms;
use accrue::money::Money;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::laws::decide;
use accrue_tests::world::world;

/// Worlds that are made, the same each time.
const WORLDS: u32 = 400;

#[test]
fn everything_the_laws_are_about_happens() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..WORLDS {
        let bytes = noise(seed, 3_000);
        let Some(world) = world(&mut Choices::new(&bytes)).unwrap() else { continue };
        let mut see = |what, happened: bool| *seen.entry(what).or_default() += u32::from(happened);
        see("world", true);
        let contracts = &terms(&world.program).contracts;
        see("two contracts", contracts.len() > 1);
        see("two versions", contracts.iter().any(|contract| contract.versions.len() > 1));
        for (_, decision) in decide(&world).unwrap().0 {
            see("second version", contract(&decision).is_some_and(|contract| contract.version == 2));
            see("own contract", contract(&decision).is_some_and(|contract| contract.name == "own"));
            see("payable", decision.status == Status::Payable);
            see("held", decision.status == Status::Held);
            see("rejected", decision.status == Status::Rejected);
            see("zero", decision.status == Status::Zero);
            see("fault", reasons(&decision).iter().any(|reason| reason.fault.is_some()));
            see("paid", paid(&decision) > Money::ZERO);
            see("taken back", paid(&decision) < Money::ZERO);
            see("cut", !cuts(&decision).is_empty());
            see("cut in part", !cuts(&decision).is_empty() && paid(&decision) > Money::ZERO);
            see("cut to nothing", !cuts(&decision).is_empty() && paid(&decision).is_zero());
            see("notice", decision.awards.iter().any(|award| !award.notices.is_empty()));
            see("released by itself", decision.awards.iter().any(|award| award.release_at.is_some()));
            see("locks", decision.awards.iter().any(|award| award.locks_at.is_some()));
            see("has a date of payment", decision.awards.iter().any(|award| award.pays_on.is_some()));
            see("does not count", !counts(&decision));
            let lines = || decision.awards.iter().flat_map(|award| &award.lines);
            see("several lines", lines().count() > 1);
            see("several groups on a line", lines().any(|line| !line.shares.is_empty()));
            see("several steps", lines().any(|line| line.steps.len() > 1));
            see("rounded", lines().any(|line| line.unrounded != line.earned));
        }
    }
    let rare: Vec<_> = seen.iter().filter(|(_, count)| **count < 10).collect();
    assert!(rare.is_empty(), "hardly ever: {rare:?}\n{seen:#?}");
}
