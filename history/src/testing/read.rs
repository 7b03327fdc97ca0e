//! Reads test files: the text of `tests/*.toml` becomes typed tests, and errors become diagnostics with their place.
//!
//! A file is read one table at a time (an action, an expectation, a fact), so that one error does not hide another.

use std::collections::BTreeMap;
use std::ops::Range;

use accrue::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span, nearest};
use accrue::facts::{Action, Adjustment, FactError, FactKind, Reference, read_action, read_adjustment};
use accrue::limits::Limits;
use accrue::money::Money;
use accrue::testcase::CountedBefore;
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::{Expect, ExpectBonus, Skip, Test, TestFile};
use crate::folder::FileKind;

/// The keys of a test that are not tables.
#[derive(Debug, Deserialize)]
struct Head {
    it: String,
    #[serde(default)]
    skip: Skip,
    #[serde(default)]
    only: bool,
    #[serde(default)]
    payouts: BTreeMap<String, Money>,
    #[serde(default)]
    refused: BTreeMap<String, String>,
    #[serde(default)]
    close: Vec<NaiveDate>,
}

const FILE_KEYS: [&str; 7] =
    ["partners", "creatives", "promo_codes", "standing_partners", "rates", "pauses", "tests"];
const TEST_KEYS: [&str; 11] = [
    "it",
    "skip",
    "only",
    "counted",
    "actions",
    "adjustments",
    "close",
    "expect",
    "bonuses",
    "payouts",
    "refused",
];
const COUNTED_KEYS: [&str; 12] = [
    "before",
    "counter",
    "key",
    "period",
    "at",
    "distinct",
    "actions",
    "paid_actions",
    "units",
    "revenue",
    "payouts",
    "payable",
];
const BONUS_KEYS: [&str; 6] = ["bonus", "partner", "period", "status", "payout", "lines"];
const EXPECT_KEYS: [&str; 12] = [
    "action",
    "status",
    "payout",
    "awards",
    "reasons",
    "notices",
    "group",
    "lines",
    "limits",
    "release_at",
    "locks_at",
    "pays_on",
];

/// The tests of a program, read file by file.
///
/// ```
/// # use accrue::{Engine, Reference, Source};
/// # use accrue_history::{Tests, Outcome, TestOptions};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// let text = r#"
/// [[tests]]
/// it = "pays 4%"
/// actions = [{ id = "a", event_type = "sale", occurred_at = "2026-03-01T10:00:00Z", amount = "150.00", touches = [
///     { partner = "acme", at = "2026-03-01T09:00:00Z", kind = "click" },
/// ] }]
/// expect = [{ action = "a", payout = "6.50" }]
/// "#;
/// let tests = Tests::read([("tests/rates.toml", text.as_bytes())], program.limits());
/// assert!(!tests.diagnostics().has_errors());
/// let results = tests.run(&program, &Reference::default(), &TestOptions::default());
/// assert_eq!(results.tests[0].outcome, Outcome::Failed);
/// assert_eq!(results.tests[0].failures[0].message, "`a` pays 6.00, expected 6.50 (0.50 too little)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tests {
    files: Vec<TestFile>,
    faults: Diagnostics,
    /// The number of bytes that the files may still have.
    left: usize,
}

impl Tests {
    /// Returns no tests, for a program with these limits.
    pub fn new(limits: &Limits) -> Self {
        Self { files: Vec::new(), faults: Diagnostics::new(), left: limits.program_bytes }
    }

