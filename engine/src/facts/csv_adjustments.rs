//! Reads adjustments from CSV, one at a time: each is an adjustment or a reject.
//!
//! Consecutive rows with one id are one adjustment. Each row may add an item and a line that is taken back; the other cells may be in
//! any of the rows, and must not differ.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use super::action::{Customer, Fraud, Item};
use super::adjustment::{Adjustment, ReturnedItem};
use super::columns::{attribute_of, columns, read_cell, set_attribute, unknown_column};
use super::csv::joined;
use super::error::{FactError, FactErrors, Reject};
use super::jsonl::AdjustmentRecord;
use super::record::{FactField, FactRecord};
use super::row_groups::{RowGroup, RowGroups};
use super::row_parts::{PartCell, agreed, check_rows, part};
use super::rows::{Row, Rows};
use super::words::shown;
use crate::limits::Limits;
use crate::time::Zone;

/// The field that a column fills.
#[derive(Clone, Debug)]
enum Target {
    Own(&'static FactField<Adjustment>),
    Customer(&'static FactField<Customer>),
    Fraud(&'static FactField<Fraud>),
    Attribute(String),
    Item(&'static FactField<Item>),
    ItemAttribute(String),
    Returned(&'static FactField<ReturnedItem>),
}

/// Reads adjustments from CSV with a header, whose columns may be in any order: `id`, `adjusts`, `kind`, `occurred_at`, and the fields of
/// an adjustment as those of an action are named, such as `customer.status`, `item.sku` and `returned.sku`. An empty cell is a missing
/// field.
///
/// ```
/// use accrue::Limits;
/// use accrue::facts::CsvAdjustments;
///
/// let csv = "id,adjusts,kind,occurred_at,returned.sku\nr1,a1,reversal,2026-03-09T10:00:00Z,A\nr1,,,,B\n";
/// let mut rows = CsvAdjustments::new(csv.as_bytes(), &Limits::default())?;
/// let Some(Ok(record)) = rows.next() else { panic!() };
/// assert_eq!(record.adjustment.returned.len(), 2);
/// # Ok::<(), accrue::facts::FactErrors>(())
/// ```
#[derive(Debug)]
pub struct CsvAdjustments<R> {
    rows: Rows<R>,
    header: String,
    names: Vec<String>,
    targets: Vec<Target>,
    id: usize,
    zone: Option<Zone>,
    groups: RowGroups<String, Row>,
}

impl<R: BufRead> CsvAdjustments<R> {
    /// Reads the header from `input`.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when a column is unknown, repeated or missing, because no row could be trusted.
    pub fn new(input: R, limits: &Limits) -> Result<Self, FactErrors> {
        let mut rows = Rows::new(input, limits.action_bytes);
        let first = match rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => {
                let message = "the file is empty; its first line names the columns, such as `id,adjusts,kind,occurred_at`";
                return Err(FactError::whole(message).into());
            }
            Err(error) => return Err(FactError::whole(format!("the file cannot be read: {error}")).into()),
        };
        if let Some(fault) = &first.fault {
            return Err(fault.clone().on_line(first.first_line).into());
        }
        let (names, targets) = header(&first)?;
        let id = names.iter().position(|name| name == "id").unwrap_or_default();
        let header = String::from_utf8_lossy(&first.text).into_owned();
        Ok(Self { rows, header, names, targets, id, zone: None, groups: RowGroups::new(limits) })
    }

    /// Reads moments without an offset as times of this zone. Without a zone they are refused.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone: Some(zone), ..self }
    }

    /// Returns the header line, for a rejects file.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Returns the error that ended reading before the end of the input, if there was one.
    pub fn failure(&self) -> Option<&io::Error> {
        self.groups.failure()
    }
}

/// Returns the names of the columns, and what they fill.
fn header(row: &Row) -> Result<(Vec<String>, Vec<Target>), FactErrors> {
    let known = known();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (mut names, mut targets, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut seen, mut told) = (BTreeSet::new(), false);
    for name in row.cells() {
        if !seen.insert(name.to_owned()) {
            errors.push(FactError::field(shown(name), "this column appears twice"));
        }
        match target(name) {
            Some(target) => targets.push(target),
            None => errors.push(FactError::field(shown(name), unknown_column(name, &known, &mut told))),
        }
        names.push(name.to_owned());
    }
    if errors.is_empty() {
        let missing = columns::<Adjustment>().filter(|field| field.required && !seen.contains(field.name));
        errors.extend(missing.map(|field| FactError::field(field.name, "this column is missing")));
    }
    let errors = errors.into_iter().map(|error| error.on_line(row.first_line)).collect();
    FactErrors(errors).into_result().map(|()| (names, targets))
}

/// Returns every column of a file of adjustments, besides those of attributes.
fn known() -> Vec<String> {
    fn names<R: FactRecord>(prefix: &str) -> impl Iterator<Item = String> {
        columns::<R>().map(move |field| format!("{prefix}{}", field.name))
    }
    let own = names::<Adjustment>("").chain(names::<Customer>("customer.")).chain(names::<Fraud>("fraud."));
    own.chain(names::<Item>("item.")).chain(names::<ReturnedItem>("returned.")).collect()
}

fn target(name: &str) -> Option<Target> {
    fn field<R: FactRecord>(name: &str) -> Option<&'static FactField<R>> {
        columns().find(|field| field.name == name)
    }
    if let Some(attribute) = attribute_of(name) {
        return Some(Target::Attribute(attribute.to_owned()));
    }
    if let Some(attribute) = name.strip_prefix("item.").and_then(attribute_of) {
        return Some(Target::ItemAttribute(attribute.to_owned()));
    }
    match name.split_once('.') {
        None => field(name).map(Target::Own),
        Some(("customer", name)) => field(name).map(Target::Customer),
        Some(("fraud", name)) => field(name).map(Target::Fraud),
        Some(("item", name)) => field(name).map(Target::Item),
        Some(("returned", name)) => field(name).map(Target::Returned),
        Some(_) => None,
    }
}

/// Reads the rows of one adjustment.
struct Reading<'c> {
    names: &'c [String],
    targets: &'c [Target],
    zone: Option<Zone>,
    errors: Vec<FactError>,
}

impl Reading<'_> {
    fn adjustment(mut self, group: &[Row]) -> Result<Adjustment, FactErrors> {
        check_rows(group, self.targets.len())?;
        let mut adjustment = Adjustment::blank();
        let (names, targets) = (self.names, self.targets);
        for (at, (name, target)) in names.iter().zip(targets).enumerate() {
            let is_part = matches!(target, Target::Item(_) | Target::ItemAttribute(_) | Target::Returned(_));
            if is_part {
                continue;
            }
            let Some((row, cell)) = agreed(group, (at, name), "adjustment", &mut self.errors) else {
                if matches!(target, Target::Own(field) if field.required) {
                    let line = group.first().map_or(0, |row| row.first_line);
                    let message = "this cell is empty, and every adjustment needs it";
                    self.errors.push(FactError::field(name.as_str(), message).on_line(line));
                }
                continue;
            };
            let read = match target {
                Target::Own(field) => read_cell((field.get_mut)(&mut adjustment), cell, self.zone),
                Target::Customer(field) => {
                    read_cell((field.get_mut)(&mut adjustment.customer), cell, self.zone)
                }
                Target::Fraud(field) => read_cell((field.get_mut)(&mut adjustment.fraud), cell, self.zone),
                Target::Attribute(attribute) => {
                    set_attribute(&mut adjustment, attribute, cell);
                    Ok(())
                }
                Target::Item(_) | Target::ItemAttribute(_) | Target::Returned(_) => Ok(()),
            };
            if let Err(message) = read {
                self.errors.push(FactError::field(name.as_str(), message).on_line(row.first_line));
            }
        }
        for row in group {
            adjustment.items.extend(part(row, targets, self.zone, "item", &mut self.errors, |target| {
                match target {
                    Target::Item(field) => Some(PartCell::Field(field)),
                    Target::ItemAttribute(name) => Some(PartCell::Attribute(name)),
                    _ => None,
                }
            }));
            adjustment.returned.extend(part(
                row,
                targets,
                self.zone,
                "returned",
                &mut self.errors,
                |target| match target {
                    Target::Returned(field) => Some(PartCell::Field(field)),
                    _ => None,
                },
            ));
        }
        adjustment.tidy();
        FactErrors(self.errors).into_result().map(|()| adjustment)
    }
}

