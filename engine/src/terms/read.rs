//! Reads TOML tables into typed values with their places, and reports every error at its place, so that no error hides another.
//!
//! [`table!`] declares the keys of a table once; its struct, its reader and its JSON Schema are made from the declaration.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use schemars::{Schema, SchemaGenerator};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Help, Place, Span, nearest};
use crate::lang::{Const, Type, described};
use crate::limits::Limits;
use crate::money::Currency;
use crate::synonyms::{Of, plain, synonym};

/// A parsed value and its bytes in the file.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A value, the bytes of the value, and the bytes of its key.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Span,
    pub(super) key: Span,
}

/// The file that is being read, and the list for its errors.
pub(super) struct Sink<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) limits: &'a Limits,
    /// The most decimals that amounts of this file have.
    pub(super) decimals: u32,
    /// The currencies that the contract pays in, and the one that the file is read for.
    pub(super) currencies: Vec<Currency>,
    pub(super) currency: Currency,
    /// The parameters that were read so far; `None` for a parameter with an error.
    pub(super) params: IndexMap<String, Option<Const>>,
    /// Whether the parameters are being read, which cannot name each other.
    pub(super) in_params: bool,
    /// The parameters that values named.
    pub(super) used_params: BTreeSet<String>,
    /// The top-level keys of this file, to recognise a key that slipped under a table.
    pub(super) top: &'static [&'static str],
    /// Places where broken syntax left values without meaning.
    pub(super) broken: Vec<Span>,
    /// From this byte on, broken syntax may have put everything in the wrong table.
    pub(super) lost_from: Option<u32>,
    pub(super) out: &'a mut Diagnostics,
}

impl<'a> Sink<'a> {
    /// Returns a sink for a file whose text is not parsed yet.
    pub(super) fn new(
        (file, text): (&'a str, &'a str),
        limits: &'a Limits,
        decimals: u32,
        top: &'static [&'static str],
        out: &'a mut Diagnostics,
    ) -> Self {
        Self {
            file,
            text,
            limits,
            decimals,
            currencies: Vec::new(),
            currency: Currency::NONE,
            params: IndexMap::new(),
            in_params: false,
            used_params: BTreeSet::new(),
            top,
            broken: Vec::new(),
            lost_from: None,
            out,
        }
    }
}

