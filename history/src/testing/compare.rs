//! Compares decisions with what a test expects of them.

use std::collections::{BTreeMap, BTreeSet};

use accrue::decide::Status;
use accrue::diagnostic::{Place, Span};
use accrue::money::{Currency, Money};
use accrue::{Decision, Program};

use super::file::{Expect, ExpectBonus, Test};
use super::results::TestFailure;
use crate::words::{amount, each_once, minor};

/// What is not as expected of one test, so far.
pub(super) struct Failures<'t> {
    /// The path of the file.
    pub(super) file: &'t str,
    /// The place of what is compared.
    pub(super) span: Span,
    pub(super) found: Vec<TestFailure>,
}

impl Failures<'_> {
    /// Adds a failure that is no difference.
    pub(super) fn add(&mut self, message: impl Into<String>) {
        self.push(message.into(), None);
    }

    /// Adds a difference: what was found, and what was expected instead.
    fn differs(&mut self, message: impl Into<String>, got: impl Into<String>, expected: impl Into<String>) {
        self.push(message.into(), Some((got.into(), expected.into())));
    }

    fn push(&mut self, message: String, difference: Option<(String, String)>) {
        let (got, expected) = difference.unzip();
        let place = Place::new(self.file, self.span);
        self.found.push(TestFailure { message, expected, got, place });
    }
}

/// Compares the adjustments and closes that were refused, each with its code and message, with those that are expected to be.
pub(super) fn refusals(
    test: &Test,
    refused: &BTreeMap<String, (&'static str, String)>,
    failures: &mut Failures<'_>,
) {
    for (id, (code, message)) in refused {
        match test.refused.get(id) {
            Some(expected) if expected == code => {}
            Some(expected) => {
                failures.differs(
                    format!("`{id}` is refused with {code}, expected {expected}"),
                    *code,
                    expected,
                );
            }
            None => failures.add(format!("`{id}` is refused with {code}: {message}")),
        }
    }
    for (id, code) in test.refused.iter().filter(|(id, _)| !refused.contains_key(*id)) {
        failures.differs(format!("`{id}` is not refused, expected {code}"), "not refused", code);
    }
}

/// Compares a bonus.
pub(super) fn bonus<'d>(
    expected: &ExpectBonus,
    mut all: impl Iterator<Item = &'d Decision>,
    program: &Program,
    failures: &mut Failures<'_>,
) {
    let ExpectBonus { bonus, partner, period, status, payout, lines, span: _ } = expected;
    let id = format!("{bonus} {period} of {partner}");
    let found = all.find(|decision| {
        let of = decision.bonus.as_ref().is_some_and(|of| of.bonus == *bonus && of.period == *period);
        of && decision.award(partner).is_some()
    });
    let Some(decision) = found else {
        let none = payout.is_none_or(|payout| payout.is_zero())
            && status.is_none()
            && lines.as_ref().is_none_or(Vec::is_empty);
        if !none {
            failures.differs(format!("there is no bonus `{id}`, expected one"), "no bonus", "a bonus");
        }
        return;
    };
    let currency = decision.awards.first().map_or(program.currency(), |award| award.currency);
    if let Some(status) = status.filter(|status| *status != decision.status) {
        let (got, wanted) = (decision.status.text(), status.text());
        failures.differs(format!("`{id}` is {got}, expected {wanted}"), got, wanted);
    }
    let paid = decision.payout().unwrap_or_default();
    if let Some(payout) = payout.filter(|payout| *payout != paid) {
        let (paid, wanted) = (amount(paid, currency), amount(payout, currency));
        failures.differs(format!("`{id}` pays {paid}, expected {wanted}"), paid, wanted);
    }
    let of_lines: Vec<Money> =
        decision.awards.iter().flat_map(|award| &award.lines).map(|line| line.payout).collect();
    if let Some(wanted) = lines.as_ref().filter(|wanted| **wanted != of_lines) {
        let shown =
            |lines: &[Money]| lines.iter().map(|line| amount(*line, currency)).collect::<Vec<_>>().join(", ");
        let (paid, wanted) = (shown(&of_lines), shown(wanted));
        failures.differs(format!("`{id}` pays by line {paid}, expected {wanted}"), paid, wanted);
    }
}

