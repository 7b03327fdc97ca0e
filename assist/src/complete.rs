//! What may be written at the cursor.

use std::collections::HashSet;

use accrue::diagnostic::Span;
use accrue::language::{
    Base, CallForm, Gives, KEYWORDS, NAMESPACES, Phase, Record, TOTAL_SUMS, TOTAL_TIMES, calls, currencies,
    fields, reason_codes, rule_key, time_zones, verbs,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Pair};
use crate::edit::TextEdit;
use crate::file::{File, FileKind, PROGRAM, RuleText, is_contract};
use crate::lexer::Kind as Word;
use crate::names::{Declared, NameKind};
use crate::project::Project;
use crate::schema::{Key, Node, Schema};
use crate::spot::Spot;
use crate::types::{Of, Types, shown};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CompletionKind {
    /// A record of facts, such as `action`.
    Record,
    /// A field of a record.
    Field,
    /// A function.
    Function,
    /// A method or property of a value.
    Method,
    /// A verb.
    Verb,
    /// A parameter of the contract.
    Param,
    /// A list of the program.
    List,
    /// A total of the contract, or a sum of it.
    Total,
    /// An attribute of the brand's own.
    Attribute,
    /// A local of the rule.
    Local,
    /// A keyword of the rule language.
    Keyword,
    /// A value.
    Value,
    /// A key of a TOML table.
    Key,
    /// A TOML table.
    Table,
    /// A file of the program.
    File,
    /// Any other declared name, such as a reason code.
    Name,
}

/// Something that may be written at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Completion {
    /// What is shown, and what typed letters are compared with.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or its signature; empty if there is none.
    pub detail: String,
    /// What it is for, in sentences; empty if there is nothing to say.
    pub doc: String,
    /// Whether the table needs the key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The edit that writes it.
    pub edit: TextEdit,
    /// The text of the edit with places to fill in, `$1`, `${2:name}` and `$0` for the cursor, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

struct List<'p> {
    file: &'p str,
    /// What is replaced.
    replace: Span,
    /// What is written of the name already.
    typed: String,
    found: Vec<Completion>,
    labels: HashSet<(String, CompletionKind)>,
}

impl List<'_> {
    fn add(
        &mut self,
        label: &str,
        kind: CompletionKind,
        detail: impl Into<String>,
        doc: impl Into<String>,
    ) -> Option<&mut Completion> {
        self.add_as(label, label, kind, detail, doc)
    }

    /// Adds a completion that writes another text than its label.
    fn add_as(
        &mut self,
        label: &str,
        text: &str,
        kind: CompletionKind,
        detail: impl Into<String>,
        doc: impl Into<String>,
    ) -> Option<&mut Completion> {
        // Where a word of the label begins, or the label as a whole.
        let lower = label.to_lowercase();
        let inner = || {
            lower
                .match_indices(['_', '.', ' ', '/'])
                .any(|(at, _)| lower.get(at + 1..).is_some_and(|rest| rest.starts_with(&self.typed)))
        };
        let matches = self.typed.is_empty() || lower.starts_with(&self.typed) || inner();
        if !matches || !self.labels.insert((label.to_owned(), kind)) {
            return None;
        }
        self.found.push(Completion {
            label: label.to_owned(),
            kind,
            detail: detail.into(),
            doc: doc.into(),
            required: false,
            edit: TextEdit::new(self.file, self.replace, text),
            snippet: None,
        });
        self.found.last_mut()
    }

    fn snippet(
        &mut self,
        label: &str,
        kind: CompletionKind,
        detail: impl Into<String>,
        doc: impl Into<String>,
        snippet: &str,
    ) {
        if let Some(added) = self.add(label, kind, detail, doc) {
            added.edit.text = plain(snippet);
            added.snippet = Some(snippet.to_owned());
        }
    }

    fn declared(&mut self, declared: &Declared, kind: CompletionKind) {
        let detail = match declared.ty {
            Some(ty) if declared.kind == NameKind::Param => format!("{ty} = {}", declared.detail),
            Some(ty) if declared.kind != NameKind::List => ty.to_string(),
            _ => declared.detail.clone(),
        };
        self.add(&declared.name, kind, detail, declared.doc.as_str());
    }
}

