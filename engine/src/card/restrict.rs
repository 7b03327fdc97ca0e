//! Tells what is excluded or held, and the limits on what is paid.

use super::context::Context;
use super::model::{Entry, Section, SectionKind, Sentence};
use super::sentence::{all, counted, joined, list, name, say, words};
use super::told::{Condition, general, line, names, stop, under};
use super::words::Phrase;
use crate::lang::catalog::Verb;
use crate::period::Period;
use crate::terms::{Counter, Edge, Limit, LimitMax, RestrictionBody, Scope, Verdict, WhenUnknown};

const VERBS: &[Verb] = &[Verb::Reject, Verb::Hold, Verb::Zero, Verb::Flag, Verb::Notice];

/// Tells the restrictions of a version; `None` if there are none for the reader.
pub(super) fn restrictions(context: &Context<'_>) -> Option<Section> {
    let mut entries = Vec::new();
    let mut checks_fraud = false;
    for (n, restriction) in context.version.restrictions.iter().enumerate() {
        let path = format!("restrictions[{n}]");
        let is_check = match &restriction.body {
            RestrictionBody::When { condition, .. } => context.is_hidden(condition),
            RestrictionBody::Script(rule) => context.is_hidden(rule),
            // A component is handed the fraud signals.
            RestrictionBody::Component(_) => context.partner.is_some(),
        };
        if is_check {
            checks_fraud = true;
            continue;
        }
        let mut lines = match &restriction.body {
            RestrictionBody::When { condition, verdict, reason, release_after } => {
                let reason = context.reason(reason);
                let told = match (verdict, release_after) {
                    (Verdict::Reject, _) => say(Phrase::Reject, [reason]),
                    (Verdict::Zero, _) => say(Phrase::Zero, [reason]),
                    (Verdict::Flag, _) => say(Phrase::Flag, [reason]),
                    (Verdict::Hold, None) => say(Phrase::Hold, [reason]),
                    (Verdict::Hold, Some(length)) => {
                        let length = context.duration(*length, &format!("{path}.release_after"));
                        say(Phrase::HoldFor, [length, reason])
                    }
                };
                match context.condition(Some(condition), &format!("{path}.when")) {
                    Condition::Never => continue,
                    Condition::Always => stop(say(Phrase::EveryAction, [told]), Vec::new()),
                    Condition::If(condition) => under(told, condition, 0),
                }
            }
            RestrictionBody::Script(rule) => match context.script(rule, &format!("{path}.rule"), 0) {
                Some(lines) => lines,
                None => continue,
            },
            RestrictionBody::Component(component) => stop(context.component(component, VERBS), Vec::new()),
        };
        if let Some(counts) = restriction.counts {
            let phrase = if counts { Phrase::CountsAllTheSame } else { Phrase::DoesNotCount };
            lines.push(line(0, words(phrase)));
        }
        entries.push(Entry {
            name: Some(restriction.name.clone()),
            place: Some(restriction.place.clone()),
            lines,
        });
    }
    if checks_fraud {
        entries.push(general(Phrase::NameFraudChecks, vec![line(0, words(Phrase::FraudChecks))]));
    }
    if entries.is_empty() {
        return None;
    }
    let intro = Entry { name: None, place: None, lines: vec![line(0, words(Phrase::RestrictionsIntro))] };
    entries.insert(0, intro);
    Some(Section { kind: SectionKind::Restrictions, heading: words(Phrase::RestrictionsHeading), entries })
}

/// Tells the limits of a version, without those that are told with their payout groups; `None` if there are none. `groups` are the
/// names of what pays on the card.
pub(super) fn limits(context: &Context<'_>, groups: &[String]) -> Option<Section> {
    let own = context.version.payout.at_most.len();
    let all = context.version.limits.iter().enumerate().skip(own);
    let is_of_reader = |limit: &Limit| {
        let of = limit.group.as_ref();
        context.partner.is_none() || of.is_none_or(|group| groups.contains(group))
    };
    let entries: Vec<Entry> = all
        .filter(|(_, limit)| is_of_reader(limit))
        .filter_map(|(n, limit)| limit_entry(context, limit, n))
        .collect();
    if entries.is_empty() {
        return None;
    }
    let mut section = Section { kind: SectionKind::Limits, heading: words(Phrase::LimitsHeading), entries };
    if section.entries.len() > 1 {
        let lines = vec![line(0, words(Phrase::LimitsIntro))];
        section.entries.insert(0, Entry { name: None, place: None, lines });
    }
    Some(section)
}

