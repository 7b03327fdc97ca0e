//! What stands under the cursor, and the parameters of the call that the cursor is in.

use accrue::diagnostic::{Code, Span};
use accrue::language::{
    Base, CallForm, KEYWORDS, NAMESPACES, TOTAL_SUMS, TOTAL_TIMES, calls, fields, reason_codes, verbs,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::complete::{record_doc, signature};
use crate::document::Document;
use crate::file::{File, FileKind, RuleText};
use crate::lexer::Kind as Word;
use crate::names::{Declared, NameKind};
use crate::project::Project;
use crate::spot::Spot;
use crate::types::{Of, Types, shown};

/// What is known of a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// The name, as the language writes it, such as `customer.status`.
    pub name: String,
    /// Its type, its signature or its value; empty if there is none.
    pub detail: String,
    /// What it is, in sentences.
    pub doc: String,
}

/// Returns what is known of the word at a byte of a file.
///
/// ```
/// use accrue_assist::{Project, hover};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("rules/a.rhai", "if customer.status == \"new\" { rate(percent(8)); }");
/// let found = hover(&project, "rules/a.rhai", 14).expect("a field");
/// assert_eq!((found.name.as_str(), found.detail.as_str()), ("customer.status", "text"));
/// ```
pub fn hover(project: &Project, path: &str, at: u32) -> Option<Hover> {
    let file = project.file(path)?;
    if !file.text.is_char_boundary(at as usize) {
        return None;
    }
    if let Some(reference) = project.names().reference_at(path, at)
        && let Some(declared) = project.names().find(reference.kind, &reference.name, path)
    {
        return Some(of_declared(project, declared, reference.place.span));
    }
    if let Some(code) = code_at(&file.text, at) {
        return Some(code);
    }
    if let Some(rule) = file.rule_at(at) {
        return in_rule(project, path, rule, at.saturating_sub(rule.offset));
    }
    match &file.kind {
        FileKind::Toml(document, _) => in_toml(project, path, file, document, at),
        _ => None,
    }
}

fn of_declared(project: &Project, declared: &Declared, span: Span) -> Hover {
    let name = declared.kind.written(&declared.name);
    let detail = match declared.kind {
        NameKind::Param => match declared.ty {
            Some(ty) => format!("{ty} = {}", declared.detail),
            None => declared.detail.clone(),
        },
        NameKind::List => list_detail(project, declared),
        NameKind::Attribute | NameKind::PartnerAttribute | NameKind::ItemAttribute
            if !declared.values.is_empty() =>
        {
            format!("{}: {}", declared.detail, declared.values.join(", "))
        }
        NameKind::RuleFile => "rule file".to_owned(),
        _ => declared.detail.clone(),
    };
    Hover { span, name, detail, doc: declared.doc.clone() }
}

/// The values of a list that are shown.
const SHOWN: usize = 8;

/// Returns the number of values of a list, and the first of them.
fn list_detail(project: &Project, declared: &Declared) -> String {
    let mut values: Vec<&str> = declared.values.iter().map(String::as_str).collect();
    let mut count = values.len();
    if values.is_empty()
        && let Some(path) =
            declared.detail.strip_prefix("list from `").and_then(|rest| rest.strip_suffix('`'))
        && let Some(text) = project.text(path)
    {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<&str> = lines.skip(usize::from(path.ends_with(".csv"))).collect();
        count = lines.len();
        values = lines.into_iter().take(SHOWN).collect();
    }
    let more = if count > SHOWN { ", …" } else { "" };
    let first: Vec<&str> = values.into_iter().take(SHOWN).collect();
    if first.is_empty() {
        return declared.detail.clone();
    }
    format!("list of {count} values: {}{more}", first.join(", "))
}

/// Returns what a code of a diagnostic says, which people write in comments and notes.
fn code_at(text: &str, at: u32) -> Option<Hover> {
    let at = at as usize;
    let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let start = text.get(..at)?.rfind(|c| !is_code(c)).map_or(0, |before| before + 1);
    let start = (start..=at).find(|start| text.is_char_boundary(*start))?;
    let end = text.get(at..)?.find(|c| !is_code(c)).map_or(text.len(), |after| at + after);
    let word = text.get(start..end)?;
    let code = Code::ALL.iter().find(|code| code.text() == word)?;
    Some(Hover {
        span: Span::new(start, end),
        name: word.to_owned(),
        detail: "diagnostic".to_owned(),
        doc: code.doc().to_owned(),
    })
}

