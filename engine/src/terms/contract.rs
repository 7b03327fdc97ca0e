//! Reads a contract file: one version of a contract, with checked rules.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::DeValue;

use super::account::Repeated;
use super::bonuses::{self, Declares};
use super::credit;
use super::dates;
use super::draft::Draft;
use super::expression::Expression;
use super::limit::{self, check_event_type};
use super::lint;
use super::model::{
    Actions, Age, AmountTerms, Anchor, AtEnd, AtEnds, Dates, DeclaredTotal, EventPayout, Partners, Payout,
    Restriction, RestrictionBody, ReturnThreshold, Reversals, Rounding, Takes, Verdict, Version,
};
use super::numbers::Percent;
use super::payout::{self, DEFAULT, GroupNames};
use super::program::Declared;
use super::read::{At, Read as _, Sink, Value, did_you_mean, shown};
use super::reasons;
use super::rules::Rules;
use super::source_files::{Files, PROGRAM};
use super::syntax;
use super::table::entries;
use super::tables::{
    AmountTable, AtEndTable, ContractFile, PayoutTable, RestrictionTable, ReversalsTable, RoundingTable,
};
use super::total;
use super::values::{Word, check_identifier};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span};
use crate::digest::Digest;
use crate::lang::{Base, Const, Phase, TotalAt, TotalName, Used};
use crate::limits::Limits;
use crate::money::{Allocation, Currency, MAX_SCALE};
use crate::time::Interval;

/// Reads one contract file.
pub(super) fn read(
    path: &str,
    files: &Files<'_>,
    declared: &Declared,
    limits: &Limits,
    out: &mut Diagnostics,
) -> Option<Draft> {
    let text = files.text(path, out)?;
    let mut sink = Sink::new((path, text), limits, MAX_SCALE, ContractFile::KEYS, out);
    let table = syntax::parse(text, &mut sink);
    let broken = !sink.broken.is_empty() || sink.lost_from.is_some();
    // What an amount means depends on the currency, which stands anywhere in the file: the file is read once for each.
    sink.currencies = currencies(&table);
    let unread = sink.currencies.is_empty() && table.get_ref().get("currency").is_some();
    if sink.currencies.is_empty() {
        sink.currencies.push(declared.currency);
    }
    let payouts = match table.get_ref().get("payouts").map(Spanned::get_ref) {
        Some(DeValue::Table(payouts)) => payouts.len(),
        _ => 0,
    };
    // Each currency and each payout makes a version with all restrictions and limits of the file.
    let further = sink.currencies.len().saturating_mul(payouts.saturating_add(1)).saturating_sub(1);
    let bytes = text.len().saturating_mul(further);
    if !files.account.repeat(bytes, Repeated::Versions, Place::new(path, Span::default()), sink.out) {
        return None;
    }
    let mut drafts = Vec::new();
    for currency in sink.currencies.clone() {
        sink.currency = currency;
        // An amount may have any number of decimals while its currency is not known.
        let digits = if unread { MAX_SCALE } else { currency.minor_digits() };
        sink.decimals = declared.decimals.unwrap_or(digits);
        let file = ContractFile::read(&table, &mut sink)?;
        let mut draft = draft(file, files, declared, &mut sink);
        draft.sound &= !broken;
        draft.rules_sound &= !broken;
        if draft.rules_sound {
            lint::unused(&draft, &mut sink);
            for payout in &draft.payouts {
                lint::groups(&payout.payout, declared, files, &mut sink);
                lint::nothing_to_change(&payout.payout, &mut sink);
            }
        }
        drafts.push(draft);
    }
    let mut drafts = drafts.into_iter();
    let mut first = drafts.next()?;
    first.in_other_currencies = drafts.collect();
    first.version.actions.not_in = first.currencies.iter().skip(1).copied().collect();
    for draft in &mut first.in_other_currencies {
        draft.version.actions.currencies = vec![draft.version.currency];
    }
    Some(first)
}