impl Sink<'_> {
    /// Reads a value that names a parameter, `"params.NAME"`, of the type that `of` takes. Returns `None` if the value does not
    /// name a parameter, and `Some(None)` if it names one that cannot be taken, which is reported.
    pub(super) fn param<T>(
        &mut self,
        value: &Value<'_>,
        expected: &str,
        of: impl FnOnce(&Const) -> Option<T>,
    ) -> Option<Option<T>> {
        let DeValue::String(text) = value.get_ref() else { return None };
        let name = text.trim().strip_prefix("params.")?;
        if self.in_params {
            let message = "a parameter states its own value, and does not name another";
            let help = "write the value itself here";
            let diagnostic = self.at(Code::WrongValue, span(value), message).help(help);
            self.push(diagnostic);
            return Some(None);
        }
        let Some(param) = self.params.get(name) else {
            let known = self.params.keys().map(String::as_str);
            let help = match nearest(name, known) {
                Some(near) => Help::did_you_mean(span(value), format!("\"params.{near}\"")),
                None => format!("declare it: `{name} = …` under `[params]`").into(),
            };
            let message = format!("there is no parameter `{}`", shown(name));
            let diagnostic = self.at(Code::UndeclaredName, span(value), message).help(help);
            self.push(diagnostic);
            return Some(None);
        };
        self.used_params.insert(name.to_owned());
        let Some(param) = param else { return Some(None) };
        let read = of(param);
        if read.is_none() {
            let found = described(Type::known(param.base()));
            let message = format!("expected {expected}, and `params.{}` is {found}", shown(name));
            let help = "name another parameter, or write the value itself here";
            let diagnostic = self.at(Code::WrongValue, span(value), message).help(help);
            self.push(diagnostic);
        }
        Some(read)
    }

    /// Reads another file with what is known of this one. Broken syntax of this file cannot spoil the other.
    pub(super) fn within<R>(&mut self, file: &str, text: &str, read: impl FnOnce(&mut Sink<'_>) -> R) -> R {
        let mut inner = Sink {
            file,
            text,
            limits: self.limits,
            decimals: self.decimals,
            currencies: std::mem::take(&mut self.currencies),
            currency: self.currency,
            in_params: false,
            params: std::mem::take(&mut self.params),
            used_params: std::mem::take(&mut self.used_params),
            top: &[],
            broken: Vec::new(),
            lost_from: None,
            out: self.out,
        };
        let result = read(&mut inner);
        let Sink { currencies, params, used_params, .. } = inner;
        (self.currencies, self.params, self.used_params) = (currencies, params, used_params);
        result
    }

    /// Reports an error, unless broken syntax caused it.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        let made_by_syntax = diagnostic.place.as_ref().is_some_and(|place| {
            place.file == self.file
                && (self.is_broken(place.span) || self.lost_from.is_some_and(|from| place.span.start >= from))
        });
        let missing =
            diagnostic.code == Code::MissingKey && (!self.broken.is_empty() || self.lost_from.is_some());
        if !made_by_syntax && !missing {
            self.out.push(diagnostic);
        }
    }

    fn is_broken(&self, span: Span) -> bool {
        let next = self.broken.partition_point(|broken| broken.end < span.start);
        self.broken.get(next).is_some_and(|broken| broken.start <= span.end)
    }

    /// Notes what broken syntax made unreadable. Faults come in the order of the file, so that the spans stay in order.
    pub(super) fn break_at(&mut self, mut span: Span) {
        while let Some(last) = self.broken.pop_if(|last| last.end >= span.start) {
            span = span.to(last);
        }
        self.broken.push(span);
    }

    /// Returns an error at a place of this file, without reporting it.
    pub(super) fn at(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(code, self.file, span, message)
    }

    /// Returns a place in this file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }

    /// Returns the text at a place, shortened for a message.
    pub(super) fn shown(&self, span: Span) -> String {
        shown(self.text.get(span.range()).unwrap_or_default())
    }

    /// Returns the value as a table, or reports an error.
    pub(super) fn table<'v, 't>(&mut self, value: &'v Value<'t>, what: &str) -> Option<&'v DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            DeValue::Array(_) if what == LIST => {
                let at = span(value);
                let help = Help::from("write `{ values = […] }`")
                    .edit(Span { end: at.start, ..at }, "{ values = ")
                    .edit(Span { start: at.end, ..at }, " }");
                self.wrong(value, "`{ values = … }` or `{ file = … }`", Some(help));
                None
            }
            _ => {
                self.wrong(value, &format!("{what}, which is a table"), None);
                None
            }
        }
    }

    /// Returns the place of a table: its header, its braces, or the beginning of the file.
    pub(super) fn header(&self, value: &Value<'_>) -> Span {
        let whole = span(value);
        let text = self.text.get(whole.range()).unwrap_or_default();
        if whole.start == 0 && !text.starts_with(['[', '{']) || text.len() == self.text.len() {
            return Span::default();
        }
        let first_line = text.lines().next().unwrap_or_default().trim_end();
        Span::new(whole.start as usize, whole.start as usize + first_line.len())
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong(&mut self, value: &Value<'_>, expected: &str, help: Option<Help>) {
        let span = span(value);
        let message = format!("expected {expected}, found {}", found(value, self));
        let diagnostic = self.at(Code::WrongValue, span, message).maybe_help(help);
        self.push(diagnostic);
    }

    /// Refuses a list or table with more entries than [`Limits`](crate::Limits) allow.
    fn entries(&mut self, count: usize, what: &str, value: &Value<'_>) -> Option<()> {
        let most = self.limits.table_entries;
        if count <= most {
            return Some(());
        }
        let message = format!("{count} entries are more than the {most} a {what} may have");
        let diagnostic = self.at(Code::TooLarge, span(value), message).help("make it shorter");
        self.push(diagnostic);
        None
    }
}

/// What `[lists]` holds: tables, although people write TOML's own lists.
const LIST: &str = "a list";

/// Returns a user's text for a message, shortened and on one line.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let mut shown: String = line.chars().take(60).collect();
    if shown.len() < text.trim_end().len() {
        shown.push('…');
    }
    shown
}

