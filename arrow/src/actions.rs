//! Actions from record batches: a schema enters and is checked once; the rows of each batch leave as actions, or as what
//! is wrong with them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use accrue::diagnostic::nearest;
use accrue::facts::{
    Action, Customer, Device, FactError, FactErrors, Follows, Fraud, Item, Touch, TouchKind,
};
use accrue::limits::Limits;
use accrue::money::{Currency, Money, Number};
use accrue::time::Timestamp;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Fields, Schema};

use crate::column::{Column, Kind, Ranges, Strings, list, mismatch};

/// The most faults that are named in a schema: past these it is no schema of actions at all.
const SCHEMA_ERRORS: usize = 5;

/// The most faults that are named in a row.
const ROW_ERRORS: usize = 20;

/// How deep structs may nest: an attribute of a struct of attributes needs two.
const NESTING: usize = 4;

/// A field and where its column goes.
struct FieldOf {
    name: &'static str,
    kind: Kind,
    required: bool,
}

macro_rules! fields {
    ($($name:literal $kind:ident $($required:ident)?;)+) => {
        &[$(FieldOf { name: $name, kind: Kind::$kind, required: fields!(@ $($required)?) }),+]
    };
    (@ required) => { true };
    (@) => { false };
}

/// Columns of an action. A dot stands for a struct or for itself: `customer.id` is the field `id` of a struct
/// `customer`, or a column of that name.
const ACTION: &[FieldOf] = fields! {
    "id" Text required;
    "event_type" Text required;
    "occurred_at" Moment required;
    "submitted_at" Moment;
    "order_id" Text;
    "currency" Text;
    "amount" Amount;
    "subtotal" Amount;
    "discount" Amount;
    "tax" Amount;
    "shipping" Amount;
    "customer.id" Text;
    "customer.status" Text;
    "customer.lifetime_value" Amount;
    "customer.order_count" Whole;
    "customer.since" Moment;
    "customer.country" Text;
    "customer.region" Text;
    "customer.audiences" Texts;
    "promo_codes" Texts;
    "device.kind" Text;
    "device.os" Text;
    "fraud.risk" Number;
    "fraud.reasons" Texts;
    "follows.id" Text;
    "follows.event_type" Text;
    "follows.occurred_at" Moment;
};

/// Fields of the structs in the list `items`.
const ITEM: &[FieldOf] = fields! {
    "sku" Text required;
    "category" Text;
    "quantity" Whole;
    "amount" Amount required;
};

/// Fields of the structs in the list `touches`.
const TOUCH: &[FieldOf] = fields! {
    "partner" Text required;
    "at" Moment required;
    "kind" Text required;
    "id" Text;
    "creative" Text;
    "property" Text;
    "landing_page" Text;
    "link_updated_at" Moment;
    "sub_ids" Texts;
};

/// Bytes that an item or a touch counts for, its texts aside: fewer than in any line of text.
const ENTRY_BYTES: usize = 8;

/// What the columns of the brand's own attributes begin with.
const ATTRIBUTE_PREFIX: &str = "attributes.";

/// Where a column stands: an index into the batch, then into each struct.
type Path = Vec<usize>;

/// The columns of actions in batches of one schema.
///
/// ```
/// use std::sync::Arc;
/// use accrue::limits::Limits;
/// use accrue_arrow::{ActionColumns, Rows};
/// use arrow_array::{ArrayRef, RecordBatch, StringArray};
///
/// let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
/// let batch = RecordBatch::try_from_iter([
///     ("id", column("a1")),
///     ("event_type", column("sale")),
///     ("occurred_at", column("2026-03-01T10:00:00Z")),
///     ("amount", column("19.90")),
/// ])?;
/// let columns = ActionColumns::of(&batch.schema(), &Limits::default())?;
/// let mut rows = Rows::default();
/// columns.read(&batch, &mut rows);
/// let action = rows.iter().next().ok_or("no row")?.map_err(ToString::to_string)?;
/// assert_eq!(action.id, "a1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ActionColumns {
    action: Vec<Option<Path>>,
    items: Option<(Path, Vec<Option<Path>>)>,
    touches: Option<(Path, Vec<Option<Path>>)>,
    attributes: Vec<(String, Path)>,
    attribute_map: Option<Path>,
    limits: Limits,
}

