//! The names that a program declares, and every place that uses one of these names.

use std::collections::{BTreeMap, BTreeSet};

use accrue::diagnostic::{Place, Span};
use accrue::language::{Base, Element, Phase, Type, rule_key, verbs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Kind, Pair, Value, pair};
use crate::file::{File, FileKind, PROGRAM, RuleText, by_item, is_by_item, is_contract, walk};
use crate::lexer::Kind as Word;

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NameKind {
    /// An event type of the program.
    EventType,
    /// An attribute of actions.
    Attribute,
    /// An attribute of partners.
    PartnerAttribute,
    /// An attribute of items.
    ItemAttribute,
    /// A reason code.
    Reason,
    /// A list.
    List,
    /// A list of holidays.
    Holidays,
    /// A contract.
    Contract,
    /// A parameter of a contract.
    Param,
    /// A total of a contract.
    Total,
    /// A restriction.
    Restriction,
    /// A payout group.
    Group,
    /// A limit.
    Limit,
    /// A bonus.
    Bonus,
    /// A function of `functions/`, or of a rule file.
    Function,
    /// A rule file, by its path.
    RuleFile,
    /// A local of a rule.
    Local,
}

impl NameKind {
    /// Returns what a name of this kind is called in messages.
    pub(crate) fn called(self) -> &'static str {
        match self {
            Self::EventType => "event type",
            Self::Attribute => "attribute",
            Self::PartnerAttribute => "attribute of partners",
            Self::ItemAttribute => "attribute of items",
            Self::Reason => "reason code",
            Self::List => "list",
            Self::Holidays => "list of holidays",
            Self::Contract => "contract",
            Self::Param => "parameter",
            Self::Total => "total",
            Self::Restriction => "restriction",
            Self::Group => "payout group",
            Self::Limit => "limit",
            Self::Bonus => "bonus",
            Self::Function => "function",
            Self::RuleFile => "rule file",
            Self::Local => "local",
        }
    }

    /// Returns a name of this kind as rules write it.
    pub(crate) fn written(self, name: &str) -> String {
        match self {
            Self::Param => format!("params.{name}"),
            Self::List => format!("lists.{name}"),
            Self::Total => format!("totals.{name}"),
            Self::Attribute => format!("attributes.{name}"),
            Self::PartnerAttribute => format!("partner.attributes.{name}"),
            Self::ItemAttribute => format!("item.attributes.{name}"),
            _ => name.to_owned(),
        }
    }

    /// Returns whether each contract has names of this kind of its own.
    pub(crate) fn is_of_contract(self) -> bool {
        matches!(
            self,
            Self::Param | Self::Total | Self::Restriction | Self::Group | Self::Limit | Self::Bonus
        )
    }
}

/// A declared name.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) kind: NameKind,
    pub(crate) name: String,
    /// The name where it is declared.
    pub(crate) place: Place,
    /// The whole declaration.
    pub(crate) whole: Span,
    pub(crate) ty: Option<Type>,
    /// What it is, short: a value or a type.
    pub(crate) detail: String,
    /// The comment before it, or its text.
    pub(crate) doc: String,
    /// The values that it may have.
    pub(crate) values: Vec<String>,
}

/// A place that says a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    pub(crate) kind: NameKind,
    pub(crate) name: String,
    /// Whether it declares the name.
    pub(crate) declares: bool,
}

/// All names of a program.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) declared: Vec<Declared>,
    /// In the order of files and places.
    pub(crate) references: Vec<Reference>,
    /// The contract files that name each rule file, with the phase.
    pub(crate) scripts: BTreeMap<String, Vec<(String, Phase)>>,
}