    /// Reads the tests of a program folder, from all of its files: paths inside the folder with `/` between parts, and bytes. Files that
    /// are no tests are left out.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>, limits: &Limits) -> Self {
        let mut of_tests: Vec<(&str, &[u8])> = files.into_iter().collect();
        of_tests.sort_unstable_by_key(|(path, _)| *path);
        let mut tests = Self::new(limits);
        for (path, bytes) in of_tests.into_iter().filter(|(path, _)| path.starts_with("tests/")) {
            match FileKind::of(path) {
                FileKind::Tests if !tests.add(path, bytes, limits) => break,
                FileKind::Stray => tests.stray(path),
                _ => {}
            }
        }
        tests.settle();
        tests
    }

    /// Adds the text of a file. Returns whether more may be added: nothing is, once all files have too many bytes.
    pub fn add(&mut self, path: &str, bytes: &[u8], limits: &Limits) -> bool {
        self.left = self.left.saturating_sub(bytes.len());
        if self.left == 0 {
            let message = format!(
                "the files of `tests/` have more than the {} bytes that all of them may have (`program_bytes`)",
                limits.program_bytes
            );
            let place = Place::new(path, Span::default());
            self.faults.push(
                Diagnostic::new(Code::TooLarge, Some(place), message)
                    .help("take out tests that say the same"),
            );
            return false;
        }
        let mut reader = Reader { name: path, limits, faults: Diagnostics::new() };
        let file = reader.file(bytes);
        reader.faults.settle();
        reader.faults.0.into_iter().for_each(|fault| self.faults.push(fault));
        self.files.push(TestFile { path: path.to_owned(), ..file });
        true
    }

    /// Notes a file or a folder in `tests/` that nothing reads.
    pub fn stray(&mut self, path: &str) {
        let message = format!("`{path}` is not read");
        let help = "tests stand in files of `tests/` itself that end in `.toml`";
        let place = Place::new(path, Span::default());
        self.faults.push(Diagnostic::new(Code::StrayFile, Some(place), message).help(help));
    }

    /// Brings the diagnostics into their order. [`Tests::read`] does it by itself.
    pub fn settle(&mut self) {
        self.faults.settle();
    }

    /// Returns the files.
    pub fn files(&self) -> &[TestFile] {
        &self.files
    }

    /// Returns the errors of all files, each with its place.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.faults
    }

    /// Returns the files and the errors of all files.
    pub fn into_parts(self) -> (Vec<TestFile>, Diagnostics) {
        (self.files, self.faults)
    }

    /// Returns whether some tests say `only`.
    pub fn has_only(&self) -> bool {
        self.files.iter().any(|file| file.tests.iter().any(|test| test.only))
    }
}

type Table<'i> = DeTable<'i>;
type Value<'i> = Spanned<DeValue<'i>>;

struct Reader<'a> {
    name: &'a str,
    limits: &'a Limits,
    faults: Diagnostics,
}

