//! Reads reference facts from CSV and JSON Lines.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::columns::{attribute_of, columns, read_cell, set_attribute, unknown_column};
use super::error::{FactError, FactErrors};
use super::json::read_json;
use super::jsonl::not_utf8;
use super::lines::Lines;
use super::record::{FactField, FactRecord};
use super::reference::{
    Creative, ExchangeRate, Fact, FactKind, Partner, Pause, PromoCode, Reference, StandingPartner,
};
use super::rows::{Row, Rows};
use super::words::shown;
use crate::limits::Limits;
use crate::time::Zone;

impl Reference {
    /// Adds the facts of one file: CSV if its name ends in `.csv`, JSON Lines otherwise. A rate replaces the earlier rate of the same
    /// pair and moment; any other fact whose key is already present is an error, because a reader cannot know which of the two is
    /// meant. A file of partners lists them, even if it is empty. In CSV, moments without an offset are of the time zone of these facts:
    /// see [`Reference::in_zone`].
    ///
    /// # Errors
    ///
    /// [`FactErrors`] with every fault of the file. Nothing of the file is added then: what a fact forbids would be paid if the
    /// fact were left out.
    ///
    /// ```
    /// use accrue::{Limits, Reference, facts::FactKind};
    /// let mut reference = Reference::default();
    /// let limits = Limits::default();
    /// reference.read(FactKind::Partners, "partners.csv", b"id,groups\nacme,vip\n", &limits)?;
    /// assert!(reference.has_partner("acme"));
    /// let errors = reference.read(FactKind::Creatives, "creatives.csv", b"id\nspring\n,\n", &limits).unwrap_err();
    /// assert_eq!(errors.0[0].line, Some(3));
    /// assert!(reference.creative("spring").is_none());
    /// # Ok::<(), accrue::facts::FactErrors>(())
    /// ```
    pub fn read(
        &mut self,
        kind: FactKind,
        name: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<(), FactErrors> {
        let (facts, mut errors) = read_facts(kind, name, bytes, self.zone, limits);
        errors.0.extend(facts.iter().filter_map(|fact| self.taken(fact)));
        errors.into_result()?;
        if kind == FactKind::Partners {
            self.set_partners_listed();
        }
        facts.into_iter().for_each(|fact| self.put(fact));
        Ok(())
    }
}

/// Reads the facts of a file of one kind. Returns the facts in the order of the file, and the errors of the rest, each with its
/// line.
fn read_facts(
    kind: FactKind,
    name: &str,
    bytes: &[u8],
    zone: Option<Zone>,
    limits: &Limits,
) -> (Vec<Fact>, FactErrors) {
    let Lined { mut values, mut errors } = match kind {
        FactKind::Partners => read::<Partner>(name, bytes, zone, limits, "a partner"),
        FactKind::Creatives => read::<Creative>(name, bytes, zone, limits, "a creative"),
        FactKind::PromoCodes => read::<PromoCode>(name, bytes, zone, limits, "a promo code"),
        FactKind::Rates => read::<ExchangeRate>(name, bytes, zone, limits, "an exchange rate"),
        FactKind::StandingPartners => {
            read::<StandingPartner>(name, bytes, zone, limits, "the standing partner of a customer")
        }
        FactKind::Pauses => read::<Pause>(name, bytes, zone, limits, "a pause"),
    };
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    values.retain_mut(|(line, fact)| {
        fact.tidy();
        let mut fault = fact.fault();
        if let (None, Some((field, key))) = (&fault, fact.key()) {
            match first.get(&key) {
                Some(earlier) => {
                    let message =
                        format!("`{}` is on line {earlier} already; remove one of the two", shown(&key));
                    fault = Some(FactError::field(field, message));
                }
                None => {
                    first.insert(key, *line);
                }
            }
        }
        let keep = fault.is_none();
        errors.extend(fault.map(|error| error.on_line(*line)));
        keep
    });
    errors.sort_by_key(|error| error.line);
    (values.into_iter().map(|(_, fact)| fact).collect(), FactErrors(errors))
}

fn is_csv(name: &str) -> bool {
    name.len() >= 4 && name.get(name.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".csv"))
}

/// The facts of a file with their lines.
struct Lined<T> {
    values: Vec<(u64, T)>,
    errors: Vec<FactError>,
}

