//! Decides the actions of a test and compares the decisions with what is expected.

use std::collections::{BTreeMap, BTreeSet};

use accrue::decide::Status;
use accrue::explain::{Explanation, Reader};
use accrue::facts::Adjustment;
use accrue::money::{Currency, Money};
use accrue::time::Zone;
use accrue::{Action, Decision, Program, Reference};
use chrono::NaiveDate;

use crate::decider::Decider;
use crate::output::format::{amount, each_once, minor, plural};
use crate::source::test_file::{Expect, ExpectBonus, Test};

/// The result of comparing.
pub(in crate::commands) struct Compared {
    /// What is not as expected. Empty if the test passed.
    pub(crate) failures: Vec<String>,
    /// Why the decisions that are not as expected came about.
    pub(crate) why: Vec<String>,
    /// The explanations of decisions that are not as expected.
    pub(crate) explanations: Vec<Explanation>,
}

/// Decides the actions of a test in the order of (occurred-at, id) and compares. `width` is that of explanations, in
/// columns.
pub(in crate::commands) fn run(
    test: &Test,
    program: &Program,
    reference: &Reference,
    width: usize,
) -> Compared {
    let mut compared = Compared { failures: Vec::new(), why: Vec::new(), explanations: Vec::new() };
    if test.faults > 0 {
        let errors = plural(test.faults as u64, "error");
        compared.failures.push(format!("it was not run: its file has {errors}, which are shown above"));
        return compared;
    }
    let mut decider = Decider::new(program, reference, program.counters());
    let mut decisions: BTreeMap<&str, (Action, Decision)> = BTreeMap::new();
    let mut bonuses: BTreeMap<String, Decision> = BTreeMap::new();
    let mut refused = BTreeMap::new();
    seed(&mut decider, test, None, &mut compared.failures);
    for event in events(test, program.zone()) {
        let id = match event {
            Event::Action(action) => action.id.clone(),
            Event::Adjustment(adjustment) => adjustment.id.clone(),
            Event::Close(until) => until.to_string(),
        };
        seed(&mut decider, test, Some(&id), &mut compared.failures);
        match event {
            Event::Action(action) => match decider.decide(action, true) {
                Ok(decision) => {
                    decisions.insert(&action.id, (action.clone(), decision));
                }
                Err(errors) => {
                    let fault = |error| format!("`{}` is not an action of this program: {error}", action.id);
                    compared.failures.extend(errors.0.into_iter().map(fault));
                }
            },
            Event::Adjustment(adjustment) => {
                let Some((action, decision)) = decisions.get_mut(adjustment.adjusts.as_str()) else {
                    compared.failures.push(format!(
                        "`{}` adjusts `{}`, which is not decided before it",
                        adjustment.id, adjustment.adjusts
                    ));
                    continue;
                };
                match decider.adjust(adjustment, (action, decision), true) {
                    Ok(adjusted) => (*action, *decision) = (adjusted.action, adjusted.decision),
                    Err(error) => {
                        refused.insert(adjustment.id.clone(), (error.code(), error.to_string()));
                    }
                }
            }
            Event::Close(until) => match decider.close(until) {
                Ok(closed) => bonuses.extend(closed.into_iter().map(|bonus| (bonus.action.clone(), bonus))),
                Err(error) => {
                    refused.insert(until.to_string(), (error.code(), error.to_string()));
                }
            },
        }
    }
    compared.failures.extend(refusals(test, &refused));
    for expected in &test.expect {
        let Some((action, decision)) = decisions.get(expected.action.as_str()) else {
            // Its errors are among the failures already.
            continue;
        };
        let failures = compare(expected, decision, program);
        if !failures.is_empty() {
            compared.why.extend(why(decision, program));
            compared.explanations.push(program.explain_within(decision, action, Reader::Brand, width));
        }
        compared.failures.extend(failures);
    }
    for expected in &test.bonuses {
        compared.failures.extend(bonus(expected, bonuses.values(), program));
    }
    let decisions = decisions.values().map(|(_, decision)| decision);
    compared.failures.extend(payouts(test, decisions.chain(bonuses.values())));
    compared
}

/// Adds what was counted before something happens; without an id, what was counted before everything.
fn seed(decider: &mut Decider<'_>, test: &Test, id: Option<&str>, failures: &mut Vec<String>) {
    for counted in test.counted.iter().filter(|counted| counted.before.as_deref() == id) {
        if let Err(error) = decider.seed(&counted.posting()) {
            failures.push(format!("what was counted before cannot be added: {error}"));
        }
    }
}

