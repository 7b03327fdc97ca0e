//! What an analysis says of generated programs holds for generated actions. `ACCRUE_CASES=10000` asks for more programs.

use accrue::analyse::{Finding, FindingKind};
use accrue::decide::{Award, Outcome};
use accrue::{Action, Decision, Options, Reference};
use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::Choices;
use accrue_tests::world::{World, world};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::reproduced::assert_reproduced;
use super::{files_of, load, shop};

/// Programs that are analysed.
const PROGRAMS: u32 = 150;

pub(crate) fn config() -> Config {
    Config { cases: cases(PROGRAMS), max_shrink_iters: 500, failure_persistence: None, ..Config::default() }
}

pub(crate) fn bytes() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..3_000).prop_map(Bytes)
}

#[test]
fn no_finding_is_false() {
    let mut seen = std::collections::BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut seen);
    let result = TestRunner::new(config()).run(&bytes(), |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let mut of_world = choices.split(1);
        let Some(world) = world(&mut of_world).map_err(TestCaseError::fail)? else { return Ok(()) };
        let analysis = world.program.analyse(&world.reference);
        for finding in &analysis.findings {
            assert_reproduced(&world.program, &world.reference, &finding.witness);
            *seen.borrow_mut().entry(finding.kind).or_insert(0) += 1;
        }
        let decisions = decide(&world);
        for finding in &analysis.findings {
            if let Some(decision) = decisions.iter().find(|decision| contradicts(finding, decision)) {
                let shown = world.shown();
                return Err(TestCaseError::fail(format!("{finding:#?}\n{decision:#?}\n{shown}")));
            }
        }
        Ok(())
    });
    println!("{:?}", seen.borrow());
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The same for contracts over few facts, whose conditions often meet.
#[test]
fn no_finding_of_a_shop_is_false() {
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::new());
    let result = TestRunner::new(config()).run(&bytes(), |Bytes(bytes)| {
        let mut choices = Choices::new(&bytes);
        let mut of_actions = choices.split(2);
        let text = shop::contract(&mut choices).text();
        let program = load(&files_of(&text));
        let reference = Reference::default();
        let analysis = program.analyse(&reference);
        let actions: Vec<Action> = (0..20).map(|n| shop::action(&mut of_actions, n)).collect();
        for finding in &analysis.findings {
            assert_reproduced(&program, &reference, &finding.witness);
            *seen.borrow_mut().entry(finding.kind).or_insert(0) += 1;
            for action in &actions {
                let decision =
                    program.decide(action, &reference, &program.counters(), Options::traced()).unwrap();
                if contradicts(finding, &decision) {
                    return Err(TestCaseError::fail(format!("{finding:#?}\n{decision:#?}\n{text}")));
                }
            }
        }
        Ok(())
    });
    println!("{:?}", seen.borrow());
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn decide(world: &World) -> Vec<Decision> {
    let mut counters = world.program.counters();
    let mut decisions = Vec::new();
    for action in &world.actions {
        let decided = world.program.decide(action, &world.reference, &counters, Options::traced());
        if let Ok(decision) = decided {
            counters.apply(&decision.postings).unwrap();
            decisions.push(decision);
        }
    }
    decisions
}

/// Returns whether a decision shows that a finding is false.
fn contradicts(finding: &Finding, decision: &Decision) -> bool {
    let is_of =
        |award: &Award| award.contract.name == finding.contract && award.contract.version == finding.version;
    let awards = decision.awards.iter().enumerate().filter(|(_, award)| is_of(award));
    awards.into_iter().any(|(at, award)| {
        let traced = decision.trace.as_ref().and_then(|trace| trace.awards.get(at));
        let rules = traced.map(|trace| trace.rules.as_slice()).unwrap_or_default();
        let outcomes = || rules.iter().filter(|rule| rule.rule == finding.name).map(|rule| &rule.outcome);
        let paid = award.groups.contains(&finding.name);
        match finding.kind {
            FindingKind::GroupNeverApplies => {
                outcomes().any(|outcome| matches!(outcome, Outcome::Chosen | Outcome::NotChosen(_)))
            }
            FindingKind::GroupCovered | FindingKind::GroupRefused | FindingKind::DefaultNeverPays => paid,
            FindingKind::RestrictionNeverApplies => {
                outcomes().any(|outcome| matches!(outcome, Outcome::Restricted(..)))
            }
            FindingKind::RestrictionAlwaysApplies => {
                outcomes().any(|outcome| matches!(outcome, Outcome::NotMatched))
            }
            FindingKind::LimitNeverCuts => award.limits.iter().any(|cut| cut.limit == finding.name),
            _ => false,
        }
    })
}
