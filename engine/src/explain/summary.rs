//! The first and the last lines of an explanation: status, payouts and receipt.

use super::numbers::amount;
use super::page::width;
use super::{Tone, Writer};
use crate::decide::{Decision, Status};
use crate::money::Money;

impl Writer<'_> {
    /// Adds the first line: what is decided, and its status.
    pub(super) fn head_of(&mut self, title: &str) {
        let status = status_words(self.decision.status);
        let gap = self.width.saturating_sub(width(title) + width(status)).max(2);
        self.line(Tone::Heading, format!("{title}{:gap$}{status}", ""));
    }

    pub(super) fn head(&mut self) {
        self.head_of(&format!("Action {}", self.decision.action));
        let Decision { event_type, occurred_at, .. } = self.decision;
        let (at, name, zone) = (self.time(*occurred_at), &self.terms.name, self.terms.zone.name());
        self.line(Tone::Quiet, format!("{event_type} of {at} · {name} · times of {zone}"));
    }

    /// Adds what happened to the action since it was first decided.
    pub(super) fn history(&mut self) {
        if self.decision.history.is_empty() {
            return;
        }
        self.heading("What happened since");
        for revision in &self.decision.history {
            let mut text = revision.kind.text().to_owned();
            if self.decision.bonus.is_some() {
                "computed again at a close".clone_into(&mut text);
            } else if self.brand() {
                text = format!("{text} {}", revision.adjustment);
                text.extend(revision.reason.iter().map(|reason| format!(", {reason}")));
            }
            self.row(Tone::Plain, &self.time(revision.occurred_at), &text);
            let mut changed = false;
            for change in &revision.changes {
                if !self.sees(&change.partner) {
                    continue;
                }
                changed = true;
                let by = amount(change.by, change.currency.minor_digits());
                let tone = if change.by < Money::ZERO { Tone::Warning } else { Tone::Plain };
                self.sum(tone, &format!("  {}", change.partner), &format!("{by} {}", change.currency));
            }
            if !changed {
                self.row(Tone::Quiet, "", "no payout changed");
            }
        }
    }

    pub(super) fn result(&mut self) {
        self.heading("Result");
        let decision = self.decision;
        let mut seen = false;
        for award in &decision.awards {
            if !self.sees(&award.partner) {
                continue;
            }
            seen = true;
            let text = format!("{} for {}", award.status.text(), award.partner);
            let paid = amount(award.payout, award.minor_digits);
            self.sum(tone(award.status), &text, &format!("{paid} {}", award.currency));
            if let (Status::Held, release) = (award.status, award.release_at) {
                let text = release.map_or_else(|| "when a person decides".to_owned(), |at| self.time(at));
                self.row(Tone::Plain, "released", &text);
            }
            if let Some(locks_at) = award.locks_at {
                self.row(Tone::Quiet, "locks", &self.time(locks_at));
            }
            if let Some(pays_on) = award.pays_on {
                self.row(Tone::Quiet, "paid on", &pays_on.to_string());
            }
            if !award.counts {
                self.row(Tone::Quiet, "totals", "it does not count for totals and limits");
            }
        }
        if !seen {
            let currency = self.terms.currency;
            let nothing = format!("{} {currency}", amount(Money::ZERO, currency.minor_digits()));
            self.sum(tone(decision.status), decision.status.text(), &nothing);
            if decision.awards.is_empty() {
                self.row(Tone::Quiet, "totals", "it does not count for totals and limits");
            }
        }
        if self.brand() {
            self.row(Tone::Quiet, "fuel", &format!("{} for the whole decision", decision.fuel));
            self.row(Tone::Quiet, "engine", &decision.engine);
        }
        self.line(Tone::Quiet, format!("  receipt {}", decision.receipt));
    }
}

fn tone(status: Status) -> Tone {
    match status {
        Status::Payable => Tone::Good,
        Status::Held => Tone::Warning,
        Status::Zero | Status::Reversed => Tone::Quiet,
        Status::Rejected => Tone::Bad,
    }
}

/// Returns a status in the words of the head line.
fn status_words(status: Status) -> &'static str {
    match status {
        Status::Payable => "PAYABLE",
        Status::Held => "HELD",
        Status::Rejected => "REJECTED",
        Status::Zero => "ZERO",
        Status::Reversed => "REVERSED",
    }
}