fn in_rule(project: &Project, path: &str, rule: &RuleText, at: u32) -> Option<Hover> {
    let types = Types::new(rule, project.names(), path);
    let index =
        types.tokens.iter().position(|token| token.span.start <= at && at < token.span.end).or_else(
            || types.tokens.iter().position(|token| token.kind == Word::Word && token.span.end == at),
        )?;
    let token = types.tokens.get(index)?;
    let span = rule.place(token);
    let word = types.word(index);
    if token.kind == Word::Text {
        let code = word.trim_matches('"');
        let (code, text) = reason_codes().find(|(known, _)| *known == code)?;
        return Some(Hover {
            span,
            name: code.to_owned(),
            detail: "reason code".to_owned(),
            doc: text.to_owned(),
        });
    }
    if token.kind != Word::Word {
        return None;
    }
    let hover =
        |name: String, detail: String, doc: &str| Some(Hover { span, name, detail, doc: doc.to_owned() });
    let after_point = index.checked_sub(1).filter(|before| types.word(*before) == ".");
    if let Some(point) = after_point {
        let (of, _) = types.before_point(point);
        return match of {
            Of::Value(ty) => {
                if let Base::Record(record) = ty.base
                    && let Some(field) = fields().find(|field| field.record == record && field.name == word)
                {
                    return hover(format!("{}.{word}", record.name()), shown(field.ty), field.doc);
                }
                let call = calls().find(|call| call.name == word && call.takes(ty.base))?;
                let gives = call.gives(Some(ty)).to_string();
                let detail = match call.form {
                    CallForm::Property => gives,
                    _ => format!("{} → {gives}", signature(call.name, call.params)),
                };
                hover(call.example.to_owned(), detail, call.doc)
            }
            Of::Total(_) | Of::Earlier(_) => {
                let (sum, base, doc) = TOTAL_SUMS.iter().find(|(sum, ..)| *sum == word)?;
                hover((*sum).to_owned(), accrue::language::Type::known(*base).to_string(), doc)
            }
            Of::Sum(base) => {
                let (time, _, doc) = TOTAL_TIMES.iter().find(|(time, ..)| *time == word)?;
                hover((*time).to_owned(), accrue::language::Type::known(base).to_string(), doc)
            }
            Of::Names(_) | Of::Unknown => None,
        };
    }
    if let Some(local) = types.locals_at(at).filter(|local| local.name == word).last() {
        return hover(
            word.to_owned(),
            local.ty.map_or_else(|| "local".to_owned(), shown),
            "A local of the rule.",
        );
    }
    if let Some(local) = types.locals.iter().find(|local| local.span == token.span) {
        return hover(
            word.to_owned(),
            local.ty.map_or_else(|| "local".to_owned(), shown),
            "A local of the rule.",
        );
    }
    if types.word(index + 1) == "(" {
        if let Some(verb) = verbs().find(|verb| verb.name == word) {
            return hover(verb.example.to_owned(), signature(verb.name, verb.params), verb.doc);
        }
        if let Some(call) = calls().find(|call| call.form == CallForm::Function && call.name == word) {
            let (_, after) = types.expr(index, 0, 0);
            let (of, _) = types.expr(index + 2, 0, 0);
            let first = match of {
                Of::Value(ty) if after > index => Some(ty),
                _ => None,
            };
            let detail = format!("{} → {}", signature(call.name, call.params), call.gives(first));
            return hover(call.example.to_owned(), detail, call.doc);
        }
    }
    if let Some((record, ty)) = types.records().into_iter().find(|(record, _)| record.name() == word) {
        return hover(word.to_owned(), shown(ty), record_doc(record));
    }
    let known = NAMESPACES.iter().chain(KEYWORDS).find(|(known, _)| *known == word)?;
    hover(word.to_owned(), String::new(), known.1)
}

