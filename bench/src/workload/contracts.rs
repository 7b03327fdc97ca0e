//! Contracts over facts in memory: the engine's ways of running them beside hand-written Rust.

use std::hint::black_box;

use accrue::internals::run::RuleInput;
use rust_decimal::Decimal;

use crate::measure::Contender;
use crate::native::{self, Cents};
use crate::race::{CENTS, NATIVE, NATIVE_RECEIPT, Race};
use crate::report::{Bar, Report};
use crate::rhai_way::{self, RhaiWay};
use crate::subject::{self, ACTIONS, Answer, agree};
use crate::ways::{BATCH, DECIDE, INTERPRETED, Receipts, phases};
use crate::{Options, Result};

/// Actions whose facts the processor's own cache has room for.
const FEW: usize = 1_024;

/// What a whole decision may take, as a multiple of the hand-written contract with the same receipt.
const DECIDE_BAR: Bar = Bar::AtMost(2.5);

const RHAI: &str = "Rhai's evaluator";

/// A contract of five branches. Rhai's evaluator and whole decisions run beside.
pub(super) fn five(options: &Options, report: &mut Report) -> Result {
    let subject = subject::five::ordinary(ACTIONS)?;
    let cases = subject.cases()?;
    let facts = prepare(&cases, subject::five::facts::<Decimal>)?;
    let cents = prepare(&cases, subject::five::facts::<Cents>)?;
    let (params, in_cents) = (native::five::Params::new(), native::five::Params::new());
    let mut rhai = RhaiWay::new(rhai_way::FIVE, facts.iter().map(rhai_way::five))?;

    let expected = subject::five::answers(&facts)?;
    agree(&subject, CENTS, &expected, &subject::five::answers(&cents)?)?;
    rhai_agrees(&mut rhai, &expected)?;

    let receipts = Receipts::new(&subject)?;
    let mut race = Race::new("five branches", &subject, &expected)?;
    race.over(NATIVE, &facts, |facts| keep(native::five::assess(facts, &params)));
    race.over(CENTS, &cents, |facts| keep(native::five::assess(facts, &in_cents)));
    race.add(Contender::new(RHAI, || rhai.run()));
    race.with_receipt(&facts, &receipts, |facts| keep(native::five::assess(facts, &params)));
    race.hold(DECIDE, NATIVE_RECEIPT, DECIDE_BAR);
    race.hold(BATCH, NATIVE_RECEIPT, DECIDE_BAR);
    race.hold(INTERPRETED, DECIDE, Bar::AtLeast(1.0));
    race.run(options, report);
    phases("five branches", &subject, options, report)?;

    in_cache(options, report)
}

/// The same on so few actions that they are still in the cache, as an action is that was just read.
fn in_cache(options: &Options, report: &mut Report) -> Result {
    let subject = subject::five::ordinary(FEW)?;
    let cases = subject.cases()?;
    let facts = prepare(&cases, subject::five::facts::<Decimal>)?;
    let params = native::five::Params::new();
    let expected = subject::five::answers(&facts)?;
    let mut rhai = RhaiWay::new(rhai_way::FIVE, facts.iter().map(rhai_way::five))?;
    rhai_agrees(&mut rhai, &expected)?;
    let mut race = Race::new("five branches, in cache", &subject, &expected)?;
    race.over(NATIVE, &facts, |facts| keep(native::five::assess(facts, &params)));
    race.add(Contender::new(RHAI, || rhai.run()));
    race.run(options, report);
    Ok(())
}

/// The same five branches on amounts that fit neither 64 bits of minor units nor the currency's decimals.
pub(super) fn long(options: &Options, report: &mut Report) -> Result {
    let subject = subject::five::long()?;
    let cases = subject.cases()?;
    let facts = prepare(&cases, subject::five::facts::<Decimal>)?;
    let params = native::five::Params::new();
    let expected = subject::five::answers(&facts)?;
    let mut race = Race::new("long amounts", &subject, &expected)?;
    race.over(NATIVE, &facts, |facts| keep(native::five::assess(facts, &params)));
    race.run(options, report);
    Ok(())
}

/// A shop's contract: ten restrictions, thirty groups, one line.
pub(super) fn outdoor(options: &Options, report: &mut Report) -> Result {
    let mut subject = subject::outdoor::subject()?;
    // A decision by itself knows of no totals.
    subject.totals.clear();
    let cases = subject.cases()?;
    let facts = prepare(&cases, subject::outdoor::facts::<Decimal>)?;
    let cents = prepare(&cases, subject::outdoor::facts::<Cents>)?;
    let (params, in_cents) = (subject::outdoor::params(&subject), subject::outdoor::params(&subject));
    let expected = subject::outdoor::answers(&facts, &params)?;
    agree(&subject, CENTS, &expected, &subject::outdoor::answers(&cents, &in_cents)?)?;
    let owners = subject::outdoor::owners(&subject).collect();
    let mut rhai =
        RhaiWay::new(rhai_way::OUTDOOR, facts.iter().map(|facts| rhai_way::outdoor(facts, &owners)))?;
    rhai_agrees(&mut rhai, &expected)?;

    let receipts = Receipts::new(&subject)?;
    let mut race = Race::new("thirty groups", &subject, &expected)?;
    race.over(NATIVE, &facts, |facts| keep(native::outdoor::assess(facts, &params)));
    race.over(CENTS, &cents, |facts| keep(native::outdoor::assess(facts, &in_cents)));
    race.add(Contender::new(RHAI, || rhai.run()));
    race.with_receipt(&facts, &receipts, |facts| keep(native::outdoor::assess(facts, &params)));
    race.hold(DECIDE, NATIVE_RECEIPT, DECIDE_BAR);
    race.hold(BATCH, NATIVE_RECEIPT, DECIDE_BAR);
    race.run(options, report);
    phases("thirty groups", &subject, options, report)
}

