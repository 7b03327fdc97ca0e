//! The ways into this folder: a condition, a value, a rule file.

use super::teller::{Shape, Teller};
use crate::card::context::Context;
use crate::card::model::{Line, Sentence};
use crate::lang::catalog::Verb;
use crate::lang::{Expr, Node, Rule, Stmt};

/// A sentence, and lines that belong below it.
#[derive(Clone, Debug, Default)]
pub(in crate::card) struct Told {
    pub(in crate::card) sentence: Sentence,
    pub(in crate::card) lines: Vec<Line>,
}

/// Returns the condition of an expression in words. `owner` is the path of the rule in the terms.
pub(in crate::card) fn condition(context: &Context<'_>, rule: &Rule, owner: &str) -> Told {
    expression(context, rule, owner, |teller, value| teller.condition(value, true))
}

/// Returns the value of an expression in words.
pub(in crate::card) fn value(context: &Context<'_>, rule: &Rule, owner: &str) -> Told {
    expression(context, rule, owner, |teller, value| teller.value(value, Shape::Plain))
}

fn expression<'r>(
    context: &Context<'_>,
    rule: &'r Rule,
    owner: &str,
    tell: impl Fn(&mut Teller<'_, '_, 'r>, &'r Expr) -> Sentence,
) -> Told {
    let mut teller = Teller::new(context, rule, owner);
    let mut lines = Vec::new();
    teller.statements(&rule.body.stmts, 1, &mut lines);
    let sentence = rule.body.value.as_ref().map(|value| tell(&mut teller, value)).unwrap_or_default();
    teller.functions(1, &mut lines);
    Told { sentence, lines }
}

/// Returns a rule file as a nested list.
pub(in crate::card) fn script(context: &Context<'_>, rule: &Rule, owner: &str, depth: u8) -> Vec<Line> {
    let mut teller = Teller::new(context, rule, owner);
    let mut lines = Vec::new();
    teller.block(&rule.body, depth, &mut lines);
    teller.functions(depth, &mut lines);
    lines
}

/// Returns the verbs that a rule may say, each once.
pub(in crate::card) fn verbs(rule: &Rule) -> Vec<Verb> {
    let mut found = Vec::new();
    let mut meet = |node: Node<'_>| {
        if let Node::Stmt(Stmt::Verb { verb, .. }) = node
            && !found.contains(verb)
        {
            found.push(*verb);
        }
    };
    rule.body.walk(&mut meet);
    rule.functions.iter().for_each(|function| function.body.walk(&mut meet));
    found
}