/// What happens in a test.
enum Event<'t> {
    Action(&'t Action),
    Adjustment(&'t Adjustment),
    Close(NaiveDate),
}

/// Returns what happens in the order of (occurred-at, id); of one moment, closes and then actions first.
fn events(test: &Test, zone: Zone) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = test.actions.iter().map(Event::Action).collect();
    events.extend(test.adjustments.iter().map(Event::Adjustment));
    events.extend(test.close.iter().map(|until| Event::Close(*until)));
    events.sort_by_key(|event| match event {
        Event::Close(until) => (zone.start_of(*until), 0, ""),
        Event::Action(action) => (action.occurred_at, 1, action.id.as_str()),
        Event::Adjustment(adjustment) => (adjustment.occurred_at, 2, adjustment.id.as_str()),
    });
    events
}

/// Compares the adjustments and closes that were refused, each with its code and message, with those that are expected to be.
fn refusals(test: &Test, refused: &BTreeMap<String, (&str, String)>) -> Vec<String> {
    let mut failures = Vec::new();
    for (id, (code, message)) in refused {
        match test.refused.get(id) {
            Some(expected) if expected == code => {}
            Some(expected) => failures.push(format!("`{id}` is refused with {code}, expected {expected}")),
            None => failures.push(format!("`{id}` is refused with {code}: {message}")),
        }
    }
    for (id, code) in test.refused.iter().filter(|(id, _)| !refused.contains_key(*id)) {
        failures.push(format!("`{id}` is not refused, expected {code}"));
    }
    failures
}

/// Returns what is not as expected of a bonus.
fn bonus<'d>(
    expected: &ExpectBonus,
    mut all: impl Iterator<Item = &'d Decision>,
    program: &Program,
) -> Vec<String> {
    let ExpectBonus { bonus, partner, period, status, payout, lines } = expected;
    let id = format!("{bonus} {period} of {partner}");
    let found = all.find(|decision| {
        let of = decision.bonus.as_ref().is_some_and(|of| of.bonus == *bonus && of.period == *period);
        of && decision.award(partner).is_some()
    });
    let Some(decision) = found else {
        let none =
            payout.is_none_or(Money::is_zero) && status.is_none() && lines.as_ref().is_none_or(Vec::is_empty);
        let missing = format!("there is no bonus `{id}`, expected one");
        return if none { Vec::new() } else { vec![missing] };
    };
    let currency = decision.awards.first().map_or(program.currency(), |award| award.currency);
    let mut failures = Vec::new();
    if let Some(status) = status.filter(|status| *status != decision.status) {
        failures.push(format!("`{id}` is {}, expected {}", decision.status.text(), status.text()));
    }
    let paid = decision.payout().unwrap_or_default();
    if let Some(payout) = payout.filter(|payout| *payout != paid) {
        let (paid, wanted) = (amount(paid, currency), amount(payout, currency));
        failures.push(format!("`{id}` pays {paid}, expected {wanted}"));
    }
    let of_lines: Vec<Money> =
        decision.awards.iter().flat_map(|award| &award.lines).map(|line| line.payout).collect();
    if let Some(wanted) = lines.as_ref().filter(|wanted| **wanted != of_lines) {
        let shown =
            |lines: &[Money]| lines.iter().map(|line| amount(*line, currency)).collect::<Vec<_>>().join(", ");
        failures.push(format!("`{id}` pays by line {}, expected {}", shown(&of_lines), shown(wanted)));
    }
    failures
}

