//! The worlds themselves: laws that hold of nothing prove nothing, so what they are about must happen often.

use std::collections::BTreeMap;

use accrue::decide::Status;
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
        let contracts = &world.program.terms().contracts;
        see("two contracts", contracts.len() > 1);
        see("two versions", contracts.iter().any(|contract| contract.versions.len() > 1));
        for (_, decision) in decide(&world).unwrap().0 {
            see("second version", decision.contract.as_ref().is_some_and(|contract| contract.version == 2));
            see("own contract", decision.contract.as_ref().is_some_and(|contract| contract.name == "own"));
            see("payable", decision.status == Status::Payable);
            see("held", decision.status == Status::Held);
            see("rejected", decision.status == Status::Rejected);
            see("zero", decision.status == Status::Zero);
            see("fault", decision.reasons.iter().any(|reason| reason.fault.is_some()));
            see("paid", decision.payout > Money::ZERO);
            see("taken back", decision.payout < Money::ZERO);
            see("cut", !decision.limits.is_empty());
            see("cut in part", !decision.limits.is_empty() && decision.payout > Money::ZERO);
            see("cut to nothing", !decision.limits.is_empty() && decision.payout.is_zero());
            see("notice", !decision.notices.is_empty());
            see("released by itself", decision.release_at.is_some());
            see("does not count", !decision.counts);
            let lines = || decision.partners.iter().flat_map(|partner| &partner.lines);
            see("several lines", lines().count() > 1);
            see("several groups on a line", lines().any(|line| !line.shares.is_empty()));
            see("several steps", lines().any(|line| line.steps.len() > 1));
            see("rounded", lines().any(|line| line.unrounded != line.earned));
        }
    }
    let rare: Vec<_> = seen.iter().filter(|(_, count)| **count < 10).collect();
    assert!(rare.is_empty(), "hardly ever: {rare:?}\n{seen:#?}");
}
