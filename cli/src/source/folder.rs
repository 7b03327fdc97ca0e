//! Opens a program: its terms from a folder or from a bundle.

use std::path::{Path, PathBuf};
use std::sync::Once;

use accrue::Source;
use accrue::diagnostic::Diagnostics;
use accrue::limits::Limits;
use accrue::{Engine, Program};
use accrue_bundle::Bundle;

use super::bundle;
use super::tables;
use super::tree::{FOLDER_HELP, Tree};
use crate::args::Trust;
use crate::exit::{Failure, FaultyProgram};

/// The files of a program folder or of a bundle, read and not yet checked.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The path of the folder or the bundle.
    pub(crate) root: PathBuf,
    /// The files of the folder; `None` for a bundle.
    pub(crate) tree: Option<Tree>,
    /// The bundle, if the files are from one. A bundle has no facts, actions or tests.
    pub(crate) bundle: Option<Bundle>,
    /// The name for messages, without a `/` at the end.
    pub(crate) name: String,
    /// The files of the terms.
    pub(crate) source: Source,
}

impl Folder {
    /// Reads a folder or a bundle. With keys in `trust`, only a bundle signed by one of them is accepted.
    pub(crate) fn open(root: &Path, trust: &Trust, limits: &Limits) -> Result<Self, Failure> {
        if root.is_file() {
            let bundle = bundle::open(root, &trust.keys, limits)?;
            let source = bundle.source().clone();
            let name = root.display().to_string();
            return Ok(Self { root: root.to_owned(), tree: None, bundle: Some(bundle), name, source });
        }
        if !trust.keys.is_empty() && root.is_dir() {
            return Err(Failure::usage(
                format!("`{}` is a folder, which nobody has signed", root.display()),
                "leave `--trust-key` out, or name a bundle, which `accrue build --sign-key` makes",
            ));
        }
        Self::read(root, limits)
    }

    /// Reads the files of the terms from a folder.
    pub(crate) fn read(root: &Path, limits: &Limits) -> Result<Self, Failure> {
        let shown = root.display();
        if !root.exists() {
            return Err(Failure::usage(format!("there is no folder `{shown}`"), FOLDER_HELP));
        }
        if !root.is_dir() {
            return Err(Failure::usage(format!("`{shown}` is a file, not a program folder"), FOLDER_HELP));
        }
        if !root.join("program.toml").is_file() {
            return Err(Failure::usage(
                format!("`{shown}` is not a program folder: it has no program.toml"),
                FOLDER_HELP,
            ));
        }
        let tree = Tree::open(root)?;
        let mut source = Source::new();
        read_terms(&tree, root, limits, &mut source)?;
        Ok(Self { root: root.to_owned(), tree: Some(tree), bundle: None, name: name_of(root), source })
    }

    /// Reads a folder with only the files that a draft adds or replaces, and lays them over the files of this program.
    pub(crate) fn with_draft(&self, root: &Path, limits: &Limits) -> Result<Self, Failure> {
        let shown = root.display();
        let help = "it holds the files that the draft adds or replaces, under the paths that they have in a program, such as contracts/standard.toml";
        if !root.is_dir() {
            return Err(Failure::usage(format!("there is no folder `{shown}`"), help));
        }
        let tree = Tree::open(root)?;
        let mut changed = Source::new();
        read_terms(&tree, root, limits, &mut changed)?;
        if changed.paths().next().is_none() {
            return Err(Failure::usage(format!("`{shown}` holds no file of a program"), help));
        }
        let source = self.source.with(&changed);
        Ok(Self { root: root.to_owned(), tree: Some(tree), bundle: None, name: name_of(root), source })
    }

    /// Checks the terms. The inner result is the program or its diagnostics; the outer one fails if the program does not
    /// match the manifest of its bundle.
    pub(crate) fn check(&self, engine: &Engine) -> Result<Result<Program, Diagnostics>, Failure> {
        let checked = engine.load(&self.source);
        if let (Some(bundle), Ok(program)) = (&self.bundle, &checked) {
            bundle.matches(program).map_err(|error| bundle::refused(&self.root, error))?;
        }
        Ok(checked)
    }

    /// Checks the terms and returns a program that is ready to decide.
    pub(crate) fn program(&self, engine: &Engine) -> Result<Program, Failure> {
        match self.check(engine)? {
            Ok(program) => {
                start_ticker(&program, engine);
                Ok(program)
            }
            Err(diagnostics) => {
                let (source, name) = (self.source.clone(), self.name.clone());
                Err(Failure::Program(Box::new(FaultyProgram { diagnostics, source, name })))
            }
        }
    }
}

/// Returns the name of a folder for messages.
fn name_of(root: &Path) -> String {
    root.display().to_string().trim_end_matches(['/', '\\']).to_owned()
}

/// Reads the files of the terms, as far as they are there.
fn read_terms(tree: &Tree, root: &Path, limits: &Limits, source: &mut Source) -> Result<(), Failure> {
    let program = root.join("program.toml");
    if program.is_file() {
        source.insert("program.toml", tree.read(&program, limits.source_bytes)?);
    }
    // What is read beyond this is not kept: the engine reports a program that is too large by its first bytes too many.
    let mut left = limits.program_bytes.saturating_add(1);
    for (part, limit) in [
        ("contracts", limits.source_bytes),
        ("rules", limits.source_bytes),
        ("functions", limits.source_bytes),
        ("lists", limits.source_bytes),
        ("components", limits.component_bytes),
    ] {
        tree.each_file(&root.join(part), part, &mut |entry, path| {
            if left > 0 {
                let bytes = tree.read(&entry.path, limit.min(left))?;
                left = left.saturating_sub(bytes.len());
                source.insert(path, bytes);
            }
            Ok(())
        })?;
    }
    tables::read(tree, &root.join("tables"), limits, &mut left, source)
}

/// Starts the clock that the deadlines of components need, once for all programs. It runs until the process ends.
pub(crate) fn start_ticker(program: &Program, engine: &Engine) {
    static STARTED: Once = Once::new();
    if program.has_components()
        && let Ok(sandbox) = engine.sandbox()
    {
        STARTED.call_once(|| std::mem::forget(sandbox.start_ticker()));
    }
}
