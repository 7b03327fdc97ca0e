//! Reads the totals that a contract version declares: what was counted before this action, in its period and in earlier periods.

use super::count::adds;
use super::counted::UsedSums;
use super::counted::may_count;
use super::decision::Outcome;
use super::evaluation::Evaluation;
use super::findings::PhaseError;
use super::postings::{KeyParts, sums_at};
use crate::counters::{CountedAt, CounterId, CounterKey, Counters, Posting};
use crate::lang::{Phase, Rule, TotalAt, Value};
use crate::run::{TotalAdds, TotalFacts, TotalSums};
use crate::terms::{Counter, DeclaredTotal, Verdict, WhenUnknown, reasons};

/// The name under which the rule of `of` fails and is traced.
const OF: &str = "total.of";

/// Reads the totals that the version declares, as they stand before this action.
pub(super) fn totals(evaluation: &mut Evaluation<'_>) -> Result<(), PhaseError> {
    let terms = evaluation.view.terms;
    for total in &evaluation.credited.version.totals {
        let Some(counter) = terms.counters.get(total.counter) else { continue };
        let own = KeyParts::of(evaluation.input.action, &evaluation.credited, None);
        let partner = match &total.of {
            Some(of) => partner_of(evaluation, of)?,
            None => Some(own.partner),
        };
        let mut key = std::mem::take(&mut evaluation.key);
        let parts = KeyParts { partner: partner.unwrap_or_default(), ..own };
        let known = parts.write(&counter.per, &mut key) && partner.is_some();
        if !known && total.when_unknown == WhenUnknown::Hold {
            let rule = total.name.clone();
            evaluation.findings.engine_reason(reasons::TOTAL_KEY_UNKNOWN, Verdict::Hold, rule);
        }
        let read = if known { read(evaluation, total, &key) } else { Ok(TotalFacts::default()) };
        let facts = read.map(|mut facts| {
            // An action counts for the credited partner, whoever's total is read.
            let is_own = total.of.is_none() || partner == Some(own.partner);
            facts.this = if is_own { this(evaluation, total, counter, own, &key) } else { None };
            facts
        });
        evaluation.key = key;
        evaluation.input.totals.push(facts?);
    }
    evaluation.rules.get().facts_changed();
    Ok(())
}

/// Returns the partner whose total is read; `None` if it is not known.
fn partner_of<'a>(evaluation: &mut Evaluation<'a>, rule: &'a Rule) -> Result<Option<&'a str>, PhaseError> {
    let fuel = evaluation.fuel();
    let partner = evaluation.run(rule).map(|value| match value {
        Value::Text(partner) => Some(partner).filter(|partner| !partner.is_empty()),
        _ => None,
    });
    evaluation.trace_rule(Phase::Count, OF, &rule.place, fuel, || match &partner {
        Ok(Some(_)) => Outcome::Counted,
        Ok(None) => Outcome::NotMatched,
        Err(fault) => Outcome::Failed(fault.kind),
    });
    partner.map_err(|fault| PhaseError::rule(OF, rule, fault))
}

/// Returns what a total has under a key: in the period of this action, and in the earlier periods that rules read.
fn read<'a>(
    evaluation: &mut Evaluation<'a>,
    total: &'a DeclaredTotal,
    key: &CounterKey,
) -> Result<TotalFacts, PhaseError> {
    let moment = evaluation.moment;
    let Some(id) = evaluation.view.lookup.id(total.counter) else { return Ok(TotalFacts::default()) };
    let before = sums(evaluation, total, key, moment.counted_at(id))?;
    let mut earlier = Vec::with_capacity(total.earlier.len());
    for at in &total.earlier {
        let time = match at {
            TotalAt::Previous => moment.previous(id),
            TotalAt::Named(from) => Some(CountedAt::Period(*from)),
            // What a close reads is not there for an action.
            TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose | TotalAt::YearToDate => None,
        };
        let sums = time.map(|time| sums(evaluation, total, key, time)).transpose()?;
        earlier.push((*at, sums.unwrap_or_default()));
    }
    Ok(TotalFacts { before, this: None, earlier })
}

fn sums<'a>(
    evaluation: &mut Evaluation<'a>,
    total: &'a DeclaredTotal,
    key: &CounterKey,
    at: CountedAt,
) -> Result<TotalSums, PhaseError> {
    let Evaluation { view, counters, counted, .. } = evaluation;
    let sums = sums_at(*view, (counters, counted), total.counter, key, at)
        .map_err(|error| PhaseError::counter(&total.name, None, &error))?;
    let id = view.lookup.id(total.counter);
    let (distinct, _) = id.map_or((0, false), |id| distinct(counters, counted, id, key, at, None));
    evaluation.findings.used.push(UsedSums { name: &total.name, sums, distinct });
    Ok(TotalSums {
        actions: sums.actions,
        units: sums.units,
        revenue: sums.revenue,
        payouts: sums.payouts,
        payable: sums.payable,
        distinct: i64::from(distinct),
    })
}

/// Returns how many different values a counter has counted without what an action counts itself, and whether `value` is one of them.
fn distinct(
    counters: &Counters,
    counted: &[Posting],
    id: &CounterId,
    key: &CounterKey,
    at: CountedAt,
    value: Option<&str>,
) -> (u32, bool) {
    let (mut distinct, mut is_counted) = counters.distinct(id, key, at, value);
    let own = counted.iter().filter(|posting| posting.counter == *id && posting.key == *key);
    for (own, of) in own.filter(|own| own.at == at).filter_map(|own| Some((own, own.distinct.as_deref()?))) {
        let actions = counters.actions_with(id, key, at, of);
        if actions > 0 && actions <= own.sums.actions {
            distinct = distinct.saturating_sub(1);
            is_counted &= value != Some(of);
        }
    }
    (distinct, is_counted)
}

/// Returns what this action adds to a total of the credited partner; `None` if the total does not count it.
fn this(
    evaluation: &Evaluation<'_>,
    total: &DeclaredTotal,
    counter: &Counter,
    parts: KeyParts<'_>,
    key: &CounterKey,
) -> Option<TotalAdds> {
    let Evaluation { view, counters, counted, moment, findings, .. } = evaluation;
    if !may_count(counter, parts.action, moment) {
        return None;
    }
    let mut adds = adds(counter, total.counter, parts.action, &findings.counted)?;
    if let (Some(value), Some(id)) =
        (counter.distinct.and_then(|scope| parts.part(scope)), view.lookup.id(total.counter))
    {
        let at = moment.counted_at(id);
        let (_, is_counted) = distinct(counters, counted, id, key, at, Some(value));
        adds.distinct = i64::from(!is_counted);
    }
    Some(adds)
}
