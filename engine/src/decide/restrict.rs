//! Restrict: turns what restrictions and payout rules said into reasons, notices, and whether the action counts.

use std::collections::BTreeSet;

use super::decision::{Notice, Reason};
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::verdict::verdict_of;
use crate::diagnostic::Place;
use crate::lang::Value;
use crate::run::{VerbCall, Verdicts};
use crate::terms::{Pays, Restriction, RestrictionBody, Verdict};
use crate::time::{Duration, Timestamp};

/// What was recorded already: the verdict (`None` for a notice), the rule, and the code.
type Recorded<'v> = BTreeSet<(Option<Verdict>, &'v str, &'v str)>;

/// The bytes that each reason, notice and cut counts besides its texts.
pub(super) const REASON_BYTES: usize = 64;

/// Records every restriction that matches, and the notices of payout rules: each reason and notice once.
pub(super) fn restrict<'a>(
    evaluation: &mut Evaluation<'a>,
    verdicts: &Verdicts<'a>,
) -> Result<(), PhaseError> {
    let mut recorded = Recorded::new();
    let version = evaluation.credited.version;
    for matched in &verdicts.restrictions {
        let Some(restriction) = version.restrictions.get(matched.index) else { continue };
        let calls = matched.calls.as_ref().map(|range| verdicts.calls(range)).unwrap_or_default();
        match &restriction.body {
            RestrictionBody::When { condition, verdict, reason, release_after } => {
                let fraud = condition.reads_fraud;
                let release_at = release_after.and_then(|after| released(evaluation, after));
                if recorded.insert((Some(*verdict), &restriction.name, reason)) {
                    add_reason(evaluation, restriction, fraud, *verdict, reason)?;
                }
                add_release(evaluation, *verdict, release_at);
            }
            RestrictionBody::Script(rule) => {
                take_calls(evaluation, restriction, rule.reads_fraud, calls, &mut recorded)?;
            }
            // A component receives the fraud signals, so its verdict may depend on them.
            RestrictionBody::Component(_) => {
                take_calls(evaluation, restriction, true, calls, &mut recorded)?;
            }
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
            if let Value::Text(code) = call.value
                && recorded.insert((None, &group.name, code))
            {
                add_notice(evaluation, &group.name, &group.place, code, fraud)?;
            }
        }
    }
    Ok(())
}

fn add_notice(
    evaluation: &mut Evaluation<'_>,
    rule: &str,
    place: &Place,
    code: &str,
    fraud: bool,
) -> Result<(), PhaseError> {
    evaluation.count_text(REASON_BYTES + rule.len() + code.len(), rule, Some(place))?;
    evaluation.findings.notices.push(Notice { code: code.to_owned(), rule: rule.to_owned(), fraud });
    Ok(())
}

/// Records the verbs of a rule file or a component: each verb is a reason of its own.
fn take_calls<'v>(
    evaluation: &mut Evaluation<'_>,
    restriction: &'v Restriction,
    fraud: bool,
    calls: &'v [VerbCall<'_>],
    recorded: &mut Recorded<'v>,
) -> Result<(), PhaseError> {
    for call in calls {
        let Value::Text(code) = call.value else { continue };
        let verdict = verdict_of(call.verb);
        let is_new = recorded.insert((verdict, restriction.name.as_str(), code));
        let Some(verdict) = verdict else {
            if is_new {
                add_notice(evaluation, &restriction.name, &restriction.place, code, fraud)?;
            }
            continue;
        };
        let release_at = match call.second {
            Some(Value::Duration(after)) => released(evaluation, after),
            Some(Value::Date(date)) => evaluation.view.terms.zone.start_of(date).in_years(),
            _ => None,
        };
        if is_new {
            add_reason(evaluation, restriction, fraud, verdict, code)?;
        }
        add_release(evaluation, verdict, release_at);
    }
    Ok(())
}

fn add_reason(
    evaluation: &mut Evaluation<'_>,
    restriction: &Restriction,
    fraud: bool,
    verdict: Verdict,
    code: &str,
) -> Result<(), PhaseError> {
    let Restriction { name, place, .. } = restriction;
    evaluation.count_text(REASON_BYTES + name.len() + code.len(), name, Some(place))?;
    let (code, rule) = (code.to_owned(), name.clone());
    evaluation.findings.reasons.push(Reason { code, verdict, rule, partner: None, fault: None, fraud });
    Ok(())
}

fn add_release(evaluation: &mut Evaluation<'_>, verdict: Verdict, release_at: Option<Timestamp>) {
    if verdict == Verdict::Hold {
        evaluation.findings.releases.push(release_at);
    }
}

/// Returns when a hold of this length ends. Returns `None` (the hold never ends by itself) if that is after the year 2999.
fn released(evaluation: &Evaluation<'_>, after: Duration) -> Option<Timestamp> {
    evaluation.input.action.occurred_at.plus(after)?.in_years()
}