fn read<R: FactRecord + DeserializeOwned + Into<Fact>>(
    name: &str,
    bytes: &[u8],
    zone: Option<Zone>,
    limits: &Limits,
    what: &str,
) -> Lined<Fact> {
    let read: Lined<R> =
        if is_csv(name) { read_csv(bytes, zone, limits) } else { read_jsonl(bytes, limits, what) };
    let values = read.values.into_iter().map(|(line, fact)| (line, fact.into())).collect();
    Lined { values, errors: read.errors }
}

fn read_jsonl<T: DeserializeOwned>(bytes: &[u8], limits: &Limits, what: &str) -> Lined<T> {
    let mut facts = Lined { values: Vec::new(), errors: Vec::new() };
    let mut lines = Lines::new(bytes, limits.action_bytes);
    // Cannot fail: the lines are read from memory.
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

fn read_csv<R: FactRecord>(bytes: &[u8], zone: Option<Zone>, limits: &Limits) -> Lined<R> {
    let mut facts = Lined { values: Vec::new(), errors: Vec::new() };
    let mut rows = Rows::new(bytes, limits.action_bytes);
    let Ok(Some(header)) = rows.next_row() else {
        facts.errors = vec![FactError::whole("the file is empty; its first line names the columns")];
        return facts;
    };
    let fields = match header_fields::<R>(&header) {
        Ok(fields) => fields,
        Err(errors) => {
            facts.errors = errors;
            return facts;
        }
    };
    while let Ok(Some(row)) = rows.next_row() {
        let line = row.first_line;
        match read_row(&row, &fields, zone) {
            Ok(value) => facts.values.push((line, value)),
            Err(errors) => facts.errors.extend(errors.into_iter().map(|error| error.on_line(line))),
        }
    }
    facts
}

/// A column of a file of reference facts.
enum Column<R: 'static> {
    Field(&'static FactField<R>),
    /// One of the brand's own attributes, by name.
    Attribute(String),
}

impl<R> Column<R> {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Field(field) => field.name == name,
            Self::Attribute(attribute) => attribute_of(name) == Some(attribute),
        }
    }
}

