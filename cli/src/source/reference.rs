//! Reads the reference facts of a folder: partners, creatives, promo codes, rates and pauses.

use std::path::Path;

use accrue::Program;
use accrue::facts::{FactError, Reference};
use accrue::limits::Limits;
use accrue_history::{FactFault, FactsReader, is_for_people, misnamed_facts};

use super::folder::Folder;
use super::tree::{Entry, Tree};
use crate::exit::Failure;

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
    let mut reader = FactsReader::new(program, limits);
    if !dir.is_dir() {
        let faults = misnamed(&folder.root)?;
        return Ok(if faults.is_empty() { Ok(reader.without_facts()) } else { Err(faults) });
    }
    let other = if dir == own { None } else { Some(Tree::open(dir)?) };
    let Some(tree) = other.as_ref().or(folder.tree.as_ref()) else { return Ok(Ok(reader.without_facts())) };
    for Entry { name, path, is_folder } in tree.entries(dir)?.unwrap_or_default() {
        if is_for_people(&name) {
            continue;
        }
        let file = path.display().to_string();
        if is_folder || !FactsReader::reads(&name) {
            reader.stray(&name, &file);
            continue;
        }
        let bytes = tree.read(&path, reader.most_bytes())?;
        if !reader.read(&name, &file, &bytes) {
            break;
        }
    }
    Ok(reader.finish(&dir.display().to_string()))
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
        let message = misnamed_facts(&name);
        let file = || path.display().to_string();
        faults.extend(message.map(|message| FactFault { file: file(), error: FactError::whole(message) }));
    }
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(faults)
}
