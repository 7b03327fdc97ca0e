//! `cargo xtask cdnow FILE`: the actions of the CDNOW example, from the purchases that are its source.
//!
//! The source is the CDNOW data set: every purchase of the customers who first bought from a music
//! shop in early 1997. It says who bought what when, and for how much. It does not say which partner
//! sent them, nor when the click was: these come from the customer's number by the rules in
//! [`partner`] and [`click_age`], so the same source always gives the same file.

use crate::Result;
use crate::process::root;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// Where the actions go, from the root of the repository.
const OUTPUT: &str = "rules-examples/cdnow/actions/actions.csv";

const SOURCE_COLUMNS: [&str; 4] = ["customer_id", "date", "units", "amount"];

const COLUMNS: [&str; 16] = [
    "id",
    "event_type",
    "occurred_at",
    "order_id",
    "currency",
    "amount",
    "item.sku",
    "item.quantity",
    "item.amount",
    "customer.id",
    "customer.status",
    "customer.lifetime_value",
    "customer.order_count",
    "touch.partner",
    "touch.at",
    "touch.kind",
];

const PARTNERS: [&str; 7] =
    ["deal-hunters", "vinyl-weekly", "student-saver", "music-mag", "band-forum", "search-plus", "radio-wave"];

/// The source has dates only: the day's first purchase happens at noon, each later one a second on.
const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).unwrap();

/// More would run past midnight.
const PURCHASES_PER_DAY_MAX: u32 = 12 * 60 * 60;

/// Reads the purchases and writes the actions.
pub(crate) fn write_actions(source: &Path) -> Result {
    let text = fs::read(source).map_err(|error| format!("cannot read {}: {error}", source.display()))?;
    let purchases = read(&text).map_err(|error| format!("{}: {error}", source.display()))?;
    let output = root().join(OUTPUT);
    if let Some(folder) = output.parent() {
        fs::create_dir_all(folder)?;
    }
    let total = purchases
        .iter()
        .try_fold(Cents(0), |total, purchase| total.plus(purchase.amount))
        .ok_or("the total is too large")?;
    fs::write(&output, actions(&purchases)?)
        .map_err(|error| format!("cannot write {}: {error}", output.display()))?;
    println!("{OUTPUT}: {} actions, {total} USD in all", purchases.len());
    Ok(())
}

/// One line of the source.
#[derive(Debug)]
struct Purchase {
    /// As the source writes it, leading zeros included.
    customer: String,
    customer_number: u32,
    date: NaiveDate,
    units: u32,
    amount: Cents,
}

/// Money in whole cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cents(u64);

impl Cents {
    /// Reads `12.34`: two decimals, no sign.
    fn parse(text: &str) -> Option<Self> {
        let (whole, cents) = text.split_once('.')?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if cents.len() != 2 || !digits(whole) || !digits(cents) {
            return None;
        }
        let whole = whole.parse::<u64>().ok()?.checked_mul(100)?;
        whole.checked_add(cents.parse().ok()?).map(Self)
    }

    fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Reads the source and puts it in order: by date, then customer, then as it came.
fn read(source: &[u8]) -> Result<Vec<Purchase>> {
    let mut reader = csv::Reader::from_reader(source);
    if reader.headers()? != SOURCE_COLUMNS.as_slice() {
        return Err(format!("the columns must be {}", SOURCE_COLUMNS.join(", ")).into());
    }
    let mut purchases = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        purchases.push(purchase(&record).map_err(|problem| format!("line {line}: {problem}"))?);
    }
    purchases.sort_by_key(|purchase| (purchase.date, purchase.customer_number));
    Ok(purchases)
}

fn purchase(record: &csv::StringRecord) -> std::result::Result<Purchase, String> {
    let field = |column: usize| record.get(column).unwrap_or_default();
    let wrong = |column: usize, expected: &str| {
        let name = SOURCE_COLUMNS.get(column).unwrap_or(&"");
        format!("{name} is `{}`, expected {expected}", field(column))
    };
    Ok(Purchase {
        customer: field(0).to_owned(),
        customer_number: field(0).parse().map_err(|_| wrong(0, "a whole number"))?,
        date: field(1).parse().map_err(|_| wrong(1, "a date such as 1997-01-31"))?,
        units: field(2).parse().map_err(|_| wrong(2, "a whole number"))?,
        amount: Cents::parse(field(3)).ok_or_else(|| wrong(3, "an amount such as 12.34"))?,
    })
}

