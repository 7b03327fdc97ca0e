//! Counters in a file, carried from one run to the next.

#[cfg(unix)]
use std::fs::Metadata;
use std::fs::{File, TryLockError};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::Path;

use super::draft::Draft;
use crate::exit::Failure;
use accrue::counters::CountersSnapshot;
use accrue::{Counters, Program};
use chrono::NaiveDate;

/// The state file of a run, which no other run may use at the same time: one of them would lose what the other has counted.
#[derive(Debug)]
pub(crate) struct StateFile<'a> {
    path: &'a Path,
    /// The file, locked as long as this value. `None` if it did not exist.
    locked: Option<File>,
}

impl<'a> StateFile<'a> {
    /// Opens the state file of a run.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the file cannot be opened or another run uses it.
    pub(crate) fn open(path: &'a Path) -> Result<Self, Failure> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { path, locked: None }),
            Err(error) => return Err(Failure::file("read", path, error)),
        };
        // Where files cannot be locked, runs one after the other are still in order.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) || was_replaced(&file, path) {
            return Err(in_use(path));
        }
        Ok(Self { path, locked: Some(file) })
    }

    /// Returns whether the file was there.
    pub(crate) fn exists(&self) -> bool {
        self.locked.is_some()
    }

    /// Writes the counters. The file is replaced in one step, so that it is always complete.
    pub(crate) fn write(self, counters: &Counters) -> Result<(), Failure> {
        let Self { path, locked } = self;
        let fail = |error| Failure::file("write", path, error);
        let mut file = BufWriter::new(Draft::beside(path)?);
        serde_json::to_writer(&mut file, &counters.snapshot()).map_err(|error| fail(error.into()))?;
        file.write_all(b"\n").map_err(fail)?;
        let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync().map_err(fail)?;
        if locked.is_some() {
            return file.publish(path);
        }
        match file.publish_new(std::iter::once(path.to_owned())) {
            Err(_) if path.exists() => Err(in_use(path)),
            published => published.map(drop),
        }
    }
}

/// Returns whether another run has replaced the file since it was opened.
#[cfg(unix)]
fn was_replaced(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number =
        |metadata: io::Result<Metadata>| metadata.map(|metadata| (metadata.dev(), metadata.ino())).ok();
    number(file.metadata()) != number(path.metadata())
}

#[cfg(not(unix))]
fn was_replaced(_: &File, _: &Path) -> bool {
    false
}

fn in_use(path: &Path) -> Failure {
    Failure::usage(
        format!(
            "another run uses the state `{}`, and one of the two would lose what the other has counted",
            path.display()
        ),
        "run it again once the other run has ended; it then continues from there",
    )
}

/// Reads the counters of a state file, and closes the calendar periods that end on the given date or before it. Returns empty
/// counters if the file does not exist.
///
/// # Errors
///
/// [`Failure`] when the file cannot be read, is not a state file, or belongs to another program.
pub(crate) fn read_state(
    path: Option<&Path>,
    closed_until: Option<NaiveDate>,
    program: &Program,
) -> Result<Counters, Failure> {
    let mut counters = read(path, program)?;
    if let Some(until) = closed_until {
        let closed = program.close_periods(&mut counters, until);
        closed.map_err(|error| Failure::usage(error.to_string(), "name the state of this program"))?;
    }
    Ok(counters)
}

fn read(path: Option<&Path>, program: &Program) -> Result<Counters, Failure> {
    let Some(path) = path else { return Ok(program.counters()) };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(program.counters()),
        Err(error) => return Err(Failure::file("read", path, error)),
    };
    let refused = |why: String, help: &str| {
        Err(Failure::usage(format!("`{}` cannot be used as the state: {why}", path.display()), help))
    };
    let other = "name the file that `--state` wrote for this program, or a new one to start from nothing";
    let snapshot: CountersSnapshot = match serde_json::from_reader(BufReader::new(file)) {
        Ok(snapshot) => snapshot,
        Err(error) => return refused(error.to_string(), other),
    };
    let counters = match Counters::restore(snapshot) {
        Ok(counters) => counters,
        Err(error) => return refused(error.to_string(), other),
    };
    match counters.check_program(program.id()) {
        Ok(()) => Ok(counters),
        Err(error) => refused(error.to_string(), other),
    }
}
