//! Reads the `[payout]` table: payout groups with checked rules.

use std::sync::Arc;

use super::expression::Expression;
use super::model::{
    AddPer, Band, Choose, Edge, Effect, Group, Level, Limit, LimitMax, Payout, PayoutPer, Pays, WhenUnknown,
};
use super::numbers::{Bound, Factor, Percent, refuse_plain};
use super::read::{At, Keys, Sink, shown};
use super::refer::OrTable;
use super::rules::Rules;
use super::table::{Conditions, Entry, entries, rows};
use super::tables::{BandTable, DefaultTable, GroupTable, LevelTable, ParticipationTable, PayoutTable};
use super::values::Word;
use crate::diagnostic::{Code, Place, Span};
use crate::lang::{Base, Form, Phase, Rule};
use crate::money::Money;
use rust_decimal::Decimal;

/// The verbs that a group, a band or the default payout may have.
struct Verbs<'t> {
    keys: &'t Keys,
    rate: Option<&'t At<Percent>>,
    points: Option<&'t At<Percent>>,
    multiply: Option<&'t At<Factor>>,
    add: Option<&'t At<Money>>,
    add_per: Option<&'t At<Word<AddPer>>>,
}

/// The keys by which a payout group or the default payout says what it pays.
struct Body<'t> {
    what: &'static str,
    at: Span,
    verbs: Verbs<'t>,
    by: Option<&'t At<Expression>>,
    bands: Option<&'t At<OrTable<Vec<At<BandTable>>>>>,
    rule: Option<&'t At<String>>,
    component: Option<&'t At<String>>,
}

macro_rules! verbs {
    ($table:expr) => {
        Verbs {
            keys: &$table.keys,
            rate: $table.rate.as_ref(),
            points: $table.points.as_ref(),
            multiply: $table.multiply.as_ref(),
            add: $table.add.as_ref(),
            add_per: $table.add_per.as_ref(),
        }
    };
}

macro_rules! body {
    ($table:expr, $what:literal) => {
        Body {
            what: $what,
            at: $table.at,
            verbs: verbs!($table),
            by: $table.by.as_ref(),
            bands: $table.bands.as_ref(),
            rule: $table.rule.as_ref(),
            component: $table.component.as_ref(),
        }
    };
}

/// The keys of verbs.
const VERB_KEYS: [&str; 4] = ["rate", "points", "multiply", "add"];

/// The names of a version's payout groups, whether the groups could be read or not.
#[derive(Debug, Default)]
pub(super) struct GroupNames {
    pub(super) names: Vec<(String, Place)>,
    /// Whether some names are not known, because a table cannot be read.
    pub(super) incomplete: bool,
}

