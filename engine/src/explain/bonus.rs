//! Explains a bonus: what its tiers asked, what each line pays, and what the next tier would have taken.

use super::payout::formula;
use super::{Tone, Writer};
use crate::decide::{Award, BonusOf, Line, Threshold};

impl Writer<'_> {
    /// Writes the explanation of a bonus, which has one award.
    pub(super) fn bonus(&mut self, of: &BonusOf) {
        let decision = self.decision;
        self.head_of(&format!("Bonus {}, {}", of.bonus, of.period));
        let last = of.until.pred_opt().unwrap_or(of.until);
        let (name, zone) = (&self.terms.name, self.terms.zone.name());
        self.line(Tone::Quiet, format!("{} to {last} · {name} · times of {zone}", of.from));
        for award in decision.awards.iter().filter(|award| self.sees(&award.partner)).collect::<Vec<_>>() {
            self.award = Some(award);
            self.heading("Terms in force");
            let contract = &award.contract;
            self.row(Tone::Plain, "contract", &format!("{}, version {}", contract.name, contract.version));
            if self.brand() {
                self.row(Tone::Quiet, "digest", &contract.digest.short());
            }
            self.tiers(of);
            self.reasons(award);
            self.bonus_lines(award);
            self.notices(award);
        }
        self.history();
        self.result();
    }

    fn tiers(&mut self, of: &BonusOf) {
        let Some(measure) = of.measure else { return };
        self.heading("What the tiers asked");
        self.row(Tone::Plain, "measure", &measure.0.normalize().to_string());
        let text = match &of.next {
            Some(next) => {
                let (from, lacks) = (next.from.0.normalize(), next.lacks.0.normalize());
                match next.threshold {
                    Threshold::Reaches => format!("{from}: {lacks} to go"),
                    Threshold::Exceeds => format!("above {from}: more than {lacks} to go"),
                }
            }
            None => "the highest is reached".to_owned(),
        };
        self.row(Tone::Quiet, "next tier", &text);
    }

    fn bonus_lines(&mut self, award: &Award) {
        self.heading(format!("Payout to {}, in {}", award.partner, award.currency));
        for line in &award.lines {
            let name = award.groups_of(line).join(", ");
            let formula = formula(line.base, line.quantity, &line.steps, award.minor_digits);
            match Line::recompute(line.base, line.quantity, &line.steps) {
                Ok(exact) if exact == line.unrounded => {
                    self.sum(Tone::Plain, &format!("{name}: {formula} ="), &self.amount(exact));
                }
                _ => self.sum(
                    Tone::Bad,
                    &format!("{name}: this does not recompute; it was decided as"),
                    &self.amount(line.unrounded),
                ),
            }
            if line.earned != line.unrounded {
                self.sum(Tone::Plain, "  its share of the rounded sum", &self.amount(line.earned));
            }
            if line.payout != line.earned {
                self.sum(Tone::Warning, "  after the most that the bonus is", &self.amount(line.payout));
            }
        }
        if award.lines.is_empty() {
            self.line(Tone::Quiet, "  nothing is paid");
        }
        if award.lines.len() > 1 {
            let mode = award.rounding.mode.text();
            self.line(Tone::Quiet, format!("  the sum is rounded {mode} and shared out to the lines"));
            self.sum(Tone::Plain, "sum of the lines", &self.amount(award.payout));
        }
    }
}