/// Returns the text of a snippet without its places.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        rest = match after.strip_prefix('{') {
            Some(place) => {
                let (inside, after) = place.split_once('}').unwrap_or((place, ""));
                out.push_str(inside.split_once(':').map_or("", |(_, name)| name));
                after
            }
            None => after.trim_start_matches(|c: char| c.is_ascii_digit()),
        };
    }
    out + rest
}

/// Returns what may be written at a byte of a file, the likeliest first. The text may be broken there.
///
/// ```
/// use accrue_assist::{Project, complete};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// let text = "contract = \"standard\"\n[[payout.groups]]\nwhen = 'customer.st'\n";
/// project.set("contracts/standard.toml", text);
/// let at = text.find("st'").expect("it is there") as u32 + 2;
/// let labels: Vec<String> = complete(&project, "contracts/standard.toml", at).into_iter().map(|found| found.label).collect();
/// assert_eq!(labels, ["status"]);
/// ```
pub fn complete(project: &Project, path: &str, at: u32) -> Vec<Completion> {
    let Some(file) = project.file(path) else { return Vec::new() };
    if !file.text.is_char_boundary(at as usize) {
        return Vec::new();
    }
    let mut list = List {
        file: path,
        replace: Span { start: at, end: at },
        typed: String::new(),
        found: Vec::new(),
        labels: HashSet::new(),
    };
    if let Some(rule) = file.rule_at(at) {
        in_rule(project, rule, at.saturating_sub(rule.offset), &mut list);
    } else if let FileKind::Toml(document, _) = &file.kind {
        in_toml(project, file, document, at, &mut list);
    }
    list.found
}

fn in_rule(project: &Project, rule: &RuleText, at: u32, list: &mut List<'_>) {
    if rule
        .tokens
        .iter()
        .any(|token| token.kind == Word::Comment && token.span.start < at && at <= token.span.end)
    {
        return;
    }
    let names = project.names();
    let types = Types::new(rule, names, list.file);
    // The word that the cursor is in or at the end of, and the number of words before it.
    let before = types.tokens.partition_point(|token| token.span.end < at);
    let current = types
        .tokens
        .get(before)
        .filter(|token| token.span.start < at || (token.kind == Word::Word && token.span.start == at));
    if let Some(token) = current.filter(|token| token.kind == Word::Text) {
        let closed = token.span.end > token.span.start + 1 && rule.word(token).ends_with(['"', '`']);
        if at > token.span.start && (at < token.span.end || !closed) {
            let end = if closed { token.span.end - 1 } else { token.span.end };
            let inside = Span { start: token.span.start + 1, end };
            // Letters after the cursor are not what was typed, and an open text may go on to the end of the line.
            let end = if closed { end } else { at };
            list.replace = rule.moved(Span { end, ..inside });
            list.typed = typed(rule, inside.start, at);
            text_of(project, &types, before, list);
        }
        return;
    }
    if current.is_some_and(|token| token.kind == Word::Number) {
        return;
    }
    let word = current.filter(|token| token.kind == Word::Word);
    // A symbol before the cursor stays; a word is replaced.
    let index = match (word, current) {
        (Some(token), _) => {
            list.replace = rule.place(token);
            list.typed = typed(rule, token.span.start, at);
            before
        }
        (None, Some(_)) => before + 1,
        (None, None) => before,
    };
    match index.checked_sub(1) {
        Some(point) if types.word(point) == "." => {
            let (of, _) = types.before_point(point);
            members(project, &types, &of, list);
        }
        _ => free_names(project, &types, index, at, list),
    }
}

fn typed(rule: &RuleText, start: u32, at: u32) -> String {
    rule.text.get(start as usize..at as usize).unwrap_or_default().to_lowercase()
}

