//! The manifest: what a bundle says of itself, and the one way to write it.

use std::collections::BTreeMap;

use accrue::Source;
use accrue::digest::Digest;
use serde::{Deserialize, Serialize};

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the engine that checked the program and compiled its modules.
    pub engine: String,
    /// The program's id.
    pub program: String,
    /// The limits that the program was checked under, by name. Whoever loads the bundle has limits of their own.
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
    /// What it is.
    pub kind: Kind,
    /// Its length.
    pub bytes: u64,
    /// Digest over its bytes.
    pub sha256: Digest,
}

/// What a file of a bundle is. Its path says the same, so that neither can lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A file that a person wrote: `program.toml`, and what is in `contracts/`, `rules/` and `lists/`.
    Source,
    /// The rules of one contract version, compiled: `modules/NAME.wasm`.
    Module,
    /// A rule that was written in another language: `components/NAME.wasm`.
    Component,
}

impl Kind {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Module => "module",
            Self::Component => "component",
        }
    }

    /// What the file of a path is; `None` when a bundle has no such file.
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
    /// The manifest as the one line that it is, without the line's end.
    pub(crate) fn line(&self) -> String {
        // Texts, numbers and lists of them: JSON can hold them all.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The most bytes of a path: what common file systems allow for one name, and more than any example has.
pub(crate) const PATH_BYTES: usize = 255;

/// What keeps a path from being one of a bundle.
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
