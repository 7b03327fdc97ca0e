//! Reference facts from CSV and JSON Lines: a file's bytes enter, facts and the faults of the others leave.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::columns::{columns, read_cell, shown, unknown_column};
use super::error::{FactError, FactErrors};
use super::json::read_json;
use super::jsonl::not_utf8;
use super::lines::Lines;
use super::record::{FactField, FactRecord};
use super::reference::{Creative, ExchangeRate, Partner, Pause, PauseTarget, PromoCode};
use super::rows::{Row, Rows};
use crate::limits::Limits;
use crate::time::Timestamp;

/// What a file of reference facts holds: what could be read, and what was wrong with the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts<T> {
    /// Facts in the order of the file.
    pub values: Vec<T>,
    /// Faults, each with its line.
    pub errors: FactErrors,
}

/// Reads partners from a `.csv` or `.jsonl` file. A repeated id is an error.
pub fn read_partners(name: &str, bytes: &[u8], limits: &Limits) -> Facts<Partner> {
    let facts = read(name, bytes, limits, "a partner");
    unique(facts, "id", |partner: &Partner| Some(partner.id.clone()))
}

/// Reads creatives from a `.csv` or `.jsonl` file. A repeated id is an error.
pub fn read_creatives(name: &str, bytes: &[u8], limits: &Limits) -> Facts<Creative> {
    let mut facts = read(name, bytes, limits, "a creative");
    check(&mut facts, |creative: &Creative| {
        backwards("valid_until", creative.valid_from, creative.valid_until)
    });
    unique(facts, "id", |creative: &Creative| Some(creative.id.clone()))
}

/// Reads promo codes from a `.csv` or `.jsonl` file. A repeated code, whatever its case, is an error.
pub fn read_promo_codes(name: &str, bytes: &[u8], limits: &Limits) -> Facts<PromoCode> {
    let mut facts = read(name, bytes, limits, "a promo code");
    check(&mut facts, |code: &PromoCode| backwards("valid_until", code.valid_from, code.valid_until));
    unique(facts, "code", |code: &PromoCode| Some(code.code.to_uppercase()))
}

/// Reads exchange rates from a `.csv` or `.jsonl` file. A repeated pair and moment, and a rate that is not above
/// zero, are errors.
pub fn read_rates(name: &str, bytes: &[u8], limits: &Limits) -> Facts<ExchangeRate> {
    let mut facts = read(name, bytes, limits, "an exchange rate");
    check(&mut facts, |rate: &ExchangeRate| {
        (rate.rate.0 <= rust_decimal::Decimal::ZERO)
            .then(|| FactError::field("rate", format!("a rate is above zero, but this is `{}`", rate.rate.0)))
    });
    unique(facts, "at", |rate: &ExchangeRate| Some(format!("{} to {} at {}", rate.from, rate.to, rate.at)))
}

/// Reads pauses from a `.csv` or `.jsonl` file.
pub fn read_pauses(name: &str, bytes: &[u8], limits: &Limits) -> Facts<Pause> {
    let mut facts = read(name, bytes, limits, "a pause");
    check(&mut facts, |pause: &Pause| {
        let target = pause.target.text();
        match (pause.target, &pause.id) {
            (PauseTarget::Program, Some(_)) => {
                Some(FactError::field("id", "the program is paused as a whole; leave the id out"))
            }
            (PauseTarget::Program, None) | (_, Some(_)) => backwards("until", Some(pause.from), pause.until),
            (_, None) => Some(FactError::field("id", format!("say which {target} is paused"))),
        }
    });
    finish(facts)
}

/// An interval that ends before it begins holds at no moment, which nobody means.
fn backwards(field: &str, from: Option<Timestamp>, until: Option<Timestamp>) -> Option<FactError> {
    let (from, until) = (from?, until?);
    (until <= from).then(|| {
        FactError::field(
            field,
            format!("`{until}` is not after `{from}`, when it begins; write a later moment"),
        )
    })
}

fn is_csv(name: &str) -> bool {
    name.len() >= 4 && name.get(name.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".csv"))
}

/// Facts with the lines they stand on, until the checks over all of them are done.
struct Lined<T> {
    values: Vec<(u64, T)>,
    errors: Vec<FactError>,
}

