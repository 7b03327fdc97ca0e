//! Findings about parts of conditions: operands of `&&` and `||` that are always true, always false, or make no difference.

use super::condition::{formula, parts};
use super::finder::{Draft, Finder, quoted};
use super::finding::{FindingKind, Weight};
use super::logic::{Formula, Region};
use super::prover::Proof;
use super::study::applies;
use crate::lang::{Expr, ExprKind, Rule, UnaryOp};

/// The most parts of one condition that are looked at. People write conditions of a few.
const MOST_PARTS: usize = 64;

impl Finder<'_, '_> {
    /// Looks at the parts of a condition that some actions of `all` meet: those of `regions`. `shows` says whether an action meets the
    /// condition or not.
    pub(super) fn parts(
        &mut self,
        name: &str,
        rule: &Rule,
        whole: &Formula,
        (all_actions, regions): (&[Region], &[Region]),
        shows: &mut dyn FnMut(&Proof, bool) -> bool,
    ) {
        let Some(expr) = applies(rule) else { return };
        let all = parts(&expr);
        if all.len() > MOST_PARTS {
            self.undecided(name, "its condition has more parts than are looked at");
            return;
        }
        let mut at = 0;
        while let Some(part) = all.get(at) {
            let number = at;
            at = at.saturating_add(1);
            if is_guard(part.expr) || matches!(part.expr.kind, ExprKind::Const(_)) {
                at = at.saturating_add(part.inside);
                continue;
            }
            let own = formula(&mut self.study.space, part.expr, None);
            let mut found = None;
            for value in [true, false] {
                let without = formula(&mut self.study.space, &expr, Some((number, value)));
                if self.is_same(all_actions, whole, &without) == Some(true) {
                    found = Some(value);
                    break;
                }
            }
            let Some(value) = found else { continue };
            let negated = own.negated(&self.study.space.domains);
            let opposite = if value { negated } else { own };
            let found = self.study.within(all_actions.to_vec(), &opposite);
            let by_itself = found.is_some_and(|found| found.is_empty());
            let without = formula(&mut self.study.space, &expr, Some((number, value)));
            let of_any = self.is_same(&[Region::new()], whole, &without) == Some(true);
            let unless = if of_any { "" } else { ", except for actions that a restriction refuses" };
            let place = rule.place_of(part.expr.span);
            let text = self.study.text(&place).unwrap_or_default();
            let named = quoted(name);
            let message = match (value, by_itself) {
                (true, true) => format!("`{text}` is always true"),
                (false, true) => format!("`{text}` is never true"),
                (true, false) => {
                    format!("`{text}` makes no difference: the rest of the condition says it already")
                }
                (false, false) => {
                    format!(
                        "`{text}` makes no difference: the rest of the condition accepts all that it would"
                    )
                }
            };
            let it = format!("meets the condition of {named}, in which `{text}` makes no difference");
            self.report(Draft {
                kind: if value { FindingKind::PartAlwaysTrue } else { FindingKind::PartNeverMatters },
                weight: if by_itself && !value { Weight::Warning } else { Weight::Note },
                name,
                place,
                others: Vec::new(),
                message: format!("{named}: {message}{unless}"),
                help: "correct it, or leave it out",
                it,
                regions,
                shows: &mut |proof| shows(proof, true),
            });
            at = at.saturating_add(part.inside);
        }
    }

    /// Returns whether two conditions accept the same of some actions. `None` if that cannot be said.
    fn is_same(&mut self, all: &[Region], one: &Formula, other: &Formula) -> Option<bool> {
        if one == other {
            return Some(true);
        }
        let of_one = self.study.within(all.to_vec(), one)?;
        if !self.study.outside(of_one, other)?.is_empty() {
            return Some(false);
        }
        let of_other = self.study.within(all.to_vec(), other)?;
        Some(self.study.outside(of_other, one)?.is_empty())
    }
}

/// Returns whether a part asks whether a fact is known: the language needs it before the fact is read, even if the rest says it too.
fn is_guard(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Known(_) => true,
        ExprKind::Unary(UnaryOp::Not, operand) => is_guard(operand),
        ExprKind::And(first, rest) | ExprKind::Or(first, rest) => {
            is_guard(first) && rest.iter().all(|operand| is_guard(&operand.expr))
        }
        _ => false,
    }
}