impl ActionColumns {
    /// Finds the columns by name. An unknown, missing or repeated one, or one of another type, is an error, since no row
    /// could be trusted. Every fault is named, up to a few.
    pub fn of(schema: &Schema, limits: &Limits) -> Result<Self, FactErrors> {
        let mut errors = Vec::new();
        let mut columns = Self {
            action: vec![None; ACTION.len()],
            items: None,
            touches: None,
            attributes: Vec::new(),
            attribute_map: None,
            limits: limits.clone(),
        };
        let mut leaves = Vec::new();
        flatten("", schema.fields(), &[], &mut leaves);
        for (name, field, path) in leaves {
            columns.find(&name, field, path, &mut errors);
        }
        missing("", ACTION, &columns.action, &mut errors);
        for (prefix, fields, found) in
            [("items[].", ITEM, &columns.items), ("touches[].", TOUCH, &columns.touches)]
        {
            if let Some((_, found)) = found {
                missing(prefix, fields, found, &mut errors);
            }
        }
        let begun =
            ACTION.iter().zip(&columns.action).filter(|(field, _)| field.name.starts_with("follows."));
        if begun.clone().any(|(_, found)| found.is_some()) {
            for (field, _) in begun.filter(|(_, found)| found.is_none()) {
                errors.push(FactError::field(field.name, "this column is missing, and `follows` needs it"));
            }
        }
        errors.truncate(SCHEMA_ERRORS);
        FactErrors(errors).into_result().map(|()| columns)
    }

    fn find(&mut self, name: &str, field: &Field, path: Path, errors: &mut Vec<FactError>) {
        let ty = field.data_type();
        let mut fault = |message: String| errors.push(FactError::field(shown(name), message));
        if let Some((fields, place)) = match name {
            "items" => Some((ITEM, &mut self.items)),
            "touches" => Some((TOUCH, &mut self.touches)),
            _ => None,
        } {
            match list_of_structs(ty) {
                _ if place.is_some() => fault("this column stands there twice".to_owned()),
                _ if *ty == DataType::Null => {}
                Some(inner) => {
                    let mut leaves = Vec::new();
                    flatten("", inner, &[], &mut leaves);
                    let mut found = vec![None; fields.len()];
                    for (leaf, field, path) in leaves {
                        let full = format!("{name}[].{leaf}");
                        place_of(&leaf, &full, field, path, fields, &mut found, errors);
                    }
                    *place = Some((path, found));
                }
                None => fault(format!("expected a list of structs, but this column is `{ty}`")),
            }
            return;
        }
        if name == "attributes" {
            match ty {
                _ if self.attribute_map.is_some() => fault("this column stands there twice".to_owned()),
                DataType::Null => {}
                DataType::Map(entries, _) if is_text_map(entries) => self.attribute_map = Some(path),
                ty => {
                    fault(format!("expected a struct, or a map of text to text, but this column is `{ty}`"))
                }
            }
            return;
        }
        if let Some(attribute) = name.strip_prefix(ATTRIBUTE_PREFIX) {
            if self.attributes.iter().any(|(other, _)| other == attribute) {
                fault("this column stands there twice".to_owned());
            } else if let Some(message) = mismatch(Kind::Flagged, ty) {
                fault(message);
            } else {
                self.attributes.push((attribute.to_owned(), path));
            }
            return;
        }
        place_of(name, name, field, path, ACTION, &mut self.action, errors);
    }

