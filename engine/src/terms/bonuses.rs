//! Reads bonuses, and the counters that they need.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::bonus::{
    AfterClose, Bonus, BonusPays, Closes, Combine, Crossing, Ladder, On, Past, PastSum, Tier, TierScope,
};
use super::expression::Expression;
use super::model::{Counter, Dates, Scope};
use super::numbers::{Bound, Percent};
use super::read::{At, Keys, Sink};
use super::refer::OrTable;
use super::rules::Rules;
use super::table::{Entry, rows};
use super::tables::{BonusTable, TierTable};
use crate::diagnostic::{Code, Span};
use crate::lang::{Base, ExprKind, Form, Phase, Rule, TotalAt, TotalField, TotalSum};
use crate::money::Money;
use crate::period::Period;

/// The counters of a bonus, before they have an index.
#[derive(Clone, Debug)]
pub(super) struct BonusCounters {
    /// What the bonus has paid in each period.
    pub(super) paid: Counter,
    /// What the bonus has paid over all time.
    pub(super) ever: Counter,
    /// By tier: the actions past it.
    pub(super) past: Vec<Option<Counter>>,
}

/// What the bonuses of a contract depend on.
pub(super) struct Declares<'d> {
    /// What each total counts.
    pub(super) totals: &'d [Counter],
    /// When awards lock.
    pub(super) dates: &'d Dates,
}

/// Reads a bonus. Its counters get an index later.
pub(super) fn bonus(
    table: &BonusTable,
    of: &Declares<'_>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<(Bonus, BonusCounters)> {
    if let [_, another, ..] = sink.currencies.as_slice() {
        let message = format!(
            "this contract pays in several currencies, `{another}` among them, and a bonus is paid once"
        );
        let diagnostic = sink.at(Code::MixedCurrencies, table.at, message);
        sink.push(diagnostic.help("make a contract for each currency"));
        return None;
    }
    let period = table.period.as_ref()?;
    if !period.value.is_calendar() {
        let message =
            format!("a bonus is computed when a period closes, and `{}` does not close", period.value);
        wrong(period.span, message, "write a calendar period, such as `\"month\"`", sink);
        return None;
    }
    rules.closing = Some(period.value);
    let read = read(table, period.value, of, rules, sink);
    rules.closing = None;
    read
}

