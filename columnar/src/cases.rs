//! Record batches of facts: a batch with a column for each fact, by the name that rules write, enters; cases by column leave.
//! What stands in memory as the engine reads it is borrowed, the rest is converted once.

use std::borrow::Cow;

use accrue::Reference;
use accrue::facts::FactError;
use accrue::rule::catalog::FIELDS;
use accrue::rule::{Base, CaseColumns, Column, Element, Keyed, Record, Tick, Values};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal64Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use rust_decimal::Decimal;

use crate::actions::{at, flatten, list_of_structs, shown};
use crate::column::{self, Kind, Ranges, Strings, list, mismatch};

/// The facts of a batch, a row for each case. A column is named as rules write its fact, such as `customer.status`, by a dot
/// or a struct; `action.items` and `action.touches` are lists of structs. Types are those of actions in columns. Texts with a
/// dictionary of 32-bit keys, decimals of 128 bits, 64-bit integers and moments are read where they stand.
///
/// ```
/// use std::sync::Arc;
/// use accrue::{Engine, Limits, Reference, decide::Assessor, terms::Source};
/// use accrue_columnar::case_columns;
/// use arrow_array::{ArrayRef, Decimal128Array, DictionaryArray, RecordBatch, types::Int32Type};
///
/// let source = Source::from_files([
///     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
///     ("contracts/standard.toml", r#"
///         contract = "standard"
///         version = 1
///         effective_from = 2026-01-01
///
///         [payout.default]
///         rate = "4%"
///
///         [[payout.groups]]
///         name = "new customers"
///         when = 'customer.status == "new"'
///         rate = "8%"
///     "#),
/// ]);
/// let program = Engine::new(Limits::default()).load(&source)?;
///
/// let amounts = Decimal128Array::from(vec![117_00, 50_00]).with_precision_and_scale(18, 2)?;
/// let status: DictionaryArray<Int32Type> = ["new", "existing"].into_iter().collect();
/// let batch = RecordBatch::try_from_iter([
///     ("action.amount", Arc::new(amounts) as ArrayRef),
///     ("customer.status", Arc::new(status)),
/// ])?;
///
/// let reference = Reference::default();
/// let cases = case_columns(&batch, &reference)?;
/// let mut assessor = Assessor::new(&program, 0, 0).ok_or("this machine runs no compiled rules")?;
/// let mut earned = Vec::new();
/// assessor.columns(&cases)?.assess_all(|_, assessed| {
///     earned.push(assessed.and_then(|assessed| Some(assessed.lines.first()?.earned.to_string())));
/// });
/// assert_eq!(earned, [Some("9.36".to_owned()), Some("2".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When there is no fact of a column's name, its type cannot hold the fact, or a value is none that the fact can have.
pub fn case_columns<'a>(
    batch: &'a RecordBatch,
    reference: &'a Reference,
) -> Result<CaseColumns<'a>, FactError> {
    let schema = batch.schema_ref();
    let mut leaves = Vec::new();
    flatten("", schema.fields(), &[], &mut leaves);
    let mut cases = CaseColumns::new(batch.num_rows(), reference);
    for (name, field, path) in leaves {
        let Some((array, above)) = at(batch.columns(), &path) else { continue };
        if *field.data_type() == DataType::Null {
            continue;
        }
        match name.as_str() {
            "action.items" | "action.touches" => {
                let record = if name == "action.items" { Record::Item } else { Record::Touch };
                let (offsets, columns) = records(&name, record, array, above.as_ref())?;
                match record {
                    Record::Item => cases.add_items(offsets, columns)?,
                    _ => cases.add_touches(offsets, columns)?,
                }
            }
            _ => {
                let spec = FIELDS.iter().find(|spec| spec.record != Record::Item && spec.full_name() == name);
                let column = converted(array, above.as_ref(), spec.map(|spec| spec.ty.base));
                let column = column.map_err(|fault| FactError::field(shown(&name), fault))?;
                cases.add(name, column)?;
            }
        }
    }
    Ok(cases)
}

