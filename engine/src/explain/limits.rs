//! Explains what limits took off: what each limit allows, and what it granted.

use super::numbers::percent;
use super::{Tone, Writer};
use crate::decide::{Award, AwardTrace, LimitTrace};
use crate::money::Money;
use crate::period::Period;
use crate::terms::{Edge, Limit, LimitMax, Scope};
use rust_decimal::Decimal;

impl Writer<'_> {
    pub(super) fn limits(&mut self, award: &Award, trace: &AwardTrace) {
        let traced = self.brand() && !(trace.limits.is_empty() && trace.skipped.is_empty());
        if !traced && award.limits.is_empty() {
            return;
        }
        self.heading("Limits");
        if traced {
            for limit in &trace.limits {
                self.limit(limit);
            }
            for limit in &trace.skipped {
                self.skipped_limit(limit);
            }
            return;
        }
        for cut in &award.limits {
            let text = format!("took off {}", self.amount(cut.cut));
            self.row(Tone::Warning, &cut.limit, &text);
        }
    }

    fn limit(&mut self, limit: &LimitTrace) {
        let declared = self
            .version()
            .and_then(|(_, version)| version.limits.iter().find(|declared| declared.name == limit.limit));
        let counts = declared.is_some_and(|declared| matches!(declared.max, LimitMax::Count(_)));
        let shown = |value: Money| if counts { value.to_string() } else { self.amount(value) };
        let most = match declared.map(|declared| declared.max) {
            Some(LimitMax::Share(share)) => {
                format!("{}, {} of the commissionable amount,", shown(limit.max), percent(share))
            }
            Some(LimitMax::Count(_)) => format!("{} paid actions", shown(limit.max)),
            Some(LimitMax::Money(_) | LimitMax::Line { .. }) | None => shown(limit.max),
        };
        let scope = declared.map_or_else(String::new, |declared| self.scope(declared));
        let text = format!(
            "at most {most}{scope}; {} used before; asked for {}, granted {}",
            shown(limit.used),
            self.amount(limit.asked),
            self.amount(limit.granted)
        );
        let cut = limit.granted < limit.asked;
        let left = limit.max.sub(limit.used).and_then(|left| left.sub(limit.granted)).unwrap_or_default();
        let left = (!cut).then(|| format!("{} left after it", shown(Money(left.0.max(Decimal::ZERO)))));
        self.row(if cut { Tone::Warning } else { Tone::Quiet }, &limit.limit, &text);
        if let Some(left) = left {
            self.row(Tone::Quiet, "", &left);
        }
        if let (true, Some(declared)) = (cut, declared) {
            let edge = match declared.edge {
                Edge::Remainder => "at its edge it pays what is left",
                Edge::AllOrNothing => "at its edge it pays nothing unless all fits",
                Edge::PayThenStop => "nothing is paid once it is used up",
                Edge::Hold => "at its edge a person decides",
                Edge::Alert => "at its edge it pays and lets you know",
            };
            self.row(Tone::Quiet, "", edge);
        }
    }

    /// Returns what a limit applies to, such as ` for each partner and month`.
    fn scope(&self, limit: &Limit) -> String {
        let Some(counter) = limit.counter.and_then(|counter| self.terms.counters.get(counter)) else {
            return " for each action".to_owned();
        };
        let mut parts: Vec<String> = Vec::new();
        for scope in &counter.per {
            parts.extend(match scope {
                Scope::Action => Some("action".to_owned()),
                Scope::Order => Some("order".to_owned()),
                Scope::Customer => Some("customer".to_owned()),
                Scope::Click => Some("click".to_owned()),
                Scope::Partner => Some("partner".to_owned()),
                Scope::Parent => Some("parent".to_owned()),
                Scope::Group => Some("payout group".to_owned()),
                Scope::Program => None,
            });
        }
        let own = counter.per.iter().any(|scope| matches!(scope, Scope::Action | Scope::Order));
        match counter.period {
            _ if own => {}
            Period::Lifetime => {}
            Period::RollingDays(days) => parts.push(format!("{days} days")),
            Period::Contract => parts.push("contract".to_owned()),
            period => parts.push(period.to_string()),
        }
        if parts.is_empty() { String::new() } else { format!(" for each {}", parts.join(" and ")) }
    }
}
