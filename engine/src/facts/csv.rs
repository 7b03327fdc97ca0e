//! Reads actions from CSV, one at a time: each is an action or a reject.
//!
//! Consecutive rows with one id are one action. Each row may add an item and a touch; the other cells may be in any of the rows,
//! and must not differ. An exactly repeated touch counts once, so that rows joined from two tables do no harm.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use super::action::{Action, Customer, Device, Follows, Fraud, Item, Touch};
use super::attribute::Attribute;
use super::columns::{ATTRIBUTE_PREFIX, action_columns, columns, read_cell, shown, unknown_column};
use super::error::{FactError, FactErrors, Record, Reject};
use super::record::{FactField, FactRecord};
use super::rows::{Row, Rows};
use crate::limits::Limits;

/// Reads actions from CSV with a header, whose columns may be in any order. An empty cell is a missing field; the entries of a
/// list are separated by `;`.
#[derive(Debug)]
pub struct CsvActions<R> {
    rows: Rows<R>,
    header: Header,
    /// The first row of the next action.
    held: Option<Row>,
    /// The id of an action that was too large. More of its rows may follow.
    too_large: Option<String>,
    limits: Limits,
    failure: Option<io::Error>,
}

/// The most errors that are reported for a header: with more, it is not a header at all.
const HEADER_ERRORS: usize = 5;

#[derive(Debug, Default)]
struct Header {
    text: String,
    names: Vec<String>,
    columns: Vec<Target>,
    id: usize,
}

