//! Reads actions from record batches. A schema is checked once; each row of a batch is then read as an action or as the errors of
//! the row.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use accrue::diagnostic::nearest;
use accrue::facts::fields::{
    self, FactField, FactRecord, FieldMut, action_columns, read_currency, read_word,
};
use accrue::facts::{Action, Credit, Customer, Device, FactError, FactErrors, Follows, Fraud, Item, Touch};
use accrue::limits::Limits;
use accrue::money::{Money, Number};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Fields, Schema};

use crate::column::{Column, Kind, Ranges, Strings, list, mismatch};

/// The most errors that are reported for a schema: with more, it is not a schema of actions at all.
const SCHEMA_ERRORS: usize = 5;

/// The most errors that are reported for a row.
const ROW_ERRORS: usize = 20;

/// How deep structs may nest: an attribute in a struct of attributes needs two levels.
const NESTING: usize = 4;

/// Bytes that an item or a touch counts besides its texts: fewer than it has in any line of text.
const ENTRY_BYTES: usize = 8;

/// The prefix of the columns of the brand's own attributes.
const ATTRIBUTE_PREFIX: &str = "attributes.";

/// The position of a column: an index into the batch, then an index into each struct.
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
    customer: Vec<Option<Path>>,
    device: Vec<Option<Path>>,
    fraud: Vec<Option<Path>>,
    follows: Vec<Option<Path>>,
    items: Option<ListPaths>,
    touches: Option<ListPaths>,
    credits: Option<ListPaths>,
    attributes: AttributePaths,
    item_attributes: AttributePaths,
    limits: Limits,
}

/// The path of a list of structs, and inside the struct the paths of the fields of its record.
type ListPaths = (Path, Vec<Option<Path>>);

/// Where the brand's own attributes of a record are: a column for each, or a map of text to text.
#[derive(Clone, Debug, Default)]
struct AttributePaths {
    named: Vec<(String, Path)>,
    map: Option<Path>,
}

impl AttributePaths {
    /// Takes a column if its name is of an attribute. The error says what is wrong with it; `None` for any other column.
    fn find(&mut self, name: &str, ty: &DataType, path: &Path) -> Option<Result<(), String>> {
        if name == "attributes" {
            return Some(match ty {
                _ if self.map.is_some() => Err("this column appears twice".to_owned()),
                DataType::Null => Ok(()),
                DataType::Map(entries, _) if is_text_map(entries) => {
                    self.map = Some(path.clone());
                    Ok(())
                }
                ty => Err(format!("expected a struct, or a map of text to text, but this column is `{ty}`")),
            });
        }
        let attribute = name.strip_prefix(ATTRIBUTE_PREFIX)?;
        if self.named.iter().any(|(other, _)| other == attribute) {
            return Some(Err("this column appears twice".to_owned()));
        }
        Some(match mismatch(Kind::Flagged, ty) {
            Some(message) => Err(message),
            None => {
                self.named.push((attribute.to_owned(), path.clone()));
                Ok(())
            }
        })
    }
}

impl ActionColumns {
    /// Finds the columns by name.
    ///
    /// # Errors
    ///
    /// [`FactErrors`] when a column is unknown, missing or repeated, or has the wrong type, because no row could be trusted.
    /// Names every such column, up to a limit.
    pub fn of(schema: &Schema, limits: &Limits) -> Result<Self, FactErrors> {
        let mut errors = Vec::new();
        let mut columns = Self {
            action: none::<Action>(),
            customer: none::<Customer>(),
            device: none::<Device>(),
            fraud: none::<Fraud>(),
            follows: none::<Follows>(),
            items: None,
            touches: None,
            credits: None,
            attributes: AttributePaths::default(),
            item_attributes: AttributePaths::default(),
            limits: limits.clone(),
        };
        let mut leaves = Vec::new();
        flatten("", schema.fields(), &[], &mut leaves);
        for (name, field, path) in leaves {
            columns.find(&name, field, path, &mut errors);
        }
        let every = "every action needs it";
        missing::<Action>("", &columns.action, every, &mut errors);
        if let Some((_, found)) = &columns.items {
            missing::<Item>("items[].", found, every, &mut errors);
        }
        if let Some((_, found)) = &columns.touches {
            missing::<Touch>("touches[].", found, every, &mut errors);
        }
        if let Some((_, found)) = &columns.credits {
            missing::<Credit>("credits[].", found, every, &mut errors);
        }
        if columns.follows.iter().any(Option::is_some) {
            missing::<Follows>("follows.", &columns.follows, "`follows` needs it", &mut errors);
        }
        errors.truncate(SCHEMA_ERRORS);
        FactErrors(errors).into_result().map(|()| columns)
    }

