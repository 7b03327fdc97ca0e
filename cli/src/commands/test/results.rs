//! The results of tests.

use accrue::diagnostic::Diagnostics;
use accrue::explain::Explanation;
use serde::Serialize;

/// The result of one test.
#[derive(Debug, Serialize)]
pub(crate) struct Tested {
    /// The path of the file inside the program folder.
    pub(crate) file: String,
    /// The name of the test.
    pub(crate) it: String,
    /// Whether it passed.
    pub(crate) outcome: Outcome,
    /// What is not as expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) failures: Vec<String>,
    /// Why the decisions that are not as expected came about: reason codes, touches, limits and payout groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) why: Vec<String>,
    /// The reason why it was skipped, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<String>,
    /// The explanations of decisions that are not as expected.
    #[serde(skip)]
    pub(crate) explanations: Vec<Explanation>,
}

/// Whether a test passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not as expected.
    Failed,
    /// The test was left out.
    Skipped,
}

/// The results of all tests.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Results {
    /// The number of tests that passed.
    pub(crate) passed: usize,
    /// The number of tests that failed.
    pub(crate) failed: usize,
    /// The number of tests that were left out.
    pub(crate) skipped: usize,
    /// Whether some tests say `only`.
    pub(crate) only: bool,
    /// The result of each test.
    pub(crate) tests: Vec<Tested>,
    /// The diagnostics of test files.
    pub(crate) diagnostics: Diagnostics,
}