type Records<'a> = (Cow<'a, [i32]>, Vec<(String, Column<'a>)>);

/// A list of structs: the offsets of each case's and their columns.
fn records<'a>(
    name: &str,
    record: Record,
    array: &'a dyn Array,
    above: Option<&NullBuffer>,
) -> Result<Records<'a>, FactError> {
    let fault = |message: String| FactError::field(name, message);
    let ty = array.data_type();
    let wrong = || fault(format!("expected a list of structs, but this column is `{ty}`"));
    let fields = list_of_structs(ty).ok_or_else(wrong)?;
    let (ranges, structs) = list(array).ok_or_else(wrong)?;
    let structs = structs.as_struct_opt().ok_or_else(wrong)?;
    if array.null_count() > 0 || above.is_some_and(|above| above.null_count() > 0) || structs.null_count() > 0
    {
        return Err(fault("a list or one of its records is null; write an empty list".to_owned()));
    }
    let mut columns = Vec::new();
    for (field, column) in fields.iter().zip(structs.columns()) {
        if *field.data_type() == DataType::Null {
            continue;
        }
        let spec = FIELDS.iter().find(|spec| spec.record == record && spec.name == field.name());
        let column = converted(column.as_ref(), None, spec.map(|spec| spec.ty.base));
        let full = || shown(&format!("{name}.{}", field.name()));
        columns.push((field.name().clone(), column.map_err(|fault| FactError::field(full(), fault))?));
    }
    Ok((offsets(ranges).map_err(fault)?, columns))
}

/// Offsets as the engine has them.
fn offsets(ranges: Ranges<'_>) -> Result<Cow<'_, [i32]>, String> {
    match ranges {
        Ranges::Short(offsets) => Ok(Cow::Borrowed(offsets)),
        Ranges::Large(offsets) => {
            let short = offsets.iter().map(|offset| i32::try_from(*offset));
            short.collect::<Result<Vec<_>, _>>().map(Cow::Owned).map_err(|error| error.to_string())
        }
    }
}

/// The kind of column that a fact of a type needs; any for one of the brand's own.
fn kind(base: Option<Base>) -> Kind {
    match base {
        Some(Base::Text | Base::Code) => Kind::Text,
        Some(Base::List(Element::Text | Element::Code)) => Kind::Texts,
        Some(Base::Time) => Kind::Moment,
        Some(Base::Money) => Kind::Amount,
        Some(Base::Decimal) => Kind::Number,
        Some(Base::Integer) => Kind::Whole,
        _ => Kind::Flagged,
    }
}

/// An array as a column of facts.
fn converted<'a>(
    array: &'a dyn Array,
    above: Option<&NullBuffer>,
    base: Option<Base>,
) -> Result<Column<'a>, String> {
    if let Some(message) = mismatch(kind(base), array.data_type()) {
        return Err(message);
    }
    let nulls = NullBuffer::union(above, array.logical_nulls().as_ref());
    let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
    let known = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let rows = 0..array.len();
    let generic = column::Column::new(array, above);
    let values = match (array.data_type(), base) {
        (DataType::Boolean, _) => {
            let flags = array.as_boolean();
            Values::Bools(rows.clone().map(|row| flags.value(row)).collect())
        }
        (DataType::Int64, Some(Base::Integer) | None) => {
            Values::Integers(Cow::Borrowed(array.as_primitive::<Int64Type>().values()))
        }
        (ty, Some(Base::Integer) | None) if ty.is_integer() => {
            let numbers = rows.clone().map(|row| generic.integer(row).unwrap_or_default());
            Values::Integers(
                numbers.map(i64::try_from).collect::<Result<_, _>>().map_err(|error| error.to_string())?,
            )
        }
        (DataType::Decimal128(_, scale), _) if (0..=28).contains(scale) => {
            let digits = array.as_primitive::<Decimal128Type>().values();
            Values::decimals(digits.as_ref(), u32::from(scale.unsigned_abs()))
        }
        (DataType::Decimal64(_, scale), _) if (0..=18).contains(scale) => {
            let digits = array.as_primitive::<Decimal64Type>().values();
            Values::short_decimals(digits.as_ref(), u32::from(scale.unsigned_abs()))
        }
        (DataType::Timestamp(unit, _), _) => {
            let (ticks, tick): (&[i64], Tick) = match unit {
                TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), Tick::Second),
                TimeUnit::Millisecond => {
                    (array.as_primitive::<TimestampMillisecondType>().values(), Tick::Millisecond)
                }
                TimeUnit::Microsecond => {
                    (array.as_primitive::<TimestampMicrosecondType>().values(), Tick::Microsecond)
                }
                TimeUnit::Nanosecond => {
                    (array.as_primitive::<TimestampNanosecondType>().values(), Tick::Nanosecond)
                }
            };
            Values::Times(Cow::Borrowed(ticks), tick)
        }
        (DataType::Date32, _) => Values::Dates(Cow::Borrowed(array.as_primitive::<Date32Type>().values())),
        (DataType::List(_) | DataType::LargeList(_), _) => return lists(array, nulls.as_ref()),
        (_, Some(Base::Time)) => {
            let mut ticks = Vec::with_capacity(array.len());
            for row in rows.clone() {
                let at = generic.moment(row)?;
                let nanoseconds = at.map_or(Some(0), |at| at.0.timestamp_nanos_opt());
                ticks.push(nanoseconds.ok_or("a moment after 2262 is written as text; use a timestamp")?);
            }
            Values::Times(ticks.into(), Tick::Nanosecond)
        }
        (ty, base) if !matches!(base, Some(Base::Money | Base::Decimal)) && !ty.is_numeric() => {
            Values::Texts(keyed(array))
        }
        _ => {
            let numbers: Vec<Decimal> = rows
                .clone()
                .map(|row| generic.decimal(row).map(Option::unwrap_or_default))
                .collect::<Result<_, _>>()?;
            Values::of_decimals(numbers.into_iter())?
        }
    };
    let column = Column::new(values);
    Ok(if nulls.is_some() { column.known(rows.map(known)) } else { column })
}

