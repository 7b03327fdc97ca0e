//! The tests of a program: reads `tests/*.toml`, runs the tests, and says what is not as expected.
//!
//! A text with its path enters; typed results leave. The module reads no folder and draws nothing.

mod compare;
mod file;
mod passing;
mod read;
mod results;
mod run;

pub use file::{Expect, ExpectBonus, Skip, Test, TestFile};
pub use passing::{NoTest, passing_test};
pub use read::Tests;
pub use results::{Outcome, TestFailure, TestResults, Tested};
pub use run::{TestOptions, run_test};
