//! Findings about rule files: a verb that is never given, because the conditions on its way never hold together.

use super::condition::formula;
use super::finder::{Draft, Finder, quoted};
use super::finding::{FindingKind, Weight};
use super::logic::Region;
use super::prover::Proof;
use crate::diagnostic::Span;
use crate::lang::catalog::Verb;
use crate::lang::{Block, Expr, ExprKind, Rule, Stmt};

/// The most verbs of one rule file that are looked at.
const MOST_VERBS: usize = 64;

impl Finder<'_, '_> {
    /// Looks at the verbs of a rule file, for actions of these regions.
    pub(super) fn verbs(
        &mut self,
        name: &str,
        rule: &Rule,
        regions: &[Region],
        shows: &mut dyn FnMut(&Proof) -> bool,
    ) {
        let mut spans = Vec::new();
        each_verb(&mut rule.body.clone(), &mut |_, span| spans.push(span));
        for (number, span) in spans.into_iter().enumerate().take(MOST_VERBS) {
            // The verb that is asked for is the only one that does something.
            let mut only = rule.clone();
            let mut at = 0_usize;
            each_verb(&mut only.body, &mut |verb, _| {
                *verb = if at == number { Verb::Reject } else { Verb::Notice };
                at = at.saturating_add(1);
            });
            let Some(given) = only.condition(|verb| verb == Verb::Reject) else { continue };
            let given = formula(&mut self.study.space, &given, None);
            let inside = self.study.within(regions.to_vec(), &given);
            if inside.is_none_or(|inside| !inside.is_empty()) {
                continue;
            }
            let place = rule.place_of(span);
            let text = self.study.text(&place).unwrap_or_default();
            self.report(Draft {
                kind: FindingKind::VerbNeverGiven,
                weight: Weight::Warning,
                name,
                place,
                others: Vec::new(),
                message: format!(
                    "{}: `{text}` is never given: the conditions on its way never hold together",
                    quoted(name)
                ),
                help: "correct the conditions, or remove it",
                it: format!("decides by {} without `{text}`", quoted(name)),
                regions,
                shows,
            });
        }
    }
}

/// Calls `meet` for each verb of a block, in the order of the text.
fn each_verb(block: &mut Block, meet: &mut dyn FnMut(&mut Verb, Span)) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Verb { verb, span, .. } => meet(verb, *span),
            Stmt::Do(expr) => of_branches(expr, meet),
            Stmt::For { body, .. } => each_verb(body, meet),
            Stmt::Set { .. } | Stmt::Return(..) | Stmt::Break(_) | Stmt::Continue(_) => {}
        }
    }
    if let Some(value) = &mut block.value {
        of_branches(value, meet);
    }
}

fn of_branches(expr: &mut Expr, meet: &mut dyn FnMut(&mut Verb, Span)) {
    match &mut expr.kind {
        ExprKind::If(_, then, otherwise) => {
            each_verb(then, meet);
            if let Some(otherwise) = otherwise {
                each_verb(otherwise, meet);
            }
        }
        ExprKind::Switch(switch) => {
            switch.arms.iter_mut().for_each(|arm| each_verb(&mut arm.body, meet));
            if let Some(default) = &mut switch.default {
                each_verb(default, meet);
            }
        }
        ExprKind::Block(block) => each_verb(block, meet),
        _ => {}
    }
}
