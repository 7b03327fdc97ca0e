//! Tells what is paid for what: payout groups, participation, levels.

use super::context::Context;
use super::model::{Entry, Section, SectionKind, Sentence};
use super::sentence::{counted, list, say, words};
use super::told::{Condition, general, line, names, under};
use super::words::Phrase;
use crate::lang::catalog::Verb;
use crate::lang::{Base, Form};
use crate::terms::{AddPer, Choose, Effect, Group, Level, LevelOf, Limit, LimitMax, PayoutPer, Pays};

/// The verbs that a component of a payout group may say, for an order and for an item.
const ORDER_VERBS: &[Verb] = &[Verb::Rate, Verb::AddPoints, Verb::Multiply, Verb::Add, Verb::Notice];
const ITEM_VERBS: &[Verb] =
    &[Verb::Rate, Verb::AddPoints, Verb::Multiply, Verb::Add, Verb::AddPerUnit, Verb::Notice];

/// Tells the payout of a version. `above` says whether the partner of the card has partners below.
pub(super) fn section(context: &Context<'_>, above: bool) -> Section {
    let payout = &context.version.payout;
    let of = &context.version.actions.event_types;
    let heading = if of.is_empty() {
        words(Phrase::PayoutHeading)
    } else {
        say(Phrase::PayoutHeadingFor, [names(of, Phrase::And)])
    };
    let mut entries = Vec::new();
    let mut groups = Vec::new();
    let is_stack = payout.choose == Choose::Stack;
    let default = payout.default.as_ref();
    if let Some(default) = default.filter(|_| is_stack) {
        groups.extend(
            group(context, default, "payout.default", Some(Phrase::NameAlways)).map(|(entry, _)| entry),
        );
    }
    let mut is_decided = false;
    for (n, of) in payout.groups.iter().enumerate() {
        if let Some((entry, always)) = group(context, of, &format!("payout.groups[{n}]"), None) {
            groups.push(entry);
            // For this partner no later group is ever tried.
            if always && context.partner.is_some() && payout.choose == Choose::First {
                is_decided = true;
                break;
            }
        }
    }
    let several = groups.len() > 1;
    match default.filter(|_| !is_stack && !is_decided) {
        Some(default) => {
            let called = if groups.is_empty() { Phrase::NameAlways } else { Phrase::NameOtherwise };
            groups.extend(group(context, default, "payout.default", Some(called)).map(|(entry, _)| entry));
        }
        None if is_stack || is_decided => {}
        None => {
            let called = if groups.is_empty() { Phrase::NameAlways } else { Phrase::NameOtherwise };
            groups.push(general(called, vec![line(0, words(Phrase::NothingPaid))]));
        }
    }
    let mut intro = vec![line(
        0,
        words(match payout.per {
            PayoutPer::Order => Phrase::ForEachAction,
            PayoutPer::Item => Phrase::ForEachItem,
        }),
    )];
    if several {
        intro.push(line(
            0,
            words(match payout.choose {
                Choose::First => Phrase::ChooseFirst,
                Choose::Highest => Phrase::ChooseHighest,
                Choose::Stack => Phrase::ChooseStack,
                Choose::MostSpecific => Phrase::ChooseMostSpecific,
            }),
        ));
    }
    entries.push(Entry { name: None, place: None, lines: intro });
    entries.append(&mut groups);
    if let Some(of) = &payout.participation {
        entries.extend(participation(context, of));
    }
    if context.partner.is_none() || above {
        entries.extend(payout.levels.iter().enumerate().map(|(n, of)| level(context, of, n)));
    }
    Section { kind: SectionKind::Payout, heading, entries }
}

/// Returns which actions a version of a contract with several currencies is for.
pub(super) fn currency_words(context: &Context<'_>) -> Sentence {
    let actions = &context.version.actions;
    let currency = vec![super::model::Piece::Text { text: context.version.currency.code().to_owned() }];
    if actions.currencies.is_empty() {
        say(Phrase::InCurrencyAndOthers, [currency])
    } else {
        say(Phrase::InCurrency, [currency])
    }
}

/// Tells verbs, in the order in which they take effect.
fn effects(context: &Context<'_>, effects: &[Effect], per: PayoutPer, path: &str) -> Sentence {
    let told = effects.iter().map(|effect| match effect {
        Effect::Rate(rate) => {
            let rate = context.percent(*rate, &format!("{path}.rate"));
            say(if per == PayoutPer::Item { Phrase::RateOfItem } else { Phrase::Rate }, [rate])
        }
        Effect::AddPoints(points) => {
            let points = context.number(super::numbers::hundredths(*points), &format!("{path}.points"));
            counted(points, Phrase::AddPoint, Phrase::AddPoints)
        }
        Effect::Multiply(factor) => {
            say(Phrase::Multiply, [context.decimal(*factor, &format!("{path}.multiply"))])
        }
        Effect::Add { amount, per: of } => {
            let amount = context.money(*amount, &format!("{path}.add"));
            let phrase = match (of, per) {
                (AddPer::Order, PayoutPer::Order) => Phrase::AddFlat,
                (AddPer::Order, PayoutPer::Item) => Phrase::AddPerOrder,
                (AddPer::Item, _) => Phrase::AddPerItem,
                (AddPer::Unit, _) => Phrase::AddPerUnit,
            };
            say(phrase, [amount])
        }
    });
    list(told.collect(), Phrase::ThenAnd)
}

