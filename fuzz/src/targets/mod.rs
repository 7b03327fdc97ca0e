//! The targets, a module each, and what several of them ask of a decision.

pub mod actions;
pub mod adjustments;
pub mod assist;
pub mod bundle;
pub mod columns;
#[cfg(feature = "sandbox")]
pub mod components;
pub mod cost;
pub mod dialect;
pub mod generated;
pub mod mapping;
pub mod program;
pub mod reference;
pub mod rule;
pub mod spreadsheet;
pub mod table;
pub mod world;

use accrue::Counters;
use accrue::Options;
use accrue::decide::Decision;
use accrue::explain::Reader;
use accrue::internals::lang::FaultKind;
use accrue::{Action, Program, Reference};
use accrue_tests::awarded::reasons;

/// Decides actions one after the other and looks at each decision from all sides. The decisions as they are written.
pub(crate) fn decide(program: &Program, actions: &[Action], reference: &Reference) -> Vec<String> {
    let mut totals = program.counters();
    let decided = program.decide_all(actions, reference, &mut totals);
    let told = decided.iter().filter_map(|decided| {
        let action = &actions[decided.index];
        decided.decision.as_ref().ok().map(|decision| look_at(program, action, reference, decision))
    });
    told.collect()
}

/// A decision is written, read, explained and shown to each partner, and is the same in a trace.
fn look_at(program: &Program, action: &Action, reference: &Reference, decision: &Decision) -> String {
    let text = serde_json::to_string(decision).expect("a decision can be written");
    let read: Decision = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(read, *decision);
    for fault in reasons(decision).iter().filter_map(|reason| reason.fault.as_ref()) {
        assert_ne!(fault.kind, FaultKind::Budget, "a checked rule ran out of its budget: {text}");
    }
    program.explain(decision, action, Reader::Brand).to_string();
    for partner in &decision.awards {
        decision.partner_view(&partner.partner).expect("a partner who is paid has a view");
        program.explain(decision, action, Reader::Partner(&partner.partner)).to_string();
    }
    let totals: Counters = program.counters();
    let plain =
        program.decide(action, reference, &totals, Options::default()).expect("it was decided before");
    let mut traced =
        program.decide(action, reference, &totals, Options::traced()).expect("it was decided before");
    program.explain(&traced, action, Reader::Brand).to_string();
    traced.trace = None;
    assert_eq!(traced, plain);
    text
}
