//! Reads a mapping from TOML, and reports all of its errors at once.

use std::collections::BTreeMap;
use std::ops::Range;

use accrue::diagnostic::{Code, Diagnostics, nearest};
use accrue::facts::fields::{Kind, action_columns, read_currency};
use accrue::time::{Timestamp, Zone};
use encoding_rs::Encoding;
use schemars::Schema;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::format::{
    ColumnTable, ConditionTable, Conditions, FileTable, Ignore, MappingFile, PartTable, RowsTable,
    StatusTable, Text, ValuesTable,
};
use super::kinds::kind;
use super::model::{
    Cells, Column, Condition, FileForm, Ignored, Mapping, Meaning, Part, Source, Standing, Status, Which,
    folded,
};
use super::tables::{Reader, Value, repeated};
use crate::dates::DateForm;
use crate::numbers::NumberForm;

/// The most bytes of a mapping file. The longest that ships has 5 kB.
const MAPPING_BYTES: usize = 256 << 10;

const FILE_KEYS: [&str; 7] = ["title", "source", "file", "values", "columns", "rows", "status"];
/// The columns that every action needs.
const REQUIRED: [&str; 3] = ["id", "event_type", "occurred_at"];

/// Returns the JSON Schema of a mapping file, so that an editor completes it.
pub fn mapping_schema() -> Schema {
    schemars::schema_for!(MappingFile)
}

/// What columns have when they do not say otherwise.
struct Defaults {
    dates: Vec<DateForm>,
    list: String,
}

impl Mapping {
    /// Reads the text of a mapping file. `file` is its name for messages.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] with every error of the file, each with its place and with what to write instead.
    pub fn parse(file: &str, text: &str) -> Result<Self, Diagnostics> {
        let mut reader = Reader::new(file);
        let mapping = reader.mapping(text);
        let mut faults = reader.faults;
        faults.settle();
        match mapping {
            Some(mapping) if faults.0.is_empty() => Ok(mapping),
            _ => Err(faults),
        }
    }
}

