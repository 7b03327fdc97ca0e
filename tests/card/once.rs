//! Every number of the terms stands on the card exactly once.

use std::collections::BTreeMap;

use accrue::card::{Card, CardOptions, Piece, SectionKind};
use accrue::internals::terms;
use accrue::{Engine, Program, Reference};
use accrue_tests::cases::cases;
use accrue_tests::choices::{Choices, noise};
use accrue_tests::folder::{Folder, programs, root};
use accrue_tests::generate::program::program;
use accrue_tests::world::excused;

use crate::everything;
use crate::reads;
use crate::walk::{self, Number};

/// Generated programs.
const PROGRAMS: u32 = 150;

/// Returns the numbers of a card with their places, in order; those of changes are repeated and have none.
fn told(card: &Card) -> Vec<(String, String)> {
    let mut found = Vec::new();
    card.each_sentence(&mut |kind, sentence| {
        for piece in sentence {
            let Piece::Number { text, at } = piece else { continue };
            let repeats = matches!(kind, None | Some(SectionKind::Changes | SectionKind::Scope));
            assert!(!at.is_empty() || repeats, "{kind:?}: {text} has no place: {sentence:?}");
            assert!(at.is_empty() || kind != Some(SectionKind::Changes), "a change has a place: {text}");
            found.extend(at.iter().map(|at| (at.0.clone(), text.clone())));
        }
    });
    found
}

/// Returns what is wrong with the cards of a program, and how many numbers were compared.
fn check(program: &Program) -> (String, usize) {
    let (mut wrong, mut compared) = (String::new(), 0);
    let (terms, zone) = (terms(program), program.zone());
    for contract in &terms.contracts {
        let mut numbers: Vec<u32> = contract.versions.iter().map(|version| version.number).collect();
        numbers.dedup();
        for number in numbers {
            let version = contract.versions.iter().find(|version| version.number == number).unwrap();
            // The first date that begins inside the version.
            let at = version.effective.from.map(|from| {
                let date = zone.date(from);
                if zone.start_of(date) < from { date.succ_opt().unwrap() } else { date }
            });
            let at = at.or_else(|| version.effective.until.map(|until| zone.date(until).pred_opt().unwrap()));
            let options = CardOptions { contract: Some(&contract.name), at, ..CardOptions::default() };
            let card = program.card(options, &Reference::default()).unwrap();
            assert_eq!(card.contracts[0].version, number);
            let expected = walk::numbers(terms, contract, number);
            compared += expected.len();
            let of = format!("{} {number}", contract.name);
            compare(&of, &card, expected, program, &mut wrong);
            drawn(&of, &card, &mut wrong);
        }
    }
    (wrong, compared)
}

fn compare(of: &str, card: &Card, expected: Vec<(String, Number)>, program: &Program, wrong: &mut String) {
    let mut told_at: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, text) in told(card) {
        told_at.entry(at).or_default().push(text);
    }
    let mut in_terms: BTreeMap<String, Vec<Number>> = BTreeMap::new();
    for (at, number) in expected {
        in_terms.entry(at).or_default().push(number);
    }
    for (at, numbers) in &in_terms {
        let texts = told_at.remove(at).unwrap_or_default();
        let same = texts.len() == numbers.len()
            && texts.iter().zip(numbers).all(|(text, number)| reads::is(text, number, program.zone()));
        if !same {
            wrong.push_str(&format!("{of}: {at} is {numbers:?}, and the card says {texts:?}\n"));
        }
    }
    for (at, texts) in told_at {
        wrong.push_str(&format!("{of}: the terms have nothing at {at}, and the card says {texts:?}\n"));
    }
}

/// Every number stands in each drawing, in the order of the data.
fn drawn(of: &str, card: &Card, wrong: &mut String) {
    let unwrapped = card.text(Some(usize::MAX / 4));
    let wrapped = card.text(None).split_whitespace().collect::<Vec<_>>().join(" ");
    for (what, drawing) in
        [("text", unwrapped), ("wrapped text", wrapped), ("Markdown", card.markdown()), ("HTML", card.html())]
    {
        let mut rest = drawing.as_str();
        card.each_sentence(&mut |_, sentence| {
            for piece in sentence {
                let Piece::Number { text, .. } = piece else { continue };
                match rest.split_once(text.as_str()) {
                    Some((_, after)) => rest = after,
                    None => wrong.push_str(&format!("{of}: {text} is not in the {what}\n")),
                }
            }
        });
    }
}

fn check_folders(parent: &str) {
    let (mut wrong, mut compared) = (String::new(), 0);
    for path in programs(&root().join(parent)).unwrap() {
        let program = Engine::default().load(&Folder::read(&path).unwrap().source).unwrap();
        let (found, count) = check(&program);
        compared += count;
        if !found.is_empty() {
            wrong.push_str(&format!("{}:\n{found}", path.display()));
        }
    }
    assert!(compared > 100, "only {compared} numbers in {parent}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_number_of_the_examples_stands_on_the_card_once() {
    check_folders("rules-examples");
}

#[test]
fn every_number_of_the_golden_cases_stands_on_the_card_once() {
    check_folders("tests/golden");
}

#[test]
fn every_number_of_a_contract_in_parts_stands_on_the_card_once() {
    let (wrong, compared) = check(&everything::program());
    assert!(compared > 200, "only {compared} numbers");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_number_of_generated_programs_stands_on_the_card_once() {
    let mut compared = 0;
    for seed in 0..cases(PROGRAMS) {
        let bytes = noise(seed, 3_000);
        let text = program(&mut Choices::new(&bytes));
        let program = match Engine::default().load(&text.source()) {
            Ok(program) => program,
            Err(diagnostics) if excused(&diagnostics) => continue,
            Err(diagnostics) => panic!("{diagnostics}\n{}", text.shown()),
        };
        let (wrong, count) = check(&program);
        compared += count;
        assert!(wrong.is_empty(), "seed {seed}:\n{wrong}\n{}", text.shown());
    }
    assert!(compared > 5_000, "only {compared} numbers");
}
