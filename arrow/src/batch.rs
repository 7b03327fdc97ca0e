//! Writes actions to record batches with the columns of actions.

use std::collections::BTreeMap;
use std::sync::Arc;

use accrue::facts::fields::{FactField, FactRecord, FieldRef, Kind};
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

/// The fewest decimals of a column of amounts, so that most columns have the same type whatever amounts they hold.
const DECIMALS: u32 = 2;

/// Returns a batch of these actions, with every column of actions. Each column of amounts has as many decimals as its longest
/// amount needs. Moments finer than a microsecond make their column a column of text. An attribute has the type that its values
/// in all these actions share, or text.
pub fn action_batch(actions: &[Action]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::default();
    let all = || actions.iter();
    for field in Action::FIELDS {
        match field.name {
            "items" => columns.add(field.name, items(actions)?),
            "touches" => columns.add(field.name, touches(actions)?),
            "credits" => columns.add(field.name, credits(actions)?),
            "customer" => columns.add(field.name, structs(all().map(|action| &action.customer))?),
            "device" => columns.add(field.name, structs(all().map(|action| &action.device))?),
            "fraud" => columns.add(field.name, structs(all().map(|action| &action.fraud))?),
            "follows" => {
                columns.add(field.name, optional_structs(all().map(|action| action.follows.as_ref()))?)
            }
            _ => columns.field(field, false, all().map(Some))?,
        }
    }
    let attributes = attributes(actions.iter().map(|action| &action.attributes))?;
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

    /// Adds the column of a field, unless the field is nested. `optional` says whether the record may be missing.
    fn field<'a, R: 'a>(
        &mut self,
        field: &FactField<R>,
        optional: bool,
        records: impl Iterator<Item = Option<&'a R>> + Clone,
    ) -> Result<(), ArrowError> {
        let values = records.map(|record| record.map(|record| (field.get)(record)));
        macro_rules! of {
            ($variant:ident) => {
                values.map(|value| match value {
                    Some(FieldRef::$variant(value)) => value,
                    _ => None,
                })
            };
        }
        let array: ArrayRef = match field.kind {
            Kind::Text | Kind::Word | Kind::Currency => texts(of!(Text)),
            Kind::Texts => lists(values.map(|value| match value {
                Some(FieldRef::Texts(texts)) => texts,
                _ => &[],
            })),
            Kind::Money | Kind::Decimal => decimals(of!(Decimal))?,
            Kind::Integer => Arc::new(of!(Integer).collect::<UInt32Array>()),
            Kind::Time => moments(of!(Time)),
            Kind::Nested => return Ok(()),
        };
        // A required field of an optional record has no value if the record is missing.
        let nullable = optional || !field.required;
        self.fields.push(Field::new(field.name, array.data_type().clone(), nullable));
        self.arrays.push(array);
        Ok(())
    }

    /// Adds the columns of every field of a record.
    fn of<'a, R: FactRecord>(
        optional: bool,
        records: impl Iterator<Item = Option<&'a R>> + Clone,
    ) -> Result<Self, ArrowError> {
        let mut columns = Self::default();
        R::FIELDS.iter().try_for_each(|field| columns.field(field, optional, records.clone()))?;
        Ok(columns)
    }

    fn structs(self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
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
    if values.clone().flatten().any(|at| at.nanoseconds() % 1_000 != 0) {
        return Arc::new(values.map(|at| at.map(|at| at.to_string())).collect::<StringArray>());
    }
    let micros = values.map(|at| at.map(|at| at.utc().timestamp_micros()));
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

fn structs<'a, R: FactRecord>(records: impl Iterator<Item = &'a R> + Clone) -> Result<ArrayRef, ArrowError> {
    Columns::of(false, records.map(Some))?.structs(None)
}

/// Returns a column of structs, null for rows without the record.
fn optional_structs<'a, R: FactRecord>(
    records: impl Iterator<Item = Option<&'a R>> + Clone,
) -> Result<ArrayRef, ArrowError> {
    let present = records.clone().map(|record| record.is_some()).collect();
    Columns::of(true, records)?.structs(Some(present))
}

fn items(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let items = || actions.iter().flat_map(|action| &action.items);
    let mut columns = Columns::of(false, items().map(Some))?;
    let attributes = attributes(items().map(|item| &item.attributes))?;
    if !attributes.fields.is_empty() {
        columns.add("attributes", attributes.structs(None)?);
    }
    columns.lists(actions.iter().map(|action| action.items.len()))
}

fn touches(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let touches = actions.iter().flat_map(|action| &action.touches);
    Columns::of(false, touches.map(Some))?.lists(actions.iter().map(|action| action.touches.len()))
}

fn credits(actions: &[Action]) -> Result<ArrayRef, ArrowError> {
    let credits = actions.iter().flat_map(|action| &action.credits);
    Columns::of(false, credits.map(Some))?.lists(actions.iter().map(|action| action.credits.len()))
}

/// The type that all values of an attribute share.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Common {
    Bool,
    Number,
    Text,
}

/// Returns a column for each of the brand's own attributes of some records.
fn attributes<'a>(
    records: impl Iterator<Item = &'a BTreeMap<String, Attribute>> + Clone,
) -> Result<Columns, ArrowError> {
    let mut kinds: BTreeMap<&str, Common> = BTreeMap::new();
    for (name, value) in records.clone().flatten() {
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
        let all = || records.clone().map(|attributes| attributes.get(name));
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
