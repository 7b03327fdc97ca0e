//! Explains why an action is held, rejected or flagged: restrictions, reasons and notices in words.

use std::fmt::Write as _;

use super::{Tone, Writer};
use crate::decide::{Award, AwardTrace, Outcome, Reason, RuleTrace};
use crate::lang::Phase;
use crate::terms::Verdict;

impl Writer<'_> {
    pub(super) fn restrictions(&mut self, trace: &AwardTrace) {
        let reasons = self.award.map_or(&self.decision.reasons, |award| &award.reasons);
        if !self.brand() || trace.rules.iter().all(|rule| rule.phase != Phase::Restrict) {
            self.listed(reasons);
            return;
        }
        self.heading("Restrictions");
        for rule in trace.rules.iter().filter(|rule| rule.phase == Phase::Restrict) {
            match &rule.outcome {
                Outcome::Restricted(verdict, reason) => {
                    let text = format!("{}: {}", verdict_words(*verdict), self.reason_text(reason));
                    self.row(verdict_tone(*verdict), &rule.rule, &text);
                }
                Outcome::Failed(kind) => {
                    self.row(Tone::Bad, &rule.rule, &format!("failed: {}", kind.message()));
                }
                _ => self.row(Tone::Quiet, &rule.rule, "does not apply"),
            }
            self.rule_why_not(rule);
        }
        // Reasons that no restriction gave: a pause, no contract, a rule that failed elsewhere, a limit.
        let traced = |reason: &Reason| {
            let same = |rule: &&RuleTrace| rule.phase == Phase::Restrict && rule.rule == reason.rule;
            trace.rules.iter().any(|rule| same(&rule))
        };
        for reason in reasons.iter().filter(|reason| !traced(reason)) {
            self.reason(reason);
        }
    }

    /// Adds the reasons of an award.
    pub(super) fn reasons(&mut self, award: &Award) {
        self.listed(&award.reasons);
    }

    fn listed(&mut self, reasons: &[Reason]) {
        if !reasons.is_empty() {
            self.heading("Why");
        }
        for reason in reasons {
            self.reason(reason);
        }
    }

    fn reason(&mut self, reason: &Reason) {
        let text = format!("{}: {}", verdict_words(reason.verdict), self.reason_text(&reason.code));
        // A partner must not learn about a rule that reads fraud signals, nor about a rule that failed.
        let hidden = reason.rule.is_empty() || (!self.brand() && (reason.fraud || reason.fault.is_some()));
        let name = if hidden { &reason.code } else { &reason.rule };
        self.row(verdict_tone(reason.verdict), name, &text);
        if let (Some(partner), true) = (&reason.partner, self.brand()) {
            self.row(verdict_tone(reason.verdict), "", &format!("reported partner: {partner}"));
        }
        if let (Some(fault), true) = (&reason.fault, self.brand()) {
            let mut text = fault.kind.message().to_owned();
            if let Some(place) = &fault.place {
                let _ = write!(text, ", in {}", place.file);
            }
            if !fault.text.is_empty() {
                let _ = write!(text, ": {}", fault.text);
            }
            self.row(Tone::Bad, "", &text);
        }
    }

    fn reason_text(&self, code: &str) -> String {
        match self.terms.reason_text(code) {
            Some(text) => format!("{text} ({code})"),
            None => code.to_owned(),
        }
    }

    pub(super) fn notices(&mut self, award: &Award) {
        if award.notices.is_empty() {
            return;
        }
        self.heading("Notices");
        for notice in &award.notices {
            let text = self.reason_text(&notice.code);
            let name = if self.brand() { &notice.rule } else { &notice.code };
            self.row(Tone::Warning, name, &text);
        }
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Flag => "flagged",
        Verdict::Zero => "pays nothing",
        Verdict::Hold => "held",
        Verdict::Reject => "rejected",
    }
}

fn verdict_tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Flag | Verdict::Hold => Tone::Warning,
        Verdict::Zero | Verdict::Reject => Tone::Bad,
    }
}
