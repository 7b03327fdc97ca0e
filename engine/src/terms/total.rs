//! Reads totals: what `totals.NAME` counts, and whose total it is.

use std::sync::Arc;

use super::bonus::{Past, PastSum, Threshold};
use super::limit::{check_event_types, check_period, counter, impossible, scopes};
use super::model::{Counter, Counts, Scope};
use super::read::{At, Sink};
use super::rules::Rules;
use super::tables::TotalTable;
use super::values::Word;
use crate::diagnostic::Code;
use crate::lang::{Base, Phase, Rule, TotalName, Type};
use crate::period::Period;

/// Returns what the check of a rule needs to know of a total.
pub(super) fn name(name: &str, table: &TotalTable) -> TotalName {
    TotalName {
        name: name.to_owned(),
        period: table.period.as_ref().map_or(Period::Lifetime, |at| at.value),
        has_measure: table.measure.is_some(),
        has_distinct: table.distinct.is_some(),
        is_of_partner: table.of.is_none()
            && table.per.as_ref().is_some_and(|per| match per.value.as_slice() {
                [scope] => matches!(scope.value.0, Scope::Partner | Scope::Parent | Scope::Program),
                _ => false,
            }),
    }
}

/// Reads a total. Returns what it counts, and the rule that says whose total it is.
pub(super) fn total(
    table: &TotalTable,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> (Counter, Option<Arc<Rule>>) {
    let per = scopes(table.per.as_ref(), sink);
    check_event_types(table.event_types.as_ref(), rules.declared, sink);
    check_scopes(table, sink);
    check_period(&per, table.period.as_ref(), sink);
    check_distinct(table, &per, sink);
    check_of(table, &per, sink);
    let mut counter = counter(&per, table.period.as_ref(), table.event_types.as_ref(), None, rules.currency);
    let mut rule = |at: Option<&At<_>>, phase, base, sink: &mut Sink<'_>| {
        at.and_then(|at| rules.counting(at, phase, base, sink))
    };
    counter.when = rule(table.when.as_ref(), Phase::Count, Base::Bool, sink);
    counter.items = rule(table.items.as_ref(), Phase::CountItem, Base::Bool, sink);
    counter.measure = rule(table.measure.as_ref(), Phase::Count, Base::Money, sink);
    counter.distinct = table.distinct.as_ref().map(|at| at.value.0);
    counter.from = table.from.as_ref().map(|at| at.value);
    counter.past = table.after_actions.as_ref().map(|at| Past {
        of: PastSum::Actions,
        from: at.value.into(),
        threshold: Threshold::Exceeds,
        crosses: true,
    });
    counter.only_approved = table.counts.as_ref().is_some_and(|at| at.value.0 == Counts::Approved);
    let text = Type::maybe(Base::Text);
    let of = table.of.as_ref().and_then(|at| rules.typed(at, Phase::Count, text, sink));
    (counter, of.map(|script| script.rule))
}

/// Reports scopes by which no total can be kept.
fn check_scopes(table: &TotalTable, sink: &mut Sink<'_>) {
    for scope in table.per.iter().flat_map(|per| &per.value) {
        let (message, help) = match scope.value.0 {
            Scope::Action => (
                "a total of one action is that action",
                "use the action's own facts, such as `action.amount`",
            ),
            Scope::Group => (
                "a total cannot be kept by group, since the group is not chosen yet when rules read it",
                "use a limit with `group = \"…\"`",
            ),
            _ => continue,
        };
        impossible(scope.span, message.to_owned(), help, sink);
    }
}

/// Reports distinct values that cannot be counted.
fn check_distinct(table: &TotalTable, per: &[Scope], sink: &mut Sink<'_>) {
    let Some(Word(distinct)) = table.distinct.as_ref().map(|at| at.value) else { return };
    let at = table.distinct.as_ref().map_or(table.at, |at| at.span);
    let another = "count `customer`, `order`, `click` or `partner`";
    match distinct {
        Scope::Action => {
            let help = "leave `distinct` out, and read `actions`";
            return impossible(at, "each action is a different one".to_owned(), help, sink);
        }
        Scope::Group | Scope::Program => {
            let message = format!("`{}` is nothing that an action has one of", distinct.text());
            return impossible(at, message, another, sink);
        }
        _ => {}
    }
    if per.contains(&distinct) {
        let message = format!("each {} has a total of its own, which counts one", distinct.text());
        impossible(
            at,
            message,
            &format!("leave `{}` out of `per`, or count something else", distinct.text()),
            sink,
        );
    }
    if let Some(period) = table.period.as_ref().filter(|at| at.value.rolling_seconds().is_some()) {
        let message = "distinct values are not counted over rolling days".to_owned();
        impossible(period.span, message, "write a calendar period, such as `\"month\"`", sink);
    }
    if sink.currencies.len() > 1 {
        let message =
            "a contract that pays in several currencies counts each apart, and a value would count in each";
        let diagnostic = sink
            .at(Code::MixedCurrencies, at, message)
            .help("count `actions`, or make a contract for each currency");
        sink.push(diagnostic);
    }
}

/// Reports a total of another partner that is not kept by partner.
fn check_of(table: &TotalTable, per: &[Scope], sink: &mut Sink<'_>) {
    let Some(of) = table.of.as_ref().filter(|_| !per.contains(&Scope::Partner)) else { return };
    let message = "`of` says which partner's total is read, and this total is not kept by partner".to_owned();
    impossible(of.key, message, "add `\"partner\"` to `per`, or leave `of` out", sink);
}