impl Reader<'_> {
    fn mapping(&mut self, text: &str) -> Option<Mapping> {
        if text.len() > MAPPING_BYTES {
            let message = format!("a mapping has at most {MAPPING_BYTES} bytes");
            self.fault(Code::TooLarge, 0..0, message, "leave out what does not belong into a mapping");
            return None;
        }
        let table = self.parse(text)?;
        self.known(&table, &FILE_KEYS, "a mapping");
        let title = self.text(&table, "title");
        if title.is_none() && table.get("title").is_none() {
            let help = "add `title = \"Our shop: orders\"`, a name for people";
            self.fault(Code::MissingKey, 0..0, "a mapping needs `title`", help);
        }
        let source = self.text(&table, "source").map(Spanned::into_inner);
        let file: FileTable = self.section(&table, "file").unwrap_or_default();
        let file = self.file(&file);
        let values: ValuesTable = self.section(&table, "values").unwrap_or_default();
        let numbers = self.numbers(&values);
        let zone = values.time_zone.as_ref().and_then(|name| self.zone(name));
        let dates = self.dates(&values.dates);
        let list = self.list(values.list.as_ref()).unwrap_or_else(|| ";".to_owned());
        let columns = self.columns(&table, &Defaults { dates, list });
        let rows: RowsTable = self.section(&table, "rows").unwrap_or_default();
        let ignored = self.ignored(rows.ignore);
        let skip_when = self.conditions(rows.skip_when, "skip_when");
        let reversed_when = self.conditions(rows.reversed_when, "reversed_when");
        let status: Option<StatusTable> = self.section(&table, "status");
        let status = status.map(|status| self.status(&status, &table));
        let order = rows.order.map(|order| order.into_inner().trim().to_owned());
        Some(Mapping {
            title: title?.into_inner(),
            source,
            file,
            numbers,
            zone,
            columns,
            order,
            ignored,
            skip_when,
            reversed_when,
            status,
        })
    }

    /// Reads a section; `None` if the file does not have it, or if it is wrong as a whole.
    fn section<'t, T: serde::Deserialize<'t>>(&mut self, parent: &DeTable<'t>, key: &str) -> Option<T> {
        let table = self.table(parent, key)?.clone();
        let span = parent.get(key).map_or(0..0, Spanned::span);
        self.read(span, table, &format!("[{key}]"))
    }

    fn file(&mut self, file: &FileTable) -> FileForm {
        let encoding = file.encoding.as_ref().and_then(|label| {
            let encoding = Encoding::for_label_no_replacement(label.get_ref().as_bytes());
            if encoding.is_none() {
                let message = format!("there is no encoding `{}`", label.get_ref());
                let help =
                    "write a label such as `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le` or `shift_jis`";
                self.fault(Code::WrongValue, label.span(), message, help);
            }
            encoding
        });
        let delimiter = file.delimiter.as_ref().and_then(|text| {
            let text = if text.get_ref() == "tab" {
                Spanned::new(text.span(), "\t".to_owned())
            } else {
                text.clone()
            };
            self.mark(&text, "a delimiter is one character, or `tab`", "write `,`, `;`, `|` or `tab`")
        });
        let quote = file
            .quote
            .as_ref()
            .and_then(|text| self.mark(text, "a quote is one character", "write `'\"'` or `\"'\"`"));
        if let (Some(delimiter), Some(text)) = (delimiter, &file.delimiter)
            && delimiter == quote.unwrap_or(b'"')
        {
            let message = "a delimiter and a quote are different characters";
            self.fault(Code::ConflictingKeys, text.span(), message, "change `delimiter` or `quote`");
        }
        let sheet = file.sheet.as_ref().map(|sheet| sheet.get_ref().clone());
        FileForm { sheet, encoding, delimiter, quote, title_lines: file.title_lines }
    }

    /// Reads one ASCII character that is no letter, digit or line end.
    fn mark(&mut self, text: &Text, expected: &str, help: &str) -> Option<u8> {
        match text.get_ref().as_bytes() {
            [byte] if byte.is_ascii_punctuation() || matches!(byte, b'\t' | b' ') => Some(*byte),
            _ => {
                let message = format!("{expected}, but this is `{}`", shown(text.get_ref()));
                self.fault(Code::WrongValue, text.span(), message, help);
                None
            }
        }
    }

    fn numbers(&mut self, values: &ValuesTable) -> NumberForm {
        let mut form = NumberForm::default();
        if let Some(text) = &values.decimal_mark {
            match text.get_ref().as_str() {
                "." => {}
                "," => form.decimal_mark = ',',
                other => {
                    let message = format!("`{}` does not stand before decimals", shown(other));
                    self.fault(Code::WrongValue, text.span(), message, "write `.` or `,`");
                }
            }
        }
        if let Some(text) = &values.thousands_mark {
            match text.get_ref().chars().collect::<Vec<_>>()[..] {
                [mark @ (',' | '.' | '\'' | ' ')] if mark != form.decimal_mark => {
                    form.thousands_mark = Some(mark)
                }
                [mark] if mark == form.decimal_mark => {
                    let message = format!("`{mark}` stands before decimals already");
                    let help = "write the other mark, or `decimal_mark`, which is `.` when left out";
                    self.fault(Code::ConflictingKeys, text.span(), message, help);
                }
                _ => {
                    let message = format!("`{}` does not separate thousands", shown(text.get_ref()));
                    self.fault(Code::WrongValue, text.span(), message, "write `.`, `,`, `'` or a blank");
                }
            }
        }
        for mark in &values.currency_marks {
            let text = mark.get_ref().trim();
            let has_digit = text.contains(|letter: char| letter.is_ascii_digit() || "+-.,".contains(letter));
            if text.is_empty() || has_digit {
                let message = format!("`{}` is no currency mark", shown(text));
                self.fault(Code::WrongValue, mark.span(), message, "write a text such as `$` or `EUR`");
            } else {
                form.currency_marks.push(text.to_owned());
            }
        }
        // Of `US$` and `$`, the longer one is dropped first.
        form.currency_marks.sort_by_key(|mark| std::cmp::Reverse(mark.len()));
        form
    }

    fn zone(&mut self, name: &Text) -> Option<Zone> {
        let zone = Zone::parse(name.get_ref());
        if zone.is_none() {
            let near = nearest(name.get_ref(), chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            let help = near.map_or_else(
                || "write a zone of the IANA database, such as `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no time zone `{}`", shown(name.get_ref()));
            self.fault(Code::UnknownTimeZone, name.span(), message, help);
        }
        zone
    }

    fn dates(&mut self, forms: &[Text]) -> Vec<DateForm> {
        let mut read = Vec::new();
        for form in forms {
            match DateForm::parse(form.get_ref()) {
                Ok(form) => read.push(form),
                Err(problem) => {
                    let message = format!("`{}`: {problem}", shown(form.get_ref()));
                    self.fault(
                        Code::WrongValue,
                        form.span(),
                        message,
                        "write a form such as `DD.MM.YYYY HH:mm`",
                    );
                }
            }
        }
        read
    }

    fn list(&mut self, text: Option<&Text>) -> Option<String> {
        let text = text?;
        if text.get_ref().is_empty() {
            let help = "write what separates the values, such as `,`";
            self.fault(Code::WrongValue, text.span(), "an empty text separates nothing", help);
            return None;
        }
        Some(text.get_ref().clone())
    }

    fn columns(&mut self, parent: &DeTable<'_>, defaults: &Defaults) -> Vec<Column> {
        let mut columns = Vec::new();
        let Some(table) = self.table(parent, "columns") else {
            if parent.get("columns").is_none() {
                let help =
                    "add `[columns]`, and below it `id = \"…\"`, `event_type = …` and `occurred_at = …`";
                self.fault(Code::MissingKey, 0..0, "a mapping needs `[columns]`", help);
            }
            return columns;
        };
        for (name, value) in flat(table) {
            let Some(kind) = kind(&name.text) else {
                self.unknown_column(&name);
                continue;
            };
            if let Some(source) = self.source(&name.text, kind, value, defaults) {
                columns.push(Column { name: name.text, kind, source });
            }
        }
        let named = |wanted: &str| flat(table).iter().any(|(name, _)| name.text == wanted);
        for wanted in REQUIRED.into_iter().filter(|wanted| !named(wanted)) {
            let span = parent.get("columns").map_or(0..0, Spanned::span);
            let help = match wanted {
                "event_type" => {
                    "add `event_type = { value = \"sale\" }`, or the column that says it".to_owned()
                }
                _ => format!("add `{wanted} = \"…\"` with the column that has it"),
            };
            self.fault(Code::MissingKey, span, format!("every action needs `{wanted}`"), help);
        }
        columns
    }

    fn unknown_column(&mut self, name: &Name) {
        let known = action_columns();
        let help = match nearest(&name.text, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `attributes.NAME` for a fact of your own, or one of {}", known.join(", ")),
        };
        let message = format!("actions have no column `{}`", shown(&name.text));
        self.fault(Code::UnknownKey, name.span.clone(), message, help);
    }

    /// Reads where the cells of a column come from.
    fn source(&mut self, name: &str, kind: Kind, value: &Value<'_>, defaults: &Defaults) -> Option<Source> {
        let span = value.span();
        let table = match value.get_ref() {
            DeValue::String(column) => {
                let column = Spanned::new(span.clone(), column.clone().into_owned());
                let column = ColumnTable { column: Some(column), ..ColumnTable::default() };
                return self.column(name, kind, span, &column, defaults);
            }
            DeValue::Table(table) => table.clone(),
            _ => {
                let message = format!("`{name}` is the name of a column, or a table");
                let help =
                    format!("write `{name} = \"Column\"`, or `{name} = {{ value = \"…\" }}` for a constant");
                self.fault(Code::WrongValue, span, message, help);
                return None;
            }
        };
        let column: ColumnTable = self.read(span.clone(), table, &format!("`{name}`"))?;
        self.column(name, kind, span, &column, defaults)
    }

    fn column(
        &mut self,
        name: &str,
        kind: Kind,
        span: Range<usize>,
        column: &ColumnTable,
        defaults: &Defaults,
    ) -> Option<Source> {
        let sources = [column.value.is_some(), column.column.is_some(), column.columns.is_some()];
        if sources.iter().filter(|is| **is).count() != 1 {
            let message = format!("`{name}` comes from one of `column`, `columns` and `value`");
            self.fault(Code::ConflictingKeys, span, message, "keep one of the three");
            return None;
        }
        self.unfit_keys(name, kind, column);
        if let Some(value) = &column.value {
            self.constant(kind, value);
            return Some(Source::Constant(value.get_ref().trim().to_owned()));
        }
        let mut names = self.export_columns(column.columns.as_ref());
        if let Some(column) = &column.column {
            names.extend(self.export_column(column));
        }
        if names.is_empty() {
            return None;
        }
        if let Some(empty) = &column.empty {
            self.constant(kind, empty);
        }
        let meaning = column.values.as_ref().map(|values| self.meaning(values, column.otherwise.as_ref()));
        let dates = match &column.dates {
            Some(forms) => self.dates(forms.get_ref()),
            None => defaults.dates.clone(),
        };
        Some(Source::Cells(Box::new(Cells {
            names,
            with: column.with.as_ref().map_or_else(|| " ".to_owned(), |with| with.get_ref().clone()),
            or: self.export_columns(column.or.as_ref()),
            part: column.part.as_ref().and_then(|part| self.part(part)),
            times: column.times.as_ref().and_then(|times| self.export_column(times)),
            plus: self.export_columns(column.plus.as_ref()),
            minus: self.export_columns(column.minus.as_ref()),
            is_optional: column.optional.as_ref().is_some_and(|optional| *optional.get_ref()),
            empty: column.empty.as_ref().map(|empty| empty.get_ref().trim().to_owned()),
            meaning,
            dates,
            list: self.list(column.list.as_ref()).unwrap_or_else(|| defaults.list.clone()),
        })))
    }

    /// Reports keys that mean nothing beside the others, or for this column.
    fn unfit_keys(&mut self, name: &str, kind: Kind, column: &ColumnTable) {
        let constant = column.value.is_some();
        let span = |text: &Option<Text>| text.as_ref().map(Spanned::span);
        let dates = column.dates.as_ref().map(Spanned::span);
        let values = column.values.as_ref().map(Spanned::span);
        let optional = column.optional.as_ref().map(Spanned::span);
        let or = column.or.as_ref().map(Spanned::span);
        let part = column.part.as_ref().map(Spanned::span);
        let (plus, minus) =
            (column.plus.as_ref().map(Spanned::span), column.minus.as_ref().map(Spanned::span));
        let is_amount = !constant && matches!(kind, Kind::Money | Kind::Decimal);
        for (key, at, fits, why) in [
            ("with", span(&column.with), column.columns.is_some(), "`columns` are joined"),
            ("or", or, !constant, "a cell is read"),
            ("part", part, !constant, "a cell is read"),
            ("times", span(&column.times), is_amount, "an amount is read"),
            ("plus", plus, is_amount, "an amount is read"),
            ("minus", minus, is_amount, "an amount is read"),
            ("optional", optional, !constant && !REQUIRED.contains(&name), "an action can do without it"),
            ("empty", span(&column.empty), !constant, "a cell is read"),
            ("values", values, !constant, "a cell is read"),
            ("otherwise", span(&column.otherwise), column.values.is_some(), "`values` are listed"),
            ("dates", dates, !constant && kind == Kind::Time, "a moment is read"),
            ("list", span(&column.list), !constant && kind == Kind::Texts, "a list is read"),
        ] {
            if let Some(at) = at
                && !fits
            {
                let message = format!("`{key}` of `{name}` has no meaning here");
                self.fault(Code::ConflictingKeys, at, message, format!("remove it; it is for where {why}"));
            }
        }
    }

    /// Checks a value that the engine reads as it stands.
    fn constant(&mut self, kind: Kind, value: &Text) {
        let text = value.get_ref().trim();
        let (problem, help) = match kind {
            Kind::Currency => match read_currency(text) {
                Ok(_) => return,
                Err(problem) => (problem, "write a code such as `EUR`"),
            },
            Kind::Money | Kind::Decimal => match accrue::money::parse_decimal(text) {
                Ok(_) => return,
                Err(problem) => {
                    (problem.to_string(), "write a number with a point before decimals, such as `12.50`")
                }
            },
            Kind::Time if Timestamp::parse(text).is_none() => {
                let help = "write RFC 3339 with an offset, such as `2026-03-01T10:00:00Z`";
                (format!("`{}` is not a moment", shown(text)), help)
            }
            _ if text.is_empty() => ("an empty text says nothing".to_owned(), "write a text, or remove it"),
            _ => return,
        };
        self.fault(Code::WrongValue, value.span(), problem, help);
    }

    fn meaning(&mut self, values: &Spanned<BTreeMap<String, String>>, otherwise: Option<&Text>) -> Meaning {
        let keys: Vec<String> = values.get_ref().keys().map(|cell| folded(cell)).collect();
        for twice in repeated(keys.iter().map(String::as_str)) {
            let message = format!("`{twice}` stands there twice");
            let help = "keep one of them: cells are compared without regard to case";
            self.fault(Code::DuplicateName, values.span(), message, help);
        }
        Meaning {
            of: values
                .get_ref()
                .iter()
                .map(|(cell, value)| (folded(cell), value.trim().to_owned()))
                .collect(),
            otherwise: otherwise.map(|text| text.get_ref().trim().to_owned()),
        }
    }

    fn export_column(&mut self, name: &Text) -> Option<String> {
        let trimmed = name.get_ref().trim();
        if trimmed.is_empty() {
            let help = "write the name of a column as the header has it";
            self.fault(Code::WrongValue, name.span(), "a column without a name", help);
            return None;
        }
        Some(trimmed.to_owned())
    }

    fn export_columns(&mut self, names: Option<&Spanned<Vec<Text>>>) -> Vec<String> {
        names.into_iter().flat_map(Spanned::get_ref).filter_map(|name| self.export_column(name)).collect()
    }

    fn part(&mut self, part: &Spanned<PartTable>) -> Option<Part> {
        let PartTable { mark, after, number } = part.get_ref();
        if mark.get_ref().is_empty() {
            let help = "write what stands between the parts, such as `|`";
            self.fault(Code::WrongValue, mark.span(), "an empty text separates nothing", help);
            return None;
        }
        let which = match (after, number) {
            (Some(after), None) => Which::After(after.get_ref().clone()),
            (None, Some(number)) => match usize::try_from(*number.get_ref()) {
                Ok(number @ 1..) => Which::Number(number),
                _ => {
                    self.fault(Code::WrongValue, number.span(), "parts count from 1", "write `number = 1`");
                    return None;
                }
            },
            _ => {
                let message = "`part` has either `after` or `number`";
                let help = "write `{ mark = \"|\", after = \"code:\" }` or `{ mark = \"/\", number = 2 }`";
                self.fault(Code::ConflictingKeys, part.span(), message, help);
                return None;
            }
        };
        Some(Part { mark: mark.get_ref().clone(), which })
    }

    fn conditions(&mut self, conditions: Option<Conditions>, key: &str) -> Vec<Condition> {
        let mut read = Vec::new();
        for ConditionTable { column, is, is_not } in conditions.into_iter().flat_map(|all| all.0) {
            match (is, is_not) {
                (Some(cells), None) => read.push(Condition::new(column.get_ref(), &cells, true)),
                (None, Some(cells)) => read.push(Condition::new(column.get_ref(), &cells, false)),
                (is, _) => {
                    let code = if is.is_some() { Code::ConflictingKeys } else { Code::MissingKey };
                    let message = format!("a condition of `{key}` has either `is` or `is_not`");
                    let help = "write `is = [\"…\"]` with the cells that are meant, or `is_not = [\"…\"]` with the others";
                    self.fault(code, column.span(), message, help);
                }
            }
        }
        read
    }

    fn ignored(&mut self, ignore: Option<Spanned<Ignore>>) -> Ignored {
        let Some(ignore) = ignore else { return Ignored::These(Vec::new()) };
        let span = ignore.span();
        match ignore.into_inner() {
            Ignore::Columns(names) => {
                Ignored::These(names.iter().map(|name| name.trim().to_owned()).collect())
            }
            Ignore::Others(word) if word == "others" => Ignored::Others,
            Ignore::Others(word) => {
                let message =
                    format!("`ignore` is a list of columns, or `others`, but this is `{}`", shown(&word));
                let help = format!("write `ignore = [\"{}\"]` in brackets", shown(&word));
                self.fault(Code::WrongValue, span, message, help);
                Ignored::Others
            }
        }
    }

    fn status(&mut self, status: &StatusTable, parent: &DeTable<'_>) -> Status {
        let mut of = BTreeMap::new();
        let counts = status.pending.iter().chain(&status.approved).map(|cell| (cell, Standing::Counts));
        let reversed = status.reversed.iter().map(|cell| (cell, Standing::Reversed));
        for (cell, standing) in counts.chain(reversed) {
            if of.insert(folded(cell.get_ref()), standing).is_some() {
                let message = format!("`{}` stands in [status] twice", shown(cell.get_ref()));
                let help = "keep it in one of `pending`, `approved` and `reversed`";
                self.fault(Code::DuplicateName, cell.span(), message, help);
            }
        }
        if of.is_empty() {
            let span = parent.get("status").map_or(0..0, Spanned::span);
            let help = "add `approved = [\"…\"]` with the cells of transactions that count";
            self.fault(Code::MissingKey, span, "[status] lists no cell", help);
        }
        let named = |column: &Option<String>| column.as_ref().map(|column| column.trim().to_owned());
        let (reversed_at, reason) = (named(&status.reversed_at), named(&status.reason));
        Status { column: status.column.trim().to_owned(), of, reversed_at, reason }
    }
}

/// The name of a column of actions, with its place.
struct Name {
    text: String,
    span: Range<usize>,
}

/// Returns the columns of `[columns]`. TOML reads `item.sku = "SKU"` as a table `item` with a key `sku`, which is the column
/// `item.sku`.
fn flat<'v, 't>(table: &'v DeTable<'t>) -> Vec<(Name, &'v Value<'t>)> {
    let mut columns = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        match value.get_ref() {
            DeValue::Table(inner) if kind(name).is_none() && is_prefix(name) => {
                columns.extend(inner.iter().map(|(key, value)| {
                    (Name { text: format!("{name}.{}", key.get_ref()), span: key.span() }, value)
                }));
            }
            _ => columns.push((Name { text: name.to_owned(), span: key.span() }, value)),
        }
    }
    columns
}

/// Returns whether columns have names that begin with this word and a point.
fn is_prefix(word: &str) -> bool {
    let prefix = format!("{word}.");
    word == "attributes" || action_columns().iter().any(|column| column.starts_with(&prefix))
}

/// Returns a text as a message quotes it.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