/// Adds what may stand after a point.
fn members(project: &Project, types: &Types<'_>, of: &Of, list: &mut List<'_>) {
    let names = project.names();
    let file = list.file;
    match of {
        Of::Value(ty) => {
            if let Base::Record(record) = ty.base {
                let is_amount = types
                    .phases()
                    .iter()
                    .all(|phase| matches!(phase, Phase::OrderAmount | Phase::ItemAmount));
                for field in fields().filter(|field| field.record == record) {
                    if is_amount && field.name == "base" {
                        continue;
                    }
                    list.add(field.name, CompletionKind::Field, shown(field.ty), field.doc);
                }
                let own = match record {
                    Record::Partner => Some(NameKind::PartnerAttribute),
                    Record::Item => Some(NameKind::ItemAttribute),
                    _ => None,
                };
                if own.is_some_and(|kind| names.all(kind).next().is_some()) {
                    list.add(
                        "attributes",
                        CompletionKind::Attribute,
                        "",
                        "Attributes that the program declares.",
                    );
                }
            }
            for call in calls().filter(|call| call.takes(ty.base)) {
                let gives = call.gives(Some(*ty)).to_string();
                match call.form {
                    CallForm::Property => drop(list.add(call.name, CompletionKind::Method, gives, call.doc)),
                    _ => list.snippet(
                        call.name,
                        CompletionKind::Method,
                        format!("{} → {gives}", signature(call.name, call.params)),
                        call.doc,
                        &call_snippet(call.name, call.params),
                    ),
                }
            }
        }
        Of::Names(kind) => {
            let shown = match kind {
                NameKind::Param => CompletionKind::Param,
                NameKind::List => CompletionKind::List,
                NameKind::Total => CompletionKind::Total,
                _ => CompletionKind::Attribute,
            };
            names.seen(*kind, file).into_iter().for_each(|declared| list.declared(declared, shown));
        }
        Of::Total(total) => {
            sums(project, total, list);
            let closes = types.phases().contains(&Phase::Close);
            list.add("previous", CompletionKind::Total, "", "The calendar period before this one.");
            if closes {
                list.add(
                    "year_to_date",
                    CompletionKind::Total,
                    "",
                    "The calendar year up to the period that closes.",
                );
            }
            list.snippet(
                "at",
                CompletionKind::Total,
                "at(\"2026-01\")",
                "A named calendar period.",
                "at(\"$1\")",
            );
        }
        Of::Earlier(total) => sums(project, total, list),
        Of::Sum(base) => {
            let closes = types.phases().contains(&Phase::Close);
            for (time, at_close, doc) in TOTAL_TIMES {
                if *at_close == closes {
                    list.add(time, CompletionKind::Total, base_name(*base), *doc);
                }
            }
        }
        Of::Unknown => {}
    }
}

fn base_name(base: Base) -> String {
    accrue::language::Type::known(base).to_string()
}

fn sums(project: &Project, total: &str, list: &mut List<'_>) {
    let declared = project.names().find(NameKind::Total, total, list.file);
    let has = |key: &str| declared.is_none_or(|total| total.values.iter().any(|value| value == key));
    for (sum, base, doc) in TOTAL_SUMS {
        let there = match *sum {
            "measured" => has("measure"),
            "revenue" => declared.is_none() || !has("measure"),
            "distinct" => has("distinct"),
            _ => true,
        };
        if there {
            list.add(sum, CompletionKind::Total, base_name(*base), *doc);
        }
    }
}

/// Returns a call with the names of its parameters.
pub(crate) fn signature(name: &str, params: &[(&str, &str)]) -> String {
    let names: Vec<&str> = params.iter().map(|(name, _)| *name).collect();
    format!("{name}({})", names.join(", "))
}

fn call_snippet(name: &str, params: &[(&str, &str)]) -> String {
    let needed = params.iter().filter(|(name, _)| !name.ends_with('?'));
    let quoted = |takes: &str| takes.starts_with("text such as");
    let places: Vec<String> = (1..)
        .zip(needed)
        .map(
            |(number, (param, takes))| {
                if quoted(takes) { format!("\"${{{number}}}\"") } else { format!("${{{number}:{param}}}") }
            },
        )
        .collect();
    format!("{name}({})", places.join(", "))
}

