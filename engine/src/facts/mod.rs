//! Facts: what a host reports about actions, and what it knows about partners, creatives, codes and rates.
//!
//! Text enters, typed facts leave. Nothing here knows about contracts or rules.

mod action;
mod csv;
mod error;
mod fields;
mod json;
mod jsonl;
mod lines;
mod list;
mod read_reference;
mod reference;
mod reference_file;
mod rows;
mod seal;

pub use action::{Action, Attribute, Customer, Device, Follows, Fraud, Item, Touch, TouchKind};
pub use csv::CsvActions;
pub use error::{FactError, FactErrors, Record, Reject};
pub(crate) use fields::shown;
pub use fields::{Column, Tabular, action_columns};
pub(crate) use json::and;
pub use json::read_action;
pub use jsonl::JsonlActions;
pub use list::NamedList;
pub use read_reference::{Facts, read_creatives, read_partners, read_pauses, read_promo_codes, read_rates};
pub use reference::{Creative, ExchangeRate, Partner, Pause, PauseTarget, PromoCode, Rates, Reference};
pub use reference_file::FactKind;
pub(crate) use rows::Rows;
