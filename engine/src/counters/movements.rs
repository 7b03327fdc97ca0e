//! The movements of a counter over rolling days: every movement with its moment, so that the sum of any window can be read.

use super::kept::Kept;
use crate::time::Timestamp;

/// The movements of one key over rolling days.
///
/// Nearly all movements come in the order of their moments and are added at the end of the first run. A late movement starts a
/// run of its own, and two runs are merged when the second is as long as the first. So there are at most log2(n) runs, adding n
/// movements in any order takes n log n steps, and a read takes a binary search in each run.
#[derive(Clone, Debug)]
pub(super) struct Movements {
    runs: Vec<Run>,
    /// At least the sum of the absolute values of all movements; `None` if that does not fit, and then there is only one run.
    /// While it fits, the sum of any of the movements fits.
    gross: Option<Kept>,
}

/// Movements in the order of their moments, none of them zero. Each moment has the sum of all movements of the run up to and
/// including it.
#[derive(Clone, Debug, Default)]
struct Run(Vec<(Timestamp, Kept)>);

impl Run {
    /// Returns the sum of the movements before this index.
    fn before(&self, index: usize) -> Kept {
        let last = index.checked_sub(1).and_then(|last| self.0.get(last));
        last.map(|(_, sum)| *sum).unwrap_or_default()
    }

    /// Returns the sum of the movements later than `after`, up to and including `until`.
    fn between(&self, after: Timestamp, until: Timestamp) -> Option<Kept> {
        let sum_at = |at: Timestamp| self.before(self.0.partition_point(|(moment, _)| *moment <= at));
        sum_at(until).plus(sum_at(after).negated()?)
    }

    /// Returns each moment with what moved at it.
    fn each(&self) -> impl Iterator<Item = (Timestamp, Option<Kept>)> + '_ {
        let mut before = Kept::default();
        self.0.iter().map(move |(at, sum)| {
            let moved = before.negated().and_then(|before| sum.plus(before));
            before = *sum;
            (*at, moved)
        })
    }

    /// Adds a movement that is not earlier than the last. Returns `None` and changes nothing if a sum does not fit.
    fn push(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let before = self.before(self.0.len().saturating_sub(1));
        match self.0.last_mut() {
            Some((last, sum)) if *last == at => {
                *sum = sum.plus(moved)?;
                if *sum == before {
                    self.0.pop();
                }
            }
            last => {
                let sum = last.map(|(_, sum)| *sum).unwrap_or_default().plus(moved)?;
                self.0.push((at, sum));
            }
        }
        Some(())
    }

    /// Adds a movement at any moment, in as many steps as there are later moments. Returns `None` and changes nothing if a sum
    /// does not fit.
    fn insert(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let index = self.0.partition_point(|(moment, _)| *moment < at);
        let before = self.before(index);
        let later = self.0.get(index..).unwrap_or_default();
        if later.iter().any(|(_, sum)| sum.plus(moved).is_none()) {
            return None;
        }
        if later.first().is_none_or(|(moment, _)| *moment != at) {
            before.plus(moved)?;
            self.0.insert(index, (at, before));
        }
        for (_, sum) in self.0.iter_mut().skip(index) {
            *sum = sum.plus(moved)?;
        }
        if self.0.get(index).is_some_and(|(_, sum)| *sum == before) {
            self.0.remove(index);
        }
        Some(())
    }

    /// Returns the movements of two runs as one run. Returns `None` if a sum does not fit.
    fn merged(&self, other: &Self) -> Option<Self> {
        let mut merged = Self(Vec::with_capacity(self.0.len().saturating_add(other.0.len())));
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut of_one, mut of_two, mut last) = (Kept::default(), Kept::default(), Kept::default());
        while let Some(at) = [one.peek(), two.peek()].into_iter().flatten().map(|(at, _)| *at).min() {
            if let Some((_, sum)) = one.next_if(|(moment, _)| *moment == at) {
                of_one = *sum;
            }
            if let Some((_, sum)) = two.next_if(|(moment, _)| *moment == at) {
                of_two = *sum;
            }
            let sum = of_one.plus(of_two)?;
            if sum != last {
                merged.0.push((at, sum));
                last = sum;
            }
        }
        Some(merged)
    }
}

impl Default for Movements {
    fn default() -> Self {
        Self { runs: Vec::new(), gross: Some(Kept::default()) }
    }
}

