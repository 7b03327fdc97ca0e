//! Facts in a receipt.

use super::action::{Action, Attribute, Customer, Device, Follows, Fraud, Item, Touch, TouchKind};
use super::reference::{Creative, Partner, PromoCode};
use crate::seal::{Seal, seal_cases, seal_records};

seal_records! {
    Action {
        id, event_type, occurred_at, submitted_at, order_id, currency, amount, subtotal, discount, tax, shipping,
        items, customer, promo_codes, touches, device, fraud, follows, attributes
    }
    Item { sku, category, quantity, amount }
    Customer { id, status, lifetime_value, order_count, since, country, region, audiences }
    Touch { partner, at, kind, id, creative, property, landing_page, link_updated_at, sub_ids }
    Device { kind, os }
    Fraud { risk, reasons }
    Follows { id, event_type, occurred_at }
    Partner { id, kind, groups, status, properties, country, parent }
    Creative { id, valid_from, valid_until, status, partners }
    PromoCode { code, owner, valid_from, valid_until }
}

seal_cases! {
    TouchKind { Click = 0, Impression = 1, Code = 2 }
}

impl Seal for Attribute {
    fn seal(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => {
                out.push(0);
                value.seal(out);
            }
            Self::Number(value) => {
                out.push(1);
                value.seal(out);
            }
            Self::Text(value) => {
                out.push(2);
                value.seal(out);
            }
        }
    }
}
