//! What a partner's card leaves out never applies to the partner: every payout group that pays and every restriction that gives a reason
//! stands on the card of the partner whose award it is.

use std::collections::BTreeSet;

use accrue::card::{Card, CardOptions, SectionKind};
use accrue::internals::terms;
use accrue::{Action, Program, Reference};
use accrue_tests::choices::{Choices, noise};
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::world::world;

/// Generated worlds.
const WORLDS: u32 = 120;

/// The names of the entries of a version on a card; `None` if the card does not have the version.
fn entries(card: &Card, contract: &str, version: u32) -> Option<BTreeSet<String>> {
    let of = card.contracts.iter().find(|of| of.contract == contract && of.version == version)?;
    let sections = of.sections.iter().filter(|section| section.kind != SectionKind::Changes);
    Some(sections.flat_map(|section| &section.entries).filter_map(|entry| entry.name.clone()).collect())
}

/// The names of the restrictions of a version that are no components.
fn restrictions(program: &Program, contract: &str, number: u32) -> BTreeSet<String> {
    let contracts = terms(program).contracts.iter().filter(|of| of.name == contract);
    let versions = contracts.flat_map(|of| &of.versions).filter(|of| of.number == number);
    let restrictions = versions.flat_map(|of| &of.restrictions).filter(|of| of.body.rule().is_some());
    restrictions.map(|of| of.name.clone()).collect()
}

/// Returns how many groups and restrictions were looked for, or what is not on a card.
fn check(program: &Program, reference: &Reference, actions: &[Action]) -> Result<usize, String> {
    let mut looked = 0;
    for decided in program.decide_all(actions, reference, &mut program.counters()) {
        let Ok(decision) = decided.decision else { continue };
        for award in &decision.awards {
            // Facts that change within the day of the action are not those that the card shows.
            let facts = reference.partners().filter(|of| of.id == award.partner).count();
            if facts > 1 || (facts == 0 && reference.lists_partners()) {
                continue;
            }
            let at = Some(program.zone().date(decision.occurred_at));
            let options = CardOptions { partner: Some(&award.partner), at, ..CardOptions::default() };
            let Ok(card) = program.card(options, reference) else { continue };
            let Some(names) = entries(&card, &award.contract.name, award.contract.version) else { continue };
            for group in &award.groups {
                looked += 1;
                let is_there = match group.as_str() {
                    "default" => names.contains("otherwise") || names.contains("always"),
                    group => names.contains(group),
                };
                if !is_there {
                    return Err(format!(
                        "`{group}` pays {} and is not in:\n{}",
                        award.partner,
                        card.text(None)
                    ));
                }
            }
            let restrictions = restrictions(program, &award.contract.name, award.contract.version);
            // The engine has reasons of its own, and what reads fraud signals is not named.
            let reasons = award.reasons.iter().filter(|reason| !reason.fraud && reason.fault.is_none());
            for reason in reasons.filter(|reason| restrictions.contains(&reason.rule)) {
                looked += 1;
                if !names.contains(&reason.rule) {
                    return Err(format!(
                        "`{}` stops {} and is not in:\n{}",
                        reason.rule,
                        award.partner,
                        card.text(None)
                    ));
                }
            }
        }
    }
    Ok(looked)
}

#[test]
fn what_pays_a_partner_of_the_examples_is_on_the_partners_card() {
    let mut looked = 0;
    for path in programs(&root().join("rules-examples")).unwrap() {
        let folder = Folder::read(&path).unwrap();
        let program = accrue::Engine::default().load(&folder.source).unwrap();
        let actions = &folder.actions[..folder.actions.len().min(60)];
        looked += check(&program, &folder.reference, actions).unwrap();
    }
    assert!(looked > 100, "only {looked}");
}

#[test]
fn what_pays_a_partner_of_generated_programs_is_on_the_partners_card() {
    let mut looked = 0;
    for seed in 0..WORLDS {
        let bytes = noise(seed, 3_000);
        let Some(world) = world(&mut Choices::new(&bytes)).unwrap() else { continue };
        looked += check(&world.program, &world.reference, &world.actions)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", world.shown()));
    }
    assert!(looked > 200, "only {looked}");
}