/// Returns what is not as expected of a decision.
fn compare(expected: &Expect, decision: &Decision, program: &Program) -> Vec<String> {
    let id = &expected.action;
    let award = decision.awards.first();
    let currency = award.map_or(program.currency(), |award| award.currency);
    let paid = decision.payout().unwrap_or_default();
    let mut failures = Vec::new();
    if let Some(status) = expected.status
        && status != decision.status
    {
        failures.push(format!("`{id}` is {}, expected {}", decision.status.text(), status.text()));
    }
    if let Some(payout) = expected.payout
        && payout != paid
    {
        let by = match difference(paid, payout, currency) {
            Some(by) => format!(" ({by})"),
            None => String::new(),
        };
        let (paid, wanted) = (amount(paid, currency), amount(payout, currency));
        failures.push(format!("`{id}` pays {paid}, expected {wanted}{by}"));
    }
    if let Some(wanted) = &expected.awards {
        failures.extend(awards(id, decision, wanted));
    }
    let reasons = each_once(decision.all_reasons().map(|(_, reason)| reason.code.as_str()));
    codes(id, "reasons", &reasons, expected.reasons.as_deref(), &mut failures);
    let notices = decision.awards.iter().flat_map(|award| &award.notices);
    let notices = each_once(notices.map(|notice| notice.code.as_str()));
    codes(id, "notices", &notices, expected.notices.as_deref(), &mut failures);
    let lines = || decision.awards.iter().flat_map(|award| &award.lines);
    if let Some(group) = &expected.group {
        let award = decision.awards.first();
        let first = award.and_then(|award| award.groups.first()).map(String::as_str);
        if first != Some(group) {
            let paid_by = first.map_or_else(|| "no group".to_owned(), |first| format!("group `{first}`"));
            failures.push(format!("`{id}` is paid by {paid_by}, expected group `{group}`"));
        }
    }
    if let Some(wanted) = &expected.limits {
        failures.extend(limits(id, decision, wanted, currency));
    }
    if let Some(wanted) = &expected.lines {
        let paid: Vec<Money> = lines().map(|line| line.payout).collect();
        if paid != *wanted {
            let shown = |lines: &[Money]| {
                let lines: Vec<String> = lines.iter().map(|line| amount(*line, currency)).collect();
                if lines.is_empty() { "no lines".to_owned() } else { lines.join(", ") }
            };
            failures.push(format!("`{id}` pays by line {}, expected {}", shown(&paid), shown(wanted)));
        }
    }
    if let Some(release) = expected.release_at
        && award.and_then(|award| award.release_at) != Some(release)
    {
        let released = match (decision.status, award.and_then(|award| award.release_at)) {
            (_, Some(at)) => format!("is released at {at}"),
            (Status::Held, None) => "is held until a person decides".to_owned(),
            (_, None) => "is not held".to_owned(),
        };
        failures.push(format!("`{id}` {released}, expected a release at {release}"));
    }
    let never = || "never".to_owned();
    if let Some(wanted) = expected.locks_at
        && award.and_then(|award| award.locks_at) != Some(wanted)
    {
        let locks = award.and_then(|award| award.locks_at).map_or_else(never, |at| format!("at {at}"));
        failures.push(format!("`{id}` locks {locks}, expected at {wanted}"));
    }
    if let Some(wanted) = expected.pays_on
        && award.and_then(|award| award.pays_on) != Some(wanted)
    {
        let paid = award.and_then(|award| award.pays_on).map_or_else(never, |on| format!("on {on}"));
        failures.push(format!("`{id}` is paid {paid}, expected on {wanted}"));
    }
    failures
}

/// Compares what each limit takes off an action.
fn limits(
    id: &str,
    decision: &Decision,
    wanted: &BTreeMap<String, Money>,
    currency: Currency,
) -> Vec<String> {
    let mut cuts: BTreeMap<&str, Vec<Money>> = BTreeMap::new();
    for cut in decision.awards.iter().flat_map(|award| &award.limits) {
        cuts.entry(&cut.limit).or_default().push(cut.cut);
    }
    let sum = |cuts: Option<&Vec<Money>>| {
        Money::sum(cuts.into_iter().flatten().copied())
            .map_or_else(|error| error.to_string(), |sum| amount(sum, currency))
    };
    let names: BTreeSet<&str> = cuts.keys().copied().chain(wanted.keys().map(String::as_str)).collect();
    let mut failures = Vec::new();
    for name in names {
        let takes = sum(cuts.get(name));
        let expected = amount(wanted.get(name).copied().unwrap_or_default(), currency);
        if takes != expected {
            failures.push(format!("limit `{name}` takes {takes} off `{id}`, expected {expected}"));
        }
    }
    failures
}