fn read<R: FactRecord + DeserializeOwned>(name: &str, bytes: &[u8], limits: &Limits, what: &str) -> Lined<R> {
    if is_csv(name) { read_csv(bytes, limits) } else { read_jsonl(bytes, limits, what) }
}

fn read_jsonl<T: DeserializeOwned>(bytes: &[u8], limits: &Limits, what: &str) -> Lined<T> {
    let mut facts = Lined { values: Vec::new(), errors: Vec::new() };
    let mut lines = Lines::new(bytes, limits.action_bytes);
    // Reading from memory does not fail.
    while let Ok(Some(line)) = lines.next_line() {
        let number = line.number;
        let read = if line.cut {
            Err(FactError::whole(format!("this line is longer than {} bytes", limits.action_bytes)))
        } else if line.bytes.trim_ascii().is_empty() {
            continue;
        } else {
            match std::str::from_utf8(&line.bytes) {
                Ok(text) => read_json::<T>(text, what),
                Err(error) => Err(not_utf8(error.valid_up_to())),
            }
        };
        match read {
            Ok(value) => facts.values.push((number, value)),
            Err(error) => facts.errors.push(error.on_line(number)),
        }
    }
    facts
}

fn read_csv<R: FactRecord>(bytes: &[u8], limits: &Limits) -> Lined<R> {
    let mut facts = Lined { values: Vec::new(), errors: Vec::new() };
    let mut rows = Rows::new(bytes, limits.action_bytes);
    let Ok(Some(header)) = rows.next_row() else { return facts };
    let fields = match header_fields::<R>(&header) {
        Ok(fields) => fields,
        Err(errors) => {
            facts.errors = errors;
            return facts;
        }
    };
    while let Ok(Some(row)) = rows.next_row() {
        let line = row.first_line;
        match read_row(&row, &fields) {
            Ok(value) => facts.values.push((line, value)),
            Err(errors) => facts.errors.extend(errors.into_iter().map(|error| error.on_line(line))),
        }
    }
    facts
}

fn header_fields<R: FactRecord>(row: &Row) -> Result<Vec<&'static FactField<R>>, Vec<FactError>> {
    let line = row.first_line;
    if let Some(fault) = &row.fault {
        return Err(vec![fault.clone().on_line(line)]);
    }
    let known: Vec<&str> = columns::<R>().map(|field| field.name).collect();
    let mut fields: Vec<&'static FactField<R>> = Vec::new();
    let mut errors = Vec::new();
    for at in 0..row.len() {
        let name = row.cell(at);
        match columns::<R>().find(|field| field.name == name) {
            Some(field) if fields.iter().any(|earlier| earlier.name == name) => {
                errors.push(FactError::field(field.name, "this column stands there twice").on_line(line));
            }
            Some(field) => fields.push(field),
            None => errors.push(FactError::field(shown(name), unknown_column(name, &known)).on_line(line)),
        }
    }
    if errors.is_empty() {
        for field in columns::<R>().filter(|f| f.required && !fields.iter().any(|have| have.name == f.name)) {
            errors.push(FactError::field(field.name, "this column is missing").on_line(line));
        }
    }
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

fn read_row<R: FactRecord>(row: &Row, fields: &[&'static FactField<R>]) -> Result<R, Vec<FactError>> {
    if let Some(fault) = &row.fault {
        return Err(vec![fault.clone()]);
    }
    if row.len() != fields.len() {
        let message = format!("this row has {} cells, but the header has {}", row.len(), fields.len());
        return Err(vec![FactError::whole(message)]);
    }
    let mut value = R::blank();
    let mut errors = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let cell = row.cell(at);
        if cell.is_empty() {
            if field.required {
                errors.push(FactError::field(field.name, "this cell is empty, and every row needs it"));
            }
        } else if let Err(message) = read_cell((field.get_mut)(&mut value), cell) {
            errors.push(FactError::field(field.name, message));
        }
    }
    if errors.is_empty() { Ok(value) } else { Err(errors) }
}

/// Drops the facts that have a fault of their own.
fn check<T>(facts: &mut Lined<T>, fault: impl Fn(&T) -> Option<FactError>) {
    let errors = &mut facts.errors;
    facts.values.retain(|(line, value)| {
        let fault = fault(value);
        let keep = fault.is_none();
        errors.extend(fault.map(|error| error.on_line(*line)));
        keep
    });
}

