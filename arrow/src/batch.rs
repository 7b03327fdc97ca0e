//! Actions into record batches: typed actions enter, a batch with the columns of actions leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use accrue::facts::{Action, Attribute};
use accrue::time::Timestamp;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, Field, Schema};
use rust_decimal::Decimal;

/// The fewest decimals of a column of amounts, so that most have the same type whatever is in them.
const DECIMALS: u32 = 2;

/// A batch of these actions, with every column of actions. Each column of amounts has as many decimals as its longest
/// amount needs; moments finer than a microsecond make theirs a column of text. An attribute is of the type that it has
/// in all of these actions, or text.
pub fn action_batch(actions: &[Action]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::default();
    let all = || actions.iter();
    columns.required("id", texts(all().map(|a| Some(a.id.as_str()))));
    columns.required("event_type", texts(all().map(|a| Some(a.event_type.as_str()))));
    columns.required("occurred_at", moments(all().map(|a| Some(a.occurred_at))));
    columns.add("submitted_at", moments(all().map(|a| a.submitted_at)));
    columns.add("order_id", texts(all().map(|a| a.order_id.as_deref())));
    columns.add("currency", texts(all().map(|a| a.currency.map(|currency| currency.code()))));
    columns.add("amount", decimals(all().map(|a| a.amount.map(|money| money.0)))?);
    columns.add("subtotal", decimals(all().map(|a| a.subtotal.map(|money| money.0)))?);
    columns.add("discount", decimals(all().map(|a| a.discount.map(|money| money.0)))?);
    columns.add("tax", decimals(all().map(|a| a.tax.map(|money| money.0)))?);
    columns.add("shipping", decimals(all().map(|a| a.shipping.map(|money| money.0)))?);
    columns.add("items", items(actions)?);
    columns.add("customer", customers(actions)?);
    columns.add("promo_codes", lists(all().map(|a| a.promo_codes.as_slice())));
    columns.add("touches", touches(actions)?);
    let mut device = Columns::default();
    device.add("kind", texts(all().map(|a| a.device.kind.as_deref())));
    device.add("os", texts(all().map(|a| a.device.os.as_deref())));
    columns.add("device", device.structs(None)?);
    let mut fraud = Columns::default();
    fraud.add("risk", decimals(all().map(|a| a.fraud.risk.map(|number| number.0)))?);
    fraud.add("reasons", lists(all().map(|a| a.fraud.reasons.as_slice())));
    columns.add("fraud", fraud.structs(None)?);
    let mut follows = Columns::default();
    let followed = || all().map(|a| a.follows.as_ref());
    follows.add("id", texts(followed().map(|f| Some(f?.id.as_str()))));
    follows.add("event_type", texts(followed().map(|f| Some(f?.event_type.as_str()))));
    follows.add("occurred_at", moments(followed().map(|f| Some(f?.occurred_at))));
    columns.add("follows", follows.structs(Some(followed().map(|f| f.is_some()).collect()))?);
    let attributes = attributes(actions)?;
    if !attributes.fields.is_empty() {
        columns.add("attributes", attributes.structs(None)?);
    }
    RecordBatch::try_new(Arc::new(Schema::new(columns.fields)), columns.arrays)
}

