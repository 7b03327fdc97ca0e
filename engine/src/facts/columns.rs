//! The columns of CSV: reads a cell into the field of its column, and answers a misspelt name.

use super::action::{Action, Credit, Customer, Device, Follows, Fraud, Item, Touch};
use super::attribute::Attribute;
use super::record::{FactField, FactRecord, FieldMut, Kind, read_word};
use super::words::{and, shown};
use crate::diagnostic::nearest;
use crate::money::{Currency, Money, Number, parse_decimal};
use crate::time::{Zone, read_moment};

/// The prefix of the columns of the brand's own attributes.
const ATTRIBUTE_PREFIX: &str = "attributes.";

/// Returns every column of an actions file, in the order of the reference. A file may also have a column `attributes.NAME` for
/// each of the brand's own attributes.
pub fn action_columns() -> Vec<String> {
    fn names<R: FactRecord>(prefix: &str) -> impl Iterator<Item = String> {
        columns::<R>().map(move |field| format!("{prefix}{}", field.name))
    }
    names::<Action>("")
        .chain(names::<Customer>("customer."))
        .chain(names::<Device>("device."))
        .chain(names::<Fraud>("fraud."))
        .chain(names::<Item>("item."))
        .chain(names::<Touch>("touch."))
        .chain(names::<Credit>("credit."))
        .chain(names::<Follows>("follows."))
        .collect()
}

/// Returns the fields of a record that have a column.
pub(super) fn columns<R: FactRecord>() -> impl Iterator<Item = &'static FactField<R>> {
    R::FIELDS.iter().filter(|field| field.kind != Kind::Nested)
}

/// Sets one of the brand's own attributes of a record. Returns `false` if the record has none.
pub(super) fn set_attribute<R: FactRecord>(record: &mut R, name: &str, cell: &str) -> bool {
    let place =
        R::FIELDS.iter().find(|field| field.name == "attributes").map(|field| (field.get_mut)(record));
    let Some(FieldMut::Attributes(attributes)) = place else { return false };
    attributes.insert(name.to_owned(), Attribute::Text(cell.to_owned()));
    true
}

/// Returns the name of the attribute that a column is of.
pub(super) fn attribute_of(column: &str) -> Option<&str> {
    column.strip_prefix(ATTRIBUTE_PREFIX).filter(|name| !name.is_empty())
}

/// Reads a cell that is not empty into the place of a field. A moment without an offset is of the zone. The error says what was
/// expected.
pub(super) fn read_cell(place: FieldMut<'_>, cell: &str, zone: Option<Zone>) -> Result<(), String> {
    match place {
        FieldMut::Text(place) => place.set_text(cell),
        FieldMut::Texts(place) => {
            let texts = cell.split(';').map(str::trim).filter(|part| !part.is_empty());
            *place = texts.map(str::to_owned).collect();
        }
        FieldMut::Word(place) => read_word(place, cell)?,
        FieldMut::Currency(place) => place.set(read_currency(cell)?),
        FieldMut::Money(place) => place.set(Money(parse_decimal(cell).map_err(|error| error.to_string())?)),
        FieldMut::Decimal(place) => {
            place.set(Number(parse_decimal(cell).map_err(|error| error.to_string())?))
        }
        FieldMut::Integer(place) => place.set(whole(cell)?),
        FieldMut::Time(place) => {
            place.set(read_moment(cell, zone)?);
        }
        FieldMut::Attributes(_) | FieldMut::Nested => {}
    }
    Ok(())
}

fn whole(cell: &str) -> Result<u32, String> {
    let digits = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| cell.parse().ok()).flatten().ok_or_else(|| {
        format!("expected a whole number from 0 to {}, but this is `{}`", u32::MAX, shown(cell))
    })
}

/// Reads a currency code.
///
/// # Errors
///
/// A sentence for the author of the code.
pub fn read_currency(code: &str) -> Result<Currency, String> {
    Currency::from_code(code).ok_or_else(|| {
        let written = shown(code);
        format!("`{written}` is not an ISO 4217 currency code; {}", Currency::hint(&written))
    })
}

/// Returns the message about a column that does not exist. Lists the columns that there are, unless they were `told`.
pub(super) fn unknown_column(name: &str, known: &[&str], told: &mut bool) -> String {
    if name.is_empty() {
        return "a column without a name".to_owned();
    }
    if name.contains([';', '\t', '|']) {
        return "columns are separated by commas; save the file as CSV with commas".to_owned();
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no such column; did you mean `{near}`?"),
        None if std::mem::replace(told, true) => "there is no such column".to_owned(),
        None => format!("there is no such column; there are {}", and(known, "and")),
    }
}