/// Reads the payouts of a version.
pub(super) fn payout(
    table: Option<&PayoutTable>,
    known: &mut GroupNames,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Payout {
    let Some(table) = table else {
        return Payout::default();
    };
    if table.keys.none_of(&["default", "groups"]) {
        let message = "this contract pays nothing: it has neither a default payout nor a payout group";
        let help = "add `[payout.default]` with `rate = \"5%\"`; `rate = \"0%\"` if nothing is to be paid";
        let diagnostic = sink.at(Code::MissingKey, table.at, message).help(help);
        sink.push(diagnostic);
    }
    let per = table.per.as_ref().map_or_else(PayoutPer::default, |per| per.value.0);
    let choose = table.choose.as_ref().map_or_else(Choose::default, |choose| choose.value.0);
    let default = table.default.as_ref().and_then(|at| default_payout(&at.value, per, rules, sink));
    let tables = table.groups.as_ref().map(|groups| groups.value.as_slice()).unwrap_or_default();
    let conditions = Conditions { phase: phase(per), repeats: choose == Choose::Stack };
    let (tables, whole) = entries(tables, Some(conditions), rules, sink);
    known.incomplete |= !whole;
    let mut groups = Vec::with_capacity(tables.len());
    for entry in &tables {
        let read = entry.within(sink, |sink| {
            if let Some(name) = &entry.table.name {
                known.names.push((name.value.clone(), sink.place(name.span)));
                if name.value == DEFAULT {
                    reserved(name, "the default payout", sink);
                }
            }
            group(&entry.table, per, rules, sink)
        });
        groups.extend(read);
    }
    let mut at_most: Vec<Limit> = Vec::new();
    for entry in &tables {
        let of = entry.table.name.as_ref().map(|name| name.value.clone());
        let (most, of_each) = (entry.table.at_most.as_ref(), entry.table.at_most_per.as_ref());
        let read = entry.within(sink, |sink| {
            of.and_then(|of| self::at_most(of, &entry.table.keys, most, of_each, per, sink))
        });
        at_most.extend(read);
    }
    if let Some(table) = table.default.as_ref().map(|at| &at.value) {
        let (most, of_each) = (table.at_most.as_ref(), table.at_most_per.as_ref());
        at_most.extend(self::at_most(DEFAULT.to_owned(), &table.keys, most, of_each, per, sink));
    }
    let participation = table.participation.as_ref().and_then(|at| participation(&at.value, sink));
    let levels = table.levels.iter().flat_map(|at| &at.value);
    let levels: Vec<Level> = levels.enumerate().filter_map(|(n, at)| level(n + 1, &at.value, sink)).collect();
    for entry in &tables {
        entry.within(sink, |sink| {
            let Some(name) = &entry.table.name else { return };
            if participation.as_ref().is_some_and(|group| group.name == name.value) {
                reserved(name, "the participation bonus", sink);
            } else if levels.iter().any(|level| level.name == name.value) {
                reserved(name, "a level", sink);
            }
        });
    }
    Payout { per, choose, default, groups, participation, levels, at_most }
}

/// Reads the most that a payout group pays, as a limit on each action alone.
fn at_most(
    group: String,
    keys: &Keys,
    most: Option<&At<Money>>,
    of_each: Option<&At<Word<AddPer>>>,
    per: PayoutPer,
    sink: &mut Sink<'_>,
) -> Option<Limit> {
    if let (Some(at), None) = (keys.get("at_most_per"), keys.get("at_most")) {
        let message = "`at_most_per` says what `at_most` is for, and there is no `at_most`";
        let diagnostic = sink.at(Code::MissingKey, at, message);
        sink.push(diagnostic.help("write `at_most = \"50.00\"` beside it, or leave it out"));
    }
    let most = most?;
    if most.value <= Money::ZERO {
        let message = format!("the most that a group pays is above zero, not `{}`", sink.shown(most.span));
        let diagnostic = sink.at(Code::WrongValue, most.span, message);
        sink.push(diagnostic.help("write an amount such as `\"50.00\"`; `rate = \"0%\"` pays nothing"));
    }
    let of = of_each.map(|of| of.value.0).unwrap_or_default();
    if let Some(at) = of_each.filter(|_| per == PayoutPer::Order && of != AddPer::Order) {
        let message = format!("`{}` goes with a payout for each item", sink.shown(at.span));
        let help = "write `per = \"item\"` in `[payout]`, or leave `at_most_per` out";
        let diagnostic = sink.at(Code::ConflictingKeys, at.span, message).help(help);
        sink.push(diagnostic);
    }
    let max = match of {
        AddPer::Order => LimitMax::Money(most.value),
        AddPer::Item | AddPer::Unit => LimitMax::Line { most: most.value, per: of },
    };
    Some(Limit {
        name: format!("{group}: at_most"),
        place: sink.place(most.span),
        max,
        counter: None,
        group: Some(group),
        edge: Edge::Remainder,
        warn_at: None,
        when_unknown: WhenUnknown::Hold,
    })
}

/// The name of the default payout in decisions and limits.
pub(super) const DEFAULT: &str = "default";

/// The name of the participation bonus in decisions and limits.
const PARTICIPATION: &str = "participation";

impl Payout {
    /// Returns the names of what pays besides the groups and the default payout.
    pub(super) fn beside(&self) -> impl Iterator<Item = String> + '_ {
        let participation = self.participation.iter().map(|group| group.name.clone());
        participation.chain(self.levels.iter().map(|level| level.name.clone()))
    }
}

