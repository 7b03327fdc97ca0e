//! Every way to decide actions, compared.
//!
//! The interpreted engine ([`accrue::Rules::Interpreted`]) is the reference. The compiled engine must give the same decisions,
//! and so must traces and batches: payouts, lines, reasons, fuel and receipts.

use accrue::decide::Decision;
use accrue::{Action, Counters, DecideError, Options, Program, Reference};

use crate::ensure_eq;

type Outcome = Result<Decision, DecideError>;

/// One program, loaded by a compiled and by an interpreted engine, and what it decides.
#[derive(Clone, Copy, Debug)]
pub struct Ways<'a> {
    /// The program of an engine that compiles rules.
    pub compiled: &'a Program,
    /// The same program of an engine that interprets rules.
    pub portable: &'a Program,
    /// The actions, in any order. An action that comes twice is recorded once.
    pub actions: &'a [Action],
    /// Everything else that is known.
    pub reference: &'a Reference,
}

/// The totals of both programs, which must stay equal.
#[derive(Clone, Debug)]
struct Counted {
    compiled: Counters,
    portable: Counters,
}

impl<'a> Ways<'a> {
    /// Decides by every way. Returns the decisions of the interpreted engine in the order of (occurred-at, id).
    ///
    /// # Errors
    ///
    /// Describes the first difference.
    pub fn compare(&self) -> Result<Vec<Decision>, String> {
        self.batches()?;
        self.one_by_one()
    }

    /// Decides, explains and records the actions one after the other, in the order of (occurred-at, id).
    ///
    /// # Errors
    ///
    /// Describes the first difference.
    pub fn one_by_one(&self) -> Result<Vec<Decision>, String> {
        let mut counted = self.nothing_counted();
        let mut decisions = Vec::with_capacity(self.actions.len());
        for action in self.in_order() {
            let Some(decision) = self.decide(action, &counted)? else { continue };
            counted.apply(&decision)?;
            decisions.push(decision);
        }
        counted.agree()?;
        Ok(decisions)
    }

    /// Decides the actions in batches of several sizes and orders, on totals of no action, of half of them and of all.
    ///
    /// # Errors
    ///
    /// Describes the first difference.
    pub fn batches(&self) -> Result<(), String> {
        let order = self.in_order();
        let (first, second) = order.split_at(order.len() / 2);
        let mut counted = self.nothing_counted();
        self.batches_on(&counted)?;
        for part in [first, second] {
            let part: Vec<Action> = part.iter().map(|action| (*action).clone()).collect();
            let compiled = self.compiled.decide_all(&part, self.reference, &mut counted.compiled);
            let portable = self.portable.decide_all(&part, self.reference, &mut counted.portable);
            ensure_eq!(compiled.len(), portable.len());
            for (compiled, portable) in compiled.iter().zip(&portable) {
                ensure_eq!(compiled.index, portable.index);
                match (&compiled.decision, &portable.decision) {
                    (Ok(compiled), Ok(portable)) => same("all at once", portable, compiled)?,
                    (compiled, portable) => ensure_eq!(compiled, portable),
                }
            }
            counted.agree()?;
            self.batches_on(&counted)?;
        }
        Ok(())
    }

    /// The decision of the interpreted engine; `None` if the program refuses the action.
    fn decide(&self, action: &Action, counted: &Counted) -> Result<Option<Decision>, String> {
        let expected = self.portable.decide(action, self.reference, &counted.portable, Options::default());
        let decided = self.compiled.decide(action, self.reference, &counted.compiled, Options::default());
        same_outcome("decided", &expected, &decided)?;
        let explained = self.portable.decide(action, self.reference, &counted.portable, Options::traced());
        let traced = self.compiled.decide(action, self.reference, &counted.compiled, Options::traced());
        same_outcome("explained", &explained, &traced)?;
        let untraced = explained.map(|mut decision| {
            decision.trace = None;
            decision
        });
        same_outcome("without its trace", &expected, &untraced)?;
        Ok(expected.ok())
    }