/// What a customer has done before the purchase at hand.
#[derive(Default)]
struct History {
    orders: u32,
    spent: Cents,
}

/// The actions as CSV, one for each purchase, in the order given.
fn actions(purchases: &[Purchase]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let mut customers: HashMap<u32, History> = HashMap::new();
    let mut day = NaiveDate::MIN;
    let mut row_in_day = 0;
    for (row, purchase) in (1_u32..).zip(purchases) {
        if purchase.date == day {
            row_in_day += 1;
        } else {
            (day, row_in_day) = (purchase.date, 0);
        }
        if row_in_day >= PURCHASES_PER_DAY_MAX {
            return Err(format!("more than {PURCHASES_PER_DAY_MAX} purchases on {day}").into());
        }
        let occurred_at = day.and_time(NOON).and_utc() + TimeDelta::seconds(row_in_day.into());
        let history = customers.entry(purchase.customer_number).or_default();

        let id = format!("cd-{row:06}");
        let amount = purchase.amount.to_string();
        writer.write_record([
            id.as_str(),
            "sale",
            &rfc3339(occurred_at),
            &id,
            "USD",
            &amount,
            "CD",
            &purchase.units.to_string(),
            &amount,
            &purchase.customer,
            if history.orders == 0 { "new" } else { "existing" },
            &history.spent.to_string(),
            &history.orders.to_string(),
            partner(purchase.customer_number),
            &rfc3339(occurred_at - click_age(purchase.customer_number)),
            "click",
        ])?;

        history.orders += 1;
        history.spent = history.spent.plus(purchase.amount).ok_or("a customer's spend is too large")?;
    }
    Ok(writer.into_inner()?)
}

/// The partner who sent the customer: the customer's number modulo 7, as a place in [`PARTNERS`].
fn partner(customer_number: u32) -> &'static str {
    let place = usize::try_from(customer_number).unwrap_or_default() % PARTNERS.len();
    PARTNERS.get(place).copied().unwrap_or_default()
}

/// How long before the purchase the click was: the customer's number modulo 40, in days, so that a
/// referral window of 30 days leaves some of them out.
fn click_age(customer_number: u32) -> TimeDelta {
    TimeDelta::days(i64::from(customer_number % 40))
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purchases_become_actions_in_order_of_date_and_customer() -> Result {
        let source = b"customer_id,date,units,amount\n\
            00002,1997-01-02,2,10.05\n\
            00001,1997-01-02,1,5.00\n\
            00002,1997-01-02,1,0.00\n\
            00041,1997-01-01,3,77.10\n";
        let actions = String::from_utf8(actions(&read(source)?)?)?;
        assert_eq!(
            actions.lines().skip(1).collect::<Vec<_>>(),
            [
                "cd-000001,sale,1997-01-01T12:00:00Z,cd-000001,USD,77.10,CD,3,77.10,00041,new,0.00,0,radio-wave,1996-12-31T12:00:00Z,click",
                "cd-000002,sale,1997-01-02T12:00:00Z,cd-000002,USD,5.00,CD,1,5.00,00001,new,0.00,0,vinyl-weekly,1997-01-01T12:00:00Z,click",
                "cd-000003,sale,1997-01-02T12:00:01Z,cd-000003,USD,10.05,CD,2,10.05,00002,new,0.00,0,student-saver,1996-12-31T12:00:01Z,click",
                "cd-000004,sale,1997-01-02T12:00:02Z,cd-000004,USD,0.00,CD,1,0.00,00002,existing,10.05,1,student-saver,1996-12-31T12:00:02Z,click",
            ]
        );
        Ok(())
    }

    #[test]
    fn a_wrong_line_is_named_with_what_was_expected() {
        let source = b"customer_id,date,units,amount\n00002,1997-01-02,2,10.5\n";
        let message = read(source).map_err(|error| error.to_string()).err();
        assert_eq!(message.as_deref(), Some("line 2: amount is `10.5`, expected an amount such as 12.34"));
    }

    #[test]
    fn other_columns_are_refused() {
        assert!(read(b"customer,date,units,amount\n").is_err());
    }

    #[test]
    fn an_amount_has_two_decimals_and_no_sign() {
        assert_eq!(Cents::parse("10.05"), Some(Cents(1005)));
        for text in ["10", "10.5", "-1.00", "+1.00", "1.0a", ".50", "1.-5", ""] {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
    }
}