/// Lists of texts; one that is null is empty.
fn lists<'a>(array: &'a dyn Array, nulls: Option<&NullBuffer>) -> Result<Column<'a>, String> {
    let (ranges, values) = list(array).ok_or("this is no list")?;
    if values.null_count() > 0 {
        return Err("a text of a list is null".to_owned());
    }
    let texts = keyed(values);
    let Some(nulls) = nulls else {
        return Ok(Column::new(Values::text_lists(offsets(ranges)?, texts)));
    };
    let (mut ends, mut keys) = (vec![0], Vec::new());
    for row in 0..array.len() {
        if nulls.is_valid(row) {
            keys.extend(texts.keys.get(ranges.of(row)).unwrap_or_default());
        }
        ends.push(i32::try_from(keys.len()).map_err(|error| error.to_string())?);
    }
    Ok(Column::new(Values::text_lists(ends, Keyed { keys: keys.into(), dictionary: texts.dictionary })))
}

/// Texts with their dictionary; those without one are their own.
fn keyed(array: &dyn Array) -> Keyed<'_> {
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
        let keys = Cow::Borrowed(dictionary.keys().values().as_ref());
        return Keyed { keys, dictionary: all(dictionary.values().as_ref()) };
    }
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let keys = dictionary.normalized_keys().into_iter().map(|key| i32::try_from(key).unwrap_or(i32::MAX));
        return Keyed { keys: keys.collect(), dictionary: all(dictionary.values().as_ref()) };
    }
    Keyed { keys: (0..).take(array.len()).collect(), dictionary: all(array) }
}

/// The texts of an array; empty where there is none.
fn all(array: &dyn Array) -> Vec<&str> {
    let strings = Strings::of(array);
    (0..array.len()).map(move |row| strings.get(row).unwrap_or_default()).collect()
}