fn limit_entry(context: &Context<'_>, limit: &Limit, n: usize) -> Option<Entry> {
    let path = format!("limits[{n}]");
    let most = format!("{path}.max");
    let max = match limit.max {
        LimitMax::Money(money) | LimitMax::Line { most: money, .. } => context.money(money, &most),
        LimitMax::Share(share) => say(Phrase::ShareOfAmount, [context.percent(share, &most)]),
        LimitMax::Count(count) => {
            counted(context.count(count, &most), Phrase::PaidAction, Phrase::PaidActions)
        }
    };
    let mut parts = vec![say(Phrase::AtMost, [max])];
    let counter = limit.counter.and_then(|counter| context.terms.counters.get(counter));
    let mut below = Vec::new();
    let event_types = counter.map(|counter| counter.event_types.as_slice()).unwrap_or_default();
    if !event_types.is_empty() {
        parts.push(say(Phrase::OfEventTypes, [names(event_types, Phrase::And)]));
    }
    if let Some(group) = &limit.group {
        parts.push(say(Phrase::PaidByGroup, [name(group.as_str())]));
    }
    match counter {
        None => parts.push(words(Phrase::ForEachOneAction)),
        Some(counter) => parts.extend(key(context, counter, &format!("{path}.period"))),
    }
    if let Some(when) = counter.and_then(|counter| counter.when.as_ref()) {
        match context.condition(Some(&when.rule), &format!("{path}.when")) {
            Condition::Never => return None,
            Condition::Always => {}
            Condition::If(told) => {
                parts.push(say(Phrase::ForActionsIf, [told.sentence]));
                below = told.lines;
            }
        }
    }
    let mut lines = stop(joined(parts, Phrase::Space), below);
    let is_count = matches!(limit.max, LimitMax::Count(_));
    lines.push(line(
        0,
        words(match (limit.edge, is_count) {
            (Edge::Remainder | Edge::AllOrNothing, true) => Phrase::EdgeCount,
            (Edge::Remainder, false) => Phrase::EdgeRemainder,
            (Edge::AllOrNothing, false) => Phrase::EdgeAllOrNothing,
            (Edge::PayThenStop, _) => Phrase::EdgePayThenStop,
            (Edge::Hold, _) => Phrase::EdgeHold,
            (Edge::Alert, _) => Phrase::EdgeAlert,
        }),
    ));
    if let Some(share) = limit.warn_at {
        let share = context.percent(share, &format!("{path}.warn_at"));
        lines.push(line(0, say(Phrase::WarnAt, [share])));
    }
    if let Some(counter) = counter {
        if let Some(unknown) = unknown_key(&counter.per) {
            let phrase = match limit.when_unknown {
                WhenUnknown::Hold => Phrase::UnknownHeld,
                WhenUnknown::Skip => Phrase::UnknownNoLimit,
            };
            lines.push(line(0, say(phrase, [unknown])));
        }
        if !counter.goes_down {
            lines.push(line(0, words(Phrase::StaysUsed)));
        }
    }
    Some(Entry { name: Some(limit.name.clone()), place: Some(limit.place.clone()), lines })
}

/// Returns the parts of a key that an action may not say; `None` if there are none.
pub(super) fn unknown_key(per: &[Scope]) -> Option<Sentence> {
    let of = |scope: &Scope| match scope {
        Scope::Order => Some(Phrase::ItsOrder),
        Scope::Customer => Some(Phrase::ItsCustomer),
        Scope::Click => Some(Phrase::ItsClick),
        Scope::Parent => Some(Phrase::ItsParent),
        Scope::Action | Scope::Partner | Scope::Group | Scope::Program => None,
    };
    let unknown: Vec<Sentence> = per.iter().filter_map(of).map(words).collect();
    (!unknown.is_empty()).then(|| list(unknown, Phrase::Or))
}

/// Tells by what a counter is kept, and over which period.
pub(super) fn key(context: &Context<'_>, counter: &Counter, path: &str) -> Vec<Sentence> {
    let of = |scope: &Scope| {
        words(match scope {
            Scope::Action => Phrase::KeyAction,
            Scope::Order => Phrase::KeyOrder,
            Scope::Customer => Phrase::KeyCustomer,
            Scope::Click => Phrase::KeyClick,
            Scope::Partner => Phrase::KeyPartner,
            Scope::Parent => Phrase::KeyParent,
            Scope::Group => Phrase::KeyGroup,
            Scope::Program => Phrase::KeyProgram,
        })
    };
    let scopes: Vec<&Scope> = counter.per.iter().filter(|scope| **scope != Scope::Program).collect();
    let mut parts = Vec::new();
    if counter.per.contains(&Scope::Program) {
        parts.push(words(Phrase::KeyProgram));
    }
    if !scopes.is_empty() {
        parts.push(say(Phrase::ForEachKey, [list(scopes.into_iter().map(of).collect(), Phrase::And)]));
    }
    if !counter.per.iter().any(|scope| matches!(scope, Scope::Action | Scope::Order)) {
        parts.push(period(context, counter.period, path));
    }
    parts
}

/// Tells a period: `in each month`.
pub(super) fn period(context: &Context<'_>, period: Period, path: &str) -> Sentence {
    match period {
        Period::RollingDays(days) => {
            counted(context.count(days, path), Phrase::InRollingDay, Phrase::InRollingDays)
        }
        Period::Contract => words(Phrase::OverContract),
        Period::Lifetime => words(Phrase::OverLifetime),
        period => say(Phrase::InEach, [period_noun(context, period, path)]),
    }
}

/// Tells a calendar period: `month`.
pub(super) fn period_noun(context: &Context<'_>, period: Period, path: &str) -> Sentence {
    words(match period {
        Period::Day => Phrase::Day,
        Period::Week => Phrase::Week,
        Period::SundayWeek => Phrase::SundayWeek,
        Period::TwoWeeks(from) => {
            return all([say(Phrase::TwoWeeks, [context.number(from.to_string(), path)])]);
        }
        Period::HalfMonth => Phrase::HalfMonth,
        Period::Month => Phrase::Month,
        Period::Quarter => Phrase::Quarter,
        Period::Year => Phrase::Year,
        Period::RollingDays(_) => Phrase::Day,
        Period::Contract => Phrase::OverContract,
        Period::Lifetime => Phrase::OverLifetime,
    })
}
