//! The state of telling a rule: its locals and their names, and the functions that it calls.

use super::locals::{Uses, element, is_short, reads, uses};
use crate::card::context::Context;
use crate::card::model::Sentence;
use crate::card::sentence::{name, say, words};
use crate::card::words::Phrase;
use crate::lang::{Block, Expr, Rule};

/// How a decimal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// As a percentage, since it is a rate.
    Percent,
    /// As a number of percentage points.
    Points,
}

/// A local of the rule, by its slot.
#[derive(Clone, Debug)]
pub(super) enum Local<'r> {
    /// Told where it is read.
    Inline {
        value: &'r Expr,
        /// Whether its numbers were told before.
        is_told: bool,
    },
    /// Told by a name: a loop's element or counter, a parameter, or a letter.
    Named(Sentence),
}

/// Tells one rule.
pub(super) struct Teller<'t, 'a, 'r> {
    pub(super) context: &'t Context<'a>,
    pub(super) rule: &'r Rule,
    /// The path of the rule, and of the function whose code is told.
    pub(super) owner: String,
    pub(super) locals: Vec<Local<'r>>,
    /// The letters that were given so far.
    pub(super) letters: u32,
    /// Whether a function with this index was called.
    pub(super) called: Vec<bool>,
}

impl<'t, 'a, 'r> Teller<'t, 'a, 'r> {
    pub(super) fn new(context: &'t Context<'a>, rule: &'r Rule, owner: &str) -> Self {
        let called = vec![false; rule.functions.len()];
        let mut teller =
            Self { context, rule, owner: owner.to_owned(), locals: Vec::new(), letters: 0, called };
        teller.enter(&rule.body, rule.slots, 0);
        teller
    }

    pub(super) fn letter(&mut self) -> Sentence {
        let number = self.letters;
        self.letters = number.saturating_add(1);
        let letter = u8::try_from(number % 26).map_or('A', |n| char::from(b'A'.saturating_add(n)));
        let round = number / 26;
        name(if round == 0 { letter.to_string() } else { format!("{letter}{round}") })
    }

    /// Decides how the locals of a body are told. Slots below `params` are parameters.
    pub(super) fn enter(&mut self, body: &'r Block, slots: u16, params: u16) {
        let uses = uses(body, slots);
        let is_loop = |of: &Uses<'_>| of.loops > 0 && of.sets == 0;
        let mut locals = Vec::new();
        for (slot, of) in uses.iter().enumerate() {
            let is_stable = |slot: &u16| {
                let of = uses.get(usize::from(*slot)).copied().unwrap_or_default();
                usize::from(*slot) < usize::from(params) || is_loop(&of) || of.sets == 1
            };
            let inline = of.value.filter(|value| {
                let is_repeatable = of.reads == 1 || is_short(value);
                of.sets == 1
                    && of.loops == 0
                    && of.reads > 0
                    && slot >= usize::from(params)
                    && is_repeatable
                    && reads(value).iter().all(is_stable)
            });
            let local = match inline {
                Some(value) => Local::Inline { value, is_told: false },
                None if is_loop(of) => {
                    let noun = of.list.map_or(Phrase::Counter, element);
                    let alike = |other: &Uses<'_>| {
                        is_loop(other) && other.list.map_or(Phrase::Counter, element) == noun
                    };
                    let loops: usize =
                        uses.iter().filter(|other| alike(other)).map(|other| other.loops).sum();
                    let of_item = self.rule.phase.is_of_item() && noun == Phrase::ItemNoun;
                    if loops > 1 || of_item || noun == Phrase::Counter {
                        let letter = self.letter();
                        Local::Named(say(Phrase::Lettered, [words(noun), letter]))
                    } else {
                        Local::Named(say(Phrase::TheElement, [words(noun)]))
                    }
                }
                None => Local::Named(self.letter()),
            };
            locals.push(local);
        }
        self.locals = locals;
    }

    pub(super) fn function_name(&self, index: usize) -> Sentence {
        let functions = &self.rule.functions;
        let called = functions.get(index).map_or("", |function| function.name.as_str());
        let before = functions.iter().take(index).filter(|function| function.name == called).count();
        name(if before == 0 { called.to_owned() } else { format!("{called} {}", before.saturating_add(1)) })
    }
}
