//! A draft of a contract over a whole purchase history: one run of the contract, against comparing it with the draft, from the rows of
//! the file to the sums.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use accrue::facts::CsvActions;
use accrue::{Action, Engine, Limits, Program, Reference, Source};
use accrue_simulate::{History, Plan, PlanOptions, Simulation};
use accrue_tests::folder::Folder;

use crate::report::{Bar, Figure, Report};
use crate::{Options, Result};

/// What a simulation of one change may take, in runs.
const RUNS: f64 = 2.2;

/// The actions that are decided at once.
const BATCH: usize = 256;

/// The contract that the drafts change.
const CONTRACT: &str = "contracts/standard-1998.toml";

/// Drafts, each with the texts that it changes.
const DRAFTS: [(&str, &[(&str, &str)]); 2] = [
    ("one change", &[("base_rate = \"3%\"", "base_rate = \"2.5%\"")]),
    (
        "four changes",
        &[
            ("base_rate = \"3%\"", "base_rate = \"2.5%\""),
            ("gold_rate = \"6%\"", "gold_rate = \"7%\""),
            ("rate = \"7%\"", "rate = \"8%\""),
            ("max = \"2500.00\"", "max = \"2000.00\""),
        ],
    ),
];

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples/cdnow");
    let csv = fs::read(folder.join("actions/actions.csv"))?;
    let old = Folder::read(&folder)?.source;
    let contract = String::from_utf8(old.bytes(CONTRACT).ok_or("the contract is there")?.to_vec())?;
    let engine = Engine::default();
    let program = engine.load(&old)?;
    let rounds = if options.quick { 3 } else { 7 };
    let fastest = |of: &mut dyn FnMut() -> Result| -> Result<f64> {
        let mut fastest = f64::INFINITY;
        for _ in 0..rounds {
            let start = Instant::now();
            of()?;
            fastest = fastest.min(start.elapsed().as_secs_f64());
        }
        Ok(fastest)
    };
    let one = fastest(&mut || decide(&program, &csv))?;
    report.push(Figure::new("a purchase history: one run", one * 1e3, "ms"));
    for (name, changes) in DRAFTS {
        let draft = changes.iter().fold(contract.clone(), |text, (from, to)| text.replacen(from, to, 1));
        let new = old.with(&Source::from_files([(CONTRACT, draft)]));
        let draft = engine.load(&new)?;
        for (threads, what) in [(1, "one thread"), (2, "two threads")] {
            let mut programs = 0;
            let spent = fastest(&mut || {
                let plan_options = PlanOptions { alone: 0, ..PlanOptions::default() };
                let plan = Plan::new(&engine, (&old, &program), (&new, &draft), plan_options);
                programs = plan.runs();
                simulate(plan, &csv, threads)
            })?;
            let name = format!("a draft with {name}: {programs} programs, {what}");
            let figure = Figure::new(name, spent * 1e3, "ms").ratio(spent / one);
            report.push(if changes.len() == 1 { figure.bar(Bar::AtMost(RUNS)) } else { figure });
        }
    }
    Ok(())
}

fn decide(program: &Program, csv: &[u8]) -> Result {
    let (reference, mut counters) = (Reference::default(), program.counters());
    for record in CsvActions::new(csv, &Limits::default())? {
        let action = record.map_err(|reject| reject.errors)?.action;
        let decision = program.decide(&action, &reference, &counters, Default::default())?;
        counters.apply(&decision.postings)?;
        black_box(decision);
    }
    Ok(())
}

fn simulate(plan: Plan, csv: &[u8], threads: usize) -> Result {
    let mut simulation = Simulation::new(plan, History::new(Reference::default()), 20).threads(threads);
    let mut batch: Vec<Action> = Vec::new();
    let mut records = CsvActions::new(csv, &Limits::default())?;
    loop {
        for record in records.by_ref().take(BATCH) {
            batch.push(record.map_err(|reject| reject.errors)?.action);
        }
        if batch.is_empty() {
            break;
        }
        simulation.add(&batch.iter().collect::<Vec<_>>())?;
        batch.clear();
    }
    black_box(simulation.finish()?);
    Ok(())
}
