//! The whole purchase history of `rules-examples/cdnow` enters twice: the engine decides it, and straight-line code in
//! whole cents computes it from the same file. Both must agree to the cent, per partner and month.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod year;

use accrue_tests::awarded::reasons;
use std::collections::BTreeMap;

use accrue::Engine;
use accrue::decide::Status;
use accrue_tests::folder::{Folder, root};
use chrono::NaiveDate;

const PROGRAM: &str = "rules-examples/cdnow";

/// What a partner is paid in a month, and how many actions were paid, zero and rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    cents: u64,
    payable: u32,
    zero: u32,
    rejected: u32,
}

/// By partner and `YYYY-MM`. Rejected actions have no credited partner; both sides book them under the touch's.
type Months = BTreeMap<(String, String), Sums>;

/// `12.34` as 1,234 cents.
fn cents(text: &str) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap();
    assert_eq!(fraction.len(), 2, "{text}");
    whole.parse::<u64>().unwrap() * 100 + fraction.parse::<u64>().unwrap()
}

/// The contract in words (see the README beside the program), as arithmetic.
fn by_hand(csv: &[u8]) -> (Months, usize) {
    const LIMIT: u64 = 250_000;
    const WINDOW_DAYS: i64 = 30;
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (occurred_at, amount, status, spent, partner, touched_at) = (
        column("occurred_at"),
        column("amount"),
        column("customer.status"),
        column("customer.lifetime_value"),
        column("touch.partner"),
        column("touch.at"),
    );
    let mut months = Months::new();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        rows += 1;
        let occurred = &record[occurred_at];
        let sums = months.entry((record[partner].to_owned(), occurred[..7].to_owned())).or_default();

        // The click has the purchase's time of day, so the window is a matter of whole days.
        assert_eq!(occurred[10..], record[touched_at][10..]);
        let date = |text: &str| text[..10].parse::<NaiveDate>().unwrap();
        if (date(occurred) - date(&record[touched_at])).num_days() > WINDOW_DAYS {
            sums.rejected += 1;
            continue;
        }
        let amount = cents(&record[amount]);
        let late = occurred >= "1998-01-01";
        let percent = if &record[status] == "new" {
            if late { 7 } else { 8 }
        } else {
            match cents(&record[spent]) {
                25_000.. => 6,
                10_000.. => 5,
                _ if late => 3,
                _ => 4,
            }
        };
        // Half a cent rounds up.
        let earned = (amount * percent + 50) / 100;
        let paid = earned.min(LIMIT - sums.cents);
        if paid == 0 {
            sums.zero += 1;
        } else {
            sums.payable += 1;
            sums.cents += paid;
        }
    }
    (months, rows)
}

fn by_engine(folder: &Folder) -> Months {
    let program = Engine::default().load(&folder.source).unwrap();
    let decided = program.decide_all(&folder.actions, &folder.reference, &mut program.counters());
    assert_eq!(decided.len(), folder.actions.len());
    let mut months = Months::new();
    for decided in decided {
        let decision = decided.decision.unwrap();
        let partner = &folder.actions[decided.index].touches[0].partner;
        let month = decision.occurred_at.to_string()[..7].to_owned();
        let sums = months.entry((partner.clone(), month)).or_default();
        for paid in &decision.awards {
            assert_eq!(paid.partner, *partner);
            let whole = paid.payout.0 * rust_decimal::Decimal::ONE_HUNDRED;
            assert!(whole.fract().is_zero(), "{}: {} is not whole cents", decision.action, paid.payout);
            sums.cents += u64::try_from(whole).unwrap();
        }
        match decision.status {
            Status::Payable => sums.payable += 1,
            Status::Zero => sums.zero += 1,
            Status::Rejected => sums.rejected += 1,
            Status::Held | Status::Reversed => {
                panic!("{} is {:?}: {:?}", decision.action, decision.status, reasons(&decision))
            }
        }
    }
    months
}

#[test]
fn the_full_history_agrees_to_the_cent() {
    let path = root().join(PROGRAM);
    let folder = Folder::read(&path).unwrap();
    assert!(folder.faults.is_empty(), "{:?}", folder.faults.first());
    let (expected, rows) = by_hand(&std::fs::read(path.join("actions/actions.csv")).unwrap());
    assert_eq!(rows, 69_659);
    assert_eq!(folder.actions.len(), rows);
    let found = by_engine(&folder);
    let different: Vec<String> = expected
        .iter()
        .filter(|(key, sums)| found.get(*key) != Some(*sums))
        .map(|(key, sums)| format!("{key:?}: by hand {sums:?}, by the engine {:?}", found.get(key)))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(found.len(), expected.len());
}
