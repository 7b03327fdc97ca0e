//! Restrictions: the facts enter; every restriction is evaluated, and all that matched leave as reasons. What this
//! phase refuses, no later one can pay.

use super::decision::{Notice, Outcome, Reason};
use super::work::{Broken, Ran, Work};
use crate::lang::catalog::Verb;
use crate::lang::{Phase, Rule, Value};
use crate::run::VerbCall;
use crate::terms::{Restriction, RestrictionBody, Verdict};
use crate::time::{Duration, Timestamp};

impl<'a> Work<'a> {
    /// Evaluates every restriction. One that fails holds the action; the others are evaluated all the same.
    pub(super) fn restrict(&mut self) {
        let version = self.credited.version;
        for restriction in &version.restrictions {
            match &restriction.body {
                RestrictionBody::When { condition, verdict, reason, release_after } => {
                    if self.condition_holds(restriction, condition, *verdict, reason) {
                        self.restricted_when(restriction, condition, *verdict, reason, *release_after);
                    }
                }
                RestrictionBody::Script(rule) => {
                    self.restrict_by(restriction, |work| work.script(&restriction.name, rule));
                }
                RestrictionBody::Component(component) => {
                    self.restrict_by(restriction, |work| work.component(&restriction.name, component));
                }
            }
        }
    }

    fn condition_holds(
        &mut self,
        restriction: &Restriction,
        condition: &'a Rule,
        verdict: Verdict,
        reason: &str,
    ) -> bool {
        let fuel = self.evaluator.fuel();
        let result = self.evaluator.run(condition, &self.case);
        self.trace_rule(Phase::Restrict, &restriction.name, &restriction.place, fuel, || match result {
            Ok(Value::Bool(true)) => Outcome::Restricted(verdict, reason.to_owned()),
            Ok(_) => Outcome::NotMatched,
            Err(fault) => Outcome::Failed(fault.kind),
        });
        match result {
            Ok(value) => value == Value::Bool(true),
            Err(fault) => {
                self.fail(Broken::rule(&restriction.name, condition, fault));
                false
            }
        }
    }

    /// A script or a component may give several verbs: the strictest is its verdict, and each is a reason of its own.
    fn restrict_by(&mut self, restriction: &Restriction, run: impl FnOnce(&mut Self) -> Ran<'a>) {
        let fuel = self.evaluator.fuel();
        let Ran { spoken, fraud } = run(self);
        let (spoken, broken) = match spoken {
            Ok(spoken) => (spoken, None),
            Err(broken) => (Vec::new(), Some(broken)),
        };
        let strictest = self.restricted_by(restriction, fraud, &spoken);
        self.trace_rule(Phase::Restrict, &restriction.name, &restriction.place, fuel, || {
            match (&broken, strictest) {
                (Some(broken), _) => Outcome::Failed(broken.kind),
                (None, Some((verdict, code))) => Outcome::Restricted(verdict, code.to_owned()),
                (None, None) => Outcome::NotMatched,
            }
        });
        if let Some(broken) = broken {
            self.fail(broken);
        }
    }

    /// Takes in what a script or a component said; its strictest verdict.
    pub(super) fn restricted_by<'s>(
        &mut self,
        restriction: &Restriction,
        fraud: bool,
        spoken: &[VerbCall<'s>],
    ) -> Option<(Verdict, &'s str)> {
        let mut strictest: Option<(Verdict, &'s str)> = None;
        for said in spoken {
            let Value::Text(code) = said.value else { continue };
            let verdict = match said.verb {
                Verb::Reject => Verdict::Reject,
                Verb::Hold => Verdict::Hold,
                Verb::Zero => Verdict::Zero,
                Verb::Flag => Verdict::Flag,
                _ => {
                    self.found.notice(Notice {
                        code: code.to_owned(),
                        rule: restriction.name.clone(),
                        fraud,
                    });
                    continue;
                }
            };
            let release_at = match said.second {
                Some(Value::Duration(after)) => self.released(after),
                _ => None,
            };
            self.restricted(restriction, fraud, verdict, code, release_at);
            if strictest.is_none_or(|(before, _)| verdict > before) {
                strictest = Some((verdict, code));
            }
        }
        if let Some((verdict, _)) = strictest {
            self.count(restriction, verdict);
        }
        strictest
    }

    /// Takes in that a condition holds.
    pub(super) fn restricted_when(
        &mut self,
        restriction: &Restriction,
        condition: &Rule,
        verdict: Verdict,
        reason: &str,
        release_after: Option<Duration>,
    ) {
        let release_at = release_after.and_then(|after| self.released(after));
        self.restricted(restriction, condition.reads_fraud, verdict, reason, release_at);
        self.count(restriction, verdict);
    }

    fn restricted(
        &mut self,
        restriction: &Restriction,
        fraud: bool,
        verdict: Verdict,
        code: &str,
        release_at: Option<Timestamp>,
    ) {
        let said_before = self
            .found
            .reasons
            .iter()
            .any(|r| r.rule == restriction.name && r.code == code && r.verdict == verdict);
        if !said_before {
            self.found.reasons.push(Reason {
                code: code.to_owned(),
                verdict,
                rule: restriction.name.clone(),
                fault: None,
                fraud,
            });
        }
        if verdict == Verdict::Hold {
            self.found.releases.push(release_at);
        }
    }

    /// What a restriction that matched says about counting. One that does not let the action count is enough; a flag
    /// says nothing.
    fn count(&mut self, restriction: &Restriction, verdict: Verdict) {
        let counts = match verdict {
            Verdict::Flag => true,
            Verdict::Zero | Verdict::Hold => restriction.counts.unwrap_or(true),
            Verdict::Reject => restriction.counts.unwrap_or(false),
        };
        self.found.counts &= counts;
    }

    /// When a hold of this length ends; never by itself, when that is in a year that no moment is read in.
    fn released(&self, after: Duration) -> Option<Timestamp> {
        self.case.action.occurred_at.plus(after)?.in_years()
    }
}
