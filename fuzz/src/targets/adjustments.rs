//! The readers of adjustments: a letter for the format and a file enter. Every line is an adjustment or a reject, whatever the buffer;
//! what is accepted reads the same when it is written again, and is made on an action that stands. No adjustment takes back more than
//! was given, and counters end where the decisions stand.

use std::io::BufReader;
use std::sync::OnceLock;

use accrue::decide::{Decision, Status};
use accrue::explain::Reader;
use accrue::facts::{
    Action, Adjustment, AdjustmentKind, AdjustmentRecord, CsvAdjustments, JsonlAdjustments, Reject,
    read_action, read_adjustment,
};
use accrue::money::Money;
use accrue::{Engine, Limits, Options, Program, Reference, Source};

const CONTRACT: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01

[[restrictions]]
name = "new customers"
when = 'customer.status == "new"'
verdict = "hold"
reason = "NEW"
release_after = "10 days"

[payout]
per = "item"
choose = "stack"
participation = { add = "1.00" }

[credit]
policy = "roles"
roles = { introducer = "40%", closer = "60%" }

[payout.default]
rate = "7.5%"
add = "0.35"

[totals.month]
per = ["partner"]
period = "month"

[[limits]]
name = "cap"
max = "30.00"
per = ["partner"]
period = "month"
"#;

const ACTION: &str = r#"{"id":"a1","event_type":"sale","occurred_at":"2026-03-10T10:00:00Z","amount":"110.00","items":[
    {"sku":"A","quantity":3,"amount":"60.00"},{"sku":"B","amount":"40.01"},{"sku":"B","amount":"9.99"}],
    "customer":{"id":"c1","status":"new"},"touches":[{"partner":"p","at":"2026-03-01T09:00:00Z","kind":"click"},
    {"partner":"q","at":"2026-03-02T09:00:00Z","kind":"click"},{"partner":"r","at":"2026-03-03T09:00:00Z","kind":"click"}]}"#;

/// A program, an action of it and its decision.
fn standing() -> &'static (Program, Action, Decision) {
    static STANDING: OnceLock<(Program, Action, Decision)> = OnceLock::new();
    STANDING.get_or_init(|| {
        let program =
            "id = \"p\"\nname = \"P\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n[reasons]\nNEW = \"new\"\n";
        let source = Source::from_files([("program.toml", program), ("contracts/standard.toml", CONTRACT)]);
        let program = Engine::default().load(&source).expect("the program has no fault");
        let action = read_action(ACTION).expect("the action has no fault");
        let decision =
            program.decide(&action, &Reference::default(), &program.counters(), Options::default());
        let decision = decision.expect("the action fits the program");
        (program, action, decision)
    })
}

type Read = Vec<Result<AdjustmentRecord, Reject>>;

/// Reads a file, through a buffer of so many bytes; `None` if its header cannot be used.
fn read(csv: bool, file: &[u8], buffer: usize) -> Option<Read> {
    let input = BufReader::with_capacity(buffer, file);
    let limits = Limits::default();
    if csv {
        Some(CsvAdjustments::new(input, &limits).ok()?.collect())
    } else {
        Some(JsonlAdjustments::new(input, &limits).collect())
    }
}

/// Tries one input.
pub fn run(data: &[u8]) {
    let Some((letter, file)) = data.split_first() else { return };
    if *letter == b'd' {
        return of_a_stranger(file);
    }
    let csv = letter.eq_ignore_ascii_case(&b'c');
    let found = read(csv, file, 8_192);
    assert_eq!(found, read(csv, file, 3), "the buffer changes what is read");
    let adjustments: Vec<Adjustment> = found.into_iter().flatten().filter_map(accepted).collect();
    make(&adjustments);
}

/// Returns the decision of the program as it is written.
pub(crate) fn decision_text() -> String {
    serde_json::to_string(&standing().2).expect("a decision can be written")
}

const KINDS: [AdjustmentKind; 6] = [
    AdjustmentKind::Reversal,
    AdjustmentKind::Modification,
    AdjustmentKind::Enrichment,
    AdjustmentKind::Approval,
    AdjustmentKind::Rejection,
    AdjustmentKind::Release,
];

/// A decision that a host has read from somewhere may say anything. It is adjusted or refused, and no more.
fn of_a_stranger(text: &[u8]) {
    let Ok(decision) = serde_json::from_slice::<Decision>(text) else { return };
    let (program, action, _) = standing();
    let (reference, counters) = (Reference::default(), program.counters());
    let at = decision.occurred_at;
    for kind in KINDS {
        let mut adjustment = Adjustment::new("x", &action.id, kind, at);
        for amount in [None, "33.33".parse().ok()] {
            adjustment.amount = amount;
            let earlier = (action, &decision);
            let adjusted = program.adjust(&adjustment, earlier, &reference, &counters, Options::default());
            if let Ok(adjusted) = adjusted {
                program.explain(&adjusted.decision, action, Reader::Brand).to_string();
            }
        }
    }
}

/// Returns the adjustment of a record, which reads the same when it is written again. A reject says why.
fn accepted(record: Result<AdjustmentRecord, Reject>) -> Option<Adjustment> {
    match record {
        Ok(record) => {
            let text = serde_json::to_string(&record.adjustment).expect("an adjustment can be written");
            assert_eq!(read_adjustment(&text).expect("what was written can be read"), record.adjustment);
            Some(record.adjustment)
        }
        Err(reject) => {
            assert!(!reject.errors.0.is_empty(), "rejected without a word");
            None
        }
    }
}

/// Makes all adjustments on the action, one after the other.
fn make(adjustments: &[Adjustment]) {
    let (program, action, decision) = standing();
    let reference = Reference::default();
    let mut counters = program.counters();
    counters.apply(&decision.postings).expect("a decision can be counted");
    let mut stands = (action.clone(), decision.clone());
    for adjustment in adjustments {
        let mut adjustment = adjustment.clone();
        adjustment.adjusts.clone_from(&action.id);
        let earlier = (&stands.0, &stands.1);
        let Ok(adjusted) = program.adjust(&adjustment, earlier, &reference, &counters, Options::default())
        else {
            continue;
        };
        counters.apply(&adjusted.decision.postings).expect("an adjustment can be counted");
        let now = &adjusted.decision;
        if adjustment.kind == AdjustmentKind::Reversal {
            for award in &now.awards {
                let before = stands.1.award(&award.partner).map_or(Money::ZERO, |award| award.payout);
                assert!(award.payout >= Money::ZERO && award.payout <= before, "{}", award.payout);
            }
        }
        let whole = now.status == Status::Reversed;
        assert!(!whole || now.awards.iter().all(|award| award.payout.is_zero()), "{now:?}");
        stands = (adjusted.action, adjusted.decision);
    }
    let paid = stands.1.awards.iter().try_fold(Money::ZERO, |sum, award| sum.add(award.payout));
    let entries = counters.entries();
    let counted = entries.iter().filter(|entry| entry.counter.to_string().starts_with("standard"));
    let mut sums: Vec<(String, Money)> = Vec::new();
    for entry in counted {
        let counter = entry.counter.to_string();
        match sums.iter_mut().find(|(other, _)| *other == counter) {
            Some((_, sum)) => *sum = sum.add(entry.sums.payouts).expect("the sum fits"),
            None => sums.push((counter, entry.sums.payouts)),
        }
    }
    for (counter, sum) in sums {
        assert_eq!(Ok(sum), paid, "{counter}");
    }
}