/// Reports a payout group with a name that decisions use for something else.
fn reserved(name: &At<String>, of: &str, sink: &mut Sink<'_>) {
    let message = format!("`{}` is the name of {of}", shown(&name.value));
    let diagnostic = sink.at(Code::DuplicateName, name.span, message).help("give the group another name");
    sink.push(diagnostic);
}

fn participation(table: &ParticipationTable, sink: &mut Sink<'_>) -> Option<Group> {
    if table.keys.none_of(ParticipationTable::KEYS) {
        let message = "the participation bonus does not say what it pays";
        let diagnostic = sink.at(Code::MissingKey, table.at, message);
        sink.push(diagnostic.help("add `add = \"2.00\"`, or `rate = \"1%\"`"));
    }
    let verbs = Verbs {
        keys: &table.keys,
        rate: table.rate.as_ref(),
        points: None,
        multiply: None,
        add: table.add.as_ref(),
        add_per: None,
    };
    let pays = Pays::Fixed(effects(&verbs, PayoutPer::Order, sink));
    let place = sink.place(table.at);
    Some(Group { name: PARTICIPATION.to_owned(), place, when: None, pays, specificity: 0 })
}

fn level(number: usize, table: &LevelTable, sink: &mut Sink<'_>) -> Option<Level> {
    let rate = table.rate.as_ref()?;
    if rate.value.0 <= Decimal::ZERO {
        let message = format!("a level is paid more than 0%, not `{}`", sink.shown(rate.span));
        let diagnostic = sink.at(Code::WrongValue, rate.span, message).help("write `rate = \"2%\"`");
        sink.push(diagnostic);
    }
    above_whole(rate, "rate", sink);
    let of = table.of.as_ref().map(|of| of.value.0).unwrap_or_default();
    Some(Level { name: format!("level {number}"), place: sink.place(table.at), rate: rate.value.0, of })
}

fn phase(per: PayoutPer) -> Phase {
    match per {
        PayoutPer::Order => Phase::PayOrder,
        PayoutPer::Item => Phase::PayItem,
    }
}