/// Returns the currencies that a contract names, as far as they can be read.
fn currencies(table: &Value<'_>) -> Vec<Currency> {
    let mut codes: Vec<&str> = Vec::new();
    match table.get_ref().get("currency").map(Spanned::get_ref) {
        Some(DeValue::String(code)) => codes.push(code),
        Some(DeValue::Array(list)) => codes.extend(list.iter().filter_map(|code| code.get_ref().as_str())),
        _ => {}
    }
    let mut currencies: Vec<Currency> = codes.into_iter().filter_map(Currency::from_code).collect();
    let mut seen = BTreeSet::new();
    currencies.retain(|currency| seen.insert(currency.code()));
    currencies
}

fn draft(file: ContractFile, files: &Files<'_>, declared: &Declared, sink: &mut Sink<'_>) -> Draft {
    let currency = sink.currency;
    if let Some(number) = file.version.as_ref().filter(|number| number.value == 0) {
        let diagnostic = sink
            .at(Code::WrongValue, number.span, "versions are numbered from 1")
            .help("write `version = 1`, and the next number for each later version");
        sink.push(diagnostic);
    }
    let effective = effective(&file, declared, sink);

    let mut params = IndexMap::new();
    for (name, at) in file.params.iter().flat_map(|params| &params.value.0.entries) {
        check_identifier(name, at.key, "params", sink);
        params.insert(name.clone(), at.value.clone());
    }
    let text = sink.text;
    let text_of = |at: &At<Const>| text.get(at.span.range()).unwrap_or_default().to_owned();
    let declared_params = file.params.iter().flat_map(|params| &params.value.0.entries);
    let param_texts = declared_params.map(|(name, at)| (name.clone(), text_of(at))).collect();
    let total_tables = file.totals.as_ref().map(|named| named.value.entries.as_slice()).unwrap_or_default();
    let totals: Vec<TotalName> = total_tables.iter().map(|(name, at)| total::name(name, &at.value)).collect();
    let rounding = rounding(file.rounding.as_ref().map(|at| &at.value), Rounding::default());
    let several = sink.currencies.len() > 1;
    let depends_on = format!("{params:?} {totals:?} {currency:?} {several}");
    let mut rules = Rules {
        files,
        depends_on: Digest::of(depends_on.as_bytes()),
        scripts: BTreeSet::new(),
        declared,
        params,
        param_texts,
        totals,
        currency,
        rounding: rounding.mode,
        closing: None,
        read_at_close: BTreeSet::new(),
        used: Used { params: std::mem::take(&mut sink.used_params), ..Used::default() },
        rule_files: BTreeSet::new(),
        tables: BTreeSet::new(),
        sound: true,
    };

    let mut total_counters = Vec::new();
    let mut declared_totals = Vec::new();
    for (name, at) in total_tables {
        check_identifier(name, at.key, "totals", sink);
        let (counter, of) = total::total(&at.value, &mut rules, sink);
        total_counters.push(counter);
        declared_totals.push(DeclaredTotal {
            name: name.clone(),
            counter: 0,
            when_unknown: at.value.when_unknown.as_ref().map(|when| when.value.0).unwrap_or_default(),
            of,
            earlier: BTreeSet::new(),
            at_close: BTreeSet::new(),
        });
    }
    let credit = credit::credit(file.credit.as_ref().map(|at| &at.value), &mut rules, sink);
    let amount = amount(file.amount.as_ref().map(|at| &at.value), &mut rules, sink);
    let tables = file.restrictions.as_ref().map(|at| at.value.as_slice()).unwrap_or_default();
    let restrictions: Vec<Restriction> =
        tables.iter().filter_map(|at| restriction(&at.value, &mut rules, sink)).collect();
    unique("restriction", named(tables.iter().filter_map(|at| at.value.name.as_ref()), sink), sink);

    let (payouts, group_names) = payouts(&file, rounding, &mut rules, sink);
    let known: Option<IndexSet<String>> = (!group_names.incomplete).then(|| {
        let groups = group_names.names.iter().map(|(name, _)| name.clone());
        groups.chain([DEFAULT.to_owned()]).chain(payouts.iter().flat_map(|of| of.payout.beside())).collect()
    });
    unique("payout group", group_names.names, sink);

    let tables = file.limits.as_ref().map(|at| at.value.as_slice()).unwrap_or_default();
    let (tables, _) = entries(tables, None, &mut rules, sink);
    let (mut limits, mut limit_counters, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &tables {
        let read = entry.within(sink, |sink| {
            names.extend(named(entry.table.name.iter(), sink));
            limit::limit(&entry.table, known.as_ref(), &mut rules, sink)
        });
        if let Some((limit, counter)) = read {
            limits.push(limit);
            limit_counters.push(counter);
        }
    }
    unique("limit", names, sink);

    let mut holidays = BTreeSet::new();
    let dates = dates::dates(&file, declared, &mut holidays, sink);
    let tables = file.bonuses.as_ref().map(|at| at.value.as_slice()).unwrap_or_default();
    let declares = Declares { totals: &total_counters, dates: &dates };
    let read = tables.iter().filter_map(|at| bonuses::bonus(&at.value, &declares, &mut rules, sink));
    let (bonuses, bonus_counters) = read.unzip();
    unique("bonus", named(tables.iter().filter_map(|at| at.value.name.as_ref()), sink), sink);
    let partners = file.partners.as_ref().map(|at| &at.value);
    let ids = partners.and_then(|table| table.ids.as_ref()).map(|at| at.value.clone()).unwrap_or_default();
    let groups =
        partners.and_then(|table| table.groups.as_ref()).map(|at| at.value.clone()).unwrap_or_default();
    unique("partner", named(ids.iter(), sink), sink);
    unique("group", named(groups.iter(), sink), sink);
    if let Some(table) =
        partners.filter(|table| ids.is_empty() && groups.is_empty() && table.keys.none_of(&["ids", "groups"]))
    {
        let help =
            "write `ids = [\"acme\"]` or `groups = [\"vip\"]`, or leave `[partners]` out for everybody";
        let diagnostic = sink.at(Code::MissingKey, table.at, "`[partners]` names nobody").help(help);
        sink.push(diagnostic);
    }

    for total in &mut declared_totals {
        let of = |read: &BTreeSet<(String, TotalAt)>| {
            read.iter().filter(|(name, _)| *name == total.name).map(|(_, at)| *at).collect()
        };
        (total.earlier, total.at_close) = (of(&rules.used.earlier), of(&rules.read_at_close));
    }

    let values = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect();
    let at_end = at_end(file.at_end.as_ref(), &dates, sink);
    let version = Version {
        number: file.version.as_ref().map_or(0, |number| number.value),
        file: sink.file.to_owned(),
        effective: effective.unwrap_or_default(),
        partners: Partners {
            ids: values(&ids),
            groups: values(&groups),
            places: ids.iter().chain(&groups).map(|at| sink.place(at.span)).collect(),
        },
        review_on: dates::review_on(&file, effective, declared.zone, sink),
        notice_days: dates::notice_days(&file, sink),
        late: file.late.as_ref().map(|late| late.value.0).unwrap_or_default(),
        actions: Actions::default(),
        anchor: file.anchor.as_ref().map_or_else(Anchor::default, |anchor| anchor.value.0),
        currency,
        credit,
        amount,
        rounding,
        dates,
        restrictions,
        // Each payout becomes a version of its own.
        payout: Payout::default(),
        limits,
        at_end,
        reversals: reversals(file.reversals.as_ref().map(|at| &at.value), sink),
        totals: declared_totals,
        bonuses,
        // Set by `Version::settle_rules`.
        reads_item_bases: true,
        digest: digest(&rules, sink.file),
    };
    let places = |entries: &mut dyn Iterator<Item = (&String, Span)>| {
        entries.map(|(name, at)| (name.clone(), at)).collect()
    };
    let params =
        places(&mut file.params.iter().flat_map(|at| &at.value.0.entries).map(|(name, at)| (name, at.key)));
    let totals =
        places(&mut file.totals.iter().flat_map(|at| &at.value.entries).map(|(name, at)| (name, at.key)));
    let sound = effective.is_some() && (partners.is_none() || !(ids.is_empty() && groups.is_empty()));
    let Rules { used, sound: rules_sound, .. } = rules;
    Draft {
        from: file.effective_from,
        until: file.effective_until,
        contract: file.contract,
        number: file.version,
        ids,
        groups,
        sound,
        version,
        payouts,
        currencies: sink.currencies.clone(),
        in_other_currencies: Vec::new(),
        limit_counters,
        total_counters,
        bonus_counters,
        used,
        holidays,
        rules_sound,
        params,
        totals,
    }
}

/// Returns the rounding that a table states, with the values of another where it states none.
fn rounding(table: Option<&RoundingTable>, otherwise: Rounding) -> Rounding {
    let Some(table) = table else { return otherwise };
    Rounding {
        mode: table.mode.as_ref().map_or(otherwise.mode, |mode| mode.value.0),
        place: table.place.as_ref().map_or(otherwise.place, |place| place.value.0),
        converted: table.converted.as_ref().map_or(otherwise.converted, |converted| converted.value.0),
    }
}

/// Reads the payouts: of event types that have one of their own, and of all others.
fn payouts(
    file: &ContractFile,
    rounding_of_all: Rounding,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> (Vec<EventPayout>, GroupNames) {
    let named: &[(String, At<PayoutTable>)] =
        file.payouts.as_ref().map(|at| at.value.entries.as_slice()).unwrap_or_default();
    if file.payout.is_none() && named.is_empty() && file.keys.none_of(&["payout", "payouts"]) {
        let message = "a contract needs the key `payout`";
        let help = "add `[payout]`: what is paid: a default, groups, or both";
        let diagnostic = sink.at(Code::MissingKey, file.at, message).help(help);
        sink.push(diagnostic);
    }
    if let Some(rounding) = file.payout.as_ref().and_then(|at| at.value.keys.get("rounding")) {
        let message = "`[payout.rounding]` is for a payout of one event type";
        let diagnostic = sink.at(Code::ConflictingKeys, rounding, message).help("write `[rounding]`");
        sink.push(diagnostic);
    }
    let (mut payouts, mut names) = (Vec::new(), GroupNames::default());
    for (event_type, at) in named {
        if rules.declared.whole && !check_event_type(event_type, at.key, rules.declared, sink) {
            continue;
        }
        let rounding = rounding(at.value.rounding.as_ref().map(|at| &at.value), rounding_of_all);
        rules.rounding = rounding.mode;
        payouts.push(EventPayout {
            event_types: vec![event_type.clone()],
            payout: payout::payout(Some(&at.value), &mut names, rules, sink),
            rounding,
        });
    }
    rules.rounding = rounding_of_all.mode;
    let others = rules.declared.event_types.keys();
    let others = others.filter(|name| !named.iter().any(|(listed, _)| listed == *name)).cloned();
    let others: Vec<String> = if named.is_empty() { Vec::new() } else { others.collect() };
    let is_rest = named.is_empty() || !others.is_empty();
    if let Some(payout) = file.payout.as_ref().filter(|_| !is_rest) {
        let message = "`[payout]` pays nothing, since every event type has a payout of its own";
        let diagnostic = sink.at(Code::Unused, payout.span, message).help("remove it");
        sink.push(diagnostic);
    }
    if is_rest {
        let payout = payout::payout(file.payout.as_ref().map(|at| &at.value), &mut names, rules, sink);
        payouts.push(EventPayout { event_types: others, payout, rounding: rounding_of_all });
    }
    (payouts, names)
}

fn effective(file: &ContractFile, declared: &Declared, sink: &mut Sink<'_>) -> Option<Interval> {
    let from = file.effective_from.as_ref()?;
    if file.keys.get("effective_until").is_some() && file.effective_until.is_none() {
        return None;
    }
    let start = from.value.start(declared.zone);
    let until = file.effective_until.as_ref().map(|until| (until, until.value.end(declared.zone)));
    if let Some((until, end)) = until.filter(|(_, end)| *end <= start) {
        let message = format!("this version ends on `{}`, before it begins", sink.shown(until.span));
        let diagnostic =
            sink.at(Code::ImpossibleDate, until.span, message).label(sink.place(from.span), "it begins here");
        let diagnostic = diagnostic.help("write a later day, or leave `effective_until` out for no end");
        sink.push(diagnostic);
        let _ = end;
        return None;
    }
    Some(Interval { from: Some(start), until: until.map(|(_, end)| end) })
}

fn amount(table: Option<&AmountTable>, rules: &mut Rules<'_, '_>, sink: &mut Sink<'_>) -> AmountTerms {
    let mut rule = |expression: Option<&At<Expression>>, phase, sink: &mut Sink<'_>| {
        expression.and_then(|at| rules.expression(at, phase, Base::Money, sink))
    };
    let allocation = table.and_then(|table| table.allocation.as_ref());
    if let (Some(allocation), Some(table)) = (allocation, table)
        && table.keys.get("spread").is_none()
    {
        let message = "`allocation` says who gets the odd cents of `spread`, and there is no `spread`";
        let diagnostic =
            sink.at(Code::MissingKey, allocation.key, message).help("add `spread = '…'`, or leave it out");
        sink.push(diagnostic);
    }
    AmountTerms {
        order: rule(table.and_then(|table| table.order.as_ref()), Phase::OrderAmount, sink),
        item: rule(table.and_then(|table| table.item.as_ref()), Phase::ItemAmount, sink),
        spread: rule(table.and_then(|table| table.spread.as_ref()), Phase::OrderAmount, sink),
        allocation: allocation.map_or_else(Allocation::default, |at| at.value.0),
    }
}

fn at_end(table: Option<&At<AtEndTable>>, dates: &Dates, sink: &mut Sink<'_>) -> AtEnds {
    let Some(at) = table else { return AtEnds::default() };
    if dates.locking.is_none() {
        let message = "an award is open until it locks, and nothing locks under this contract";
        let diagnostic = sink.at(Code::MissingKey, at.value.at, message);
        sink.push(diagnostic.help("add `[locking]`, such as `from = \"month_end\"` and `days = 27`"));
    }
    let of = |at: &Option<At<Word<AtEnd>>>| at.as_ref().map(|at| at.value.0).unwrap_or_default();
    AtEnds { contract: of(&at.value.contract), partner: of(&at.value.partner) }
}

fn reversals(table: Option<&ReversalsTable>, sink: &mut Sink<'_>) -> Reversals {
    let Some(table) = table else { return Reversals::default() };
    let share = |at: &At<Percent>, sink: &mut Sink<'_>| {
        if at.value.0 < Decimal::ZERO || at.value.0 > Decimal::ONE {
            let message = format!("a share is from 0% to 100%, not `{}`", sink.shown(at.span));
            let diagnostic = sink.at(Code::WrongValue, at.span, message);
            sink.push(diagnostic.help("write a percentage such as `\"50%\"`"));
        }
        at.value.0
    };
    let threshold = table.threshold.as_ref();
    let threshold =
        threshold.map(|at| ReturnThreshold { share: share(at, sink), place: sink.place(at.span) });
    if let (Some(below), None) = (table.keys.get("below_threshold"), table.keys.get("threshold")) {
        let message =
            "`below_threshold` says what returns up to `threshold` take, and there is no `threshold`";
        let diagnostic = sink.at(Code::MissingKey, below, message);
        sink.push(diagnostic.help("write `threshold = \"50%\"` beside it, or leave it out"));
    }
    let takes = table.takes.as_ref().map(|at| at.value.0).unwrap_or_default();
    if let (Takes::Whole, Some(threshold)) = (takes, table.keys.get("threshold")) {
        let message = "every return takes the whole payout, so there is nothing below a threshold";
        let diagnostic = sink.at(Code::ConflictingKeys, threshold, message);
        sink.push(diagnostic.help("leave `threshold` out, or leave `takes` out"));
    }
    let mut ages: Vec<Age> = Vec::new();
    for at in table.ages.iter().flat_map(|ages| &ages.value) {
        let (Some(from), Some(of)) = (&at.value.from_days, &at.value.share) else { continue };
        let wrong = match ages.last() {
            None if from.value != 0 => Some("the first age begins with day 0, and this begins later"),
            Some(before) if before.from_days >= from.value => Some("ages stand in rising order"),
            _ => None,
        };
        if let Some(message) = wrong {
            let help =
                if ages.is_empty() { "write `from_days = 0`" } else { "write a later day, or sort them" };
            let diagnostic = sink.at(Code::WrongValue, from.span, message).help(help);
            sink.push(diagnostic);
        }
        let place = sink.place(from.span);
        ages.push(Age { from_days: from.value, place, share: share(of, sink) });
    }
    Reversals {
        takes,
        threshold,
        below_threshold: table.below_threshold.as_ref().map(|at| at.value.0).unwrap_or_default(),
        ages,
        counts_in: table.counts_in.as_ref().map(|at| at.value.0).unwrap_or_default(),
        after_lock: table.after_lock.as_ref().map(|at| at.value.0).unwrap_or_default(),
    }
}

