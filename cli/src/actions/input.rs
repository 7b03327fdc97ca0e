//! The files that actions are in.
//!
//! Every input is read more than once, so an input that cannot be read again (standard input, a pipe) is copied to a
//! temporary file first.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use accrue::facts::fields::Dialect;
use accrue::time::Zone;
use accrue_history::is_for_people;
use accrue_import::{Export, Mapping, decoded};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::exit::Failure;
use crate::source::draft::Scratch;
use crate::source::folder::Folder;
use crate::source::mapping::find_mapping;

/// Bytes read at once: large enough that neither the system call nor the progress bar is felt.
const BUFFER_BYTES: usize = 256 << 10;

/// The format of a file of actions or decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// A JSON object in each line.
    Jsonl,
    /// A header, then rows.
    Csv,
    /// Columns.
    Parquet,
}

impl FileFormat {
    /// Returns the format that a file's name promises.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Returns the format that a file's first bytes promise: Parquet has a magic number, JSON Lines begin with a brace, and
    /// a CSV header does not.
    fn of_content(mut file: File) -> io::Result<Self> {
        let mut start = Vec::new();
        file.by_ref().take(512).read_to_end(&mut start)?;
        if start.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start).trim_ascii_start();
        Ok(if start.first().is_none_or(|byte| *byte == b'{') { Self::Jsonl } else { Self::Csv })
    }
}

/// A file of actions.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its number among the inputs, from 0.
    pub(crate) number: u32,
    /// The path that it is read from.
    pub(crate) path: PathBuf,
    /// The name for messages.
    pub(crate) shown: String,
    /// Its format. Rows of an export are kept as CSV, whatever the export is.
    pub(crate) format: FileFormat,
    /// The mapping that an export is read through.
    pub(crate) mapped: Option<Arc<Mapped>>,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// The header of CSV, once it has been read.
    pub(super) header: OnceLock<String>,
    /// How the cells of an export are separated and quoted, once it has been read.
    pub(super) dialect: OnceLock<Dialect>,
    /// The time zone of moments without an offset.
    pub(super) zone: Option<Zone>,
    /// Keeps the copy of an input that cannot be read again.
    _copy: Option<Scratch>,
}

/// A mapping, and what an import needs to know beside it.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// The name for messages.
    pub(crate) name: String,
    /// The mapping.
    pub(crate) mapping: Mapping,
    /// Whether reversed rows are read as actions with their reversals.
    pub(crate) reversals: bool,
}

/// Opens the inputs that are named, or all of the program's own folder `actions/` if none are. With the name of a mapping, they are
/// exports. Moments of CSV without an offset are of the program's time zone.
pub(crate) fn inputs(
    named: &[PathBuf],
    map: Option<&str>,
    folder: &Folder,
    zone: Zone,
) -> Result<Vec<Input>, Failure> {
    if let Some(name) = map {
        let mapping = find_mapping(name, Some(&folder.root))?;
        return exports(named, Mapped { name: name.to_owned(), mapping, reversals: false }, Some(zone));
    }
    let paths = if named.is_empty() { own_actions(folder)? } else { named.to_vec() };
    let open = |(number, path): (u32, &PathBuf)| Input::open(number, path, None, Some(zone));
    (0..).zip(&paths).map(open).collect()
}

/// Opens the files of adjustments that are named. The program's own folder `adjustments/` belongs to its own actions, so it is read if
/// neither are named.
pub(crate) fn adjustment_inputs(
    named: &[PathBuf],
    actions: &[PathBuf],
    folder: &Folder,
    zone: Zone,
) -> Result<Vec<Input>, Failure> {
    let is_own = named.is_empty() && actions.is_empty();
    let paths = if is_own { own_files(folder, "adjustments")?.unwrap_or_default() } else { named.to_vec() };
    (0..).zip(&paths).map(|(number, path)| Input::open(number, path, None, Some(zone))).collect()
}

