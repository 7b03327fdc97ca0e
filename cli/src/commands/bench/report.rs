//! Draws what was measured.

use super::measure::{Measured, Spread};
use crate::output::format::{heading, plural, thousands, wrapped};
use crate::output::table::{Column, number, table, text};
use crate::output::terminal::{BOLD, DIM, RESET, YELLOW, clean, room};

/// The most rules that are listed. `--json` has all of them.
const RULES: usize = 10;

const STEPS: [Column; 3] = [text("Step"), number("Fastest, ns"), number("Median, ns")];
const PHASES: [Column; 4] =
    [text("Phase"), number("Fastest, ns"), number("Median, ns").rank(1), number("Share")];
const RULE_COLUMNS: [Column; 5] = [
    text("Rule"),
    number("Runs").rank(2),
    number("Fuel"),
    number("Worst fuel").rank(1),
    number("ns, interpreted"),
];

/// Returns the tables.
pub(super) fn tables(measured: &Measured) -> String {
    let mut drawn = String::new();
    let Measured { decisions_per_second: Spread { fastest, median }, .. } = measured;
    drawn.push_str(&format!("{BOLD}{}{RESET} decisions a second", thousands(*fastest)));
    drawn.push_str(&format!(" ({} in the median round)\n", thousands(*median)));
    let more = match (measured.is_cut, measured.decisions > measured.actions) {
        (true, _) => ", the first of more",
        (false, true) => ", again and again",
        (false, false) => "",
    };
    let about = format!(
        "{} of {}{more}; {} in each of {}, one thread, rules {}",
        plural(measured.actions as u64, "action"),
        measured.actions_from,
        plural(measured.decisions as u64, "decision"),
        plural(measured.rounds as u64, "round"),
        measured.rules_run
    );
    drawn.push_str(&quiet(&about));
    if !measured.optimized {
        let text = "this command was built without optimisation, which takes several times as long";
        drawn.push_str(&format!("{YELLOW}{text}{RESET}\n"));
    }
    drawn.push('\n');
    drawn.push_str(&heading("One action, step by step"));
    let step = |name: &str| match name {
        "parse" => "only parse the text",
        "read" => "read it as actions",
        "decide" => "decide and count",
        _ => "encode as JSON Lines",
    };
    let cells = |name: &str, ns: &Spread<u64>| {
        [name.to_owned(), thousands(ns.fastest), thousands(ns.median)].to_vec()
    };
    drawn.push_str(&table(&STEPS, measured.steps.iter().map(|of| cells(step(of.step), &of.ns))));
    if let Some(times) = measured.times_parsing {
        let text = format!("reading and deciding take {times} times as long as only parsing the text");
        drawn.push_str(&wrapped(&text, 0, room()));
    }
    drawn.push('\n');
    drawn.push_str(&heading("Deciding, phase by phase"));
    let row = |of: &super::measure::Phase| {
        let mut row = cells(of.phase, &of.ns);
        row.push(format!("{}.{}%", of.permille / 10, of.permille % 10));
        row
    };
    drawn.push_str(&table(&PHASES, measured.phases.iter().map(row)));
    drawn.push_str(&quiet("in rounds of their own; reading the clock is in these times"));
    if !measured.rules.is_empty() {
        drawn.push('\n');
        drawn.push_str(&heading("The dearest rules"));
        let rule = |of: &super::measure::RuleTime| {
            let worst = of.worst_fuel.map_or_else(String::new, thousands);
            [clean(&of.rule), thousands(of.runs), thousands(of.fuel), worst, thousands(of.ns)].to_vec()
        };
        drawn.push_str(&table(&RULE_COLUMNS, measured.rules.iter().take(RULES).map(rule)));
        let mut about =
            "each run by itself in a loop, interpreted, on the facts of up to 2,000 actions; by the time of all runs"
                .to_owned();
        if let Some(more) = measured.rules.len().checked_sub(RULES).filter(|more| *more > 0) {
            about.push_str(&format!("; `--json` has {more} more"));
        }
        drawn.push_str(&quiet(&about));
    }
    let counters = match measured.counters.bytes_per_key {
        Some(bytes) => format!(", {} bytes of memory each", thousands(bytes)),
        None => String::new(),
    };
    drawn.push_str(&format!("\nCounters keep {}{counters}\n", plural(measured.counters.keys as u64, "key")));
    drawn
}

fn quiet(text: &str) -> String {
    let lines = wrapped(&clean(text), 0, room());
    lines.lines().map(|line| format!("{DIM}{line}{RESET}\n")).collect()
}
