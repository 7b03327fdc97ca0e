//! Tells what is paid when a period closes, and the totals that rules read.

use rust_decimal::Decimal;

use super::context::Context;
use super::model::{Entry, Line, Section, SectionKind, Sentence};
use super::restrict::{key, period_noun, unknown_key};
use super::rules::total_words;
use super::sentence::{joined, list, say, words};
use super::told::{Condition, line, names, stop};
use super::words::Phrase;
use crate::lang::{Base, Form, Rule};
use crate::money::Money;
use crate::terms::{
    AfterClose, Bonus, BonusPays, Closes, Combine, Ladder, On, Threshold, Tier, TierScope, TrueUp,
    WhenUnknown,
};

/// Tells the bonuses of a version; `None` if there are none for the reader.
pub(super) fn bonuses(context: &Context<'_>) -> Option<Section> {
    let bonuses = context.version.bonuses.iter().enumerate();
    let mut entries: Vec<Entry> = bonuses.filter_map(|(n, bonus)| entry(context, bonus, n)).collect();
    if entries.is_empty() {
        return None;
    }
    let intro = vec![line(0, words(Phrase::BonusesIntro))];
    entries.insert(0, Entry { name: None, place: None, lines: intro });
    Some(Section { kind: SectionKind::Bonuses, heading: words(Phrase::BonusesHeading), entries })
}

fn entry(context: &Context<'_>, bonus: &Bonus, n: usize) -> Option<Entry> {
    let path = format!("bonuses[{n}]");
    let condition = match context.condition(bonus.when.as_deref(), &format!("{path}.when")) {
        Condition::Never => return None,
        Condition::Always => None,
        Condition::If(told) => Some(told),
    };
    let period = period_noun(context, bonus.period, &format!("{path}.period"));
    let closes = match bonus.closes {
        Closes::PeriodEnd => Phrase::ClosesWithPeriod,
        Closes::Lock => Phrase::ClosesWithLock,
    };
    let closes = say(closes, [period]);
    let mut lines = match condition {
        Some(told) => stop(say(Phrase::If2, [closes, told.sentence]), told.lines),
        None => stop(closes, Vec::new()),
    };
    match &bonus.pays {
        BonusPays::Tiers(ladder) => tiers(context, ladder, &path, &mut lines),
        BonusPays::Script { rule, on } => {
            lines.extend(context.script(rule, &format!("{path}.rule"), 0)?);
            if let Some(on) = on {
                applies_to(context, on, &path, &mut lines);
            }
        }
        BonusPays::Guarantee { amount, on } => {
            let amount = context.money(*amount, &format!("{path}.guarantee"));
            let on = context.value(on, &format!("{path}.on"));
            lines.extend(stop(say(Phrase::Guarantee, [amount, on.sentence]), on.lines));
        }
        BonusPays::Draw { amount, on } => {
            let amount = context.money(*amount, &format!("{path}.draw"));
            let on = context.value(on, &format!("{path}.on"));
            lines.extend(stop(say(Phrase::Draw, [amount, on.sentence]), on.lines));
        }
        BonusPays::Holdback { share, periods: count, on } => {
            let share = context.percent(*share, &format!("{path}.holdback"));
            let periods = context.count(*count, &format!("{path}.release_after"));
            let on = context.value(on, &format!("{path}.on"));
            let phrase = if *count == 1 { Phrase::HoldbackOne } else { Phrase::Holdback };
            lines.extend(stop(say(phrase, [share, on.sentence, periods]), on.lines));
        }
    }
    if let Some(most) = bonus.at_most {
        let most = context.money(most, &format!("{path}.at_most"));
        lines.push(line(0, say(Phrase::BonusAtMost, [most])));
    }
    if let Some(true_up) = bonus.true_up {
        lines.push(line(
            0,
            words(match true_up {
                TrueUp::Year => Phrase::TrueUpYear,
                TrueUp::Lifetime => Phrase::TrueUpLifetime,
            }),
        ));
    }
    lines.push(line(
        0,
        words(match bonus.after_close {
            AfterClose::Keep => Phrase::AfterCloseKeep,
            AfterClose::Recompute => Phrase::AfterCloseRecompute,
            AfterClose::RecomputeUntilLock => Phrase::AfterCloseUntilLock,
        }),
    ));
    // When a tier is listed as within reach is the brand's own business.
    if let (Some(share), None) = (bonus.notice_at, context.partner) {
        let share = context.percent(share, &format!("{path}.notice_at"));
        lines.push(line(0, say(Phrase::NoticeAt, [share])));
    }
    Some(Entry { name: Some(bonus.name.clone()), place: Some(bonus.place.clone()), lines })
}

