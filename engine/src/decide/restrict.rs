//! Restrictions: the facts enter; every restriction is evaluated, and all that matched leave as reasons. What this
//! phase refuses, no later one can pay.

use super::decision::{Notice, Outcome, Reason};
use super::work::{Broken, Work, reads_fraud};
use crate::component::{ComponentRule, Judged};
use crate::rule::catalog::Verb;
use crate::rule::{Phase, Rule, Value};
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
                        let release_at = release_after.and_then(|after| self.released(after));
                        self.restricted(restriction, reads_fraud(condition), *verdict, reason, release_at);
                        self.count(restriction, *verdict);
                    }
                }
                RestrictionBody::Script(rule) => self.restrict_by_script(restriction, rule),
                RestrictionBody::Component(component) => self.restrict_by_component(restriction, component),
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

    /// A script may give several verbs: the strictest is its verdict, and each is a reason of its own.
    fn restrict_by_script(&mut self, restriction: &Restriction, rule: &'a Rule) {
        let fuel = self.evaluator.fuel();
        let result = self.evaluator.run(rule, &self.case);
        let spoken = self.evaluator.spoken().to_vec();
        let mut strictest: Option<(Verdict, &str)> = None;
        for said in spoken.iter().filter(|_| result.is_ok()) {
            let Value::Text(code) = said.value else { continue };
            let verdict = match said.verb {
                Verb::Reject => Verdict::Reject,
                Verb::Hold => Verdict::Hold,
                Verb::Zero => Verdict::Zero,
                Verb::Flag => Verdict::Flag,
                _ => {
                    let fraud = reads_fraud(rule);
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
            self.restricted(restriction, reads_fraud(rule), verdict, code, release_at);
            if strictest.is_none_or(|(before, _)| verdict > before) {
                strictest = Some((verdict, code));
            }
        }
        if let Some((verdict, _)) = strictest {
            self.count(restriction, verdict);
        }
        self.trace_rule(Phase::Restrict, &restriction.name, &restriction.place, fuel, || {
            match (&result, strictest) {
                (Err(fault), _) => Outcome::Failed(fault.kind),
                (Ok(_), Some((verdict, code))) => Outcome::Restricted(verdict, code.to_owned()),
                (Ok(_), None) => Outcome::NotMatched,
            }
        });
        if let Err(fault) = result {
            self.fail(Broken::rule(&restriction.name, rule, fault));
        }
    }

    /// A component says its verdicts like a script; what it says is all or nothing. It was handed the fraud signals, so
    /// what it says may come from them.
    fn restrict_by_component(&mut self, restriction: &Restriction, component: &ComponentRule) {
        let fuel = self.evaluator.fuel();
        let evaluated = component.restrict(&self.case, self.desk.limits);
        self.evaluator.spend(evaluated.fuel);
        let (said, fault) = match evaluated.said {
            Ok(said) => (said, None),
            Err(fault) => (Vec::new(), Some(fault)),
        };
        let mut strictest: Option<(Verdict, String)> = None;
        for judged in said {
            match judged {
                Judged::Notice(code) => {
                    self.evaluator.note("notice", code.clone());
                    self.found.notice(Notice { code, rule: restriction.name.clone(), fraud: true });
                }
                Judged::Verdict(verdict, code, after) => {
                    let length = after.map(|after| format!(" for {after}")).unwrap_or_default();
                    self.evaluator.note(verdict.text(), format!("{code}{length}"));
                    let release_at = after.and_then(|after| self.released(after));
                    self.restricted(restriction, true, verdict, &code, release_at);
                    if strictest.as_ref().is_none_or(|(before, _)| verdict > *before) {
                        strictest = Some((verdict, code));
                    }
                }
            }
        }
        if let Some((verdict, _)) = strictest {
            self.count(restriction, verdict);
        }
        self.trace_rule(Phase::Restrict, &restriction.name, &restriction.place, fuel, || {
            match (&fault, strictest) {
                (Some(fault), _) => Outcome::Failed(fault.kind),
                (None, Some((verdict, code))) => Outcome::Restricted(verdict, code),
                (None, None) => Outcome::NotMatched,
            }
        });
        if let Some(fault) = fault {
            self.fail(Broken::component(&restriction.name, component, fault));
        }
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

    /// When a hold of this length ends; never by itself, when that is outside the calendar.
    fn released(&self, after: Duration) -> Option<Timestamp> {
        self.case.action.occurred_at.plus(after)
    }
}