    fn find(&mut self, name: &str, field: &Field, path: Path, errors: &mut Vec<FactError>) {
        let ty = field.data_type();
        match name {
            "items" => {
                let attributes = Some(&mut self.item_attributes);
                return find_list::<Item>(name, ty, path, (&mut self.items, attributes), errors);
            }
            "touches" => return find_list::<Touch>(name, ty, path, (&mut self.touches, None), errors),
            "credits" => return find_list::<Credit>(name, ty, path, (&mut self.credits, None), errors),
            _ => {}
        }
        if let Some(taken) = self.attributes.find(name, ty, &path) {
            errors.extend(taken.err().map(|message| FactError::field(shown(name), message)));
            return;
        }
        let (record, leaf) = name.split_once('.').unwrap_or(("", name));
        let place = match record {
            "customer" => place::<Customer>(leaf, &mut self.customer),
            "device" => place::<Device>(leaf, &mut self.device),
            "fraud" => place::<Fraud>(leaf, &mut self.fraud),
            "follows" => place::<Follows>(leaf, &mut self.follows),
            _ => place::<Action>(name, &mut self.action),
        };
        match place {
            Some((kind, place)) => put(name, kind, ty, path, place, errors),
            None => {
                let nested = |column: &String| !column.starts_with("item.") && !column.starts_with("touch.");
                let mut known: Vec<String> = action_columns().into_iter().filter(nested).collect();
                known.extend(["items", "touches", "credits", "attributes.NAME"].map(str::to_owned));
                errors.push(FactError::field(shown(name), unknown_column(name, &known)));
            }
        }
    }

    /// Reads the rows of a batch. Reuses the memory of the actions that `rows` holds.
    ///
    /// The batch must have the schema that the columns were found in; a column with another type is unknown in every row.
    pub fn read(&self, batch: &RecordBatch, rows: &mut Rows) {
        self.read_some(batch, usize::MAX, usize::MAX, rows);
    }

    /// Reads rows from the start of the batch until `most_rows` rows or more than `most_bytes` bytes of texts and lists have been
    /// read. Returns the number of rows read.
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
                rows.actions.push(Action::blank());
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

/// The rows of one batch, read by [`ActionColumns::read`].
#[derive(Clone, Debug, Default)]
pub struct Rows {
    actions: Vec<Action>,
    len: usize,
    /// The errors of rows, by rising row index.
    faults: Vec<(usize, FactErrors)>,
}

impl Rows {
    /// Returns each row in order: its action, or its errors.
    pub fn iter(&self) -> impl Iterator<Item = Result<&Action, &FactErrors>> {
        let mut faults = self.faults.iter().peekable();
        self.actions.iter().take(self.len).enumerate().map(move |(row, action)| {
            match faults.next_if(|(faulty, _)| *faulty == row) {
                Some((_, errors)) => Err(errors),
                None => Ok(action),
            }
        })
    }

    /// Returns each row in order as [`Rows::iter`] does, and with the errors of a row its id, if that can be read. A host that
    /// decides an id once must not decide a later row with the id of a row that it could not read.
    pub fn iter_with_ids(&self) -> impl Iterator<Item = Result<&Action, (Option<&str>, &FactErrors)>> {
        self.iter().zip(&self.actions).map(|(row, action)| {
            row.map_err(|errors| (Some(action.id.as_str()).filter(|id| !id.is_empty()), errors))
        })
    }