fn read(
    table: &BonusTable,
    period: Period,
    of: &Declares<'_>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<(Bonus, BonusCounters)> {
    let keys = &table.keys;
    let way = way(table, sink);
    keys_of_way(table, way, sink);
    let when = table.when.as_ref().map(|at| rules.expression(at, Phase::Close, Base::Bool, sink));
    let on = table.on.as_ref().map(|at| rules.expression(at, Phase::Close, Base::Money, sink));
    let mut past = Vec::new();
    let pays = match way? {
        "tiers" => ladder(table, on, of, &mut past, rules, sink).map(BonusPays::Tiers),
        "rule" => {
            let rule = table.rule.as_ref().and_then(|at| rules.script(at, Phase::Close, sink));
            let on = match on {
                Some(on) => Some(on?),
                None => None,
            };
            rule.map(|rule| BonusPays::Script { rule, on })
        }
        way => {
            let Some(on) = on else {
                let message = format!("a {way} needs `on`: what was earned");
                let diagnostic = sink.at(Code::MissingKey, table.at, message);
                sink.push(diagnostic.help("write `on = 'totals.NAME.payouts.at_close'`"));
                return None;
            };
            earned(table, way, on?, sink)
        }
    };
    let closes = table.closes.as_ref().map(|at| at.value.0).unwrap_or_default();
    let after_close = table.after_close.as_ref().map(|at| at.value.0).unwrap_or_default();
    if of.dates.locking.is_none() && !keys.unknown {
        let locks = [
            table.closes.as_ref().filter(|at| at.value.0 == Closes::Lock).map(|at| at.span),
            table
                .after_close
                .as_ref()
                .filter(|at| at.value.0 == AfterClose::RecomputeUntilLock)
                .map(|at| at.span),
        ];
        for at in locks.into_iter().flatten() {
            let diagnostic = sink.at(Code::MissingKey, at, "nothing locks under this contract");
            sink.push(diagnostic.help("add `[locking]`, such as `from = \"month_end\"` and `days = 27`"));
        }
    }
    let at_most = table.at_most.as_ref().map(|at| positive(at, "the most that a bonus is", sink));
    let notice_at = table.notice_at.as_ref().map(|at| {
        if at.value.0 <= Decimal::ZERO || at.value.0 > Decimal::ONE {
            let message =
                format!("a tier is within reach above 0% and up to 100%, not at `{}`", sink.shown(at.span));
            wrong(at.span, message, "write `\"80%\"`", sink);
        }
        at.value.0
    });
    let name = table.name.as_ref()?;
    let when = match (when, keys.get("when")) {
        (Some(rule), _) => Some(rule?),
        (None, Some(_)) => return None,
        (None, None) => None,
    };
    let own = |period| Counter {
        contract: None,
        per: vec![Scope::Partner],
        period,
        event_types: Vec::new(),
        group: None,
        when: None,
        items: None,
        measure: None,
        distinct: None,
        from: None,
        past: None,
        only_approved: false,
        bonus: Some(name.value.clone()),
        currency: rules.currency,
        goes_down: true,
    };
    let mut bonus = Bonus {
        totals: BTreeSet::new(),
        name: name.value.clone(),
        place: sink.place(name.span),
        period,
        when,
        pays: pays?,
        at_most,
        true_up: table.true_up.as_ref().map(|at| at.value.0),
        notice_at,
        closes,
        after_close,
        paid: 0,
        ever: 0,
    };
    bonus.totals = bonus.rules().flat_map(Rule::totals).collect();
    if let BonusPays::Tiers(Ladder { on: On::Total(index, _), .. }) = bonus.pays {
        bonus.totals.insert(index);
    }
    Some((bonus, BonusCounters { paid: own(period), ever: own(Period::Lifetime), past }))
}

fn wrong(at: Span, message: String, help: &str, sink: &mut Sink<'_>) {
    let diagnostic = sink.at(Code::WrongValue, at, message).help(help);
    sink.push(diagnostic);
}

/// Returns an amount that is above zero.
fn positive(at: &At<Money>, what: &str, sink: &mut Sink<'_>) -> Money {
    if at.value <= Money::ZERO {
        let message = format!("{what} is above zero, not `{}`", sink.shown(at.span));
        wrong(at.span, message, "write an amount such as `\"500.00\"`", sink);
    }
    at.value
}

