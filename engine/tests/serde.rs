//! Actions and decisions through serde formats and readers other than the text of JSON.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Debug;

use accrue::Source;
use accrue::facts::{Action, Attribute, read_action};
use accrue::{Decision, Engine, Options, Program, Reference};
use serde::Serialize;
use serde::de::DeserializeOwned;

const ACTION: &str = r#"{
    "id": "a1", "event_type": "sale", "occurred_at": "2026-03-01T10:00:00Z", "currency": "USD",
    "amount": "117.00", "tax": 1234567890123.123456789012,
    "items": [{ "sku": "A\u0031", "amount": 100, "quantity": 2 }, { "sku": "B", "amount": "17.00" }],
    "customer": { "status": "new", "lifetime_value": "340.50", "order_count": 3 },
    "fraud": { "risk": 12.5, "reasons": ["velocity"] },
    "touches": [{ "partner": "acme", "at": "2026-03-01T09:00:00Z", "kind": "click" }],
    "attributes": { "size": 12, "weight": 1.25, "gift": true, "note": "a \"quoted\" text" }
}"#;

fn program() -> Program {
    let source = Source::from_files([
        (
            "program.toml",
            "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\ndecimals = 12\nitems = \"partial\"\n\
             [event_types]\nsale = {}\n[attributes]\n\
             size = { type = \"integer\" }\nweight = { type = \"decimal\" }\ngift = { type = \"bool\" }\n\
             note = { type = \"text\" }\n",
        ),
        (
            "contracts/standard.toml",
            "contract = \"standard\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"3.33%\"\n\
             [[payout.groups]]\nname = \"new\"\nwhen = 'customer.status == \"new\"'\nrate = \"8.125%\"\n",
        ),
    ]);
    Engine::default().load(&source).unwrap()
}

/// The value from a reader, from a buffer and from a binary format.
fn everywhere<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_vec(value).unwrap();
    assert_eq!(&serde_json::from_slice::<T>(&json).unwrap(), value);
    assert_eq!(&serde_json::from_reader::<_, T>(json.as_slice()).unwrap(), value);
    assert_eq!(&serde_json::from_value::<T>(serde_json::to_value(value).unwrap()).unwrap(), value);
    let binary = rmp_serde::to_vec_named(value).unwrap();
    assert_eq!(&rmp_serde::from_slice::<T>(&binary).unwrap(), value);
    assert_eq!(&rmp_serde::from_read::<_, T>(binary.as_slice()).unwrap(), value);
}

#[test]
fn an_action_reads_the_same_from_any_reader() {
    let action = read_action(ACTION).unwrap();
    assert_eq!(action.tax.unwrap().to_string(), "1234567890123.123456789012");
    assert_eq!(action.items.first().unwrap().sku, "A1");
    assert_eq!(action.attributes.get("note"), Some(&Attribute::Text("a \"quoted\" text".to_owned())));
    assert_eq!(serde_json::from_reader::<_, Action>(ACTION.as_bytes()).unwrap(), action);
    // Attributes are written as text when they are numbers, so that no float stands between.
    let text = serde_json::to_string(&action).unwrap();
    everywhere(&serde_json::from_str::<Action>(&text).unwrap());
}

#[test]
fn a_decision_reads_the_same_from_any_reader() {
    let (program, action) = (program(), read_action(ACTION).unwrap());
    let totals = program.counters();
    let decision: Decision =
        program.decide(&action, &Reference::default(), &totals, Options::default()).unwrap();
    assert!(!decision.payout().unwrap().is_zero());
    everywhere(&decision);
    everywhere(&program.decide(&action, &Reference::default(), &totals, Options::traced()).unwrap());
}

#[test]
fn integers_are_amounts_and_floats_are_not() {
    #[derive(Serialize)]
    struct Sent<T> {
        id: &'static str,
        event_type: &'static str,
        occurred_at: &'static str,
        amount: T,
    }
    fn read<T: Serialize>(amount: T) -> Result<Action, rmp_serde::decode::Error> {
        let sent = Sent { id: "a1", event_type: "sale", occurred_at: "2026-03-01T10:00:00Z", amount };
        rmp_serde::from_slice(&rmp_serde::to_vec_named(&sent).unwrap())
    }
    assert_eq!(read("19.90").unwrap().amount.unwrap().to_string(), "19.9");
    assert_eq!(read(19u8).unwrap().amount.unwrap().to_string(), "19");
    assert_eq!(read(-19i64).unwrap().amount.unwrap().to_string(), "-19");
    assert_eq!(read(u64::MAX).unwrap().amount.unwrap().to_string(), u64::MAX.to_string());
    assert_eq!(read(None::<u8>).unwrap().amount, None);
    let error = read(19.9f64).unwrap_err().to_string();
    assert!(error.contains("binary float"), "{error}");
    assert!(read([1, 2]).is_err());
}