/// Returns the bytes of a value.
pub(super) fn span(value: &Value<'_>) -> Span {
    let range = value.span();
    Span::new(range.start, range.end)
}

fn found(value: &Value<'_>, sink: &Sink<'_>) -> String {
    match value.get_ref() {
        DeValue::Table(_) => "a table".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::String(text) if text.is_empty() => "empty text".to_owned(),
        DeValue::String(text) => format!("the text `{}`", shown(text)),
        _ => format!("`{}`", sink.shown(span(value))),
    }
}

/// A type that can be read from a TOML value.
pub(super) trait Read: Sized {
    /// Whether the value has a header of its own, `[name]`.
    const UNDER_HEADER: bool = false;

    /// How the value stands in a cell of a table; `None` if it cannot.
    const CELL: Option<CellForm> = None;

    /// Reads the value, or reports why it cannot be read.
    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self>;

    /// Returns the JSON Schema of the type, for editors.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// How a value of a contract stands in a cell of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellForm {
    /// As text without its quotes.
    Text,
    /// As digits.
    Whole,
    /// As texts between `|`.
    List,
    /// As an expression of the rule language.
    Rule,
}

/// The keys that a table has, even if their values could not be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    known: BTreeMap<&'static str, Span>,
    /// Whether the table also has unknown keys, which are reported already.
    pub(super) unknown: bool,
}

impl Keys {
    /// Returns the place of a key; `None` if the table does not have it.
    pub(super) fn get(&self, key: &str) -> Option<Span> {
        self.known.get(key).copied()
    }

    /// Returns whether the table has none of these keys, and no unknown key.
    pub(super) fn none_of(&self, keys: &[&str]) -> bool {
        !self.unknown && self.first(keys).is_none()
    }

    /// Returns the first of these keys that the table has, and its place.
    pub(super) fn first<'k>(&self, keys: &[&'k str]) -> Option<(&'k str, Span)> {
        keys.iter().find_map(|key| Some((*key, self.get(key)?)))
    }

    pub(super) fn insert(&mut self, key: &'static str, span: Span) {
        self.known.insert(key, span);
    }
}

/// One key of a table, for its reader and its schema.
pub(super) struct KeySpec {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) required: bool,
    pub(super) under_header: bool,
    pub(super) cell: Option<CellForm>,
}

/// Reads the value of a key; `None` if the table does not have it.
pub(super) fn key<T: Read>(
    table: &DeTable<'_>,
    name: &'static str,
    keys: &mut Keys,
    sink: &mut Sink<'_>,
) -> Option<At<T>> {
    let (key, value) = table.get_key_value(name)?;
    let key = Span::new(key.span().start, key.span().end);
    keys.insert(name, key);
    let span = span(value);
    T::read(value, sink).map(|value| At { value, span, key })
}

/// Names by which people end a band. A band has no end of its own.
const ENDS: [&str; 9] = ["to", "until", "max", "maximum", "below", "under", "up_to", "upper", "bis"];

/// Reports unknown keys and missing required keys. Returns whether there are unknown keys.
pub(super) fn check_keys(
    table: &DeTable<'_>,
    at: Span,
    what: &str,
    specs: &[KeySpec],
    sink: &mut Sink<'_>,
) -> bool {
    let known = |name: &str| specs.iter().any(|spec| spec.name == name);
    let mut unknown: Vec<&str> = Vec::new();
    for (key, value) in table {
        let name: &str = key.get_ref();
        if known(name) {
            continue;
        }
        if sink.out.is_full() {
            break;
        }
        let range = key.span();
        let at = Span::new(range.start, range.end);
        // A percentage is not an amount, whatever it is called.
        let is_percent = matches!(value.get_ref(), DeValue::String(text) if text.trim_end().ends_with('%'));
        let fits = |name: &str| match name {
            "rate" | "points" | "share" | "warn_at" => is_percent,
            "add" | "max" | "multiply" | "from" => !is_percent,
            _ => true,
        };
        let free = specs.iter().map(|spec| spec.name).filter(|name| !table.contains_key(*name));
        let near =
            synonym(Of::Key, name, free.clone().filter(|name| fits(name))).or_else(|| nearest(name, free));
        unknown.extend(near);
        let help = match near {
            _ if what == "a band" && ENDS.contains(&plain(name).as_str()) => {
                "leave it out: a band ends where the next band begins".into()
            }
            Some(near) => Help::did_you_mean(at, near),
            None if sink.top.contains(&name) => {
                format!(
                    "`{name}` is a key of the file itself; write it above the first table, the first line in `[…]`"
                ).into()
            }
            None => format!("its keys are {}", list(specs.iter().map(|spec| spec.name), "and")).into(),
        };
        let message = format!("{what} has no key `{}`", shown(name));
        let diagnostic = sink.at(Code::UnknownKey, at, message).help(help);
        sink.push(diagnostic);
    }
    for spec in specs.iter().filter(|spec| spec.required) {
        // A misspelt key is not also reported as missing.
        if !table.contains_key(spec.name) && !unknown.contains(&spec.name) {
            let message = format!("{what} needs the key `{}`", spec.name);
            let diagnostic = sink.at(Code::MissingKey, at, message).help(help_of(spec));
            sink.push(diagnostic);
        }
    }
    table.iter().any(|(key, _)| !known(key.get_ref()))
}

