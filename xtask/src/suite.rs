//! `cargo xtask test`: every check in order, with a summary as the last lines.

use crate::{Result, api, checks, layers, npm, preview, setup, wasm};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One check of the suite.
struct Step {
    name: &'static str,
    /// What holds once it has passed.
    about: &'static str,
    run: fn() -> Result,
}

/// The cheap checks first: what fails should fail soon.
const STEPS: [Step; 12] = [
    Step { name: "setup", about: "the tools are there", run: setup::setup },
    Step { name: "fmt", about: "the code is formatted", run: checks::fmt },
    Step { name: "layers", about: "no import goes against the order of the modules", run: layers::check },
    Step { name: "lint", about: "clippy has no warning", run: checks::lint },
    // Before the tests, which run the component.
    Step {
        name: "wasm",
        about: "as WebAssembly the engine imports nothing and decides the same",
        run: wasm::check,
    },
    // Before the tests, too, which run it in Node.
    Step { name: "npm", about: "the package of JavaScript builds", run: npm::build },
    Step { name: "test", about: "unit, golden, property and documentation tests pass", run: checks::test },
    Step { name: "node", about: "in Node the package decides as the command line does", run: npm::test },
    Step { name: "page", about: "the page does what its users ask of it, in a browser", run: preview::test },
    Step { name: "doc", about: "the documentation builds without a warning", run: checks::doc },
    Step { name: "api", about: "the public items are those that docs/api lists", run: api::step },
    Step { name: "deny", about: "licences and sources of dependencies are allowed", run: checks::deny },
];

/// Runs every step and stops at the first that fails: what comes after it would mostly fail for the
/// same reason.
pub(crate) fn run() -> Result {
    let start = Instant::now();
    let mut passed = Vec::new();
    for (done, step) in STEPS.iter().enumerate() {
        println!("\n=== {}: {} ({} of {})", step.name, step.about, done + 1, STEPS.len());
        let begin = Instant::now();
        let outcome = (step.run)();
        let time = begin.elapsed();
        if let Err(error) = outcome {
            println!("\n{}", summary(&passed, start.elapsed()));
            println!("steps: {} passed, 1 failed", passed.len());
            return Err(format!(
                "step `{name}` failed after {time}: {error}\nto repeat only this step: {again}",
                name = step.name,
                time = seconds(time),
                again = if step.name == "test" {
                    "cargo test --workspace".to_owned()
                } else {
                    format!("cargo xtask {}", step.name)
                },
            )
            .into());
        }
        println!("--- {} passed in {}", step.name, seconds(time));
        passed.push((step, time));
    }
    println!("\n{}", summary(&passed, start.elapsed()));
    println!("steps: {} passed, 0 failed", passed.len());
    Ok(())
}

/// A table of the steps that passed and the time each took.
fn summary(passed: &[(&Step, Duration)], total: Duration) -> String {
    let mut table =
        format!("=== summary: {} of {} steps passed in {}", passed.len(), STEPS.len(), seconds(total));
    for (step, time) in passed {
        // Writing to a string does not fail.
        let _ = write!(table, "\n  ok  {:<6} {:>9}  {}", step.name, seconds(*time), step.about);
    }
    table
}

/// A time as `41.3 s`.
fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_each_step_with_its_time() {
        let passed = [(&STEPS[0], Duration::from_millis(950)), (&STEPS[1], Duration::from_secs(125))];
        assert_eq!(
            summary(&passed, Duration::from_millis(126_400)),
            "=== summary: 2 of 12 steps passed in 126.4 s\n  \
               ok  setup      0.9 s  the tools are there\n  \
               ok  fmt      125.0 s  the code is formatted"
        );
    }
}