/// Orders of twenty lines, each with a group of its own.
pub(super) fn wholesale(options: &Options, report: &mut Report) -> Result {
    let subject = subject::wholesale::subject()?;
    let cases = subject.cases()?;
    let facts = prepare(&cases, subject::wholesale::facts::<Decimal>)?;
    let cents = prepare(&cases, subject::wholesale::facts::<Cents>)?;
    let (params, in_cents) = (subject::wholesale::params(), subject::wholesale::params());
    let expected = subject::wholesale::answers(&facts, &params)?;
    agree(&subject, CENTS, &expected, &subject::wholesale::answers(&cents, &in_cents)?)?;
    let (mut lines, mut cent_lines) = (Vec::new(), Vec::new());
    let mut race = Race::new("twenty lines", &subject, &expected)?;
    race.over(NATIVE, &facts, |facts| {
        keep(native::wholesale::assess(facts, &params, &mut lines));
        black_box(&lines);
    });
    race.over(CENTS, &cents, |facts| {
        keep(native::wholesale::assess(facts, &in_cents, &mut cent_lines));
        black_box(&cent_lines);
    });
    race.run(options, report);
    Ok(())
}

/// Nobody reads what a contender has computed; this says that somebody might.
fn keep<T>(computed: T) {
    black_box(computed);
}

/// What native code reads of each case.
fn prepare<'a, F>(cases: &[RuleInput<'a>], facts: impl Fn(&RuleInput<'a>) -> Result<F>) -> Result<Vec<F>> {
    cases.iter().map(facts).collect()
}

/// Fails where Rhai's evaluator earns something else. It gives no more than that.
fn rhai_agrees(rhai: &mut RhaiWay, expected: &[Answer]) -> Result {
    for (n, (earned, answer)) in rhai.earned()?.into_iter().zip(expected).enumerate() {
        let expected = answer.lines.first().map(|line| line.2).unwrap_or_default();
        if earned != expected {
            return Err(format!("on action {n} Rhai's evaluator earns {earned}, not {expected}").into());
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::subject::Subject;
    use crate::ways::all_agree;

    /// Every group and restriction that the program declares is met by some action.
    fn all_are_met(subject: &Subject, expected: &[Answer]) {
        let version = &accrue::internals::terms(&subject.program).contracts[0].versions[0];
        let groups = version.payout.groups.iter().chain(&version.payout.default).map(|group| &group.name);
        let met = expected.iter().flat_map(|answer| &answer.lines).map(|line| &line.0);
        assert_eq!(met.collect::<BTreeSet<_>>(), groups.collect());
        let restrictions = version.restrictions.iter().map(|restriction| &restriction.name);
        let met = expected.iter().flat_map(|answer| &answer.restrictions);
        assert_eq!(met.collect::<BTreeSet<_>>(), restrictions.collect());
    }

    #[test]
    fn every_branch_is_visited_and_native_code_agrees_with_decisions() {
        let subject = subject::five::ordinary(FEW).unwrap();
        let facts = prepare(&subject.cases().unwrap(), subject::five::facts::<Decimal>).unwrap();
        let expected = subject::five::answers(&facts).unwrap();
        all_agree(&subject, &expected).unwrap();
        all_are_met(&subject, &expected);

        let subject = subject::five::long().unwrap();
        let facts = prepare(&subject.cases().unwrap(), subject::five::facts::<Decimal>).unwrap();
        all_agree(&subject, &subject::five::answers(&facts).unwrap()).unwrap();

        let mut subject = subject::outdoor::subject().unwrap();
        let params = subject::outdoor::params(&subject);
        let facts = prepare(&subject.cases().unwrap(), subject::outdoor::facts::<Decimal>).unwrap();
        let expected = subject::outdoor::answers(&facts, &params).unwrap();
        all_are_met(&subject, &expected);
        // A decision by itself knows of no totals.
        subject.totals.clear();
        let facts = prepare(&subject.cases().unwrap(), subject::outdoor::facts::<Decimal>).unwrap();
        all_agree(&subject, &subject::outdoor::answers(&facts, &params).unwrap()).unwrap();

        let subject = subject::wholesale::subject().unwrap();
        let params = subject::wholesale::params();
        let facts = prepare(&subject.cases().unwrap(), subject::wholesale::facts::<Decimal>).unwrap();
        let expected = subject::wholesale::answers(&facts, &params).unwrap();
        all_agree(&subject, &expected).unwrap();
        all_are_met(&subject, &expected);
    }
}