fn applies_to(context: &Context<'_>, on: &Rule, path: &str, lines: &mut Vec<Line>) {
    let on = context.value(on, &format!("{path}.on"));
    lines.extend(stop(say(Phrase::RatesApplyTo, [on.sentence]), on.lines));
}

fn tiers(context: &Context<'_>, ladder: &Ladder, path: &str, lines: &mut Vec<Line>) {
    let measure = context.value(&ladder.measure, &format!("{path}.measure"));
    let head = match ladder.combine {
        Combine::Highest => Phrase::TiersBy,
        Combine::Cumulative => Phrase::TiersAllBy,
    };
    lines.push(line(0, say(head, [measure.sentence])));
    lines.extend(measure.lines);
    let is_money = matches!(ladder.measure.form, Form::Expression(ty) if ty.base == Base::Money);
    let amount = |value: Decimal, path: &str| match is_money {
        true => context.money(Money(value), path),
        false => context.decimal(value, path),
    };
    for (n, tier) in ladder.tiers.iter().enumerate() {
        let path = format!("{path}.tiers[{n}]");
        let from = amount(tier.from, &format!("{path}.from"));
        let every = tier.every.map(|every| amount(every, &format!("{path}.every")));
        let pays = pays(context, ladder, tier, every, &path);
        let phrase = match ladder.threshold {
            Threshold::Reaches => Phrase::TierReaches,
            Threshold::Exceeds => Phrase::TierExceeds,
        };
        lines.push(line(1, say(phrase, [from, pays])));
    }
    match &ladder.on {
        On::Nothing => {}
        On::Rule(on) if on.place == ladder.measure.place => {}
        On::Rule(on) => applies_to(context, on, path, lines),
        On::Total(index, field) => {
            if let Some(total) = context.version.totals.get(usize::from(*index)) {
                context.totals_read.borrow_mut().insert(usize::from(*index));
                let on = total_words(context, &total.name, total.counter, *field, &format!("{path}.on"));
                lines.extend(stop(say(Phrase::RatesApplyTo, [on]), Vec::new()));
            }
        }
    }
    if ladder.linear {
        lines.push(line(0, words(Phrase::Linear)));
    }
    let is_marginal = |tier: &Tier| tier.scope == TierScope::Marginal && tier.rate.is_some();
    if let Some(tier) = ladder.tiers.iter().find(|tier| is_marginal(tier)) {
        let past = tier.past.and_then(|counter| context.terms.counters.get(counter));
        let crosses = past.and_then(|counter| counter.past.as_ref()).map(|past| past.crosses);
        lines.push(line(
            0,
            words(match crosses {
                None => Phrase::CrossingSplit,
                Some(true) => Phrase::CrossingNew,
                Some(false) => Phrase::CrossingOld,
            }),
        ));
    }
}

