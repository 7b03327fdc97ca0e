//! Runs tests: decides what happens in each, and compares.

use std::collections::BTreeMap;
use std::sync::Arc;

use accrue::diagnostic::Place;
use accrue::explain::{Explanation, Reader};
use accrue::facts::Adjustment;
use accrue::time::Zone;
use accrue::{Action, Decision, Program, Reference};
use chrono::NaiveDate;

use super::compare::{Failures, action, bonus, payouts, refusals, why};
use super::file::{Skip, Test, TestFile};
use super::read::Tests;
use super::results::{Outcome, TestResults, Tested};
use crate::decider::{Decider, Trace};
use crate::words::plural;

/// Which tests are run, and how what fails is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOptions {
    /// Run only tests whose file or name has this in it.
    pub filter: Option<String>,
    /// The width of the lines of explanations, in columns.
    pub width: usize,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self { filter: None, width: 80 }
    }
}

impl Tests {
    /// Runs the tests against a program. The facts of a test file replace those of the program with the same keys.
    ///
    /// With a program that records ([`Program::recording`]), [`Program::coverage`] says afterwards what the tests reach.
    pub fn run(&self, program: &Program, reference: &Reference, options: &TestOptions) -> TestResults {
        let mut results = TestResults { only: self.has_only(), ..TestResults::default() };
        for file in self.files() {
            let mut own = reference.clone();
            own.merge(file.facts.clone());
            let own = Arc::new(own);
            for test in &file.tests {
                let chosen = options
                    .filter
                    .as_ref()
                    .is_none_or(|filter| file.path.contains(filter) || test.it.contains(filter));
                if !chosen {
                    continue;
                }
                let tested = one(file, test, (program, &own), results.only, options.width);
                let count = match tested.outcome {
                    Outcome::Passed => &mut results.passed,
                    Outcome::Failed => &mut results.failed,
                    Outcome::Skipped => &mut results.skipped,
                };
                *count = count.saturating_add(1);
                results.tests.push(tested);
            }
        }
        results
    }
}

/// Runs one test, unless it is left out.
fn one(
    file: &TestFile,
    test: &Test,
    (program, reference): (&Program, &Arc<Reference>),
    only: bool,
    width: usize,
) -> Tested {
    if let Some(because) = left_out(&test.skip, only && !test.only) {
        return Tested { outcome: Outcome::Skipped, because, ..empty(&file.path, test) };
    }
    program.begin_test(format!("{}: {}", file.path, test.it));
    run_test(test, &file.path, program, Arc::clone(reference), width)
}

/// Returns `Some` if a test is left out, with the reason if there is one.
fn left_out(skip: &Skip, others_only: bool) -> Option<Option<String>> {
    match skip {
        Skip::Because(reason) => Some(Some(reason.clone())),
        Skip::Whether(true) => Some(None),
        Skip::Whether(false) if others_only => Some(Some("other tests say `only`".to_owned())),
        Skip::Whether(false) => None,
    }
}

fn empty(file: &str, test: &Test) -> Tested {
    Tested {
        file: file.to_owned(),
        it: test.it.clone(),
        place: Place::new(file, test.span),
        outcome: Outcome::Passed,
        failures: Vec::new(),
        why: Vec::new(),
        because: None,
        explanations: Vec::new(),
    }
}

/// Decides what happens in one test, in the order of (occurred-at, id), and compares. `reference` has the facts of the test file, too.
/// `width` is that of explanations, in columns.
pub fn run_test(
    test: &Test,
    file: &str,
    program: &Program,
    reference: impl Into<Arc<Reference>>,
    width: usize,
) -> Tested {
    let mut failures = Failures { file, span: test.span, found: Vec::new() };
    let mut tested = empty(file, test);
    if test.faults > 0 {
        let errors = plural(test.faults as u64, "error");
        failures.add(format!("it was not run: its file has {errors}, which are shown above"));
    } else {
        let decided = decide(test, program, reference.into(), &mut failures);
        (tested.why, tested.explanations) = compare(test, program, &decided, &mut failures, width);
    }
    tested.failures = failures.found;
    if !tested.failures.is_empty() {
        tested.outcome = Outcome::Failed;
    }
    tested
}

/// What was decided in a test.
#[derive(Default)]
struct Decided<'t> {
    /// By the id of the action: as it stands.
    actions: BTreeMap<&'t str, (Action, Decision)>,
    /// By the id of the bonus.
    bonuses: BTreeMap<String, Decision>,
    /// Adjustments and closes by id or date, with the code and the message of the error.
    refused: BTreeMap<String, (&'static str, String)>,
}

