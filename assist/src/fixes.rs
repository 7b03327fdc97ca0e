//! Quick fixes: the repairs of diagnostics, with titles for people.

use accrue::diagnostic::{Diagnostic, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::edit::TextEdit;
use crate::project::Project;

/// A repair of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct QuickFix {
    /// What it does, for a person: ``Write `"8%"` ``.
    pub title: String,
    /// The diagnostic that goes away, by its index in [`Project::diagnostics`].
    pub diagnostic: usize,
    /// The edits, all of them together.
    pub edits: Vec<TextEdit>,
}

/// Returns the repairs of the diagnostics whose places touch a range of a file.
///
/// ```
/// use accrue::diagnostic::Span;
/// use accrue_assist::{Project, quick_fixes};
/// let source = accrue::Source::from_files([("program.toml", "id = \"shop\"\nname = Shop\n")]);
/// let project = Project::new(accrue::Engine::default(), source);
/// let fixes = quick_fixes(&project, "program.toml", Span::new(19, 19));
/// assert!(fixes.iter().all(|fix| !fix.edits.is_empty()));
/// ```
pub fn quick_fixes(project: &Project, path: &str, range: Span) -> Vec<QuickFix> {
    let touches = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.as_ref();
        place.is_some_and(|place| {
            place.file == path && place.span.start <= range.end && range.start <= place.span.end
        })
    };
    let found = project.diagnostics().iter().enumerate().filter(|(_, diagnostic)| touches(diagnostic));
    found.filter_map(|(index, diagnostic)| fix(index, diagnostic)).collect()
}

/// Returns the repair of a diagnostic; `None` if none is exact.
pub(crate) fn fix(index: usize, diagnostic: &Diagnostic) -> Option<QuickFix> {
    if diagnostic.replacements.is_empty() {
        return None;
    }
    let edits = diagnostic
        .replacements
        .iter()
        .map(|edit| TextEdit::new(edit.place.file.as_str(), edit.place.span, edit.text.as_str()));
    Some(QuickFix { title: title(diagnostic), diagnostic: index, edits: edits.collect() })
}

/// Returns what a repair does, as a command.
fn title(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_deref().unwrap_or("repair it");
    if let Some(rest) = help.strip_prefix("did you mean ")
        && let Some((name, _)) = rest.split_once('?')
    {
        return format!("Replace by {name}");
    }
    let mut letters = help.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
