#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::{Due, DueKind};
use crate::facts::{Creative, PromoCode, Reference};
use crate::terms::Source;
use crate::time::Timestamp;
use crate::{Engine, Program};

const PROGRAM: &str = r#"
id = "shop"
name = "Shop"
currency = "EUR"
time_zone = "Europe/Berlin"

[event_types]
sale = {}

[holidays]
banks = [2026-04-03, 2026-12-25]
"#;

const FIRST: &str = r#"
contract = "standard"
version = 1
effective_from = 2026-01-01
effective_until = 2026-12-31
review_on = 2026-11-02
notice_days = 60
currency = ["EUR", "USD"]

[locking]
from = "month_end"
days = 27
business_days = "next"
holidays = "banks"

[payout.default]
rate = "4%"
"#;

const SECOND: &str = r#"
contract = "standard"
version = 2
effective_from = 2027-01-01
effective_until = 2027-03-31

[payout.default]
rate = "5%"
"#;

fn program() -> Program {
    let source = Source::from_files([
        ("program.toml", PROGRAM),
        ("contracts/first.toml", FIRST),
        ("contracts/second.toml", SECOND),
    ]);
    Engine::default().load(&source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn reference() -> Reference {
    let mut reference = Reference::default();
    let until = |text| Timestamp::parse(text);
    for (id, valid_until) in [("banner", until("2026-11-30T23:00:00Z")), ("video", None)] {
        reference.insert(Creative { id: id.to_owned(), valid_until, ..Creative::default() }).unwrap();
    }
    // At noon: the day itself is the last.
    let valid_until = until("2026-12-01T11:00:00Z");
    let owner = Some("acme".to_owned());
    reference
        .insert(PromoCode { code: "SPRING".to_owned(), owner, valid_until, ..PromoCode::default() })
        .unwrap();
    reference
}

fn due(on: &str, days: u32) -> Vec<String> {
    let due = program().due(on.parse().unwrap(), days, &reference());
    due.iter().map(|due| format!("{} in {}: {}", due.on, due.in_days, due.what)).collect()
}

#[test]
fn dates_are_listed_by_date() {
    let found = due("2026-11-01", 60);
    assert_eq!(
        found,
        [
            "2026-11-02 in 1: standard 1 is to be reviewed",
            "2026-11-30 in 29: creative banner expires",
            "2026-12-01 in 30: promo code SPRING of acme expires",
            "2026-12-25 in 54: the holidays banks have their last date",
            "2026-12-31 in 60: standard 1 ends, and version 2 follows",
        ]
    );
}

#[test]
fn a_contract_has_its_own_days() {
    // The end is 32 days away: the contract says 60, although the caller asks for 30. The version after it begins in 33.
    let found = due("2026-11-29", 30);
    assert!(found.iter().any(|due| due.starts_with("2026-12-31 in 32: standard 1 ends")), "{found:#?}");
    assert!(!found.iter().any(|due| due.contains("begins")), "{found:#?}");
}

#[test]
fn the_day_itself_and_the_last_day_are_due() {
    assert_eq!(due("2027-03-31", 0), ["2027-03-31 in 0: standard 2 ends, and no version follows"]);
    assert_eq!(due("2027-03-30", 0), [""; 0]);
    assert_eq!(due("2027-03-30", 1).len(), 1);
    assert_eq!(due("2027-04-01", 366), [""; 0]);
    assert_eq!(due("2999-12-31", u32::MAX), [""; 0]);
}

#[test]
fn it_is_read_as_it_is_written() {
    let due = program().due("2026-12-30".parse().unwrap(), 30, &reference());
    let json = serde_json::to_string(&due).unwrap();
    assert!(json.contains(r#"{"on":"2026-12-31","kind":"version_ends","contract":"standard","version":1,"next":2,"in_days":1}"#), "{json}");
    assert_eq!(serde_json::from_str::<Vec<Due>>(&json).unwrap(), due);
    assert!(matches!(due.last().unwrap().what, DueKind::VersionBegins { version: 2, .. }));
}