fn default_payout(
    table: &DefaultTable,
    per: PayoutPer,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Group> {
    let pays = pays(&body!(table, "the default payout"), per, rules, sink)?;
    let place = sink.place(table.at);
    Some(Group { name: DEFAULT.to_owned(), place, when: None, pays, specificity: 0 })
}

fn group(
    table: &GroupTable,
    per: PayoutPer,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Group> {
    let when = table.when.as_ref().map(|when| rules.expression(when, phase(per), Base::Bool, sink));
    let pays = pays(&body!(table, "a payout group"), per, rules, sink);
    let mut specificity = match &when {
        Some(Some(rule)) => rule.conjuncts,
        _ => 0,
    };
    if let Some(stated) = &table.specificity {
        match u16::try_from(stated.value) {
            Ok(stated) => specificity = stated,
            Err(_) => {
                let message = format!("`specificity` is at most {}", u16::MAX);
                let diagnostic = sink.at(Code::WrongValue, stated.span, message);
                sink.push(diagnostic);
            }
        }
    }
    let name = table.name.as_ref()?;
    // A condition that cannot be read must not become a group that always matches.
    let when = match (when, table.keys.get("when")) {
        (Some(rule), _) => Some(rule?),
        (None, Some(_)) => return None,
        (None, None) => None,
    };
    Some(Group { name: name.value.clone(), place: sink.place(name.span), when, pays: pays?, specificity })
}

/// Reads what a group pays: exactly one of verbs, bands, a rule and a component.
fn pays(body: &Body<'_>, per: PayoutPer, rules: &mut Rules<'_, '_>, sink: &mut Sink<'_>) -> Option<Pays> {
    let keys = body.verbs.keys;
    let ways: Vec<(&str, Span)> = [&VERB_KEYS[..], &["bands", "by"], &["rule"], &["component"]]
        .into_iter()
        .filter_map(|way| keys.first(way))
        .collect();
    if let [(first, first_at), (second, second_at), ..] = *ways.as_slice() {
        let message = format!("{} has `{first}` or `{second}`, not both", body.what);
        let diagnostic = sink.at(Code::ConflictingKeys, second_at, message);
        let help = "keep one of them; two groups may share a condition when `choose` is `stack`";
        let diagnostic = diagnostic.label(sink.place(first_at), format!("`{first}` stands here")).help(help);
        sink.push(diagnostic);
    }
    if ways.is_empty() && !keys.unknown {
        let message = format!("{} does not say what it pays", body.what);
        let help =
            "add `rate`, `points`, `multiply` or `add`; or `by` with `bands`; or `rule`; or `component`";
        let diagnostic = sink.at(Code::MissingKey, body.at, message).help(help);
        sink.push(diagnostic);
    }
    let effects = effects(&body.verbs, per, sink);
    let bands = bands(body, per, rules, sink);
    let script = body.rule.map(|rule| rules.script(rule, phase(per), sink));
    let component = body.component.map(|path| rules.component(path, phase(per), sink));
    match ways.as_slice() {
        [("component", _)] => component?.map(Pays::Component),
        [("rule", _)] => script?.map(Pays::Script),
        [("bands" | "by", _)] => bands,
        [_] => Some(Pays::Fixed(effects)),
        _ => None,
    }
}

fn effects(verbs: &Verbs<'_>, per: PayoutPer, sink: &mut Sink<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(rate) = verbs.rate {
        if rate.value.0.is_sign_negative() && !rate.value.0.is_zero() {
            let message = format!("a rate is not negative, but this is `{}`", sink.shown(rate.span));
            let help =
                "write `points = \"-1%\"` to take points off another rate, or a restriction to pay nothing";
            let diagnostic = sink.at(Code::WrongValue, rate.span, message).help(help);
            sink.push(diagnostic);
        }
        above_whole(rate, "rate", sink);
        effects.push(Effect::Rate(rate.value.0));
    }
    if let Some(points) = verbs.points {
        above_whole(points, "number of points", sink);
        effects.push(Effect::AddPoints(points.value.0));
    }
    if let Some(multiply) = verbs.multiply {
        if multiply.value.0.is_sign_negative() && !multiply.value.0.is_zero() {
            let message = format!("a factor is not negative, but this is `{}`", sink.shown(multiply.span));
            let diagnostic = sink.at(Code::WrongValue, multiply.span, message);
            sink.push(diagnostic);
        }
        effects.push(Effect::Multiply(multiply.value.0));
    }
    let add_per = verbs.add_per.map(|per| per.value.0).unwrap_or_default();
    if let Some(add) = verbs.add {
        effects.push(Effect::Add { amount: add.value, per: add_per });
    }
    if let (Some(key), None) = (verbs.keys.get("add_per"), verbs.keys.get("add")) {
        let message = "`add_per` says what `add` is paid for, and there is no `add`";
        let diagnostic =
            sink.at(Code::MissingKey, key, message).help("write `add = \"5.00\"` beside it, or leave it out");
        sink.push(diagnostic);
    }
    if let Some(at) = verbs.add_per.filter(|_| per == PayoutPer::Order && add_per != AddPer::Order) {
        let message = format!("`{}` goes with a payout for each item", sink.shown(at.span));
        let help = "write `per = \"item\"` in `[payout]`, or leave `add_per` out";
        let diagnostic = sink.at(Code::ConflictingKeys, at.span, message).help(help);
        sink.push(diagnostic);
    }
    effects
}

fn above_whole(percent: &At<Percent>, what: &str, sink: &mut Sink<'_>) {
    if percent.value.0 > Decimal::ONE {
        let hundredth = percent.value.0.normalize();
        let message = format!("this {what} is above 100%");
        let help = format!("write `\"{hundredth}%\"` if {hundredth} percent were meant");
        let diagnostic = sink.at(Code::RateAboveWhole, percent.span, message).help(help);
        sink.push(diagnostic);
    }
}

fn bands(body: &Body<'_>, per: PayoutPer, rules: &mut Rules<'_, '_>, sink: &mut Sink<'_>) -> Option<Pays> {
    let keys = body.verbs.keys;
    for (key, other, help) in [
        ("bands", "by", "add `by = 'action.amount'`, or another amount or number that the bands measure"),
        ("by", "bands", "add `bands = [{ from = \"0\", rate = \"5%\" }]`"),
    ] {
        if let (Some(at), None, false) = (keys.get(key), keys.get(other), keys.unknown) {
            let diagnostic = sink.at(Code::MissingKey, at, format!("`{key}` needs `{other}`")).help(help);
            sink.push(diagnostic);
        }
    }
    let by = body.by.map(|by| rules.number(by, phase(per), sink));
    let given = body.bands?;
    let tables = match &given.value {
        OrTable::Own(list) => list.iter().map(|band| Entry::own(&band.value)).collect(),
        OrTable::Table(reference) => rows(reference, None, rules, sink)?,
    };
    // All bands stand in one text.
    let bands = match tables.first() {
        Some(first) => first.within(sink, |sink| steps(&tables, by.as_ref(), per, sink)),
        None => Vec::new(),
    };
    if tables.is_empty() {
        let message = "there is no band";
        let help = "write at least one, such as `{ from = \"0\", rate = \"5%\" }`";
        let diagnostic = sink.at(Code::MissingKey, given.span, message).help(help);
        sink.push(diagnostic);
    }
    Some(Pays::Bands { by: by??, bands })
}

/// Reads bands, which stand in rising order.
fn steps(
    tables: &[Entry<'_, BandTable>],
    by: Option<&Option<Arc<Rule>>>,
    per: PayoutPer,
    sink: &mut Sink<'_>,
) -> Vec<Band> {
    let whole = matches!(by, Some(Some(rule)) if matches!(rule.form, Form::Expression(ty) if ty.base == Base::Integer));
    let mut bands = Vec::new();
    let mut earlier: Option<&At<Bound>> = None;
    for band in tables {
        let band = &*band.table;
        let effects = effects(&verbs!(band), per, sink);
        if band.keys.none_of(&VERB_KEYS) {
            let message = "this band does not say what it pays";
            let help = "add `rate`, `points`, `multiply` or `add`; `rate = \"0%\"` pays nothing";
            let diagnostic = sink.at(Code::MissingKey, band.at, message).help(help);
            sink.push(diagnostic);
        }
        let Some(from) = &band.from else { continue };
        if whole && !from.value.value.fract().is_zero() {
            let message = "`by` gives a whole number, and this bound is none";
            let diagnostic = sink.at(Code::WrongValue, from.span, message);
            sink.push(diagnostic);
        }
        if let Some(Some(rule)) = by
            && matches!(rule.form, Form::Expression(ty) if ty.base == Base::Money)
            && !(from.value.by_currency || from.value.value.is_zero())
        {
            refuse_plain(from.span, sink);
        }
        if let Some(before) = earlier.filter(|before| before.value.value >= from.value.value) {
            let (message, help) = if before.value.value == from.value.value {
                (format!("two bands begin at `{}`", sink.shown(from.span)), "remove one of them")
            } else {
                let message =
                    format!("this band begins at `{}`, below the one before it", sink.shown(from.span));
                (message, "write the bands in rising order")
            };
            let diagnostic = sink.at(Code::BandOverlap, from.span, message).help(help);
            let label = format!("the one before begins at `{}`", sink.shown(before.span));
            let diagnostic = diagnostic.label(sink.place(before.span), label);
            sink.push(diagnostic);
        }
        if earlier.is_none() && from.value.value > Decimal::ZERO {
            let bound = shown(&from.value.value.normalize().to_string());
            let message = format!("these bands pay nothing below `{bound}`");
            let help = "begin with a band `from = \"0\"`; `rate = \"0%\"` says that nothing is meant";
            let diagnostic = sink.at(Code::BandGap, from.span, message).help(help);
            sink.push(diagnostic);
        }
        earlier = Some(from);
        bands.push(Band { from: from.value.value, place: sink.place(from.span), effects });
    }
    bands
}
