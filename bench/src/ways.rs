//! The engine's own ways of deciding, as contenders: whole decisions, with their credit, limits, postings and receipt.

use std::hint::black_box;
use std::time::{Duration, Instant};

use accrue::digest::Digest;
use accrue::{Action, Counters, Decision, Options, Program};

use crate::Result;
use crate::report::{Figure, Report};
use crate::subject::{Answer, Subject, agree};

/// Rules interpreted.
pub const INTERPRETED: &str = "decide, interpreted";
/// Rules as native code, a call for each action.
pub const DECIDE: &str = "decide";
/// The same, in batches.
pub const BATCH: &str = "decide_batch";

/// Actions of a batch: as many as the rows of a file that are read at once.
const BATCH_ACTIONS: usize = 512;

/// How a subject is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One action a call, rules interpreted.
    Interpreted,
    /// One action a call, rules as native code.
    Decide,
    /// Batches of actions, rules as native code.
    Batch,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Interpreted, Self::Decide, Self::Batch];

    /// What it is called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interpreted => INTERPRETED,
            Self::Decide => DECIDE,
            Self::Batch => BATCH,
        }
    }
}

/// A subject with nothing counted, ready to be decided one way.
#[derive(Debug)]
pub struct Ways<'a> {
    way: Way,
    subject: &'a Subject,
    program: &'a Program,
    counters: Counters,
}

impl<'a> Ways<'a> {
    /// Prepares a way.
    pub fn new(way: Way, subject: &'a Subject) -> Self {
        let program = if way == Way::Interpreted { &subject.portable } else { &subject.program };
        Self { way, subject, program, counters: program.counters() }
    }

    /// Decides these actions of the subject, and drops the decisions.
    pub fn run(&self, actions: &[Action]) {
        let Self { subject, program, counters, .. } = self;
        if self.way == Way::Batch {
            for batch in actions.chunks(BATCH_ACTIONS) {
                black_box(program.decide_batch(black_box(batch), &subject.reference, counters).is_ok());
            }
            return;
        }
        for action in actions {
            let decided = program.decide(black_box(action), &subject.reference, counters, Options::default());
            black_box(decided.is_ok());
        }
    }

    /// The decisions on all actions.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        let Self { subject, program, counters, .. } = self;
        let Subject { actions, reference, .. } = subject;
        if self.way == Way::Batch {
            return Ok(program
                .decide_batch(actions, reference, counters)?
                .into_iter()
                .collect::<std::result::Result<_, _>>()?);
        }
        let decide = |action| Ok(program.decide(action, reference, counters, Options::default())?);
        actions.iter().map(decide).collect()
    }
}

/// Reports the time of each phase of a decision, in nanoseconds an action, and its share of all phases. The time that it takes to
/// read the clock is subtracted.
pub fn phases(title: &str, subject: &Subject, options: &crate::Options, report: &mut Report) -> Result {
    let counters = subject.program.counters();
    let mut best: Vec<(&'static str, Duration)> = Vec::new();
    for _ in 0..if options.quick { 5 } else { 15 } {
        let mut round: Vec<(&'static str, Duration)> = Vec::new();
        for action in &subject.actions {
            let mut since = Instant::now();
            let ended = |phase| {
                let spent = since.elapsed();
                match round.iter_mut().find(|(name, _)| *name == phase) {
                    Some((_, time)) => *time += spent,
                    None => round.push((phase, spent)),
                }
                since = Instant::now();
            };
            black_box(subject.program.decide_in_phases(action, &subject.reference, &counters, ended)?);
        }
        let whole = |times: &[(&str, Duration)]| times.iter().map(|(_, time)| *time).sum::<Duration>();
        if best.is_empty() || whole(&round) < whole(&best) {
            best = round;
        }
    }
    let actions = subject.actions.len() as f64;
    let clock = clock_nanoseconds();
    let nanoseconds = |time: Duration| (time.as_secs_f64() * 1e9 / actions - clock).max(0.0);
    let whole: f64 = best.iter().map(|(_, time)| nanoseconds(*time)).sum();
    for (phase, time) in best {
        let figure = Figure::new(format!("{title}: {phase} / {DECIDE}, phases"), nanoseconds(time), "ns");
        report.push(figure.ratio(nanoseconds(time) / whole));
    }
    Ok(())
}

/// Returns the nanoseconds between two readings of the clock with nothing in between.
fn clock_nanoseconds() -> f64 {
    const READS: u32 = 10_000;
    let read = || (0..READS).map(|_| black_box(Instant::now()).elapsed()).sum::<Duration>();
    read();
    read().as_secs_f64() * 1e9 / f64::from(READS)
}

/// Fails unless every way gives the expected answers, and the same decisions to the byte.
pub fn all_agree(subject: &Subject, expected: &[Answer]) -> Result {
    let interpreted = Ways::new(Way::Interpreted, subject).decisions()?;
    for way in Way::ALL {
        let decisions = Ways::new(way, subject).decisions()?;
        let answers: Vec<Answer> = decisions.iter().map(Answer::decision).collect();
        agree(subject, way.name(), expected, &answers)?;
        if decisions != interpreted {
            return Err(format!("{} decides otherwise than the interpreter", way.name()).into());
        }
    }
    Ok(())
}

/// What a receipt is taken over: for each action, the bytes of it and of its decision.
#[derive(Debug)]
pub struct Receipts(Vec<(Action, Decision)>);

impl Receipts {
    /// The actions of a subject with their decisions.
    pub fn new(subject: &Subject) -> Result<Self> {
        let decisions = Ways::new(Way::Decide, subject).decisions()?;
        Ok(Self(subject.actions.iter().cloned().zip(decisions).collect()))
    }

    /// The receipt of one action: the same bytes written, and hashed, as the engine does.
    pub fn receipt(&self, n: usize) -> Option<Digest> {
        self.0.get(n).map(|(action, decision)| accrue::internals::receipt(action, decision))
    }
}
