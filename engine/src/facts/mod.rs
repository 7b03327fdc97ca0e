//! Facts: what a host reports about actions, and what it knows about partners, creatives, codes and rates.
//!
//! Readers turn text into typed facts. This module must not know contracts or rules.

mod action;
mod action_columns;
mod adjustment;
mod attribute;
mod columns;
mod countries;
mod csv;
mod csv_adjustments;
mod error;
mod json;
mod jsonl;
mod lines;
mod list;
mod read_reference;
mod record;
mod reference;
mod row_groups;
mod row_parts;
mod rows;
mod words;

pub(crate) use action::action_records;
pub use action::{Action, Credit, Customer, Device, Follows, Fraud, Item, Touch, TouchKind};
pub use adjustment::{Adjustment, AdjustmentKind, ReturnedItem, read_adjustment};
pub use attribute::Attribute;
pub(crate) use countries::{country_meant, has_country};
pub use csv::CsvActions;
pub use csv_adjustments::CsvAdjustments;
pub use error::{FactError, FactErrors, Record, Reject};
pub use json::{read_action, read_id, write_action};
pub use jsonl::{AdjustmentRecord, JsonlActions, JsonlAdjustments};
pub(crate) use list::NamedList;
pub(crate) use record::{FactVisitor, FieldType, Path};
pub(crate) use reference::reference_records;
pub use reference::{
    Creative, ExchangeRate, Fact, FactKind, Partner, Pause, PauseTarget, PauseVerdict, PromoCode, Reference,
    StandingPartner,
};
pub(crate) use rows::Rows;
pub(crate) use words::{
    COUNTRY_HELP, CUSTOMER_STATUSES, ROLES, STATUSES, and, hidden_in_source, hidden_name, is_country,
    several_codes, shown, unseen,
};

/// The table of the fields of facts, for `accrue-arrow` and `accrue-import`, which are released together with this crate. Not part of the public
/// interface.
#[doc(hidden)]
pub mod fields {
    pub use super::action_columns::ActionColumns;
    pub use super::columns::{action_columns, read_currency};
    pub use super::record::{FactField, FactRecord, FieldMut, FieldRef, Kind, Place, Word, read_word};
    pub use super::row_groups::{RowGroup, RowGroups};
    pub use super::rows::{Dialect, NUMBER_BYTES, Row, Rows, disarmed, is_armed};
    pub use super::words::is_unseen;
}
