//! Fields of records and names of name spaces: a record and a name enter, the value leaves, `()` when unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use accrue::facts::{Attribute, Touch};
use accrue::internals::lang::Record;
use accrue::time::Timestamp;
use rhai::{Dynamic, Engine, EvalAltResult, Position};

use super::facts::Facts;
use super::values::{List, Rhai, Row, Space, cash, from_const, maybe_cash, maybe_moment, maybe_text, moment};

/// Makes facts visible to an engine: as variables (inside functions too), their fields as properties.
pub(super) fn register(engine: &mut Engine, facts: &Arc<Facts>) {
    let seen = Arc::clone(facts);
    #[allow(deprecated, reason = "not deprecated, only marked as likely to change")]
    engine.on_var(move |name, _, _| Ok(variable(&seen, name)));
    let seen = Arc::clone(facts);
    engine.register_indexer_get(move |row: &mut Row, name: &str| known_name(field(&seen, *row, name), name));
    let seen = Arc::clone(facts);
    engine.register_indexer_get(move |space: &mut Space, name: &str| {
        known_name(within(&seen, &space.0, name), name)
    });
    engine.register_fn("at", |space: &mut Space, name: &str| Space(format!("{}.{name}", space.0)));
}

fn known_name(value: Option<Dynamic>, name: &str) -> Rhai<Dynamic> {
    value.ok_or_else(|| EvalAltResult::ErrorPropertyNotFound(name.into(), Position::NONE).into())
}

fn variable(facts: &Facts, name: &str) -> Option<Dynamic> {
    let record = match name {
        "action" => Record::Action,
        "item" if facts.item.is_some() => Record::Item,
        "customer" => Record::Customer,
        "partner" => Record::Partner,
        "touch" => Record::Touch,
        "creative" => Record::Creative,
        "follows" if facts.action.follows.is_none() => return Some(Dynamic::UNIT),
        "follows" => Record::Follows,
        "device" => Record::Device,
        "fraud" => Record::Fraud,
        "contract" => Record::Contract,
        "params" | "lists" | "totals" | "attributes" => return Some(Dynamic::from(Space(name.to_owned()))),
        _ => return None,
    };
    Some(Dynamic::from(Row { record, index: None }))
}

fn within(facts: &Facts, space: &str, name: &str) -> Option<Dynamic> {
    let deeper = || Some(Dynamic::from(Space(format!("{space}.{name}"))));
    match space {
        "params" => facts.params.get(name).map(from_const),
        "lists" => facts.lists.get(name).map(|values| Dynamic::from(List::text(values))),
        "attributes" => attribute(facts, Some(&facts.action.attributes), name),
        "partner.attributes" => {
            attribute(facts, facts.partner().map(|it| &it.attributes), &format!("partner.{name}"))
        }
        "totals" => facts.totals.get(name).and_then(|_| deeper()),
        _ => {
            if let Some(item) = space.strip_prefix("item.attributes ") {
                let (item, _) = facts.item(item.parse().ok())?;
                return attribute(facts, Some(&item.attributes), &format!("item.{name}"));
            }
            let path = space.strip_prefix("totals.")?;
            let Some((total, part)) = path.split_once('.') else { return deeper() };
            let total = facts.totals.get(total)?;
            let (sum, at) = match (part, name) {
                ("previous", sum) => (sum, total.earlier),
                (sum, "before") => (sum, total.before),
                (sum, "with_this") => (sum, total.with_this),
                // A named period, as `at` has left it.
                (_, sum) => (sum, total.earlier),
            };
            Some(match sum {
                "actions" => at.actions.into(),
                "units" => at.units.into(),
                "revenue" | "measured" => cash(at.revenue),
                "payouts" => cash(at.payouts),
                "payable" => cash(at.payable),
                "distinct" => at.distinct.into(),
                _ => return None,
            })
        }
    }
}

fn attribute(facts: &Facts, of: Option<&BTreeMap<String, Attribute>>, key: &str) -> Option<Dynamic> {
    facts.attributes.get(key)?;
    Some(facts.attribute(of, key).map_or(Dynamic::UNIT, |value| from_const(&value)))
}

fn list(values: &[String]) -> Dynamic {
    Dynamic::from(List::text(values))
}

fn field(facts: &Facts, row: Row, name: &str) -> Option<Dynamic> {
    match row.record {
        Record::Action => action(facts, name),
        Record::Item => {
            let (item, base) = facts.item(row.index)?;
            Some(match name {
                "sku" => item.sku.clone().into(),
                "category" => maybe_text(item.category.as_ref()),
                "quantity" => i64::from(item.quantity).into(),
                "amount" => cash(item.amount),
                "base" => cash(base),
                "cost" => maybe_cash(item.cost),
                "discount" => maybe_cash(item.discount),
                "tax" => maybe_cash(item.tax),
                "attributes" => {
                    let index = row.index.map_or_else(String::new, |index| index.to_string());
                    Dynamic::from(Space(format!("item.attributes {index}")))
                }
                _ => return None,
            })
        }
        Record::Customer => customer(facts, name),
        Record::Partner => partner(facts, name),
        Record::Touch => {
            touch(row.index.map_or_else(|| facts.credited(), |n| facts.action.touches.get(n))?, name)
        }
        Record::Creative => creative(facts, name),
        Record::Follows => {
            let follows = facts.action.follows.as_ref()?;
            Some(match name {
                "id" => follows.id.clone().into(),
                "event_type" => follows.event_type.clone().into(),
                "occurred_at" => moment(follows.occurred_at),
                _ => return None,
            })
        }
        Record::Device => Some(match name {
            "kind" => maybe_text(facts.action.device.kind.as_ref()),
            "os" => maybe_text(facts.action.device.os.as_ref()),
            _ => return None,
        }),
        Record::Fraud => Some(match name {
            "risk" => facts.action.fraud.risk.map_or(Dynamic::UNIT, |risk| risk.0.into()),
            "reasons" => list(&facts.action.fraud.reasons),
            _ => return None,
        }),
        Record::Contract => Some(match name {
            "name" => facts.contract.clone().into(),
            "version" => i64::from(facts.version).into(),
            "started_at" => moment(facts.started_at.unwrap_or(Timestamp::UNIX_EPOCH)),
            _ => return None,
        }),
    }
}

