//! What is measured on: a program and made-up actions enter; cases, the facts of one action as rules see them, leave,
//! and what a contract says about each in a form that every contender can be held to.

pub mod brackets;
pub mod five;
pub mod groups;
pub mod operations;
pub mod outdoor;
pub mod wholesale;
pub mod worst;

use std::collections::BTreeSet;

use accrue::Source;
use accrue::facts::Action;
use accrue::internals::run::{RuleInput, TotalAdds, TotalFacts};
use accrue::internals::terms;
use accrue::money::Money;
use accrue::{Decision, Engine, Program, Reference, Rules};
use rust_decimal::Decimal;

use crate::Result;
use crate::native::{Amount, Line};

/// Actions of a subject: enough to visit every branch in no pattern that a processor would learn. A thousand are learnt: native
/// code then takes from one to three times as long, depending on who else runs in between.
pub const ACTIONS: usize = 16_384;

/// The one moment that the actions of most subjects happen at.
const MOMENT: &str = "2026-03-01T10:00:00Z";

/// A program of one contract, and actions for it.
#[derive(Debug)]
pub struct Subject {
    /// The program's files.
    pub source: Source,
    /// The program, compiled.
    pub program: Program,
    /// The program, interpreted.
    pub portable: Program,
    /// What is known besides the actions.
    pub reference: Reference,
    /// The actions.
    pub actions: Vec<Action>,
    /// The declared totals of each action's partner; nothing where there are none.
    pub totals: Vec<TotalFacts>,
}

impl Subject {
    /// Loads a program for these actions, each a line of JSON.
    fn new(source: Source, reference: Reference, lines: impl Iterator<Item = String>) -> Result<Self> {
        let program = Engine::default().load(&source)?;
        let portable = Engine::builder().rules(Rules::Interpreted).build().load(&source)?;
        let mut actions = Vec::new();
        for line in lines {
            let action =
                accrue::facts::read_action(&line).map_err(|error| format!("{error} in the action {line}"))?;
            actions.push(action);
        }
        Ok(Self { source, program, portable, reference, actions, totals: Vec::new() })
    }

    /// The facts of each action, credited to the partner of its first touch.
    pub fn cases(&self) -> Result<Vec<RuleInput<'_>>> {
        let terms = terms(&self.program);
        let contract = terms.contracts.first().ok_or("the program has a contract")?;
        let version = contract.versions.first().ok_or("the contract has a version")?;
        let case = |(n, action)| {
            let action: &Action = action;
            let touch = action.touches.first().ok_or("every action has a touch")?;
            let before = self.totals.get(n).cloned().unwrap_or_else(nothing_before);
            Ok(RuleInput {
                totals: version.totals.iter().map(|_| before.clone()).collect(),
                ..RuleInput::new(terms, contract, version, action, touch, &self.reference)
            })
        };
        self.actions.iter().enumerate().map(case).collect()
    }
}

/// A total before the first action.
fn nothing_before() -> TotalFacts {
    TotalFacts { this: Some(TotalAdds::default()), ..TotalFacts::default() }
}

/// The engine's own reasons for a payout of zero, which no restriction gives.
const NOTHING_PAID: [&str; 3] = ["NO_PAYOUT_GROUP", "PAYS_ZERO", "LIMIT_USED_UP"];

/// What a contract says about an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The restrictions that matched, by name.
    pub restrictions: BTreeSet<String>,
    /// The lines of the payout: the group that set each, the exact amount and the rounded one.
    pub lines: Vec<(String, Decimal, Decimal)>,
}

impl Answer {
    /// What native code says.
    pub fn native<'a, A: Amount + 'a>(
        restrictions: &[(&str, crate::native::Verdict)],
        lines: impl IntoIterator<Item = &'a Line<A>>,
    ) -> Self {
        let line =
            |line: &Line<A>| (line.group.to_owned(), line.paid.exact.exact(), line.paid.earned.decimal());
        Self {
            restrictions: restrictions.iter().map(|(name, _)| (*name).to_owned()).collect(),
            lines: lines.into_iter().map(line).collect(),
        }
    }

    /// What a decision says before limits.
    pub fn decision(decision: &Decision) -> Self {
        let lines =
            decision.awards.iter().flat_map(|award| award.lines.iter().map(move |line| (award, line)));
        let group = |award: &accrue::decide::Award, line: &accrue::decide::Line| {
            line.steps.first().map(|step| award.group(step.group).to_owned())
        };
        Self {
            restrictions: decision
                .all_reasons()
                .filter(|(_, reason)| !NOTHING_PAID.contains(&reason.code.as_str()))
                .map(|(_, reason)| reason.rule.clone())
                .collect(),
            lines: lines
                .map(|(award, line)| {
                    (group(award, line).unwrap_or_default(), line.unrounded.0, line.earned.0)
                })
                .collect(),
        }
    }
}

/// Fails where two contenders disagree on an action.
pub fn agree(subject: &Subject, who: &str, expected: &[Answer], answers: &[Answer]) -> Result {
    if expected.len() != answers.len() || expected.len() != subject.actions.len() {
        return Err(format!("{who} answers {} of {} actions", answers.len(), expected.len()).into());
    }
    for ((action, expected), answer) in subject.actions.iter().zip(expected).zip(answers) {
        if expected != answer {
            return Err(
                format!("on `{}` {who} says {answer:?}, where {expected:?} is expected", action.id).into()
            );
        }
    }
    Ok(())
}

/// An optional decimal of the facts as an amount of a native contender.
fn optional<A: Amount>(money: Option<Money>) -> Result<Option<A>> {
    money.map(|money| amount(money.0)).transpose()
}

/// A decimal of the facts as an amount of a native contender.
fn amount<A: Amount>(decimal: Decimal) -> Result<A> {
    Ok(A::of(decimal).ok_or_else(|| format!("{decimal} does not fit into whole cents"))?)
}
