//! The columns of CSV: for each fact its columns by name, what a cell must be, and where it goes. The readers, the
//! nearest name to a misspelt one, and the reference all come from these tables.

use super::action::{Action, Follows, Item, Touch, TouchKind};
use super::json::and;
use super::reference::{Creative, ExchangeRate, Partner, Pause, PauseTarget, PromoCode};
use crate::diagnostic::nearest;
use crate::money::{Currency, Money, Number, parse_decimal};
use crate::time::{Timestamp, moment_problem};

/// One column of a fact of type `T`.
#[derive(Debug)]
pub struct Column<T> {
    /// Its name in the header.
    pub name: &'static str,
    /// Whether every row must fill it.
    pub required: bool,
    /// Reads a cell that is not empty into its place, or says what was expected.
    pub(super) set: fn(&mut T, &str) -> Result<(), String>,
}

/// A fact that stands in the rows of a CSV file.
pub trait Tabular: Sized + 'static {
    /// Its columns.
    const COLUMNS: &'static [Column<Self>];

    /// One before its columns are read.
    fn blank() -> Self;
}

/// Declares the columns of a fact.
macro_rules! columns {
    ($fact:ty, $blank:expr, { $($name:literal $($required:ident)? => $set:expr;)+ }) => {
        impl Tabular for $fact {
            const COLUMNS: &'static [Column<Self>] = &[
                $(Column { name: $name, required: columns!(@required $($required)?), set: $set },)+
            ];

            fn blank() -> Self {
                $blank
            }
        }
    };
    (@required required) => { true };
    (@required) => { false };
}

/// A moment that every blank fact has until its own is read.
const NEVER: Timestamp = Timestamp(chrono::DateTime::UNIX_EPOCH);

columns! { Action, Action::new(String::new(), String::new(), NEVER), {
    "id" required => |a, v| put(&mut a.id, v, text);
    "event_type" required => |a, v| put(&mut a.event_type, v, text);
    "occurred_at" required => |a, v| put(&mut a.occurred_at, v, moment);
    "submitted_at" => |a, v| put(&mut a.submitted_at, v, moment);
    "order_id" => |a, v| put(&mut a.order_id, v, text);
    "currency" => |a, v| put(&mut a.currency, v, currency);
    "amount" => |a, v| put(&mut a.amount, v, money);
    "subtotal" => |a, v| put(&mut a.subtotal, v, money);
    "discount" => |a, v| put(&mut a.discount, v, money);
    "tax" => |a, v| put(&mut a.tax, v, money);
    "shipping" => |a, v| put(&mut a.shipping, v, money);
    "promo_codes" => |a, v| put(&mut a.promo_codes, v, texts);
    "customer.id" => |a, v| put(&mut a.customer.id, v, text);
    "customer.status" => |a, v| put(&mut a.customer.status, v, text);
    "customer.lifetime_value" => |a, v| put(&mut a.customer.lifetime_value, v, money);
    "customer.order_count" => |a, v| put(&mut a.customer.order_count, v, whole);
    "customer.since" => |a, v| put(&mut a.customer.since, v, moment);
    "customer.country" => |a, v| put(&mut a.customer.country, v, text);
    "customer.region" => |a, v| put(&mut a.customer.region, v, text);
    "customer.audiences" => |a, v| put(&mut a.customer.audiences, v, texts);
    "device.kind" => |a, v| put(&mut a.device.kind, v, text);
    "device.os" => |a, v| put(&mut a.device.os, v, text);
    "fraud.risk" => |a, v| put(&mut a.fraud.risk, v, number);
    "fraud.reasons" => |a, v| put(&mut a.fraud.reasons, v, texts);
}}

columns! { Item, Item::new(String::new(), Money::ZERO), {
    "item.sku" required => |i, v| put(&mut i.sku, v, text);
    "item.category" => |i, v| put(&mut i.category, v, text);
    "item.quantity" => |i, v| put(&mut i.quantity, v, whole);
    "item.amount" required => |i, v| put(&mut i.amount, v, money);
}}

columns! { Touch, Touch::new(String::new(), NEVER, TouchKind::Click), {
    "touch.partner" required => |t, v| put(&mut t.partner, v, text);
    "touch.at" required => |t, v| put(&mut t.at, v, moment);
    "touch.kind" required => |t, v| put(&mut t.kind, v, kind);
    "touch.id" => |t, v| put(&mut t.id, v, text);
    "touch.creative" => |t, v| put(&mut t.creative, v, text);
    "touch.property" => |t, v| put(&mut t.property, v, text);
    "touch.landing_page" => |t, v| put(&mut t.landing_page, v, text);
    "touch.link_updated_at" => |t, v| put(&mut t.link_updated_at, v, moment);
    "touch.sub_ids" => |t, v| put(&mut t.sub_ids, v, texts);
}}

columns! { Follows, Follows { id: String::new(), event_type: String::new(), occurred_at: NEVER }, {
    "follows.id" required => |f, v| put(&mut f.id, v, text);
    "follows.event_type" required => |f, v| put(&mut f.event_type, v, text);
    "follows.occurred_at" required => |f, v| put(&mut f.occurred_at, v, moment);
}}

columns! { Partner, Partner::default(), {
    "id" required => |p, v| put(&mut p.id, v, text);
    "kind" => |p, v| put(&mut p.kind, v, text);
    "groups" => |p, v| put(&mut p.groups, v, texts);
    "status" => |p, v| put(&mut p.status, v, text);
    "properties" => |p, v| put(&mut p.properties, v, texts);
    "country" => |p, v| put(&mut p.country, v, text);
    "parent" => |p, v| put(&mut p.parent, v, text);
}}

