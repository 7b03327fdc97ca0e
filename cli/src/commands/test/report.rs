//! Shows the results of tests, for people or as JSON.

use accrue::coverage::{Coverage, Share};
use accrue::diagnostic::Diagnostics;
use accrue::explain::Explanation;
use accrue_history::{Outcome, TestResults, Tested};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::Test as Args;
use crate::output::diagnostics::{diagnostics_json, tally};
use crate::output::explanation::colored;
use crate::output::format::wrapped;
use crate::output::terminal::{BOLD, DIM, GREEN, RED, RESET, YELLOW, clean, room};
use crate::source::folder::Folder;

/// Returns the result of every test, file by file, and the counts.
pub(super) fn text(results: &TestResults, diagnostics: &Diagnostics, folder: &Folder, args: &Args) -> String {
    let mut text = String::new();
    let mut file = "";
    for test in &results.tests {
        if test.file != file {
            file = &test.file;
            text.push_str(&format!("{BOLD}{}{RESET}\n", clean(&format!("{}/{file}", folder.name))));
        }
        text.push_str(&one(test, args.explain));
    }
    if results.tests.is_empty() {
        text.push_str(&match &args.filter {
            Some(filter) => {
                format!("no test of `{}` has `{}` in its name\n", clean(&folder.name), clean(filter))
            }
            None => format!("`{}` has no tests; they stand in tests/*.toml\n", clean(&folder.name)),
        });
        return text;
    }
    if results.only {
        text.push_str(&format!("{YELLOW}some tests say `only`; take it out to run all of them{RESET}\n"));
    }
    let failed = results.failed > 0 || diagnostics.has_errors();
    let color = if failed { RED } else { GREEN };
    let skipped = if results.skipped > 0 { format!(", {} skipped", results.skipped) } else { String::new() };
    text.push_str(&format!("\n{color}{} passed, {} failed{skipped}{RESET}", results.passed, results.failed));
    let faults = diagnostics.iter().count();
    if faults > 0 {
        text.push_str(&format!("; {}", tally(diagnostics)));
    }
    if results.failed > 0 && !args.explain {
        text.push_str(&format!("{DIM}; `--explain` shows how each came about{RESET}"));
    }
    text.push('\n');
    text
}

/// The columns before the name of a test.
const MARK: usize = 4;

/// The columns before an explanation.
pub(super) const INDENT: usize = 6;

/// Returns the result of one test.
fn one(test: &Tested, explained: bool) -> String {
    let it = clean(&test.it);
    match test.outcome {
        Outcome::Passed => format!("  {GREEN}✓{RESET} {}\n", beside(&it)),
        Outcome::Skipped => {
            let because = test.because.as_ref().map_or(String::new(), |why| format!(": {}", clean(why)));
            format!("  {DIM}- {}{RESET}\n", beside(&format!("{it} (skipped{because})")))
        }
        Outcome::Failed => {
            let mut text = format!("  {RED}✗ {}{RESET}\n", beside(&it));
            for failure in &test.failures {
                text.push_str(&wrapped(&clean(&failure.message), INDENT, room()));
            }
            for why in &test.why {
                let lines = wrapped(&clean(why), 8, room());
                lines.lines().for_each(|line| text.push_str(&format!("{DIM}{line}{RESET}\n")));
            }
            if explained {
                test.explanations.iter().for_each(|explanation| text.push_str(&indented(explanation)));
            }
            text
        }
    }
}

/// Returns a text that stands beside the mark of a test, in lines that fit the terminal.
fn beside(text: &str) -> String {
    wrapped(text, MARK, room()).trim().to_owned()
}

/// Returns an explanation below the result of its test.
fn indented(explanation: &Explanation) -> String {
    let text = colored(explanation);
    let lines: Vec<String> =
        text.lines().map(|line| format!("{:INDENT$}{line}", "").trim_end().to_owned()).collect();
    format!("\n{}\n\n", lines.join("\n"))
}

/// The result of one test in JSON.
#[derive(Serialize)]
struct Listed<'r> {
    file: &'r str,
    it: &'r str,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<&'r str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    why: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'r str>,
}

impl<'r> Listed<'r> {
    fn of(tested: &'r Tested) -> Self {
        Self {
            file: &tested.file,
            it: &tested.it,
            outcome: tested.outcome,
            failures: tested.failures.iter().map(|failure| failure.message.as_str()).collect(),
            why: &tested.why,
            because: tested.because.as_deref(),
        }
    }
}

/// Returns the results as one JSON object, with the coverage if it was asked for.
pub(super) fn json(
    results: &TestResults,
    diagnostics: &Diagnostics,
    coverage: Option<&Coverage>,
    folder: &Folder,
) -> Value {
    let mut report = json!({
        "passed": results.passed,
        "failed": results.failed,
        "skipped": results.skipped,
        "only": results.only,
        "tests": results.tests.iter().map(Listed::of).collect::<Vec<_>>(),
        "diagnostics": diagnostics_json(diagnostics, &folder.source),
    });
    if let (Some(coverage), Value::Object(report)) = (coverage, &mut report) {
        let file =
            |(file, share): (&str, Share)| json!({"file": file, "reached": share.reached, "all": share.all});
        let Share { reached, all, .. } = coverage.share();
        let files: Vec<Value> = coverage.files().into_iter().map(file).collect();
        let Coverage { tests, points, .. } = coverage;
        let coverage =
            json!({"reached": reached, "all": all, "files": files, "tests": tests, "points": points});
        report.insert("coverage".to_owned(), coverage);
    }
    report
}