    /// Reads the rows of a batch. What `rows` holds already is used again: its texts and lists keep their memory.
    ///
    /// The batch must have the schema that the columns were found in; a column that has another type there is unknown in
    /// every row.
    pub fn read(&self, batch: &RecordBatch, rows: &mut Rows) {
        self.read_some(batch, usize::MAX, usize::MAX, rows);
    }

    /// Reads the first rows of a batch, as many as there may be at once: so many, or so few that their texts and lists have
    /// no more than so many bytes but for the last row's. Says how many these are.
    pub(crate) fn read_some(
        &self,
        batch: &RecordBatch,
        most_rows: usize,
        most_bytes: usize,
        rows: &mut Rows,
    ) -> usize {
        let columns = Bound::new(self, batch);
        let (mut faults, mut bytes) = (Vec::new(), 0usize);
        rows.len = 0;
        rows.faults.clear();
        for row in 0..batch.num_rows().min(most_rows) {
            if bytes > most_bytes {
                break;
            }
            if row == rows.actions.len() {
                rows.actions.push(blank());
            }
            let Some(action) = rows.actions.get_mut(row) else { break };
            bytes = bytes.saturating_add(columns.fill(row, action, &mut faults));
            if !faults.is_empty() {
                rows.faults.push((row, FactErrors(std::mem::take(&mut faults))));
            }
            rows.len += 1;
        }
        rows.len
    }
}

/// The rows of one batch.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    actions: Vec<Action>,
    len: usize,
    /// By row, rising.
    faults: Vec<(usize, FactErrors)>,
}

impl Rows {
    /// Each row, in order: its action, or what is wrong with it.
    pub fn iter(&self) -> impl Iterator<Item = Result<&Action, &FactErrors>> {
        let mut faults = self.faults.iter().peekable();
        self.actions.iter().take(self.len).enumerate().map(move |(row, action)| {
            match faults.next_if(|(faulty, _)| *faulty == row) {
                Some((_, errors)) => Err(errors),
                None => Ok(action),
            }
        })
    }