impl Names {
    pub(crate) fn of(files: &[(&str, &File)]) -> Self {
        let mut names = Self::default();
        for (path, file) in files.iter().copied() {
            match &file.kind {
                FileKind::Toml(document, _) if path == PROGRAM => names.program(document, &file.text),
                FileKind::Toml(document, _) if is_contract(path) => {
                    names.contract(path, document, &file.text)
                }
                FileKind::Toml(document, _) => names.tests(path, document, &file.text),
                FileKind::Rule(rule) => names.functions(path, rule),
                FileKind::Other => {}
            }
        }
        for (path, file) in files.iter().copied().filter(|(path, _)| path.starts_with("rules/")) {
            names.declared.push(Declared {
                kind: NameKind::RuleFile,
                name: path.to_owned(),
                place: Place::new(path, Span::default()),
                whole: Span::default(),
                ty: None,
                detail: String::new(),
                doc: first_comment(&file.text),
                values: Vec::new(),
            });
        }
        let functions: BTreeSet<(String, String)> = names
            .all(NameKind::Function)
            .map(|known| (known.name.clone(), known.place.file.clone()))
            .collect();
        for (path, file) in files.iter().copied() {
            for rule in file.rules() {
                names.rule(path, rule, &functions);
            }
        }
        names.references.sort();
        names.references.dedup();
        names
    }

    /// Returns the names of a kind.
    pub(crate) fn all(&self, kind: NameKind) -> impl Iterator<Item = &Declared> {
        self.declared.iter().filter(move |declared| declared.kind == kind)
    }

    /// Returns the names of a kind that a file sees: of a contract its own, of a rule file those of the contracts that name it.
    pub(crate) fn seen(&self, kind: NameKind, file: &str) -> Vec<&Declared> {
        let contracts = self.contracts_of(file);
        let seen = |declared: &&Declared| {
            !kind.is_of_contract() || contracts.iter().any(|contract| *contract == declared.place.file)
        };
        self.all(kind).filter(seen).collect()
    }

