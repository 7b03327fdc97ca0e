//! Law 3, of facts: nothing that cannot be read lifts what forbids. A shop is made whose facts keep an action from being paid. Then one
//! thing goes wrong with a file or with a text of it, and everything is read as a host reads it. Either something is refused, so that
//! nothing is decided, or the action is still not paid.
//!
//! A few faults cannot be told from what could be meant, and are left out: rows that are missing as a whole, a row that is cut inside
//! of its last cell, and a brand's own word in other letters (`Coupon` for `coupon`), which is another word.

#[path = "../../doors/csv_row.rs"]
mod csv_row;
mod faults;
mod shop;

use std::collections::BTreeMap;

use accrue::decide::Status;
use accrue::facts::{CsvActions, FactKind, read_action};
use accrue::money::Money;
use accrue::{Action, Engine, Limits, Options, Reference, Rules};
use accrue_tests::awarded::paid;
use accrue_tests::cases::{Bytes, cases};
use accrue_tests::choices::{Choices, noise};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use faults::{FileFault, Inputs, TextFault, spoil_file, spoil_text};
use shop::{Gate, Shop};

/// Shops that are spoiled.
const SHOPS: u32 = 12_000;

const BYTES: usize = 120;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Text(TextFault),
    File(FileFault),
}

/// What became of the action.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// Something was refused, so nothing was decided.
    Refused(String),
    /// It was decided, with this amount to be paid now.
    Decided(Money),
}

/// Reads everything as a host does, and decides.
fn outcome(inputs: &Inputs) -> Outcome {
    match decide(inputs) {
        Ok(payable) => Outcome::Decided(payable),
        Err(message) => Outcome::Refused(message),
    }
}

fn decide(inputs: &Inputs) -> Result<Money, String> {
    let limits = Limits::default();
    let engine = Engine::builder().rules(Rules::Interpreted).build();
    let program = engine.load(&inputs.source).map_err(|found| found.to_string())?;
    let mut reference = Reference::default().in_zone(program.zone());
    for (kind, name, bytes) in &inputs.files {
        reference.read(*kind, name, bytes, &limits).map_err(|errors| format!("{name}: {errors}"))?;
    }
    program.check_reference(&reference).map_err(|errors| errors.to_string())?;
    let action = read(inputs)?;
    let decision = program.decide(&action, &reference, &program.counters(), Options::default());
    let decision = decision.map_err(|error| error.to_string())?;
    Ok(if decision.status == Status::Payable { paid(&decision) } else { Money::ZERO })
}

fn read(inputs: &Inputs) -> Result<Action, String> {
    if !inputs.action_is_csv {
        return read_action(&inputs.action.to_string()).map_err(|error| error.to_string());
    }
    let text = csv_row::table(&inputs.action);
    let mut actions =
        CsvActions::new(text.as_bytes(), &Limits::default()).map_err(|errors| errors.to_string())?;
    let first = actions.next().ok_or("no action")?;
    first.map(|record| record.action).map_err(|reject| reject.errors.to_string())
}

/// Makes a shop and one fault of it; `None` where the shop cannot have the fault.
fn spoiled(choices: &mut Choices<'_>) -> (Shop, Fault, Option<Inputs>) {
    let shop = Shop::new(choices.pick(&Gate::ALL), &mut choices.split(2));
    if choices.once_in(2) {
        let fault = choices.pick(&TextFault::ALL);
        let inputs = spoil_text(&shop, fault, choices);
        return (shop, Fault::Text(fault), inputs);
    }
    let fault = choices.pick(&FileFault::ALL);
    let inputs = spoil_file(&shop, fault, choices);
    (shop, Fault::File(fault), inputs)
}

