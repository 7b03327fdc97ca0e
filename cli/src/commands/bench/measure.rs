//! Measures: rounds of passes over the actions, which take turns.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use accrue::decide::RuleTimer;
use accrue::diagnostic::Place;
use accrue::{Counters, Decision, Options, Program};
use serde::Serialize;

use super::memory::{self, CounterMemory};
use super::work::Work;
use crate::args::Bench as Args;
use crate::exit::Failure;
use crate::output::decisions::{Encoder, Encoding};

/// The most actions of whose rules each is run by itself.
const RULE_ACTIONS: usize = 2_000;

/// How often a rule runs by itself on the facts of one action.
const RULE_RUNS: u32 = 16;

/// What was measured. All times are in nanoseconds for each decision or run, by the clock on the wall.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    /// The id of the program.
    pub(super) program: String,
    /// Where the actions are from.
    pub(super) actions_from: String,
    /// The number of actions.
    pub(super) actions: usize,
    /// Whether there are more actions, which were not decided.
    pub(super) is_cut: bool,
    /// The number of decisions of a pass.
    pub(super) decisions: usize,
    /// The number of passes that were timed, after one that was not.
    pub(super) rounds: usize,
    /// Whether the command was built with optimisation; without it, no figure says how fast the engine is.
    pub(super) optimized: bool,
    /// How the rules ran when decisions were timed: `compiled`, `interpreted`, or `partly compiled`.
    pub(super) rules_run: &'static str,
    /// Decisions a second, by the fastest and by the median pass.
    pub(super) decisions_per_second: Spread<u64>,
    /// The work, step by step.
    pub(super) steps: Vec<Step>,
    /// Reading and deciding together, as a multiple of only parsing; `None` if the files are not plain JSON Lines or CSV.
    pub(super) times_parsing: Option<f64>,
    /// Deciding, phase by phase, in passes of their own. Reading the clock is in these times.
    pub(super) phases: Vec<Phase>,
    /// Each rule by itself, the dearest first. Interpreted.
    pub(super) rules: Vec<RuleTime>,
    /// The counters after a pass.
    pub(super) counters: CounterMemory,
}

/// The fastest and the median round.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Spread<T> {
    /// The fastest.
    pub(super) fastest: T,
    /// The median.
    pub(super) median: T,
}

/// A step of the work.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    /// `parse`, `read`, `decide` or `encode`.
    pub(super) step: &'static str,
    /// The time of one action.
    pub(super) ns: Spread<u64>,
}

/// A phase of deciding.
#[derive(Debug, Serialize)]
pub(super) struct Phase {
    /// The name of the phase.
    pub(super) phase: &'static str,
    /// The time of one decision.
    pub(super) ns: Spread<u64>,
    /// The share of all phases, in tenths of a percent, by the fastest.
    pub(super) permille: u64,
}

/// A rule by itself.
#[derive(Debug, Serialize)]
pub(super) struct RuleTime {
    /// The contract, its version and the part that the rule belongs to.
    pub(super) rule: String,
    /// Where the rule is written.
    pub(super) place: Place,
    /// How many decisions ran it, or ran it once more for an item.
    pub(super) runs: u64,
    /// The fuel of a run, on average.
    pub(super) fuel: u64,
    /// The time of a run, on average over all facts it ran on. Interpreted.
    pub(super) ns: u64,
    /// The most fuel that a run may use.
    pub(super) worst_fuel: Option<u64>,
}