/// Opens exports, which are read through a mapping. Without a zone, moments without an offset are refused.
pub(crate) fn exports(named: &[PathBuf], mapped: Mapped, zone: Option<Zone>) -> Result<Vec<Input>, Failure> {
    if named.is_empty() {
        return Err(Failure::usage(
            "there is no export to import",
            "name its files, or `-` for standard input",
        ));
    }
    let mapped = Arc::new(mapped);
    (0..).zip(named).map(|(number, path)| Input::open(number, path, Some(&mapped), zone)).collect()
}

/// Returns the files of actions in a program folder.
fn own_actions(folder: &Folder) -> Result<Vec<PathBuf>, Failure> {
    let dir = folder.root.join("actions");
    let none = |why: String| {
        let help = "name files of actions, such as `actions.jsonl`, `actions.csv` or `actions.parquet`, or `-` for standard input";
        Failure::usage(format!("there are no actions: {why}"), help)
    };
    if folder.bundle.is_some() {
        return Err(none(format!("the bundle `{}` holds none", folder.name)));
    }
    match own_files(folder, "actions")? {
        None => Err(none(format!("no folder `{}`", dir.display()))),
        Some(paths) if paths.is_empty() => {
            Err(none(format!("`{}` holds no .jsonl, .csv or .parquet file", dir.display())))
        }
        Some(paths) => Ok(paths),
    }
}

/// Returns the files of actions or of adjustments in this folder of a program, if there is one.
fn own_files(folder: &Folder, of: &str) -> Result<Option<Vec<PathBuf>>, Failure> {
    let dir = folder.root.join(of);
    let entries = folder.tree.as_ref().map(|tree| tree.entries(&dir)).transpose()?.flatten();
    let Some(entries) = entries else { return Ok(None) };
    let mut paths = Vec::new();
    for entry in entries.into_iter().filter(|entry| !is_for_people(&entry.name)) {
        if entry.is_folder {
            return Err(Failure::usage(
                format!("`{}` is a folder, and no {of} are read from it", entry.path.display()),
                format!("move it out of `{of}/`, or name the files that are to be read"),
            ));
        }
        format_of(&entry.path)?;
        paths.push(entry.path);
    }
    Ok(Some(paths))
}

/// Returns the format that a file's name promises, or a failure that says how to give the file to the command.
fn format_of(path: &Path) -> Result<FileFormat, Failure> {
    if let Some(format) = FileFormat::of_name(path) {
        return Ok(format);
    }
    let shown = path.display();
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let unpacked =
        |command: &str| format!("unpack it on the way: `{command} {shown} | accrue run PROGRAM -`");
    let help = match ending.as_str() {
        "gz" => unpacked("gzip -dc"),
        "zst" => unpacked("zstd -dc"),
        "xz" => unpacked("xz -dc"),
        "bz2" => unpacked("bzip2 -dc"),
        "zip" => unpacked("unzip -p"),
        "xlsx" | "ods" => {
            "read it through a mapping, with `--map`; `accrue import --guess FILE` proposes one".to_owned()
        }
        _ => "name it so, or give it on standard input with `-`".to_owned(),
    };
    Err(Failure::usage(format!("`{shown}` is neither a .jsonl nor a .csv nor a .parquet file"), help))
}