fn header_fields<R: FactRecord>(row: &Row) -> Result<Vec<Column<R>>, Vec<FactError>> {
    let line = row.first_line;
    if let Some(fault) = &row.fault {
        return Err(vec![fault.clone().on_line(line)]);
    }
    let known: Vec<&str> = columns::<R>().map(|field| field.name).collect();
    let mut fields: Vec<Column<R>> = Vec::new();
    let mut errors = Vec::new();
    let mut told = false;
    for at in 0..row.len() {
        let name = row.cell(at);
        let attribute = attribute_of(name).filter(|name| set_attribute(&mut R::blank(), name, ""));
        let column = match attribute {
            Some(attribute) => Some(Column::Attribute(attribute.to_owned())),
            None => columns::<R>().find(|field| field.name == name).map(Column::Field),
        };
        match column {
            Some(_) if fields.iter().any(|earlier| earlier.is(name)) => {
                errors.push(FactError::field(shown(name), "this column appears twice").on_line(line));
            }
            Some(column) => fields.push(column),
            None => errors
                .push(FactError::field(shown(name), unknown_column(name, &known, &mut told)).on_line(line)),
        }
    }
    if errors.is_empty() {
        for field in columns::<R>().filter(|f| f.required && !fields.iter().any(|have| have.is(f.name))) {
            errors.push(FactError::field(field.name, "this column is missing").on_line(line));
        }
    }
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

fn read_row<R: FactRecord>(
    row: &Row,
    columns: &[Column<R>],
    zone: Option<Zone>,
) -> Result<R, Vec<FactError>> {
    if let Some(fault) = &row.fault {
        return Err(vec![fault.clone()]);
    }
    if row.len() != columns.len() {
        let message = format!("this row has {} cells, but the header has {}", row.len(), columns.len());
        return Err(vec![FactError::whole(message)]);
    }
    let mut value = R::blank();
    let mut errors = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let cell = row.cell(at);
        let field = match column {
            Column::Field(field) => field,
            Column::Attribute(_) if cell.is_empty() => continue,
            Column::Attribute(name) => {
                set_attribute(&mut value, name, cell);
                continue;
            }
        };
        if cell.is_empty() {
            if field.required {
                errors.push(FactError::field(field.name, "this cell is empty, and every row needs it"));
            }
        } else if let Err(message) = read_cell((field.get_mut)(&mut value), cell, zone) {
            errors.push(FactError::field(field.name, message));
        }
    }
    if errors.is_empty() { Ok(value) } else { Err(errors) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn read(kind: FactKind, name: &str, bytes: &[u8]) -> (Vec<Fact>, Vec<String>) {
        let (facts, errors) = read_facts(kind, name, bytes, Zone::parse("Europe/Berlin"), &Limits::default());
        (facts, errors.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_same_partners_from_csv_and_jsonl() {
        let csv = b"id,groups,country\nacme,vip;gold,DE\nshop,,\n";
        let jsonl =
            b"{\"id\":\"acme\",\"groups\":[\"vip\",\"gold\"],\"country\":\"DE\"}\n\n{\"id\":\"shop\"}\n";
        let csv = read(FactKind::Partners, "facts/partners.csv", csv);
        assert_eq!(csv, read(FactKind::Partners, "facts/partners.jsonl", jsonl));
        assert_eq!(csv.0.len(), 2);
    }

    #[test]
    fn faults_name_line_and_field_and_the_rest_is_read() {
        let file = b"id,valid_until\nb1,2026-02-30T00:00:00Z\nb2,\nb2,\n,\n";
        let (facts, found) = read(FactKind::Creatives, "creatives.CSV", file);
        assert_eq!(facts.len(), 1);
        assert!(found[0].starts_with("line 2: valid_until: the calendar has no `2026-02-30`"), "{found:?}");
        assert!(found[1].starts_with("line 4: id: `b2` is on line 3 already"), "{found:?}");
        assert!(found[2].starts_with("line 5: id: this cell is empty"), "{found:?}");

        let file = b"{\"id\":\"a\"}\n{\"id\":5}\n\xFF\n{\"id\":\"b\",\"grups\":[]}";
        let (_, found) = read(FactKind::Partners, "p.jsonl", file);
        assert!(found[0].starts_with("line 2: id: expected text"), "{found:?}");
        assert!(found[1].starts_with("line 3: not UTF-8"), "{found:?}");
        assert!(found[2].contains("did you mean `groups`"), "{found:?}");
    }

    #[test]
    fn moments_without_an_offset_are_of_the_zone() {
        let at = |at: &str| {
            let (facts, found) =
                read(FactKind::Pauses, "p.csv", format!("target,from\nprogram,{at}\n").as_bytes());
            match facts.first() {
                Some(Fact::Pause(pause)) => pause.from.to_string(),
                _ => found.join(" "),
            }
        };
        assert_eq!(at("2026-07-01 12:00"), "2026-07-01T10:00:00Z");
        assert_eq!(at("2026-01-01T12:00:00"), "2026-01-01T11:00:00Z");
        assert_eq!(at("2026-01-01T12:00:00+05:00"), "2026-01-01T07:00:00Z");
        let twice = at("2026-10-25T02:30:00");
        assert!(twice.contains("twice") && twice.contains("`2026-10-25T02:30:00+02:00`"), "{twice}");
        assert!(at("2026-03-29 02:30").contains("never show"), "{}", at("2026-03-29 02:30"));
        for leap in ["2016-12-31T23:59:60Z", "2017-01-01 00:59:60", "2017-01-01T00:59:60.5+01:00"] {
            assert!(at(leap).contains("is a leap second"), "{}", at(leap));
        }
    }

    #[test]
    fn codes_rates_and_pauses() {
        let file = b"code,owner\nspring,a\nSPRING,b\n";
        let (facts, found) = read(FactKind::PromoCodes, "c.csv", file);
        assert_eq!((facts.len(), found.len()), (1, 1));
        let file = b"from,to,at,rate\nUSD,EUR,2026-01-01T00:00:00Z,0.92\nUSD,EUR,2026-01-02T00:00:00Z,0\nUSX,EUR,2026-01-02T00:00:00Z,1\n";
        let (facts, found) = read(FactKind::Rates, "r.csv", file);
        assert_eq!(facts.len(), 1);
        assert!(found[0].contains("above zero"));
        assert!(found[1].contains("from: `USX` is not an ISO 4217"));
        let file = b"{\"target\":\"partner\",\"from\":\"2026-01-01T00:00:00Z\"}\n{\"target\":\"program\",\"from\":\"2026-01-01T00:00:00Z\"}\n";
        let (facts, found) = read(FactKind::Pauses, "p.jsonl", file);
        assert_eq!(facts.len(), 1);
        assert!(found[0].contains("say which partner is paused"));
        let (_, found) = read(FactKind::Pauses, "p.csv", b"target,form\n");
        assert!(found[0].contains("did you mean `from`"));
    }
}
