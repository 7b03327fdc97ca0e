//! `accrue test`: runs the tests beside the rules of a program.

mod report;

use std::io::Write as _;

use accrue::Engine;
use accrue::money::Number;
use accrue_history::TestOptions;
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
use crate::source::program_tests::read_tests;
use crate::source::reference::read_reference;

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
    let tests = read_tests(&mut folder, engine.limits())?;
    let options = TestOptions { filter: args.filter.clone(), width: explanation_width(report::INDENT) };
    let results = tests.run(&program, &reference, &options);
    let diagnostics = tests.diagnostics();
    let coverage = args.coverage.then(|| program.coverage());
    if let (Some(coverage), Some(path)) = (&coverage, &args.lcov) {
        let mut target = Target::file(path)?;
        let text = lcov(coverage, &args.program);
        target.write_all(text.as_bytes()).map_err(|error| target.failure(error))?;
        target.finish()?;
    }
    if args.json {
        say_json(&report::json(&results, diagnostics, coverage.as_ref(), &folder))?;
    } else {
        tell(&faults(diagnostics, &[], &folder));
        say(&report::text(&results, diagnostics, &folder, args))?;
        coverage.as_ref().map_or(Ok(()), |coverage| say(&coverage_text(coverage)))?;
    }
    let faulty = results.failed > 0 || diagnostics.has_errors();
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