columns! { Creative, Creative::default(), {
    "id" required => |c, v| put(&mut c.id, v, text);
    "valid_from" => |c, v| put(&mut c.valid_from, v, moment);
    "valid_until" => |c, v| put(&mut c.valid_until, v, moment);
    "status" => |c, v| put(&mut c.status, v, text);
    "partners" => |c, v| put(&mut c.partners, v, texts);
}}

columns! { PromoCode, PromoCode::default(), {
    "code" required => |c, v| put(&mut c.code, v, text);
    "owner" => |c, v| put(&mut c.owner, v, text);
    "valid_from" => |c, v| put(&mut c.valid_from, v, moment);
    "valid_until" => |c, v| put(&mut c.valid_until, v, moment);
}}

columns! { Pause, Pause { target: PauseTarget::Program, id: None, from: NEVER, until: None }, {
    "target" required => |p, v| put(&mut p.target, v, target);
    "id" => |p, v| put(&mut p.id, v, text);
    "from" required => |p, v| put(&mut p.from, v, moment);
    "until" => |p, v| put(&mut p.until, v, moment);
}}

/// A rate before its columns are read: its currencies may still be missing.
#[derive(Debug)]
pub(super) struct RateRow {
    from: Option<Currency>,
    to: Option<Currency>,
    at: Timestamp,
    rate: Number,
}

columns! { RateRow, RateRow { from: None, to: None, at: NEVER, rate: Number::default() }, {
    "from" required => |r, v| put(&mut r.from, v, currency);
    "to" required => |r, v| put(&mut r.to, v, currency);
    "at" required => |r, v| put(&mut r.at, v, moment);
    "rate" required => |r, v| put(&mut r.rate, v, number);
}}

impl RateRow {
    /// The rate, once both currencies are there.
    pub(super) fn finish(self) -> Option<ExchangeRate> {
        Some(ExchangeRate { from: self.from?, to: self.to?, at: self.at, rate: self.rate })
    }
}

/// What the columns of the brand's own attributes begin with.
pub(super) const ATTRIBUTE_PREFIX: &str = "attributes.";

/// Every column of an actions file, in the order of the reference. Beside these stands `attributes.NAME` for each
/// of the brand's own attributes.
pub fn action_columns() -> Vec<&'static str> {
    fn names<T: Tabular>() -> impl Iterator<Item = &'static str> {
        T::COLUMNS.iter().map(|column| column.name)
    }
    names::<Action>().chain(names::<Item>()).chain(names::<Touch>()).chain(names::<Follows>()).collect()
}

/// Reads a cell and puts it in its place.
fn put<T, V: Into<T>>(place: &mut T, cell: &str, read: fn(&str) -> Result<V, String>) -> Result<(), String> {
    *place = read(cell)?.into();
    Ok(())
}

#[allow(clippy::unnecessary_wraps, reason = "has the shape of the other readers of cells")]
fn text(cell: &str) -> Result<String, String> {
    Ok(cell.to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "has the shape of the other readers of cells")]
fn texts(cell: &str) -> Result<Vec<String>, String> {
    Ok(cell.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

fn number(cell: &str) -> Result<Number, String> {
    parse_decimal(cell).map(Number).map_err(|error| error.to_string())
}

fn money(cell: &str) -> Result<Money, String> {
    parse_decimal(cell).map(Money).map_err(|error| error.to_string())
}

fn whole(cell: &str) -> Result<u32, String> {
    let digits = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| cell.parse().ok()).flatten().ok_or_else(|| {
        format!("expected a whole number from 0 to {}, but this is `{}`", u32::MAX, shown(cell))
    })
}

fn moment(cell: &str) -> Result<Timestamp, String> {
    Timestamp::parse(cell).ok_or_else(|| moment_problem(cell))
}

fn currency(cell: &str) -> Result<Currency, String> {
    Currency::from_code(cell).ok_or_else(|| {
        format!("`{}` is not an ISO 4217 currency code; {}", shown(cell), Currency::hint(cell))
    })
}

fn kind(cell: &str) -> Result<TouchKind, String> {
    const KINDS: [TouchKind; 3] = [TouchKind::Click, TouchKind::Impression, TouchKind::Code];
    word(cell, &KINDS, TouchKind::text)
}

fn target(cell: &str) -> Result<PauseTarget, String> {
    use PauseTarget::{Contract, Creative, Partner, Program};
    word(cell, &[Program, Contract, Partner, Creative], PauseTarget::text)
}

fn word<T: Copy>(cell: &str, all: &[T], text: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|value| text(*value) == cell).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|value| text(*value)).collect();
        format!("`{}` is not known here; write {}", shown(cell), and(&names, "or"))
    })
}

/// A cell as it is quoted in a message.
pub(crate) fn shown(cell: &str) -> String {
    cell.chars().take(40).collect()
}

/// What to say about a column that does not exist.
pub(super) fn unknown_column(name: &str, known: &[&str]) -> String {
    if name.is_empty() {
        return "a column without a name".to_owned();
    }
    if name.contains([';', '\t', '|']) {
        return "columns are separated by commas; save the file as CSV with commas".to_owned();
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no such column; did you mean `{near}`?"),
        None => format!("there is no such column; there are {}", and(known, "and")),
    }
}
