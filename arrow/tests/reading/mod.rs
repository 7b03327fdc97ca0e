//! Reading a whole file of actions, as both tests do.

use std::io::Write as _;

use accrue::facts::Action;
use accrue::limits::Limits;
use accrue_arrow::{ParquetActions, ParquetSource, Rows};

/// Every action of a file of these bytes, or the first thing that is wrong with it. A file and memory are read alike.
pub(crate) fn read_all(bytes: &[u8]) -> Result<Vec<Action>, String> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let read = read_source(file);
    assert_eq!(read_source(bytes.to_vec()), read);
    read
}

fn read_source(source: impl Into<ParquetSource>) -> Result<Vec<Action>, String> {
    let mut actions = ParquetActions::open(source, &Limits::default()).map_err(|error| error.to_string())?;
    let (mut rows, mut all) = (Rows::default(), Vec::new());
    while actions.read(&mut rows).map_err(|error| error.to_string())? {
        for row in rows.iter() {
            all.push(row.map_err(|errors| errors.to_string())?.clone());
        }
    }
    Ok(all)
}