/// Measures everything.
pub(super) fn measure(args: &Args, program: &Program, work: &Work) -> Result<Measured, Failure> {
    let decisions = work.actions.len() * work.repeated;
    let mut rounds: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
    let mut phases: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
    let mut counters = program.counters();
    // The first round warms up and is not kept.
    for round in 0..=args.rounds {
        let keep = round > 0;
        let mut time = |step: &'static str, of: usize, spent: Duration| {
            if keep && of > 0 {
                rounds.entry(step).or_default().push(each(spent, of));
            }
        };
        let begun = Instant::now();
        if let Some(parsed) = again_and_again(work, || work.source.parse())? {
            time("parse", usize::try_from(parsed).unwrap_or(usize::MAX), begun.elapsed());
        }
        let begun = Instant::now();
        let read = again_and_again(work, || work.source.read(program).map(Some))?.unwrap_or_default();
        time("read", usize::try_from(read).unwrap_or(usize::MAX), begun.elapsed());
        let (made, after, spent) = decide(program, work)?;
        time("decide", decisions, spent);
        let mut encoder = Encoder::new(Encoding::Jsonl);
        let count = made.len();
        let begun = Instant::now();
        for decision in made {
            encoder.add(decision)?;
        }
        time("encode", count, begun.elapsed());
        counters = after;
        for (phase, spent) in in_phases(program, work)? {
            if keep {
                phases.entry(phase).or_default().push(each(spent, decisions));
            }
        }
    }
    let step = |step: &'static str| rounds.get(step).map(|times| Step { step, ns: spread(times) });
    let steps: Vec<Step> = ["parse", "read", "decide", "encode"].into_iter().filter_map(step).collect();
    let fastest = |step: &str| rounds.get(step).map(|times| spread(times).fastest);
    let times_parsing = match (fastest("parse"), fastest("read"), fastest("decide")) {
        (Some(parse), Some(read), Some(decide)) if parse > 0 => {
            Some(ratio(read.saturating_add(decide), parse))
        }
        _ => None,
    };
    let of_decide = rounds.get("decide").map_or(Spread { fastest: 0, median: 0 }, |times| spread(times));
    let a_second = |ns: u64| 1_000_000_000_u64.checked_div(ns).unwrap_or_default();
    Ok(Measured {
        program: program.id().to_owned(),
        actions_from: work.from.clone(),
        actions: work.actions.len(),
        is_cut: work.is_cut,
        decisions,
        rounds: args.rounds,
        optimized: !cfg!(debug_assertions),
        rules_run: rules_run(program),
        decisions_per_second: Spread {
            fastest: a_second(of_decide.fastest),
            median: a_second(of_decide.median),
        },
        steps,
        times_parsing,
        phases: shares(phases),
        rules: rules(program, work)?,
        counters: memory::measure(&counters),
    })
}

/// Does something as often as the actions are decided in a pass. Returns the sum of what it counts, `None` if it counts nothing.
fn again_and_again(
    work: &Work,
    mut step: impl FnMut() -> Result<Option<u64>, Failure>,
) -> Result<Option<u64>, Failure> {
    let mut sum = 0;
    for _ in 0..work.repeated {
        let Some(count) = step()? else { return Ok(None) };
        sum += count;
    }
    Ok(Some(sum))
}

/// Returns how the rules of a program run.
fn rules_run(program: &Program) -> &'static str {
    let overview = program.overview();
    let mut versions = overview.contracts.iter().flat_map(|contract| &contract.versions);
    if program.is_compiled() {
        return "compiled";
    }
    let is_any_compiled = overview.spent.iter().any(|spent| spent.limit.starts_with("code_"));
    let is_partly = is_any_compiled && versions.any(|version| version.interpreted.is_none());
    if is_partly { "partly compiled" } else { "interpreted" }
}

/// Returns a ratio of times, to one decimal.
#[allow(clippy::float_arithmetic, reason = "times, never amounts")]
fn ratio(of: u64, to: u64) -> f64 {
    (of as f64 / to as f64 * 10.0).round() / 10.0
}

/// Returns the time of one of so many, in nanoseconds.
fn each(spent: Duration, of: usize) -> u64 {
    let spent = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
    spent.checked_div(of as u64).unwrap_or_default()
}

fn spread(times: &[u64]) -> Spread<u64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |n: usize| sorted.get(n).copied().unwrap_or_default();
    Spread { fastest: at(0), median: at(sorted.len() / 2) }
}

fn shares(times: BTreeMap<&'static str, Vec<u64>>) -> Vec<Phase> {
    const ORDER: [&str; 8] =
        ["validate", "credit", "facts", "rules", "settle", "limits", "award and postings", "receipt"];
    let all: u64 = times.values().map(|times| spread(times).fastest).sum();
    let phase = |phase: &'static str| {
        let ns = spread(times.get(phase)?);
        Some(Phase { phase, ns, permille: (ns.fastest * 1_000).checked_div(all).unwrap_or_default() })
    };
    ORDER.into_iter().filter_map(phase).collect()
}

