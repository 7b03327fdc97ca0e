//! What legal decisions cost: choices enter; a generated program with many copies of its parts decides an action of the largest
//! sizes, every way, and no way takes more than its fuel says or holds more memory than one decision may.
//!
//! Bytes are counted by an allocator that comes with this crate, so they are the same in every run and held to a bound in every
//! build. Time is held to its bound in optimised builds alone, with a floor under which it says nothing.
#![allow(clippy::float_arithmetic, reason = "times and sizes are compared, and no money")]

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use accrue::facts::Action;
use accrue::{Engine, Options, Rules};
use accrue_tests::choices::Choices;
use accrue_tests::generate::action::{Amounts, action, reference};
use accrue_tests::generate::program::{Generated, program};

/// The nanoseconds that a unit of fuel stands for.
const FUEL_NANOSECONDS: f64 = 10.0;

/// How many times the time that its fuel stands for a decision may take.
const TIMES: f64 = 4.0;

/// Time that no fuel is charged for: the receipt over the largest action, its facts as native code reads them, a busy machine.
const FLOOR: Duration = Duration::from_millis(25);

/// Bytes that one decision may hold at a time, beside its action: the result, its trace, and what is needed to make them.
const PEAK_BYTES: u64 = 64 << 20;

/// The most copies of the groups, restrictions and limits of a contract. A contract may have two thousand of each.
const MOST_COPIES: usize = 30;

/// What one decision took one way.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The way.
    pub way: &'static str,
    /// Fuel of the decision.
    pub fuel: u64,
    /// How long it took.
    pub time: Duration,
    /// The most bytes that it held at a time.
    pub peak_bytes: u64,
}

impl Cost {
    /// The nanoseconds of each unit of fuel.
    pub fn nanoseconds_a_unit(&self) -> f64 {
        self.time.as_secs_f64() * 1e9 / self.fuel.max(1) as f64
    }

    /// How much of what it may take it takes, of time or of memory: more than 1 is a finding.
    pub fn score(&self) -> f64 {
        let allowed = TIMES * (FLOOR.as_secs_f64() * 1e9 + self.fuel as f64 * FUEL_NANOSECONDS);
        let time = self.time.as_secs_f64() * 1e9 / allowed;
        time.max(self.memory_score())
    }

    fn memory_score(&self) -> f64 {
        self.peak_bytes as f64 / PEAK_BYTES as f64
    }

    /// Whether it takes more than it may. Time says nothing in a build without optimisation.
    fn is_finding(&self) -> bool {
        self.memory_score() > 1.0 || (cfg!(not(debug_assertions)) && self.score() > 1.0)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { way, fuel, time, peak_bytes } = self;
        let (milliseconds, each) = (time.as_secs_f64() * 1e3, self.nanoseconds_a_unit());
        let megabytes = *peak_bytes as f64 / f64::from(1 << 20);
        write!(f, "{way}: {milliseconds:.2} ms, fuel {fuel}, {each:.1} ns a unit, {megabytes:.1} MB")
    }
}

/// Tries one input.
pub fn run(data: &[u8]) {
    for cost in measured(data) {
        assert!(!cost.is_finding(), "a decision takes more than it may: {cost}");
    }
}

/// What the decision of an input costs, each way; nothing when its program is refused.
pub fn measured(data: &[u8]) -> Vec<Cost> {
    let mut choices = Choices::new(data);
    let text = many(&mut choices);
    let reference = reference(&mut choices);
    let action = large(&mut choices);
    let mut costs = Vec::new();
    for (way, engine, trace) in ways() {
        // Terms that cost too much are refused, which is what the limits are for.
        let Ok(program) = engine.load(&text.source()) else { continue };
        let counters = program.counters();
        let options = || if *trace { Options::traced() } else { Options::default() };
        // Once to warm up: the first decision makes what all share.
        if program.decide(&small(&action), &reference, &counters, options()).is_err() {
            continue;
        }
        costs.extend(cost(way, || {
            let decided = program.decide(&action, &reference, &counters, options());
            decided.map(|decision| decision.fuel).ok()
        }));
    }
    costs
}