/// Tells a payout group, and whether it always matches; `None` if it never matches for the partner of the card.
fn group(context: &Context<'_>, group: &Group, path: &str, called: Option<Phrase>) -> Option<(Entry, bool)> {
    let payout = &context.version.payout;
    let per = payout.per;
    let condition = match context.condition(group.when.as_deref(), &format!("{path}.when")) {
        Condition::Never => return None,
        Condition::Always => None,
        Condition::If(told) => Some(told),
    };
    let always = condition.is_none() && matches!(group.pays, Pays::Fixed(_));
    let mut lines = Vec::new();
    match &group.pays {
        Pays::Fixed(verbs) => {
            let pays = effects(context, verbs, per, path);
            match condition {
                Some(told) => lines.extend(under(pays, told, 0)),
                None => lines.push(line(0, say(Phrase::Stop, [pays]))),
            }
        }
        Pays::Bands { by, bands } => {
            let told = context.value(by, &format!("{path}.by"));
            let head = match condition {
                Some(condition) => {
                    lines.extend(condition.lines);
                    say(Phrase::ByIf, [told.sentence, condition.sentence])
                }
                None => say(Phrase::By, [told.sentence]),
            };
            lines.insert(0, line(0, head));
            lines.extend(told.lines);
            let is_money = matches!(by.form, Form::Expression(ty) if ty.base == Base::Money);
            for (n, band) in bands.iter().enumerate() {
                let path = format!("{path}.bands[{n}]");
                let from = format!("{path}.from");
                let from = match is_money {
                    true => context.money(crate::money::Money(band.from), &from),
                    false => context.decimal(band.from, &from),
                };
                let pays = effects(context, &band.effects, per, &path);
                lines.push(line(1, say(Phrase::BandFrom, [from, pays])));
            }
        }
        Pays::Script(rule) => {
            let path = format!("{path}.rule");
            match condition {
                Some(condition) => {
                    lines.push(line(0, say(Phrase::IfHead, [condition.sentence])));
                    lines.extend(condition.lines);
                    lines.extend(context.script(rule, &path, 1)?);
                }
                None => lines.extend(context.script(rule, &path, 0)?),
            }
        }
        Pays::Component(component) => {
            let verbs = if per == PayoutPer::Item { ITEM_VERBS } else { ORDER_VERBS };
            let pays = context.component(component, verbs);
            match condition {
                Some(told) => lines.extend(under(pays, told, 0)),
                None => lines.push(line(0, say(Phrase::Stop, [pays]))),
            }
        }
    }
    if payout.choose == Choose::MostSpecific && context.partner.is_none() && called.is_none() {
        let specificity = context.count(group.specificity, &format!("{path}.specificity"));
        lines.push(line(0, say(Phrase::Specificity, [specificity])));
    }
    for (n, limit) in context.version.limits.iter().enumerate().take(payout.at_most.len()) {
        if limit.group.as_deref() == Some(&group.name) {
            lines.push(line(0, at_most(context, limit, &format!("limits[{n}].max"))));
        }
    }
    let name = called.map_or_else(|| group.name.clone(), |called| called.text().to_owned());
    Some((Entry { name: Some(name), place: Some(group.place.clone()), lines }, always))
}

/// Tells the most that a group pays for one action.
fn at_most(context: &Context<'_>, limit: &Limit, path: &str) -> Sentence {
    match limit.max {
        LimitMax::Money(most) => say(Phrase::GroupAtMost, [context.money(most, path)]),
        LimitMax::Line { most, per } => {
            let phrase = match per {
                AddPer::Order => Phrase::GroupAtMost,
                AddPer::Item => Phrase::GroupAtMostItem,
                AddPer::Unit => Phrase::GroupAtMostUnit,
            };
            say(phrase, [context.money(most, path)])
        }
        LimitMax::Share(share) => say(Phrase::GroupAtMost, [context.percent(share, path)]),
        LimitMax::Count(count) => say(Phrase::GroupAtMost, [context.count(count, path)]),
    }
}

fn participation(context: &Context<'_>, group: &Group) -> Option<Entry> {
    let Pays::Fixed(verbs) = &group.pays else { return None };
    let pays = effects(context, verbs, PayoutPer::Order, "payout.participation");
    let lines = vec![line(0, say(Phrase::Participation, [pays]))];
    Some(Entry { name: Some(group.name.clone()), place: Some(group.place.clone()), lines })
}

fn level(context: &Context<'_>, level: &Level, n: usize) -> Entry {
    let rate = context.percent(level.rate, &format!("payout.levels[{n}].rate"));
    let of = match level.of {
        LevelOf::Sale => say(Phrase::Rate, [rate]),
        LevelOf::Payout => say(Phrase::LevelOfPayout, [rate]),
    };
    let told = match n {
        0 => say(Phrase::LevelOne, [of]),
        1 => say(Phrase::LevelTwo, [of]),
        _ => say(Phrase::LevelMore, [of, super::sentence::plain(n.saturating_add(1).to_string())]),
    };
    Entry { name: Some(level.name.clone()), place: Some(level.place.clone()), lines: vec![line(0, told)] }
}