/// Keeps the first of each key.
fn unique<T>(mut facts: Lined<T>, field: &str, key: impl Fn(&T) -> Option<String>) -> Facts<T> {
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    let errors = &mut facts.errors;
    facts.values.retain(|(line, value)| {
        let Some(key) = key(value) else { return true };
        if let Some(earlier) = first.get(&key) {
            let message =
                format!("`{}` stands on line {earlier} already; this line is not used", shown(&key));
            errors.push(FactError::field(field, message).on_line(*line));
            return false;
        }
        first.insert(key, *line);
        true
    });
    finish(facts)
}

fn finish<T>(mut facts: Lined<T>) -> Facts<T> {
    facts.errors.sort_by_key(|error| error.line);
    Facts {
        values: facts.values.into_iter().map(|(_, value)| value).collect(),
        errors: FactErrors(facts.errors),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn faults<T>(facts: &Facts<T>) -> Vec<String> {
        facts.errors.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_partners_from_csv_and_jsonl() {
        let limits = Limits::default();
        let csv = b"id,groups,country\nacme,vip;gold,DE\nshop,,\n";
        let jsonl =
            b"{\"id\":\"acme\",\"groups\":[\"vip\",\"gold\"],\"country\":\"DE\"}\n\n{\"id\":\"shop\"}\n";
        let csv = read_partners("facts/partners.csv", csv, &limits);
        assert_eq!(csv, read_partners("facts/partners.jsonl", jsonl, &limits));
        assert_eq!(csv.values.len(), 2);
    }

    #[test]
    fn faults_name_line_and_field_and_the_rest_is_read() {
        let limits = Limits::default();
        let facts = read_creatives(
            "creatives.CSV",
            b"id,valid_until\nb1,2026-02-30T00:00:00Z\nb2,\nb2,\n,\n",
            &limits,
        );
        assert_eq!(facts.values.len(), 1);
        let found = faults(&facts);
        assert!(found[0].starts_with("line 2: valid_until: the calendar has no `2026-02-30`"), "{found:?}");
        assert!(found[1].starts_with("line 4: id: `b2` stands on line 3 already"), "{found:?}");
        assert!(found[2].starts_with("line 5: id: this cell is empty"), "{found:?}");

        let facts = read_partners(
            "p.jsonl",
            b"{\"id\":\"a\"}\n{\"id\":5}\n\xFF\n{\"id\":\"b\",\"grups\":[]}",
            &limits,
        );
        let found = faults(&facts);
        assert!(found[0].starts_with("line 2: id: expected text"), "{found:?}");
        assert!(found[1].starts_with("line 3: not UTF-8"), "{found:?}");
        assert!(found[2].contains("did you mean `groups`"), "{found:?}");
    }

    #[test]
    fn codes_rates_and_pauses() {
        let limits = Limits::default();
        let codes = read_promo_codes("c.csv", b"code,owner\nspring,a\nSPRING,b\n", &limits);
        assert_eq!(codes.values.len(), 1);
        assert_eq!(codes.errors.0.len(), 1);
        let rates = read_rates(
            "r.csv",
            b"from,to,at,rate\nUSD,EUR,2026-01-01T00:00:00Z,0.92\nUSD,EUR,2026-01-02T00:00:00Z,0\nUSX,EUR,2026-01-02T00:00:00Z,1\n",
            &limits,
        );
        assert_eq!(rates.values.len(), 1);
        assert!(faults(&rates)[0].contains("above zero"));
        assert!(faults(&rates)[1].contains("from: `USX` is not an ISO 4217"));
        let pauses = read_pauses(
            "p.jsonl",
            b"{\"target\":\"partner\",\"from\":\"2026-01-01T00:00:00Z\"}\n{\"target\":\"program\",\"from\":\"2026-01-01T00:00:00Z\"}\n",
            &limits,
        );
        assert_eq!(pauses.values.len(), 1);
        assert!(faults(&pauses)[0].contains("say which partner is paused"));
        assert!(faults(&read_pauses("p.csv", b"target,form\n", &limits))[0].contains("did you mean `from`"));
    }
}
