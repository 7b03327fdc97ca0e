//! Explains how a payout came about: groups, lines and their steps, with the arithmetic repeated.

use super::numbers::{amount, percent};
use super::partner_view::{PartnerWhyNot, why_not};
use super::why::wanted_words;
use super::{Tone, Writer};
use crate::decide::{Award, AwardTrace, Line, Outcome, RuleTrace, Step};
use crate::lang::Phase;
use crate::money::Money;
use crate::terms::{AddPer, Choose, Effect, RoundingPlace};

impl Writer<'_> {
    pub(super) fn groups(&mut self, trace: &AwardTrace) {
        let pays = |rule: &&RuleTrace| matches!(rule.phase, Phase::PayOrder | Phase::PayItem);
        if !self.brand() {
            return self.groups_for_partner(trace);
        }
        if trace.not_tried == 0 && !trace.rules.iter().any(|rule| pays(&rule)) {
            return;
        }
        let choose = self.version().map(|(_, version)| match version.payout.choose {
            Choose::First => ": the first that matches",
            Choose::Highest => ": the one that pays most",
            Choose::Stack => ": all that match",
            Choose::MostSpecific => ": the most specific that matches",
        });
        self.heading(format!("Payout groups{}", choose.unwrap_or_default()));
        let mut of: Option<u32> = None;
        for rule in trace.rules.iter().filter(pays) {
            if rule.item.is_some() && rule.item != of {
                of = rule.item;
                let sku = rule.item.and_then(|item| self.action.items.get(item as usize));
                let name = sku.map_or_else(|| "the whole order".to_owned(), |item| item.sku.clone());
                self.line(Tone::Plain, format!("  {name}"));
            }
            let (tone, text) = match &rule.outcome {
                Outcome::Chosen => (Tone::Plain, "chosen".to_owned()),
                Outcome::NotChosen(Some(money)) => {
                    (Tone::Quiet, format!("matches, not chosen: it would pay {}", self.amount(*money)))
                }
                Outcome::NotChosen(None) => (Tone::Quiet, "matches, not chosen".to_owned()),
                Outcome::Failed(kind) => (Tone::Bad, format!("failed: {}", kind.message())),
                Outcome::Amount(money) => (Tone::Plain, self.amount(*money)),
                Outcome::NotMatched | Outcome::Counted | Outcome::Restricted(..) => {
                    (Tone::Quiet, "does not match".to_owned())
                }
            };
            let indent = if rule.item.is_some() { "  " } else { "" };
            self.row(tone, &format!("{indent}{}", rule.rule), &text);
            self.rule_why_not(rule);
        }
        if trace.not_tried > 0 {
            let groups = if trace.not_tried == 1 { "group was" } else { "groups were" };
            let mut facts: Vec<&str> = trace.looked_up.iter().map(|seen| seen.fact.as_str()).collect();
            facts.sort_unstable();
            facts.dedup();
            let of = if facts.is_empty() { String::new() } else { format!(" of {}", facts.join(" or ")) };
            let text = format!("  {} {groups} not tried: they ask for another value{of}", trace.not_tried);
            self.line(Tone::Quiet, text);
            self.saw(&trace.looked_up);
        }
        if trace.not_listed > 0 {
            let text = format!("  {} more rules were considered; the trace is full", trace.not_listed);
            self.line(Tone::Warning, text);
        }
    }

    /// Adds what would have been enough for the payout groups that did not match, as far as the partner may know.
    fn groups_for_partner(&mut self, trace: &AwardTrace) {
        let lines = self.award.map_or(&[][..], |award| &award.lines);
        let found: Vec<PartnerWhyNot> = trace.rules.iter().filter_map(|rule| why_not(rule, lines)).collect();
        if !found.is_empty() {
            self.heading("Payout groups that did not match");
        }
        for PartnerWhyNot { group, sku, wanted } in found {
            let name = sku.map_or(group.clone(), |sku| format!("{group}, {sku}"));
            self.row(Tone::Quiet, &name, &wanted_words(&wanted));
        }
    }

    pub(super) fn payout(&mut self, payout: &Award, trace: &AwardTrace) {
        self.heading(format!("Payout to {}, in {}", payout.partner, payout.currency));
        if self.brand() {
            self.base(trace);
        }
        for line in &payout.lines {
            self.payout_line(payout, line);
        }
        if let Some(below) = &payout.below.as_ref().filter(|below| self.sees(&below.partner)) {
            let text = format!("  paid for the action of {}, {} below", below.partner, below.level);
            self.line(Tone::Quiet, text);
        }
        let by_order = payout.rounding.place == RoundingPlace::Order && payout.share.is_none();
        if by_order && payout.lines.len() > 1 {
            let mode = payout.rounding.mode.text();
            self.line(Tone::Quiet, format!("  the sum is rounded {mode} and shared out to the lines"));
        }
        if payout.lines.len() > 1 {
            self.sum(Tone::Plain, "sum of the lines", &self.amount(payout.payout));
        }
    }

    /// Adds how the commissionable amount was computed, if it is not simply the action's amount.
    fn base(&mut self, trace: &AwardTrace) {
        for rule in &trace.rules {
            if let (Phase::OrderAmount | Phase::ItemAmount, Outcome::Amount(value)) =
                (rule.phase, &rule.outcome)
            {
                let of = rule.item.and_then(|item| self.action.items.get(item as usize));
                let of = of.map_or(String::new(), |item| format!(" of {}", item.sku));
                let name = match rule.rule.as_str() {
                    "amount.order" => "commissionable amount of the order",
                    "amount.item" => "commissionable amount",
                    "amount.spread" => "taken off the lines in proportion",
                    other => other,
                };
                self.sum(Tone::Quiet, &format!("{name}{of}"), &self.amount(*value));
                self.saw(&rule.saw);
            }
        }
    }

    fn payout_line(&mut self, payout: &Award, line: &Line) {
        let name = match (&line.sku, line.quantity) {
            (Some(sku), 1) => sku.clone(),
            (Some(sku), quantity) => format!("{sku}, {quantity} units"),
            (None, _) => "the whole order".to_owned(),
        };
        self.sum(Tone::Plain, &format!("{name}: commissionable amount"), &self.amount(line.base));
        if line.steps.is_empty() {
            self.sum(Tone::Quiet, "  no group pays for it", &self.amount(line.payout));
            return;
        }
        for step in &line.steps {
            let text = format!("    {}", effect_words(&step.effect, payout.minor_digits));
            self.line(Tone::Plain, format!("{text:<40}by {}", payout.group(step.group)));
        }
        let formula = formula(line.base, line.quantity, &line.steps, payout.minor_digits);
        match Line::recompute(line.base, line.quantity, &line.steps) {
            Ok(exact) if exact == line.unrounded => {
                self.sum(Tone::Plain, &format!("  {formula} ="), &self.amount(exact));
            }
            _ => self.sum(
                Tone::Bad,
                "  this does not recompute; it was decided as",
                &self.amount(line.unrounded),
            ),
        }
        if let Some(share) = payout.share {
            let of = percent(share.round_dp(6));
            self.sum(Tone::Plain, &format!("  {}'s share, {of}", payout.partner), &self.amount(line.earned));
        } else if line.earned != line.unrounded && payout.rounding.place == RoundingPlace::Item {
            let mode = payout.rounding.mode.text();
            self.sum(Tone::Plain, &format!("  rounded {mode}"), &self.amount(line.earned));
        } else if line.earned != line.unrounded {
            self.sum(Tone::Plain, "  its share of the rounded sum", &self.amount(line.earned));
        }
        if line.payout != line.earned {
            let what = if payout.limits.is_empty() { "  paid" } else { "  after limits" };
            self.sum(Tone::Warning, what, &self.amount(line.payout));
        }
        if !line.taken_back.is_zero() {
            self.sum(Tone::Warning, "  taken back", &self.amount(Money(-line.taken_back.0)));
        }
    }
}