impl<R: BufRead> Iterator for CsvAdjustments<R> {
    type Item = Result<AdjustmentRecord, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { rows, names, targets, id, zone, groups, .. } = self;
        let id = |row: &Row| Some(row.cell(*id).to_owned()).filter(|id| !id.is_empty());
        let group =
            groups.next_group(|| Ok(rows.next_row()?.map(|row| (id(&row), row))), |row| row.text.len())?;
        let (group, read) = match group {
            RowGroup::Whole(group) => {
                let reading = Reading { names, targets, zone: *zone, errors: Vec::new() };
                let read = reading.adjustment(&group);
                (group, read)
            }
            RowGroup::Unfinished(group) => {
                let message = "the file could not be read further, so this adjustment may not be whole";
                (group, Err(FactError::field("id", message).into()))
            }
            RowGroup::TooLarge(group) => {
                let id = group.first().and_then(id).unwrap_or_default();
                let message = groups.too_large(&format!("adjustment `{}`", shown(&id)));
                (group, Err(FactError::field("id", message).into()))
            }
        };
        let of = group.first().and_then(id);
        let (line, _, text, complete) = joined(group);
        Some(match read {
            Ok(adjustment) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                Ok(AdjustmentRecord { adjustment, line, text })
            }
            Err(errors) => {
                Err(Reject { first_line: line, text, complete, id: of, errors: errors.on_line(line) })
            }
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::read_adjustment;

    fn read(text: &str) -> Vec<Result<AdjustmentRecord, Reject>> {
        CsvAdjustments::new(text.as_bytes(), &Limits::default()).unwrap().collect()
    }

    #[test]
    fn rows_say_what_json_says() {
        let at = "2026-03-09T10:00:00Z";
        let read = read(&format!(
            "id,adjusts,kind,occurred_at,amount,reason,customer.status,returned.sku,returned.quantity,attributes.why\n\
             r1,a1,reversal,{at},,late,,A,2,\nr1,,,,,,,B,,\nr2,a1,Modification,{at},12.50,,,,,x\n\
             r3,a2,enrichment,{at},,,NEW,,,\n"
        ));
        let json = [
            r#""kind":"reversal","adjusts":"a1","reason":"late","returned":[{"sku":"A","quantity":2},{"sku":"B"}]"#,
            r#""kind":"modification","adjusts":"a1","amount":"12.50","attributes":{"why":"x"}"#,
            r#""kind":"enrichment","adjusts":"a2","customer":{"status":"new"}"#,
        ];
        for (n, (read, json)) in read.iter().zip(json).enumerate() {
            let json = format!(r#"{{"id":"r{}","occurred_at":"{at}",{json}}}"#, n + 1);
            assert_eq!(read.as_ref().unwrap().adjustment, read_adjustment(&json).unwrap());
        }
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn every_fault_names_line_and_column() {
        let header =
            |text: &str| CsvAdjustments::new(text.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(header("id,adjusts,kind,ocurred_at\n").contains("did you mean `occurred_at`"));
        assert!(header("id,adjusts,kind\n").contains("occurred_at: this column is missing"));
        let read = read(
            "id,adjusts,kind,occurred_at,amount,returned.sku,returned.quantity\n\
             r1,a1,reversl,yesterday,x,,2\nr2,a1,reversal,2026-03-09T10:00:00Z,1,,\nr2,,,,2,,\n,a1,reversal,2026-03-09T10:00:00Z,,,\n",
        );
        let faults = |n: usize| read[n].as_ref().unwrap_err().errors.to_string();
        for column in ["kind:", "occurred_at:", "amount:", "returned.sku: needed"] {
            assert!(faults(0).contains(&format!("line 2: {column}")), "{}", faults(0));
        }
        assert!(faults(1).contains("line 4: amount: `2` here, but `1` on line 3"), "{}", faults(1));
        assert!(faults(2).contains("line 5: id: this cell is empty"), "{}", faults(2));
    }
}
