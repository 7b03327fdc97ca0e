//! `accrue test`: a program and the tests beside its rules enter; what passed and what did not leaves.

mod compare;
mod report;

use accrue::Engine;
use accrue::diagnostic::Diagnostics;
use accrue::explain::Explanation;
use serde::Serialize;

use crate::args::Test as Args;
use crate::exit::{Exit, Failure};
use crate::output::terminal as render;
use crate::source::folder::{self as load, FactFault, Folder};
use crate::source::test_file::{self as file, Skip, TestFile};

/// What came of one test.
#[derive(Debug, Serialize)]
pub(crate) struct Tested {
    /// The file, inside the program folder.
    pub(crate) file: String,
    /// The test.
    pub(crate) it: String,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// What is not as expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) failures: Vec<String>,
    /// Why it was skipped, when that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<String>,
    /// Decisions that are not as expected, explained.
    #[serde(skip)]
    pub(crate) explanations: Vec<Explanation>,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed,
    /// It was left out.
    Skipped,
}

/// What came of all tests.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Results {
    /// How many passed.
    pub(crate) passed: usize,
    /// How many did not.
    pub(crate) failed: usize,
    /// How many were left out.
    pub(crate) skipped: usize,
    /// Whether some tests say `only`.
    pub(crate) only: bool,
    /// Every test.
    pub(crate) tests: Vec<Tested>,
    /// Faults of test files.
    pub(crate) diagnostics: Diagnostics,
    /// Faults of reference facts.
    pub(crate) facts: Vec<FactFault>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let engine = Engine::default();
    if args.program.is_file() {
        return Err(Failure::usage(
            format!("`{}` is a file: a bundle holds no tests", args.program.display()),
            "run the tests of the program folder before it is built",
        ));
    }
    let mut folder = load::folder(&args.program, engine.limits())?;
    let program = load::program(&folder, &engine)?;
    let (reference, facts) = load::reference(None, &folder, engine.limits())?;
    let (files, diagnostics) = read(&mut folder, engine.limits())?;
    let mut results = Results { diagnostics, facts, ..Results::default() };
    results.only = files.iter().any(|(_, file)| file.tests.iter().any(|test| test.only));
    for (name, file) in &files {
        let mut own = reference.clone();
        file::add_facts(file, &mut own);
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
                because: None,
                explanations: Vec::new(),
            };
            if let Some(because) = left_out(&test.skip, results.only && !test.only) {
                tested.outcome = Outcome::Skipped;
                tested.because = because;
                results.skipped += 1;
            } else {
                let ran = compare::run(test, &program, &own);
                tested.failures = ran.failures;
                tested.explanations = ran.explanations;
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
        render::say(&report::json(&results, &folder))?;
    } else {
        render::tell(&report::faults(&results, &folder));
        render::say(&report::text(&results, &folder, args))?;
    }
    let faulty = results.failed > 0 || results.diagnostics.has_errors() || !results.facts.is_empty();
    let nothing = results.tests.is_empty() && args.filter.is_some();
    Ok(if faulty || nothing { Exit::Faults } else { Exit::Ok })
}

/// `Some` when a test is left out, with the reason if there is one.
fn left_out(skip: &Skip, others_only: bool) -> Option<Option<String>> {
    match skip {
        Skip::Because(reason) => Some(Some(reason.clone())),
        Skip::Whether(true) => Some(None),
        Skip::Whether(false) if others_only => Some(Some("other tests say `only`".to_owned())),
        Skip::Whether(false) => None,
    }
}

/// Reads all test files; their text joins the sources, so that faults can be drawn over it.
pub(crate) fn read(
    folder: &mut Folder,
    limits: &accrue::Limits,
) -> Result<(Vec<(String, TestFile)>, Diagnostics), Failure> {
    let dir = folder.root.join("tests");
    let mut files = Vec::new();
    let mut faults = Diagnostics::new();
    if !dir.is_dir() {
        return Ok((files, faults));
    }
    for path in load::entries(&dir)? {
        if !path.is_file() || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("tests/{name}");
        let bytes = load::bounded(&path, limits.source_bytes)?;
        let (file, diagnostics) = file::read(&name, &bytes, limits);
        diagnostics.0.into_iter().for_each(|diagnostic| faults.push(diagnostic));
        folder.source.insert(name.clone(), bytes);
        files.push((name, file));
    }
    faults.settle();
    Ok((files, faults))
}