fn restriction(
    table: &RestrictionTable,
    rules: &mut Rules<'_, '_>,
    sink: &mut Sink<'_>,
) -> Option<Restriction> {
    const INSTEAD: [&str; 4] = ["when", "verdict", "reason", "release_after"];
    let keys = &table.keys;
    let other =
        keys.first(&INSTEAD).or_else(|| keys.first(&["rule"]).filter(|_| keys.get("component").is_some()));
    let rule = keys.first(&["component"]).or_else(|| keys.first(&["rule"]));
    if let (Some((kind, rule)), Some((other, other_at))) = (rule, other) {
        let message = format!("a restriction has a `{kind}` or `{other}`, not both");
        let help = format!("keep one of them; a {kind} says its verdict and reason itself");
        let (at, earlier) = if rule > other_at { (rule, other_at) } else { (other_at, rule) };
        let diagnostic =
            sink.at(Code::ConflictingKeys, at, message).label(sink.place(earlier), "the other one");
        sink.push(diagnostic.help(help));
    }
    if rule.is_none() {
        for (key, help) in [
            ("when", "add `when = '…'`, or `rule = \"rules/….rhai\"`"),
            ("verdict", "add `verdict = \"reject\"`, `\"hold\"`, `\"zero\"` or `\"flag\"`"),
            ("reason", "add `reason = …`, a code that the program declares under `[reasons]`"),
        ] {
            if keys.get(key).is_none() {
                let message = format!("a restriction needs the key `{key}`");
                let diagnostic = sink.at(Code::MissingKey, table.at, message).help(help);
                sink.push(diagnostic);
            }
        }
    }
    let script = table.rule.as_ref().map(|rule| rules.script(rule, Phase::Restrict, sink));
    let component = table.component.as_ref().map(|path| rules.component(path, Phase::Restrict, sink));
    let condition = table.when.as_ref().map(|when| rules.expression(when, Phase::Restrict, Base::Bool, sink));
    let verdict = table.verdict.as_ref().map(|verdict| verdict.value.0);
    if let Some(reason) = table.reason.as_ref().filter(|_| rules.declared.whole) {
        check_reason(reason, rules.declared, sink);
        rules.used.reasons.insert(reason.value.clone());
    }
    if let (Some(release), Some(verdict)) = (&table.release_after, &table.verdict)
        && verdict.value.0 != Verdict::Hold
    {
        let message = format!("only a hold is released, and the verdict is `{}`", sink.shown(verdict.span));
        let diagnostic = sink.at(Code::ConflictingKeys, release.key, message);
        let diagnostic = diagnostic.label(sink.place(verdict.span), "the verdict");
        sink.push(diagnostic.help("write `verdict = \"hold\"`, or leave `release_after` out"));
    }
    let name = table.name.as_ref()?;
    let body = match (script, component) {
        (_, Some(component)) => RestrictionBody::Component(component?),
        (Some(script), None) => RestrictionBody::Script(script?),
        (None, None) => RestrictionBody::When {
            condition: condition??,
            verdict: verdict?,
            reason: table.reason.as_ref()?.value.clone(),
            release_after: table.release_after.as_ref().map(|release| release.value),
        },
    };
    if let (Some(counts), Some(verdict)) = (&table.counts, &table.verdict)
        && verdict.value.0 == Verdict::Flag
    {
        let message = "a flagged action may be paid, and what is paid always counts";
        let diagnostic = sink.at(Code::ConflictingKeys, counts.key, message);
        let diagnostic = diagnostic.label(sink.place(verdict.span), "the verdict");
        sink.push(diagnostic.help("leave `counts` out, or write `verdict = \"hold\"` or `\"zero\"`"));
    }
    let counts = table.counts.as_ref().map(|counts| counts.value);
    Some(Restriction { name: name.value.clone(), place: sink.place(name.span), body, counts })
}

