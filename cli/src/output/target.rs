//! Files, pipes and standard output, written so that a file with its final name is complete.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::exit::Failure;
use crate::source::draft::Draft;

/// Where an output goes.
pub(crate) enum Target {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file that gets this path once it is complete.
    Whole(Draft, PathBuf),
    /// A pipe or a device.
    Stream(File, PathBuf),
    /// A temporary file that is copied to its target at the end. It is dropped when its content turns out to be void.
    Held(File, Box<Target>),
}

impl Target {
    /// Returns standard output.
    pub(crate) fn stdout() -> Self {
        Self::Stdout(io::stdout())
    }

    /// Opens a path. A pipe or a device is written to directly, a file once it is complete.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        if path.exists() && !path.is_file() {
            let file = File::options().write(true).open(path);
            let file = file.map_err(|error| Failure::file("write", path, error))?;
            return Ok(Self::Stream(file, path.to_owned()));
        }
        Self::whole(path)
    }

    /// Creates a file that gets this path once it is complete.
    pub(crate) fn whole(path: &Path) -> Result<Self, Failure> {
        Ok(Self::Whole(Draft::beside(path)?, path.to_owned()))
    }

    /// Returns whether readers see what is written before [`Target::finish`].
    pub(crate) fn is_seen_at_once(&self) -> bool {
        matches!(self, Self::Stdout(_) | Self::Stream(..))
    }

    /// Returns the same target, written to at the end only, so that nothing is seen before [`Target::finish`].
    pub(crate) fn held(self) -> Result<Self, Failure> {
        if !self.is_seen_at_once() {
            return Ok(self);
        }
        Ok(Self::Held(tempfile::tempfile().map_err(Failure::temporary)?, Box::new(self)))
    }

    /// Returns the failure of writing to this target.
    pub(crate) fn failure(&self, error: io::Error) -> Failure {
        match self {
            Self::Stdout(_) => Failure::output(error),
            Self::Whole(_, path) | Self::Stream(_, path) => Failure::file("write", path, error),
            Self::Held(..) => Failure::temporary(error),
        }
    }

    /// Returns the name for messages.
    pub(crate) fn name(&self) -> PathBuf {
        match self {
            Self::Stdout(_) => PathBuf::from("standard output"),
            Self::Whole(_, path) | Self::Stream(_, path) => path.clone(),
            Self::Held(_, to) => to.name(),
        }
    }

    /// Finishes the target as [`Target::finish`] does, but never replaces a file: gives a file its own path if that is free or has no
    /// bytes, else the first free one of `others`. Returns the path.
    pub(crate) fn finish_new(self, others: impl Iterator<Item = PathBuf>) -> Result<PathBuf, Failure> {
        let path = self.name();
        match self {
            Self::Whole(file, path) if is_empty(&path) => file.publish(&path).map(|()| path),
            Self::Whole(file, path) => file.publish_new(std::iter::once(path).chain(others)),
            other => other.finish().map(|()| path),
        }
    }

    /// Copies what was held, and gives a file its path.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut to) => to.flush().map_err(Failure::output),
            Self::Stream(mut to, path) => to.flush().map_err(|error| Failure::file("write", &path, error)),
            Self::Whole(file, path) => file.publish(&path),
            Self::Held(mut file, mut to) => {
                file.seek(SeekFrom::Start(0)).map_err(Failure::temporary)?;
                let copied = match &mut *to {
                    Self::Stdout(to) => io::copy(&mut file, &mut to.lock()),
                    Self::Stream(to, _) => io::copy(&mut file, to),
                    other => io::copy(&mut file, other),
                };
                copied.map_err(|error| to.failure(error))?;
                to.finish()
            }
        }
    }
}

/// Returns whether there is a file without bytes, such as one that `mktemp` has made.
fn is_empty(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(to) => to.write(bytes),
            Self::Whole(to, _) => to.write(bytes),
            Self::Stream(to, _) | Self::Held(to, _) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(to) => to.flush(),
            Self::Whole(to, _) => to.flush(),
            Self::Stream(to, _) | Self::Held(to, _) => to.flush(),
        }
    }
}
