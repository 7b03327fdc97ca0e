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
    /// Looks at the parts of a condition that some actions meet. `shows` says whether an action meets the condition or not.
    pub(super) fn parts(
        &mut self,
        name: &str,
        rule: &Rule,
        whole: &Formula,
        regions: &[Region],
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
                if self.is_same(whole, &without) == Some(true) {
                    found = Some(value);
                    break;
                }
            }
            let Some(value) = found else { continue };
            let negated = own.negated(&self.study.space.domains);
            let opposite = if value { negated } else { own };
            let by_itself = self.study.is_empty(&opposite) == Some(true);
            let place = rule.place_of(part.expr.span);
            let text = self.study.text(&place).unwrap_or_default();
            let named = quoted(name);
            let message = match (value, by_itself) {
                (true, true) => format!("`{text}` is always true"),
                (false, true) => format!("`{text}` is never true"),
                (true, false) => format!("`{text}` makes no difference: the rest of the condition says it already"),
                (false, false) => {
                    format!("`{text}` makes no difference: the rest of the condition accepts all that it would")
                }
            };
            let it = format!("takes by {named} an action for which `{text}` makes no difference");
            self.report(Draft {
                kind: if value { FindingKind::PartAlwaysTrue } else { FindingKind::PartNeverMatters },
                weight: if by_itself && !value { Weight::Warning } else { Weight::Note },
                name,
                place,
                others: Vec::new(),
                message: format!("{named}: {message}"),
                help: "correct it, or leave it out",
                it,
                regions,
                shows: &mut |proof| shows(proof, true),
            });
            at = at.saturating_add(part.inside);
        }
    }

    /// Returns whether two conditions accept the same actions. `None` if that cannot be said.
    fn is_same(&mut self, one: &Formula, other: &Formula) -> Option<bool> {
        if one == other {
            return Some(true);
        }
        let of_one = self.study.within(vec![Region::new()], one)?;
        if !self.study.outside(of_one, other)?.is_empty() {
            return Some(false);
        }
        let of_other = self.study.within(vec![Region::new()], other)?;
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
