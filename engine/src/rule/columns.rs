//! Many cases by column: for each fact, its value in every case. It is what a [`Case`] is for one, for hosts whose facts
//! stand in columns, or who ask about the same facts again and again. What is wrong with a column is said when it is added.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Datelike};
use indexmap::IndexSet;
use rust_decimal::Decimal;

use super::case::Case;
use super::catalog::{FIELDS, Field, FieldSpec};
use super::ir::TotalField;
use super::types::{Base, List, Record, Value};
use crate::diagnostic::nearest;
use crate::facts::{FactError, Reference};
use crate::limits::Limits;
use crate::terms::{Terms, Version};
use crate::time::{Timestamp, YEARS};

/// The facts of many cases under one contract version, by the names that rules write, such as `customer.status`. Those of
/// the order's lines are `action.items.sku` and so on, those of the path `action.touches.at`.
///
/// ```
/// use accrue::Reference;
/// use accrue::rule::{CaseColumns, Column, Values};
///
/// let reference = Reference::default();
/// let mut cases = CaseColumns::new(3, &reference);
/// // 117.00, 20.50 and 8.00
/// cases.add("action.amount", Column::new(Values::short_decimals(vec![117_00, 20_50, 8_00], 2)))?;
/// // Texts are keys into a dictionary; what is not known has any key.
/// let status = Values::texts(vec![0, 1, 0], vec!["new", "existing"]);
/// cases.add("customer.status", Column::new(status).known(vec![true, true, false]))?;
///
/// let error = cases.add("action.base", Column::new(Values::decimals(vec![1], 2))).unwrap_err();
/// assert_eq!(error.to_string(), "action.base: 1 value for 3 rows");
/// # Ok::<(), accrue::facts::FactError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CaseColumns<'a> {
    rows: usize,
    reference: &'a Reference,
    columns: BTreeMap<String, Column<'a>>,
    items: Option<Nested<'a>>,
    touches: Option<Nested<'a>>,
}

/// Records of which each case has any number, such as its items.
#[derive(Clone, Debug)]
pub(crate) struct Nested<'a> {
    offsets: Cow<'a, [i32]>,
    /// How many a case has at the most, and which.
    longest: (usize, usize),
    columns: BTreeMap<String, Column<'a>>,
}

/// A fact of many cases.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    pub(crate) values: Values<'a>,
    /// Of its lists the longest, with its row, and bytes of its longest text; found when it is added.
    list: (usize, usize),
    text: usize,
    /// Whether each is known, where some may not be.
    pub(crate) known: Option<Bits>,
}

/// A bit for each row of a column. Rows are read 64 at a time, so that a column has one word for them, which the processor has
/// fetched before the second of them.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
    first_unset: Option<usize>,
}

impl Bits {
    fn of(bits: impl IntoIterator<Item = bool>) -> Self {
        let (mut words, mut len, mut first_unset) = (Vec::new(), 0_usize, None);
        for bit in bits {
            if len.is_multiple_of(64) {
                words.push(0);
            }
            if !bit && first_unset.is_none() {
                first_unset = Some(len);
            }
            if let Some(word) = words.last_mut() {
                *word |= u64::from(bit) << (len % 64);
            }
            len += 1;
        }
        Self { words, len, first_unset }
    }