    /// Returns the actions of the valid rows; and the index and the errors of each other row, by rising index.
    pub(crate) fn into_actions(mut self) -> (Vec<Action>, Vec<(usize, FactErrors)>) {
        self.actions.truncate(self.len);
        let mut faulty = self.faults.iter().map(|(row, _)| *row).peekable();
        let mut row = 0..;
        self.actions.retain(|_| faulty.next_if_eq(&row.next().unwrap_or_default()).is_none());
        (self.actions, self.faults)
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

pub(crate) fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Collects every column that is not a struct, with its dotted name.
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

/// Returns a list of no columns, one entry for each field of a record.
fn none<R: FactRecord>() -> Vec<Option<Path>> {
    vec![None; R::FIELDS.len()]
}

/// Returns the type that a field's column must hold, and the place of its path; `None` if the record has no field with this name.
fn place<'p, R: FactRecord>(
    name: &str,
    found: &'p mut [Option<Path>],
) -> Option<(Kind, &'p mut Option<Path>)> {
    let mut fields = R::FIELDS.iter().zip(found);
    let (field, place) =
        fields.find(|(field, _)| field.name == name && field.kind != fields::Kind::Nested)?;
    Some((column_kind(field.kind), place))
}

/// Returns the type of column that holds values of a kind.
fn column_kind(kind: fields::Kind) -> Kind {
    match kind {
        fields::Kind::Text | fields::Kind::Word | fields::Kind::Currency | fields::Kind::Nested => Kind::Text,
        fields::Kind::Texts => Kind::Texts,
        fields::Kind::Money => Kind::Amount,
        fields::Kind::Decimal => Kind::Number,
        fields::Kind::Integer => Kind::Whole,
        fields::Kind::Time => Kind::Moment,
    }
}

/// Puts a column in the place of its field, or reports why it cannot.
fn put(
    name: &str,
    kind: Kind,
    ty: &DataType,
    path: Path,
    place: &mut Option<Path>,
    errors: &mut Vec<FactError>,
) {
    let message = match place {
        Some(_) => Some("this column appears twice".to_owned()),
        None => mismatch(kind, ty),
    };
    // A column with the wrong type is not also reported as missing.
    place.get_or_insert(path);
    errors.extend(message.map(|message| FactError::field(shown(name), message)));
}

/// Finds the columns of a list of structs.
fn find_list<R: FactRecord>(
    name: &str,
    ty: &DataType,
    path: Path,
    (list, mut attributes): (&mut Option<ListPaths>, Option<&mut AttributePaths>),
    errors: &mut Vec<FactError>,
) {
    match list_of_structs(ty) {
        _ if list.is_some() => errors.push(FactError::field(name, "this column appears twice")),
        _ if *ty == DataType::Null => {}
        Some(inner) => {
            let mut leaves = Vec::new();
            flatten("", inner, &[], &mut leaves);
            let mut found = none::<R>();
            for (leaf, field, path) in leaves {
                let full = format!("{name}[].{leaf}");
                let taken = attributes.as_mut().and_then(|of| of.find(&leaf, field.data_type(), &path));
                if let Some(taken) = taken {
                    errors.extend(taken.err().map(|message| FactError::field(shown(&full), message)));
                    continue;
                }
                match place::<R>(&leaf, &mut found) {
                    Some((kind, place)) => put(&full, kind, field.data_type(), path, place, errors),
                    None => {
                        let known: Vec<String> =
                            R::FIELDS.iter().map(|field| field.name.to_owned()).collect();
                        errors.push(FactError::field(shown(&full), unknown_column(&leaf, &known)));
                    }
                }
            }
            *list = Some((path, found));
        }
        None => {
            let message = format!("expected a list of structs, but this column is `{ty}`");
            errors.push(FactError::field(name, message));
        }
    }
}

fn unknown_column(name: &str, known: &[String]) -> String {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("there is no such column; did you mean `{near}`?"),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there is no such column; there are {}", known.join(", "))
        }
    }
}

fn missing<R: FactRecord>(prefix: &str, found: &[Option<Path>], why: &str, errors: &mut Vec<FactError>) {
    for (field, found) in R::FIELDS.iter().zip(found) {
        if field.required && found.is_none() {
            let name = format!("{prefix}{}", field.name);
            // A misspelt column is reported already, with the right name.
            errors.push(FactError::field(name, format!("this column is missing, and {why}")));
        }
    }
}

/// The columns of one batch.
struct Bound<'a> {
    action: Columns<'a, Action>,
    customer: Columns<'a, Customer>,
    device: Columns<'a, Device>,
    fraud: Columns<'a, Fraud>,
    follows: Columns<'a, Follows>,
    items: Option<Nested<'a, Item>>,
    touches: Option<Nested<'a, Touch>>,
    credits: Option<Nested<'a, Credit>>,
    attributes: BoundAttributes<'a>,
    item_attributes: BoundAttributes<'a>,
    limits: &'a Limits,
    room: Room,
}

