//! The manifest of a bundle, and its one canonical form.

use std::collections::BTreeMap;

use accrue::Source;
use accrue::digest::Digest;
use serde::{Deserialize, Serialize};

/// The manifest of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the engine that checked the program and compiled its modules.
    pub engine: String,
    /// The id of the program.
    pub program: String,
    /// The limits that the program was checked under, by name. A host that loads the bundle has limits of its own.
    pub limits: BTreeMap<String, u64>,
    /// Every file, by path.
    pub files: Vec<Entry>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Path inside the bundle, with `/` between parts.
    pub path: String,
    /// The kind of the file.
    pub kind: Kind,
    /// The length in bytes.
    pub bytes: u64,
    /// Digest over its bytes.
    pub sha256: Digest,
}

/// The kind of a file. Its path implies the same kind, so that neither can lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A file that a person wrote: `program.toml`, or a file in `contracts/`, `rules/`, `functions/`, `lists/` or `tables/`.
    Source,
    /// The compiled rules of one contract version: `modules/NAME.wasm`.
    Module,
    /// A rule written in another language: `components/NAME.wasm`.
    Component,
}

impl Kind {
    /// Returns the kind as it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Module => "module",
            Self::Component => "component",
        }
    }

    /// Returns the kind of the file at a path; `None` if a bundle has no such file.
    pub fn of_path(path: &str) -> Option<Self> {
        let code = |folder: &str| path.starts_with(folder) && path.ends_with(".wasm");
        if code("components/") {
            Some(Self::Component)
        } else if code("modules/") {
            Some(Self::Module)
        } else {
            Source::is_terms(path).then_some(Self::Source)
        }
    }
}

impl Manifest {
    /// Returns the manifest as its one line, without the line end.
    pub(crate) fn line(&self) -> String {
        // Cannot fail: JSON can hold texts, numbers and lists of them.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The most bytes of a path: what common file systems allow for one name, and more than any example needs.
pub(crate) const PATH_BYTES: usize = 255;

/// Returns why a path is not allowed in a bundle; `None` if it is allowed.
pub(crate) fn path_fault(path: &str) -> Option<&'static str> {
    let part_fault = |part: &str| match part {
        "" => Some("has an empty part"),
        "." | ".." => Some("has a part `.` or `..`"),
        _ => None,
    };
    if path.len() > PATH_BYTES {
        return Some("is longer than 255 bytes");
    }
    if path.chars().any(|c| c.is_control() || c == '\\' || c == ':') {
        return Some("has a backslash, a colon or a control character");
    }
    path.split('/').find_map(part_fault)
}