    /// The bit of a row; none is set after the last one.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The bits of eight rows, from this one on.
    #[inline]
    pub(crate) fn eight(&self, row: usize) -> u8 {
        let word = |at: usize| self.words.get(at).copied().unwrap_or_default();
        let (at, bit) = (row / 64, row % 64);
        let mut bits = word(at) >> bit;
        if bit > 56 {
            bits |= word(at + 1) << (64 - bit);
        }
        let [eight, ..] = bits.to_le_bytes();
        eight
    }
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// True or false.
    Bools(Cow<'a, [bool]>),
    /// Whole numbers.
    Integers(Cow<'a, [i64]>),
    /// Decimals and amounts: digits, all with so many decimals.
    Decimals(Cow<'a, [i128]>, u32),
    /// The same in half the bytes: amounts in cents, say.
    ShortDecimals(Cow<'a, [i64]>, u32),
    /// Texts.
    Texts(Keyed<'a>),
    /// A list of texts for each case: those from one offset up to the next.
    TextLists(Cow<'a, [i32]>, Keyed<'a>),
    /// Moments: ticks since 1970.
    Times(Cow<'a, [i64]>, Tick),
    /// Dates: days since 1970.
    Dates(Cow<'a, [i32]>),
}

/// The digits of decimals.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Digits<'c> {
    Long(&'c [i128]),
    Short(&'c [i64]),
}

impl Digits<'_> {
    #[inline]
    pub(crate) fn get(self, row: usize) -> Option<i128> {
        match self {
            Self::Long(digits) => digits.get(row).copied(),
            Self::Short(digits) => digits.get(row).copied().map(i128::from),
        }
    }

    /// Those that fit into 64 bits.
    #[inline]
    pub(crate) fn short(self, row: usize) -> Option<i64> {
        match self {
            Self::Long(digits) => i64::try_from(*digits.get(row)?).ok(),
            Self::Short(digits) => digits.get(row).copied(),
        }
    }
}

/// Texts as keys into a dictionary.
#[derive(Clone, Debug)]
pub struct Keyed<'a> {
    /// For each text its place in the dictionary.
    pub keys: Cow<'a, [i32]>,
    /// The texts.
    pub dictionary: Vec<&'a str>,
}

/// What moments are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Tick {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Tick {
    pub(crate) fn per_second(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Millisecond => 1_000,
            Self::Microsecond => 1_000_000,
            Self::Nanosecond => 1_000_000_000,
        }
    }
}

impl<'a> Values<'a> {
    /// Decimals or amounts by their digits, all with so many decimals.
    pub fn decimals(digits: impl Into<Cow<'a, [i128]>>, decimals: u32) -> Self {
        Self::Decimals(digits.into(), decimals)
    }

    /// Decimals or amounts whose digits fit into 64 bits, such as amounts in cents, all with so many decimals.
    pub fn short_decimals(digits: impl Into<Cow<'a, [i64]>>, decimals: u32) -> Self {
        Self::ShortDecimals(digits.into(), decimals)
    }

    /// Texts by their place in a dictionary.
    pub fn texts(keys: impl Into<Cow<'a, [i32]>>, dictionary: Vec<&'a str>) -> Self {
        Self::Texts(Keyed { keys: keys.into(), dictionary })
    }

    /// Lists of texts: those from one offset up to the next.
    pub fn text_lists(offsets: impl Into<Cow<'a, [i32]>>, texts: Keyed<'a>) -> Self {
        Self::TextLists(offsets.into(), texts)
    }

    /// Decimals or amounts that were each written with decimals of their own.
    ///
    /// # Errors
    ///
    /// When they do not fit beside each other: the digits of the longest at the scale of the finest.
    pub fn of_decimals(values: impl Iterator<Item = Decimal> + Clone) -> Result<Self, String> {
        let values = values.map(|value| value.normalize());
        let scale = values.clone().map(|value| value.scale()).max().unwrap_or_default();
        let digits =
            |value: Decimal| value.mantissa().checked_mul(10_i128.checked_pow(scale - value.scale())?);
        let Some(digits) = values.map(digits).collect::<Option<Vec<_>>>() else {
            return Err(format!("not every number fits beside those with {scale} decimals"));
        };
        let short: Result<Vec<i64>, _> = digits.iter().map(|digits| i64::try_from(*digits)).collect();
        Ok(short.map_or_else(|_| Self::decimals(digits, scale), |short| Self::short_decimals(short, scale)))
    }

    fn len(&self) -> usize {
        match self {
            Self::Bools(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Decimals(digits, _) => digits.len(),
            Self::ShortDecimals(digits, _) => digits.len(),
            Self::Texts(texts) => texts.keys.len(),
            Self::TextLists(offsets, _) => offsets.len().saturating_sub(1),
            Self::Times(ticks, _) => ticks.len(),
            Self::Dates(days) => days.len(),
        }
    }
}

impl<'a> Column<'a> {
    /// Values that are all known.
    #[must_use]
    pub fn new(values: Values<'a>) -> Self {
        Self { values, list: (0, 0), text: 0, known: None }
    }

    /// The same values; says which are known.
    #[must_use]
    pub fn known(mut self, known: impl IntoIterator<Item = bool>) -> Self {
        self.known = Some(Bits::of(known));
        self
    }

    /// Its digits and their decimals, where it has decimals.
    pub(crate) fn digits(&self) -> Option<(Digits<'_>, u32)> {
        match &self.values {
            Values::Decimals(digits, decimals) => Some((Digits::Long(digits), *decimals)),
            Values::ShortDecimals(digits, decimals) => Some((Digits::Short(digits), *decimals)),
            _ => None,
        }
    }

    /// The first row that is not known.
    pub(crate) fn first_unknown(&self) -> Option<usize> {
        self.known.as_ref()?.first_unset
    }

    /// The same with what it is longest in.
    fn measured(mut self) -> Self {
        let texts = match &self.values {
            Values::Texts(texts) => texts,
            Values::TextLists(offsets, texts) => {
                self.list = longest(offsets);
                texts
            }
            _ => return self,
        };
        self.text = texts.dictionary.iter().map(|text| text.len()).max().unwrap_or_default();
        self
    }

    /// What is longer than an action may have it.
    fn beyond(&self, limits: &Limits) -> Option<String> {
        beyond(self.list, limits.entries).or_else(|| {
            let (length, most) = (self.text, limits.text_bytes);
            (length > most).then(|| format!("{length} bytes are more than the {most} a text may have"))
        })
    }

    fn is_known(&self, row: usize) -> bool {
        self.known.as_ref().is_none_or(|known| known.get(row))
    }

    /// What keeps it from being a column of so many rows, or more where there may be some that are nobody's.
    fn fault(&self, rows: usize, more: bool, codes: bool) -> Option<String> {
        let plural = |count: usize, of: &str| format!("{count} {of}{}", if count == 1 { "" } else { "s" });
        let lengths = [Some(self.values.len()), self.known.as_ref().map(|known| known.len)];
        let wrong = |length: &usize| *length < rows || (*length > rows && !more);
        if let Some(other) = lengths.into_iter().flatten().find(wrong) {
            let of = if more { "record" } else { "row" };
            return Some(format!("{} for {}", plural(other, "value"), plural(rows, of)));
        }
        match &self.values {
            Values::Bools(_) | Values::Integers(_) => None,
            Values::Decimals(_, decimals) | Values::ShortDecimals(_, decimals) => (*decimals
                > Decimal::MAX_SCALE)
                .then(|| format!("{decimals} decimals are more than the {} of a number", Decimal::MAX_SCALE)),
            Values::Texts(texts) => texts.fault(codes, |row| self.is_known(row)),
            Values::TextLists(..) if self.first_unknown().is_some() => {
                Some("a list is not unknown; let it be empty".to_owned())
            }
            Values::TextLists(offsets, texts) => {
                ranges_fault(offsets, texts.keys.len()).or_else(|| texts.fault(codes, |_| true))
            }
            Values::Times(ticks, tick) => {
                let year = |at: i64| {
                    let second = at.div_euclid(tick.per_second());
                    DateTime::from_timestamp(second, 0).map(|at| at.year())
                };
                let ends = [ticks.iter().min(), ticks.iter().max()];
                if ends.into_iter().flatten().all(|at| is_year(year(*at))) {
                    return None;
                }
                let row =
                    (0..rows).zip(ticks.iter()).find(|(row, at)| self.is_known(*row) && !is_year(year(**at)));
                row.map(|(row, _)| format!("the moment in row {row} is not in the years 1900 to 2999"))
            }
            Values::Dates(days) => {
                let epoch = chrono::NaiveDate::default().num_days_from_ce();
                let of = |days: i32| chrono::NaiveDate::from_num_days_from_ce_opt(days.checked_add(epoch)?);
                let row = (0..rows)
                    .zip(days.iter())
                    .find(|(row, days)| self.is_known(*row) && of(**days).is_none());
                row.map(|(row, _)| format!("the date in row {row} is not in the calendar"))
            }
        }
    }
}

/// Whether moments may be of this year.
fn is_year(year: Option<i32>) -> bool {
    year.is_some_and(|year| YEARS.contains(&year))
}

impl Keyed<'_> {
    fn fault(&self, codes: bool, known: impl Fn(usize) -> bool) -> Option<String> {
        let places = self.dictionary.len();
        let is_place = |key: i32| usize::try_from(key).is_ok_and(|key| key < places);
        if !self.keys.iter().all(|key| is_place(*key)) {
            let wrong = |(n, key): &(usize, &i32)| known(*n) && !is_place(**key);
            if let Some((n, key)) = self.keys.iter().enumerate().find(wrong) {
                return Some(format!("text {n} is number {key} of a dictionary of {places}"));
            }
        }
        let lower = |text: &&&str| text.chars().flat_map(char::to_uppercase).ne(text.chars());
        let code = self.dictionary.iter().filter(|_| codes).find(lower)?;
        Some(format!("promo codes are compared in upper case, and `{code}` is not"))
    }
}

/// The length of the longest list, and its row.
fn longest(offsets: &[i32]) -> (usize, usize) {
    let lengths = offsets.iter().zip(offsets.iter().skip(1)).map(|(from, to)| to.abs_diff(*from) as usize);
    lengths.zip(0..).max_by_key(|(length, _)| *length).unwrap_or_default()
}

/// What is wrong with a list of more elements than an action may have.
fn beyond((length, row): (usize, usize), most: usize) -> Option<String> {
    (length > most)
        .then(|| format!("{length} entries in row {row} are more than the {most} an action may have"))
}

/// What keeps these offsets from being those of lists over so many elements.
fn ranges_fault(offsets: &[i32], elements: usize) -> Option<String> {
    let ordered = offsets.windows(2).all(|pair| matches!(pair, [from, to] if from <= to));
    let first = offsets.first().is_none_or(|first| *first >= 0);
    let last = offsets.last().is_none_or(|last| usize::try_from(*last).is_ok_and(|last| last <= elements));
    (!(ordered && first && last))
        .then(|| format!("the offsets of its lists do not divide {elements} elements"))
}

impl<'a> Nested<'a> {
    /// The records of a row.
    pub(crate) fn range(&self, row: usize) -> Range<usize> {
        let at =
            |row: usize| self.offsets.get(row).and_then(|at| usize::try_from(*at).ok()).unwrap_or_default();
        at(row)..at(row + 1)
    }

    /// A column of them by its last name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.get(name)
    }
}

impl<'a> CaseColumns<'a> {
    /// So many cases, without any fact; the reference facts tell whose a promo code is.
    #[must_use]
    pub fn new(rows: usize, reference: &'a Reference) -> Self {
        Self { rows, reference, columns: BTreeMap::new(), items: None, touches: None }
    }

    /// How many cases.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a fact, or puts another column in its place. A fact that no rule of a version reads does no harm.
    ///
    /// # Errors
    ///
    /// When there is no such fact, and when the column has another length, a text outside of its dictionary or a moment that actions cannot have.
    pub fn add(&mut self, name: impl Into<String>, column: Column<'a>) -> Result<(), FactError> {
        let name = name.into();
        let codes = name == "action.promo_codes";
        let own = ["attributes.", "totals."].iter().any(|of| name.starts_with(of));
        if !own && !FIELDS.iter().any(|spec| spec.record != Record::Item && spec.full_name() == name) {
            return Err(no_such_fact(name, FIELDS.iter().map(FieldSpec::full_name)));
        }
        if let Some(fault) = column.fault(self.rows, false, codes) {
            return Err(FactError::field(name, fault));
        }
        self.columns.insert(name, column.measured());
        Ok(())
    }

    /// Adds the items of all cases, one after the other: those of a case from one offset up to the next. Names are those after
    /// `action.items.`, such as `sku`. What a column has beyond the last offset is nobody's.
    ///
    /// # Errors
    ///
    /// As [`CaseColumns::add`], and when the offsets do not fit.
    pub fn add_items(
        &mut self,
        offsets: impl Into<Cow<'a, [i32]>>,
        columns: impl IntoIterator<Item = (String, Column<'a>)>,
    ) -> Result<(), FactError> {
        self.items = Some(self.nested("action.items", Record::Item, offsets.into(), columns)?);
        Ok(())
    }

    /// Adds the touches of all cases, as [`CaseColumns::add_items`] does items. The credited touch of a case is not one of
    /// these: its facts are columns such as `touch.at`.
    ///
    /// # Errors
    ///
    /// As [`CaseColumns::add_items`].
    pub fn add_touches(
        &mut self,
        offsets: impl Into<Cow<'a, [i32]>>,
        columns: impl IntoIterator<Item = (String, Column<'a>)>,
    ) -> Result<(), FactError> {
        self.touches = Some(self.nested("action.touches", Record::Touch, offsets.into(), columns)?);
        Ok(())
    }

    fn nested(
        &self,
        name: &str,
        record: Record,
        offsets: Cow<'a, [i32]>,
        columns: impl IntoIterator<Item = (String, Column<'a>)>,
    ) -> Result<Nested<'a>, FactError> {
        let columns: BTreeMap<String, Column<'a>> = columns.into_iter().collect();
        let records = offsets.last().and_then(|last| usize::try_from(*last).ok()).unwrap_or_default();
        if offsets.len() != self.rows + 1 {
            let message =
                format!("{} offsets for {} rows; there is one more than rows", offsets.len(), self.rows);
            return Err(FactError::field(name, message));
        }
        if let Some(fault) = ranges_fault(&offsets, records) {
            return Err(FactError::field(name, fault));
        }
        for (column, of) in &columns {
            let fields = || FIELDS.iter().filter(|spec| spec.record == record).map(|spec| spec.name);
            let full = format!("{name}.{column}");
            if !fields().any(|field| field == column) {
                return Err(no_such_fact(full, fields().map(|field| format!("{name}.{field}"))));
            }
            if let Some(fault) = of.fault(records, true, false) {
                return Err(FactError::field(full, fault));
            }
        }
        let columns = columns.into_iter().map(|(name, column)| (name, column.measured())).collect();
        Ok(Nested { longest: longest(&offsets), offsets, columns })
    }

    /// Fails on a column of an attribute or a total that is not declared.
    pub(crate) fn declared(&self, terms: &Terms, version: &Version) -> Result<(), FactError> {
        let attributes = terms.attributes.keys().map(|name| format!("attributes.{name}"));
        let totals = version.totals.iter().flat_map(|total| {
            TotalField::ALL.iter().map(|field| format!("totals.{}.{}", total.name, field.text()))
        });
        let names: Vec<String> = attributes.chain(totals).collect();
        let own = |name: &&String| ["attributes.", "totals."].iter().any(|of| name.starts_with(of));
        match self.columns.keys().filter(own).find(|name| !names.contains(name)) {
            None => Ok(()),
            Some(name) => Err(no_such_fact(name.clone(), names.into_iter())),
        }
    }

    /// Fails on a list or a text that is longer than those that the worst case of every rule is computed from.
    pub(crate) fn within(&self, limits: &Limits) -> Result<(), FactError> {
        for (name, column) in &self.columns {
            column.beyond(limits).map_or(Ok(()), |fault| Err(FactError::field(name, fault)))?;
        }
        let lists =
            [("action.items", &self.items, limits.items), ("action.touches", &self.touches, limits.touches)];
        for (name, nested, most) in lists {
            let Some(nested) = nested else { continue };
            beyond(nested.longest, most).map_or(Ok(()), |fault| Err(FactError::field(name, fault)))?;
            for (field, column) in &nested.columns {
                let fault = |fault| Err(FactError::field(format!("{name}.{field}"), fault));
                column.beyond(limits).map_or(Ok(()), fault)?;
            }
        }
        Ok(())
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.get(name)
    }

    pub(crate) fn items(&self) -> Option<&Nested<'a>> {
        self.items.as_ref()
    }

    pub(crate) fn touches(&self) -> Option<&Nested<'a>> {
        self.touches.as_ref()
    }

    pub(crate) fn reference(&self) -> &'a Reference {
        self.reference
    }

    /// The facts of these cases, which must all be of one contract version, with every fact that a rule could ask for. So a
    /// host can ask many versions about the same cases and prepare them once.
    ///
    /// # Errors
    ///
    /// When the amounts of one fact do not fit beside each other: the digits of the longest at the scale of the finest.
    pub fn of(cases: &[Case<'a>], reference: &'a Reference) -> Result<Self, FactError> {
        let mut columns = Self::new(cases.len(), reference);
        let Some(first) = cases.first() else { return Ok(columns) };
        for spec in FIELDS.iter().filter(|spec| spec.record != Record::Item) {
            let values = cases.iter().map(|case| case.fact(spec.field));
            if let Some(column) = column(spec.ty.base, values) {
                columns.add(
                    spec.full_name(),
                    column.map_err(|fault| FactError::field(spec.full_name(), fault))?,
                )?;
            }
        }
        for (index, (name, declared)) in first.terms.attributes.iter().enumerate() {
            let name = format!("attributes.{name}");
            let values =
                cases.iter().map(|case| case.attributes.get(index).copied().unwrap_or(Value::Unknown));
            if let Some(column) = column(declared.ty.base, values) {
                columns.add(name.clone(), column.map_err(|fault| FactError::field(name, fault))?)?;
            }
        }
        for (index, total) in (0u16..).zip(&first.version.totals) {
            for field in TotalField::ALL {
                let name = format!("totals.{}.{}", total.name, field.text());
                let values = cases.iter().map(|case| case.total(index, field).unwrap_or(Value::Unknown));
                let base = match field {
                    TotalField::ActionsBefore | TotalField::ActionsWithThis => Base::Integer,
                    TotalField::RevenueBefore | TotalField::RevenueWithThis | TotalField::PayoutsBefore => {
                        Base::Money
                    }
                };
                if let Some(column) = column(base, values) {
                    columns.add(name.clone(), column.map_err(|fault| FactError::field(name, fault))?)?;
                }
            }
        }
        let items = nested(cases, Record::Item, |case| case.action.items.len())?;
        columns.add_items(items.0, items.1)?;
        let touches = nested(cases, Record::Touch, |case| case.action.touches.len())?;
        columns.add_touches(touches.0, touches.1)?;
        Ok(columns)
    }
}

/// The fault of a column that is called like no fact.
fn no_such_fact(name: String, names: impl Iterator<Item = String>) -> FactError {
    let names: Vec<String> = names.collect();
    let help = match nearest(&name, names.iter().map(String::as_str)) {
        Some(other) => format!("there is no such fact; did you mean `{other}`?"),
        None => "there is no such fact".to_owned(),
    };
    FactError::field(name, help)
}

type Records<'a> = (Vec<i32>, Vec<(String, Column<'a>)>);

/// The records of one kind of all cases.
fn nested<'a>(
    cases: &[Case<'a>],
    record: Record,
    count: impl Fn(&Case<'a>) -> usize,
) -> Result<Records<'a>, FactError> {
    let mut offsets = vec![0];
    let mut places = Vec::new();
    for case in cases {
        places.extend((0u32..).take(count(case)).map(|n| (case, n)));
        offsets.push(i32::try_from(places.len()).unwrap_or(i32::MAX));
    }
    let mut columns = Vec::new();
    for FieldSpec { field, name, ty, .. } in FIELDS.iter().filter(|spec| spec.record == record) {
        let values = places.iter().map(|(case, n)| case.fact_at(*field, *n));
        if let Some(column) = column(ty.base, values) {
            let column = column.map_err(|fault| FactError::field(field.spec().full_name(), fault))?;
            columns.push(((*name).to_owned(), column));
        }
    }
    Ok((offsets, columns))
}

/// The column of these values of a type; `None` for a type that facts do not have.
fn column<'a>(
    base: Base,
    values: impl Iterator<Item = Value<'a>> + Clone,
) -> Option<Result<Column<'a>, String>> {
    let known: Vec<bool> = values.clone().map(|value| value != Value::Unknown).collect();
    let values = match base {
        Base::Bool => Values::Bools(values.map(|value| value == Value::Bool(true)).collect()),
        Base::Integer => {
            let integer = |value| if let Value::Integer(value) = value { value } else { 0 };
            Values::Integers(values.map(integer).collect())
        }
        Base::Decimal | Base::Money => {
            let decimal = |value| match value {
                Value::Decimal(value) => value,
                Value::Money(money) => money.0,
                _ => Decimal::ZERO,
            };
            match Values::of_decimals(values.map(decimal)) {
                Ok(values) => values,
                Err(fault) => return Some(Err(fault)),
            }
        }
        Base::Text | Base::Code => {
            let mut dictionary = IndexSet::new();
            let text = |value| if let Value::Text(text) = value { text } else { "" };
            let keys = values.map(|value| key(&mut dictionary, text(value))).collect();
            Values::Texts(Keyed { keys, dictionary: dictionary.into_iter().collect() })
        }
        Base::List(_) => {
            let mut dictionary = IndexSet::new();
            let (mut offsets, mut keys) = (vec![0], Vec::new());
            for value in values {
                match value {
                    Value::List(List::Text(texts)) => {
                        keys.extend(texts.iter().map(|text| key(&mut dictionary, text)));
                    }
                    // Records have columns of their own.
                    _ => return None,
                }
                offsets.push(i32::try_from(keys.len()).unwrap_or(i32::MAX));
            }
            let texts = Keyed { keys: keys.into(), dictionary: dictionary.into_iter().collect() };
            Values::text_lists(offsets, texts)
        }
        Base::Time => {
            let at = |value| if let Value::Time(at) = value { at } else { Timestamp(DateTime::UNIX_EPOCH) };
            let moments = values.map(|value| at(value).0);
            // As coarse as they are: whole seconds are what most clocks tell, and far from now nobody counts nanoseconds.
            let finest = |of: u32| moments.clone().all(|at| at.timestamp_subsec_nanos() % of == 0);
            if finest(1_000_000_000) {
                Values::Times(moments.map(|at| at.timestamp()).collect(), Tick::Second)
            } else if let Some(ticks) =
                moments.clone().map(|at| at.timestamp_nanos_opt()).collect::<Option<Vec<_>>>()
            {
                Values::Times(ticks.into(), Tick::Nanosecond)
            } else if finest(1_000) {
                Values::Times(moments.map(|at| at.timestamp_micros()).collect(), Tick::Microsecond)
            } else {
                return Some(Err("moments after 2262 beside such with nanoseconds".to_owned()));
            }
        }
        Base::Date => {
            let days = |value| if let Value::Date(date) = value { crate::compile::days(date) } else { 0 };
            Values::Dates(values.map(days).collect())
        }
        Base::Unit | Base::Duration | Base::Record(_) => return None,
    };
    let column = Column::new(values);
    Some(Ok(if known.iter().all(|known| *known) { column } else { column.known(known) }))
}

