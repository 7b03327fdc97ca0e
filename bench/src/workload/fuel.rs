//! What a unit of fuel costs: for each operation of the rule language, on the arguments that take longest, the nanoseconds a
//! unit. A limit on fuel bounds time only as far as these figures are alike, so each, compiled or not, is held to four times the
//! median of the interpreter.

use std::hint::black_box;

use accrue::facts::Action;
use accrue::{Decision, Engine, Options as DecideOptions, Program, Reference, Rules};

use crate::measure::{Contender, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::subject::operations::{self, Carries, Operation};
use crate::{Options, Result};

/// How many times the median an operation may take for a unit of fuel.
const APART: f64 = 4.0;

/// A way of deciding: its name, the rules of its engine, whether it traces, and whether it is held to the bar. A trace is asked
/// for by a person and not in a run, so its figures are reported only.
const WAYS: [(&str, Rules, bool, bool); 3] = [
    ("interpreted", Rules::Interpreted, false, true),
    ("compiled", Rules::Native, false, true),
    ("traced", Rules::Native, true, false),
];

/// The name of the program without the operation.
const BASE: &str = "base";
/// The name of the program with the operation.
const WITH: &str = "with";

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let reference = operations::reference()?;
    let all = operations::all();
    let mut actions = Vec::new();
    for carries in [Carries::Items, Carries::FewItems, Carries::Texts] {
        actions.push((carries, operations::action(carries)?));
    }
    let mut failed = Vec::new();
    // The median of the first way, the interpreter, which is the reference.
    let mut price_of_all = None;
    for (way, rules, trace, is_held) in WAYS {
        let engine = Engine::builder().limits(operations::limits()).rules(rules).build();
        let mut figures = Vec::new();
        for operation in &all {
            let is_meant = options.who.as_ref().is_none_or(|who| operation.name.contains(who.as_str()));
            let action = actions.iter().find(|(carries, _)| *carries == operation.carries);
            let Some((_, action)) = action.filter(|_| is_meant) else { continue };
            let (base, with) = match (engine.load(&operation.base()), engine.load(&operation.source())) {
                (Ok(base), Ok(with)) => (base, with),
                (Err(faults), _) | (_, Err(faults)) => {
                    failed.push(format!("{way}: {}: {faults}", operation.name));
                    continue;
                }
            };
            let pair = Pair { base, with, action, reference: &reference, trace };
            match pair.nanoseconds(operation, options) {
                Ok(nanoseconds) => figures.push((operation, nanoseconds)),
                Err(error) => failed.push(format!("{way}: {error}")),
            }
        }
        figures.sort_by(|a, b| b.1.total_cmp(&a.1));
        let median = figures.get(figures.len() / 2).map(|(_, figure)| *figure);
        let Some(price) = price_of_all.or(median) else { continue };
        price_of_all = Some(price);
        for (operation, nanoseconds) in figures {
            let name = format!("fuel, {way}: {}", operation.name);
            let figure = Figure::new(name, nanoseconds, "ns a unit").ratio(nanoseconds / price);
            report.push(if is_held { figure.bar(Bar::AtMost(APART)) } else { figure });
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

/// A program with an operation, the same without, and what both decide.
struct Pair<'a> {
    base: Program,
    with: Program,
    action: &'a Action,
    reference: &'a Reference,
    trace: bool,
}

impl Pair<'_> {
    fn decide(&self, program: &Program) -> Result<Decision> {
        let options = if self.trace { DecideOptions::traced() } else { DecideOptions::default() };
        Ok(program.decide(self.action, self.reference, &program.counters(), options)?)
    }

    /// The nanoseconds that the operation takes for each unit of fuel that it is charged.
    fn nanoseconds(&self, operation: &Operation, options: &Options) -> Result<f64> {
        let (base, with) = (self.decide(&self.base)?, self.decide(&self.with)?);
        let failed = with.all_reasons().find(|(_, reason)| reason.fault.is_some());
        if let Some((_, reason)) = failed {
            return Err(format!("{}: {:?}", operation.name, reason.fault).into());
        }
        let fuel = with.fuel.checked_sub(base.fuel).filter(|fuel| *fuel > 0);
        let fuel = fuel.ok_or_else(|| format!("{} uses no fuel", operation.name))?;
        let run = |program| {
            move || {
                black_box(self.decide(black_box(program)).is_ok());
            }
        };
        let times = take_turns(
            if options.quick { 15 } else { 51 },
            &mut [Contender::new(BASE, run(&self.base)), Contender::new(WITH, run(&self.with))],
        );
        let spent = times.best(WITH).saturating_sub(times.best(BASE));
        Ok(spent.as_secs_f64() * 1e9 / fuel as f64)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_a_rule_that_runs() {
        let reference = operations::reference().unwrap();
        let engine = Engine::builder().limits(operations::limits()).rules(Rules::Interpreted).build();
        for mut operation in operations::all() {
            operation.carries = Carries::FewItems;
            let action = operations::action(operation.carries).unwrap();
            let program = engine.load(&operation.source());
            let program =
                program.unwrap_or_else(|faults| panic!("{}: {faults}\n{}", operation.name, operation.rule()));
            let pair = Pair {
                base: program.clone(),
                with: program,
                action: &action,
                reference: &reference,
                trace: false,
            };
            let decision = pair.decide(&pair.with).unwrap();
            assert!(
                decision.all_reasons().all(|(_, reason)| reason.fault.is_none()),
                "{}: {decision:?}",
                operation.name
            );
        }
    }
}
