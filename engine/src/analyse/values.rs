//! Sets of values that a fact may have: intervals of numbers, finite and cofinite sets of text, and truth values, each with or without
//! *unknown*. Knows nothing of facts and rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

/// The values that a variable may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    /// Whether the value may be unknown.
    pub(super) unknown: bool,
    /// The values that it may have if it is known.
    pub(super) known: Known,
}

/// A set of known values of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Truth values.
    Bools {
        /// Whether `false` is in the set.
        no: bool,
        /// Whether `true` is in the set.
        yes: bool,
    },
    /// Numbers: integers, decimals, amounts; and moments, dates and durations as seconds or days.
    Numbers(Numbers),
    /// Texts.
    Texts(Texts),
}

/// A point of the number line just before or just after a number, at which a set begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    at: Decimal,
    after: bool,
}

/// A set of numbers: a union of intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Whether the set reaches down without end.
    from_below: bool,
    /// Where membership changes, in rising order.
    cuts: Vec<Cut>,
    /// Whether only whole numbers are meant.
    whole: bool,
}

/// An interval of a set of numbers; `None` is no end. A bound has whether it is inside.
pub(super) type Bounds = (Option<(Decimal, bool)>, Option<(Decimal, bool)>);

/// A set of texts: those listed, or all but those listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Texts {
    /// Whether the set consists of all other texts.
    pub(super) all_but: bool,
    /// The texts.
    pub(super) listed: BTreeSet<Arc<str>>,
}

impl Values {
    pub(super) fn known(known: Known) -> Self {
        Self { unknown: false, known }
    }

    pub(super) fn bool(value: bool) -> Self {
        Self::known(Known::Bools { no: !value, yes: value })
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.unknown && self.known.is_empty()
    }

    /// Returns whether two sets have a value in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        (self.unknown && other.unknown) || self.known.meets(&other.known)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self { unknown: self.unknown && other.unknown, known: self.known.and(&other.known) }
    }

    /// Returns the values of `self` that are not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self { unknown: self.unknown && !other.unknown, known: self.known.and(&other.known.complement()) }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        let known = self.known.complement().and(&other.known.complement()).complement();
        Self { unknown: self.unknown || other.unknown, known }
    }
}

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Bools { no, yes } => !no && !yes,
            Self::Numbers(numbers) => !numbers.from_below && numbers.cuts.is_empty(),
            Self::Texts(texts) => !texts.all_but && texts.listed.is_empty(),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bools { no, yes }, Self::Bools { no: other_no, yes: other_yes }) => {
                (*no && *other_no) || (*yes && *other_yes)
            }
            (Self::Texts(one), Self::Texts(other)) => match (one.all_but, other.all_but) {
                (true, true) => true,
                (false, _) => one.listed.iter().any(|text| other.contains(text)),
                (true, false) => other.listed.iter().any(|text| one.contains(text)),
            },
            _ => !self.and(other).is_empty(),
        }
    }

    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Bools { no, yes }, Self::Bools { no: other_no, yes: other_yes }) => {
                Self::Bools { no: *no && *other_no, yes: *yes && *other_yes }
            }
            (Self::Numbers(one), Self::Numbers(other)) => Self::Numbers(one.and(other)),
            (Self::Texts(one), Self::Texts(other)) => Self::Texts(one.and(other)),
            // A variable has one type; sets of different types have nothing in common.
            _ => Self::Bools { no: false, yes: false },
        }
    }

    pub(super) fn complement(&self) -> Self {
        match self {
            Self::Bools { no, yes } => Self::Bools { no: !no, yes: !yes },
            Self::Numbers(numbers) => Self::Numbers(numbers.complement()),
            Self::Texts(texts) => {
                Self::Texts(Texts { all_but: !texts.all_but, listed: texts.listed.clone() })
            }
        }
    }
}

impl Texts {
    pub(super) fn of(listed: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { all_but: false, listed: listed.into_iter().collect() }
    }

    pub(super) fn all() -> Self {
        Self { all_but: true, listed: BTreeSet::new() }
    }

    fn and(&self, other: &Self) -> Self {
        let only = |keep: &Self, of: &Self| Self {
            all_but: false,
            listed: keep.listed.iter().filter(|text| of.contains(text)).cloned().collect(),
        };
        match (self.all_but, other.all_but) {
            (false, _) => only(self, other),
            (true, false) => only(other, self),
            (true, true) => {
                Self { all_but: true, listed: self.listed.union(&other.listed).cloned().collect() }
            }
        }
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.listed.contains(text) != self.all_but
    }
}

impl Numbers {
    pub(super) fn all(whole: bool) -> Self {
        Self { from_below: true, cuts: Vec::new(), whole }
    }

    /// Returns the numbers between two bounds, each with whether it is inside.
    pub(super) fn between((low, high): Bounds, whole: bool) -> Self {
        let low = low.map(|(at, inside)| cut(at, !inside, whole));
        let high = high.map(|(at, inside)| cut(at, inside, whole));
        if let (Some(low), Some(high)) = (low, high)
            && low >= high
        {
            return Self { from_below: false, cuts: Vec::new(), whole };
        }
        Self { from_below: low.is_none(), cuts: low.into_iter().chain(high).collect(), whole }
    }

