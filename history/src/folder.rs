//! What the files of a program folder are, by their paths, and the reference facts among them. Reading the files is the host's work.

use accrue::diagnostic::nearest;
use accrue::facts::{FactError, FactKind, Reference};
use accrue::limits::Limits;
use accrue::{Program, Source};
use schemars::JsonSchema;
use serde::Serialize;

/// The most bytes of a file of facts: a million promo codes have some 50 MB, and facts take some ten times their bytes in memory.
const FACTS_FILE_BYTES: usize = 64 << 20;

/// The most bytes of all files of facts.
const FACTS_BYTES: usize = 128 << 20;

/// What a file of a program folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A file of the terms, for [`Source::insert`]: `program.toml`, and what is in `contracts/`, `rules/`, `functions/`, `lists/`,
    /// `components/` and `tables/`. A table goes through `accrue_import::read_tables`, or [`Source::insert_table`].
    Terms,
    /// Reference facts of this kind: `facts/partners.csv`.
    Facts(FactKind),
    /// Actions: `actions/march.jsonl`.
    Actions,
    /// Adjustments of actions: `adjustments/march.jsonl`.
    Adjustments,
    /// Tests of the program: `tests/rates.toml`.
    Tests,
    /// A mapping of an export: `imports/network.toml`.
    Import,
    /// A file for people, which nothing reads: a hidden file, or one whose name begins with `readme`.
    ForPeople,
    /// A file in `facts/` or `tests/` that nothing reads, and that was meant for a file that is read. It is an error.
    Stray,
    /// Any other file, which belongs to somebody else.
    Other,
}

impl FileKind {
    /// Returns what a file is for, by its path inside the program folder with `/` between parts.
    ///
    /// ```
    /// use accrue::facts::FactKind;
    /// use accrue_history::FileKind;
    ///
    /// assert_eq!(FileKind::of("contracts/standard.toml"), FileKind::Terms);
    /// assert_eq!(FileKind::of("facts/Partners.csv"), FileKind::Facts(FactKind::Partners));
    /// assert_eq!(FileKind::of("facts/partner.xlsx"), FileKind::Stray);
    /// assert_eq!(FileKind::of("tests/README.md"), FileKind::ForPeople);
    /// ```
    pub fn of(path: &str) -> Self {
        if path.split('/').any(|part| part.starts_with('.')) {
            return Self::ForPeople;
        }
        if Source::is_terms(path) {
            return Self::Terms;
        }
        let Some((folder, name)) = path.split_once('/') else {
            return if is_for_people(path) { Self::ForPeople } else { Self::Other };
        };
        if is_for_people(name) && !name.contains('/') {
            return Self::ForPeople;
        }
        let is_here = !name.contains('/');
        match folder {
            "facts" => facts_kind(name).map_or(Self::Stray, Self::Facts),
            "tests" if is_here && name.ends_with(".toml") => Self::Tests,
            "tests" => Self::Stray,
            "actions" if is_here => Self::Actions,
            "adjustments" if is_here => Self::Adjustments,
            "imports" if is_here && name.ends_with(".toml") => Self::Import,
            _ => Self::Other,
        }
    }
}

/// Returns whether a file, by its name, is for people: it may stand beside files that are read.
pub fn is_for_people(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("readme")
}

/// Returns the kind of facts in a file of this name.
fn facts_kind(name: &str) -> Option<FactKind> {
    let lower = name.to_ascii_lowercase();
    lower.strip_suffix(".csv").or_else(|| lower.strip_suffix(".jsonl")).and_then(FactKind::of_stem)
}

/// An error of reference facts, with its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FactFault {
    /// The path of the file, or of the folder of facts.
    pub file: String,
    /// The error and its place.
    #[serde(flatten)]
    pub error: FactError,
}

/// Reads the reference facts of a program folder, from all of its files: paths inside the folder with `/` between parts, and bytes.
/// Files that are no facts are left out.
///
/// ```
/// # use accrue::{Engine, Source};
/// # let source = Source::from_files([
/// #     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"USD\"\n[event_types]\nsale = {}\n"),
/// #     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
/// # ]);
/// # let program = Engine::default().load(&source)?;
/// let files = [("facts/partners.csv", "id,kind\nacme,content\n".as_bytes()), ("README.md", b"about the program")];
/// let reference = accrue_history::read_reference(files, &program).expect("no fault");
/// assert!(reference.has_partner("acme"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Every fault of every file. A fact that is left out would lift what it forbids, so there are no facts then.
pub fn read_reference<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    program: &Program,
) -> Result<Reference, Vec<FactFault>> {
    let mut of_facts: Vec<(&str, &[u8])> =
        files.into_iter().filter(|(path, _)| path.starts_with("facts/")).collect();
    of_facts.sort_unstable_by_key(|(path, _)| *path);
    let mut reader = FactsReader::new(Some(program), program.limits());
    for (path, bytes) in of_facts {
        let name = path.strip_prefix("facts/").unwrap_or(path);
        if FileKind::of(path) != FileKind::ForPeople && !reader.read(name, path, bytes) {
            break;
        }
    }
    reader.finish("facts")
}

