//! What the verbs of restrictions say together: the strictest verdict, and whether the action counts.

use crate::lang::Value;
use crate::lang::catalog::Verb;
use crate::run::{VerbCall, Verdicts};
use crate::terms::{RestrictionBody, Verdict, Version};

/// Returns the verdict that a restriction verb gives; `None` for any other verb.
pub(super) fn verdict_of(verb: Verb) -> Option<Verdict> {
    match verb {
        Verb::Reject => Some(Verdict::Reject),
        Verb::Hold | Verb::HoldUntil => Some(Verdict::Hold),
        Verb::Zero => Some(Verdict::Zero),
        Verb::Flag => Some(Verdict::Flag),
        _ => None,
    }
}

/// Returns the strictest verdict of these verbs with its code; the first of equals.
pub(super) fn strictest<'a>(calls: &[VerbCall<'a>]) -> Option<(Verdict, &'a str)> {
    let mut strictest: Option<(Verdict, &'a str)> = None;
    for call in calls {
        if let (Some(verdict), Value::Text(code)) = (verdict_of(call.verb), call.value)
            && strictest.is_none_or(|(before, _)| verdict > before)
        {
            strictest = Some((verdict, code));
        }
    }
    strictest
}

/// Returns whether the restrictions that matched let the action count. One restriction that does not is enough; a flag changes
/// nothing.
pub(super) fn counts(version: &Version, verdicts: &Verdicts<'_>) -> bool {
    verdicts.restrictions.iter().all(|matched| {
        let Some(restriction) = version.restrictions.get(matched.index) else { return true };
        let verdict = match &restriction.body {
            RestrictionBody::When { verdict, .. } => Some(*verdict),
            RestrictionBody::Script(_) | RestrictionBody::Component(_) => {
                let calls = matched.calls.as_ref().map_or(&[][..], |calls| verdicts.calls(calls));
                strictest(calls).map(|(verdict, _)| verdict)
            }
        };
        match verdict {
            None | Some(Verdict::Flag) => true,
            Some(Verdict::Zero | Verdict::Hold) => restriction.counts.unwrap_or(true),
            Some(Verdict::Reject) => restriction.counts.unwrap_or(false),
        }
    })
}