/// Compares the decision of an action.
pub(super) fn action(expected: &Expect, decision: &Decision, program: &Program, failures: &mut Failures<'_>) {
    let id = &expected.action;
    let award = decision.awards.first();
    let currency = award.map_or(program.currency(), |award| award.currency);
    let paid = decision.payout().unwrap_or_default();
    if let Some(status) = expected.status
        && status != decision.status
    {
        let (got, wanted) = (decision.status.text(), status.text());
        failures.differs(format!("`{id}` is {got}, expected {wanted}"), got, wanted);
    }
    if let Some(payout) = expected.payout
        && payout != paid
    {
        let by = difference(paid, payout, currency).map_or(String::new(), |by| format!(" ({by})"));
        let (paid, wanted) = (amount(paid, currency), amount(payout, currency));
        failures.differs(format!("`{id}` pays {paid}, expected {wanted}{by}"), paid, wanted);
    }
    if let Some(wanted) = &expected.awards {
        awards(id, decision, wanted, failures);
    }
    let reasons = each_once(decision.all_reasons().map(|(_, reason)| reason.code.as_str()));
    codes(id, "reasons", &reasons, expected.reasons.as_deref(), failures);
    let notices = decision.awards.iter().flat_map(|award| &award.notices);
    let notices = each_once(notices.map(|notice| notice.code.as_str()));
    codes(id, "notices", &notices, expected.notices.as_deref(), failures);
    if let Some(group) = &expected.group {
        let first = award.and_then(|award| award.groups.first()).map(String::as_str);
        if first != Some(group) {
            let paid_by = first.map_or_else(|| "no group".to_owned(), |first| format!("group `{first}`"));
            failures.differs(
                format!("`{id}` is paid by {paid_by}, expected group `{group}`"),
                first.unwrap_or("no group"),
                group,
            );
        }
    }
    if let Some(wanted) = &expected.limits {
        limits(id, decision, wanted, currency, failures);
    }
    if let Some(wanted) = &expected.lines {
        let lines = decision.awards.iter().flat_map(|award| &award.lines);
        let paid: Vec<Money> = lines.map(|line| line.payout).collect();
        if paid != *wanted {
            let shown = |lines: &[Money]| {
                let lines: Vec<String> = lines.iter().map(|line| amount(*line, currency)).collect();
                if lines.is_empty() { "no lines".to_owned() } else { lines.join(", ") }
            };
            let (paid, wanted) = (shown(&paid), shown(wanted));
            failures.differs(format!("`{id}` pays by line {paid}, expected {wanted}"), paid, wanted);
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
        let message = format!("`{id}` {released}, expected a release at {release}");
        failures.differs(message, released, format!("is released at {release}"));
    }
    let never = || "never".to_owned();
    if let Some(wanted) = expected.locks_at
        && award.and_then(|award| award.locks_at) != Some(wanted)
    {
        let locks = award.and_then(|award| award.locks_at).map_or_else(never, |at| format!("at {at}"));
        failures.differs(
            format!("`{id}` locks {locks}, expected at {wanted}"),
            locks,
            format!("at {wanted}"),
        );
    }
    if let Some(wanted) = expected.pays_on
        && award.and_then(|award| award.pays_on) != Some(wanted)
    {
        let paid = award.and_then(|award| award.pays_on).map_or_else(never, |on| format!("on {on}"));
        let wanted = format!("on {wanted}");
        failures.differs(format!("`{id}` is paid {paid}, expected {wanted}"), paid, wanted);
    }
}

/// Compares what each limit takes off an action.
fn limits(
    id: &str,
    decision: &Decision,
    wanted: &BTreeMap<String, Money>,
    currency: Currency,
    failures: &mut Failures<'_>,
) {
    let mut cuts: BTreeMap<&str, Vec<Money>> = BTreeMap::new();
    for cut in decision.awards.iter().flat_map(|award| &award.limits) {
        cuts.entry(&cut.limit).or_default().push(cut.cut);
    }
    let sum = |cuts: Option<&Vec<Money>>| {
        Money::sum(cuts.into_iter().flatten().copied())
            .map_or_else(|error| error.to_string(), |sum| amount(sum, currency))
    };
    let names: BTreeSet<&str> = cuts.keys().copied().chain(wanted.keys().map(String::as_str)).collect();
    for name in names {
        let takes = sum(cuts.get(name));
        let expected = amount(wanted.get(name).copied().unwrap_or_default(), currency);
        if takes != expected {
            let message = format!("limit `{name}` takes {takes} off `{id}`, expected {expected}");
            failures.differs(message, takes, expected);
        }
    }
}

/// Compares what each partner is paid for one action.
fn awards(id: &str, decision: &Decision, wanted: &BTreeMap<String, Money>, failures: &mut Failures<'_>) {
    for award in &decision.awards {
        let (partner, paid) = (&award.partner, amount(award.payout, award.currency));
        match wanted.get(partner) {
            None => {
                let message = format!("`{id}` pays partner `{partner}` {paid}, expected no award");
                failures.differs(message, paid, "no award");
            }
            Some(wanted) if *wanted != award.payout => {
                let wanted = amount(*wanted, award.currency);
                let message = format!("`{id}` pays partner `{partner}` {paid}, expected {wanted}");
                failures.differs(message, paid, wanted);
            }
            Some(_) => {}
        }
    }
    for (partner, wanted) in wanted.iter().filter(|(partner, _)| decision.award(partner).is_none()) {
        let message = format!("`{id}` has no award of partner `{partner}`, expected {wanted}");
        failures.differs(message, "no award", wanted.to_string());
    }
}

/// Returns why a decision is as it is: its reasons, the touches that were not credited, the payout groups and the limits.
pub(super) fn why(decision: &Decision, program: &Program) -> Vec<String> {
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
fn codes(id: &str, what: &str, actual: &[&str], expected: Option<&[String]>, failures: &mut Failures<'_>) {
    let Some(expected) = expected else { return };
    if actual == expected {
        return;
    }
    let shown = |codes: Vec<&str>| if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
    let (got, wanted) = (shown(actual.to_vec()), shown(expected.iter().map(String::as_str).collect()));
    failures.differs(format!("`{id}` has {what}: {got}, expected {wanted}"), got, wanted);
}

/// Compares the payout of each partner for all actions and as bonuses with what is expected.
pub(super) fn payouts<'a>(
    test: &Test,
    decisions: impl Iterator<Item = &'a Decision>,
    failures: &mut Failures<'_>,
) {
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
    for (partner, wanted) in &test.payouts {
        match paid.get(partner.as_str()).map(Vec::as_slice) {
            None | Some([]) if wanted.is_zero() => {}
            None | Some([]) => failures.differs(
                format!("partner `{partner}` is credited with no action, expected a payout of {wanted}"),
                "no payout",
                wanted.to_string(),
            ),
            Some([(_, sum)]) if sum == wanted => {}
            Some([(currency, sum)]) => {
                let (sum, wanted) = (amount(*sum, *currency), amount(*wanted, *currency));
                let message = format!("partner `{partner}` is paid {sum} in all, expected {wanted}");
                failures.differs(message, sum, wanted);
            }
            Some(several) => {
                let sums: Vec<String> = several
                    .iter()
                    .map(|(currency, sum)| format!("{} {currency}", amount(*sum, *currency)))
                    .collect();
                let sums = sums.join(" and ");
                let message =
                    format!("partner `{partner}` is paid {sums}, expected {wanted} in one currency");
                failures.differs(message, sums, wanted.to_string());
            }
        }
    }
}
