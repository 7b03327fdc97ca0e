//! Reads the reference facts of a folder: partners, creatives, promo codes, rates and pauses.

use std::path::Path;

use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactKind, Reference};
use accrue::limits::Limits;

use super::files::entries;
use super::folder::Folder;
use crate::exit::Failure;

/// An error in a file of reference facts. The fact is left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct FactFault {
    /// The path of the file.
    pub(crate) file: String,
    /// The error and its place.
    #[serde(flatten)]
    pub(crate) error: FactError,
}

/// Reads the reference facts in `dir`, or in the folder's own `facts/` if `dir` is `None`. Returns the faults beside the
/// facts that could be read.
pub(crate) fn read_reference(
    dir: Option<&Path>,
    folder: &Folder,
    limits: &Limits,
) -> Result<(Reference, Vec<FactFault>), Failure> {
    let own = folder.root.join("facts");
    let dir = match dir {
        Some(dir) if !dir.is_dir() => {
            return Err(Failure::usage(
                format!("there is no folder `{}`", dir.display()),
                "`--facts` names a folder with partners.csv, creatives.jsonl and so on",
            ));
        }
        Some(dir) => dir,
        None => &own,
    };
    let mut reference = Reference::default();
    let mut faults = Vec::new();
    if !dir.is_dir() {
        return Ok((reference, faults));
    }
    for path in entries(dir)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name.to_ascii_lowercase().starts_with("readme") {
            continue;
        }
        let shown = path.display().to_string();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let readable = path.extension().is_some_and(|ext| ext == "csv" || ext == "jsonl");
        let Some(kind) = FactKind::of_stem(&stem).filter(|_| readable && !path.is_dir()) else {
            faults.push(FactFault { file: shown, error: FactError::whole(stray(&name, &stem)) });
            continue;
        };
        let bytes = std::fs::read(&path).map_err(|error| Failure::file("read", &path, error))?;
        let errors = reference.read(kind, &name, &bytes, limits);
        faults.extend(errors.0.into_iter().map(|error| FactFault { file: shown.clone(), error }));
    }
    Ok((reference, faults))
}

/// Returns the message about a file that holds no facts.
fn stray(name: &str, stem: &str) -> String {
    let stems = FactKind::ALL.map(FactKind::stem);
    match nearest(stem, stems) {
        Some(known) => format!("`{name}` is not read; did you mean `{known}.csv` or `{known}.jsonl`?"),
        None => format!("`{name}` is not read; facts are {}, each .csv or .jsonl", stems.join(", ")),
    }
}