    /// The actions, without the rows that are none; and those rows, with what is wrong with them, rising.
    pub(crate) fn into_actions(mut self) -> (Vec<Action>, Vec<(usize, FactErrors)>) {
        self.actions.truncate(self.len);
        let mut faulty = self.faults.iter().map(|(row, _)| *row).peekable();
        let mut row = 0..;
        self.actions.retain(|_| faulty.next_if_eq(&row.next().unwrap_or_default()).is_none());
        (self.actions, self.faults)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

pub(crate) fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Every column that is no struct, with its dotted name.
pub(crate) fn flatten<'a>(
    prefix: &str,
    fields: &'a Fields,
    above: &[usize],
    leaves: &mut Vec<(String, &'a Field, Path)>,
) {
    for (at, field) in fields.iter().enumerate() {
        let name = format!("{prefix}{}", field.name());
        let path: Path = above.iter().copied().chain([at]).collect();
        match field.data_type() {
            DataType::Struct(inner) if path.len() < NESTING => {
                flatten(&format!("{name}."), inner, &path, leaves)
            }
            _ => leaves.push((name, field, path)),
        }
    }
}

pub(crate) fn list_of_structs(ty: &DataType) -> Option<&Fields> {
    match ty {
        DataType::List(of) | DataType::LargeList(of) => match of.data_type() {
            DataType::Struct(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

fn is_text_map(entries: &Field) -> bool {
    match entries.data_type() {
        DataType::Struct(fields) => {
            fields.len() == 2 && fields.iter().all(|field| mismatch(Kind::Text, field.data_type()).is_none())
        }
        _ => false,
    }
}

fn place_of(
    name: &str,
    full: &str,
    field: &Field,
    path: Path,
    fields: &[FieldOf],
    found: &mut [Option<Path>],
    errors: &mut Vec<FactError>,
) {
    let message = match fields.iter().zip(found.iter_mut()).find(|(field, _)| field.name == name) {
        Some((_, Some(_))) => Some("this column stands there twice".to_owned()),
        Some((wanted, place)) => {
            let message = mismatch(wanted.kind, field.data_type());
            // One that has the wrong type is not missing besides.
            *place = Some(path);
            message
        }
        None => {
            let known = fields.iter().map(|field| field.name).chain(
                ["items", "touches", "attributes.NAME"].into_iter().filter(|_| std::ptr::eq(fields, ACTION)),
            );
            Some(match nearest(name, known.clone()) {
                Some(near) => format!("there is no such column; did you mean `{near}`?"),
                None => {
                    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
                    format!("there is no such column; there are {}", known.join(", "))
                }
            })
        }
    };
    errors.extend(message.map(|message| FactError::field(shown(full), message)));
}

fn missing(prefix: &str, fields: &[FieldOf], found: &[Option<Path>], errors: &mut Vec<FactError>) {
    for (field, found) in fields.iter().zip(found) {
        if field.required && found.is_none() {
            let name = format!("{prefix}{}", field.name);
            // What is misspelt is named already, with the right name beside it.
            errors.push(FactError::field(name, "this column is missing, and every action needs it"));
        }
    }
}

/// The columns of one batch.
struct Bound<'a> {
    action: Vec<Option<Column<'a>>>,
    items: Option<Nested<'a>>,
    touches: Option<Nested<'a>>,
    attributes: Vec<(&'a str, Column<'a>)>,
    attribute_map: Option<(Option<NullBuffer>, Ranges<'a>, Strings<'a>, Strings<'a>)>,
    limits: &'a Limits,
    room: Room,
}

/// A list of structs.
struct Nested<'a> {
    nulls: Option<NullBuffer>,
    ranges: Ranges<'a>,
    /// Structs that are null.
    absent: Option<NullBuffer>,
    columns: Vec<Option<Column<'a>>>,
}

impl Nested<'_> {
    fn range(&self, row: usize) -> Range<usize> {
        let unknown = self.nulls.as_ref().is_some_and(|nulls| row >= nulls.len() || nulls.is_null(row));
        if unknown { 0..0 } else { self.ranges.of(row) }
    }

    fn is_absent(&self, at: usize) -> bool {
        self.absent.as_ref().is_some_and(|nulls| at >= nulls.len() || nulls.is_null(at))
    }
}

/// The array at a path, and where the structs above it have no value.
pub(crate) fn at<'a>(
    arrays: &'a [arrow_array::ArrayRef],
    path: &[usize],
) -> Option<(&'a dyn Array, Option<NullBuffer>)> {
    let (first, rest) = path.split_first()?;
    let mut array = arrays.get(*first)?.as_ref();
    let mut above: Option<NullBuffer> = None;
    for index in rest {
        let outer = array.as_struct_opt()?;
        above = NullBuffer::union(above.as_ref(), outer.nulls());
        array = outer.columns().get(*index)?.as_ref();
    }
    Some((array, above))
}

fn bind<'a>(arrays: &'a [arrow_array::ArrayRef], paths: &[Option<Path>]) -> Vec<Option<Column<'a>>> {
    let bound = |path: &Option<Path>| {
        let (array, above) = at(arrays, path.as_deref()?)?;
        Some(Column::new(array, above.as_ref()))
    };
    paths.iter().map(bound).collect()
}

fn nested<'a>(
    arrays: &'a [arrow_array::ArrayRef],
    columns: &Option<(Path, Vec<Option<Path>>)>,
) -> Option<Nested<'a>> {
    let (path, inner) = columns.as_ref()?;
    let (array, above) = at(arrays, path)?;
    let (ranges, structs) = list(array)?;
    let structs = structs.as_struct_opt()?;
    Some(Nested {
        nulls: NullBuffer::union(above.as_ref(), array.nulls()),
        ranges,
        absent: structs.nulls().cloned(),
        columns: bind(structs.columns(), inner),
    })
}