/// The columns of the brand's own attributes of a record.
#[derive(Default)]
struct BoundAttributes<'a> {
    named: Vec<(&'a str, Column<'a>)>,
    map: Option<(Option<NullBuffer>, Ranges<'a>, Strings<'a>, Strings<'a>)>,
}

impl<'a> BoundAttributes<'a> {
    fn new(paths: &'a AttributePaths, arrays: &'a [arrow_array::ArrayRef]) -> Self {
        let named = paths.named.iter().filter_map(|(name, path)| {
            let (array, above) = at(arrays, path)?;
            Some((name.as_str(), Column::new(array, above.as_ref())))
        });
        let map = paths.map.as_ref().and_then(|path| {
            let (array, above) = at(arrays, path)?;
            let map = array.as_map_opt()?;
            Some((
                NullBuffer::union(above.as_ref(), map.nulls()),
                Ranges::Short(map.value_offsets()),
                Strings::of(map.keys().as_ref()),
                Strings::of(map.values().as_ref()),
            ))
        });
        Self { named: named.collect(), map }
    }
}

/// The fields of a record, each with its column; `None` if the batch has no such column.
struct Columns<'a, R: 'static>(Vec<(&'static FactField<R>, Option<Column<'a>>)>);

/// A column that is a list of structs.
struct Nested<'a, R: 'static> {
    nulls: Option<NullBuffer>,
    ranges: Ranges<'a>,
    /// The structs that are null.
    absent: Option<NullBuffer>,
    columns: Columns<'a, R>,
}

impl<R> Nested<'_, R> {
    fn range(&self, row: usize) -> Range<usize> {
        let unknown = self.nulls.as_ref().is_some_and(|nulls| row >= nulls.len() || nulls.is_null(row));
        if unknown { 0..0 } else { self.ranges.of(row) }
    }

    fn is_absent(&self, at: usize) -> bool {
        self.absent.as_ref().is_some_and(|nulls| at >= nulls.len() || nulls.is_null(at))
    }
}

/// Returns the array at a path, and the nulls of the structs that contain it.
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

fn bind<'a, R: FactRecord>(arrays: &'a [arrow_array::ArrayRef], paths: &[Option<Path>]) -> Columns<'a, R> {
    let bound = |path: &Option<Path>| {
        let (array, above) = at(arrays, path.as_deref()?)?;
        Some(Column::new(array, above.as_ref()))
    };
    let fields = R::FIELDS.iter().zip(paths).filter(|(field, _)| field.kind != fields::Kind::Nested);
    Columns(fields.map(|(field, path)| (field, bound(path))).collect())
}

