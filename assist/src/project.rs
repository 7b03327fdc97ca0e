//! A program in an editor: its files, what is read of each file, and the diagnostics of loading the program. When a file changes, only
//! that file is read again.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use accrue::diagnostic::{Diagnostic, Diagnostics};
use accrue::{Engine, Program, Source};

use crate::file::{File, PROGRAM, is_contract, is_read};
use crate::names::Names;
use crate::schema::{self, Schema};

/// A program whose files are being edited.
///
/// It is made of the files of a program folder. [`set`](Self::set) changes a file; what was read of the other files is kept, so an
/// answer takes milliseconds. Every function of this crate that is asked about a file that is not there answers with nothing.
///
/// ```
/// use accrue_assist::Project;
/// let mut project = Project::new(accrue::Engine::default(), accrue::Source::from_files([("program.toml", "id = \"shop\"")]));
/// project.set("contracts/standard.toml", "contract = \"standard\"");
/// assert!(project.text("contracts/standard.toml").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Project {
    pub(crate) engine: Engine,
    pub(crate) source: Source,
    files: BTreeMap<String, Arc<File>>,
    names: OnceLock<Arc<Names>>,
    loaded: OnceLock<Arc<Result<Program, Diagnostics>>>,
    /// Schemas of files that the engine does not read, by the folder that they stand in.
    schemas: Vec<(String, Arc<Schema>)>,
}

impl Project {
    /// Returns a project of these files. The engine loads it to find what is wrong; one that interprets rules
    /// ([`EngineBuilder::rules`](accrue::EngineBuilder::rules)) answers soonest.
    pub fn new(engine: Engine, source: Source) -> Self {
        let files = source.paths().filter_map(|path| {
            is_read(path)
                .then(|| source.text(path))
                .flatten()
                .map(|text| (path.to_owned(), Arc::new(File::read(path, text.to_owned()))))
        });
        let files = files.collect();
        Self { engine, source, files, names: OnceLock::new(), loaded: OnceLock::new(), schemas: Vec::new() }
    }

    /// Adds the JSON Schema of TOML files that the engine does not read, such as those of `tests/`, so that their keys are offered
    /// and explained.
    #[must_use]
    pub fn with_schema(mut self, folder: impl Into<String>, schema: &schemars::Schema) -> Self {
        self.schemas.push((folder.into(), Arc::new(Schema::new(schema.as_value().clone(), &[]))));
        self
    }

    /// Sets the text of a file, which need not be there yet.
    pub fn set(&mut self, path: impl Into<String>, text: impl Into<String>) {
        let (path, text) = (path.into(), text.into());
        if self.source.text(&path) == Some(text.as_str()) {
            return;
        }
        self.source.insert(path.clone(), text.clone().into_bytes());
        if is_read(&path) {
            let file = File::read(&path, text);
            self.files.insert(path, Arc::new(file));
        }
        self.forget();
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.source.remove(path);
        self.files.remove(path);
        self.forget();
    }

    fn forget(&mut self) {
        self.names = OnceLock::new();
        self.loaded = OnceLock::new();
    }

    /// Returns the text of a file; `None` if it is not there or not text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.source.text(path)
    }

    /// Returns the files.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns all diagnostics of loading the program, errors and warnings, in the order of files and places.
    ///
    /// ```
    /// use accrue_assist::Project;
    /// let project = Project::new(accrue::Engine::default(), accrue::Source::from_files([("program.toml", "id = 5")]));
    /// assert!(project.diagnostics().iter().any(|found| found.message.contains("expected text in quotes")));
    /// ```
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self.loaded() {
            Ok(program) => &program.warnings().0,
            Err(found) => &found.0,
        }
    }

    /// Returns the program; `None` if it has errors.
    pub fn program(&self) -> Option<&Program> {
        self.loaded().as_ref().ok()
    }

    fn loaded(&self) -> &Result<Program, Diagnostics> {
        self.loaded.get_or_init(|| Arc::new(self.engine.load(&self.source)))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path).map(Arc::as_ref)
    }

    /// Returns the files that are read, by path.
    fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file.as_ref()))
    }

    pub(crate) fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let files: Vec<(&str, &File)> = self.files().collect();
            Arc::new(Names::of(&files))
        })
    }

    /// Returns the schema of a TOML file.
    pub(crate) fn schema(&self, path: &str) -> Option<&Schema> {
        if path == PROGRAM {
            return Some(&schema::PROGRAM);
        }
        if is_contract(path) {
            return Some(&schema::CONTRACT);
        }
        self.schemas.iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, schema)| schema.as_ref())
    }
}