/// Returns the key by which the bonus says what it pays: exactly one.
fn way(table: &BonusTable, sink: &mut Sink<'_>) -> Option<&'static str> {
    const WAYS: [&str; 5] = ["tiers", "rule", "guarantee", "draw", "holdback"];
    let given: Vec<(&'static str, Span)> =
        WAYS.into_iter().filter_map(|key| Some((key, table.keys.get(key)?))).collect();
    match given.as_slice() {
        [] => {
            if !table.keys.unknown {
                let diagnostic = sink.at(Code::MissingKey, table.at, "a bonus does not say what it pays");
                let help =
                    "add `tiers` with a `measure`, or one of `rule`, `guarantee`, `draw` and `holdback`";
                sink.push(diagnostic.help(help));
            }
            None
        }
        [(first, first_at), (second, second_at), ..] => {
            let message = format!("a bonus has `{first}` or `{second}`, not both");
            let diagnostic = sink.at(Code::ConflictingKeys, *second_at, message);
            let diagnostic = diagnostic.label(sink.place(*first_at), format!("`{first}` stands here"));
            sink.push(diagnostic.help("write two bonuses; both are paid"));
            None
        }
        [(way, _)] => Some(way),
    }
}

/// Reports keys that have no meaning for what the bonus pays.
fn keys_of_way(table: &BonusTable, way: Option<&str>, sink: &mut Sink<'_>) {
    let Some(way) = way else { return };
    let keys: &Keys = &table.keys;
    let mut refuse = |key: &str, goes_with: &str| {
        let Some(at) = keys.get(key) else { return };
        let message = format!("`{key}` goes with {goes_with}, and this bonus has `{way}`");
        let diagnostic = sink.at(Code::ConflictingKeys, at, message);
        sink.push(diagnostic.help(format!("leave `{key}` out")));
    };
    if way != "tiers" {
        for key in ["measure", "threshold", "scope", "crossing", "combine", "linear", "notice_at"] {
            refuse(key, "`tiers`");
        }
    }
    if way != "holdback" {
        refuse("release_after", "`holdback`");
    }
    if !matches!(way, "tiers" | "rule") {
        refuse("true_up", "`tiers` or a `rule`");
        refuse("at_most", "`tiers` or a `rule`");
    }
    if matches!(way, "draw" | "holdback") {
        refuse("after_close", "a bonus that each period is paid by itself");
    }
    if let (Some(at), Some(true_up)) = (keys.get("after_close"), keys.get("true_up")) {
        let message = "`true_up` takes off at each close what was paid before, so nothing is computed again";
        let diagnostic = sink.at(Code::ConflictingKeys, at, message);
        let diagnostic = diagnostic.label(sink.place(true_up), "`true_up` stands here");
        sink.push(diagnostic.help("leave `after_close` out"));
    }
}

/// Reads a guarantee, a draw or a holdback.
fn earned(table: &BonusTable, way: &str, on: Arc<Rule>, sink: &mut Sink<'_>) -> Option<BonusPays> {
    if let Some(at) = &table.guarantee {
        return Some(BonusPays::Guarantee { amount: positive(at, "what is guaranteed", sink), on });
    }
    if let Some(at) = &table.draw {
        return Some(BonusPays::Draw { amount: positive(at, "a draw", sink), on });
    }
    let share = table.holdback.as_ref()?;
    if share.value.0 <= Decimal::ZERO || share.value.0 > Decimal::ONE {
        let message =
            format!("a share that is kept back is above 0% and up to 100%, not `{}`", sink.shown(share.span));
        wrong(share.span, message, "write `\"10%\"`", sink);
    }
    let Some(periods) = &table.release_after else {
        if !table.keys.unknown {
            let message = format!("a {way} needs `release_after`: after how many periods it is paid");
            let diagnostic = sink.at(Code::MissingKey, table.at, message);
            sink.push(diagnostic.help("write `release_after = 3`"));
        }
        return None;
    };
    if periods.value == 0 || periods.value > MOST_PERIODS {
        let message = format!(
            "what is kept back is paid after 1 to {MOST_PERIODS} periods, not `{}`",
            sink.shown(periods.span)
        );
        wrong(periods.span, message, "write `release_after = 3`", sink);
    }
    Some(BonusPays::Holdback { share: share.value.0, periods: periods.value, on })
}

/// The most periods for which something is kept back: three years of months.
const MOST_PERIODS: u32 = 36;

/// Returns the total that an expression reads at the close, if it is nothing else.
fn plain_total(rule: &Rule) -> Option<(u16, TotalField)> {
    let value = rule.body.value.as_ref().filter(|_| rule.body.stmts.is_empty())?;
    match value.kind {
        ExprKind::Total(index, field) if field.at == TotalAt::AtClose => Some((index, field)),
        _ => None,
    }
}

fn is_of(rule: &Rule, base: Base) -> bool {
    matches!(rule.form, Form::Expression(ty) if ty.base == base)
}

/// Reads tiers.
#[allow(clippy::option_option, reason = "not written, and written but wrong, are two things")]
fn ladder(
    table: &BonusTable,
    on: Option<Option<Arc<Rule>>>,
    of: &Declares<'_>,
    past: &mut Vec<Option<Counter>>,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Ladder> {
    let given = table.tiers.as_ref()?;
    for (key, help) in [
        ("measure", "add `measure = 'totals.NAME.revenue.at_close'`, or another sum that the tiers ask"),
        (
            "threshold",
            "write `threshold = \"reaches\"` if a measure equal to a tier reaches it, or `\"exceeds\"` if not",
        ),
    ] {
        if table.keys.get(key).is_none() && !table.keys.unknown {
            let diagnostic = sink.at(Code::MissingKey, table.at, format!("tiers need the key `{key}`"));
            sink.push(diagnostic.help(help));
        }
    }
    let measure = table.measure.as_ref().and_then(|at: &At<Expression>| rules.number(at, Phase::Close, sink));
    let tables = match &given.value {
        OrTable::Own(list) => list.iter().map(|tier| Entry::own(&tier.value)).collect(),
        OrTable::Table(reference) => rows(reference, None, rules, sink)?,
    };
    let Some(first) = tables.first() else {
        let diagnostic = sink.at(Code::MissingKey, given.span, "there is no tier");
        sink.push(diagnostic.help("write at least one, such as `{ from = \"1000\", rate = \"2%\" }`"));
        return None;
    };
    if table.scope.is_none() && tables.iter().any(|entry| entry.table.scope.is_none()) && !table.keys.unknown
    {
        let diagnostic = sink.at(Code::MissingKey, table.at, "it is not said what the tiers apply to");
        let help = "write `scope = \"whole\"` if a tier applies to everything in the period, or `\"marginal\"` if to what is past it";
        sink.push(diagnostic.help(help));
    }
    let (measure, threshold) = (measure?, table.threshold.as_ref()?.value.0);
    let scope = table.scope.as_ref().map(|at| at.value.0);
    let is_count = is_of(&measure, Base::Integer);
    let tiers = first.within(sink, |sink| tiers(&tables, is_count, scope, sink));
    let tiers = tiers?;
    let has_rate = tiers.iter().any(|tier| tier.rate.is_some());
    let on = match on {
        Some(on) => On::Rule(on?),
        None if !has_rate => On::Nothing,
        None if is_of(&measure, Base::Money) => On::Rule(Arc::clone(&measure)),
        None => match plain_total(&measure) {
            Some((index, field)) => {
                let has_measure = rules.totals.get(usize::from(index)).is_some_and(|total| total.has_measure);
                let sum = if has_measure { TotalSum::Measured } else { TotalSum::Revenue };
                On::Total(index, TotalField { sum, ..field })
            }
            None => {
                let diagnostic =
                    sink.at(Code::MissingKey, table.at, "it is not said what the rates apply to");
                sink.push(diagnostic.help("add `on = 'totals.NAME.revenue.at_close'`"));
                return None;
            }
        },
    };
    if let Some(at) = table.on.as_ref().filter(|_| !has_rate) {
        let diagnostic =
            sink.at(Code::ConflictingKeys, at.key, "`on` says what rates apply to, and no tier has a rate");
        sink.push(diagnostic.help("leave `on` out"));
    }
    let linear = table.linear.as_ref().is_some_and(|at| at.value);
    if let Some(at) = table.linear.as_ref().filter(|at| at.value) {
        let fits = tiers.iter().all(|tier| tier.rate.is_some() && tier.scope == TierScope::Whole);
        if !fits || table.combine.as_ref().is_some_and(|at| at.value.0 == Combine::Cumulative) {
            let message =
                "a rate rises from tier to tier if each has a rate that applies to everything".to_owned();
            wrong(
                at.span,
                message,
                "write `scope = \"whole\"` and a `rate` in each tier, or leave `linear` out",
                sink,
            );
        }
    }
    let mut ladder = Ladder {
        measure,
        is_count,
        on,
        threshold,
        combine: table.combine.as_ref().map(|at| at.value.0).unwrap_or_default(),
        linear,
        tiers,
    };
    crossing(table, &mut ladder, of, past, sink);
    Some(ladder)
}

/// Finds out how much is past each marginal tier: from the measure, or by a counter of the actions past it.
fn crossing(
    table: &BonusTable,
    ladder: &mut Ladder,
    of: &Declares<'_>,
    past: &mut Vec<Option<Counter>>,
    sink: &mut Sink<'_>,
) {
    let mode = table.crossing.as_ref().map(|at| at.value.0);
    let asks = |tier: &Tier| tier.scope == TierScope::Marginal && tier.rate.is_some();
    past.resize(ladder.tiers.len(), None);
    if !ladder.tiers.iter().any(asks) {
        if let Some(at) = &table.crossing {
            let message = "`crossing` is about marginal tiers with a rate, and there are none";
            let diagnostic = sink.at(Code::ConflictingKeys, at.key, message);
            sink.push(diagnostic.help("leave `crossing` out"));
        }
        return;
    }
    let is_split = match mode {
        Some(mode) => mode == Crossing::Split,
        // An action is one action: a number of actions is never split.
        None => !ladder.is_count,
    };
    let is_measured =
        matches!(&ladder.on, On::Rule(on) if Arc::ptr_eq(on, &ladder.measure) || same(on, &ladder.measure));
    if is_split && is_measured {
        return;
    }
    if let (true, Some(at)) = (is_split, &table.crossing) {
        let message = "an amount is split where the tiers ask the amount that the rates apply to".to_owned();
        wrong(at.span, message, "write `crossing = \"new\"` or `\"old\"`, or leave `on` out", sink);
        return;
    }
    let measured = plain_total(&ladder.measure);
    let on = match &ladder.on {
        On::Rule(on) => plain_total(on),
        On::Total(index, field) => Some((*index, *field)),
        On::Nothing => None,
    };
    let sum = measured.and_then(|(_, field)| match field.sum {
        TotalSum::Actions => Some(PastSum::Actions),
        TotalSum::Units => Some(PastSum::Units),
        TotalSum::Revenue | TotalSum::Measured => Some(PastSum::Revenue),
        TotalSum::Payouts | TotalSum::Payable | TotalSum::Distinct => None,
    });
    let (Some((index, _)), Some((same, field)), Some(sum)) = (measured, on, sum) else {
        return not_one_total(table, sink);
    };
    let Some(counter) = of.totals.get(usize::from(index)).filter(|_| index == same) else {
        return not_one_total(table, sink);
    };
    ladder.on = On::Total(index, field);
    for (tier, counts) in ladder.tiers.iter().zip(past) {
        if asks(tier) {
            let past = Past {
                of: sum,
                from: tier.from,
                threshold: ladder.threshold,
                crosses: mode != Some(Crossing::Old),
            };
            *counts = Some(Counter { past: Some(past), ..counter.clone() });
        }
    }
}

/// Returns whether two expressions read the same total.
fn same(one: &Rule, other: &Rule) -> bool {
    plain_total(one).is_some_and(|one| plain_total(other) == Some(one))
}

fn not_one_total(table: &BonusTable, sink: &mut Sink<'_>) {
    let message =
        "to know which actions are past a marginal tier, `measure` and `on` have to be sums of one total";
    let at = table.on.as_ref().or(table.measure.as_ref()).map_or(table.at, |at| at.span);
    let help = "write `measure = 'totals.NAME.actions.at_close'` (or `units`, `revenue`) and leave `on` out, or write a `rule`";
    let diagnostic = sink.at(Code::WrongValue, at, message);
    sink.push(diagnostic.help(help));
}

/// Reads tiers, which stand in rising order.
fn tiers(
    tables: &[Entry<'_, TierTable>],
    is_count: bool,
    scope: Option<TierScope>,
    sink: &mut Sink<'_>,
) -> Option<Vec<Tier>> {
    let mut tiers: Vec<Tier> = Vec::with_capacity(tables.len());
    let mut earlier: Option<&At<Bound>> = None;
    for entry in tables {
        let tier = &*entry.table;
        let from = tier.from.as_ref()?;
        if tier.keys.none_of(&["rate", "add", "each"]) && !tier.keys.unknown {
            let diagnostic = sink.at(Code::MissingKey, tier.at, "this tier does not say what it pays");
            sink.push(diagnostic.help("add `rate`, `add` or `each`; `add = \"0\"` pays nothing"));
        }
        if let Some(before) = earlier.filter(|before| before.value.value >= from.value.value) {
            let message =
                format!("this tier begins at `{}`, not above the one before it", sink.shown(from.span));
            let diagnostic =
                sink.at(Code::BandOverlap, from.span, message).help("write the tiers in rising order");
            let label = format!("the one before begins at `{}`", sink.shown(before.span));
            let diagnostic = diagnostic.label(sink.place(before.span), label);
            sink.push(diagnostic);
        }
        earlier = Some(from);
        let every = tier.every.as_ref();
        if is_count {
            for at in [Some(from), every].into_iter().flatten().filter(|at| !at.value.value.fract().is_zero())
            {
                wrong(
                    at.span,
                    format!("the measure is a whole number, and `{}` is not", sink.shown(at.span)),
                    "write a whole number",
                    sink,
                );
            }
        }
        if let Some(at) = every.filter(|at| at.value.value <= Decimal::ZERO) {
            let message = format!("`every` is a distance above zero, not `{}`", sink.shown(at.span));
            wrong(at.span, message, "write a number such as `\"10\"`", sink);
            return None;
        }
        if let (Some(at), None) = (tier.keys.get("every"), tier.keys.get("add")) {
            let diagnostic = sink.at(
                Code::MissingKey,
                at,
                "`every` says when `add` is paid once more, and there is no `add`",
            );
            sink.push(diagnostic.help("write `add = \"20.00\"` beside it"));
        }
        if let Some(each) = &tier.each {
            if !is_count {
                let message =
                    "`each` is paid for each one that is counted, and the measure counts nothing".to_owned();
                wrong(
                    each.key,
                    message,
                    "write `rate`, or measure a number such as `totals.NAME.actions.at_close`",
                    sink,
                );
            }
            if let Some(every) = tier.keys.get("every") {
                let diagnostic =
                    sink.at(Code::ConflictingKeys, every, "a tier has `each` or `every`, not both");
                sink.push(diagnostic.help("write two bonuses; both are paid"));
            }
        }
        let rate = tier.rate.as_ref().map(|at| rate(at, sink));
        tiers.push(Tier {
            from: from.value.value,
            place: sink.place(from.span),
            scope: tier.scope.as_ref().map(|at| at.value.0).or(scope)?,
            rate,
            add: tier.add.as_ref().map(|at| at.value),
            each: tier.each.as_ref().map(|at| at.value),
            every: every.map(|at| at.value.value),
            past: None,
        });
    }
    Some(tiers)
}

fn rate(at: &At<Percent>, sink: &mut Sink<'_>) -> Decimal {
    if at.value.0 < Decimal::ZERO {
        let message = format!("a rate is not negative, but this is `{}`", sink.shown(at.span));
        wrong(at.span, message, "write a rate such as `\"2%\"`", sink);
    }
    if at.value.0 > Decimal::ONE {
        let hundredth = at.value.0.normalize();
        let help = format!("write `\"{hundredth}%\"` if {hundredth} percent were meant");
        let diagnostic = sink.at(Code::RateAboveWhole, at.span, "this rate is above 100%").help(help);
        sink.push(diagnostic);
    }
    at.value.0
}
