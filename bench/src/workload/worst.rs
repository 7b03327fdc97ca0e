//! The dearest decisions that the default limits let through, looked for on purpose: milliseconds of one decision, its fuel and
//! what a unit of fuel took. Each runs in a child of its own that is ended at a budget, so that a decision which fills memory is a
//! figure and not the end of the machine.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use accrue::{Engine, Options as DecideOptions, Reference, Rules};
use accrue_tests::child::{self, Budget};
use serde::{Deserialize, Serialize};

use crate::report::{Bar, Figure, Report};
use crate::subject::worst;
use crate::{Options, Result};

/// The flag that makes this binary the child.
pub const CHILD: &str = "--worst-decision";

/// The most milliseconds that one decision may take.
const MOST_MILLISECONDS: f64 = 250.0;

/// What a child may use to load its program and to decide its action.
const BUDGET: Budget = Budget { memory_bytes: 2 << 30, time: Duration::from_secs(30), read_bytes: u64::MAX };

/// Each way with whether its rules are interpreted and whether it traces.
const WAYS: [(&str, bool, bool); 3] =
    [("compiled", false, false), ("interpreted", true, false), ("traced", false, true)];

/// What a child measures.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    /// Why the program was not loaded; everything else is zero then.
    refused: Option<String>,
    milliseconds: f64,
    fuel: u64,
    steps: usize,
}

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    for worst in worst::ALL {
        let is_meant = options.who.as_ref().is_none_or(|who| worst.name.contains(who.as_str()));
        for (way, ..) in WAYS.into_iter().filter(|_| is_meant) {
            let mut command = Command::new(std::env::current_exe()?);
            let ended = child::run(command.args([CHILD, worst.name, way]), BUDGET)?;
            let title = format!("worst, {way}: {}", worst.name);
            let megabytes = ended.peak_bytes as f64 / f64::from(1 << 20);
            if let Some(killed) = ended.killed {
                let title = format!("{title}, ended by {killed:?} at {megabytes:.0} MB");
                let figure = Figure::new(title, ended.time.as_secs_f64() * 1e3, "ms");
                report.push(figure.bar(Bar::AtMost(MOST_MILLISECONDS)));
                continue;
            }
            if !ended.status.success() {
                return Err(format!("{title}: the child failed: {}", ended.stderr).into());
            }
            let measured: Measured = serde_json::from_str(&ended.stdout)?;
            if let Some(refused) = measured.refused {
                report.push(Figure::new(format!("{title}, refused: {refused}"), 0.0, "ms"));
                continue;
            }
            let Measured { milliseconds, fuel, steps, .. } = measured;
            let a_unit = if fuel == 0 { 0.0 } else { milliseconds * 1e6 / fuel as f64 };
            let title =
                format!("{title}: fuel {fuel}, {a_unit:.1} ns a unit, {steps} steps, {megabytes:.0} MB");
            report.push(Figure::new(title, milliseconds, "ms").bar(Bar::AtMost(MOST_MILLISECONDS)));
        }
    }
    Ok(())
}

/// The child: loads a program, decides its action, and prints what it measured as JSON.
///
/// # Errors
///
/// When there is no such program or way, or the action is refused.
pub fn child(name: &str, way: &str) -> Result {
    let worst = worst::ALL.iter().find(|worst| worst.name == name).ok_or("there is no such program")?;
    let (_, is_interpreted, trace) =
        WAYS.into_iter().find(|(known, ..)| *known == way).ok_or("there is no such way")?;
    let rules = if is_interpreted { Rules::Interpreted } else { Rules::Native };
    let measured = match Engine::builder().rules(rules).build().load(&(worst.source)()) {
        Err(faults) => {
            let first = faults.0.first().map_or_else(String::new, |fault| fault.message.clone());
            Measured { refused: Some(first), milliseconds: 0.0, fuel: 0, steps: 0 }
        }
        Ok(program) => {
            let (action, reference) = ((worst.action)()?, Reference::default());
            let counters = program.counters();
            let options = if trace { DecideOptions::traced() } else { DecideOptions::default() };
            let start = Instant::now();
            let decision = black_box(program.decide(&action, &reference, &counters, options)?);
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            let lines = decision.awards.iter().flat_map(|award| &award.lines);
            let steps = lines.map(|line| line.steps.len()).sum();
            Measured { refused: None, milliseconds, fuel: decision.fuel, steps }
        }
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}