/// Adds what may begin an expression or a statement.
fn free_names(project: &Project, types: &Types<'_>, index: usize, at: u32, list: &mut List<'_>) {
    let names = project.names();
    let before = index.checked_sub(1).map_or("", |before| types.word(before));
    let is_file = types.rule.quotes.is_none();
    let begins = matches!(before, "" | "{" | "}" | ";");
    let after_value = index.checked_sub(1).and_then(|before| types.tokens.get(before)).is_some_and(|token| {
        matches!(token.kind, Word::Number | Word::Text)
            || token.kind == Word::Word && !KEYWORDS.iter().any(|(word, _)| *word == types.rule.word(token))
            || matches!(types.rule.word(token), ")" | "]")
    });
    if matches!(before, "let" | "const" | "fn" | "for") {
        return;
    }
    if after_value {
        list.add("in", CompletionKind::Keyword, "", "Whether a list has the value.");
        return;
    }
    if is_file && begins {
        for verb in verbs().filter(|verb| types.phases().iter().any(|phase| verb.phases.contains(phase))) {
            let snippet = match verb.params.first() {
                Some(("reason", _)) => format!(
                    "{}(\"${{1:REASON}}\"{});",
                    verb.name,
                    if verb.params.len() > 1 && verb.name == "hold_until" { ", ${2:day}" } else { "" }
                ),
                Some(("fraction", _)) => format!("{}(percent(${{1:8}}));", verb.name),
                Some(("amount", _)) => format!("{}(money(\"${{1:5.00}}\"));", verb.name),
                _ => format!("{}(${{1:1.1}});", verb.name),
            };
            list.snippet(
                verb.name,
                CompletionKind::Verb,
                signature(verb.name, verb.params),
                verb.doc,
                &snippet,
            );
        }
    }
    let mut locals: Vec<_> = types.locals_at(at).collect();
    locals.reverse();
    for local in locals {
        list.add(&local.name, CompletionKind::Local, local.ty.map(shown).unwrap_or_default(), "");
    }
    for (record, ty) in types.records() {
        list.add(record.name(), CompletionKind::Record, shown(ty), record_doc(record));
    }
    let counts =
        types.phases().iter().all(|phase| matches!(phase, Phase::Count | Phase::CountItem | Phase::Credit));
    let closes = types.phases() == [Phase::Close];
    for (space, doc) in NAMESPACES {
        let hidden = *space == "totals" && counts || *space == "attributes" && closes;
        if !hidden {
            list.add(space, CompletionKind::Record, "", *doc);
        }
    }
    for declared in names.all(NameKind::Function) {
        let shared = declared.place.file.starts_with("functions/");
        if shared || declared.place.file == list.file {
            list.snippet(
                &declared.name,
                CompletionKind::Function,
                &*declared.detail,
                &*declared.doc,
                &format!("{}($1)", declared.name),
            );
        }
    }
    for call in calls().filter(|call| call.form == CallForm::Function) {
        let detail = format!("{} → {}", signature(call.name, call.params), call.gives(None));
        list.snippet(
            call.name,
            CompletionKind::Function,
            detail,
            call.doc,
            &call_snippet(call.name, call.params),
        );
    }
    for (word, doc) in KEYWORDS {
        let statement =
            matches!(*word, "let" | "const" | "for" | "fn" | "return" | "break" | "continue" | "else");
        let allowed = match *word {
            "in" => false,
            _ if statement => is_file && begins,
            _ => true,
        };
        if !allowed {
            continue;
        }
        match *word {
            "if" if begins && is_file => {
                list.snippet(word, CompletionKind::Keyword, "", *doc, "if ${1:condition} {\n    $0\n}");
            }
            "for" => list.snippet(
                word,
                CompletionKind::Keyword,
                "",
                *doc,
                "for ${1:item} in ${2:action.items} {\n    $0\n}",
            ),
            "let" => list.snippet(word, CompletionKind::Keyword, "", *doc, "let ${1:name} = $2;"),
            _ => drop(list.add(word, CompletionKind::Keyword, "", *doc)),
        }
    }
}

/// Returns what a record is.
pub(crate) fn record_doc(record: Record) -> &'static str {
    match record {
        Record::Action => "The action being decided.",
        Record::Item => "A line of the order.",
        Record::Customer => "The customer who bought.",
        Record::Partner => "The partner who is paid.",
        Record::Touch => "The credited touch.",
        Record::Creative => "The creative of the credited touch.",
        Record::Follows => "The action that this one follows; ask `known(follows)` first.",
        Record::Device => "The device on which the action happened.",
        Record::Fraud => "The signals of fraud detection.",
        Record::Contract => "The contract in force.",
    }
}