#[test]
fn no_fault_of_a_fact_pays_what_was_forbidden() {
    let config = Config {
        cases: cases(SHOPS),
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..Config::default()
    };
    let bytes = proptest::collection::vec(any::<u8>(), BYTES).prop_map(Bytes);
    let result = TestRunner::new(config).run(&bytes, |Bytes(bytes)| {
        let (shop, fault, inputs) = spoiled(&mut Choices::new(&bytes));
        let Some(inputs) = inputs else { return Ok(()) };
        match outcome(&inputs) {
            Outcome::Decided(payable) if payable > Money::ZERO => {
                let files: Vec<_> = inputs
                    .files
                    .iter()
                    .map(|(_, name, bytes)| format!("{name}: {:?}", String::from_utf8_lossy(bytes)))
                    .collect();
                let message = format!(
                    "{fault:?} pays {payable}\n{}\nspoiled:\n{}\n{}\nlist: {:?}",
                    shop.shown(),
                    files.join("\n"),
                    inputs.action,
                    inputs.list,
                );
                Err(TestCaseError::fail(message))
            }
            _ => Ok(()),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// A law that forbids what was never to be paid proves nothing.
#[test]
fn every_gate_is_closed_by_its_facts_and_every_fault_happens() {
    let mut gates: BTreeMap<Gate, u32> = BTreeMap::new();
    let mut faults: BTreeMap<Fault, [u32; 2]> = BTreeMap::new();
    for seed in 0..SHOPS / 3 {
        let bytes = noise(seed, BYTES);
        let (shop, fault, inputs) = spoiled(&mut Choices::new(&bytes));
        if seed % 8 == 0 {
            assert_eq!(outcome(&Inputs::of(&shop)), Outcome::Decided(Money::ZERO), "{}", shop.shown());
        }
        let Some(inputs) = inputs else { continue };
        *gates.entry(shop.gate).or_default() += 1;
        let [decided, refused] = faults.entry(fault).or_default();
        if seed % 2 == 0 {
            match outcome(&inputs) {
                Outcome::Decided(_) => *decided += 1,
                Outcome::Refused(_) => *refused += 1,
            }
        }
    }
    assert_eq!(gates.len(), Gate::ALL.len(), "{gates:?}");
    assert_eq!(faults.len(), TextFault::ALL.len() + FileFault::ALL.len(), "{faults:?}");
    assert!(gates.values().all(|count| *count >= 50), "{gates:?}");
    assert!(faults.values().all(|[decided, refused]| decided + refused >= 10), "{faults:#?}");
    // Reading is not refused for what any spreadsheet writes.
    for fault in [
        Fault::File(FileFault::Mark),
        Fault::File(FileFault::NameInCapitals),
        Fault::File(FileFault::WindowsLineEnds),
        Fault::Text(TextFault::BlankAfter),
    ] {
        assert!(faults[&fault][0] >= 10, "{fault:?} {:?}", faults[&fault]);
    }
}

/// The same facts, read as if a file were empty: these gates open, so that a reader which left out what it cannot read would be found.
#[test]
fn a_file_that_is_left_out_would_pay() {
    let opens = [
        (Gate::UnknownPartner, FactKind::Partners),
        (Gate::PartnerStatus, FactKind::Partners),
        (Gate::PartnerKind, FactKind::Partners),
        (Gate::PartnerGroup, FactKind::Partners),
        (Gate::ExpiredCreative, FactKind::Creatives),
        (Gate::CreativeNotYetValid, FactKind::Creatives),
        (Gate::ForeignCreative, FactKind::Creatives),
        (Gate::ForeignCode, FactKind::PromoCodes),
        (Gate::PausedProgram, FactKind::Pauses),
        (Gate::PausedContract, FactKind::Pauses),
        (Gate::PausedPartner, FactKind::Pauses),
        (Gate::PausedCreative, FactKind::Pauses),
    ];
    for (gate, kind) in opens {
        for seed in 0..6 {
            let shop = Shop::new(gate, &mut Choices::new(&noise(seed, BYTES)));
            let mut inputs = Inputs::of(&shop);
            inputs.files.retain(|(of, ..)| *of != kind);
            let found = outcome(&inputs);
            assert!(
                matches!(found, Outcome::Decided(paid) if paid > Money::ZERO),
                "{found:?}\n{}",
                shop.shown()
            );
        }
    }
}