fn nested<'a, R: FactRecord>(
    arrays: &'a [arrow_array::ArrayRef],
    columns: &Option<ListPaths>,
) -> Option<Nested<'a, R>> {
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
        let structs =
            columns.items.as_ref().and_then(|(path, _)| list(at(arrays, path)?.0)?.1.as_struct_opt());
        let item_attributes =
            structs.map(|structs| BoundAttributes::new(&columns.item_attributes, structs.columns()));
        Self {
            action: bind(arrays, &columns.action),
            customer: bind(arrays, &columns.customer),
            device: bind(arrays, &columns.device),
            fraud: bind(arrays, &columns.fraud),
            follows: bind(arrays, &columns.follows),
            items: nested(arrays, &columns.items),
            touches: nested(arrays, &columns.touches),
            credits: nested(arrays, &columns.credits),
            attributes: BoundAttributes::new(&columns.attributes, arrays),
            item_attributes: item_attributes.unwrap_or_default(),
            limits: &columns.limits,
            room: Room(Cell::new(None)),
        }
    }

    /// Reads a row into an action and writes every field. Returns the bytes of its texts and lists.
    fn fill(&self, row: usize, action: &mut Action, faults: &mut Vec<FactError>) -> usize {
        self.room.refill(self.limits.action_bytes);
        // A row that is rejected must not keep the id of the row that used its memory before.
        action.id.clear();
        self.record(&self.action, Place::Record(""), row, action, faults);
        self.record(&self.customer, Place::Record("customer."), row, &mut action.customer, faults);
        self.record(&self.device, Place::Record("device."), row, &mut action.device, faults);
        self.record(&self.fraud, Place::Record("fraud."), row, &mut action.fraud, faults);
        if self
            .follows
            .0
            .iter()
            .all(|(_, column)| column.as_ref().is_none_or(|column| column.is_missing(row)))
        {
            action.follows = None;
        } else {
            let follows = action.follows.get_or_insert_with(Follows::blank);
            self.record(&self.follows, Place::Record("follows."), row, follows, faults);
        }
        self.list(self.items.as_ref(), row, "items", self.limits.items, &mut action.items, faults);
        self.list(self.touches.as_ref(), row, "touches", self.limits.touches, &mut action.touches, faults);
        self.list(self.credits.as_ref(), row, "credits", self.limits.touches, &mut action.credits, faults);
        self.attributes(&self.attributes, row, ("attributes", &mut action.attributes), faults);
        self.attributes_of_items(row, &mut action.items, faults);
        action.tidy();
        if self.room.is_short() {
            let most = self.limits.action_bytes;
            let message = format!("its texts have more than the {most} bytes an action may have in all");
            faults.push(FactError::whole(message));
        }
        self.room.taken(self.limits.action_bytes).max(action.items.len() * ITEM_BYTES)
    }

    /// Reads every field of a record, so that nothing is left of the row that used its memory before.
    fn record<R>(
        &self,
        columns: &Columns<'a, R>,
        place: Place,
        row: usize,
        record: &mut R,
        faults: &mut Vec<FactError>,
    ) {
        let mut reader = Reader { place, row, limits: self.limits, room: &self.room, faults };
        for (field, column) in &columns.0 {
            match column {
                Some(column) => reader.field(field, column, record),
                None => clear(field, record),
            }
        }
    }

    /// Reads a list of structs into values whose memory is reused.
    fn list<R: FactRecord>(
        &self,
        nested: Option<&Nested<'a, R>>,
        row: usize,
        name: &'static str,
        most: usize,
        values: &mut Vec<R>,
        faults: &mut Vec<FactError>,
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
        if !self.room.takes(range.len().saturating_mul(ENTRY_BYTES)) {
            return values.clear();
        }
        values.resize_with(range.len(), R::blank);
        for (n, (at, value)) in range.zip(values).enumerate() {
            if nested.is_absent(at) {
                tell(faults, FactError::field(format!("{name}[{n}]"), "this entry is null; leave it out"));
            } else {
                self.record(&nested.columns, Place::Entry(name, n), at, value, faults);
            }
        }
    }

    fn attributes_of_items(&self, row: usize, items: &mut [Item], faults: &mut Vec<FactError>) {
        let BoundAttributes { named, map } = &self.item_attributes;
        if named.is_empty() && map.is_none() {
            return items.iter_mut().for_each(|item| item.attributes.clear());
        }
        let Some(nested) = &self.items else { return };
        for (n, (at, item)) in nested.range(row).zip(items).enumerate() {
            let prefix = format!("items[{n}].attributes");
            self.attributes(&self.item_attributes, at, (&prefix, &mut item.attributes), faults);
        }
    }

    /// Reads the attributes of a record, whose names in errors come after `prefix`.
    fn attributes(
        &self,
        columns: &BoundAttributes<'a>,
        row: usize,
        (prefix, attributes): (&str, &mut BTreeMap<String, accrue::facts::Attribute>),
        faults: &mut Vec<FactError>,
    ) {
        attributes.clear();
        let mut fault = |name: &str, message: &str| {
            faults.push(FactError::field(format!("{prefix}.{}", shown(name)), message));
        };
        for (name, column) in &columns.named {
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
        let Some((nulls, ranges, names, values)) = &columns.map else { return };
        if nulls.as_ref().is_some_and(|nulls| row >= nulls.len() || nulls.is_null(row)) {
            return;
        }
        let range = ranges.of(row);
        if range.len() > self.limits.entries {
            let (count, most) = (range.len(), self.limits.entries);
            return faults.push(FactError::field(
                prefix,
                format!("{count} entries are more than the {most} an action may have"),
            ));
        }
        for at in range {
            let (Some(name), Some(value)) = (names.get(at), values.get(at)) else { continue };
            if !self.room.takes(name.len().saturating_add(value.len())) {
                return;
            }
            if attributes.contains_key(name) {
                fault(name, "this attribute appears twice");
            } else {
                attributes.insert(name.to_owned(), accrue::facts::Attribute::Text(value.to_owned()));
            }
        }
    }
}