/// Adds the texts that a literal may be.
fn text_of(project: &Project, types: &Types<'_>, index: usize, list: &mut List<'_>) {
    let names = project.names();
    let word = |by: usize| index.checked_sub(by).map_or("", |index| types.word(index));
    if word(1) == "(" && word(3) != "." {
        let reason = |name: &str| {
            verbs().any(|verb| {
                verb.name == name && verb.params.first().is_some_and(|(name, _)| *name == "reason")
            })
        };
        if reason(word(2)) {
            for declared in names.all(NameKind::Reason) {
                list.declared(declared, CompletionKind::Name);
            }
        }
        return;
    }
    if matches!(word(1), "==" | "!=") {
        let operator = index - 1;
        let (_, begin) = types.before_point(operator);
        fact_words(project, types, begin, operator, list);
        return;
    }
    // A case of a `switch`.
    let mut depth = 0_usize;
    for before in (0..index).rev() {
        match types.word(before) {
            "}" => depth += 1,
            "{" if depth == 0 => {
                let subject = (0..before).rev().take(32).find(|at| types.word(*at) == "switch");
                if let Some(subject) = subject {
                    fact_words(project, types, subject + 1, before, list);
                }
                return;
            }
            "{" => depth -= 1,
            _ => {}
        }
    }
}

/// Adds the words of the fact that these words of a rule name.
fn fact_words(project: &Project, types: &Types<'_>, begin: usize, end: usize, list: &mut List<'_>) {
    let names = project.names();
    for index in (begin..end).take(64) {
        if types.word(index) != "." || index + 1 >= end {
            continue;
        }
        let (of, _) = types.before_point(index);
        let name = types.word(index + 1);
        match of {
            Of::Value(ty) => {
                let Base::Record(record) = ty.base else { continue };
                if (record, name) == (Record::Action, "event_type")
                    || (record, name) == (Record::Follows, "event_type")
                {
                    names
                        .all(NameKind::EventType)
                        .for_each(|declared| list.declared(declared, CompletionKind::Name));
                }
                let field = fields().find(|field| field.record == record && field.name == name);
                for word in field.iter().flat_map(|field| field.words) {
                    list.add(word, CompletionKind::Value, format!("{}.{name}", record.name()), "");
                }
            }
            Of::Names(kind) => {
                if let Some(declared) = names.find(kind, name, list.file) {
                    for value in &declared.values {
                        list.add(value, CompletionKind::Value, kind.written(name), "");
                    }
                }
            }
            _ => {}
        }
    }
}

fn in_toml(project: &Project, file: &File, document: &Document, at: u32, list: &mut List<'_>) {
    let Some(schema) = project.schema(list.file) else { return };
    match Spot::at(document, &file.text, at) {
        Some(Spot::Header { section }) => headers(schema, document, section, list),
        Some(Spot::Key { path, beside, replace, has_value, inline, section }) => {
            let typed = Span { end: at.max(replace.start), ..replace };
            list.replace = replace;
            list.typed = file.text.get(typed.range()).unwrap_or_default().to_lowercase();
            let Some(node) = schema.at(&path) else { return };
            // What follows headers belongs to their tables.
            let at_root = section == 0 && path.is_empty();
            keys(schema, &node, &path, beside, (has_value, inline, at_root), list);
        }
        Some(Spot::Value { path, replace, quotes, in_list }) => {
            let Some(node) = schema.at(&path) else { return };
            let typed = Span { end: at.max(replace.start), ..replace };
            list.replace = replace;
            list.typed = file.text.get(typed.range()).unwrap_or_default().to_lowercase();
            let values = Values { project, schema, path: &path, quoted: quotes.is_some(), in_list };
            values.add(&node, list);
        }
        None => {}
    }
}

/// Adds the tables that a file may have.
fn headers(schema: &Schema, document: &Document, section: usize, list: &mut List<'_>) {
    let Some(header) = document.tables.get(section).and_then(|table| table.header.as_ref()) else { return };
    list.replace = header.span;
    let written: Vec<&str> = header.names().collect();
    list.typed = written.join(".").to_lowercase();
    let mut found = Vec::new();
    tables(schema, &schema.root(), &mut Vec::new(), &mut found);
    for (path, many, doc) in found {
        let there = document
            .tables
            .iter()
            .enumerate()
            .any(|(index, table)| index != section && table.path().join(".") == path);
        if there && !many {
            continue;
        }
        let (open, close) = if many { ("[[", "]]") } else { ("[", "]") };
        let snippet = format!("{open}{path}{close}").replace("NAME", "${1:name}");
        if let Some(added) = list.add(&path, CompletionKind::Table, format!("{open}{path}{close}"), doc) {
            added.edit.text = plain(&snippet);
            added.snippet = snippet.contains('$').then_some(snippet);
        }
    }
}