impl<'a> Bound<'a> {
    fn new(columns: &'a ActionColumns, batch: &'a RecordBatch) -> Self {
        let arrays = batch.columns();
        let attribute = |(name, path): &'a (String, Path)| {
            let (array, above) = at(arrays, path)?;
            Some((name.as_str(), Column::new(array, above.as_ref())))
        };
        let map = columns.attribute_map.as_ref().and_then(|path| {
            let (array, above) = at(arrays, path)?;
            let map = array.as_map_opt()?;
            Some((
                NullBuffer::union(above.as_ref(), map.nulls()),
                Ranges::Short(map.value_offsets()),
                Strings::of(map.keys().as_ref()),
                Strings::of(map.values().as_ref()),
            ))
        });
        Self {
            action: bind(arrays, &columns.action),
            items: nested(arrays, &columns.items),
            touches: nested(arrays, &columns.touches),
            attributes: columns.attributes.iter().filter_map(attribute).collect(),
            attribute_map: map,
            limits: &columns.limits,
            room: Room(Cell::new(None)),
        }
    }

    /// Reads a row into an action, all of whose fields are written. Says how many bytes its texts and lists have.
    fn fill(&self, row: usize, action: &mut Action, faults: &mut Vec<FactError>) -> usize {
        self.room.refill(self.limits.action_bytes);
        let Action {
            id,
            event_type,
            occurred_at,
            submitted_at,
            order_id,
            currency,
            amount,
            subtotal,
            discount,
            tax,
            shipping,
            items,
            customer,
            promo_codes,
            touches,
            device,
            fraud,
            follows,
            attributes,
        } = action;
        let Customer {
            id: customer_id,
            status,
            lifetime_value,
            order_count,
            since,
            country,
            region,
            audiences,
        } = customer;
        let Device { kind, os } = device;
        let Fraud { risk, reasons } = fraud;
        let mut from = Reader::new(self, &self.action, ACTION, Place::Row, row, faults);
        // In the order of `ACTION`.
        from.text(id);
        from.text(event_type);
        from.moment(occurred_at);
        from.optional_moment(submitted_at);
        from.optional_text(order_id);
        from.currency(currency);
        for place in [amount, subtotal, discount, tax, shipping] {
            *place = from.decimal().map(Money);
        }
        from.optional_text(customer_id);
        from.optional_text(status);
        *lifetime_value = from.decimal().map(Money);
        *order_count = from.whole();
        from.optional_moment(since);
        from.optional_text(country);
        from.optional_text(region);
        from.texts(audiences);
        from.texts(promo_codes);
        from.optional_text(kind);
        from.optional_text(os);
        *risk = from.decimal().map(Number);
        from.texts(reasons);
        from.follows(follows);

        read_list(
            self.items.as_ref(),
            &self.room,
            row,
            "items",
            self.limits.items,
            items,
            blank_item,
            faults,
            |item, nested, n, faults| {
                let mut from = Reader::new(self, &nested.columns, ITEM, Place::Item(n.0), n.1, faults);
                from.text(&mut item.sku);
                from.optional_text(&mut item.category);
                item.quantity = from.whole().unwrap_or(1);
                item.amount = from.required_decimal().map_or(Money::ZERO, Money);
            },
        );
        read_list(
            self.touches.as_ref(),
            &self.room,
            row,
            "touches",
            self.limits.touches,
            touches,
            blank_touch,
            faults,
            |touch, nested, n, faults| {
                let mut from = Reader::new(self, &nested.columns, TOUCH, Place::Touch(n.0), n.1, faults);
                from.text(&mut touch.partner);
                from.moment(&mut touch.at);
                from.kind(&mut touch.kind);
                from.optional_text(&mut touch.id);
                from.optional_text(&mut touch.creative);
                from.optional_text(&mut touch.property);
                from.optional_text(&mut touch.landing_page);
                from.optional_moment(&mut touch.link_updated_at);
                from.texts(&mut touch.sub_ids);
            },
        );
        self.attributes(row, attributes, faults);
        if self.room.is_short() {
            let most = self.limits.action_bytes;
            let message = format!("its texts have more than the {most} bytes an action may have in all");
            faults.push(FactError::whole(message));
        }
        self.room.taken(self.limits.action_bytes)
    }

    fn attributes(
        &self,
        row: usize,
        attributes: &mut BTreeMap<String, accrue::facts::Attribute>,
        faults: &mut Vec<FactError>,
    ) {
        attributes.clear();
        let mut fault = |name: &str, message: &str| {
            faults.push(FactError::field(format!("attributes.{}", shown(name)), message));
        };
        for (name, column) in &self.attributes {
            let text = column.text(row).unwrap_or_default();
            if !self.room.takes(name.len().saturating_add(text.len())) {
                return;
            }
            match column.attribute(row) {
                Ok(Some(value)) => {
                    attributes.insert((*name).to_owned(), value);
                }
                Ok(None) => {}
                Err(message) => fault(name, &message),
            }
        }
        let Some((nulls, ranges, names, values)) = &self.attribute_map else { return };
        if nulls.as_ref().is_some_and(|nulls| row >= nulls.len() || nulls.is_null(row)) {
            return;
        }
        let range = ranges.of(row);
        if range.len() > self.limits.entries {
            let (count, most) = (range.len(), self.limits.entries);
            return faults.push(FactError::field(
                "attributes",
                format!("{count} entries are more than the {most} an action may have"),
            ));
        }
        for at in range {
            let (Some(name), Some(value)) = (names.get(at), values.get(at)) else { continue };
            if !self.room.takes(name.len().saturating_add(value.len())) {
                return;
            }
            if attributes.contains_key(name) {
                fault(name, "this attribute stands there twice");
            } else {
                attributes.insert(name.to_owned(), accrue::facts::Attribute::Text(value.to_owned()));
            }
        }
    }
}

