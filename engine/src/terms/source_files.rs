//! The files of a program: their texts and components within limits, and the files that nothing uses.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::account::{Account, Repeated};
use super::component::{ComponentLoader, LoadedComponent, Refusal};
use super::read::{did_you_mean, list, shown};
use super::source::Source;
use super::table::{Grid, Sheet, canonical};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Help, Place, Span, nearest};
use crate::digest::Digest;
use crate::facts::{hidden_in_source, hidden_name};
use crate::lang::{Phase, Rule, Used};
use crate::limits::Limits;
use crate::money::RoundingMode;
use crate::period::Period;

/// The path of the file that declares the program.
pub(super) const PROGRAM: &str = "program.toml";

/// A checked rule file, and the names that it uses.
#[derive(Clone)]
pub(super) struct Script {
    pub(super) rule: Arc<Rule>,
    pub(super) used: Arc<Used>,
}

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
    /// The rule files that were checked, and what is wrong with which is reported: a file is checked once, however many groups,
    /// restrictions and versions name it.
    pub(super) scripts: RefCell<HashMap<ScriptKey, Option<Script>>>,
    /// The paths of the rule files that were checked.
    pub(super) checked: RefCell<BTreeSet<String>>,
    /// The components that were loaded, by path and phase; `None` if a component cannot be loaded, which is reported.
    loaded: RefCell<BTreeMap<(String, Phase), Option<LoadedComponent>>>,
    /// The files and tables that lists take values from.
    listed: RefCell<BTreeSet<String>>,
    /// The digests of files, by path.
    digests: RefCell<HashMap<String, Digest>>,
    /// The number of rules that were checked.
    rules: Cell<u32>,
    /// What was spent.
    pub(super) account: Account<'s>,
}

/// A rule file as it was checked, and what the check depends on besides the file: the phase, the mode of `round`, the period of a bonus, and a digest
/// of the parameters, totals and currency of the version.
pub(super) type ScriptKey = (String, Phase, RoundingMode, Option<Period>, Digest);

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
            scripts: RefCell::default(),
            checked: RefCell::default(),
            loaded: RefCell::default(),
            listed: RefCell::default(),
            digests: RefCell::default(),
            rules: Cell::default(),
            account: Account::new(limits),
        }
    }

    /// Returns whether all files together are small enough to be read; reports an error if not.
    pub(super) fn check_size(&self, out: &mut Diagnostics) -> bool {
        let bytes = self.size();
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

    /// Returns the bytes of all files and of their paths.
    pub(super) fn size(&self) -> usize {
        let paths = self.source.paths().filter(|path| Source::is_terms(path));
        let bytes =
            paths.map(|path| self.source.bytes(path).map_or(0, <[u8]>::len).saturating_add(path.len()));
        bytes.fold(0, usize::saturating_add)
    }

    /// Returns the number of the next rule, among all rules of the program.
    pub(super) fn next_rule(&self) -> u32 {
        let number = self.rules.get();
        self.rules.set(number.saturating_add(1));
        number
    }

    /// Takes the text of a file that a list names, unless it is the first list that names it. Each value of a list takes memory
    /// besides its text, and counts as much as 16 bytes more.
    pub(super) fn listed(&self, path: &str, values: usize, at: Place, out: &mut Diagnostics) -> bool {
        let again = !self.listed.borrow_mut().insert(path.to_owned());
        let text = if again { self.bytes(path).len() } else { 0 };
        self.account.repeat(text.saturating_add(values.saturating_mul(16)), Repeated::Lists, at, out)
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
        let full_name = |path: &'s str| Some((path.strip_prefix(TABLES.name)?.strip_suffix(".csv")?, path));
        let mut found: Vec<(&str, &str)> =
            self.source.path(&format!("{}{name}.csv", TABLES.name)).and_then(full_name).into_iter().collect();
        if !name.contains('#') {
            let sheets = self.source.beginning_with(format!("{}{name}#", TABLES.name));
            found.extend(sheets.filter(|path| TABLES.holds(path)).filter_map(full_name));
        }
        self.used.borrow_mut().extend(found.iter().map(|(_, path)| (*path).to_owned()));
        let (message, help) = match found.as_slice() {
            [(_, path)] => return Some(path),
            [] => {
                let names: Vec<(&str, &str)> = self.of(&TABLES).into_iter().filter_map(full_name).collect();
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

    /// Returns the digest of a file; of a table in the form that does not depend on how it was written. Each file is read once.
    pub(super) fn digest(&self, path: &str) -> Digest {
        if let Some(digest) = self.digests.borrow().get(path) {
            return *digest;
        }
        let bytes = self.bytes(path);
        let digest =
            if path.starts_with(TABLES.name) { Digest::of(&canonical(bytes)) } else { Digest::of(bytes) };
        self.digests.borrow_mut().insert(path.to_owned(), digest);
        digest
    }

    /// Returns whether so much is wrong, or so much was spent, that no further rule is checked.
    pub(super) fn goes_on(&self, out: &Diagnostics) -> bool {
        self.account.has_room() && !out.is_full()
    }

    /// Returns a component that terms name, compiled, or reports an error at its file or at the place that names it.
    pub(super) fn component(
        &self,
        path: &str,
        at: Place,
        phase: Phase,
        out: &mut Diagnostics,
    ) -> Option<LoadedComponent> {
        let key = (path.to_owned(), phase);
        if let Some(loaded) = self.loaded.borrow().get(&key) {
            return loaded.clone();
        }
        let loaded = self.load_component(path, at, phase, out);
        self.loaded.borrow_mut().insert(key, loaded.clone());
        loaded
    }

    fn load_component(
        &self,
        path: &str,
        at: Place,
        phase: Phase,
        out: &mut Diagnostics,
    ) -> Option<LoadedComponent> {
        if !self.is_there(path, at.clone(), &COMPONENTS, out) {
            return None;
        }
        if !self.account.component(at.clone(), out) {
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
