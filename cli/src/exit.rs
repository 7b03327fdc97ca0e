//! How a command ends: every exit code, and the errors that lead there.

use std::fmt;
use std::io;
use std::path::Path;

/// The exit codes, as `accrue --help` prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything is in order.
    Ok = 0,
    /// The program has errors, or a test failed.
    Faults = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Some input was rejected; the rest was decided.
    Rejected = 3,
    /// A file could not be read or written.
    Io = 4,
    /// A bundle was refused.
    Refused = 5,
}

/// The exit codes for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  everything is in order
  1  the program has errors, or a test failed
  2  the command line is wrong
  3  some input was rejected; the rest was decided
  4  a file could not be read or written
  5  a bundle was refused: it was changed, or nobody who is trusted has signed it";

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for makes no sense: a message and what to write instead.
    Usage(String, Option<String>),
    /// The program cannot be used: its diagnostics are printed already.
    Faults,
    /// A bundle is not what it should be.
    Refused(String),
    /// Reading or writing failed: what was attempted, and the system's answer.
    Io(String, io::Error),
    /// Whoever read the output has closed it. Nothing is wrong.
    Closed,
}

impl Failure {
    /// A usage error with what to write instead.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage(message.into(), Some(help.into()))
    }

    /// An error while doing something to a file, such as `read`.
    pub(crate) fn file(doing: &str, path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(format!("cannot {doing} `{}`", path.display()), error),
        }
    }

    /// An error while writing to standard output.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io("cannot write the output".to_owned(), error),
        }
    }

    /// An error with the temporary files that hold what does not fit into memory.
    pub(crate) fn temporary(error: io::Error) -> Self {
        Self::Io("cannot use a temporary file".to_owned(), error)
    }

    /// The code that the process ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(..) => Exit::Usage,
            Self::Faults => Exit::Faults,
            Self::Refused(_) => Exit::Refused,
            Self::Io(..) => Exit::Io,
            Self::Closed => Exit::Ok,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message, _) | Self::Refused(message) => f.write_str(message),
            Self::Io(doing, error) => write!(f, "{doing}: {}", plain(error)),
            Self::Faults | Self::Closed => Ok(()),
        }
    }
}

/// The system's answer in words that need no knowledge of it.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}