/// Reads a list of structs into values that are used again.
#[allow(clippy::too_many_arguments, reason = "one caller for each of two lists")]
fn read_list<'a, T>(
    nested: Option<&Nested<'a>>,
    room: &Room,
    row: usize,
    name: &str,
    most: usize,
    values: &mut Vec<T>,
    blank: fn() -> T,
    faults: &mut Vec<FactError>,
    read: impl Fn(&mut T, &Nested<'a>, (usize, usize), &mut Vec<FactError>),
) {
    let Some(nested) = nested else { return values.clear() };
    let range = nested.range(row);
    if range.len() > most {
        let count = range.len();
        faults.push(FactError::field(
            name,
            format!("{count} entries are more than the {most} an action may have"),
        ));
        return values.clear();
    }
    if !room.takes(range.len().saturating_mul(ENTRY_BYTES)) {
        return values.clear();
    }
    values.resize_with(range.len(), blank);
    for (n, (at, value)) in range.zip(values).enumerate() {
        if nested.is_absent(at) {
            tell(faults, FactError::field(format!("{name}[{n}]"), "this entry is null; leave it out"));
        } else {
            read(value, nested, (n, at), faults);
        }
    }
}

/// What is left of the bytes that one action may have. A row has no text of its own whose length would tell, and a text that
/// stands in a file once may stand in every row, so what is copied is counted.
struct Room(Cell<Option<usize>>);

impl Room {
    fn refill(&self, bytes: usize) {
        self.0.set(Some(bytes));
    }

    /// Takes so much. `false` where there is not so much left, and from then on.
    fn takes(&self, bytes: usize) -> bool {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_short()
    }

    fn is_short(&self) -> bool {
        self.0.get().is_none()
    }