    pub(super) fn complement(&self) -> Self {
        Self { from_below: !self.from_below, ..self.clone() }
    }

    /// Returns whether the numbers are whole.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    pub(super) fn point(at: Decimal, whole: bool) -> Self {
        Self::between((Some((at, true)), Some((at, true))), whole)
    }

    fn and(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.from_below, other.from_below);
        let from_below = one && two;
        let mut inside = from_below;
        let mut cuts = Vec::new();
        let (mut left, mut right) = (self.cuts.iter().peekable(), other.cuts.iter().peekable());
        loop {
            let at = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => **(a.min(b)),
                (Some(a), None) => **a,
                (None, Some(b)) => **b,
                (None, None) => break,
            };
            if left.next_if(|cut| **cut == at).is_some() {
                one = !one;
            }
            if right.next_if(|cut| **cut == at).is_some() {
                two = !two;
            }
            if (one && two) != inside {
                inside = !inside;
                cuts.push(at);
            }
        }
        Self { from_below, cuts, whole: self.whole && other.whole }
    }

    pub(super) fn contains(&self, number: Decimal) -> bool {
        let before = self.cuts.iter().filter(|cut| (cut.at, cut.after) < (number, true)).count();
        (before % 2 == 1) != self.from_below
    }

    /// Returns the intervals in rising order.
    pub(super) fn intervals(&self) -> Vec<Bounds> {
        let mut found = Vec::new();
        let mut low = if self.from_below { Some(None) } else { None };
        for cut in &self.cuts {
            match low.take() {
                Some(from) => found.push((from, Some((cut.at, cut.after)))),
                None => low = Some(Some((cut.at, !cut.after))),
            }
        }
        if let Some(from) = low {
            found.push((from, None));
        }
        found
    }

    /// Returns a few members, the plainest first: a preferred number if it is inside, then the edges of each interval and numbers
    /// near them. `step` is the smallest difference between two numbers that a fact may have.
    pub(super) fn samples(&self, preferred: &[Decimal], step: Decimal) -> Vec<Decimal> {
        let mut found: Vec<Decimal> =
            preferred.iter().copied().filter(|number| self.contains(*number)).collect();
        let mut near = |number: Option<Decimal>| {
            if let Some(number) = number
                && self.contains(number)
                && !found.contains(&number)
            {
                found.push(number);
            }
        };
        for (low, high) in self.intervals().into_iter().take(MOST_INTERVALS) {
            if let Some((at, _)) = low {
                for by in [Decimal::ZERO, Decimal::ONE, Decimal::TEN, step] {
                    near(at.checked_add(by));
                }
            }
            if let Some((at, _)) = high {
                for by in [Decimal::ONE, Decimal::ZERO, Decimal::TEN, step] {
                    near(at.checked_sub(by));
                }
            }
        }
        found
    }
}

/// The most intervals of a set that samples are taken from.
const MOST_INTERVALS: usize = 4;

/// Returns the cut before or after a number. Between whole numbers there is one cut, which is before a number.
fn cut(at: Decimal, after: bool, whole: bool) -> Cut {
    if !whole {
        return Cut { at: at.normalize(), after };
    }
    let at = if after { at.floor().checked_add(Decimal::ONE).unwrap_or(at) } else { at.ceil() };
    Cut { at: at.normalize(), after: false }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn number(value: i64) -> Decimal {
        value.into()
    }

    fn from_to(low: i64, high: i64, whole: bool) -> Known {
        Known::Numbers(Numbers::between((Some((number(low), true)), Some((number(high), false))), whole))
    }

    #[test]
    fn sets_keep_the_laws_of_sets_at_every_number() {
        let sets = [from_to(0, 10, false), from_to(5, 15, false), from_to(10, 10, false)];
        let sets: Vec<Known> = sets.iter().flat_map(|set| [set.clone(), set.complement()]).collect();
        for one in &sets {
            for two in &sets {
                let (a, b) = (Values::known(one.clone()), Values::known(two.clone()));
                let results = [a.and(&b), a.or(&b), a.without(&b)];
                for halves in -2..40 {
                    let at = number(halves) / number(2);
                    let has = |values: &Values| match &values.known {
                        Known::Numbers(numbers) => numbers.contains(at),
                        _ => unreachable!(),
                    };
                    let (in_a, in_b) = (has(&a), has(&b));
                    assert_eq!(
                        results.clone().map(|set| has(&set)),
                        [in_a && in_b, in_a || in_b, in_a && !in_b]
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_lies_between_two_whole_numbers() {
        let between = |whole| {
            Known::Numbers(Numbers::between((Some((number(1), false)), Some((number(2), false))), whole))
        };
        assert!(between(true).is_empty());
        assert!(!between(false).is_empty());
    }

    #[test]
    fn samples_are_members() {
        let Known::Numbers(numbers) = from_to(5, 6, false).complement() else { unreachable!() };
        let samples = numbers.samples(&[number(5), number(100)], Decimal::new(1, 2));
        assert!(samples.iter().all(|sample| numbers.contains(*sample)));
        assert_eq!(samples.first(), Some(&number(100)));
        assert!(samples.contains(&number(4)) && samples.contains(&number(6)));
    }
}
