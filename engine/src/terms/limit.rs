//! Reads limits, and the counters that they need.

use rust_decimal::Decimal;

use indexmap::IndexSet;

use super::model::{Counter, Edge, Limit, LimitMax, Scope};
use super::program::Declared;
use super::read::{At, Sink, shown};
use super::rules::Rules;
use super::tables::LimitTable;
use super::values::{Word, not_known, words};
use crate::diagnostic::{Code, Span};
use crate::lang::{Base, Phase};
use crate::money::{Currency, Money};
use crate::period::Period;

/// Returns what is counted, of all actions of the event types. `contract` is filled in later by the loader, which knows the index of the contract.
pub(super) fn counter(
    per: &[Scope],
    period: Option<&At<Period>>,
    event_types: Option<&At<Vec<At<String>>>>,
    group: Option<String>,
    currency: Currency,
) -> Counter {
    let mut event_types: Vec<String> =
        event_types.map(|at| at.value.iter().map(|name| name.value.clone()).collect()).unwrap_or_default();
    event_types.sort();
    event_types.dedup();
    Counter {
        contract: None,
        per: per.to_vec(),
        period: period.map_or(Period::Lifetime, |at| at.value),
        event_types,
        group,
        when: None,
        items: None,
        measure: None,
        distinct: None,
        from: None,
        past: None,
        only_approved: false,
        bonus: None,
        currency,
        goes_down: true,
    }
}

/// Returns the sorted scopes. Reports a scope that is repeated.
pub(super) fn scopes(per: Option<&At<Vec<At<Word<Scope>>>>>, sink: &mut Sink<'_>) -> Vec<Scope> {
    let Some(per) = per else { return Vec::new() };
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in &per.value {
        if scopes.contains(&scope.value.0) {
            let message = format!("`{}` is listed twice", sink.shown(scope.span));
            impossible(scope.span, message, "keep it once", sink);
        } else {
            scopes.push(scope.value.0);
        }
    }
    if per.value.is_empty() && sink.text.get(per.span.range()).is_some_and(|text| !text.contains(['"', '\'']))
    {
        let all = super::read::list(words::<Scope>().iter().copied(), "or");
        impossible(
            per.span,
            "this is kept by nothing".to_owned(),
            &format!("write one or more of {all}"),
            sink,
        );
    }
    scopes.sort();
    scopes
}

pub(super) fn impossible(at: Span, message: String, help: &str, sink: &mut Sink<'_>) {
    let diagnostic = sink.at(Code::ImpossibleLimit, at, message).help(help);
    sink.push(diagnostic);
}

pub(super) fn check_event_types(
    event_types: Option<&At<Vec<At<String>>>>,
    declared: &Declared,
    sink: &mut Sink<'_>,
) {
    let Some(at) = event_types.filter(|_| declared.whole) else { return };
    for name in &at.value {
        check_event_type(&name.value, name.span, declared, sink);
    }
}

/// Reports an event type that is not declared. Returns whether it is.
pub(super) fn check_event_type(name: &str, at: Span, declared: &Declared, sink: &mut Sink<'_>) -> bool {
    let is_known = declared.event_types.contains_key(name);
    if !is_known {
        not_known("event type", name, at, declared.event_types.keys().map(String::as_str), sink);
    }
    is_known
}

pub(super) fn check_period(per: &[Scope], period: Option<&At<Period>>, sink: &mut Sink<'_>) {
    let Some(period) = period else { return };
    let single = [(Scope::Action, "an action"), (Scope::Order, "an order")];
    if let Some((_, what)) = single.iter().find(|(scope, _)| per.contains(scope)) {
        let help = "leave `period` out, or keep the limit by `partner` or `customer`";
        impossible(period.key, format!("{what} has no period"), help, sink);
    }
    if per.contains(&Scope::Program) && period.value == Period::Contract {
        let message = "a program has no contract period, since it spans contracts".to_owned();
        impossible(period.span, message, "write a calendar period, or `lifetime`", sink);
    }
}