fn in_toml(project: &Project, path: &str, file: &File, document: &Document, at: u32) -> Option<Hover> {
    let schema = project.schema(path)?;
    let index = document.section(at);
    if let Some(header) = document.tables.get(index).and_then(|section| section.header.as_ref())
        && header.span.start <= at
        && at <= header.span.end
    {
        let part = header.path.iter().position(|key| at <= key.span.end)?;
        let names: Vec<&str> = header.names().take(part + 1).collect();
        let node = schema.at(&names)?;
        let span = header.path.get(part)?.span;
        return Some(Hover {
            span,
            name: names.join("."),
            detail: node.kind().to_owned(),
            doc: node.doc.to_owned(),
        });
    }
    match Spot::at(document, &file.text, at)? {
        Spot::Key { mut path, replace, .. } => {
            let name = file.text.get(replace.range()).filter(|name| !name.is_empty())?;
            path.push(name.trim_matches(['"', '\'']));
            let node = schema.at(&path)?;
            Some(Hover {
                span: replace,
                name: name.to_owned(),
                detail: node.kind().to_owned(),
                doc: node.doc.to_owned(),
            })
        }
        Spot::Value { path, replace, quotes, .. } => {
            let written = file.text.get(replace.range()).filter(|written| !written.is_empty())?;
            let node = schema.at(&path)?;
            let toml = if quotes.is_some() { format!("\"{written}\"") } else { written.to_owned() };
            let words = schema.entries(&node).words();
            if let Some(word) = words.into_iter().find(|word| word.toml == toml && !word.doc.is_empty()) {
                let doc = word.doc.to_owned();
                return Some(Hover { span: replace, name: written.to_owned(), detail: String::new(), doc });
            }
            let (code, text) = reason_codes().find(|(known, _)| *known == written)?;
            Some(Hover {
                span: replace,
                name: code.to_owned(),
                detail: "reason code".to_owned(),
                doc: text.to_owned(),
            })
        }
        Spot::Header { .. } => None,
    }
}

/// The call that the cursor is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SignatureHelp {
    /// The call with the names of its parameters, such as `hold(reason, duration?)`.
    pub label: String,
    /// What it does.
    pub doc: String,
    /// The parameters, in order.
    pub params: Vec<Parameter>,
    /// The index of the parameter that the cursor is in; past the last if there are too many arguments.
    pub active: u32,
}

/// A parameter of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Parameter {
    /// The name; with `?` at its end, it may be left out.
    pub name: String,
    /// What it takes.
    pub takes: String,
}

/// Returns the call that a byte of a file is in.
///
/// ```
/// use accrue_assist::{Project, signature_help};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("rules/a.rhai", "hold(\"REVIEW\", days(");
/// let help = signature_help(&project, "rules/a.rhai", 15).expect("a call");
/// assert_eq!((help.label.as_str(), help.active), ("hold(reason, duration?)", 1));
/// ```
pub fn signature_help(project: &Project, path: &str, at: u32) -> Option<SignatureHelp> {
    let rule = project.file(path)?.rule_at(at)?;
    let at = at.saturating_sub(rule.offset);
    let types = Types::new(rule, project.names(), path);
    let before = types.tokens.partition_point(|token| token.span.end <= at);
    let (mut depth, mut active) = (0_usize, 0_u32);
    for index in (0..before).rev() {
        match types.word(index) {
            ")" | "]" | "}" => depth += 1,
            "(" if depth == 0 => {
                let name = index.checked_sub(1)?;
                if types.tokens.get(name)?.kind != Word::Word {
                    return None;
                }
                return call(project, &types, name, active);
            }
            "(" | "[" | "{" if depth > 0 => depth -= 1,
            "{" | "[" | ";" if depth == 0 => return None,
            "," if depth == 0 => active += 1,
            _ => {}
        }
    }
    None
}

fn call(project: &Project, types: &Types<'_>, index: usize, active: u32) -> Option<SignatureHelp> {
    let name = types.word(index);
    let help = |params: &[(&str, &str)], doc: &str| {
        let shown = params
            .iter()
            .map(|(name, takes)| Parameter { name: (*name).to_owned(), takes: (*takes).to_owned() });
        Some(SignatureHelp {
            label: signature(name, params),
            doc: doc.to_owned(),
            params: shown.collect(),
            active,
        })
    };
    let is_method = index.checked_sub(1).is_some_and(|before| types.word(before) == ".");
    if let Some(call) = calls().find(|call| {
        call.name == name && call.form == if is_method { CallForm::Method } else { CallForm::Function }
    }) {
        return help(call.params, call.doc);
    }
    if let Some(verb) = verbs().find(|verb| verb.name == name) {
        return help(verb.params, verb.doc);
    }
    let declared = project.names().all(NameKind::Function).find(|declared| declared.name == name)?;
    let label = declared.detail.strip_prefix("fn ").unwrap_or(&declared.detail).to_owned();
    let inside =
        label.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(inside, _)| inside);
    let params = inside.split(',').map(str::trim).filter(|name| !name.is_empty());
    let params = params.map(|name| Parameter { name: name.to_owned(), takes: String::new() }).collect();
    Some(SignatureHelp { label, doc: declared.doc.clone(), params, active })
}
