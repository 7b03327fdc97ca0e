//! What tests came to, as a test runner prints it, or as JSON.

use accrue::explain::Explanation;
use serde_json::json;

use super::{Outcome, Results, Tested};
use crate::args::Test as Args;
use crate::commands::explain;
use crate::output::terminal::{self as render, BOLD, DIM, GREEN, RED, RESET, YELLOW, clean};
use crate::source::folder::Folder;

/// Faults of test files and facts.
pub(crate) fn faults(results: &Results, folder: &Folder) -> String {
    let mut text = render::diagnostics(&results.diagnostics, &folder.source, &folder.name);
    for fault in &results.facts {
        text.push_str(&format!("{BOLD}{RED}error:{RESET} {fault}\n"));
    }
    text
}

/// Every test, file by file, and the count.
pub(crate) fn text(results: &Results, folder: &Folder, args: &Args) -> String {
    let mut text = String::new();
    let mut file = "";
    for test in &results.tests {
        if test.file != file {
            file = &test.file;
            text.push_str(&format!("{BOLD}{}/{file}{RESET}\n", folder.name));
        }
        text.push_str(&one(test, args.explain));
    }
    if results.tests.is_empty() {
        text.push_str(&match &args.filter {
            Some(filter) => format!("no test of `{}` has `{}` in its name\n", folder.name, clean(filter)),
            None => format!("`{}` has no tests; they stand in tests/*.toml\n", folder.name),
        });
        return text;
    }
    if results.only {
        text.push_str(&format!("{YELLOW}some tests say `only`; take it out to run all of them{RESET}\n"));
    }
    let failed = results.failed > 0 || results.diagnostics.has_errors();
    let color = if failed { RED } else { GREEN };
    let skipped = if results.skipped > 0 { format!(", {} skipped", results.skipped) } else { String::new() };
    text.push_str(&format!("\n{color}{} passed, {} failed{skipped}{RESET}", results.passed, results.failed));
    let faults = results.diagnostics.iter().count();
    if faults > 0 {
        text.push_str(&format!("; {}", render::tally(&results.diagnostics)));
    }
    if results.failed > 0 && !args.explain {
        text.push_str(&format!("{DIM}; `--explain` shows how each came about{RESET}"));
    }
    text.push('\n');
    text
}

fn one(test: &Tested, explained: bool) -> String {
    let it = clean(&test.it);
    match test.outcome {
        Outcome::Passed => format!("  {GREEN}✓{RESET} {it}\n"),
        Outcome::Skipped => {
            let because = test.because.as_ref().map_or(String::new(), |why| format!(": {}", clean(why)));
            format!("  {DIM}- {it} (skipped{because}){RESET}\n")
        }
        Outcome::Failed => {
            let mut text = format!("  {RED}✗ {it}{RESET}\n");
            for failure in &test.failures {
                text.push_str(&format!("      {}\n", clean(failure)));
            }
            if explained {
                test.explanations.iter().for_each(|explanation| text.push_str(&indented(explanation)));
            }
            text
        }
    }
}

fn indented(explanation: &Explanation) -> String {
    let text = explain::colored(explanation);
    let lines: Vec<String> = text.lines().map(|line| format!("      {line}").trim_end().to_owned()).collect();
    format!("\n{}\n\n", lines.join("\n"))
}

/// Everything as one JSON object.
pub(crate) fn json(results: &Results, folder: &Folder) -> String {
    let diagnostics: Vec<serde_json::Value> = results
        .diagnostics
        .iter()
        .map(|diagnostic| crate::commands::check::diagnostic_json(diagnostic, &folder.source))
        .collect();
    let value = json!({
        "passed": results.passed,
        "failed": results.failed,
        "skipped": results.skipped,
        "only": results.only,
        "tests": results.tests,
        "diagnostics": diagnostics,
        "facts": results.facts,
    });
    format!("{value:#}\n")
}