fn help_of(spec: &KeySpec) -> String {
    let first = spec.doc.split(". ").next().unwrap_or(spec.doc).trim_end_matches('.');
    let mut letters = first.chars();
    let lower: String = letters.next().map(|c| c.to_lowercase().collect::<String>()).unwrap_or_default();
    let form = if spec.under_header { format!("[{}]", spec.name) } else { format!("{} = …", spec.name) };
    format!("add `{form}`: {lower}{}", letters.as_str())
}

/// Returns names in backticks, separated by commas, with `last` before the last name.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>, last: &str) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{}`", shown(name))).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// The most names that are looked at to find what was meant.
const MOST_KNOWN: usize = 20_000;

/// Returns what to write instead of a name that does not exist. `at` is the name with its quotes.
pub(super) fn did_you_mean<'n>(
    written: &str,
    at: Span,
    known: impl IntoIterator<Item = &'n str>,
    none: &str,
) -> Help {
    // The names after these are not compared, and few are listed.
    let known: Vec<&str> = known.into_iter().take(MOST_KNOWN).collect();
    match nearest(written, known.iter().copied()) {
        Some(near) => Help::from(format!("did you mean `{near}`?")).edit(at, format!("\"{near}\"")),
        None if known.is_empty() => none.into(),
        None => {
            let more = if known.len() > 12 { " and others" } else { "" };
            format!("there are {}{more}", list(known.into_iter().take(12), "and")).into()
        }
    }
}

