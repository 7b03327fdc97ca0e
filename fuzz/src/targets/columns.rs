//! The reader of Parquet files: a file enters. It is read or refused with a word about why, and what is read is the same when
//! it is written again. The Parquet library never panics, not even where the panic would become an error.

use std::cell::Cell;
use std::panic;
use std::sync::Once;

use accrue::Limits;
use accrue::facts::Action;
use accrue_arrow::{FileError, ParquetActions, Rows, action_batch, is_reading, write_actions};

thread_local! {
    /// Whether the library has panicked on this thread.
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// Notes panics inside the library, which a hook sees before they become errors.
fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            PANICKED.set(PANICKED.get() || is_reading());
            print(panic);
        }));
    });
}

/// Tries one input.
pub fn run(data: &[u8]) {
    watch();
    let found = read(data);
    assert!(!PANICKED.replace(false), "the library panicked on a page that was checked");
    let found = match found {
        Ok(found) => found,
        Err(error) => return assert!(error.to_string().chars().count() < 4_000, "{error}"),
    };
    if found.is_empty() {
        return;
    }
    // Amounts of one column have as many decimals as the longest, which not all of them may have room for.
    let Ok(batch) = action_batch(&found) else { return };
    let written = write_actions(Vec::new(), [batch]).expect("actions can be written");
    let again = read(&written).expect("what was written can be read");
    assert_eq!(again, found);
}

/// The actions of a file; rows that are none are left out.
fn read(file: &[u8]) -> Result<Vec<Action>, FileError> {
    let mut actions =
        ParquetActions::open(file.to_vec(), &Limits { text_bytes: 200, entries: 20, ..Limits::default() })?;
    let (mut rows, mut all) = (Rows::default(), Vec::new());
    while actions.read(&mut rows)? {
        for row in rows.iter() {
            match row {
                Ok(action) => all.push(action.clone()),
                Err(errors) => assert!(!errors.0.is_empty(), "a row is rejected without a word"),
            }
        }
        assert!(all.len() < 1 << 20, "more rows than such a file can hold");
    }
    Ok(all)
}