/// Reads a limit. Returns its counter separately, until the loader knows the index of its contract.
pub(super) fn limit(
    table: &LimitTable,
    groups: Option<&IndexSet<String>>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<(Limit, Option<Counter>)> {
    let currency = rules.currency;
    let per = scopes(table.per.as_ref(), sink);
    check_event_types(table.event_types.as_ref(), rules.declared, sink);
    let when = table.when.as_ref().map(|at| rules.counting(at, Phase::Count, Base::Bool, sink));
    if let (Some(group), Some(groups)) = (&table.group, groups)
        && !groups.contains(&group.value)
    {
        not_known("payout group", &group.value, group.span, groups.iter().map(String::as_str), sink);
    }
    let max = measure(table, &per, sink);
    let single = per.contains(&Scope::Action);
    if let Some(extra) = table.per.as_ref().filter(|at| single && at.value.len() > 1) {
        let help = "write `per = [\"action\"]` alone";
        impossible(
            extra.span,
            "an action is one action, whatever else the limit is kept by".to_owned(),
            help,
            sink,
        );
    }
    check_period(&per, table.period.as_ref(), sink);
    if let Some(edge) = table.edge.as_ref().filter(|edge| edge.value.0 == Edge::PayThenStop) {
        if matches!(max, Some(LimitMax::Count(_))) {
            let message =
                "`pay_then_stop` has no meaning for a number of actions, which are paid whole or not at all";
            impossible(edge.span, message.to_owned(), "leave `edge` out", sink);
        } else if single {
            let message = "`pay_then_stop` never stops anything for each action alone";
            impossible(edge.span, message.to_owned(), "write `remainder` or `all_or_nothing`", sink);
        }
    }
    let warn_at = table.warn_at.as_ref().map(|at| {
        if at.value.0 <= Decimal::ZERO || at.value.0 > Decimal::ONE {
            let message =
                format!("a warning is raised above 0% and up to 100%, not at `{}`", sink.shown(at.span));
            impossible(at.span, message, "write `\"80%\"`", sink);
        }
        at.value.0
    });
    let name = table.name.as_ref()?;
    let when = match when {
        Some(when) => Some(when?),
        None => None,
    };
    let group = table.group.as_ref().map(|group| group.value.clone());
    // A limit on each action alone needs no sums; its counter only says which actions it is for.
    let counted = !single || table.event_types.is_some() || when.is_some();
    let goes_down = table.reversal_frees.as_ref().is_none_or(|frees| frees.value);
    if let (Some(frees), true) = (table.keys.get("reversal_frees"), single) {
        let message = "a limit on each action alone has nothing that a reversal could free";
        impossible(frees, message.to_owned(), "leave `reversal_frees` out", sink);
    }
    let counter = counted
        .then(|| counter(&per, table.period.as_ref(), table.event_types.as_ref(), group.clone(), currency))
        .map(|counter| Counter { goes_down, when, ..counter });
    let limit = Limit {
        name: name.value.clone(),
        place: sink.place(name.span),
        max: max?,
        counter: None,
        group,
        edge: table.edge.as_ref().map(|edge| edge.value.0).unwrap_or_default(),
        warn_at,
        when_unknown: table.when_unknown.as_ref().map(|when| when.value.0).unwrap_or_default(),
    };
    Some((limit, counter))
}

/// Reads the maximum: exactly one of `max`, `count` and `share`.
fn measure(table: &LimitTable, per: &[Scope], sink: &mut Sink<'_>) -> Option<LimitMax> {
    let given: Vec<(&str, Span)> =
        ["max", "count", "share"].into_iter().filter_map(|key| Some((key, table.keys.get(key)?))).collect();
    match given.as_slice() {
        [] if table.keys.unknown => return None,
        [] => {
            let help = "add `max = \"500.00\"` (money), `count = 10` (actions) or `share = \"25%\"` (of each action)";
            let diagnostic =
                sink.at(Code::MissingKey, table.at, "a limit needs `max`, `count` or `share`").help(help);
            sink.push(diagnostic);
            return None;
        }
        [(first, first_at), (second, second_at), ..] => {
            let message = format!("a limit has `{first}` or `{second}`, not both");
            let diagnostic = sink
                .at(Code::ConflictingKeys, *second_at, message)
                .help("write two limits; all of them apply");
            let diagnostic = diagnostic.label(sink.place(*first_at), format!("`{first}` stands here"));
            sink.push(diagnostic);
        }
        [_] => {}
    }
    let single = per == [Scope::Action];
    let money = table.max.as_ref().map(|max| {
        if max.value < Money::ZERO {
            let message = format!("a limit is not negative, but this is `{}`", sink.shown(max.span));
            impossible(max.span, message, "write an amount above zero", sink);
        } else if max.value.is_zero() {
            let help = "use a restriction to pay nothing, which gives a reason";
            impossible(max.span, "a limit of zero pays nothing, ever".to_owned(), help, sink);
        }
        LimitMax::Money(max.value)
    });
    let count = table.count.as_ref().map(|count| {
        if count.value == 0 {
            let help = "use a restriction to pay nothing, which gives a reason";
            impossible(count.span, "a limit of zero pays nothing, ever".to_owned(), help, sink);
        } else if per.contains(&Scope::Action) {
            let message = "each action is one action, so this limits nothing".to_owned();
            impossible(count.key, message, "keep it by `partner`, `customer`, `order` or `click`", sink);
        }
        LimitMax::Count(u64::from(count.value))
    });
    let share = table.share.as_ref().map(|share| {
        if share.value.0.is_sign_negative() && !share.value.0.is_zero() {
            let message = format!("a share is not negative, but this is `{}`", sink.shown(share.span));
            impossible(share.span, message, "write a share such as `\"25%\"`", sink);
        }
        if !single && !per.is_empty() {
            let message =
                format!("a share is of one action's amount, and this limit is kept by {}", shown_scopes(per));
            let at = table.per.as_ref().map_or(share.span, |per| per.span);
            let diagnostic = sink.at(Code::ImpossibleLimit, at, message).help("write `per = [\"action\"]`");
            let diagnostic = diagnostic.label(sink.place(share.span), "the share");
            sink.push(diagnostic);
        }
        LimitMax::Share(share.value.0)
    });
    money.or(count).or(share)
}

fn shown_scopes(per: &[Scope]) -> String {
    let names: Vec<String> = per.iter().map(|scope| shown(&format!("{scope:?}").to_lowercase())).collect();
    super::read::list(names.iter().map(String::as_str), "and")
}
