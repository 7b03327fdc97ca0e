//! The first lines and the last: a decision enters, its status, its payouts and its receipt leave.

use super::page::{WIDTH, width};
use super::{Tone, Writer};
use crate::decide::{PartnerPayout, Status};
use crate::money::Money;

impl Writer<'_> {
    pub(super) fn head(&mut self) {
        let status = status_words(self.decision.status);
        let title = format!("Action {}", self.decision.action);
        let gap = WIDTH.saturating_sub(width(&title) + width(status)).max(2);
        self.line(Tone::Heading, format!("{title}{:gap$}{status}", ""));
        let text =
            format!("{} of {} · {}", self.decision.event_type, self.decision.occurred_at, self.terms.name);
        self.line(Tone::Quiet, text);
    }

    pub(super) fn result(&mut self) {
        self.heading("Result");
        let decision = self.decision;
        let own: Vec<&PartnerPayout> =
            decision.partners.iter().filter(|own| self.sees(&own.partner)).collect();
        let tone = match decision.status {
            Status::Payable => Tone::Good,
            Status::Held => Tone::Warning,
            Status::Zero => Tone::Quiet,
            Status::Rejected => Tone::Bad,
        };
        for payout in &own {
            let text = format!("{} for {}", decision.status.text(), payout.partner);
            let paid = format!("{} {}", self.amount(payout.payout), decision.currency);
            self.sum(tone, &text, &paid);
        }
        if own.is_empty() {
            let paid = format!("{} {}", self.amount(Money::ZERO), decision.currency);
            self.sum(tone, decision.status.text(), &paid);
        }
        if let (Status::Held, release) = (decision.status, decision.release_at) {
            let text = release.map_or_else(|| "when a person decides".to_owned(), |at| at.to_string());
            self.row(Tone::Plain, "released", &text);
        }
        if !decision.counts {
            self.row(Tone::Quiet, "totals", "it does not count for totals and limits");
        }
        if self.brand() {
            self.row(Tone::Quiet, "fuel", &format!("{} for all rules", decision.fuel));
            self.row(Tone::Quiet, "engine", &decision.engine);
        }
        self.line(Tone::Quiet, format!("  receipt {}", decision.receipt));
    }
}

/// A status in the words of the head line.
fn status_words(status: Status) -> &'static str {
    match status {
        Status::Payable => "PAYABLE",
        Status::Held => "HELD",
        Status::Rejected => "REJECTED",
        Status::Zero => "ZERO",
    }
}