fn tables<'s>(
    schema: &'s Schema,
    node: &Node<'s>,
    path: &mut Vec<&'s str>,
    found: &mut Vec<(String, bool, &'s str)>,
) {
    if path.len() > 3 {
        return;
    }
    for key in schema.keys(node) {
        let entries = schema.entries(&key.node);
        let is_list = key.node.is_list();
        if !entries.is_table() || entries.is_text() || is_list && schema.keys(&entries).is_empty() {
            continue;
        }
        path.push(key.name);
        // `[totals]` has nothing of its own: its names are tables.
        let of_names = entries.has_names() && schema.keys(&entries).is_empty();
        let named = of_names.then(|| schema.child(&entries, "NAME")).flatten();
        if !named.is_some_and(|child| {
            child.is_table() && !child.is_text() && !schema.keys(&child).is_empty() && key.name != "params"
        }) {
            found.push((path.join("."), is_list, key.doc));
        }
        if entries.has_names() && schema.keys(&entries).is_empty() {
            if let Some(child) = schema.child(&entries, "NAME")
                && child.is_table()
                && !child.is_text()
                && !schema.keys(&child).is_empty()
            {
                path.push("NAME");
                found.push((path.join("."), false, child.doc));
                tables(schema, &child, path, found);
                path.pop();
            }
        } else if !is_list {
            tables(schema, &entries, path, found);
        }
        path.pop();
    }
}

/// Adds the keys that a table may have and does not have yet, those that it needs first.
fn keys(
    schema: &Schema,
    node: &Node<'_>,
    path: &[&str],
    beside: &[Pair],
    (has_value, inline, at_root): (bool, bool, bool),
    list: &mut List<'_>,
) {
    let mut keys = schema.keys(node);
    keys.sort_by_key(|key| !key.required);
    let there = |key: &Key<'_>| {
        beside.iter().any(|pair| pair.name() == Some(key.name) && pair.key_span() != list.replace)
    };
    let open: Vec<Key<'_>> = keys.into_iter().filter(|key| !there(key)).collect();
    for key in open {
        let whole: Vec<&str> = path.iter().copied().chain([key.name]).collect();
        let holds_rule =
            is_contract(list.file) && rule_key(&whole, false).is_some_and(|rule| rule.gives != Gives::Verbs);
        let snippet = match () {
            () if has_value => key.name.to_owned(),
            () if at_root
                && !inline
                && key.node.is_list()
                && schema.entries(&key.node).is_table()
                && !key.node.is_text() =>
            {
                format!("[[{}]]\n$0", key.name)
            }
            () if at_root && !inline && key.node.is_table() && !key.node.is_list() => {
                format!("[{}]\n$0", key.name)
            }
            () if holds_rule => format!("{} = '$1'", key.name),
            () if key.node.is_list() && !key.node.is_text() => format!("{} = [$1]", key.name),
            () if key.node.is_table() && !key.node.is_text() => format!("{} = {{ $1 }}", key.name),
            () => match key.node.kind() {
                "true or false" | "number" | "date" => format!("{} = $1", key.name),
                _ => format!("{} = \"$1\"", key.name),
            },
        };
        let detail =
            if key.required { format!("{}, required", key.node.kind()) } else { key.node.kind().to_owned() };
        let required = key.required;
        if let Some(added) = list.add(key.name, CompletionKind::Key, detail, key.doc) {
            added.required = required;
            added.edit.text = plain(&snippet);
            added.snippet = snippet.contains('$').then_some(snippet);
        }
    }
}

/// The periods that people write; there are more, such as `two weeks from 2026-01-05`.
const PERIODS: [&str; 9] =
    ["day", "week", "half month", "month", "quarter", "year", "contract", "lifetime", "30 days"];

struct Values<'v> {
    project: &'v Project,
    schema: &'v Schema,
    path: &'v [&'v str],
    quoted: bool,
    in_list: bool,
}