fn action(facts: &Facts, name: &str) -> Option<Dynamic> {
    let action = &facts.action;
    Some(match name {
        "id" => action.id.clone().into(),
        "event_type" => action.event_type.clone().into(),
        "occurred_at" => moment(action.occurred_at),
        "submitted_at" => moment(action.submitted_at.unwrap_or(action.occurred_at)),
        "order_id" => maybe_text(action.order_id.as_ref()),
        "currency" => action.currency.map_or_else(String::new, |currency| currency.code().to_owned()).into(),
        "amount" => cash(action.amount.unwrap_or_default()),
        "base" => cash(facts.base),
        "subtotal" => maybe_cash(action.subtotal),
        "discount" => maybe_cash(action.discount),
        "tax" => maybe_cash(action.tax),
        "shipping" => maybe_cash(action.shipping),
        "items" => Dynamic::from(List::Rows(Record::Item, action.items.len())),
        "promo_codes" => list(&action.promo_codes.iter().map(|code| code.to_uppercase()).collect::<Vec<_>>()),
        "touches" => Dynamic::from(List::Rows(Record::Touch, action.touches.len())),
        _ => return None,
    })
}

fn customer(facts: &Facts, name: &str) -> Option<Dynamic> {
    let customer = &facts.action.customer;
    Some(match name {
        "id" => maybe_text(customer.id.as_ref()),
        "status" => customer.status.clone().unwrap_or_else(|| "unknown".to_owned()).into(),
        "lifetime_value" => maybe_cash(customer.lifetime_value),
        "order_count" => customer.order_count.map_or(Dynamic::UNIT, |count| i64::from(count).into()),
        "since" => maybe_moment(customer.since),
        "country" => maybe_text(customer.country.as_ref()),
        "region" => maybe_text(customer.region.as_ref()),
        "audiences" => list(&customer.audiences),
        _ => return None,
    })
}

fn partner(facts: &Facts, name: &str) -> Option<Dynamic> {
    let known = facts.partner();
    Some(match name {
        "id" => facts.credited()?.partner.clone().into(),
        "kind" => maybe_text(known.and_then(|partner| partner.kind.as_ref())),
        "groups" => list(known.map_or(&[], |partner| &partner.groups)),
        "status" => {
            known.and_then(|partner| partner.status.clone()).unwrap_or_else(|| "active".to_owned()).into()
        }
        "properties" => list(known.map_or(&[], |partner| &partner.properties)),
        "country" => maybe_text(known.and_then(|partner| partner.country.as_ref())),
        "parent" => maybe_text(known.and_then(|partner| partner.parent.as_ref())),
        "joined_at" => maybe_moment(known.and_then(|partner| partner.joined_at)),
        "attributes" => Dynamic::from(Space("partner.attributes".to_owned())),
        _ => return None,
    })
}

fn touch(touch: &Touch, name: &str) -> Option<Dynamic> {
    Some(match name {
        "partner" => touch.partner.clone().into(),
        "at" => moment(touch.at),
        "kind" => touch.kind.text().into(),
        "id" => maybe_text(touch.id.as_ref()),
        "creative" => maybe_text(touch.creative.as_ref()),
        "property" => maybe_text(touch.property.as_ref()),
        "landing_page" => maybe_text(touch.landing_page.as_ref()),
        "link_updated_at" => maybe_moment(touch.link_updated_at),
        "sub_ids" => list(&touch.sub_ids),
        _ => return None,
    })
}

fn creative(facts: &Facts, name: &str) -> Option<Dynamic> {
    let named = facts.credited().and_then(|touch| touch.creative.as_ref());
    let listed = facts.creative();
    Some(match name {
        "id" => maybe_text(named),
        "status" => match (named, listed) {
            (None, _) => "none".into(),
            (Some(_), None) => "unlisted".into(),
            (Some(_), Some(creative)) => {
                creative.status.clone().unwrap_or_else(|| "active".to_owned()).into()
            }
        },
        "valid_from" => maybe_moment(listed.and_then(|creative| creative.valid_from)),
        "valid_until" => maybe_moment(listed.and_then(|creative| creative.valid_until)),
        "allowed" => match (named, listed) {
            (None, _) => true.into(),
            (Some(_), None) => true.into(),
            (Some(_), Some(creative)) => {
                let partner = facts.credited().map_or("", |touch| &touch.partner);
                (creative.partners.is_empty() || creative.partners.iter().any(|id| id == partner)).into()
            }
        },
        _ => return None,
    })
}