/// Decides all actions and records the decisions. Returns the decisions of the last repetition, the counters after it, and the time.
fn decide(program: &Program, work: &Work) -> Result<(Vec<Decision>, Counters, Duration), Failure> {
    let mut spent = Duration::ZERO;
    let mut last = (Vec::new(), program.counters());
    for _ in 0..work.repeated {
        let mut counters = program.counters();
        let mut made = Vec::with_capacity(work.actions.len());
        let begun = Instant::now();
        for action in &work.actions {
            let decision = program.decide(action, &work.reference, &counters, Options::default());
            let decision = decision.map_err(|error| undecided(&error))?;
            counters.apply(&decision.postings).map_err(|error| undecided(&error))?;
            made.push(decision);
        }
        spent += begun.elapsed();
        last = (made, counters);
    }
    Ok((last.0, last.1, spent))
}

/// Decides all actions and returns the time of each phase.
fn in_phases(program: &Program, work: &Work) -> Result<BTreeMap<&'static str, Duration>, Failure> {
    let mut phases: BTreeMap<&'static str, Duration> = BTreeMap::new();
    for _ in 0..work.repeated {
        let mut counters = program.counters();
        for action in &work.actions {
            let mut begun = Instant::now();
            let decision = program.decide_in_phases(action, &work.reference, &counters, |phase| {
                let now = Instant::now();
                *phases.entry(phase).or_default() += now - begun;
                begun = now;
            });
            let decision = decision.map_err(|error| undecided(&error))?;
            counters.apply(&decision.postings).map_err(|error| undecided(&error))?;
        }
    }
    Ok(phases)
}

fn undecided(error: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!("an action cannot be decided: {error}"), "`accrue run` shows which")
}

/// Runs each rule by itself, in a loop.
#[derive(Debug, Default)]
struct Loops {
    by_place: RefCell<BTreeMap<Place, Looped>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Looped {
    runs: u64,
    fuel: u64,
    spent: Duration,
}

impl RuleTimer for Loops {
    fn time(&self, rule: &Place, run: &mut dyn FnMut() -> u64) {
        // Once for the caches, and for the fuel, which is the same each time.
        let fuel = run();
        let begun = Instant::now();
        for _ in 0..RULE_RUNS {
            std::hint::black_box(run());
        }
        let spent = begun.elapsed() / RULE_RUNS;
        let mut by_place = self.by_place.borrow_mut();
        let looped = by_place.entry(rule.clone()).or_default();
        looped.runs += 1;
        looped.fuel += fuel;
        looped.spent += spent;
    }
}

/// Returns the rules that ran, the dearest first: by the time that all of their runs took.
fn rules(program: &Program, work: &Work) -> Result<Vec<RuleTime>, Failure> {
    let loops = Loops::default();
    let mut counters = program.counters();
    for action in work.actions.iter().take(RULE_ACTIONS) {
        let decision = program.time_rules(action, &work.reference, &counters, &loops);
        let decision = decision.map_err(|error| undecided(&error))?;
        counters.apply(&decision.postings).map_err(|error| undecided(&error))?;
    }
    let overview = program.overview();
    let mut rules: Vec<(Duration, RuleTime)> = Vec::new();
    for (place, Looped { runs, fuel, spent }) in loops.by_place.into_inner() {
        let of = overview.rules.iter().find(|rule| rule.place == place);
        let name = of.map_or_else(|| format!("{} at {}", place.file, place.span.start), |of| of.rule.clone());
        let (ns, fuel) = (each(spent, usize::try_from(runs).unwrap_or(usize::MAX)), fuel.checked_div(runs));
        let fuel = fuel.unwrap_or_default();
        let worst_fuel = of.map(|of| of.worst_fuel);
        rules.push((spent, RuleTime { rule: name, place, runs, fuel, ns, worst_fuel }));
    }
    rules.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.place.cmp(&other.place)));
    Ok(rules.into_iter().map(|(_, rule)| rule).collect())
}