#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn add(&mut self, name: &str, array: ArrayRef) {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
    }

    fn required(&mut self, name: &str, array: ArrayRef) {
        self.fields.push(Field::new(name, array.data_type().clone(), false));
        self.arrays.push(array);
    }

    fn structs(self, present: Option<Vec<bool>>) -> Result<ArrayRef, ArrowError> {
        let nulls = present.map(NullBuffer::from);
        Ok(Arc::new(StructArray::try_new(self.fields.into(), self.arrays, nulls)?))
    }

    fn lists(self, lengths: impl Iterator<Item = usize>) -> Result<ArrayRef, ArrowError> {
        let structs = self.structs(None)?;
        let element = Arc::new(Field::new("element", structs.data_type().clone(), false));
        Ok(Arc::new(ListArray::try_new(element, OffsetBuffer::from_lengths(lengths), structs, None)?))
    }
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn moments(values: impl Iterator<Item = Option<Timestamp>> + Clone) -> ArrayRef {
    if values.clone().flatten().any(|at| at.0.timestamp_subsec_nanos() % 1_000 != 0) {
        return Arc::new(values.map(|at| at.map(|at| at.to_string())).collect::<StringArray>());
    }
    let micros = values.map(|at| at.map(|at| at.0.timestamp_micros()));
    Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

fn decimals(values: impl Iterator<Item = Option<Decimal>> + Clone) -> Result<ArrayRef, ArrowError> {
    let scale = values.clone().flatten().map(|value| value.scale()).max().unwrap_or(0).max(DECIMALS);
    let digits = |value: Decimal| {
        let zeros = 10i128.checked_pow(scale - value.scale());
        zeros.and_then(|zeros| value.mantissa().checked_mul(zeros)).ok_or_else(|| {
            ArrowError::ComputeError(format!("`{value}` does not fit beside a number of {scale} decimals"))
        })
    };
    let digits = values.map(|value| value.map(digits).transpose()).collect::<Result<Vec<_>, _>>()?;
    let scale = i8::try_from(scale).map_err(|error| ArrowError::ComputeError(error.to_string()))?;
    Ok(Arc::new(Decimal128Array::from(digits).with_precision_and_scale(38, scale)?))
}

fn lists<'a>(values: impl Iterator<Item = &'a [String]>) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for list in values {
        list.iter().for_each(|text| lists.values().append_value(text));
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn items(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let all = || actions.iter().flat_map(|action| &action.items);
    let mut columns = Columns::default();
    columns.required("sku", texts(all().map(|item| Some(item.sku.as_str()))));
    columns.add("category", texts(all().map(|item| item.category.as_deref())));
    columns.add("quantity", Arc::new(all().map(|item| Some(item.quantity)).collect::<UInt32Array>()));
    columns.required("amount", decimals(all().map(|item| Some(item.amount.0)))?);
    columns.lists(actions.iter().map(|action| action.items.len()))
}

fn customers(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let all = || actions.iter().map(|action| &action.customer);
    let mut columns = Columns::default();
    columns.add("id", texts(all().map(|customer| customer.id.as_deref())));
    columns.add("status", texts(all().map(|customer| customer.status.as_deref())));
    columns.add("lifetime_value", decimals(all().map(|c| c.lifetime_value.map(|money| money.0)))?);
    columns.add("order_count", Arc::new(all().map(|customer| customer.order_count).collect::<UInt32Array>()));
    columns.add("since", moments(all().map(|customer| customer.since)));
    columns.add("country", texts(all().map(|customer| customer.country.as_deref())));
    columns.add("region", texts(all().map(|customer| customer.region.as_deref())));
    columns.add("audiences", lists(all().map(|customer| customer.audiences.as_slice())));
    columns.structs(None)
}

fn touches(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let all = || actions.iter().flat_map(|action| &action.touches);
    let mut columns = Columns::default();
    columns.required("partner", texts(all().map(|touch| Some(touch.partner.as_str()))));
    columns.required("at", moments(all().map(|touch| Some(touch.at))));
    columns.required("kind", texts(all().map(|touch| Some(touch.kind.text()))));
    columns.add("id", texts(all().map(|touch| touch.id.as_deref())));
    columns.add("creative", texts(all().map(|touch| touch.creative.as_deref())));
    columns.add("property", texts(all().map(|touch| touch.property.as_deref())));
    columns.add("landing_page", texts(all().map(|touch| touch.landing_page.as_deref())));
    columns.add("link_updated_at", moments(all().map(|touch| touch.link_updated_at)));
    columns.add("sub_ids", lists(all().map(|touch| touch.sub_ids.as_slice())));
    columns.lists(actions.iter().map(|action| action.touches.len()))
}

/// What the values of an attribute have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Common {
    Bool,
    Number,
    Text,
}

fn attributes(actions: &[Action]) -> Result<Columns, ArrowError> {
    let mut kinds: BTreeMap<&str, Common> = BTreeMap::new();
    for (name, value) in actions.iter().flat_map(|action| &action.attributes) {
        let kind = match value {
            Attribute::Bool(_) => Common::Bool,
            Attribute::Number(_) => Common::Number,
            Attribute::Text(_) => Common::Text,
        };
        let common = kinds.entry(name).or_insert(kind);
        if *common != kind {
            *common = Common::Text;
        }
    }
    let mut columns = Columns::default();
    for (name, kind) in kinds {
        let all = || actions.iter().map(|action| action.attributes.get(name));
        let array: ArrayRef = match kind {
            Common::Bool => Arc::new(
                all()
                    .map(|value| match value {
                        Some(Attribute::Bool(value)) => Some(*value),
                        _ => None,
                    })
                    .collect::<BooleanArray>(),
            ),
            Common::Number => decimals(all().map(|value| match value {
                Some(Attribute::Number(number)) => Some(number.0),
                _ => None,
            }))?,
            Common::Text => Arc::new(
                all()
                    .map(|value| match value? {
                        Attribute::Bool(value) => Some(value.to_string()),
                        Attribute::Number(number) => Some(number.0.to_string()),
                        Attribute::Text(text) => Some(text.clone()),
                    })
                    .collect::<StringArray>(),
            ),
        };
        columns.add(name, array);
    }
    Ok(columns)
}