impl Input {
    /// Opens a path, where `-` is standard input.
    fn open(
        number: u32,
        path: &Path,
        mapped: Option<&Arc<Mapped>>,
        zone: Option<Zone>,
    ) -> Result<Self, Failure> {
        let copied = |shown: &str, from: &mut dyn Read, may_fail: bool| {
            Self::copied(number, shown, path, from, may_fail, mapped).map(|input| Self { zone, ..input })
        };
        if path == Path::new("-") {
            return copied("standard input", &mut io::stdin().lock(), true);
        }
        let fail = |error| Failure::file("read", path, error);
        let mut file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("`{}` is a folder", path.display()), "name the files in it"));
        }
        if !metadata.is_file() {
            return copied(&path.display().to_string(), &mut file, !is_device(&metadata));
        }
        let format = if mapped.is_some() { FileFormat::Csv } else { format_of(path)? };
        let (path, shown) = (path.to_owned(), path.display().to_string());
        let (bytes, mapped) = (metadata.len(), mapped.cloned());
        Ok(Self {
            number,
            path,
            shown,
            format,
            mapped,
            zone,
            bytes,
            header: OnceLock::new(),
            dialect: OnceLock::new(),
            _copy: None,
        })
    }

    /// Copies an input that can be read only once. If `may_fail` is set, another command writes the input, and it is not empty.
    fn copied(
        number: u32,
        shown: &str,
        path: &Path,
        from: &mut dyn Read,
        may_fail: bool,
        mapped: Option<&Arc<Mapped>>,
    ) -> Result<Self, Failure> {
        let mut copy = Scratch::new().map_err(Failure::temporary)?;
        let bytes =
            io::copy(from, &mut copy).map_err(|error| Failure::file("read", Path::new(shown), error))?;
        if bytes == 0 && may_fail {
            let why = "it is empty, as it is when the command before it has failed; name an empty file if there is nothing to decide";
            return Err(Failure::file("read", Path::new(shown), io::Error::other(why)));
        }
        let format = match FileFormat::of_name(path) {
            _ if mapped.is_some() => FileFormat::Csv,
            Some(format) => format,
            None => File::open(copy.path()).and_then(FileFormat::of_content).map_err(Failure::temporary)?,
        };
        let (path, shown) = (copy.path().to_owned(), shown.to_owned());
        let (header, dialect, mapped) = (OnceLock::new(), OnceLock::new(), mapped.cloned());
        Ok(Self {
            number,
            path,
            shown,
            format,
            mapped,
            zone: None,
            bytes,
            header,
            dialect,
            _copy: Some(copy),
        })
    }

    /// Opens the file once more; the bar moves with what is read.
    pub(super) fn read(&self, bar: &ProgressBar) -> Result<BufReader<CountedFile>, Failure> {
        let file = File::open(&self.path).map_err(|error| self.failed(error))?;
        Ok(BufReader::with_capacity(BUFFER_BYTES, CountedFile { file, bar: bar.clone() }))
    }

    /// Opens the file as text. An export is decoded.
    pub(crate) fn text(&self) -> Result<Box<dyn BufRead + Send>, Failure> {
        match &self.mapped {
            Some(mapped) => decoded(&Export::file(&self.path), &mapped.mapping)
                .map_err(|error| self.failed(io::Error::other(error))),
            None => Ok(Box::new(BufReader::new(File::open(&self.path).map_err(|error| self.failed(error))?))),
        }
    }

    /// Returns the header of CSV, as it was read.
    pub(crate) fn header(&self) -> &str {
        self.header.get().map_or("", String::as_str)
    }

    /// Returns how the cells of CSV are separated and quoted.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect.get().copied().unwrap_or_default()
    }

    /// Returns the failure of reading this input.
    pub(crate) fn failed(&self, error: io::Error) -> Failure {
        Failure::file("read", Path::new(&self.shown), error)
    }

    /// Fails if an error has ended reading before the end.
    pub(super) fn check(&self, ended: Option<&io::Error>) -> Result<(), Failure> {
        match ended {
            Some(error) => Err(self.failed(io::Error::new(error.kind(), error.to_string()))),
            None => Ok(()),
        }
    }
}

/// A file whose reading moves a progress bar.
#[derive(Debug)]
pub(super) struct CountedFile {
    file: File,
    bar: ProgressBar,
}

impl Read for CountedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bar.inc(read as u64);
        Ok(read)
    }
}

/// Returns whether a file is a device, such as `/dev/null`, which no other command writes.
#[cfg(unix)]
fn is_device(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_char_device(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    false
}

/// Returns the size of all inputs in bytes.
pub(crate) fn total_bytes(inputs: &[Input]) -> u64 {
    inputs.iter().fold(0, |sum, input| sum.saturating_add(input.bytes))
}

/// Returns a progress bar over the bytes of all inputs. It is hidden if there is no terminal.
pub(crate) fn progress(inputs: &[Input]) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(Some(total_bytes(inputs)), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {bytes_per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}
