//! The results of tests.

use accrue::diagnostic::Place;
use accrue::explain::Explanation;
use schemars::JsonSchema;
use serde::Serialize;

/// The result of one test.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Tested {
    /// The path of the file inside the program folder.
    pub file: String,
    /// The name of the test.
    pub it: String,
    /// The place of the test.
    pub place: Place,
    /// Whether it passed.
    pub outcome: Outcome,
    /// What is not as expected. Empty unless the test failed.
    pub failures: Vec<TestFailure>,
    /// Why the decisions that are not as expected came about: reason codes, touches, limits and payout groups.
    pub why: Vec<String>,
    /// The reason why it was skipped, if there is one.
    pub because: Option<String>,
    /// The explanations of decisions that are not as expected.
    pub explanations: Vec<Explanation>,
}

/// Something that is not as a test expects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TestFailure {
    /// The whole failure in a sentence without a full stop.
    pub message: String,
    /// What was expected; `None` if the failure is not a difference.
    pub expected: Option<String>,
    /// What was found instead; `None` if the failure is not a difference.
    pub got: Option<String>,
    /// The place of the expectation, or of the test.
    pub place: Place,
}

/// Whether a test passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TestOutcome")]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not as expected.
    Failed,
    /// The test was left out.
    Skipped,
}

/// The results of all tests.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TestResults {
    /// The number of tests that passed.
    pub passed: usize,
    /// The number of tests that failed.
    pub failed: usize,
    /// The number of tests that were left out.
    pub skipped: usize,
    /// Whether some tests say `only`.
    pub only: bool,
    /// The result of each test.
    pub tests: Vec<Tested>,
}