impl Movements {
    /// Returns the number of moments that are kept.
    pub(super) fn len(&self) -> usize {
        self.runs.iter().map(|run| run.0.len()).sum()
    }

    /// Returns `None` and changes nothing that can be read if a sum does not fit.
    pub(super) fn add(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        let gross = moved.magnitude().and_then(|moved| self.gross?.plus(moved));
        if gross.is_none() {
            return self.add_large(at, moved);
        }
        self.gross = gross;
        match self.runs.first_mut() {
            Some(first) if first.0.last().is_none_or(|(last, _)| *last <= at) => first.push(at, moved),
            _ => {
                let mut run = Run::default();
                run.push(at, moved)?;
                self.runs.push(run);
                self.merge_runs(|longer, shorter| shorter >= longer);
                Some(())
            }
        }
    }

    /// Adds a movement whose sums may not fit, which never happens to the amounts of decisions.
    fn add_large(&mut self, at: Timestamp, moved: Kept) -> Option<()> {
        self.merge_runs(|_, _| true);
        if self.runs.is_empty() {
            self.runs.push(Run::default());
        }
        let run = self.runs.first_mut()?;
        run.insert(at, moved)?;
        self.gross =
            run.each().try_fold(Kept::default(), |gross, (_, moved)| gross.plus(moved?.magnitude()?));
        Some(())
    }

    /// Merges the last two runs while their lengths are such.
    fn merge_runs(&mut self, merge: impl Fn(usize, usize) -> bool) {
        while let [.., longer, shorter] = self.runs.as_slice()
            && merge(longer.0.len(), shorter.0.len())
        {
            // Cannot fail: the gross sum fits while there are two runs.
            let Some(merged) = longer.merged(shorter) else { return };
            self.runs.truncate(self.runs.len().saturating_sub(2));
            self.runs.push(merged);
        }
    }

    /// Returns the sum of movements later than `after`, up to and including `until`.
    pub(super) fn between(&self, after: Timestamp, until: Timestamp) -> Option<Kept> {
        self.runs.iter().try_fold(Kept::default(), |sum, run| sum.plus(run.between(after, until)?))
    }

    /// Returns each moment with what moved at it, in order.
    pub(super) fn each(&self) -> Vec<(Timestamp, Kept)> {
        let moved = |run: &Run| run.each().filter_map(|(at, moved)| Some((at, moved?))).collect::<Vec<_>>();
        let mut all: Vec<(Timestamp, Kept)> = self.runs.iter().flat_map(moved).collect();
        if self.runs.len() > 1 {
            all.sort_by_key(|(at, _)| *at);
            all.dedup_by(|(at, moved), (kept_at, kept)| {
                let sum = kept.plus(*moved).filter(|_| at == kept_at);
                sum.map(|sum| *kept = sum).is_some()
            });
        }
        all
    }

    /// Drops the movements up to and including `after`. The last dropped moment stays: its running sum is subtracted from those
    /// of later moments.
    pub(super) fn drop_until(&mut self, after: Timestamp) {
        self.merge_runs(|_, _| true);
        for run in &mut self.runs {
            let gone = run.0.partition_point(|(at, _)| *at <= after);
            run.0.drain(..gone.saturating_sub(1));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::time::Duration;

    /// A read takes a binary search in each run, and adding to a run never moves what stands in it.
    #[test]
    fn there_are_few_runs_whatever_the_order() {
        let moved = Kept::of_actions(1);
        let at =
            |n: i64| Timestamp::parse("2026-01-01T00:00:00Z").unwrap().plus(Duration { seconds: n }).unwrap();
        let orders: [fn(i64) -> i64; 4] =
            [|n| n, |n| -n, |n| n * 7_919 % 10_007, |n| if n % 2 == 0 { n } else { -n }];
        for order in orders {
            let (mut movements, mut most) = (Movements::default(), 0);
            for n in 0..10_000 {
                movements.add(at(order(n)), moved).unwrap();
                most = most.max(movements.runs.len());
            }
            assert!(most <= 15, "{most} runs of 10,000 movements");
            assert_eq!(movements.len(), 10_000);
            let halves =
                movements.runs.windows(2).all(|pair| matches!(pair, [a, b] if a.0.len() > b.0.len()));
            assert!(halves, "a run is at least as long as the run before it");
        }
    }
}
