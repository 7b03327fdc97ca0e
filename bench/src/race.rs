//! A race: one contract over the same facts by every contender. Contenders enter; a figure for each, its ratio to
//! hand-written Rust and the bars it is held to leave.

use std::hint::black_box;

use crate::measure::{Contender, Times, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::subject::{Answer, Subject};
use crate::ways::{Receipts, Way, Ways, all_agree};
use crate::{Options, Result};

/// Hand-written Rust with `rust_decimal`.
pub const NATIVE: &str = "native";
/// The same, with the receipt of a decision: what nobody can decide without.
pub const NATIVE_RECEIPT: &str = "native and a receipt";
/// Hand-written Rust with whole cents in 64 bits.
pub const CENTS: &str = "native, whole cents";

/// One contract, one set of facts, and who runs.
#[derive(Debug)]
pub struct Race<'a> {
    title: &'static str,
    actions: usize,
    contenders: Vec<Contender<'a>>,
    held: Vec<(&'static str, &'static str, Bar)>,
}

impl<'a> Race<'a> {
    /// A race of the engine's own ways, once they have given the expected answers.
    pub fn new(title: &'static str, subject: &'a Subject, expected: &[Answer]) -> Result<Self> {
        all_agree(subject, expected)?;
        let mut race =
            Self { title, actions: subject.actions.len(), contenders: Vec::new(), held: Vec::new() };
        for way in Way::ALL {
            let ways = Ways::new(way, subject);
            race.add(Contender::new(way.name(), move || ways.run(&subject.actions)));
        }
        Ok(race)
    }

    /// Lets hand-written code run on prepared facts, with the receipt that the engine takes.
    pub fn with_receipt<F>(
        &mut self,
        facts: &'a [F],
        receipts: &'a Receipts,
        mut assess: impl FnMut(&F) + 'a,
    ) {
        self.add(Contender::new(NATIVE_RECEIPT, move || {
            for (n, facts) in facts.iter().enumerate() {
                assess(black_box(facts));
                black_box(receipts.receipt(n));
            }
        }));
    }

    /// Lets somebody else run too.
    pub fn add(&mut self, contender: Contender<'a>) {
        self.contenders.push(contender);
    }

    /// Lets somebody run that goes over prepared facts, one by one.
    pub fn over<F>(&mut self, name: &'static str, facts: &'a [F], mut assess: impl FnMut(&F) + 'a) {
        self.add(Contender::new(name, move || {
            for facts in facts {
                assess(black_box(facts));
            }
        }));
    }

    /// Holds the ratio of one contender to another to a bar.
    pub fn hold(&mut self, of: &'static str, to: &'static str, bar: Bar) {
        self.held.push((of, to, bar));
    }

    /// Everybody runs.
    pub fn run(mut self, options: &Options, report: &mut Report) {
        if let Some(who) = &options.who {
            self.contenders
                .retain(|contender| contender.name == NATIVE || contender.name.contains(who.as_str()));
            self.held.retain(|(of, to, _)| {
                [of, to].iter().all(|name| self.contenders.iter().any(|contender| contender.name == **name))
            });
        }
        let times = take_turns(if options.quick { 21 } else { 51 }, &mut self.contenders);
        self.tell(report, &times);
    }

    /// A figure for each, with its ratio to native Rust; then the ratios to others that have a bar.
    fn tell(&self, report: &mut Report, times: &Times) {
        let figure = |what: &str, name: &str| {
            let nanoseconds = times.best(name).as_secs_f64() * 1e9 / self.actions as f64;
            Figure::new(format!("{}: {what}", self.title), nanoseconds, "ns")
        };
        for name in times.names() {
            let mut figure = figure(name, name);
            if *name != NATIVE {
                figure = figure.ratio(times.ratio(name, NATIVE));
            }
            let bar = self.held.iter().find(|(of, to, _)| of == name && *to == NATIVE);
            report.push(match bar {
                Some((_, _, bar)) => figure.bar(*bar),
                None => figure,
            });
        }
        for (of, to, bar) in self.held.iter().filter(|(_, to, _)| *to != NATIVE) {
            report.push(figure(&format!("{of} / {to}"), of).ratio(times.ratio(of, to)).bar(*bar));
        }
    }
}