    fn batches_on(&self, counted: &Counted) -> Result<(), String> {
        let expected: Vec<Outcome> = self
            .actions
            .iter()
            .map(|action| self.portable.decide(action, self.reference, &counted.portable, Options::default()))
            .collect();
        let all = 0..self.actions.len();
        let again: Vec<usize> = all.clone().flat_map(|n| [n, n]).collect();
        // A module keeps nothing from one action to the next, so neither order nor size of a batch matters.
        self.batch(&all.clone().collect::<Vec<_>>(), &expected, counted)?;
        self.batch(&all.clone().rev().collect::<Vec<_>>(), &expected, counted)?;
        for some in again.chunks(3) {
            self.batch(some, &expected, counted)?;
        }
        let portable = batched(self.portable, self.actions, self.reference, &counted.portable)?;
        ensure_eq!(portable.len(), expected.len());
        portable
            .iter()
            .zip(&expected)
            .try_for_each(|(batched, expected)| same_outcome("interpreted in a batch", expected, batched))
    }

    /// Decides the actions at these indices in one batch of the compiled program.
    fn batch(&self, indices: &[usize], expected: &[Outcome], counted: &Counted) -> Result<(), String> {
        let actions: Vec<Action> = indices.iter().filter_map(|n| self.actions.get(*n)).cloned().collect();
        let batch = batched(self.compiled, &actions, self.reference, &counted.compiled)?;
        ensure_eq!(batch.len(), indices.len());
        let expected = indices.iter().filter_map(|n| expected.get(*n));
        batch
            .iter()
            .zip(expected)
            .try_for_each(|(batched, expected)| same_outcome("in a batch", expected, batched))
    }

    fn in_order(&self) -> Vec<&'a Action> {
        let mut order: Vec<&Action> = self.actions.iter().collect();
        order.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        order
    }

    fn nothing_counted(&self) -> Counted {
        Counted { compiled: self.compiled.counters(), portable: self.portable.counters() }
    }
}

impl Counted {
    fn apply(&mut self, decision: &Decision) -> Result<(), String> {
        let compiled = self.compiled.apply(&decision.postings);
        let portable = self.portable.apply(&decision.postings);
        ensure_eq!(compiled, portable);
        compiled.map_err(|error| error.to_string())
    }

    fn agree(&self) -> Result<(), String> {
        ensure_eq!(self.compiled.entries(), self.portable.entries());
        Ok(())
    }
}

fn batched(
    program: &Program,
    actions: &[Action],
    reference: &Reference,
    counters: &Counters,
) -> Result<Vec<Outcome>, String> {
    let decided = program.decide_batch(actions, reference, counters).map_err(|error| error.to_string())?;
    Ok(decided.into_iter().map(|decision| decision.map_err(DecideError::from)).collect())
}

fn same_outcome(what: &str, expected: &Outcome, found: &Outcome) -> Result<(), String> {
    match (expected, found) {
        (Ok(expected), Ok(found)) => same(what, expected, found),
        (expected, found) => {
            ensure_eq!(expected, found, "{what}");
            Ok(())
        }
    }
}

/// Fails with the lines of JSON in which two decisions differ.
fn same(what: &str, expected: &Decision, found: &Decision) -> Result<(), String> {
    let text = |decision: &Decision| serde_json::to_string(decision).map_err(|error| error.to_string());
    if expected == found && text(expected)? == text(found)? {
        return Ok(());
    }
    let lines = |decision: &Decision| serde_json::to_string_pretty(decision).unwrap_or_default();
    let (expected_lines, found_lines) = (lines(expected), lines(found));
    let differing: Vec<String> = expected_lines
        .lines()
        .zip(found_lines.lines())
        .filter(|(expected, found)| expected != found)
        .take(12)
        .map(|(expected, found)| format!("- {expected}\n+ {found}"))
        .collect();
    Err(format!(
        "`{}` {what}, expected (-) and found (+):\n{}\n\n{expected_lines}",
        expected.action,
        differing.join("\n")
    ))
}