/// Returns the schema of a table.
pub(super) fn table_schema(doc: &str, properties: Vec<(&KeySpec, Schema)>) -> Schema {
    let required: Vec<&str> =
        properties.iter().filter(|(spec, _)| spec.required).map(|(spec, _)| spec.name).collect();
    let mut map = serde_json::Map::new();
    for (spec, schema) in &properties {
        let mut schema = schema.clone();
        schema.insert("description".to_owned(), spec.doc.into());
        map.insert(spec.name.to_owned(), schema.to_value());
    }
    let mut schema =
        schemars::json_schema!({ "type": "object", "description": doc, "additionalProperties": false });
    schema.insert("properties".to_owned(), map.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// Declares a table: its struct, its reader and its schema.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $name:ident: $what:literal {
            $($(#[doc = $field_doc:literal])+ $need:ident $field:ident: $ty:ty;)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        #[allow(dead_code, reason = "every table has its place and keys; not every reader asks for them")]
        pub(super) struct $name {
            /// The header, or the whole inline table.
            pub(super) at: $crate::diagnostic::Span,
            /// The keys that the table has.
            pub(super) keys: $crate::terms::read::Keys,
            $($(#[doc = $field_doc])+ pub(super) $field: Option<$crate::terms::read::At<$ty>>,)+
        }

        impl $name {
            /// The keys of the table, in order.
            #[allow(dead_code, reason = "every table has its keys; not every reader asks for them")]
            pub(super) const KEYS: &'static [&'static str] = &[$($crate::terms::read::key_name(stringify!($field)),)+];

            /// What is declared of each key, in order.
            pub(super) const SPECS: &'static [$crate::terms::read::KeySpec] = &[
                $($crate::terms::read::KeySpec {
                    name: $crate::terms::read::key_name(stringify!($field)),
                    doc: concat!($($field_doc),+).trim_ascii(),
                    required: $crate::terms::read::table!(@$need),
                    under_header: <$ty as $crate::terms::read::Read>::UNDER_HEADER,
                    cell: <$ty as $crate::terms::read::Read>::CELL,
                },)+
            ];
        }

        impl $crate::terms::read::Read for $name {
            const UNDER_HEADER: bool = true;

            fn read(
                value: &$crate::terms::read::Value<'_>,
                sink: &mut $crate::terms::read::Sink<'_>,
            ) -> Option<Self> {
                let table = sink.table(value, $what)?;
                let at = sink.header(value);
                let mut keys = $crate::terms::read::Keys::default();
                $(let $field = $crate::terms::read::key(
                    table,
                    $crate::terms::read::key_name(stringify!($field)),
                    &mut keys,
                    sink,
                );)+
                keys.unknown = $crate::terms::read::check_keys(table, at, $what, Self::SPECS, sink);
                Some(Self { at, keys, $($field,)+ })
            }

            fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let schemas = [$(<$ty as $crate::terms::read::Read>::schema(generator),)+];
                let properties = Self::SPECS.iter().zip(schemas).collect();
                $crate::terms::read::table_schema(concat!($($doc),+).trim_ascii(), properties)
            }
        }
    };
    (@required) => { true };
    (@optional) => { false };
}
pub(super) use table;

/// Returns the key of a field whose name may be a Rust keyword.
pub(super) const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// A list.
impl<T: Read> Read for Vec<At<T>> {
    const CELL: Option<CellForm> = match T::CELL {
        Some(CellForm::Text) => Some(CellForm::List),
        _ => None,
    };

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let DeValue::Array(array) = value.get_ref() else {
            let written = sink.shown(span(value));
            let at = span(value);
            let help = if matches!(value.get_ref(), DeValue::Table(_)) {
                two_brackets(value, sink)
            } else {
                Help::from(format!("write a list between brackets: `[{written}]`"))
                    .edit(Span { end: at.start, ..at }, "[")
                    .edit(Span { start: at.end, ..at }, "]")
            };
            sink.wrong(value, "a list", Some(help));
            return None;
        };
        sink.entries(array.len(), "list", value)?;
        Some(
            array
                .iter()
                .filter_map(|entry| {
                    let span = span(entry);
                    T::read(entry, sink).map(|value| At { value, span, key: span })
                })
                .collect(),
        )
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let items = T::schema(generator);
        schemars::json_schema!({ "type": "array", "items": items })
    }
}

/// Returns the help to open an entry of a list with `[[name]]` where `[name]` opens a table.
fn two_brackets(value: &Value<'_>, sink: &Sink<'_>) -> Help {
    let at = sink.header(value);
    let header = sink.text.get(at.range()).unwrap_or_default();
    match header.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) if !name.is_empty() && !name.contains(['[', '{']) => {
            let end = at.start as usize + name.len() + 2;
            Help::write(Span::new(at.start as usize, end), format!("[[{name}]]"))
        }
        _ => "write the header with two brackets on each side, `[[…]]`, once for each entry".into(),
    }
}

/// A table with names that the brand chooses as keys, in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Named<T> {
    pub(super) entries: Vec<(String, At<T>)>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T: Read> Read for Named<T> {
    const UNDER_HEADER: bool = true;

    fn read(value: &Value<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let table = sink.table(value, "names with their values")?;
        sink.entries(table.len(), "table", value)?;
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut named = Self::default();
        for (key, value) in entries {
            let (range, name) = (key.span(), key.get_ref().to_string());
            let key = Span::new(range.start, range.end);
            if name.len() > sink.limits.text_bytes || name.is_empty() {
                let message = format!(
                    "a name has 1 to {} bytes, and this one has {}",
                    sink.limits.text_bytes,
                    name.len()
                );
                let diagnostic = sink.at(Code::TooLarge, key, message).help("choose another name");
                sink.push(diagnostic);
            }
            let span = span(value);
            if let Some(value) = T::read(value, sink) {
                named.entries.push((name, At { value, span, key }));
            }
        }
        Some(named)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let values = T::schema(generator);
        schemars::json_schema!({ "type": "object", "additionalProperties": values })
    }
}
