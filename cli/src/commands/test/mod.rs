//! `accrue test`: runs the tests beside the rules of a program.

pub(super) mod compare;
mod report;
mod results;

use std::io::Write as _;

use accrue::Engine;
use accrue::money::Number;
use rust_decimal::Decimal;

use crate::args::Test as Args;
use crate::exit::{Exit, Failure};
use crate::output::coverage::{coverage_text, lcov, percent};
use crate::output::diagnostics::faults;
use crate::output::explanation::explanation_width;
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RED, RESET, say, say_json, tell};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
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
    check_outputs(&[("--lcov", args.lcov.as_deref())], &[Read::Program(&args.program, May::WriteBeside)])?;
    let mut folder = Folder::read(&args.program, engine.limits())?;
    let program = folder.program(&engine)?;
    let program = if args.coverage { program.recording() } else { program };
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
                program.begin_test(format!("{name}: {}", test.it));
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
    let coverage = args.coverage.then(|| program.coverage());
    if let (Some(coverage), Some(path)) = (&coverage, &args.lcov) {
        let mut target = Target::file(path)?;
        let text = lcov(coverage, &args.program);
        target.write_all(text.as_bytes()).map_err(|error| target.failure(error))?;
        target.finish()?;
    }
    if args.json {
        say_json(&report::json(&results, coverage.as_ref(), &folder))?;
    } else {
        tell(&faults(&results.diagnostics, &[], &folder));
        say(&report::text(&results, &folder, args))?;
        coverage.as_ref().map_or(Ok(()), |coverage| say(&coverage_text(coverage)))?;
    }
    let faulty = results.failed > 0 || results.diagnostics.has_errors();
    let nothing = results.tests.is_empty() && args.filter.is_some();
    if faulty || nothing {
        return Ok(Exit::Faults);
    }
    if let (Some(coverage), Some(Number(least))) = (&coverage, args.min) {
        let share = coverage.share();
        let least = least.saturating_mul(100.into());
        if Decimal::new(share.basis_points().cast_signed(), 2) < least {
            let wanted = least.normalize();
            let reached = percent(share);
            tell(&format!(
                "{BOLD}{RED}error:{RESET} the tests reach {reached}, and `--min` asks for {wanted}%\n"
            ));
            return Ok(Exit::OutOfBounds);
        }
    }
    Ok(Exit::Ok)
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
