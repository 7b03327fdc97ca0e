//! The worlds themselves: laws that hold of nothing prove nothing, so what they are about must happen often.

use std::collections::BTreeMap;

use accrue::decide::Status;
use accrue::money::Money;
use accrue_tests::choices::Choices;
use accrue_tests::world::world;

use crate::decide;

/// Worlds made from a fixed stream of bytes.
const WORLDS: u32 = 400;

/// Bytes that look random and are the same each time.
fn bytes(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    })
    .take(3_000)
    .collect()
}

#[test]
fn everything_the_laws_are_about_happens() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..WORLDS {
        let bytes = bytes(seed);
        let Some(world) = world(&mut Choices::new(&bytes)).unwrap() else { continue };
        let mut see = |what, happened: bool| *seen.entry(what).or_default() += u32::from(happened);
        see("world", true);
        let version = &world.program.terms().contracts[0].versions[0];
        see("limits", !version.limits.is_empty());
        for (_, decision) in decide(&world).unwrap().0 {
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
            see("rounded", lines().any(|line| line.exact != line.earned));
        }
    }
    let rare: Vec<_> = seen.iter().filter(|(_, count)| **count < 10).collect();
    assert!(rare.is_empty(), "hardly ever: {rare:?}\n{seen:#?}");
}