    /// How much of so much was taken.
    fn taken(&self, of: usize) -> usize {
        of.saturating_sub(self.0.get().unwrap_or_default())
    }
}

/// Adds a fault of a row, unless it has so many that they tell nothing more.
fn tell(faults: &mut Vec<FactError>, fault: FactError) {
    if faults.len() < ROW_ERRORS {
        faults.push(fault);
    }
}

/// Where a field stands, for its name in a fault.
#[derive(Clone, Copy)]
enum Place {
    Row,
    Item(usize),
    Touch(usize),
}

/// Reads one row field by field, in the order of a table of fields.
struct Reader<'r, 'a> {
    columns: std::iter::Zip<std::slice::Iter<'r, FieldOf>, std::slice::Iter<'r, Option<Column<'a>>>>,
    place: Place,
    row: usize,
    limits: &'r Limits,
    room: &'r Room,
    faults: &'r mut Vec<FactError>,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(
        of: &'r Bound<'a>,
        columns: &'r [Option<Column<'a>>],
        fields: &'static [FieldOf],
        place: Place,
        row: usize,
        faults: &'r mut Vec<FactError>,
    ) -> Self {
        let columns = fields.iter().zip(columns);
        Self { columns, place, row, limits: of.limits, room: &of.room, faults }
    }

    fn next(&mut self) -> Option<(&'static str, &'r Column<'a>)> {
        let (field, column) = self.columns.next()?;
        Some((field.name, column.as_ref()?))
    }

    #[cold]
    fn fault(&mut self, name: &str, message: impl Into<String>) {
        let field = match self.place {
            Place::Row => name.to_owned(),
            Place::Item(n) => format!("items[{n}].{name}"),
            Place::Touch(n) => format!("touches[{n}].{name}"),
        };
        tell(self.faults, FactError::field(field, message));
    }

    /// Whether a text is too long to be copied, or there is no room for it.
    fn too_long(&mut self, name: &str, text: &str) -> bool {
        let most = self.limits.text_bytes;
        if text.len() > most {
            self.fault(name, format!("{} bytes are more than the {most} a text may have", text.len()));
            return true;
        }
        !self.room.takes(text.len().saturating_add(1))
    }

    fn text(&mut self, place: &mut String) {
        place.clear();
        let row = self.row;
        let Some((name, column)) = self.next() else { return };
        match column.text(row) {
            Some(text) if !self.too_long(name, text) => place.push_str(text),
            Some(_) => {}
            None => self.fault(name, "this value is missing"),
        }
    }

    fn optional_text(&mut self, place: &mut Option<String>) {
        let row = self.row;
        let found = self.next().and_then(|(name, column)| Some((name, column.text(row)?)));
        match found {
            Some((name, text)) if !self.too_long(name, text) => match place {
                Some(place) => {
                    place.clear();
                    place.push_str(text);
                }
                None => *place = Some(text.to_owned()),
            },
            _ => *place = None,
        }
    }

    fn texts(&mut self, place: &mut Vec<String>) {
        let row = self.row;
        let found = self.next().and_then(|(name, column)| Some((name, column.texts(row)?)));
        let Some((name, (range, strings))) = found else { return place.clear() };
        let most = self.limits.entries;
        if range.len() > most {
            self.fault(name, format!("{} entries are more than the {most} an action may have", range.len()));
            return place.clear();
        }
        place.resize_with(range.len(), String::new);
        for (at, place) in range.zip(place) {
            place.clear();
            match strings.get(at) {
                Some(text) if !self.too_long(name, text) => place.push_str(text),
                Some(_) => {}
                None => self.fault(name, "an entry of this list is null; leave it out"),
            }
        }
    }

    fn try_moment(&mut self) -> Option<(&'static str, Option<Timestamp>)> {
        let row = self.row;
        let (name, column) = self.next()?;
        match column.moment(row) {
            Ok(moment) => Some((name, moment)),
            Err(message) => {
                self.fault(name, message);
                None
            }
        }
    }

    fn moment(&mut self, place: &mut Timestamp) {
        match self.try_moment() {
            Some((_, Some(moment))) => *place = moment,
            Some((name, None)) => self.fault(name, "this value is missing"),
            None => {}
        }
    }

    fn optional_moment(&mut self, place: &mut Option<Timestamp>) {
        *place = self.try_moment().and_then(|(_, moment)| moment);
    }

    fn try_decimal(&mut self) -> Option<(&'static str, Option<rust_decimal::Decimal>)> {
        let row = self.row;
        let (name, column) = self.next()?;
        match column.decimal(row) {
            Ok(decimal) => Some((name, decimal)),
            Err(message) => {
                self.fault(name, message);
                None
            }
        }
    }

    fn decimal(&mut self) -> Option<rust_decimal::Decimal> {
        self.try_decimal()?.1
    }

    fn required_decimal(&mut self) -> Option<rust_decimal::Decimal> {
        let (name, decimal) = self.try_decimal()?;
        if decimal.is_none() {
            self.fault(name, "this value is missing");
        }
        decimal
    }

    fn whole(&mut self) -> Option<u32> {
        let row = self.row;
        let (name, column) = self.next()?;
        match column.whole(row) {
            Ok(number) => number,
            Err(message) => {
                self.fault(name, message);
                None
            }
        }
    }

    fn currency(&mut self, place: &mut Option<Currency>) {
        *place = None;
        let row = self.row;
        let Some((name, column)) = self.next() else { return };
        let Some(code) = column.text(row) else { return };
        *place = Currency::from_code(code);
        if place.is_none() {
            let written: String = code.chars().take(40).collect();
            let hint = Currency::hint(&written);
            self.fault(name, format!("`{written}` is not an ISO 4217 currency code; {hint}"));
        }
    }

    fn kind(&mut self, place: &mut TouchKind) {
        let row = self.row;
        let Some((name, column)) = self.next() else { return };
        match column.text(row) {
            Some("click") => *place = TouchKind::Click,
            Some("impression") => *place = TouchKind::Impression,
            Some("code") => *place = TouchKind::Code,
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                self.fault(
                    name,
                    format!("`{other}` is not known here; write `click`, `impression` or `code`"),
                );
            }
            None => self.fault(name, "this value is missing"),
        }
    }

    fn follows(&mut self, place: &mut Option<Follows>) {
        let row = self.row;
        let (Some((_, id)), Some((_, event_type)), Some((_, at))) = (self.next(), self.next(), self.next())
        else {
            return *place = None;
        };
        let at = match at.moment(row) {
            Ok(at) => at,
            Err(message) => return self.fault("follows.occurred_at", message),
        };
        match (id.text(row), event_type.text(row), at) {
            (None, None, None) => *place = None,
            (Some(id), Some(event_type), Some(occurred_at)) => {
                if self.too_long("follows.id", id) || self.too_long("follows.event_type", event_type) {
                    return;
                }
                *place = Some(Follows { id: id.to_owned(), event_type: event_type.to_owned(), occurred_at });
            }
            (id, event_type, at) => {
                let all = [
                    ("id", id.is_none()),
                    ("event_type", event_type.is_none()),
                    ("occurred_at", at.is_none()),
                ];
                for (name, _) in all.into_iter().filter(|(_, missing)| *missing) {
                    self.fault(&format!("follows.{name}"), "this value is missing");
                }
            }
        }
    }
}

/// A moment that every blank fact has until its own is read.
const NEVER: Timestamp = Timestamp(chrono::DateTime::UNIX_EPOCH);

fn blank() -> Action {
    Action::new(String::new(), String::new(), NEVER)
}

fn blank_item() -> Item {
    Item::new(String::new(), Money::ZERO)
}

fn blank_touch() -> Touch {
    Touch::new(String::new(), NEVER, TouchKind::Click)
}