/// Measures a decision, which returns its fuel.
fn cost(way: &'static str, decide: impl FnOnce() -> Option<u64>) -> Option<Cost> {
    let (mut fuel, mut time) = (None, Duration::ZERO);
    let allocated = allocation_counter::measure(|| {
        let start = Instant::now();
        fuel = decide();
        time = start.elapsed();
    });
    Some(Cost { way, fuel: fuel?, time, peak_bytes: allocated.bytes_max })
}

type Way = (&'static str, Engine, bool);

fn ways() -> &'static [Way] {
    static WAYS: OnceLock<Vec<Way>> = OnceLock::new();
    WAYS.get_or_init(|| {
        let interpreted = Engine::builder().rules(Rules::Interpreted).build();
        vec![
            ("interpreted", interpreted.clone(), false),
            ("traced", interpreted, true),
            #[cfg(feature = "sandbox")]
            ("compiled", Engine::default(), false),
        ]
    })
}

/// A generated program whose contracts have many copies of their groups, restrictions and limits.
fn many(choices: &mut Choices<'_>) -> Generated {
    let copies = choices.split(16);
    let mut made = program(&mut choices.split(2));
    let mut copies = copies;
    for (_, contract) in &mut made.contracts {
        contract.groups = repeated(&contract.groups, "[[payout.groups]]", 1 + copies.below(MOST_COPIES));
        contract.restrictions =
            repeated(&contract.restrictions, "[[restrictions]]", 1 + copies.below(MOST_COPIES));
        contract.limits = repeated(&contract.limits, "[[limits]]", 1 + copies.below(MOST_COPIES));
        if copies.once_in(2) {
            for mode in ["first", "highest", "most_specific"] {
                let stacked = "choose = \"stack\"";
                contract.payout = contract.payout.replace(&format!("choose = \"{mode}\""), stacked);
            }
        }
    }
    made
}

/// The tables of a part of a contract, with this many of each; the copies have other names.
fn repeated(text: &str, table: &str, copies: usize) -> String {
    let mut all = text.to_owned();
    for copy in 1..copies {
        for part in text.split(table).skip(1) {
            // The name is the first key of each table.
            let named = part.replacen("\"\n", &format!("_{copy}\"\n"), 1);
            all.push_str(table);
            all.push_str(&named);
        }
    }
    all
}

/// A generated action with its lists as long and its texts as large as choices say.
fn large(choices: &mut Choices<'_>) -> Action {
    let mut action = action(choices, "a-1".to_owned(), Amounts::Ordinary(2));
    let text_bytes = choices.pick(&[0, 0, 100, 900]);
    let longer = |text: &mut String, n: usize| {
        let more = text_bytes.min(900_usize.saturating_sub(text.len()));
        text.push_str(&"a".repeat(more));
        text.push_str(&format!("{n}"));
    };
    let many = |choices: &mut Choices<'_>, most: usize| choices.pick(&[0, 1, most / 10, most, most]);
    let mut items = Vec::new();
    for n in 0..many(choices, 1_000) {
        let Some(item) = action.items.get(n % action.items.len().max(1)) else { break };
        let mut item = item.clone();
        longer(&mut item.sku, n);
        items.push(item);
    }
    if !items.is_empty() {
        action.items = items;
    }
    for n in action.touches.len()..many(choices, 200) {
        let mut touch = action.touches[0].clone();
        touch.id = Some(format!("k-{n}"));
        action.touches.push(touch);
    }
    for list in [&mut action.promo_codes, &mut action.customer.audiences, &mut action.fraud.reasons] {
        for n in list.len()..many(choices, 100) {
            let mut text = "A".to_owned();
            longer(&mut text, n);
            list.push(text);
        }
    }
    action
}

/// The same action with one line.
fn small(action: &Action) -> Action {
    let mut small = action.clone();
    small.items.truncate(1);
    small
}
