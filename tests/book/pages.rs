//! The pages of the book: nothing enters, their names and texts leave.

use std::fs;
use std::path::{Path, PathBuf};

/// A page.
pub(crate) struct Page {
    /// Its path in the repository.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
}

impl Page {
    /// Where its links start from.
    pub(crate) fn folder(&self) -> PathBuf {
        root().join(&self.name).parent().unwrap().to_owned()
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The README, the pages of the book and the pages of the examples.
pub(crate) fn pages() -> Vec<Page> {
    let mut paths = Vec::new();
    markdown(&root().join("docs/src"), &mut paths);
    for folder in fs::read_dir(root().join("rules-examples")).unwrap() {
        paths.push(folder.unwrap().path().join("README.md"));
    }
    paths.push(root().join("README.md"));
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| Page {
            name: path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

fn markdown(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            paths.push(path);
        }
    }
}

/// The files that a page links to or includes, outside its code blocks.
pub(crate) fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        inside ^= line.trim_start().starts_with("```");
        if inside {
            continue;
        }
        let linked = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let included = line.split("{{#include ").skip(1).filter_map(|rest| rest.split("}}").next());
        for target in linked.chain(included) {
            let file = target.split('#').next().unwrap_or_default().trim();
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") {
                links.push(file.to_owned());
            }
        }
    }
    links
}