fn effect_words(effect: &Effect, digits: u32) -> String {
    match effect {
        Effect::Rate(rate) => format!("rate {}", percent(*rate)),
        Effect::AddPoints(points) => format!("plus points {}", percent(*points)),
        Effect::Multiply(factor) => format!("all so far times {}", factor.normalize()),
        Effect::Add { amount: money, per } => {
            let per = match per {
                AddPer::Order => "for the order",
                AddPer::Item => "for the item",
                AddPer::Unit => "for each unit",
            };
            format!("plus {} {per}", amount(*money, digits))
        }
    }
}

/// Returns the steps as one calculation: the base times its rate, plus amounts.
pub(super) fn formula(base: Money, quantity: u32, steps: &[Step], digits: u32) -> String {
    let (mut rate, mut points, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        match step.effect {
            Effect::Rate(value) => rate = vec![percent(value)],
            Effect::AddPoints(value) => points.push(percent(value)),
            Effect::Multiply(factor) => {
                for part in [&mut rate, &mut points, &mut added] {
                    if !part.is_empty() {
                        let all = part.join(" + ");
                        let all = if part.len() > 1 { format!("({all})") } else { all };
                        *part = vec![format!("{all} × {}", factor.normalize())];
                    }
                }
            }
            Effect::Add { amount: money, per: AddPer::Unit } => {
                added.push(format!("{} × {quantity}", amount(money, digits)));
            }
            Effect::Add { amount: money, .. } => added.push(amount(money, digits)),
        }
    }
    let rates: Vec<String> = rate.into_iter().chain(points).collect();
    let mut terms = Vec::new();
    match rates.as_slice() {
        [] => {}
        [one] => terms.push(format!("{} × {one}", amount(base, digits))),
        many => terms.push(format!("{} × ({})", amount(base, digits), many.join(" + "))),
    }
    terms.extend(added);
    if terms.is_empty() { amount(Money::ZERO, digits) } else { terms.join(" + ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn step(effect: Effect) -> Step {
        Step { group: 0, effect }
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_formula_says_what_recompute_does() {
        let add = |text: &str, per| step(Effect::Add { amount: Money(dec(text)), per });
        let steps = [
            step(Effect::Rate(dec("0.05"))),
            step(Effect::AddPoints(dec("0.01"))),
            add("2", AddPer::Unit),
            step(Effect::Multiply(dec("1.5"))),
            step(Effect::Rate(dec("0.08"))),
            add("5", AddPer::Order),
        ];
        let base = Money(dec("200"));
        assert_eq!(formula(base, 3, &steps, 2), "200.00 × (8% + 1% × 1.5) + 2.00 × 3 × 1.5 + 5.00");
        assert_eq!(Line::recompute(base, 3, &steps).unwrap(), Money(dec("33")));
        assert_eq!(formula(base, 1, &[], 0), "0");
    }
}
