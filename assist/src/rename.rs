//! Renames a name of a program, or a local of a rule, in every file that uses it.

use std::fmt;

use accrue::diagnostic::{Severity, Span};
use accrue::language::{CallForm, KEYWORDS, NAMESPACES, Phase, calls, records, verbs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::edit::{TextEdit, apply};
use crate::names::NameKind;
use crate::project::Project;
use crate::symbols::{Said, linked, said};
use crate::types::Types;

/// Why a name cannot be renamed so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RenameError {
    /// What is wrong: one lower-case sentence without a full stop.
    pub message: String,
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenameError {}

fn refuse<T>(message: impl Into<String>) -> Result<T, RenameError> {
    Err(RenameError { message: message.into() })
}

/// Returns the name at a byte of a file that can be renamed, and its place; `None` if there is none.
pub fn prepare_rename(project: &Project, path: &str, at: u32) -> Option<(Span, String)> {
    match said(project, path, at)? {
        Said::Name(reference) => {
            let declared =
                project.names().all(reference.kind).any(|declared| declared.name == reference.name);
            let is_renamed =
                declared && reference.kind != NameKind::RuleFile && reference.kind != NameKind::Contract;
            is_renamed.then(|| (reference.place.span, reference.name.clone()))
        }
        Said::Local { at, name, .. } => Some((at, name)),
    }
}

/// Returns the edits that rename what a byte of a file says, in all files.
///
/// # Errors
///
/// Nothing there can be renamed, the new name is no name or is taken, or the program would not load afterwards although it loads now.
///
/// ```
/// use accrue_assist::{Project, rename};
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::new());
/// project.set("rules/a.rhai", "let risk = fraud.risk ?? 0.0;\nif risk > 80.0 { flag(\"FRAUD\"); }");
/// assert_eq!(rename(&project, "rules/a.rhai", 5, "score")?.len(), 2);
/// assert!(rename(&project, "rules/a.rhai", 5, "action").is_err());
/// # Ok::<(), accrue_assist::RenameError>(())
/// ```
pub fn rename(project: &Project, path: &str, at: u32, to: &str) -> Result<Vec<TextEdit>, RenameError> {
    let Some((_, from)) = prepare_rename(project, path, at) else {
        return refuse("there is no name here that can be renamed");
    };
    let Some(said) = said(project, path, at) else {
        return refuse("there is no name here that can be renamed");
    };
    if from == to {
        return Ok(Vec::new());
    }
    let edits: Vec<TextEdit> = match said {
        Said::Local { all, .. } => {
            identifier(to)?;
            let rule = project.file(path).and_then(|file| file.rule_at(at));
            let clash = rule.is_some_and(|rule| {
                let types = Types::new(rule, project.names(), path);
                types.tokens.iter().enumerate().any(|(index, token)| {
                    rule.word(token) == to
                        && index.checked_sub(1).is_none_or(|before| types.word(before) != ".")
                })
            });
            if clash {
                return refuse(format!("`{to}` has another meaning in this rule"));
            }
            all.into_iter().map(|span| TextEdit::new(path, span, to)).collect()
        }
        Said::Name(reference) => {
            let kind = reference.kind;
            let is_word = matches!(
                kind,
                NameKind::Param
                    | NameKind::List
                    | NameKind::Total
                    | NameKind::Attribute
                    | NameKind::PartnerAttribute
                    | NameKind::ItemAttribute
                    | NameKind::Function
            );
            if is_word || matches!(kind, NameKind::Reason | NameKind::EventType | NameKind::Holidays) {
                word(to)?;
            }
            if kind == NameKind::Function {
                identifier(to)?;
            }
            if to.trim().is_empty() || to.contains(['"', '\'', '\\', '\n', '\r']) {
                return refuse(format!("`{to}` is not a name"));
            }
            let linked = linked(project, reference, path);
            let files: Vec<&str> =
                linked.iter().filter(|found| found.declares).map(|found| found.place.file.as_str()).collect();
            let taken = project.names().all(kind).any(|declared| {
                declared.name == to
                    && (!kind.is_of_contract() || files.contains(&declared.place.file.as_str()))
            });
            if taken {
                return refuse(format!("there is already a {} `{to}`", kind.called()));
            }
            linked
                .iter()
                .map(|found| {
                    TextEdit::new(
                        found.place.file.as_str(),
                        found.place.span,
                        written(project, found.place.file.as_str(), found.place.span, to),
                    )
                })
                .collect()
        }
    };
    check(project, &edits)?;
    Ok(edits)
}

/// Returns a new name as it is written at a place: a key in quotes stays in quotes.
fn written(project: &Project, file: &str, span: Span, to: &str) -> String {
    let before = project.text(file).and_then(|text| text.get(span.range())).unwrap_or_default();
    match before.chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}{to}{quote}"),
        _ => to.to_owned(),
    }
}

/// Refuses a name that is no word.
fn word(name: &str) -> Result<(), RenameError> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(());
    }
    refuse(format!("`{name}` is not a name: use letters, digits and `_`, and begin with a letter"))
}

/// Refuses a name that a local or a function cannot have.
fn identifier(name: &str) -> Result<(), RenameError> {
    word(name)?;
    let taken = KEYWORDS.iter().chain(NAMESPACES).any(|(known, _)| *known == name)
        || records(Phase::PayItem).iter().any(|(record, _)| record.name() == name)
        || verbs().any(|verb| verb.name == name)
        || calls().any(|call| call.form == CallForm::Function && call.name == name);
    if taken { refuse(format!("`{name}` is a name of the rule language")) } else { Ok(()) }
}

/// Refuses edits after which the program no longer loads.
fn check(project: &Project, edits: &[TextEdit]) -> Result<(), RenameError> {
    let errors = |project: &Project| {
        project.diagnostics().iter().filter(|found| found.severity == Severity::Error).count()
    };
    let before = errors(project);
    let mut renamed = project.clone();
    let mut files: Vec<&str> = edits.iter().map(|edit| edit.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let Some(text) = project.text(file).and_then(|text| apply(file, text, edits)) else {
            return refuse(format!("`{file}` cannot be edited so"));
        };
        renamed.set(file, text);
    }
    if errors(&renamed) > before {
        let found = renamed.diagnostics().iter().find(|found| found.severity == Severity::Error);
        let message = found.map_or_else(String::new, |found| format!(": {}", found.message));
        return refuse(format!("the program would not load afterwards{message}"));
    }
    Ok(())
}
