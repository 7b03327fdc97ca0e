//! Tests made of decisions.

use accrue::diagnostic::Severity;
use accrue::testcase::{Event, Happened, TestCaseError};
use accrue::{Counters, Program, Reference};
use thiserror::Error;

use super::read::Tests;
use super::results::Outcome;
use super::run::TestOptions;
use crate::decider::Logged;

/// Why there is no test of a decision.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoTest {
    /// The test cannot be written.
    #[error(transparent)]
    Unwritten(#[from] TestCaseError),
    /// The test that was written does not pass.
    #[error(
        "there is no test of `{id}`: its decision depends on the order in which more happened than the test says ({why})"
    )]
    Fails {
        /// The id of the action or bonus.
        id: String,
        /// What was not as expected.
        why: String,
    },
}

/// Returns a test of the decision of an action or a bonus, as the text of a file of tests. `log` says what happened to it and what was
/// counted before, as [`Replay::take_log`](crate::Replay::take_log) returns it. `own` has the facts of the program folder: those of
/// `reference` that are not among them are part of the test.
///
/// # Errors
///
/// [`NoTest`]. The test is run before it is returned, so it passes.
pub fn passing_test(
    program: &Program,
    id: &str,
    log: &[(Logged, Counters)],
    reference: &Reference,
    own: &Reference,
) -> Result<String, NoTest> {
    let is_of = |(of, _): &&(Logged, Counters)| match of {
        Logged::Action(action) => action.id == id,
        Logged::Adjustment(adjustment) => adjustment.adjusts == id,
        Logged::Close(_) => true,
    };
    let happened = log.iter().filter(is_of).map(|(of, before)| {
        let event = match of {
            Logged::Action(action) => Event::Action(action),
            Logged::Adjustment(adjustment) => Event::Adjustment(adjustment),
            Logged::Close(until) => Event::Close(*until),
        };
        Happened { event, before }
    });
    let happened: Vec<Happened<'_>> = happened.collect();
    let text = program.test_case(id, &happened, reference, own)?.to_toml()?;
    let tests = Tests::read([("tests/it.toml", text.as_bytes())], program.limits());
    let results = tests.run(program, own, &TestOptions::default());
    let faults = tests.diagnostics().iter().filter(|fault| fault.severity == Severity::Error);
    let faults = faults.map(|fault| fault.message.clone());
    let failures =
        results.tests.iter().flat_map(|test| &test.failures).map(|failure| failure.message.clone());
    let why: Vec<String> = faults.chain(failures).collect();
    match results.tests.as_slice() {
        [test] if test.outcome == Outcome::Passed && why.is_empty() => Ok(text),
        _ => Err(NoTest::Fails { id: id.to_owned(), why: why.join("; ") }),
    }
}