impl Reader<'_> {
    fn fault(&mut self, code: Code, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let span = Span::new(span.start, span.end);
        let fault = Diagnostic::at(code, self.name, span, message);
        self.faults.push(match help {
            Some(help) => fault.help(help),
            None => fault,
        });
    }

    fn file(&mut self, bytes: &[u8]) -> TestFile {
        let mut file = TestFile::default();
        if bytes.len() > self.limits.source_bytes {
            let message = format!("this file is larger than {} bytes", self.limits.source_bytes);
            self.fault(Code::TooLarge, 0..0, message, Some("split it into several files".to_owned()));
            return file;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.fault(
                Code::NotUtf8,
                0..0,
                "this file is not UTF-8 text",
                Some("save it as UTF-8".to_owned()),
            );
            return file;
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            self.fault(Code::TomlSyntax, error.span().unwrap_or_default(), lower(error.message()), None);
        }
        if !errors.is_empty() {
            return file;
        }
        let table = table.into_inner();
        self.known(&table, &FILE_KEYS, "a test file");
        for kind in FactKind::ALL {
            self.facts(&table, kind, &mut file.facts);
        }
        // What a test decides depends on the facts of its file.
        let of_facts = self.faults.iter().count();
        for (span, table) in self.tables(&table, "tests") {
            if let Some(mut test) = self.test(span, table) {
                test.faults = test.faults.saturating_add(of_facts);
                if file.tests.iter().any(|other| other.it == test.it) {
                    let at = value_of(table, "it").map_or(0..0, Spanned::span);
                    self.fault(Code::DuplicateName, at, format!("two tests say `{}`", test.it), None);
                }
                file.tests.push(test);
            }
        }
        file
    }

    /// Reports the keys of a table that are not among `known`.
    fn known(&mut self, table: &Table<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let help = nearest(name, known.iter().copied()).map_or_else(
                    || format!("its keys are {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.fault(Code::UnknownKey, key.span(), format!("{what} has no key `{name}`"), Some(help));
            }
        }
    }

    /// Returns the tables of an array of tables, each with its place.
    fn tables<'t, 'i>(&mut self, table: &'t Table<'i>, key: &str) -> Vec<(Range<usize>, &'t Table<'i>)> {
        let Some(value) = value_of(table, key) else { return Vec::new() };
        let mut tables = Vec::new();
        match value.get_ref() {
            DeValue::Array(array) => {
                for entry in array.iter() {
                    match entry.get_ref() {
                        DeValue::Table(inner) => tables.push((entry.span(), inner)),
                        _ => {
                            self.fault(Code::WrongValue, entry.span(), format!("`{key}` holds tables"), None)
                        }
                    }
                }
            }
            _ => {
                let help = Some(format!("write `[[{key}]]` in double brackets: there can be several"));
                self.fault(Code::WrongValue, value.span(), format!("`{key}` is a list of tables"), help);
            }
        }
        tables
    }

    fn facts(&mut self, table: &Table<'_>, kind: FactKind, facts: &mut Reference) {
        for (span, inner) in self.tables(table, kind.stem()) {
            let fact = json_table(inner, &[]);
            if let Err(errors) = facts.read(kind, "facts.jsonl", fact.as_bytes(), self.limits) {
                for error in &errors.0 {
                    self.fact_fault(error, span.clone(), inner);
                }
            }
        }
    }

    /// Reports an error of a fact, at the value of its field.
    fn fact_fault(&mut self, error: &FactError, span: Range<usize>, table: &Table<'_>) {
        let field = error.field.as_deref().unwrap_or_default();
        let (code, at) = match find(table, field) {
            Found::Value(at) => (Code::WrongValue, at),
            Found::Parent(at) => (Code::MissingKey, at),
            Found::Nothing => (Code::WrongValue, span),
        };
        let unknown = error.message.contains("unknown field") || error.message.contains("no field");
        let code = if unknown { Code::UnknownKey } else { code };
        let message =
            if field.is_empty() { error.message.clone() } else { format!("{field}: {}", error.message) };
        self.fault(code, at, message, None);
    }

    /// Reads a test. A test with errors is returned too, as long as its name can be read.
    fn test(&mut self, span: Range<usize>, table: &Table<'_>) -> Option<Test> {
        let before = self.faults.iter().count();
        let place = value_of(table, "it").map_or_else(|| span.clone(), Spanned::span);
        self.known(table, &TEST_KEYS, "a test");
        let own: Vec<&str> = ["it", "skip", "only", "payouts", "refused", "close"].to_vec();
        let head: Option<Head> = self.value(span.clone(), table, &own, "a test");
        let mut actions: Vec<Action> = Vec::new();
        for (span, inner) in self.tables(table, "actions") {
            match read_action(&json_table(inner, &[])) {
                Ok(action) => {
                    if actions.iter().any(|other| other.id == action.id) {
                        let at = value_of(inner, "id").map_or(span, Spanned::span);
                        let message = format!("two actions of this test have the id `{}`", action.id);
                        self.fault(Code::DuplicateName, at, message, None);
                    }
                    actions.push(action);
                }
                Err(error) => self.fact_fault(&error, span, inner),
            }
        }
        let ids: Vec<String> = self.ids(table);
        let adjustments = self.adjustments(table, &ids);
        let counted = self.counted(table);
        let mut expect = Vec::new();
        for (span, inner) in self.tables(table, "expect") {
            let place = Span::new(span.start, span.end);
            self.known(inner, &EXPECT_KEYS, "an expectation");
            if value_of(inner, "action").is_some() && inner.len() == 1 {
                let help = format!("add one of {}", EXPECT_KEYS.get(1..).unwrap_or_default().join(", "));
                self.fault(Code::MissingKey, span.clone(), "this expectation expects nothing", Some(help));
            }
            let Some(expected) = self.value::<Expect>(span.clone(), inner, &EXPECT_KEYS, "an expectation")
            else {
                continue;
            };
            if !ids.contains(&expected.action) {
                let at = value_of(inner, "action").map_or(span, Spanned::span);
                let help = nearest(&expected.action, ids.iter().map(String::as_str));
                let help = help.map(|near| format!("did you mean `{near}`?"));
                let message = format!("no action of this test has the id `{}`", expected.action);
                self.fault(Code::UnknownName, at, message, help);
            }
            expect.push(Expect { span: place, ..expected });
        }
        let mut bonuses = Vec::new();
        for (span, inner) in self.tables(table, "bonuses") {
            self.known(inner, &BONUS_KEYS, "an expectation of a bonus");
            let place = Span::new(span.start, span.end);
            let expected = self.value::<ExpectBonus>(span, inner, &BONUS_KEYS, "an expectation of a bonus");
            bonuses.extend(expected.map(|expected| ExpectBonus { span: place, ..expected }));
        }
        if !bonuses.is_empty() && value_of(table, "close").is_none() {
            let help = "write `close = [2026-04-01]`, with the date until which periods are closed";
            let message = "bonuses are computed when periods close, and this test closes none";
            self.fault(Code::MissingKey, span.clone(), message, Some(help.to_owned()));
        }
        let empty = |key: &str| match value_of(table, key).map(Spanned::get_ref) {
            None => true,
            Some(DeValue::Array(array)) => array.is_empty(),
            Some(DeValue::Table(table)) => table.is_empty(),
            Some(_) => false,
        };
        if ["expect", "bonuses", "payouts", "refused"].into_iter().all(empty)
            && value_of(table, "skip").is_none()
        {
            let at = value_of(table, "it").map_or(span, Spanned::span);
            let help = "write `[[tests.expect]]` with `action` and what is expected of it, or `payouts`";
            self.fault(Code::MissingKey, at, "this test expects nothing", Some(help.to_owned()));
        }
        let faults = self.faults.iter().count().saturating_sub(before);
        let name = || value_of(table, "it")?.get_ref().as_str().map(str::to_owned);
        let Head { it, skip, only, payouts, refused, close } = match head {
            Some(head) => head,
            None => Head {
                it: name()?,
                skip: Skip::default(),
                only: false,
                payouts: BTreeMap::new(),
                refused: BTreeMap::new(),
                close: Vec::new(),
            },
        };
        Some(Test {
            it,
            skip,
            only,
            counted,
            actions,
            adjustments,
            close,
            bonuses,
            refused,
            expect,
            payouts,
            faults,
            span: Span::new(place.start, place.end),
        })
    }

    /// Reads the adjustments of a test, whose actions have these ids.
    fn adjustments(&mut self, table: &Table<'_>, ids: &[String]) -> Vec<Adjustment> {
        let mut adjustments = Vec::new();
        for (span, inner) in self.tables(table, "adjustments") {
            match read_adjustment(&json_table(inner, &[])) {
                Ok(adjustment) => {
                    if !ids.contains(&adjustment.adjusts) {
                        let at = value_of(inner, "adjusts").map_or(span, Spanned::span);
                        let help = nearest(&adjustment.adjusts, ids.iter().map(String::as_str));
                        let help = help.map(|near| format!("did you mean `{near}`?"));
                        let message = format!("no action of this test has the id `{}`", adjustment.adjusts);
                        self.fault(Code::UnknownName, at, message, help);
                    }
                    adjustments.push(adjustment);
                }
                Err(error) => self.fact_fault(&error, span, inner),
            }
        }
        adjustments
    }

    /// Reads what was counted before a test.
    fn counted(&mut self, table: &Table<'_>) -> Vec<CountedBefore> {
        let ids = |key: &str, of: fn(&DeValue<'_>) -> Option<String>| {
            let list = value_of(table, key).and_then(|value| value.get_ref().as_array());
            list.into_iter().flat_map(|list| list.iter()).filter_map(|entry| of(entry.get_ref())).collect()
        };
        let id_of = |entry: &DeValue<'_>| match entry {
            DeValue::Table(entry) => value_of(entry, "id")?.get_ref().as_str().map(str::to_owned),
            _ => None,
        };
        let date_of = |entry: &DeValue<'_>| match entry {
            DeValue::Datetime(date) => Some(date.to_string()),
            DeValue::String(date) => Some(date.to_string()),
            _ => None,
        };
        let mut events: Vec<String> = ids("actions", id_of);
        events.extend::<Vec<String>>(ids("adjustments", id_of));
        events.extend::<Vec<String>>(ids("close", date_of));
        let mut counted = Vec::new();
        for (span, inner) in self.tables(table, "counted") {
            const WHAT: &str = "what was counted";
            self.known(inner, &COUNTED_KEYS, WHAT);
            let Some(entry) = self.value::<CountedBefore>(span.clone(), inner, &COUNTED_KEYS, WHAT) else {
                continue;
            };
            if let Some(before) = entry.before.as_ref().filter(|before| !events.contains(before)) {
                let at = value_of(inner, "before").map_or(span, Spanned::span);
                let help = nearest(before, events.iter().map(String::as_str));
                let help = help.map_or_else(
                    || "write the id of an action or an adjustment, or the date of a close".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("nothing in this test is called `{before}`");
                self.fault(Code::UnknownName, at, message, Some(help));
            }
            counted.push(entry);
        }
        counted
    }

    /// Returns the ids of a test's actions, even of actions that are wrong in another field.
    fn ids(&self, table: &Table<'_>) -> Vec<String> {
        let Some(DeValue::Array(actions)) = value_of(table, "actions").map(Spanned::get_ref) else {
            return Vec::new();
        };
        let id = |action: &Value<'_>| match action.get_ref() {
            DeValue::Table(action) => value_of(action, "id")?.get_ref().as_str().map(str::to_owned),
            _ => None,
        };
        actions.iter().filter_map(id).collect()
    }

    /// Reads the given keys of a table as one value.
    fn value<T: DeserializeOwned>(
        &mut self,
        span: Range<usize>,
        table: &Table<'_>,
        keys: &[&str],
        what: &str,
    ) -> Option<T> {
        let json = json_table(table, keys);
        let mut deserializer = serde_json::Deserializer::from_str(&json);
        let error = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let path = error.path().to_string();
        let message = error.inner().to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(bare, _)| bare);
        if let Some(key) = message.strip_prefix("missing field ") {
            self.fault(Code::MissingKey, span, format!("{what} needs {key}"), None);
            return None;
        }
        let at = match find(table, &path) {
            Found::Value(at) | Found::Parent(at) => at,
            Found::Nothing => span,
        };
        let (message, help) = in_words(&path, message);
        self.fault(Code::WrongValue, at, message, help);
        None
    }
}