    /// Returns the contract files whose names a file sees.
    pub(crate) fn contracts_of<'n>(&'n self, file: &'n str) -> Vec<&'n str> {
        if is_contract(file) {
            return vec![file];
        }
        if let Some(users) = self.scripts.get(file) {
            return users.iter().map(|(contract, _)| contract.as_str()).collect();
        }
        // Functions and tests, and rule files that nothing names yet, see all contracts.
        let mut all: Vec<&str> =
            self.all(NameKind::Contract).map(|declared| declared.place.file.as_str()).collect();
        all.extend(self.all(NameKind::Param).map(|declared| declared.place.file.as_str()));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Returns the declaration of a name as a file sees it.
    pub(crate) fn find(&self, kind: NameKind, name: &str, file: &str) -> Option<&Declared> {
        self.seen(kind, file).into_iter().find(|declared| declared.name == name)
    }

    /// Returns the reference at a byte of a file.
    pub(crate) fn reference_at(&self, file: &str, at: u32) -> Option<&Reference> {
        let of_file = |reference: &&Reference| reference.place.file == file;
        let holds =
            |reference: &&Reference| reference.place.span.start <= at && at <= reference.place.span.end;
        self.references.iter().filter(of_file).find(holds)
    }

    fn declare(&mut self, kind: NameKind, file: &str, name: &str, key: Span, whole: Span) -> &mut Declared {
        self.refer(kind, file, name, key, true);
        self.declared.push(Declared {
            kind,
            name: name.to_owned(),
            place: Place::new(file, key),
            whole,
            ty: None,
            detail: String::new(),
            doc: String::new(),
            values: Vec::new(),
        });
        let last = self.declared.len() - 1;
        #[allow(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.declared[last]
    }

    fn refer(&mut self, kind: NameKind, file: &str, name: &str, span: Span, declares: bool) {
        self.references.push(Reference {
            place: Place::new(file, span),
            kind,
            name: name.to_owned(),
            declares,
        });
    }

    /// Refers to the texts of a value: one, or those of a list.
    fn refer_texts(&mut self, kind: NameKind, file: &str, text: &str, value: &Value) {
        for (name, value) in value.strings(text) {
            self.refer(kind, file, &name, inside(value), false);
        }
    }

    fn program(&mut self, document: &Document, text: &str) {
        for (name, pairs, key, whole) in entries(document, text, "event_types") {
            let amount = pair(pairs.pairs(), "amount").and_then(|pair| pair.value.as_ref());
            let detail = match amount.map(|value| value.written(text)) {
                Some("false") => "event type without an amount",
                Some("\"signed\"") => "event type whose amount may be negative",
                _ => "event type",
            };
            let doc = comment_before(text, whole.start);
            let declared = self.declare(NameKind::EventType, PROGRAM, &name, key, whole);
            (declared.detail, declared.doc) = (detail.to_owned(), doc);
        }
        for (table, kind) in [
            ("attributes", NameKind::Attribute),
            ("partner_attributes", NameKind::PartnerAttribute),
            ("item_attributes", NameKind::ItemAttribute),
        ] {
            for (name, pairs, key, whole) in entries(document, text, table) {
                let string = |key: &str| pair(pairs.pairs(), key)?.value.as_ref()?.string(text);
                let required = pair(pairs.pairs(), "required")
                    .and_then(|pair| pair.value.as_ref())
                    .is_some_and(|value| value.written(text) == "true");
                let base = match string("type").as_deref() {
                    Some("bool") => Some(Base::Bool),
                    Some("integer") => Some(Base::Integer),
                    Some("decimal") => Some(Base::Decimal),
                    Some("money") => Some(Base::Money),
                    Some("text") => Some(Base::Text),
                    Some("time") => Some(Base::Time),
                    Some("date") => Some(Base::Date),
                    _ => None,
                };
                let values = pair(pairs.pairs(), "values").and_then(|pair| pair.value.as_ref());
                let values = values.map(|value| value.strings(text)).unwrap_or_default();
                let values = values.into_iter().map(|(value, _)| value).collect();
                let doc = comment_before(text, whole.start);
                let declared = self.declare(kind, PROGRAM, &name, key, whole);
                declared.ty = base.map(|base| Type { base, unknown: !required });
                declared.detail = declared.ty.map(|ty| ty.to_string()).unwrap_or_default();
                (declared.values, declared.doc) = (values, doc);
            }
        }
        for (name, pairs, key, whole) in entries(document, text, "reasons") {
            let declared = self.declare(NameKind::Reason, PROGRAM, &name, key, whole);
            declared.doc = pairs.value().and_then(|value| value.string(text)).unwrap_or_default();
            declared.detail = "reason code".to_owned();
        }
        for (name, pairs, key, whole) in entries(document, text, "lists") {
            let values = pair(pairs.pairs(), "values").and_then(|pair| pair.value.as_ref());
            let from = |key: &str| pair(pairs.pairs(), key)?.value.as_ref()?.string(text);
            let detail = match (values, from("file"), from("table")) {
                (Some(values), ..) => format!("list of {} values", values.list().len()),
                (_, Some(file), _) => format!("list from `{file}`"),
                (_, _, Some(table)) => format!("list from the table `{table}`"),
                _ => "list".to_owned(),
            };
            let first = values.map(|values| values.strings(text)).unwrap_or_default();
            let doc = comment_before(text, whole.start);
            let declared = self.declare(NameKind::List, PROGRAM, &name, key, whole);
            declared.ty = Some(Type::known(Base::List(Element::Text)));
            (declared.detail, declared.doc) = (detail, doc);
            declared.values = first.into_iter().map(|(value, _)| value).collect();
        }
        for (name, _, key, whole) in entries(document, text, "holidays") {
            let doc = comment_before(text, whole.start);
            let declared = self.declare(NameKind::Holidays, PROGRAM, &name, key, whole);
            (declared.detail, declared.doc) = ("holidays".to_owned(), doc);
        }
        walk(document, &mut |path, _, pair| {
            if let (["contracts"], Some(value)) = (path, &pair.value) {
                self.refer_texts(NameKind::Contract, PROGRAM, text, value);
            }
        });
    }

    fn contract(&mut self, path: &str, document: &Document, text: &str) {
        for (name, pairs, key, whole) in entries(document, text, "params") {
            let ty = pairs.value().and_then(|value| param_type(value, text));
            let doc = comment_before(text, whole.start);
            let written = pairs.value().map(|value| value.written(text)).unwrap_or_default();
            let detail: String = written.chars().take(80).collect();
            let declared = self.declare(NameKind::Param, path, &name, key, whole);
            (declared.ty, declared.detail, declared.doc) = (ty, detail, doc);
        }
        for (name, pairs, key, whole) in entries(document, text, "totals") {
            let has = |key: &str| pair(pairs.pairs(), key).is_some();
            let string = |key: &str| pair(pairs.pairs(), key)?.value.as_ref()?.string(text);
            let period = string("period").unwrap_or_else(|| "lifetime".to_owned());
            let per = pair(pairs.pairs(), "per").and_then(|pair| pair.value.as_ref());
            let per = per.map(|per| per.strings(text)).unwrap_or_default();
            let per: Vec<String> = per.into_iter().map(|(per, _)| per).collect();
            let values =
                ["measure", "distinct"].into_iter().filter(|key| has(key)).map(str::to_owned).collect();
            let doc = comment_before(text, whole.start);
            let declared = self.declare(NameKind::Total, path, &name, key, whole);
            declared.detail = format!("total by {} over {period}", per.join(", "));
            (declared.doc, declared.values) = (doc, values);
        }
        let by_item = by_item(document, text);
        let mut order = Vec::new();
        walk(document, &mut |keys, section, pair| {
            let Some(value) = &pair.value else { return };
            let named = match keys {
                ["contract"] => Some(NameKind::Contract),
                ["restrictions", "name"] => Some(NameKind::Restriction),
                ["payout", "groups", "name"] | ["payouts", _, "groups", "name"] => Some(NameKind::Group),
                ["limits", "name"] => Some(NameKind::Limit),
                ["bonuses", "name"] => Some(NameKind::Bonus),
                _ => None,
            };
            if let (Some(kind), Some(name)) = (named, value.string(text)) {
                let whole = document.tables.get(section).map_or(pair.span, |table| table_span(table, text));
                order.push((kind, name, inside(value), whole));
            }
            let refers = match keys {
                ["restrictions", "reason"] => Some(NameKind::Reason),
                ["limits", "group"] => Some(NameKind::Group),
                ["limits", "event_types"] | ["totals", _, "event_types"] => Some(NameKind::EventType),
                ["locking" | "payment", "holidays"] => Some(NameKind::Holidays),
                _ => None,
            };
            if let Some(kind) = refers {
                self.refer_texts(kind, path, text, value);
            }
            if let (Some(key), Some(script), [.., "rule"]) =
                (rule_key(keys, is_by_item(&by_item, keys)), value.string(text), keys)
            {
                self.refer(NameKind::RuleFile, path, &script, inside(value), false);
                let users = self.scripts.entry(script).or_default();
                if !users.contains(&(path.to_owned(), key.phase)) {
                    users.push((path.to_owned(), key.phase));
                }
            }
            if !matches!(keys, ["params", ..]) {
                self.params_in(path, text, value);
            }
        });
        for (kind, name, key, whole) in order {
            let doc = comment_before(text, whole.start);
            let declared = self.declare(kind, path, &name, key, whole);
            (declared.detail, declared.doc) = (kind.called().to_owned(), doc);
        }
        for header in document.tables.iter().filter_map(|table| table.header.as_ref()) {
            if let [payouts, event, ..] = header.path.as_slice()
                && payouts.name == "payouts"
            {
                self.refer(NameKind::EventType, path, &event.name, event.span, false);
            }
        }
    }

    /// Refers to the parameters that values name: `"params.NAME"`.
    fn params_in(&mut self, path: &str, text: &str, value: &Value) {
        match &value.kind {
            Kind::Text { inside, .. } => {
                let written = text.get(inside.range()).unwrap_or_default();
                if let Some(name) = written.strip_prefix("params.")
                    && !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                {
                    let span = Span { start: inside.start.saturating_add(7), end: inside.end };
                    self.refer(NameKind::Param, path, name, span, false);
                }
            }
            Kind::List(values) => values.iter().for_each(|value| self.params_in(path, text, value)),
            Kind::Bare | Kind::Table(_) => {}
        }
    }

    fn tests(&mut self, path: &str, document: &Document, text: &str) {
        walk(document, &mut |keys, _, pair| {
            let Some(value) = &pair.value else { return };
            let kind = match keys {
                ["tests", "actions", "event_type"] | ["tests", "action", "event_type"] => NameKind::EventType,
                ["tests", "expect", "group"] => NameKind::Group,
                ["tests", "expect", "contract"] => NameKind::Contract,
                ["tests", "expect", "reasons" | "reason"] => NameKind::Reason,
                _ => return,
            };
            self.refer_texts(kind, path, text, value);
        });
    }

    fn functions(&mut self, path: &str, rule: &RuleText) {
        let tokens: Vec<_> = rule.tokens.iter().filter(|token| token.kind != Word::Comment).collect();
        for (index, token) in tokens.iter().enumerate() {
            if rule.word(token) != "fn" {
                continue;
            }
            let Some(name) = tokens.get(index + 1).filter(|name| name.kind == Word::Word) else { continue };
            let rest = rule.text.get(name.span.start as usize..).unwrap_or_default();
            let signature: String = rest.split(['{', '\n']).next().unwrap_or_default().trim().to_owned();
            let whole = rule.moved(Span { start: token.span.start, end: name.span.end });
            let doc = comment_before(&rule.text, token.span.start);
            let declared = self.declare(NameKind::Function, path, rule.word(name), rule.place(name), whole);
            (declared.detail, declared.doc) = (format!("fn {signature}"), doc);
        }
    }

    /// Collects the names that a rule says.
    fn rule(&mut self, path: &str, rule: &RuleText, functions: &BTreeSet<(String, String)>) {
        let tokens: Vec<_> = rule.tokens.iter().filter(|token| token.kind != Word::Comment).collect();
        let word = |index: usize| tokens.get(index).map_or("", |token| rule.word(token));
        let before = |index: usize, by: usize| index.checked_sub(by).map_or("", &word);
        for (index, token) in tokens.iter().enumerate() {
            let written = rule.word(token);
            let span = rule.place(token);
            match token.kind {
                Word::Word if before(index, 1) == "." => {
                    let of_space = before(index, 3) != ".";
                    let kind = match before(index, 2) {
                        "params" if of_space => NameKind::Param,
                        "lists" if of_space => NameKind::List,
                        "totals" if of_space => NameKind::Total,
                        "attributes" if of_space => NameKind::Attribute,
                        "attributes" if before(index, 4) == "partner" => NameKind::PartnerAttribute,
                        "attributes" => NameKind::ItemAttribute,
                        _ => continue,
                    };
                    self.refer(kind, path, written, span, false);
                }
                Word::Word if word(index + 1) == "(" && before(index, 1) != "fn" => {
                    // Of the file itself, or of `functions/`.
                    let from = (written.to_owned(), String::new());
                    let mut of_name = functions.range(from..).take_while(|(name, _)| name == written);
                    if of_name.any(|(_, file)| file == path || file.starts_with("functions/")) {
                        self.refer(NameKind::Function, path, written, span, false);
                    }
                }
                Word::Text => {
                    let Some(inside) = inside_of_text(written, span) else { continue };
                    let name = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
                    let verb = before(index, 2);
                    if before(index, 1) == "("
                        && before(index, 3) != "."
                        && verbs().any(|known| {
                            known.name == verb
                                && known.params.first().is_some_and(|(name, _)| *name == "reason")
                        })
                    {
                        self.refer(NameKind::Reason, path, name, inside, false);
                    } else if matches!(before(index, 1), "==" | "!=") && before(index, 2) == "event_type" {
                        self.refer(NameKind::EventType, path, name, inside, false);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns the bytes between the quotes of a text in a rule.
fn inside_of_text(written: &str, span: Span) -> Option<Span> {
    (written.len() >= 2 && written.ends_with(['"', '`']))
        .then(|| Span { start: span.start.saturating_add(1), end: span.end.saturating_sub(1) })
}

/// Returns the bytes between the quotes of a text.
pub(crate) fn inside(value: &Value) -> Span {
    match value.kind {
        Kind::Text { inside, .. } => inside,
        _ => value.span,
    }
}

/// What a declared name has: a value, or the pairs of a table of its own.
pub(crate) enum Entry<'d> {
    Value(&'d Value),
    Table(&'d [Pair]),
}

impl<'d> Entry<'d> {
    fn value(&self) -> Option<&'d Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Table(_) => None,
        }
    }

    pub(crate) fn pairs(&self) -> &'d [Pair] {
        match self {
            Self::Value(value) => value.pairs(),
            Self::Table(pairs) => pairs,
        }
    }
}

/// Returns the names under a table, each with what it has, its place and the place of the whole: `[table]` with `name = …`,
/// `[table.name]`, and `table = { name = … }`.
pub(crate) fn entries<'d>(
    document: &'d Document,
    text: &str,
    table: &str,
) -> Vec<(String, Entry<'d>, Span, Span)> {
    let mut found = Vec::new();
    let of_pairs = |pairs: &'d [Pair], found: &mut Vec<_>| {
        for pair in pairs {
            if let ([key], Some(value)) = (pair.keys.as_slice(), &pair.value) {
                found.push((key.name.clone(), Entry::Value(value), key.span, pair.span));
            }
        }
    };
    for section in &document.tables {
        match &section.header {
            None => {
                if let Some(value) = section.pair(table).and_then(|pair| pair.value.as_ref()) {
                    of_pairs(value.pairs(), &mut found);
                }
            }
            Some(header) if header.is(&[table]) => of_pairs(&section.pairs, &mut found),
            Some(header) => {
                if let [space, key] = header.path.as_slice()
                    && space.name == table
                {
                    let whole = table_span(section, text);
                    found.push((key.name.clone(), Entry::Table(&section.pairs), key.span, whole));
                }
            }
        }
    }
    found
}

/// Returns the bytes of a table from its header to the end of its last pair.
pub(crate) fn table_span(section: &crate::document::Section, text: &str) -> Span {
    let last = section.pairs.last().map(|pair| pair.span.end);
    let end = last.or_else(|| section.header.as_ref().map(|header| header.span.end));
    let end = end.unwrap_or(section.span.end);
    let start = section.header.as_ref().map_or(section.span.start, |header| header.span.start);
    Span { start, end: end.min(crate::document::pin(text.len())) }
}

/// Returns the type of a parameter.
fn param_type(value: &Value, text: &str) -> Option<Type> {
    let base = match &value.kind {
        Kind::Text { .. } => {
            let written = value.string(text)?;
            let number = written.strip_suffix('%').map(str::trim);
            match number {
                Some(number) if number.parse::<f64>().is_ok() => Base::Decimal,
                _ => Base::Text,
            }
        }
        Kind::Bare => match value.written(text) {
            "true" | "false" => Base::Bool,
            _ => Base::Integer,
        },
        Kind::Table(pairs) => match pairs.first()?.name()? {
            "money" => Base::Money,
            "decimal" => Base::Decimal,
            "date" => Base::Date,
            "time" => Base::Time,
            "days" => Base::Duration,
            _ => return None,
        },
        Kind::List(_) => return None,
    };
    Some(Type::known(base))
}

/// Returns the comment lines directly before a byte, without their marks.
pub(crate) fn comment_before(text: &str, at: u32) -> String {
    let start = crate::edit::line_start(text, at as usize);
    let mut lines = Vec::new();
    for line in text.get(..start).unwrap_or_default().lines().rev() {
        let line = line.trim();
        let Some(comment) = line.strip_prefix('#').or_else(|| line.strip_prefix("//")) else { break };
        lines.push(comment.trim_start_matches('/').trim());
    }
    lines.reverse();
    lines.join(" ")
}

/// Returns the comment at the beginning of a rule file.
fn first_comment(text: &str) -> String {
    let comments = text.lines().map_while(|line| line.trim().strip_prefix("//")).map(str::trim);
    comments.collect::<Vec<_>>().join(" ")
}
