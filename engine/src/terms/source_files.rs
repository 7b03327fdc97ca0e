//! The files of a program: their texts and components within limits, and the files that nothing uses.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::component::{ComponentLoader, LoadedComponent, Refusal};
use super::read::{did_you_mean, list, shown};
use super::source::Source;
use super::table::{Grid, Sheet, canonical};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Help, Place, Span, nearest};
use crate::facts::{hidden_in_source, hidden_name};
use crate::lang::Phase;
use crate::limits::Limits;

/// The path of the file that declares the program.
pub(super) const PROGRAM: &str = "program.toml";

/// The files of a program, and which of them are used.
pub(super) struct Files<'s> {
    source: &'s Source,
    limits: &'s Limits,
    /// Loads components.
    components: &'s dyn ComponentLoader,
    used: RefCell<BTreeSet<String>>,
    /// The tables that were read, by path; `None` if a table cannot be read, which is reported.
    grids: RefCell<BTreeMap<String, Option<Arc<Grid>>>>,
    /// The texts that were made of tables, by path.
    pub(super) sheets: RefCell<BTreeMap<String, Arc<Sheet>>>,
    /// Bytes of all texts that were made of tables, each time that a contract uses one.
    repeated: Cell<usize>,
}

/// Text that becomes rules more than once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Repeated {
    /// Rows of tables.
    Tables,
    /// A contract, for each version that it becomes.
    Versions,
    /// Shared functions, for each rule that calls them.
    Functions,
}

/// A folder of the terms, and the file endings that it may contain.
pub(super) struct Folder {
    pub(super) name: &'static str,
    pub(super) endings: &'static [&'static str],
}

pub(super) const CONTRACTS: Folder = Folder { name: "contracts/", endings: &[".toml"] };
pub(super) const RULES: Folder = Folder { name: "rules/", endings: &[".rhai"] };
pub(super) const FUNCTIONS: Folder = Folder { name: "functions/", endings: &[".rhai"] };
pub(super) const LISTS: Folder = Folder { name: "lists/", endings: &[".csv", ".txt"] };
pub(super) const TABLES: Folder = Folder { name: "tables/", endings: &[".csv"] };
pub(super) const COMPONENTS: Folder = Folder { name: "components/", endings: &[".wasm"] };

impl Folder {
    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.name).is_some_and(|rest| !rest.contains('/') || self.name != CONTRACTS.name)
            && self.endings.iter().any(|ending| path.ends_with(ending))
    }
}

/// The most hidden characters that are reported of one file.
const HIDDEN: usize = 20;

/// Reports characters that nobody sees; returns whether there are any. What a file seems to say is then not what it says, so it is
/// not read.
fn reports_hidden(path: &str, text: &str, out: &mut Diagnostics) -> bool {
    // Some editors mark a file as UTF-8 by its first character. The parser of rules does not know this mark.
    let may_begin_so = !path.ends_with(".rhai");
    // Some spreadsheets end lines of CSV with it.
    let may_end_lines_so = !path.ends_with(".rhai") && !path.ends_with(".toml");
    let hidden = hidden_in_source(text).filter(|found| match found {
        (0, '\u{FEFF}') => !may_begin_so,
        (_, '\r') => !may_end_lines_so,
        _ => true,
    });
    let mut any = false;
    for (at, c) in hidden.take(HIDDEN) {
        any = true;
        let place = Place::new(path, Span::new(at, at + c.len_utf8()));
        let name = hidden_name(c);
        let (message, help) = match c {
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{B}' | '\u{C}' => {
                let message = format!("only some programs end a line at this character, {name}");
                (message, Help::from("end lines with a line feed, as the Enter key does"))
            }
            _ => {
                let message = format!("there is a character here that nobody sees, {name}");
                (message, Help::from("take it out").edit(place.span, ""))
            }
        };
        out.push(Diagnostic::new(Code::HiddenCharacter, Some(place), message).help(help));
    }
    any
}

impl<'s> Files<'s> {
    pub(super) fn new(source: &'s Source, limits: &'s Limits, components: &'s dyn ComponentLoader) -> Self {
        Self {
            source,
            limits,
            components,
            used: RefCell::default(),
            grids: RefCell::default(),
            sheets: RefCell::default(),
            repeated: Cell::default(),
        }
    }

    /// Returns whether all files together are small enough to be read; reports an error if not.
    pub(super) fn check_size(&self, out: &mut Diagnostics) -> bool {
        let paths = self.source.paths().filter(|path| Source::is_terms(path));
        let bytes =
            paths.filter_map(|path| self.source.bytes(path)).map(<[u8]>::len).fold(0, usize::saturating_add);
        let fits = bytes <= self.limits.program_bytes;
        if !fits {
            let message = format!(
                "the program has more than the {} bytes that all its files may have (`program_bytes`)",
                self.limits.program_bytes
            );
            out.push(Diagnostic::new(Code::TooLarge, None, message).help("take out files that nothing uses"));
        }
        fits
    }

