//! A component beside the same rule in the language: what a call costs on an instance of its own, and what it would on one
//! that is used again.

use std::hint::black_box;
use std::time::Duration;

use accrue::run::RuleInput;

use crate::measure::{Contender, take_turns};
use crate::report::{Figure, Report};
use crate::subject::{self, Subject, agree};
use crate::ways::{ONE_CALL, PORTABLE, Way, Ways};
use crate::{Options, Result};

const COMPONENT: &str = "component";
const DECIDE: &str = "a whole decision, rule";
const DECIDE_COMPONENT: &str = "a whole decision, component";

/// Cases of one round: a component takes many times as long as a rule.
const CASES: usize = 64;

/// Times that instances are measured; the fastest counts.
const MEASURED: usize = 9;

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let (rule, component) = (subject::brackets::rule()?, subject::brackets::component()?);
    let (cases, in_component) = (rule.cases()?, component.cases()?);
    answers_agree(&rule, &cases, &component, &in_component)?;
    let cases = cases.get(..CASES).ok_or("there are cases")?;
    let in_component = in_component.get(..CASES).ok_or("there are cases")?;

    let mut portable = Ways::new(Way::Portable, &rule)?;
    let mut one_call = Ways::new(Way::Compiled, &rule)?;
    let mut calls = Ways::new(Way::Compiled, &component)?;
    let times = take_turns(
        if options.quick { 5 } else { 21 },
        &mut [
            Contender::new(PORTABLE, || portable.one_by_one(cases)),
            Contender::new(ONE_CALL, || one_call.one_by_one(cases)),
            Contender::new(COMPONENT, || calls.one_by_one(in_component)),
            Contender::new(DECIDE, || decide(&rule)),
            Contender::new(DECIDE_COMPONENT, || decide(&component)),
        ],
    );
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / CASES as f64;
    for name in times.names() {
        let figure = Figure::new(format!("brackets: {name}"), nanoseconds(times.best(name)), "ns");
        report.push(figure.ratio(times.ratio(name, ONE_CALL)));
    }

    let (fresh, reused) = instances(&component, in_component)?;
    let one_call = nanoseconds(times.best(ONE_CALL));
    for (name, time) in [("a fresh instance", fresh), ("an instance that is used again", reused)] {
        let figure = Figure::new(format!("brackets: component on {name}"), nanoseconds(time), "ns");
        report.push(figure.ratio(nanoseconds(time) / one_call));
    }
    Ok(())
}

/// How long as many calls as there are cases take, on an instance each and on one; the facts are prepared before.
fn instances(component: &Subject, cases: &[RuleInput<'_>]) -> Result<(Duration, Duration)> {
    let version = component.program.terms().contracts.first().and_then(|of| of.versions.first());
    let (_, rule) = version.and_then(|of| of.components().next()).ok_or("a component takes part")?;
    let case = cases.first().ok_or("there are cases")?;
    let rounds = u32::try_from(CASES)?;
    let measured: Vec<_> =
        (0..MEASURED).map(|_| rule.measure(case, rounds)).collect::<std::result::Result<_, _>>()?;
    let fresh = measured.iter().map(|measured| measured.fresh).min();
    let reused = measured.iter().map(|measured| measured.reused).min();
    fresh.zip(reused).ok_or_else(|| "nothing was measured".into())
}

fn decide(subject: &Subject) {
    let totals = subject.program.counters();
    for action in subject.actions.iter().take(CASES) {
        black_box(
            subject
                .program
                .decide(black_box(action), &subject.reference, &totals, Options::default())
                .is_ok(),
        );
    }
}

/// Fails unless the rule, interpreted and compiled, and the component earn the same in every case.
fn answers_agree<'a>(
    rule: &'a Subject,
    cases: &[RuleInput<'a>],
    component: &'a Subject,
    in_component: &[RuleInput<'a>],
) -> Result {
    let answers = |way, subject, cases| -> Result<Vec<_>> {
        Ok(Ways::new(way, subject)?.answers(cases)?.into_iter().map(|(answer, _)| answer).collect())
    };
    let expected = answers(Way::Portable, rule, cases)?;
    agree(rule, ONE_CALL, &expected, &answers(Way::Compiled, rule, cases)?)?;
    agree(component, COMPONENT, &expected, &answers(Way::Compiled, component, in_component)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rule_and_component_agree_in_every_bracket() {
        let (rule, component) = (subject::brackets::rule().unwrap(), subject::brackets::component().unwrap());
        let (cases, in_component) = (rule.cases().unwrap(), component.cases().unwrap());
        answers_agree(&rule, &cases, &component, &in_component).unwrap();
        // Orders in each bracket, and over each bound.
        let bracket = |amount| (amount >= 1_000.into()) as u8 + (amount >= 5_000.into()) as u8;
        let met: BTreeSet<_> = cases
            .iter()
            .zip(&rule.totals)
            .map(|(case, total)| (bracket(total.revenue.0), bracket(total.revenue.0 + case.base.0)))
            .collect();
        assert_eq!(met, BTreeSet::from([(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]));
    }
}