fn key<'a>(dictionary: &mut IndexSet<&'a str>, text: &'a str) -> i32 {
    i32::try_from(dictionary.insert_full(text).0).unwrap_or(i32::MAX)
}

impl Field {
    /// What stands in for a column that is not there: the commissionable amount is the whole amount.
    pub(crate) fn instead(self) -> Option<Self> {
        match self {
            Self::ActionBase => Some(Self::ActionAmount),
            Self::ItemBase => Some(Self::ItemAmount),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn fault(name: &str, values: Values<'_>) -> String {
        let reference = Reference::default();
        let mut cases = CaseColumns::new(2, &reference);
        cases.add(name, Column::new(values)).unwrap_err().to_string()
    }

    #[test]
    fn columns_that_lie_are_refused() {
        let keyed = |keys: Vec<i32>| Keyed { keys: keys.into(), dictionary: vec!["A", "B"] };
        let lists = |offsets: Vec<i32>, keys| Values::text_lists(offsets, keyed(keys));
        let status = |keys| fault("customer.status", Values::Texts(keyed(keys)));
        assert_eq!(status(vec![0, 2]), "customer.status: text 1 is number 2 of a dictionary of 2");
        assert_eq!(status(vec![0, -1]), "customer.status: text 1 is number -1 of a dictionary of 2");
        assert_eq!(status(vec![0]), "customer.status: 1 value for 2 rows");
        for (offsets, keys) in
            [(vec![0, 2, 1], vec![0, 1]), (vec![-1, 0, 1], vec![0]), (vec![0, 1, 3], vec![0, 1])]
        {
            let said = fault("action.promo_codes", lists(offsets, keys));
            assert!(said.contains("the offsets of its lists do not divide"), "{said}");
        }
        let said = fault("action.promo_codes", lists(vec![0, 0, 1], vec![9]));
        assert_eq!(said, "action.promo_codes: text 0 is number 9 of a dictionary of 2");
        let reference = Reference::default();
        let mut cases = CaseColumns::new(2, &reference);
        let unknown = Column::new(lists(vec![0, 0, 0], Vec::new())).known(vec![true, false]);
        let said = cases.add("partner.groups", unknown).unwrap_err().to_string();
        assert_eq!(said, "partner.groups: a list is not unknown; let it be empty");
        let said = fault("action.amount", Values::decimals(vec![1, 2], 29));
        assert_eq!(said, "action.amount: 29 decimals are more than the 28 of a number");
        let said = fault("action.occurred_at", Values::Times(vec![i64::MIN, 0].into(), Tick::Second));
        assert_eq!(said, "action.occurred_at: the moment in row 0 is not in the years 1900 to 2999");
        let said = fault("attributes.day", Values::Dates(vec![0, i32::MAX].into()));
        assert_eq!(said, "attributes.day: the date in row 1 is not in the calendar");
    }

    #[test]
    fn records_that_lie_are_refused() {
        let reference = Reference::default();
        let mut cases = CaseColumns::new(2, &reference);
        let mut items = |offsets: Vec<i32>, name: &str, numbers: Vec<i64>| {
            let column = Column::new(Values::Integers(numbers.into()));
            cases.add_items(offsets, [(name.to_owned(), column)]).map_err(|error| error.to_string())
        };
        assert_eq!(items(vec![0, 1, 2], "quantity", vec![1, 2, 3]), Ok(()));
        let wrong = [
            (items(vec![0, 2], "quantity", vec![1, 2]), "2 offsets for 2 rows; there is one more than rows"),
            (items(vec![0, 3, 2], "quantity", vec![1, 2]), "the offsets of its lists do not divide"),
            (items(vec![0, 1, 3], "quantity", vec![1, 2]), "2 values for 3 records"),
            (items(vec![0, 1, 2], "quantiy", vec![1, 2]), "did you mean `action.items.quantity`?"),
        ];
        for (said, expected) in wrong {
            let said = said.unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn bits_are_read_one_by_one_and_eight_at_a_time() {
        let known = |row: usize| row < 200 && (row.is_multiple_of(3) || row % 7 == 1);
        let bits = Bits::of((0..200).map(known));
        for row in 0..210 {
            assert_eq!(bits.get(row), known(row), "row {row}");
            let eight = (0..8).fold(0, |all, n| all | u8::from(known(row + n)) << n);
            assert_eq!(bits.eight(row), eight, "rows from {row} on");
        }
    }

    #[test]
    fn numbers_and_moments_are_as_short_as_they_may_be() {
        let of = |numbers: &[&str]| {
            let numbers: Vec<Decimal> = numbers.iter().map(|text| text.parse().unwrap()).collect();
            Values::of_decimals(numbers.into_iter())
        };
        assert!(
            matches!(of(&["1.50", "-2.25"]), Ok(Values::ShortDecimals(digits, 2)) if *digits == [150, -225])
        );
        let long = of(&["12345678901234.123456789", "1"]);
        assert!(matches!(long, Ok(Values::Decimals(digits, 9)) if digits[1] == 1_000_000_000));
        assert!(of(&["79228162514264337593543950335", "0.0000000000000000000000000001"]).is_err());

        let moments = |texts: &[&str]| {
            let moments: Vec<_> =
                texts.iter().map(|text| Value::Time(Timestamp::parse(text).unwrap())).collect();
            column(Base::Time, moments.into_iter()).unwrap().map(|column| column.values)
        };
        let seconds = moments(&["2900-01-01T00:00:00Z", "1970-01-01T00:00:01Z"]);
        assert!(matches!(seconds, Ok(Values::Times(ticks, Tick::Second)) if ticks[1] == 1));
        let fine = moments(&["2026-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z"]);
        assert!(matches!(fine, Ok(Values::Times(ticks, Tick::Nanosecond)) if ticks[1] == 1_500_000_000));
        let far = moments(&["2900-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z"]);
        assert!(matches!(far, Ok(Values::Times(ticks, Tick::Microsecond)) if ticks[1] == 1_500_000));
        assert!(moments(&["2900-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z"]).is_err());
    }
}