/// Decides everything that happens in a test.
fn decide<'t>(
    test: &'t Test,
    program: &Program,
    reference: Arc<Reference>,
    failures: &mut Failures<'_>,
) -> Decided<'t> {
    let mut decider = Decider::new(program, reference, program.counters());
    decider.set_trace(Trace::Everything);
    let mut decided = Decided::default();
    seed(&mut decider, test, None, failures);
    for event in events(test, program.zone()) {
        let id = match event {
            Event::Action(action) => action.id.clone(),
            Event::Adjustment(adjustment) => adjustment.id.clone(),
            Event::Close(until) => until.to_string(),
        };
        seed(&mut decider, test, Some(&id), failures);
        match event {
            Event::Action(action) => match decider.decide(action) {
                Ok(decision) => drop(decided.actions.insert(&action.id, (action.clone(), decision))),
                Err(errors) => errors.0.into_iter().for_each(|error| {
                    failures.add(format!("`{}` is not an action of this program: {error}", action.id));
                }),
            },
            Event::Adjustment(adjustment) => {
                let Some((action, decision)) = decided.actions.get_mut(adjustment.adjusts.as_str()) else {
                    failures.add(format!(
                        "`{}` adjusts `{}`, which is not decided before it",
                        adjustment.id, adjustment.adjusts
                    ));
                    continue;
                };
                match decider.adjust(adjustment, (action, decision)) {
                    Ok(adjusted) => (*action, *decision) = (adjusted.action, adjusted.decision),
                    Err(error) => drop(decided.refused.insert(id, (error.code(), error.to_string()))),
                }
            }
            Event::Close(until) => match decider.close(until) {
                Ok(closed) => {
                    decided.bonuses.extend(closed.into_iter().map(|bonus| (bonus.action.clone(), bonus)));
                }
                Err(error) => drop(decided.refused.insert(id, (error.code(), error.to_string()))),
            },
        }
    }
    decided
}

/// Compares what was decided with what is expected. Returns why decisions that are not as expected came about, and explains them.
fn compare(
    test: &Test,
    program: &Program,
    decided: &Decided<'_>,
    failures: &mut Failures<'_>,
    width: usize,
) -> (Vec<String>, Vec<Explanation>) {
    let (mut whys, mut explanations) = (Vec::new(), Vec::new());
    refusals(test, &decided.refused, failures);
    for expected in &test.expect {
        // The errors of an action that was not decided are among the failures already.
        let Some((of, decision)) = decided.actions.get(expected.action.as_str()) else { continue };
        let before = failures.found.len();
        failures.span = expected.span;
        action(expected, decision, program, failures);
        if failures.found.len() > before {
            whys.extend(why(decision, program));
            explanations.push(program.explain_within(decision, of, Reader::Brand, width));
        }
    }
    for expected in &test.bonuses {
        failures.span = expected.span;
        bonus(expected, decided.bonuses.values(), program, failures);
    }
    failures.span = test.span;
    let decisions = decided.actions.values().map(|(_, decision)| decision);
    payouts(test, decisions.chain(decided.bonuses.values()), failures);
    (whys, explanations)
}

/// Adds what was counted before something happens; without an id, what was counted before everything.
fn seed(decider: &mut Decider, test: &Test, id: Option<&str>, failures: &mut Failures<'_>) {
    for counted in test.counted.iter().filter(|counted| counted.before.as_deref() == id) {
        if let Err(error) = decider.seed(&counted.posting()) {
            failures.add(format!("what was counted before cannot be added: {error}"));
        }
    }
}

/// What happens in a test.
enum Event<'t> {
    Action(&'t Action),
    Adjustment(&'t Adjustment),
    Close(NaiveDate),
}

/// Returns what happens in the order of (occurred-at, id); of one moment, closes and then actions first.
fn events(test: &Test, zone: Zone) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = test.actions.iter().map(Event::Action).collect();
    events.extend(test.adjustments.iter().map(Event::Adjustment));
    events.extend(test.close.iter().map(|until| Event::Close(*until)));
    events.sort_by_key(|event| match event {
        Event::Close(until) => (zone.start_of(*until), 0, ""),
        Event::Action(action) => (action.occurred_at, 1, action.id.as_str()),
        Event::Adjustment(adjustment) => (adjustment.occurred_at, 2, adjustment.id.as_str()),
    });
    events
}