impl Values<'_> {
    fn text(&self, label: &str, kind: CompletionKind, detail: &str, doc: &str, list: &mut List<'_>) {
        let text = if self.quoted { label.to_owned() } else { format!("\"{label}\"") };
        list.add_as(label, &text, kind, detail, doc);
    }

    fn add(&self, node: &Node<'_>, list: &mut List<'_>) {
        let entries = if self.in_list { self.schema.entries(node) } else { node.clone() };
        for word in entries.words() {
            match word.toml.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(text) => self.text(text, CompletionKind::Value, "", word.doc, list),
                None if self.quoted => {}
                None => drop(list.add(&word.toml, CompletionKind::Value, "", word.doc)),
            }
        }
        self.names(list);
        if is_contract(list.file) && entries.has_pattern("params") {
            for declared in self.project.names().seen(NameKind::Param, list.file) {
                let detail = declared.ty.map(shown).unwrap_or_default();
                self.text(
                    &format!("params.{}", declared.name),
                    CompletionKind::Param,
                    &detail,
                    &declared.detail,
                    list,
                );
            }
        }
        if self.quoted || self.in_list {
            return;
        }
        let holds_rule = is_contract(list.file)
            && rule_key(self.path, false).is_some_and(|rule| rule.gives != Gives::Verbs);
        if holds_rule && list.found.is_empty() {
            list.snippet("'…'", CompletionKind::Value, "expression", node.doc, "'$1'");
        } else if node.is_list() && !node.is_text() {
            list.snippet("[…]", CompletionKind::Value, "list", node.doc, "[$1]");
        } else if node.is_table() && !node.is_text() {
            list.snippet("{ … }", CompletionKind::Value, "table", node.doc, "{ $1 }");
        }
    }

    /// Adds the names that a key takes.
    fn names(&self, list: &mut List<'_>) {
        let names = self.project.names();
        let file = list.file;
        let declared = |kind: NameKind, list: &mut List<'_>| {
            for declared in names.seen(kind, file) {
                self.text(&declared.name, CompletionKind::Name, &declared.detail, &declared.doc, list);
            }
        };
        match self.path {
            ["currency"] | ["tests", "actions", "currency"] => {
                for (code, name) in currencies() {
                    self.text(code, CompletionKind::Value, name, "", list);
                }
            }
            ["time_zone"] if file == PROGRAM => {
                time_zones().for_each(|zone| self.text(zone, CompletionKind::Value, "", "", list));
            }
            ["contracts"] if file == PROGRAM => declared(NameKind::Contract, list),
            ["lists", _, "file"] if file == PROGRAM => self.files("lists/", "", list),
            ["lists", _, "table"] if file == PROGRAM => self.tables(list),
            ["contract"] => declared(NameKind::Contract, list),
            [.., "period"] if is_contract(file) => {
                PERIODS.iter().for_each(|period| self.text(period, CompletionKind::Value, "", "", list));
            }
            ["restrictions", "reason"] => declared(NameKind::Reason, list),
            ["limits", "group"] => declared(NameKind::Group, list),
            ["limits", "event_types"] | ["totals", _, "event_types"] => declared(NameKind::EventType, list),
            ["locking" | "payment", "holidays"] => declared(NameKind::Holidays, list),
            [.., "rule"] if is_contract(file) => self.files("rules/", ".rhai", list),
            [.., "component"] if is_contract(file) => self.files("components/", ".wasm", list),
            [.., "table"] if is_contract(file) => self.tables(list),
            ["tests", "actions", "event_type"] => declared(NameKind::EventType, list),
            ["tests", "expect", "group"] => declared(NameKind::Group, list),
            ["tests", "expect", "contract"] => declared(NameKind::Contract, list),
            ["tests", "expect", "reasons" | "reason"] => {
                declared(NameKind::Reason, list);
                reason_codes().for_each(|(code, text)| self.text(code, CompletionKind::Name, text, "", list));
            }
            _ => {}
        }
    }

    fn files(&self, folder: &str, ending: &str, list: &mut List<'_>) {
        let paths =
            self.project.source().paths().filter(|path| path.starts_with(folder) && path.ends_with(ending));
        for path in paths {
            self.text(path, CompletionKind::File, "", "", list);
        }
    }

    fn tables(&self, list: &mut List<'_>) {
        let paths = self.project.source().paths();
        let names = paths.filter_map(|path| path.strip_prefix("tables/")?.strip_suffix(".csv"));
        for name in names {
            self.text(name, CompletionKind::File, "table", "", list);
        }
    }
}
