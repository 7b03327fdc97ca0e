//! Tells the rules of a version to the reader of the card: the brand reads all of them, a partner only what the partner's facts leave
//! open, and nothing about fraud checks.

use super::context::Context;
use super::model::{Entry, Line, Piece, Sentence};
use super::rules::{self, Told};
use super::sentence::{capitalized, list, name, say, words};
use super::words::Phrase;
use crate::lang::catalog::Verb;
use crate::lang::{Const, ExprKind, Rule};
use crate::terms::ComponentRule;

/// A condition as the reader of the card reads it.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// It is known to hold.
    Always,
    /// It is known not to hold.
    Never,
    /// It depends on the action.
    If(Told),
}

impl Context<'_> {
    /// Returns whether the reader must not read a rule.
    pub(super) fn is_hidden(&self, rule: &Rule) -> bool {
        self.partner.is_some() && rule.reads_fraud
    }

    fn simplified(&self, rule: &Rule) -> Option<Rule> {
        self.partner.map(|known| known.simplified(rule, self.terms, self.contract, self.version))
    }

    /// Returns a condition; [`Condition::Always`] without a rule.
    pub(super) fn condition(&self, rule: Option<&Rule>, owner: &str) -> Condition {
        let Some(rule) = rule else { return Condition::Always };
        if self.is_hidden(rule) {
            return Condition::If(Told { sentence: words(Phrase::FraudChecksAllow), lines: Vec::new() });
        }
        let simplified = self.simplified(rule);
        let rule = simplified.as_ref().unwrap_or(rule);
        match rule.body.value.as_ref().map(|value| &value.kind) {
            Some(ExprKind::Const(Const::Bool(true))) => Condition::Always,
            // The brand reads what it has written, also if it never applies.
            Some(ExprKind::Const(Const::Bool(false))) if self.partner.is_some() => Condition::Never,
            _ => Condition::If(rules::condition(self, rule, owner)),
        }
    }

    /// Returns the value of an expression.
    pub(super) fn value(&self, rule: &Rule, owner: &str) -> Told {
        if self.is_hidden(rule) {
            return Told { sentence: words(Phrase::FraudValue), lines: Vec::new() };
        }
        match self.simplified(rule) {
            Some(simplified) => rules::value(self, &simplified, owner),
            None => rules::value(self, rule, owner),
        }
    }

    /// Returns a rule file as a nested list; `None` if it can say nothing to the reader.
    pub(super) fn script(&self, rule: &Rule, owner: &str, depth: u8) -> Option<Vec<Line>> {
        if self.is_hidden(rule) {
            return Some(vec![line(depth, words(Phrase::FraudDecides))]);
        }
        let simplified = self.simplified(rule);
        let rule = simplified.as_ref().unwrap_or(rule);
        if simplified.is_some() && rules::verbs(rule).is_empty() {
            return None;
        }
        Some(rules::script(self, rule, owner, depth))
    }

    /// Returns what a component is and what it may say.
    pub(super) fn component(&self, component: &ComponentRule, verbs: &[Verb]) -> Sentence {
        let verbs = list(verbs.iter().map(|verb| words(verb_words(*verb))).collect(), Phrase::Or);
        if self.partner.is_some() {
            return say(Phrase::ComponentOfBrand, [verbs]);
        }
        let file = name(component.place.file.as_str());
        say(Phrase::Component, [file, name(component.digest.short()), verbs])
    }
}

/// Returns what a verb does, for the list of what a component may say.
fn verb_words(verb: Verb) -> Phrase {
    match verb {
        Verb::Reject => Phrase::MayReject,
        Verb::Hold | Verb::HoldUntil => Phrase::MayHold,
        Verb::Zero => Phrase::MayZero,
        Verb::Flag => Phrase::MayFlag,
        Verb::Notice => Phrase::MayNotice,
        Verb::Rate => Phrase::MayRate,
        Verb::AddPoints => Phrase::MayAddPoints,
        Verb::Multiply => Phrase::MayMultiply,
        Verb::Add | Verb::AddPerOrder => Phrase::MayAdd,
        Verb::AddPerUnit => Phrase::MayAddPerUnit,
    }
}

/// Returns a line of an entry.
pub(super) fn line(depth: u8, sentence: Sentence) -> Line {
    Line { depth, sentence: capitalized(sentence) }
}

/// Returns an entry that the card names itself.
pub(super) fn general(called: Phrase, lines: Vec<Line>) -> Entry {
    Entry { name: Some(called.text().to_owned()), place: None, lines }
}

/// Returns a sentence with the condition behind it, ended by a full stop, and the lines of the condition below.
pub(super) fn under(sentence: Sentence, condition: Told, depth: u8) -> Vec<Line> {
    let mut lines = vec![line(depth, say(Phrase::OnlyIf, [sentence, condition.sentence]))];
    lines.extend(deeper(condition.lines, depth));
    lines
}

/// Returns a sentence ended by a full stop, and the lines of its values below.
pub(super) fn stop(sentence: Sentence, below: Vec<Line>) -> Vec<Line> {
    let mut lines = vec![line(0, say(Phrase::Stop, [sentence]))];
    lines.extend(below);
    lines
}

pub(super) fn deeper(lines: Vec<Line>, by: u8) -> impl Iterator<Item = Line> {
    lines.into_iter().map(move |line| Line { depth: line.depth.saturating_add(by), ..line })
}

/// Returns names as a list.
pub(super) fn names<'n>(all: impl IntoIterator<Item = &'n String>, last: Phrase) -> Sentence {
    list(all.into_iter().map(|one| vec![Piece::Name { text: one.clone() }]).collect(), last)
}
