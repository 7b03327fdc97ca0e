//! The kind of each column of an actions file.

use accrue::facts::fields::{FactRecord, Kind, action_columns};
use accrue::facts::{Action, Credit, Customer, Device, Follows, Fraud, Item, Touch};

/// The prefix of the columns of the brand's own attributes.
const ATTRIBUTE_PREFIX: &str = "attributes.";

/// Returns the kind of the values of a column; `None` if actions have no such column. An attribute is a text here: the program knows
/// its type.
pub(super) fn kind(name: &str) -> Option<Kind> {
    fn of<R: FactRecord>(name: &str) -> Option<Kind> {
        R::FIELDS.iter().find(|field| field.name == name).map(|field| field.kind)
    }
    if name.strip_prefix(ATTRIBUTE_PREFIX).is_some_and(|rest| !rest.is_empty()) {
        return Some(Kind::Text);
    }
    if !action_columns().iter().any(|column| column == name) {
        return None;
    }
    match name.split_once('.') {
        None => of::<Action>(name),
        Some(("customer", name)) => of::<Customer>(name),
        Some(("device", name)) => of::<Device>(name),
        Some(("fraud", name)) => of::<Fraud>(name),
        Some(("item", name)) => of::<Item>(name),
        Some(("touch", name)) => of::<Touch>(name),
        Some(("credit", name)) => of::<Credit>(name),
        Some(("follows", name)) => of::<Follows>(name),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_actions_has_a_kind() {
        for column in action_columns() {
            assert!(kind(&column).is_some_and(|kind| kind != Kind::Nested), "{column}");
        }
        assert_eq!(kind("attributes.size"), Some(Kind::Text));
        assert_eq!(kind("attributes."), None);
    }
}
