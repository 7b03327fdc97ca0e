//! Makes an action of rows of cells: which field each column fills, and what its cells say.
//!
//! Rows of one action may each add an item, a touch and a credit; the other cells may be in any of the rows, and must not differ.

use std::collections::BTreeSet;

use super::action::{Action, Credit, Customer, Device, Follows, Fraud, Item, Touch};
use super::columns::{action_columns, attribute_of, columns, read_cell, set_attribute, unknown_column};
use super::error::{FactError, FactErrors};
use super::record::{FactField, FactRecord};
use super::row_parts::{PartCell, agreed, check_rows, part};
use super::rows::Row;
use super::words::shown;
use crate::time::Zone;

/// The most errors that are reported for a header: with more, it is not a header at all.
const HEADER_ERRORS: usize = 20;

/// The columns of a table of actions.
#[derive(Debug, Default)]
pub struct ActionColumns {
    names: Vec<String>,
    targets: Vec<Target>,
    /// The column of the action's id.
    pub(super) id: usize,
    /// The zone of moments without an offset; they are refused without one.
    zone: Option<Zone>,
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
    Credit(&'static FactField<Credit>),
    Follows(&'static FactField<Follows>),
    Attribute(String),
    ItemAttribute(String),
}

impl ActionColumns {
    /// Reads the names of the columns from the cells of a header.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when a column is unknown, repeated or missing, because no row could be trusted.
    pub fn of_header(row: &Row) -> Result<Self, FactErrors> {
        let line = row.first_line;
        if let Some(fault) = &row.fault {
            return Err(fault.clone().on_line(line).into());
        }
        let mut header = Self::default();
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        let mut told = false;
        for at in 0..row.len() {
            if errors.len() >= HEADER_ERRORS {
                break;
            }
            let name = row.cell(at).to_owned();
            if !name.is_empty() && !seen.insert(name.clone()) {
                errors.push(FactError::field(shown(&name), "this column appears twice").on_line(line));
            }
            match target(&name) {
                Some(target) => header.targets.push(target),
                None if name.is_empty() => {
                    let message = format!("column {} has no name", at.saturating_add(1));
                    errors.push(FactError::whole(message).on_line(line));
                }
                None => {
                    let known = action_columns();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let message = unknown_column(&name, &known, &mut told);
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

    /// Reads moments without an offset as times of this zone.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone: Some(zone), ..self }
    }

    /// Returns the action of these rows.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] with every fault of the rows, each with its line and column.
    pub fn action(&self, group: &[Row]) -> Result<Action, FactErrors> {
        check_rows(group, self.targets.len())?;
        let zone = self.zone;
        let mut errors = Vec::new();
        let mut action = Action::blank();
        let mut follows: Option<Follows> = None;
        for (at, target) in self.targets.iter().enumerate() {
            let name = self.names.get(at).map_or("", String::as_str);
            if target.is_of_part() {
                continue;
            }
            let Some((row, cell)) = agreed(group, (at, name), "action", &mut errors) else {
                if let Target::Action(FactField { required: true, .. }) = target {
                    let line = group.first().map_or(0, |row| row.first_line);
                    errors.push(
                        FactError::field(name, "this cell is empty, and every action needs it").on_line(line),
                    );
                }
                continue;
            };
            let set = match target {
                Target::Action(field) => read_cell((field.get_mut)(&mut action), cell, zone),
                Target::Customer(field) => read_cell((field.get_mut)(&mut action.customer), cell, zone),
                Target::Device(field) => read_cell((field.get_mut)(&mut action.device), cell, zone),
                Target::Fraud(field) => read_cell((field.get_mut)(&mut action.fraud), cell, zone),
                Target::Follows(field) => {
                    read_cell((field.get_mut)(follows.get_or_insert_with(Follows::blank)), cell, zone)
                }
                Target::Attribute(attribute) => {
                    set_attribute(&mut action, attribute, cell);
                    Ok(())
                }
                Target::Item(_) | Target::ItemAttribute(_) | Target::Touch(_) | Target::Credit(_) => Ok(()),
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
            action.items.extend(part(row, &self.targets, zone, "item", &mut errors, |target| match target {
                Target::Item(column) => Some(PartCell::Field(column)),
                Target::ItemAttribute(name) => Some(PartCell::Attribute(name)),
                _ => None,
            }));
            let touch = part(row, &self.targets, zone, "touch", &mut errors, |target| match target {
                Target::Touch(column) => Some(PartCell::Field(column)),
                _ => None,
            });
            action.touches.extend(touch.filter(|touch| !action.touches.contains(touch)));
            let credit = part(row, &self.targets, zone, "credit", &mut errors, |target| match target {
                Target::Credit(column) => Some(PartCell::Field(column)),
                _ => None,
            });
            action.credits.extend(credit.filter(|credit| !action.credits.contains(credit)));
        }
        action.tidy();
        FactErrors(errors).into_result().map(|()| action)
    }
}

impl Target {
    /// Returns whether the column is of a part, which each row may have.
    fn is_of_part(&self) -> bool {
        matches!(self, Self::Item(_) | Self::ItemAttribute(_) | Self::Touch(_) | Self::Credit(_))
    }
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
    let Some((record, name)) = name.split_once('.') else { return field(name).map(Target::Action) };
    match record {
        "customer" => field(name).map(Target::Customer),
        "device" => field(name).map(Target::Device),
        "fraud" => field(name).map(Target::Fraud),
        "item" => field(name).map(Target::Item),
        "touch" => field(name).map(Target::Touch),
        "credit" => field(name).map(Target::Credit),
        "follows" => field(name).map(Target::Follows),
        _ => None,
    }
}