/// Compares what each partner is paid for one action.
fn awards(id: &str, decision: &Decision, wanted: &BTreeMap<String, Money>) -> Vec<String> {
    let mut failures = Vec::new();
    for award in &decision.awards {
        let (partner, paid) = (&award.partner, amount(award.payout, award.currency));
        match wanted.get(partner) {
            None => failures.push(format!("`{id}` pays partner `{partner}` {paid}, expected no award")),
            Some(wanted) if *wanted != award.payout => {
                let wanted = amount(*wanted, award.currency);
                failures.push(format!("`{id}` pays partner `{partner}` {paid}, expected {wanted}"));
            }
            Some(_) => {}
        }
    }
    for (partner, wanted) in wanted.iter().filter(|(partner, _)| decision.award(partner).is_none()) {
        failures.push(format!("`{id}` has no award of partner `{partner}`, expected {wanted}"));
    }
    failures
}

/// Returns why a decision is as it is: its reasons, the touches that were not credited, the payout groups and the limits.
fn why(decision: &Decision, program: &Program) -> Vec<String> {
    let id = &decision.action;
    let mut why = Vec::new();
    for (_, reason) in decision.all_reasons() {
        let text = program.reason_text(&reason.code).map_or(String::new(), |text| format!(": {text}"));
        why.push(format!("`{id}` has {}{text}, by `{}`", reason.code, reason.rule));
    }
    if decision.awards.is_empty() {
        let touches = decision.trace.as_ref().map(|trace| trace.credit.as_slice()).unwrap_or_default();
        if touches.is_empty() {
            why.push(format!("`{id}` has no touch"));
        }
        for touch in touches {
            why.push(format!("`{id}`: `{}` is not credited: {}", touch.partner, touch.because));
        }
    }
    for award in &decision.awards {
        for line in &award.lines {
            let groups = award.groups_of(line);
            if !groups.is_empty() {
                let money = |money| minor(money, award.currency);
                let (earned, base) = (money(line.earned), money(line.base));
                why.push(format!("`{id}`: `{}` pays {earned} on {base}", groups.join("`, `")));
            }
        }
        for cut in &award.limits {
            let off = amount(cut.cut, award.currency);
            why.push(format!("`{id}`: limit `{}` took off {off}", cut.limit));
        }
    }
    why
}

/// Returns by how much a payout is wrong.
fn difference(paid: Money, wanted: Money, currency: Currency) -> Option<String> {
    let by = paid.sub(wanted).ok()?;
    let size = amount(Money(by.0.abs()), currency);
    Some(if by > Money::ZERO { format!("{size} too much") } else { format!("{size} too little") })
}

/// Compares reason or notice codes with what is expected.
fn codes(id: &str, what: &str, actual: &[&str], expected: Option<&[String]>, failures: &mut Vec<String>) {
    let Some(expected) = expected else { return };
    if actual == expected {
        return;
    }
    let shown = |codes: Vec<&str>| if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
    let wanted = shown(expected.iter().map(String::as_str).collect());
    failures.push(format!("`{id}` has {what}: {}, expected {wanted}", shown(actual.to_vec())));
}

/// Compares the payout of each partner for all actions with what is expected.
fn payouts<'a>(test: &Test, decisions: impl Iterator<Item = &'a Decision>) -> Vec<String> {
    let mut paid: BTreeMap<&str, Vec<(Currency, Money)>> = BTreeMap::new();
    for decision in decisions {
        for payout in &decision.awards {
            let sums = paid.entry(&payout.partner).or_default();
            match sums.iter_mut().find(|(currency, _)| *currency == payout.currency) {
                Some((_, sum)) => *sum = sum.add(payout.payout).unwrap_or(*sum),
                None => sums.push((payout.currency, payout.payout)),
            }
        }
    }
    let mut failures = Vec::new();
    for (partner, wanted) in &test.payouts {
        match paid.get(partner.as_str()).map(Vec::as_slice) {
            None | Some([]) if wanted.is_zero() => {}
            None | Some([]) => {
                failures.push(format!(
                    "partner `{partner}` is credited with no action, expected a payout of {wanted}"
                ));
            }
            Some([(_, sum)]) if sum == wanted => {}
            Some([(currency, sum)]) => {
                let (sum, wanted) = (amount(*sum, *currency), amount(*wanted, *currency));
                failures.push(format!("partner `{partner}` is paid {sum} in all, expected {wanted}"));
            }
            Some(several) => {
                let sums: Vec<String> = several
                    .iter()
                    .map(|(currency, sum)| format!("{} {currency}", amount(*sum, *currency)))
                    .collect();
                failures.push(format!(
                    "partner `{partner}` is paid {}, expected {wanted} in one currency",
                    sums.join(" and ")
                ));
            }
        }
    }
    failures
}