/// Reads files of reference facts, one after the other.
#[derive(Debug)]
pub struct FactsReader<'a> {
    program: Option<&'a Program>,
    limits: &'a Limits,
    reference: Reference,
    faults: Vec<FactFault>,
    /// The number of bytes that the files may still have.
    left: usize,
}

impl<'a> FactsReader<'a> {
    /// Returns a reader. With a program, moments without an offset are of its time zone, and what the facts say of the program is checked.
    pub fn new(program: Option<&'a Program>, limits: &'a Limits) -> Self {
        let mut reference = Reference::default();
        if let Some(program) = program {
            reference = reference.in_zone(program.zone());
        }
        Self { program, limits, reference, faults: Vec::new(), left: FACTS_BYTES }
    }

    /// Returns the number of bytes of the next file that are needed at most. A host that has read one byte more knows enough.
    pub fn most_bytes(&self) -> usize {
        FACTS_FILE_BYTES.min(self.left)
    }

    /// Returns whether facts are read from a file of this name in a folder of facts.
    pub fn reads(name: &str) -> bool {
        facts_kind(name).is_some()
    }

    /// Reads a file by its name in the folder of facts. Errors name it by `path`. Returns whether more may be read: after a file that is
    /// too large nothing is, because its facts would be missed by those after it.
    pub fn read(&mut self, name: &str, path: &str, bytes: &[u8]) -> bool {
        let Some(kind) = facts_kind(name) else {
            self.stray(name, path);
            return true;
        };
        if let Some(message) = too_large(bytes.len(), self.left) {
            self.fault(path, FactError::whole(message));
            return false;
        }
        self.left = self.left.saturating_sub(bytes.len());
        if let Err(errors) = self.reference.read(kind, name, bytes, self.limits) {
            errors.0.into_iter().for_each(|error| self.fault(path, error));
        }
        true
    }

    /// Notes a file or a folder that nothing reads. It may have been meant for a file that would forbid something.
    pub fn stray(&mut self, name: &str, path: &str) {
        let stem = name.split('.').next().unwrap_or(name);
        let stems = FactKind::ALL.map(FactKind::stem);
        let message = match nearest(stem, stems) {
            Some(known) => {
                format!("nothing reads `{name}`; did you mean `{known}.csv` or `{known}.jsonl`?")
            }
            None => format!(
                "nothing reads `{name}`; facts are {}, each .csv or .jsonl. Move it elsewhere",
                stems.join(", ")
            ),
        };
        self.fault(path, FactError::whole(message));
    }

    /// Returns no facts, for a program without a folder of facts.
    pub fn without_facts(self) -> Reference {
        self.reference
    }

    /// Returns the facts. Errors of the facts as a whole name the folder by `path`.
    ///
    /// # Errors
    ///
    /// Every fault of every file.
    pub fn finish(mut self, path: &str) -> Result<Reference, Vec<FactFault>> {
        // Facts that were not read would be missed here.
        if let (true, Some(program)) = (self.faults.is_empty(), self.program)
            && let Err(errors) = program.check_reference(&self.reference)
        {
            errors.0.into_iter().for_each(|error| self.fault(path, error));
        }
        if self.faults.is_empty() { Ok(self.reference) } else { Err(self.faults) }
    }

    fn fault(&mut self, path: &str, error: FactError) {
        self.faults.push(FactFault { file: path.to_owned(), error });
    }
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

/// Returns the message about an entry of a program folder without a folder `facts` that was meant to be it; `None` for any other name.
pub fn misnamed_facts(name: &str) -> Option<String> {
    match name.to_ascii_lowercase().as_str() {
        "facts" | "fact" => Some(match name {
            "facts" => "this is a file; reference facts are files in a folder `facts`".to_owned(),
            _ => format!("nothing reads `{name}`; rename it to `facts`"),
        }),
        _ => None,
    }
}
