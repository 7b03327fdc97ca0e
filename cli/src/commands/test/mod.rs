//! `accrue test`: runs the tests beside the rules of a program.

mod compare;
mod report;
mod results;

use accrue::Engine;

use crate::args::Test as Args;
use crate::exit::{Exit, Failure};
use crate::output::diagnostics::faults;
use crate::output::explanation::explanation_width;
use crate::output::terminal::{say, say_json, tell};
use crate::source::folder::Folder;
use crate::source::reference::read_reference;
use crate::source::test_file::Skip;
use crate::source::test_reader::read_tests;
use results::{Outcome, Results, Tested};

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let engine = Engine::default();
    if args.program.is_file() {
        return Err(Failure::usage(
            format!("`{}` is a file: a bundle holds no tests", args.program.display()),
            "run the tests of the program folder before it is built",
        ));
    }
    let mut folder = Folder::read(&args.program, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = read_reference(None, &folder, &program)?;
    let (files, diagnostics) = read_tests(&mut folder, engine.limits())?;
    let mut results = Results { diagnostics, ..Results::default() };
    results.only = files.iter().any(|(_, file)| file.tests.iter().any(|test| test.only));
    for (name, file) in &files {
        let mut own = reference.clone();
        own.merge(file.facts.clone());
        for test in &file.tests {
            let chosen =
                args.filter.as_ref().is_none_or(|filter| name.contains(filter) || test.it.contains(filter));
            if !chosen {
                continue;
            }
            let mut tested = Tested {
                file: name.clone(),
                it: test.it.clone(),
                outcome: Outcome::Passed,
                failures: Vec::new(),
                why: Vec::new(),
                because: None,
                explanations: Vec::new(),
            };
            if let Some(because) = left_out(&test.skip, results.only && !test.only) {
                tested.outcome = Outcome::Skipped;
                tested.because = because;
                results.skipped += 1;
            } else {
                let compared = compare::run(test, &program, &own, explanation_width(report::INDENT));
                tested.failures = compared.failures;
                tested.why = compared.why;
                tested.explanations = compared.explanations;
                if tested.failures.is_empty() {
                    results.passed += 1;
                } else {
                    tested.outcome = Outcome::Failed;
                    results.failed += 1;
                }
            }
            results.tests.push(tested);
        }
    }
    if args.json {
        say_json(&report::json(&results, &folder))?;
    } else {
        tell(&faults(&results.diagnostics, &[], &folder));
        say(&report::text(&results, &folder, args))?;
    }
    let faulty = results.failed > 0 || results.diagnostics.has_errors();
    let nothing = results.tests.is_empty() && args.filter.is_some();
    Ok(if faulty || nothing { Exit::Faults } else { Exit::Ok })
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
