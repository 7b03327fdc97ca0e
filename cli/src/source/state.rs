//! Counters in a file, carried from one run to the next.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::Path;

use super::files::{persist, temporary_beside};
use crate::exit::Failure;
use accrue::counters::CountersSnapshot;
use accrue::{Counters, Program};
use chrono::NaiveDate;

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
        counters.close(until, program.zone());
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

/// Writes the counters to a state file. The file is replaced in one step, so that it is always complete.
pub(crate) fn write_state(path: &Path, counters: &Counters) -> Result<(), Failure> {
    let fail = |error| Failure::file("write", path, error);
    let mut file = BufWriter::new(temporary_beside(path)?);
    serde_json::to_writer(&mut file, &counters.snapshot()).map_err(|error| fail(error.into()))?;
    file.write_all(b"\n").map_err(fail)?;
    let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
    file.as_file().sync_all().map_err(fail)?;
    persist(file, path)
}
