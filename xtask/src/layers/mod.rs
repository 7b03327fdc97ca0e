//! `cargo xtask layers`: no file imports against the order in `xtask/layers.txt`, and no files import each other in a circle.
//!
//! An import counts for the file that defines what is imported: whoever imports a name from a `mod.rs` that only re-exports it
//! depends on the file behind, and not on the `mod.rs`.

mod imports;

use crate::Result;
use crate::process::root;
use imports::{Crate, Import};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The order, from the root of the repository.
const ORDER: &str = "xtask/layers.txt";

/// Checks every crate that the order names, and prints each import that is wrong.
pub(crate) fn check() -> Result {
    let orders = Order::read_all(&fs::read_to_string(root().join(ORDER))?)?;
    let mut wrong = 0;
    for order in &orders {
        let texts = read_folder(&root().join(&order.folder))?;
        let entry = if texts.contains_key("lib.rs") { "lib.rs" } else { "main.rs" };
        let tree = Crate::read(entry, &texts).map_err(|error| format!("{}: {error}", order.folder))?;
        let imports = tree.imports();
        let mut faults = order.faults(&tree.files, &imports);
        faults.extend(circles(&order.folder, &tree.files, &imports));
        for fault in &faults {
            println!("{fault}\n");
        }
        println!(
            "{}: {} files, {} imports between them, {} faults",
            order.folder,
            tree.files.len(),
            imports.len(),
            faults.len()
        );
        wrong += faults.len();
    }
    if wrong > 0 {
        return Err(format!("imports break the order of the modules: {wrong} faults").into());
    }
    Ok(())
}

/// The order of the modules of one crate.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    /// The folder of its sources, from the root of the repository.
    folder: String,
    /// From the bottom up. Each layer is the names of modules at the root of the crate.
    layers: Vec<Vec<String>>,
}

impl Order {
    fn read_all(text: &str) -> Result<Vec<Self>> {
        lines(text).map(Self::read).collect()
    }

    fn read(line: &str) -> Result<Self> {
        let (folder, layers) = line
            .split_once(':')
            .ok_or_else(|| format!("{ORDER}: no `:` in `{line}`; write `FOLDER: a < b`"))?;
        let names = |layer: &str| layer.split(',').map(|name| name.trim().to_owned()).collect();
        Ok(Self { folder: folder.trim().to_owned(), layers: layers.split('<').map(names).collect() })
    }

    fn layer_of(&self, module: &str) -> Option<usize> {
        self.layers.iter().position(|layer| layer.iter().any(|name| name == module))
    }

    /// The modules that have no place in the order, and the imports that go against it.
    fn faults(&self, files: &[String], imports: &[Import]) -> Vec<String> {
        let modules: BTreeSet<&str> = files.iter().map(|file| module_of(file)).collect();
        let mut faults = Vec::new();
        // A crate that is on its way into the order has not all of its folders yet.
        if self.layers.iter().flatten().all(|name| modules.contains(name.as_str())) {
            let lost = modules.iter().filter(|module| self.layer_of(module).is_none());
            faults.extend(lost.map(|module| {
                format!("{}/{module}: not in the order\n  help: give it a place in {ORDER}", self.folder)
            }));
        }
        for import in imports {
            let (Some(from), Some(to)) = (files.get(import.from), files.get(import.to)) else { continue };
            let (low, high) = (module_of(from), module_of(to));
            if self.layer_of(low).zip(self.layer_of(high)).is_some_and(|(low, high)| low < high) {
                faults.push(format!(
                    "{}/{from}:{}: `{}` is defined in {to}, and `{low}` stands below `{high}`\n  \
                     help: move what `{low}` needs of it down to `{low}` or below, or have `{high}` pass it as an argument",
                    self.folder, import.line, import.path
                ));
            }
        }
        faults
    }
}

/// The module at the root of the crate that a file belongs to: `lang` for `lang/check/mod.rs`.
fn module_of(file: &str) -> &str {
    file.split_once('/').map_or_else(|| file.trim_end_matches(".rs"), |(folder, _)| folder)
}

/// A fault for each set of files that all import each other, directly or through others of the set.
fn circles(folder: &str, files: &[String], imports: &[Import]) -> Vec<String> {
    let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for import in imports {
        next.entry(import.from).or_default().insert(import.to);
    }
    let reached: Vec<BTreeSet<usize>> = (0..files.len()).map(|file| reached_from(file, &next)).collect();
    let reaches = |from: usize, to: usize| reached.get(from).is_some_and(|reached| reached.contains(&to));
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for first in 0..files.len() {
        let circle: BTreeSet<usize> =
            (first..files.len()).filter(|&file| reaches(first, file) && reaches(file, first)).collect();
        if circle.len() < 2 || !seen.insert(first) {
            continue;
        }
        seen.extend(&circle);
        let mut between: BTreeMap<(usize, usize), Vec<&Import>> = BTreeMap::new();
        for import in imports.iter().filter(|it| circle.contains(&it.from) && circle.contains(&it.to)) {
            between.entry((import.from, import.to)).or_default().push(import);
        }
        let mut fault = format!("{folder}: {} files import each other in a circle:", circle.len());
        for ((from, to), imports) in between {
            if let (Some(from), Some(to), [first, more @ ..]) = (files.get(from), files.get(to), &imports[..])
            {
                fault += &format!("\n  {folder}/{from}:{}: `{}` of {to}", first.line, first.path);
                if !more.is_empty() {
                    fault += &format!(", and {} more", more.len());
                }
            }
        }
        fault += "\n  help: move what several of them need to a file that imports none of them";
        faults.push(fault);
    }
    faults
}

/// Every file that can be reached from one by one import or more.
fn reached_from(file: usize, next: &BTreeMap<usize, BTreeSet<usize>>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        open.extend(next.get(&file).into_iter().flatten().filter(|&&file| reached.insert(file)));
    }
    reached
}

/// The lines of a text that say something: no comments, no empty ones.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The Rust files below a folder, by their path from it.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    let mut open = vec![String::new()];
    while let Some(below) = open.pop() {
        let path = folder.join(&below);
        let entries =
            fs::read_dir(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type()?.is_dir() {
                open.push(name);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(entry.path())?;
                texts.insert(name, text);
            }
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
