//! Restrict: turns what restrictions and payout rules said into reasons, notices, and whether the action counts.

use super::decision::{Notice, Reason};
use super::evaluation::Evaluation;
use super::verdict::verdict_of;
use crate::lang::Value;
use crate::run::{VerbCall, Verdicts};
use crate::terms::{Pays, Restriction, RestrictionBody, Verdict};
use crate::time::{Duration, Timestamp};

/// Records every restriction that matches, and the notices of payout rules.
pub(super) fn restrict<'a>(evaluation: &mut Evaluation<'a>, verdicts: &Verdicts<'a>) {
    let version = evaluation.credited.version;
    for matched in &verdicts.restrictions {
        let Some(restriction) = version.restrictions.get(matched.index) else { continue };
        let calls = matched.calls.as_ref().map(|range| verdicts.calls(range)).unwrap_or_default();
        match &restriction.body {
            RestrictionBody::When { condition, verdict, reason, release_after } => {
                let fraud = condition.reads_fraud;
                let release_at = release_after.and_then(|after| released(evaluation, after));
                add_reason(evaluation, restriction, fraud, *verdict, reason, release_at);
            }
            RestrictionBody::Script(rule) => take_calls(evaluation, restriction, rule.reads_fraud, calls),
            // A component receives the fraud signals, so its verdict may depend on them.
            RestrictionBody::Component(_) => take_calls(evaluation, restriction, true, calls),
        }
    }
    for (index, range) in &verdicts.speakers {
        let Some(group) = version.group(*index) else { continue };
        let fraud = match &group.pays {
            Pays::Script(rule) => rule.reads_fraud,
            Pays::Component(_) => true,
            Pays::Fixed(_) | Pays::Bands { .. } => continue,
        };
        for call in verdicts.calls(range) {
            // Among payout verbs only a notice has a text: its code.
            if let Value::Text(code) = call.value {
                let notice = Notice { code: code.to_owned(), rule: group.name.clone(), fraud };
                evaluation.findings.notice(notice);
            }
        }
    }
}

/// Records the verbs of a rule file or a component: each verb is a reason of its own.
fn take_calls(
    evaluation: &mut Evaluation<'_>,
    restriction: &Restriction,
    fraud: bool,
    calls: &[VerbCall<'_>],
) {
    for call in calls {
        let Value::Text(code) = call.value else { continue };
        let Some(verdict) = verdict_of(call.verb) else {
            let notice = Notice { code: code.to_owned(), rule: restriction.name.clone(), fraud };
            evaluation.findings.notice(notice);
            continue;
        };
        let release_at = match call.second {
            Some(Value::Duration(after)) => released(evaluation, after),
            Some(Value::Date(date)) => evaluation.view.terms.zone.start_of(date).in_years(),
            _ => None,
        };
        add_reason(evaluation, restriction, fraud, verdict, code, release_at);
    }
}

fn add_reason(
    evaluation: &mut Evaluation<'_>,
    restriction: &Restriction,
    fraud: bool,
    verdict: Verdict,
    code: &str,
    release_at: Option<Timestamp>,
) {
    let findings = &mut evaluation.findings;
    let said_before =
        findings.reasons.iter().any(|r| r.rule == restriction.name && r.code == code && r.verdict == verdict);
    if !said_before {
        findings.reasons.push(Reason {
            code: code.to_owned(),
            verdict,
            rule: restriction.name.clone(),
            partner: None,
            fault: None,
            fraud,
        });
    }
    if verdict == Verdict::Hold {
        findings.releases.push(release_at);
    }
}

/// Returns when a hold of this length ends. Returns `None` (the hold never ends by itself) if that is after the year 2999.
fn released(evaluation: &Evaluation<'_>, after: Duration) -> Option<Timestamp> {
    evaluation.input.action.occurred_at.plus(after)?.in_years()
}