/// The field that a column fills.
#[derive(Clone, Debug)]
enum Target {
    Action(&'static FactField<Action>),
    Customer(&'static FactField<Customer>),
    Device(&'static FactField<Device>),
    Fraud(&'static FactField<Fraud>),
    Item(&'static FactField<Item>),
    Touch(&'static FactField<Touch>),
    Follows(&'static FactField<Follows>),
    Attribute(String),
}

impl<R: BufRead> CsvActions<R> {
    /// Reads the header from `input`.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when a column is unknown, repeated or missing, because no row could be trusted.
    pub fn new(input: R, limits: &Limits) -> Result<Self, FactErrors> {
        let mut rows = Rows::new(input, limits.action_bytes);
        let header = match rows.next_row() {
            Ok(Some(row)) => Header::read(row)?,
            Ok(None) => {
                let message = "the file is empty; its first line names the columns, such as `id,event_type,occurred_at`";
                return Err(FactError::whole(message).into());
            }
            Err(error) => return Err(FactError::whole(format!("the file cannot be read: {error}")).into()),
        };
        Ok(Self { rows, header, held: None, too_large: None, limits: limits.clone(), failure: None })
    }

    /// Returns the header line, for a rejects file.
    pub fn header(&self) -> &str {
        &self.header.text
    }

    /// Returns the error that ended reading before the end of the input, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    fn next_row(&mut self) -> Option<Row> {
        if self.held.is_some() {
            return self.held.take();
        }
        match self.rows.next_row() {
            Ok(row) => row,
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}

impl<R: BufRead> Iterator for CsvActions<R> {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failure.is_some() {
            return None;
        }
        let first = self.next_row()?;
        let id = first.cell(self.header.id).to_owned();
        let mut bytes = first.text.len();
        let mut group = vec![first];
        // More rows than items and touches together cannot add anything.
        let most = self.limits.items.saturating_add(self.limits.touches).max(1);
        let mut over = false;
        while let Some(row) = self.next_row() {
            let same = !id.is_empty() && row.cell(self.header.id) == id;
            if same && group.len() < most && bytes.saturating_add(row.text.len()) <= self.limits.action_bytes
            {
                bytes = bytes.saturating_add(row.text.len());
                group.push(row);
                continue;
            }
            over = same;
            self.held = Some(row);
            break;
        }
        if self.failure.is_some() {
            // The missing rows might have changed the amount of this action.
            let error =
                FactError::field("id", "the file could not be read further, so this action may not be whole");
            return Some(Err(reject(group, FactErrors::from(error))));
        }
        let continued = self.too_large.as_deref() == Some(id.as_str()) && !id.is_empty();
        self.too_large = over.then(|| id.clone());
        if over || continued {
            let message = format!(
                "action `{}` has more than {most} rows or {} bytes, which no action may have",
                shown(&id),
                self.limits.action_bytes
            );
            return Some(Err(reject(group, FactError::field("id", message).into())));
        }
        Some(match self.header.action(&group) {
            Ok(action) => Ok(record(group, action)),
            Err(errors) => Err(reject(group, errors)),
        })
    }
}

fn record(group: Vec<Row>, action: Action) -> Record {
    let (first_line, last_line, text, _) = joined(group);
    let text = String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Record { action, first_line, last_line, text }
}

fn reject(group: Vec<Row>, errors: FactErrors) -> Reject {
    let (first_line, _, text, complete) = joined(group);
    let errors =
        errors.0.into_iter().map(|e| if e.line.is_none() { e.on_line(first_line) } else { e }).collect();
    Reject { first_line, text, complete, errors: FactErrors(errors) }
}

fn joined(group: Vec<Row>) -> (u64, u64, Vec<u8>, bool) {
    let mut rows = group.into_iter();
    let first = rows.next().unwrap_or_default();
    rows.fold(
        (first.first_line, first.last_line, first.text, first.complete),
        |(from, _, mut text, complete), row| {
            text.push(b'\n');
            text.extend(row.text);
            (from, row.last_line, text, complete && row.complete)
        },
    )
}

impl Header {
    fn read(row: Row) -> Result<Self, FactErrors> {
        let line = row.first_line;
        if let Some(fault) = row.fault {
            return Err(fault.on_line(line).into());
        }
        let mut header = Self { text: String::from_utf8_lossy(&row.text).into_owned(), ..Self::default() };
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for at in 0..row.len() {
            if errors.len() >= HEADER_ERRORS {
                break;
            }
            let name = row.cell(at).to_owned();
            if !name.is_empty() && !seen.insert(name.clone()) {
                errors.push(FactError::field(shown(&name), "this column appears twice").on_line(line));
            }
            match target(&name) {
                Some(target) => header.columns.push(target),
                None if name.is_empty() => {
                    let message = format!("column {} has no name", at.saturating_add(1));
                    errors.push(FactError::whole(message).on_line(line));
                }
                None => {
                    let known = action_columns();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let message = unknown_column(&name, &known);
                    errors.push(FactError::field(shown(&name), message).on_line(line));
                }
            }
            header.names.push(name);
        }
        if errors.is_empty() {
            for column in columns::<Action>().filter(|column| column.required) {
                if !header.names.iter().any(|name| name == column.name) {
                    errors.push(FactError::field(column.name, "this column is missing").on_line(line));
                }
            }
        }
        header.id = header.names.iter().position(|name| name == "id").unwrap_or_default();
        FactErrors(errors).into_result().map(|()| header)
    }

    /// Returns the action of these rows.
    fn action(&self, group: &[Row]) -> Result<Action, FactErrors> {
        let mut errors = Vec::new();
        for row in group {
            if let Some(fault) = &row.fault {
                errors.push(fault.clone().on_line(row.first_line));
            } else if row.len() != self.columns.len() {
                let message =
                    format!("this row has {} cells, but the header has {}", row.len(), self.columns.len());
                errors.push(FactError::whole(message).on_line(row.first_line));
            }
        }
        // The cells of a row with the wrong number of cells would be reported as errors of other columns.
        FactErrors(errors).into_result()?;

        let mut errors = Vec::new();
        let mut action = Action::blank();
        let mut follows: Option<Follows> = None;
        for (at, target) in self.columns.iter().enumerate() {
            let name = self.names.get(at).map_or("", String::as_str);
            let Some((row, cell)) = agreed(group, at, target, name, &mut errors) else {
                if let Target::Action(FactField { required: true, .. }) = target {
                    let line = group.first().map_or(0, |row| row.first_line);
                    errors.push(
                        FactError::field(name, "this cell is empty, and every action needs it").on_line(line),
                    );
                }
                continue;
            };
            let set = match target {
                Target::Action(field) => read_cell((field.get_mut)(&mut action), cell),
                Target::Customer(field) => read_cell((field.get_mut)(&mut action.customer), cell),
                Target::Device(field) => read_cell((field.get_mut)(&mut action.device), cell),
                Target::Fraud(field) => read_cell((field.get_mut)(&mut action.fraud), cell),
                Target::Follows(field) => {
                    read_cell((field.get_mut)(follows.get_or_insert_with(Follows::blank)), cell)
                }
                Target::Attribute(attribute) => {
                    action.attributes.insert(attribute.clone(), Attribute::Text(cell.to_owned()));
                    Ok(())
                }
                Target::Item(_) | Target::Touch(_) => Ok(()),
            };
            if let Err(message) = set {
                errors.push(FactError::field(name, message).on_line(row.first_line));
            }
        }
        if follows.is_some() {
            for field in columns::<Follows>().filter(|field| field.required) {
                let name = format!("follows.{}", field.name);
                let at = self.names.iter().position(|column| *column == name);
                if at.is_none_or(|at| group.iter().all(|row| row.cell(at).is_empty())) {
                    let line = group.first().map_or(0, |row| row.first_line);
                    errors.push(
                        FactError::field(name, "needed, since other `follows` cells are filled")
                            .on_line(line),
                    );
                }
            }
        }
        action.follows = follows;
        for row in group {
            action.items.extend(self.part(row, "item", &mut errors, |target| match target {
                Target::Item(column) => Some(column),
                _ => None,
            }));
            let touch = self.part(row, "touch", &mut errors, |target| match target {
                Target::Touch(column) => Some(column),
                _ => None,
            });
            action.touches.extend(touch.filter(|touch| !action.touches.contains(touch)));
        }
        FactErrors(errors).into_result().map(|()| action)
    }

    /// Reads the item or touch of a row; `None` if all its cells are empty.
    fn part<R: FactRecord>(
        &self,
        row: &Row,
        what: &str,
        errors: &mut Vec<FactError>,
        field: fn(&Target) -> Option<&'static FactField<R>>,
    ) -> Option<R> {
        let mut part: Option<R> = None;
        let mut filled: Vec<&str> = Vec::new();
        for (at, field) in
            self.columns.iter().enumerate().filter_map(|(at, target)| Some((at, field(target)?)))
        {
            let cell = row.cell(at);
            if cell.is_empty() {
                continue;
            }
            filled.push(field.name);
            if let Err(message) = read_cell((field.get_mut)(part.get_or_insert_with(R::blank)), cell) {
                let name = format!("{what}.{}", field.name);
                errors.push(FactError::field(name, message).on_line(row.first_line));
            }
        }
        if part.is_some() {
            for field in columns::<R>().filter(|field| field.required && !filled.contains(&field.name)) {
                let name = format!("{what}.{}", field.name);
                let message = format!("needed, since other `{what}` cells of this row are filled");
                errors.push(FactError::field(name, message).on_line(row.first_line));
            }
        }
        part
    }
}

/// Returns the cell that the rows of an action agree on.
fn agreed<'a>(
    group: &'a [Row],
    at: usize,
    target: &Target,
    name: &str,
    errors: &mut Vec<FactError>,
) -> Option<(&'a Row, &'a str)> {
    if matches!(target, Target::Item(_) | Target::Touch(_)) {
        return None;
    }
    let mut filled = group.iter().map(|row| (row, row.cell(at))).filter(|(_, cell)| !cell.is_empty());
    let first = filled.next()?;
    for (row, cell) in filled {
        if cell != first.1 {
            let message = format!(
                "`{}` here, but `{}` on line {} of the same action",
                shown(cell),
                shown(first.1),
                first.0.first_line
            );
            errors.push(FactError::field(name, message).on_line(row.first_line));
        }
    }
    Some(first)
}

fn target(name: &str) -> Option<Target> {
    fn field<R: FactRecord>(name: &str) -> Option<&'static FactField<R>> {
        columns().find(|field| field.name == name)
    }
    if let Some(attribute) = name.strip_prefix(ATTRIBUTE_PREFIX).filter(|rest| !rest.is_empty()) {
        return Some(Target::Attribute(attribute.to_owned()));
    }
    let Some((record, name)) = name.split_once('.') else { return field(name).map(Target::Action) };
    match record {
        "customer" => field(name).map(Target::Customer),
        "device" => field(name).map(Target::Device),
        "fraud" => field(name).map(Target::Fraud),
        "item" => field(name).map(Target::Item),
        "touch" => field(name).map(Target::Touch),
        "follows" => field(name).map(Target::Follows),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    const HEADER: &str = "id,event_type,occurred_at,amount,promo_codes,customer.status,item.sku,item.quantity,item.amount,touch.partner,touch.at,touch.kind,attributes.size\n";
    const AT: &str = "2026-03-01T10:00:00Z";

    fn read(rows: &str) -> Vec<Result<Record, Reject>> {
        let text = format!("{HEADER}{}", rows.replace("AT", AT));
        CsvActions::new(io::BufReader::with_capacity(7, text.as_bytes()), &Limits::default())
            .unwrap()
            .collect()
    }

    fn faults(result: &Result<Record, Reject>) -> Vec<String> {
        result.as_ref().unwrap_err().errors.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rows_of_one_id_are_one_action() {
        let read = read(
            "a1,sale,AT,30.00,X; y,new,A,2,10.00,p,AT,click,5\na1,,,,,,B,,20.00,p,AT,click,\na2,lead,AT,,,,,,,,,,\n",
        );
        let first = read[0].as_ref().unwrap();
        assert_eq!((first.first_line, first.last_line), (2, 3));
        assert_eq!(first.action.items.len(), 2);
        assert_eq!(first.action.items[0].quantity, 2);
        assert_eq!(first.action.items[1].quantity, 1);
        assert_eq!(first.action.touches.len(), 1);
        assert_eq!(first.action.promo_codes, ["X", "y"]);
        assert_eq!(first.action.attributes["size"], Attribute::Text("5".into()));
        assert!(first.text.ends_with("p,2026-03-01T10:00:00Z,click,"));
        assert_eq!(read[1].as_ref().unwrap().action.amount, None);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn the_same_facts_as_json() {
        let csv = &read("a1,sale,AT,30.00,,new,,,,p,AT,click,\n")[0];
        let json = format!(
            r#"{{"id":"a1","event_type":"sale","occurred_at":"{AT}","amount":30.00,"customer":{{"status":"new"}},"touches":[{{"partner":"p","at":"{AT}","kind":"click"}}]}}"#
        );
        assert_eq!(csv.as_ref().unwrap().action, super::super::read_action(&json).unwrap());
    }

    #[test]
    fn every_fault_names_line_and_column() {
        let read = read(
            "a1,sale,yesterday,x,,,A,1.5,,p,AT,clik,\na2,sale,AT,1,,new,,,,,,,\na2,,,2,,,,,,,,,\na3,sale\n,sale,AT,,,,,,,,,,\n",
        );
        let first = faults(&read[0]);
        assert!(
            first.iter().any(|f| f.starts_with("line 2: occurred_at: `yesterday` is not a moment")),
            "{first:?}"
        );
        assert!(first.iter().any(|f| f.starts_with("line 2: amount: `x` is not a decimal")), "{first:?}");
        assert!(
            first.iter().any(|f| f.starts_with("line 2: item.quantity: expected a whole number")),
            "{first:?}"
        );
        assert!(first.iter().any(|f| f.starts_with("line 2: item.amount: needed")), "{first:?}");
        assert!(first.iter().any(|f| f.contains("write `click`, `impression` or `code`")), "{first:?}");
        assert_eq!(faults(&read[1]), ["line 4: amount: `2` here, but `1` on line 3 of the same action"]);
        assert_eq!(faults(&read[2]), ["line 5: this row has 2 cells, but the header has 13"]);
        assert_eq!(faults(&read[3]), ["line 6: id: this cell is empty, and every action needs it"]);
        assert_eq!(
            read[1].as_ref().unwrap_err().text,
            format!("a2,sale,{AT},1,,new,,,,,,,\na2,,,2,,,,,,,,,").as_bytes()
        );
    }

    #[test]
    fn a_broken_row_spoils_its_whole_action_and_no_other() {
        let read = read("a1,sale,AT,1,,,A,,1,,,,\na1,,,,,,B\na2,sale,AT,1,,,,,,,,,\n");
        assert!(read[0].is_err());
        assert!(read[1].is_ok());
    }

    #[test]
    fn headers() {
        let header =
            |text: &str| CsvActions::new(text.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(header("").contains("the file is empty"));
        assert!(header("id,event_type,ocurred_at\n").contains("did you mean `occurred_at`"));
        assert!(header("id,event_type\n").contains("occurred_at: this column is missing"));
        assert!(header("id,event_type,occurred_at,id\n").contains("id: this column appears twice"));
        assert!(header("id;event_type;occurred_at\n").contains("separated by commas"));
    }

    #[test]
    fn too_many_rows_are_rejected_whole() {
        let limits = Limits { items: 2, touches: 1, ..Limits::default() };
        let mut text = HEADER.to_owned();
        for _ in 0..8 {
            text.push_str(&format!("a1,sale,{AT},1,,,A,,1,,,,\n"));
        }
        text.push_str(&format!("a2,sale,{AT},1,,,A,,1,,,,\n"));
        let read: Vec<_> = CsvActions::new(text.as_bytes(), &limits).unwrap().collect();
        assert_eq!(read.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, false, false, true]);
    }
}