/// Sets a field to its missing value. A list keeps its memory.
fn clear<R>(field: &FactField<R>, record: &mut R) {
    match (field.get_mut)(record) {
        FieldMut::Texts(place) => place.clear(),
        _ => (field.reset)(record),
    }
}

/// The bytes that an item counts at least when rows are read at once: its decision may have far more than its text.
const ITEM_BYTES: usize = 128;

/// The bytes that are left for one action; `None` once they are exceeded. A row has no line whose length could be limited, and a
/// text that a file holds once may be in every row, so the bytes that are copied are counted.
struct Room(Cell<Option<usize>>);

impl Room {
    fn refill(&self, bytes: usize) {
        self.0.set(Some(bytes));
    }

    /// Takes this many bytes. Returns `false` if fewer are left, and for every call after that.
    fn takes(&self, bytes: usize) -> bool {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_short()
    }

    fn is_short(&self) -> bool {
        self.0.get().is_none()
    }

    /// Returns how many of `of` bytes were taken.
    fn taken(&self, of: usize) -> usize {
        of.saturating_sub(self.0.get().unwrap_or_default())
    }
}

/// Adds an error of a row, up to [`ROW_ERRORS`].
fn tell(faults: &mut Vec<FactError>, fault: FactError) {
    if faults.len() < ROW_ERRORS {
        faults.push(fault);
    }
}

/// The place of a field, for its name in an error.
#[derive(Clone, Copy)]
enum Place {
    /// A field of the row; its name follows this prefix.
    Record(&'static str),
    /// A field of this entry of a list.
    Entry(&'static str, usize),
}

/// Reads one record of one row.
struct Reader<'r> {
    place: Place,
    row: usize,
    limits: &'r Limits,
    room: &'r Room,
    faults: &'r mut Vec<FactError>,
}

impl Reader<'_> {
    #[cold]
    fn fault(&mut self, name: &str, message: impl Into<String>) {
        let field = match self.place {
            Place::Record(prefix) => format!("{prefix}{name}"),
            Place::Entry(list, n) => format!("{list}[{n}].{name}"),
        };
        tell(self.faults, FactError::field(field, message));
    }

    /// Returns whether a text is too long to be copied, or no bytes are left for it.
    fn too_long(&mut self, name: &str, text: &str) -> bool {
        let most = self.limits.text_bytes;
        if text.len() > most {
            self.fault(name, format!("{} bytes are more than the {most} a text may have", text.len()));
            return true;
        }
        !self.room.takes(text.len().saturating_add(1))
    }

    /// Reads a field of the row. A missing value is left out, or reported if the field is required.
    fn field<R>(&mut self, field: &FactField<R>, column: &Column<'_>, record: &mut R) {
        let read = match (field.get_mut)(record) {
            FieldMut::Text(place) => Ok(column.text(self.row).map(|text| {
                if !self.too_long(field.name, text) {
                    place.set_text(text);
                }
            })),
            FieldMut::Texts(place) => {
                self.texts(field.name, column, place);
                return;
            }
            FieldMut::Word(place) => column.text(self.row).map(|text| read_word(place, text)).transpose(),
            FieldMut::Currency(place) => {
                let read = column.text(self.row).map(read_currency).transpose();
                read.map(|currency| currency.map(|currency| place.set(currency)))
            }
            FieldMut::Money(place) => {
                column.decimal(self.row).map(|read| read.map(|amount| place.set(Money(amount))))
            }
            FieldMut::Decimal(place) => {
                column.decimal(self.row).map(|read| read.map(|number| place.set(Number(number))))
            }
            FieldMut::Integer(place) => column.whole(self.row).map(|read| read.map(|n| place.set(n))),
            FieldMut::Time(place) => column.moment(self.row).map(|read| read.map(|at| place.set(at))),
            FieldMut::Attributes(_) | FieldMut::Nested => return,
        };
        match read {
            Ok(Some(())) => {}
            Ok(None) if field.required => self.fault(field.name, "this value is missing"),
            Ok(None) => (field.reset)(record),
            Err(message) => self.fault(field.name, message),
        }
    }

    fn texts(&mut self, name: &str, column: &Column<'_>, place: &mut Vec<String>) {
        let Some((range, strings)) = column.texts(self.row) else { return place.clear() };
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
}