    /// Returns the files of a folder that have one of its endings.
    pub(super) fn of(&self, folder: &Folder) -> Vec<&'s str> {
        self.source.paths().filter(|path| folder.holds(path)).collect()
    }

    /// Returns the text of an existing file.
    pub(super) fn text(&self, path: &str, out: &mut Diagnostics) -> Option<&'s str> {
        let bytes =
            self.bounded(path, self.limits.source_bytes, "split it, or take out what nothing uses", out)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => (!reports_hidden(path, text, out)).then_some(text),
            Err(error) => {
                let at = error.valid_up_to();
                let line = bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("the file is not UTF-8 text from byte {} on, in line {line}", at + 1);
                let help = "save it as UTF-8; spreadsheets call it `CSV UTF-8`";
                let place = Place::new(path, Span::new(at, at));
                out.push(Diagnostic::new(Code::NotUtf8, Some(place), message).help(help));
                None
            }
        }
    }

    /// Returns the bytes of an existing file, or reports that it has more than `most` bytes.
    fn bounded(&self, path: &str, most: usize, help: &str, out: &mut Diagnostics) -> Option<&'s [u8]> {
        self.used.borrow_mut().insert(path.to_owned());
        let bytes = self.source.bytes(path)?;
        if bytes.len() > most {
            let message = format!("the file has {} bytes, more than the {most} it may have", bytes.len());
            let start = Place::new(path, Span::default());
            out.push(Diagnostic::new(Code::TooLarge, Some(start), message).help(help));
            return None;
        }
        Some(bytes)
    }

    /// Returns the bytes of a file unchanged, for digests.
    pub(super) fn bytes(&self, path: &str) -> &'s [u8] {
        self.source.bytes(path).unwrap_or_default()
    }

    /// Returns the text of a file that terms name, or reports an error at the place that names it.
    pub(super) fn named(
        &self,
        path: &str,
        at: Place,
        folder: &Folder,
        out: &mut Diagnostics,
    ) -> Option<&'s str> {
        if self.is_there(path, at, folder, out) { self.text(path, out) } else { None }
    }

    /// Returns the table with this name, or reports an error at the place that names it. A table is read once, and its faults are
    /// reported once.
    pub(super) fn table(&self, name: &str, at: Place, out: &mut Diagnostics) -> Option<Arc<Grid>> {
        let path = self.table_named(name, at, out)?;
        if let Some(grid) = self.grids.borrow().get(path) {
            return grid.clone();
        }
        let grid = self.text(path, out);
        let grid = grid
            .and_then(|text| Grid::read(path, text, self.source.origin(path), self.limits, out))
            .map(Arc::new);
        self.grids.borrow_mut().insert(path.to_owned(), grid.clone());
        grid
    }

    /// Returns the path of the table with this name: `NAME`, which may be the only sheet of a workbook, or `NAME#SHEET`.
    fn table_named(&self, name: &str, at: Place, out: &mut Diagnostics) -> Option<&'s str> {
        let names: Vec<(&str, &str)> = self
            .of(&TABLES)
            .into_iter()
            .filter_map(|path| Some((path.strip_prefix(TABLES.name)?.strip_suffix(".csv")?, path)))
            .collect();
        let is_named = |full: &str| {
            full == name
                || full.strip_prefix(name).is_some_and(|sheet| sheet.starts_with('#') && !name.contains('#'))
        };
        let found: Vec<(&str, &str)> = names.iter().copied().filter(|(full, _)| is_named(full)).collect();
        self.used.borrow_mut().extend(found.iter().map(|(_, path)| (*path).to_owned()));
        let (message, help) = match found.as_slice() {
            [(_, path)] => return Some(path),
            [] => {
                let near = nearest(name, names.iter().map(|(full, _)| *full));
                let near_path =
                    names.iter().filter(|(full, _)| Some(*full) == near).map(|(_, path)| (*path).to_owned());
                self.used.borrow_mut().extend(near_path);
                let none = "add a file `tables/NAME.csv` or `tables/NAME.xlsx`";
                let known = names.iter().map(|(full, _)| *full);
                (format!("there is no table `{}`", shown(name)), did_you_mean(name, at.span, known, none))
            }
            several => {
                let known = list(several.iter().map(|(full, _)| *full), "or");
                (
                    format!("`{}` may be one of {} tables", shown(name), several.len()),
                    format!("write {known}").into(),
                )
            }
        };
        out.push(Diagnostic::new(Code::MissingFile, Some(at), message).help(help));
        None
    }

    /// Returns the text of a table in the form that does not depend on how it was written, for digests.
    pub(super) fn canonical(&self, path: &str) -> std::borrow::Cow<'s, [u8]> {
        canonical(self.bytes(path))
    }

    /// Counts text that becomes rules beyond the text of the files: rows of tables, a contract for each further version, shared
    /// functions for each rule that calls them. Returns whether there is room for it. All of it together is bounded like the files.
    pub(super) fn repeated(&self, bytes: usize, of: Repeated, at: Place, out: &mut Diagnostics) -> bool {
        let all = self.repeated.get().saturating_add(bytes);
        self.repeated.set(all);
        let fits = all <= self.limits.program_bytes;
        if !fits {
            let (what, help) = match of {
                Repeated::Tables => (
                    "the rules of all tables that contracts use",
                    "use fewer rows, shorter cells, or each table in fewer versions",
                ),
                Repeated::Versions => (
                    "the versions that contracts make of currencies and payouts by event type",
                    "name fewer currencies or event types in a contract, or make the contract shorter",
                ),
                Repeated::Functions => (
                    "the shared functions of all rules that call them",
                    "make the functions shorter, or call them in fewer rules",
                ),
            };
            let message =
                format!("{what} have more than the {} bytes they may have", self.limits.program_bytes);
            out.push(Diagnostic::new(Code::TooLarge, Some(at), message).help(help));
        }
        fits
    }

    /// Returns whether there is room for text that [`Files::repeated`] counts.
    pub(super) fn has_room(&self) -> bool {
        self.repeated.get() <= self.limits.program_bytes
    }

    /// Returns a component that terms name, compiled, or reports an error at its file or at the place that names it.
    pub(super) fn component(
        &self,
        path: &str,
        at: Place,
        phase: Phase,
        out: &mut Diagnostics,
    ) -> Option<LoadedComponent> {
        if !self.is_there(path, at.clone(), &COMPONENTS, out) {
            return None;
        }
        let help = "build it optimised for size and without debugging information";
        let bytes = self.bounded(path, self.limits.component_bytes, help, out)?;
        match self.components.load(bytes, phase) {
            Ok(loaded) => Some(loaded),
            Err(Refusal { code, message, help }) => {
                // A binary file has no lines, so the error is shown where the contract names the file.
                out.push(Diagnostic::new(code, Some(at), message).help(help));
                None
            }
        }
    }

    /// Returns whether a folder has a file that terms name.
    fn is_there(&self, path: &str, at: Place, folder: &Folder, out: &mut Diagnostics) -> bool {
        if folder.holds(path) && self.source.bytes(path).is_some() {
            return true;
        }
        let known = self.of(folder);
        // The file that was probably meant is not also reported as unused.
        self.used.borrow_mut().extend(nearest(path, known.iter().copied()).map(str::to_owned));
        let (folder, endings) = (folder.name, folder.endings);
        let help = if !path.starts_with(folder) || path.contains("..") {
            let help = format!("such files stand in `{folder}` of the program");
            match known.first() {
                Some(_) => did_you_mean(path, at.span, known, "").after(&help),
                None => help.into(),
            }
        } else if !endings.iter().any(|ending| path.ends_with(ending)) {
            format!("`{folder}` holds files that end in {}", list(endings.iter().copied(), "or")).into()
        } else {
            did_you_mean(path, at.span, known, &format!("`{folder}` has no such file"))
        };
        let message = format!("there is no file `{}`", shown(path));
        out.push(Diagnostic::new(Code::MissingFile, Some(at), message).help(help));
        false
    }

    /// Warns of files that nothing uses.
    pub(super) fn check_stray(&self, out: &mut Diagnostics) {
        let used = self.used.borrow();
        for path in self.source.paths().filter(|path| Source::is_terms(path) && !used.contains(*path)) {
            let name = path.rsplit('/').next().unwrap_or(path);
            // Hidden files belong to editors and file managers.
            let Some(folder) = [CONTRACTS, RULES, FUNCTIONS, LISTS, TABLES, COMPONENTS]
                .into_iter()
                .find(|f| path.starts_with(f.name))
            else {
                continue;
            };
            if name.starts_with('.') || name.is_empty() {
                continue;
            }
            let (message, help) = if !folder.endings.iter().any(|ending| path.ends_with(ending)) {
                let endings = list(folder.endings.iter().copied(), "or");
                (
                    format!("`{path}` is not read"),
                    format!("`{}` holds files that end in {endings}", folder.name),
                )
            } else if folder.name == CONTRACTS.name {
                let help = "contract files stand in `contracts/` itself, not in a folder of it".to_owned();
                (format!("`{path}` is not read"), help)
            } else {
                let by = match folder.name {
                    "rules/" => "a contract with `rule = \"…\"`",
                    "components/" => "a contract with `component = \"…\"`",
                    "tables/" => "a contract or a list with `table = \"…\"`",
                    _ => "`[lists]` of `program.toml`",
                };
                (format!("nothing uses `{path}`"), format!("name it in {by}, or remove it"))
            };
            let place = Place::new(path, Span::default());
            out.push(Diagnostic::new(Code::StrayFile, Some(place), message).help(help));
        }
    }
}
