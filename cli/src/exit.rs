//! How a command ends: every exit code, and the errors that lead there.

use std::io;
use std::path::{Path, PathBuf};

use accrue::Source;
use accrue::decide::CloseError;
use accrue::diagnostic::Diagnostics;
use accrue::facts::FactErrors;
use accrue_history::FactFault;

/// The exit codes, as `accrue --help` prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything is in order.
    Ok = 0,
    /// The program, its facts or a mapping have errors, or a test failed.
    Faults = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Some input was rejected; the rest was decided.
    Rejected = 3,
    /// A file could not be read or written.
    Io = 4,
    /// A bundle was refused.
    Refused = 5,
    /// What was asked for does not hold: tests that reach so much of the program, a draft within a bound, or files in
    /// the usual layout.
    OutOfBounds = 6,
}

/// The exit codes for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  everything is in order
  1  the program, its facts or a mapping have errors, or a test failed
  2  the command line is wrong
  3  some input was rejected; the rest was decided
  4  a file could not be read or written
  5  a bundle was refused: it was changed, or nobody who is trusted has signed it
  6  what was asked for does not hold: `test --min`, a check of `simulate`, or `fmt --check`";

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is not valid: a message, and the help that says what to write instead.
    Usage(String, Option<String>),
    /// The program has errors.
    Program(Box<FaultyProgram>),
    /// An export does not fit the mapping that it is read through.
    Unfit {
        /// The export.
        file: String,
        /// The mapping.
        mapping: String,
        /// What does not fit.
        errors: FactErrors,
    },
    /// The reference facts have errors.
    Facts(Vec<FactFault>),
    /// A bundle is refused: its path and the reason.
    Refused(PathBuf, String),
    /// Reading or writing failed: what was attempted, and the system's error.
    Io(String, io::Error),
    /// The reader of the output has closed it. Nothing is wrong.
    Closed,
}

/// A program with errors, and what is needed to draw them.
#[derive(Debug)]
pub(crate) struct FaultyProgram {
    /// Its errors and warnings.
    pub(crate) diagnostics: Diagnostics,
    /// The files that the diagnostics point into.
    pub(crate) source: Source,
    /// The name of the program folder for messages.
    pub(crate) name: String,
}

impl Failure {
    /// Returns a usage error with its help.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage(message.into(), Some(help.into()))
    }

    /// Returns the failure of an action on a file; `doing` is a verb such as `read`. A broken pipe is [`Failure::Closed`].
    pub(crate) fn file(doing: &str, path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(format!("cannot {doing} `{}`", path.display()), error),
        }
    }

    /// Returns the failure of writing to standard output.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io("cannot write the output".to_owned(), error),
        }
    }

    /// Returns the failure of a temporary file, which holds what does not fit into memory.
    pub(crate) fn temporary(error: io::Error) -> Self {
        Self::Io("cannot use a temporary file".to_owned(), error)
    }

    /// Returns the code that the process ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(..) => Exit::Usage,
            Self::Program(_) | Self::Facts(_) | Self::Unfit { .. } => Exit::Faults,
            Self::Refused(..) => Exit::Refused,
            Self::Io(..) => Exit::Io,
            Self::Closed => Exit::Ok,
        }
    }
}

/// Returns the failure of a close.
pub(crate) fn not_closed(error: &CloseError) -> Failure {
    Failure::usage(format!("{}: {error}", error.code()), "close periods one after the other, each once")
}