/// Returns a message of serde in words that a brand can act on, and a help.
fn in_words(path: &str, message: &str) -> (String, Option<String>) {
    if message.contains("untagged enum Skip") {
        return ("`skip` is true, false, or the reason in quotes".to_owned(), None);
    }
    if let Some(rest) = message.strip_prefix("unknown variant `")
        && let Some((written, known)) = rest.split_once("`, expected one of ")
    {
        let names: Vec<&str> = known.split(", ").map(|name| name.trim_matches('`')).collect();
        let help = nearest(written, names.iter().copied()).map_or_else(
            || format!("write one of {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return (format!("`{path}` cannot be `{written}`"), Some(help));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ")
        && let Some((written, expected)) = rest.split_once(", expected ")
    {
        return (format!("`{path}` is {written}, but must be {}", expected_words(expected)), None);
    }
    (format!("`{path}`: {message}"), None)
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "a string" => "text in quotes",
        "a sequence" => "a list in brackets",
        "a boolean" => "true or false",
        other => other,
    }
}

fn value_of<'t, 'i>(table: &'t Table<'i>, key: &str) -> Option<&'t Value<'i>> {
    table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
}

/// The place of a field.
enum Found {
    /// The place of its value.
    Value(Range<usize>),
    /// The place of the value that it is missing from.
    Parent(Range<usize>),
    /// No part of the path is there.
    Nothing,
}

/// Finds a field such as `items[2].amount`.
fn find(table: &Table<'_>, path: &str) -> Found {
    let mut found = Found::Nothing;
    let mut inside: Option<&DeValue<'_>> = None;
    for part in path.split(['.', '[']).map(|part| part.trim_end_matches(']')).filter(|part| !part.is_empty())
    {
        let next = match inside {
            None => value_of(table, part),
            Some(DeValue::Table(table)) => value_of(table, part),
            Some(DeValue::Array(array)) => part.parse().ok().and_then(|n: usize| array.get(n)),
            Some(_) => None,
        };
        match next {
            Some(value) => {
                found = Found::Value(value.span());
                inside = Some(value.get_ref());
            }
            None => {
                return match found {
                    Found::Value(at) | Found::Parent(at) => Found::Parent(at),
                    Found::Nothing => Found::Nothing,
                };
            }
        }
    }
    found
}

/// Returns a table as JSON, with only `keys` unless they are empty. Numbers keep their own text.
fn json_table(table: &Table<'_>, keys: &[&str]) -> String {
    let mut json = String::new();
    write_table(table, keys, &mut json);
    json
}

fn write_table(table: &Table<'_>, keys: &[&str], json: &mut String) {
    json.push('{');
    let chosen = |name: &str| keys.is_empty() || keys.contains(&name);
    let entries = table.iter().filter(|(key, _)| chosen(key.get_ref().as_ref()));
    for (n, (key, value)) in entries.enumerate() {
        if n > 0 {
            json.push(',');
        }
        write_text(key.get_ref(), json);
        json.push(':');
        write_value(value.get_ref(), json);
    }
    json.push('}');
}

fn write_value(value: &DeValue<'_>, json: &mut String) {
    match value {
        DeValue::String(text) => write_text(text, json),
        DeValue::Boolean(value) => json.push_str(if *value { "true" } else { "false" }),
        DeValue::Datetime(value) => write_text(&value.to_string(), json),
        DeValue::Integer(value) => match i64::from_str_radix(value.as_str(), value.radix()) {
            Ok(value) => json.push_str(&value.to_string()),
            Err(_) => write_text(value.as_str(), json),
        },
        DeValue::Float(value) => {
            let text = value.as_str().trim_start_matches('+');
            let digits = text.trim_start_matches('-');
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                json.push_str(text);
            } else {
                write_text(text, json);
            }
        }
        DeValue::Array(array) => {
            json.push('[');
            for (n, value) in array.iter().enumerate() {
                if n > 0 {
                    json.push(',');
                }
                write_value(value.get_ref(), json);
            }
            json.push(']');
        }
        DeValue::Table(table) => write_table(table, &[], json),
    }
}

fn write_text(text: &str, json: &mut String) {
    // Every string can be written as JSON.
    json.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()));
}

/// Returns the first line of a message of the TOML parser, in lower case and without a full stop.
fn lower(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut letters = message.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}
