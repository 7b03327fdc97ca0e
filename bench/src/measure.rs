//! Contenders enter, their times leave. They take turns within each round, so that what disturbs one disturbs all, and
//! the fastest run of each is what counts. Each runs twice in its turn, and the second run is timed: what the one before it
//! has left in caches and branch predictors is no part of what it takes.

use std::time::{Duration, Instant};

/// Something to be measured against others: its name, and one run of it.
pub struct Contender<'a> {
    /// What it is called in the report.
    pub name: &'static str,
    /// One run.
    pub run: Box<dyn FnMut() + 'a>,
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Contender<'a> {
    /// A contender of this name.
    pub fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The times of every contender, by round.
#[derive(Clone, Debug)]
pub struct Times {
    names: Vec<&'static str>,
    rounds: Vec<Vec<Duration>>,
}

/// Runs every contender in each round, once to warm up and once to be timed. The order turns from round to round, so that
/// none is always the one after the heaviest.
pub fn take_turns(rounds: usize, contenders: &mut [Contender<'_>]) -> Times {
    let count = contenders.len();
    let mut times = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let mut of_round = vec![Duration::ZERO; count];
        for turn in 0..count {
            let at = (round + turn) % count;
            if let (Some(contender), Some(time)) = (contenders.get_mut(at), of_round.get_mut(at)) {
                (contender.run)();
                *time = timed(&mut contender.run);
            }
        }
        times.push(of_round);
    }
    Times { names: contenders.iter().map(|contender| contender.name).collect(), rounds: times }
}

/// How long something takes.
pub fn timed(run: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

impl Times {
    /// Who ran, in order.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    fn of(&self, name: &str) -> Vec<Duration> {
        let Some(at) = self.names.iter().position(|other| *other == name) else { return Vec::new() };
        self.rounds.iter().filter_map(|round| round.get(at).copied()).collect()
    }

    /// The fastest run of a contender: what it takes when nothing disturbs it.
    pub fn best(&self, name: &str) -> Duration {
        self.of(name).into_iter().min().unwrap_or_default()
    }

    /// How many times as long as `other` a contender took: fastest against fastest. Where a machine is busy, a long run
    /// is interrupted in nearly every round and a short one in few, so that a middle value would be of the others' work.
    pub fn ratio(&self, name: &str, other: &str) -> f64 {
        self.best(name).as_secs_f64() / self.best(other).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disturbed_round_changes_no_ratio() {
        let ms = Duration::from_millis;
        let times = Times {
            names: vec!["a", "b"],
            // The second round was disturbed for both, the third for one.
            rounds: vec![vec![ms(20), ms(10)], vec![ms(200), ms(100)], vec![ms(90), ms(10)]],
        };
        assert!((times.ratio("a", "b") - 2.0).abs() < 1e-9);
        assert_eq!(times.best("a"), ms(20));
    }

    #[test]
    fn every_contender_runs_twice_a_round() {
        let (a, b) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let mut contenders =
            [Contender::new("a", || a.set(a.get() + 1)), Contender::new("b", || b.set(b.get() + 1))];
        take_turns(3, &mut contenders);
        drop(contenders);
        assert_eq!((a.get(), b.get()), (6, 6));
    }
}
