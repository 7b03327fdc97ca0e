//! Makes a test of a decision: decides again with what was counted then, notes which sums are read, and seeds only those.

use std::collections::{BTreeMap, BTreeSet};

use super::expect::{of_action, of_bonus};
use super::{CountedBefore, Event, Happened, OneTest, TestCase, TestCaseError, TestFacts};
use crate::counters::{CounterKey, Counters, Posting, Sums};
use crate::decide::{self, Decision, Options, ProgramView, SumPlace, SumReads};
use crate::facts::{Action, Fact, PauseTarget, Reference};

/// Makes a test of what happened to a subject: an action with its adjustments, or the bonus with this id, which a close decides.
///
/// Pauses that are among `own` facts are left out, because all pauses of a program and of its test files apply.
pub(crate) fn make(
    view: ProgramView<'_>,
    subject: &str,
    happened: &[Happened<'_>],
    (reference, own): (&Reference, &Reference),
) -> Result<TestCase, TestCaseError> {
    let mut test = OneTest::default();
    let mut counters = Counters::new(view.terms.id.clone());
    // The action and its decision as they stand, as they were decided then and with what the test counts.
    let mut standing: Option<Standing> = None;
    for Happened { event, before } in happened.iter().copied() {
        if let Some(date) = before.closed_until().filter(|date| counters.closed_until() < Some(*date)) {
            test.close.push(date);
            close(view, date, reference, &mut counters)?;
        }
        let reads = SumReads::default();
        let recording = ProgramView { reads: Some(&reads), ..view };
        let then = run(recording, event, subject, standing.as_ref().map(|of| &of.then), (reference, before))?;
        let id = match event {
            Event::Action(action) => action.id.clone(),
            Event::Adjustment(adjustment) => adjustment.id.clone(),
            Event::Close(date) => date.to_string(),
        };
        let of_partner = then.1.bonus.is_some().then(|| partner_keys(&then.1));
        for place in reads.into_places() {
            if of_partner.as_ref().is_some_and(|keys| !keys.contains(&place.1)) {
                continue;
            }
            for posting in missing(before, &counters, &place) {
                counters.add_entry(&posting).map_err(|_| TestCaseError::Differs(subject.to_owned()))?;
                test.counted.push(CountedBefore::new(Some(id.clone()), posting));
            }
        }
        let again = run(view, event, subject, standing.as_ref().map(|of| &of.again), (reference, &counters))?;
        if then.1.receipt != again.1.receipt {
            return Err(TestCaseError::Differs(subject.to_owned()));
        }
        let differs = |_| TestCaseError::Differs(subject.to_owned());
        match event {
            Event::Action(action) => {
                test.actions.push(action.clone());
                counters.apply(&again.1.postings).map_err(differs)?;
            }
            Event::Adjustment(adjustment) => {
                test.adjustments.push(adjustment.clone());
                counters.apply(&again.1.postings).map_err(differs)?;
            }
            Event::Close(date) => {
                test.close.push(date);
                close(view, date, reference, &mut counters)?;
            }
        }
        standing = Some(Standing { then, again });
    }
    let Some(Standing { then: (action, decision), .. }) = standing else {
        return Err(TestCaseError::NoDecision(subject.to_owned()));
    };
    test.it = name(&decision);
    match of_bonus(&decision) {
        Some(bonus) => test.bonuses.push(bonus),
        None => test.expect.push(of_action(&decision)),
    }
    // Before the first of all is before everything.
    if let Some(first) = test.counted.first().and_then(|counted| counted.before.clone())
        && test.close.len() <= usize::from(decision.bonus.is_some())
    {
        let of_first = test.counted.iter_mut().filter(|counted| counted.before.as_ref() == Some(&first));
        if happened.first().is_some_and(|of| is_event(of.event, &first)) {
            of_first.for_each(|counted| counted.before = None);
        }
    }
    let facts = facts(&action, &decision, reference, own);
    Ok(TestCase { facts, tests: [test] })
}

/// What was decided, then and with what the test counts.
struct Standing {
    then: (Action, Decision),
    again: (Action, Decision),
}

fn is_event(event: Event<'_>, id: &str) -> bool {
    match event {
        Event::Action(action) => action.id == id,
        Event::Adjustment(adjustment) => adjustment.id == id,
        Event::Close(date) => date.to_string() == id,
    }
}

/// Decides what happens, and returns the action with its decision as they stand afterwards.
fn run(
    view: ProgramView<'_>,
    event: Event<'_>,
    subject: &str,
    standing: Option<&(Action, Decision)>,
    (reference, counters): (&Reference, &Counters),
) -> Result<(Action, Decision), TestCaseError> {
    let nothing = || TestCaseError::NoDecision(subject.to_owned());
    match event {
        Event::Action(action) => {
            let options = Options::default();
            let decision = decide::decide(view, action, reference, counters, options, &mut |_| ());
            Ok((action.clone(), decision))
        }
        Event::Adjustment(adjustment) => {
            let (action, decision) = standing.ok_or_else(nothing)?;
            let of = (action, decision);
            let adjusted = decide::adjust(view, adjustment, of, reference, counters, Options::default())?;
            Ok((adjusted.action, adjusted.decision))
        }
        Event::Close(date) => {
            let decisions = decide::close(view, date, reference, counters)?;
            let bonus = decisions.into_iter().find(|decision| decision.action == subject);
            let bonus = bonus.ok_or_else(nothing)?;
            let none = Action::new(bonus.action.clone(), bonus.event_type.clone(), bonus.occurred_at);
            Ok((none, bonus))
        }
    }
}

/// Closes periods as a test does: computes the bonuses, records them, and drops the sums of closed periods.
fn close(
    view: ProgramView<'_>,
    until: chrono::NaiveDate,
    reference: &Reference,
    counters: &mut Counters,
) -> Result<(), TestCaseError> {
    for decision in decide::close(view, until, reference, counters)? {
        counters.apply(&decision.postings).map_err(crate::decide::CloseError::from)?;
    }
    let (terms, lookup) = (view.terms, view.lookup);
    counters.close(until, terms.zone, lookup.open_longer(terms, until), |id| lookup.still_read(id));
    Ok(())
}

/// Returns the keys that the bonus of one partner reads: of the partner, and of the whole program.
fn partner_keys(decision: &Decision) -> BTreeSet<CounterKey> {
    let partners = decision.awards.iter().map(|award| award.partner.as_str());
    partners.chain([""]).map(|part| CounterKey::new([part])).collect()
}

/// Returns what `counters` lack at a place of what was counted then.
fn missing(then: &Counters, counters: &Counters, (counter, key, at): &SumPlace) -> Vec<Posting> {
    let mut sums: BTreeMap<_, Sums> = BTreeMap::new();
    let mut add = |postings: Vec<Posting>, back: bool| {
        for posting in postings {
            let sum = sums.entry((posting.at, posting.distinct)).or_default();
            let more = if back { posting.sums.negated() } else { posting.sums };
            // What does not fit leaves a difference, which is found when the test decides.
            *sum = sum.plus(more).unwrap_or(*sum);
        }
    };
    add(then.entries_at(counter, key, *at), false);
    add(counters.entries_at(counter, key, *at), true);
    let rest = sums.into_iter().filter(|(_, sums)| *sums != Sums::default());
    rest.map(|((at, distinct), sums)| Posting {
        counter: counter.clone(),
        key: key.clone(),
        at,
        distinct,
        sums,
    })
    .collect()
}

/// Returns the name of the test.
fn name(decision: &Decision) -> String {
    let paid = decision.payout().unwrap_or_default();
    let currency = decision.awards.first().map(|award| award.currency);
    let status = match decision.status {
        decide::Status::Payable => "pays",
        decide::Status::Held => "holds",
        decide::Status::Rejected => "rejects",
        decide::Status::Zero => "pays nothing for",
        decide::Status::Reversed => "has taken back",
    };
    match currency.filter(|_| !paid.is_zero()) {
        Some(currency) => format!("{status} {} with {paid} {}", decision.action, currency.code()),
        None => format!("{status} {}", decision.action),
    }
}

/// Returns the facts that a decision read: those of everything that the action names.
fn facts(action: &Action, decision: &Decision, reference: &Reference, own: &Reference) -> TestFacts {
    let mut partners: BTreeSet<&str> = BTreeSet::new();
    partners.extend(action.touches.iter().map(|touch| touch.partner.as_str()));
    partners.extend(action.credits.iter().map(|credit| credit.partner.as_str()));
    partners.extend(decision.awards.iter().map(|award| award.partner.as_str()));
    let codes: BTreeSet<String> = action.promo_codes.iter().map(|code| code.to_uppercase()).collect();
    let owners = codes.iter().filter_map(|code| reference.promo_code(code)?.owner.as_deref());
    partners.extend(owners);
    let customer = action.customer.id.as_deref();
    let standing =
        reference.standing_partners().filter(|standing| Some(standing.customer.as_str()) == customer);
    partners.extend(standing.map(|standing| standing.partner.as_str()));
    // Parents are paid by level, and counted.
    loop {
        let named = reference.partners().filter(|partner| partners.contains(partner.id.as_str()));
        let parents: BTreeSet<&str> = named.filter_map(|partner| partner.parent.as_deref()).collect();
        if parents.is_subset(&partners) {
            break;
        }
        partners.extend(parents);
    }
    let creatives = action.touches.iter().filter_map(|touch| touch.creative.as_ref());
    let creatives: BTreeSet<String> = creatives.map(|id| id.to_lowercase()).collect();
    let rates: Vec<_> = decision.awards.iter().filter_map(|award| award.exchange.as_ref()).collect();
    let own_pauses: Vec<Fact> = own.facts().filter(|fact| matches!(fact, Fact::Pause(_))).collect();
    TestCase::facts_of(reference, |fact| match fact {
        Fact::Partner(partner) => partners.contains(partner.id.as_str()),
        Fact::Creative(creative) => creatives.contains(&creative.id.to_lowercase()),
        Fact::PromoCode(code) => codes.contains(&code.code.to_uppercase()),
        Fact::StandingPartner(standing) => Some(standing.customer.as_str()) == customer,
        Fact::Rate(rate) => rates.contains(&rate),
        Fact::Pause(pause) => {
            let is_of = match pause.target {
                PauseTarget::Partner => pause.id.as_deref().is_some_and(|id| partners.contains(id)),
                _ => true,
            };
            is_of && !own_pauses.contains(fact)
        }
    })
}