fn pays(
    context: &Context<'_>,
    ladder: &Ladder,
    tier: &Tier,
    every: Option<Sentence>,
    path: &str,
) -> Sentence {
    let mut parts = Vec::new();
    let is_marginal = tier.scope == TierScope::Marginal;
    if let Some(rate) = tier.rate {
        let rate = context.percent(rate, &format!("{path}.rate"));
        parts.push(say(if is_marginal { Phrase::RatePast } else { Phrase::RateWhole }, [rate]));
    }
    if let Some(each) = tier.each {
        let each = context.money(each, &format!("{path}.each"));
        parts.push(say(if is_marginal { Phrase::EachPast } else { Phrase::EachWhole }, [each]));
    }
    if let Some(add) = tier.add {
        let add = context.money(add, &format!("{path}.add"));
        parts.push(match every {
            Some(every) => say(Phrase::AddEvery, [add, every]),
            None => say(Phrase::AddOnce, [add]),
        });
    }
    if parts.is_empty() && !ladder.tiers.is_empty() {
        parts.push(words(Phrase::Nothing));
    }
    list(parts, Phrase::And)
}

/// Tells the totals that were named on the card so far, and those that they name; `None` if there are none.
pub(super) fn totals(context: &Context<'_>, all: bool) -> Option<Section> {
    if all {
        context.totals_read.borrow_mut().extend(0..context.version.totals.len());
    }
    let mut entries = Vec::new();
    for (n, total) in context.version.totals.iter().enumerate() {
        if !context.totals_read.borrow().contains(&n) {
            continue;
        }
        let Some(counter) = context.terms.counters.get(total.counter) else { continue };
        let path = format!("totals.{}", total.name);
        let mut parts = vec![words(Phrase::TotalCounts)];
        if !counter.event_types.is_empty() {
            parts.push(say(Phrase::OfEventTypes, [names(&counter.event_types, Phrase::And)]));
        }
        if let Some(from) = counter.from {
            let from = context.number(from.to_string(), &format!("{path}.from"));
            parts.push(say(Phrase::TotalFrom, [from]));
        }
        parts.extend(key(context, counter, &format!("{path}.period")));
        let mut below = Vec::new();
        if let Some(when) = &counter.when {
            match context.condition(Some(&when.rule), &format!("{path}.when")) {
                Condition::Always => {}
                Condition::Never => parts.push(words(Phrase::TotalNever)),
                Condition::If(told) => {
                    parts.push(say(Phrase::ForActionsIf, [told.sentence]));
                    below = told.lines;
                }
            }
        }
        let mut lines = stop(joined(parts, Phrase::Space), below);
        if let Some(past) = &counter.past {
            let after = context.decimal(past.from, &format!("{path}.after_actions"));
            lines.push(line(0, say(Phrase::TotalAfter, [after])));
        }
        if let Some(items) = &counter.items
            && let Condition::If(told) = context.condition(Some(&items.rule), &format!("{path}.items"))
        {
            lines.extend(stop(say(Phrase::TotalItems, [told.sentence]), told.lines));
        }
        if let Some(measure) = &counter.measure {
            let told = context.value(&measure.rule, &format!("{path}.measure"));
            lines.extend(stop(say(Phrase::TotalMeasure, [told.sentence]), told.lines));
        }
        if let Some(distinct) = counter.distinct {
            let distinct = super::sentence::plain(distinct.text());
            lines.push(line(0, say(Phrase::TotalDistinct, [distinct])));
        }
        if counter.only_approved {
            lines.push(line(0, words(Phrase::TotalApproved)));
        }
        if let Some(of) = &total.of {
            let told = context.value(of, &format!("{path}.of"));
            lines.extend(stop(say(Phrase::TotalOf, [told.sentence]), told.lines));
        }
        if let Some(unknown) = unknown_key(&counter.per) {
            let phrase = match total.when_unknown {
                WhenUnknown::Hold => Phrase::UnknownHeld,
                WhenUnknown::Skip => Phrase::UnknownZero,
            };
            lines.push(line(0, say(phrase, [unknown])));
        }
        entries.push(Entry { name: Some(total.name.clone()), place: None, lines });
    }
    (!entries.is_empty()).then(|| Section {
        kind: SectionKind::Totals,
        heading: words(Phrase::TotalsHeading),
        entries,
    })
}
