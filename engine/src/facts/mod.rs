//! Facts: what a host reports about actions, and what it knows about partners, creatives, codes and rates.
//!
//! Text enters, typed facts leave. Nothing here knows about contracts or rules.

mod action;
mod list;
mod reference;

pub use action::{Action, Attribute, Customer, Device, Follows, Fraud, Item, Touch, TouchKind};
pub use list::NamedList;
pub use reference::{Creative, ExchangeRate, Partner, Pause, PauseTarget, PromoCode, Rates, Reference};
