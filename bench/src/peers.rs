//! The five branches on other engines that a platform might embed: rules compiled and facts prepared beforehand, one
//! evaluation an action, in turns with Accrue's own ways and with hand-written Rust. The engines themselves are a package of
//! their own, `bench/peers`, since they take long to build; all that races them is here.
//!
//! Every peer must come within a millionth of the exact amount, or it computes something else. On how many actions it is
//! exact stands beside its figure: binary floats are near, and a cent is a cent.

use std::hint::black_box;

use rust_decimal::Decimal;

use crate::measure::Contender;
use crate::native;
use crate::native::five::Facts;
use crate::race::{NATIVE, Race};
use crate::report::{Bar, Figure, Report};
use crate::subject::{self, ACTIONS, Answer};
use crate::ways::{BATCH, DECIDE};
use crate::{Options, Result};

/// An engine with the rule compiled and the facts of every action prepared.
pub trait Peer {
    /// Its name and release.
    const NAME: &'static str;
    /// What an evaluation gives.
    type Answer;

    /// Actions prepared.
    fn actions(&self) -> usize;

    /// Evaluates the rule on an action.
    fn evaluate(&mut self, n: usize) -> Option<Self::Answer>;

    /// What it pays on an action, as a decimal, to the last digit that it shows.
    fn paid(&mut self, n: usize) -> Option<Decimal>;
}

/// Peers that have shown what they pay.
#[derive(Debug)]
pub struct Entered<'a> {
    expected: &'a [Answer],
    report: &'a mut Report,
    contenders: Vec<Contender<'static>>,
}

impl Entered<'_> {
    /// Lets a peer run, once it has paid what is expected; on how many actions exactly goes to the report.
    pub fn enter<P: Peer + 'static>(&mut self, mut peer: P) -> Result {
        let mut exactly = 0;
        for (n, answer) in self.expected.iter().enumerate() {
            let (_, exact, _) = answer.lines.first().ok_or("every action has a line")?;
            let paid = peer.paid(n).ok_or_else(|| format!("{} does not answer action {n}", P::NAME))?;
            if (paid - exact).abs() > Decimal::new(1, 6) {
                return Err(format!("on action {n} {} pays {paid} instead of {exact}", P::NAME).into());
            }
            exactly += u32::from(paid == *exact);
        }
        let share = 100.0 * f64::from(exactly) / self.expected.len() as f64;
        self.report.push(Figure::new(format!("exact amounts: {}", P::NAME), share, "%"));
        self.contenders.push(Contender::new(P::NAME, move || {
            for n in 0..peer.actions() {
                black_box(peer.evaluate(n));
            }
        }));
        Ok(())
    }
}

/// Races the peers that `enter` makes of the facts.
pub fn race(
    options: &Options,
    report: &mut Report,
    enter: impl FnOnce(&[Facts<Decimal>], &mut Entered<'_>) -> Result,
) -> Result {
    let subject = subject::five::ordinary(ACTIONS)?;
    let cases = subject.cases()?;
    let facts = cases.iter().map(subject::five::facts::<Decimal>).collect::<Result<Vec<_>>>()?;
    let expected = subject::five::answers(&facts)?;
    let mut entered = Entered { expected: &expected, report, contenders: Vec::new() };
    enter(&facts, &mut entered)?;
    let contenders = entered.contenders;

    let mut race = Race::new("five branches", &subject, &expected)?;
    let params = native::five::Params::new();
    race.over(NATIVE, &facts, |facts| {
        black_box(native::five::assess(facts, &params));
    });
    for peer in contenders {
        for way in [DECIDE, BATCH] {
            race.hold(peer.name, way, Bar::AtLeast(1.0));
        }
        race.add(peer);
    }
    race.run(options, report);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Pays these amounts.
    struct Pays([Decimal; 2]);

    impl Peer for Pays {
        const NAME: &'static str = "a peer";
        type Answer = Decimal;

        fn actions(&self) -> usize {
            self.0.len()
        }

        fn evaluate(&mut self, n: usize) -> Option<Decimal> {
            self.0.get(n).copied()
        }

        fn paid(&mut self, n: usize) -> Option<Decimal> {
            self.evaluate(n)
        }
    }

    #[test]
    fn a_peer_that_computes_something_else_does_not_run() {
        let amount = |hundred_millionths| Decimal::new(hundred_millionths, 8);
        let expected = [100, 200].map(|units| Answer {
            restrictions: Default::default(),
            lines: vec![(String::new(), amount(units), amount(units))],
        });
        let enter = |amounts: [i64; 2]| {
            let mut report = Report::default();
            let mut entered = Entered { expected: &expected, report: &mut report, contenders: Vec::new() };
            let result = entered.enter(Pays(amounts.map(amount))).map_err(|error| error.to_string());
            (result, entered.contenders.len(), report.to_string())
        };
        let (result, running, report) = enter([100, 201]);
        assert_eq!((result, running), (Ok(()), 1));
        assert!(report.contains("50.000"), "{report}");
        let (result, running, _) = enter([100, 400]);
        assert_eq!(result, Err("on action 1 a peer pays 0.00000400 instead of 0.00000200".to_owned()));
        assert_eq!(running, 0);
    }
}
