//! Reads the reference facts of a folder: partners, creatives, promo codes, rates and pauses.

use std::path::Path;

use accrue::Program;
use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactKind, Reference};
use accrue::limits::Limits;

use super::folder::Folder;
use super::tree::{Entry, Tree, is_readme};
use crate::exit::{FactFault, Failure};

/// The most bytes of a file of facts: a million promo codes have some 50 MB, and facts take some ten times their bytes in memory.
const FACTS_FILE_BYTES: usize = 64 << 20;

/// The most bytes of all files of facts.
const FACTS_BYTES: usize = 128 << 20;

/// Reads the reference facts for a program. Fails with every fault of every file: a fact that is left out would lift what it
/// forbids.
pub(crate) fn read_reference(
    dir: Option<&Path>,
    folder: &Folder,
    program: &Program,
) -> Result<Reference, Failure> {
    check_reference(dir, folder, Some(program), program.limits())?.map_err(Failure::Facts)
}

/// Reads the reference facts in `dir`, or in the folder's own `facts/` if `dir` is `None`. The inner error is every fault of every
/// file. With a program, what the facts say of it is checked too.
pub(crate) fn check_reference(
    dir: Option<&Path>,
    folder: &Folder,
    program: Option<&Program>,
    limits: &Limits,
) -> Result<Result<Reference, Vec<FactFault>>, Failure> {
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
    if let Some(program) = program {
        reference = reference.in_zone(program.zone());
    }
    if !dir.is_dir() {
        let faults = misnamed(&folder.root)?;
        return Ok(if faults.is_empty() { Ok(reference) } else { Err(faults) });
    }
    let other = if dir == own { None } else { Some(Tree::open(dir)?) };
    let Some(tree) = other.as_ref().or(folder.tree.as_ref()) else { return Ok(Ok(reference)) };
    let mut faults = Vec::new();
    let mut left = FACTS_BYTES;
    for Entry { name, path, is_folder } in tree.entries(dir)?.unwrap_or_default() {
        if is_readme(&name) {
            continue;
        }
        let file = path.display().to_string();
        let lower = name.to_ascii_lowercase();
        let stem = lower.strip_suffix(".csv").or_else(|| lower.strip_suffix(".jsonl"));
        let Some(kind) = stem.and_then(FactKind::of_stem).filter(|_| !is_folder) else {
            faults.push(FactFault { file, error: FactError::whole(stray(&name)) });
            continue;
        };
        let bytes = tree.read(&path, FACTS_FILE_BYTES.min(left))?;
        if let Some(message) = too_large(bytes.len(), left) {
            faults.push(FactFault { file, error: FactError::whole(message) });
            // What was not read would be missed by the facts after it.
            return Ok(Err(faults));
        }
        left = left.saturating_sub(bytes.len());
        if let Err(errors) = reference.read(kind, &name, &bytes, limits) {
            faults.extend(errors.0.into_iter().map(|error| FactFault { file: file.clone(), error }));
        }
    }
    // Facts that were not read would be missed here.
    if let (true, Some(program)) = (faults.is_empty(), program)
        && let Err(errors) = program.check_reference(&reference)
    {
        let file = dir.display().to_string();
        faults.extend(errors.0.into_iter().map(|error| FactFault { file: file.clone(), error }));
    }
    Ok(if faults.is_empty() { Ok(reference) } else { Err(faults) })
}

/// Returns the message about a file that is larger than [`FACTS_FILE_BYTES`], or for which only `left` bytes are left.
fn too_large(bytes: usize, left: usize) -> Option<String> {
    let leave_out = "leave out facts that no action needs";
    if bytes > FACTS_FILE_BYTES {
        return Some(format!(
            "this file has more than the {FACTS_FILE_BYTES} bytes that a file of facts may have; {leave_out}"
        ));
    }
    (bytes > left).then(|| {
        format!(
            "with this file, the facts have more than the {FACTS_BYTES} bytes that all of them may have; {leave_out}"
        )
    })
}

/// Returns a fault for each file or folder of a program without `facts/` that was meant for it, and that nothing reads.
fn misnamed(root: &Path) -> Result<Vec<FactFault>, Failure> {
    let mut faults = Vec::new();
    if !root.is_dir() {
        return Ok(faults);
    }
    let unread = |error| Failure::file("read the folder", root, error);
    for entry in root.read_dir().map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if matches!(name.to_ascii_lowercase().as_str(), "facts" | "fact") {
            let message = match name.as_str() {
                "facts" => "this is a file; reference facts are files in a folder `facts`".to_owned(),
                _ => format!("nothing reads `{name}`; rename it to `facts`"),
            };
            faults.push(FactFault { file: path.display().to_string(), error: FactError::whole(message) });
        }
    }
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(faults)
}

/// Returns the message about a file that nothing reads. It may have been meant for one that would forbid something.
fn stray(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or(name);
    let stems = FactKind::ALL.map(FactKind::stem);
    match nearest(stem, stems) {
        Some(known) => format!("nothing reads `{name}`; did you mean `{known}.csv` or `{known}.jsonl`?"),
        None => {
            format!(
                "nothing reads `{name}`; facts are {}, each .csv or .jsonl. Move it elsewhere",
                stems.join(", ")
            )
        }
    }
}