fn check_reason(reason: &At<String>, declared: &Declared, sink: &mut Sink<'_>) {
    if declared.reasons.contains_key(&reason.value) {
        return;
    }
    let code = shown(&reason.value);
    let (message, help) = if reasons::text(&reason.value).is_some() {
        (
            format!("`{code}` is a reason of the engine's own"),
            "declare a reason of your own under `[reasons]`".into(),
        )
    } else {
        let known = declared.reasons.keys().map(String::as_str);
        let none = format!("declare it in `{PROGRAM}`: `{code} = \"…\"` under `[reasons]`");
        (format!("there is no reason `{code}`"), did_you_mean(&reason.value, reason.span, known, &none))
    };
    let diagnostic = sink.at(Code::UndeclaredName, reason.span, message).help(help);
    sink.push(diagnostic);
}

/// Returns names with their places.
fn named<'n>(names: impl Iterator<Item = &'n At<String>>, sink: &Sink<'_>) -> Vec<(String, Place)> {
    names.map(|name| (name.value.clone(), sink.place(name.span))).collect()
}

/// Reports names that are used twice.
fn unique(what: &str, names: Vec<(String, Place)>, sink: &mut Sink<'_>) {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    for (name, place) in names {
        if let Some(earlier) = first.get(&name) {
            let message = format!("there is a {what} `{}` already", shown(&name));
            let diagnostic = Diagnostic::new(Code::DuplicateName, Some(place), message);
            sink.push(
                diagnostic.label(earlier.clone(), "the first one").help("give one of them another name"),
            );
        } else {
            first.insert(name, place);
        }
    }
}

/// Returns the digest of a version, over everything that can change its decisions.
fn digest(rules: &Rules<'_, '_>, file: &str) -> Digest {
    let mut paths = vec![PROGRAM.to_owned(), file.to_owned()];
    paths.extend(rules.rule_files.iter().cloned());
    let lists = rules.used.lists.iter().filter_map(|list| rules.declared.list_files.get(list));
    paths.extend(lists.cloned());
    let lists = rules.used.lists.iter().filter_map(|list| rules.declared.list_tables.get(list));
    let tables: BTreeSet<&String> = rules.tables.iter().chain(lists).collect();
    let parts: Vec<(&String, Digest)> =
        paths.iter().chain(tables).map(|path| (path, rules.files.digest(path))).collect();
    Digest::of_parts(parts.iter().flat_map(|(path, digest)| [path.as_bytes(), &digest.0]))
}
