//! Makes files that get their names once they are complete, and temporary files. Nothing is left of either, whatever ends the process.
//!
//! On Linux such a file has no name, so the system removes it with the process. Elsewhere it has a name, which is removed when
//! the process is interrupted by a signal.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::Once;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempPath;

use crate::exit::Failure;

/// A file that is written, in the folder of the path that it will have.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    /// `None` while the file has no name.
    named: Option<Named>,
    dir: PathBuf,
}

impl Draft {
    /// Creates a file in the folder of `path`. Its mode follows the umask, as that of any file.
    pub(crate) fn beside(path: &Path) -> Result<Self, Failure> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let open = || match nameless(dir) {
            Some(file) => Ok(Self { file, named: None, dir: dir.to_owned() }),
            None => Self::named(dir),
        };
        open().map_err(|error| Failure::file("write", path, error))
    }

    fn named(dir: &Path) -> io::Result<Self> {
        let create = |path: &Path| File::options().read(true).write(true).create_new(true).open(path);
        let (file, named) = Named::create(dir, create)?;
        Ok(Self { file, named: Some(named), dir: dir.to_owned() })
    }

    /// Makes sure that the bytes are on the disk before the file gets its name.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its name. A file that has the name is replaced in one step.
    pub(crate) fn publish(self, path: &Path) -> Result<(), Failure> {
        let Self { file, named, dir } = self;
        let published = match named {
            Some(named) => named.replace(path),
            // A file without a name can only get a name that is free.
            None => match link(&file, path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Named::create(&dir, |path| link(&file, path)).and_then(|((), named)| named.replace(path))
                }
                linked => linked,
            },
        };
        published.map_err(|error| Failure::file("write", path, error))
    }

    /// Gives the file the first of these names that is free, and returns it. Never replaces a file, even one that appears meanwhile.
    pub(crate) fn publish_new(self, paths: impl Iterator<Item = PathBuf>) -> Result<PathBuf, Failure> {
        let Self { file, mut named, dir } = self;
        for path in paths {
            let (published, left) = match named {
                Some(named) => named.take(&path),
                None => (link(&file, &path), None),
            };
            named = left;
            match published {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::file("write", &path, error)),
            }
        }
        Err(Failure::file("write", &dir, io::Error::other("no name is free")))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A temporary file that can be opened again by its path.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: File,
    path: PathBuf,
    _named: Option<Named>,
}

impl Scratch {
    /// Creates an empty file, for its owner alone.
    pub(crate) fn new() -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        if let Some(path) = path_of(&file) {
            return Ok(Self { file, path, _named: None });
        }
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let (file, named) = Named::create(&std::env::temp_dir(), |path| options.open(path))?;
        Ok(Self { file, path: named.path.clone(), _named: Some(named) })
    }

    /// Returns the path, which is valid as long as this value.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Creates a file without a name in a folder. Returns `None` if the system cannot, or cannot give it a name later.
#[cfg(target_os = "linux")]
fn nameless(dir: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(open(dir, flags, Mode::from_raw_mode(0o666)).ok()?);
    path_of(&file).map(|_| file)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path) -> Option<File> {
    None
}

/// Returns a path by which an open file can be opened again, even if it has no name.
#[cfg(target_os = "linux")]
fn path_of(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    File::open(&path).is_ok().then_some(path)
}

#[cfg(not(target_os = "linux"))]
fn path_of(_: &File) -> Option<PathBuf> {
    None
}

/// Gives a file without a name this name, if it is free.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let from = path_of(file).ok_or(io::ErrorKind::NotFound)?;
    Ok(linkat(CWD, from, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The names of the temporary files of this process.
static NAMES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn names() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The temporary name of a file, which is removed when this value is dropped or the process is interrupted.
#[derive(Debug)]
struct Named {
    /// `None` once the file has another name.
    name: Option<TempPath>,
    path: PathBuf,
}

impl Named {
    /// Creates a file under a random name.
    fn create<F>(dir: &Path, create: impl FnMut(&Path) -> io::Result<F>) -> io::Result<(F, Self)> {
        remove_when_interrupted();
        // The lock is held until the name is listed, so that no file is made after an interrupt.
        let mut names = names();
        let (file, name) = tempfile::Builder::new().prefix(".accrue-").make_in(dir, create)?.into_parts();
        let path = name.to_path_buf();
        names.insert(path.clone());
        Ok((file, Self { name: Some(name), path }))
    }

    /// Gives the file its final name. A file that has the name is replaced.
    fn replace(mut self, path: &Path) -> io::Result<()> {
        self.name.take().map_or(Ok(()), |name| name.persist(path).map_err(|error| error.error))
    }

    /// Gives the file this name if it is free. If not, the temporary name is returned with the error.
    fn take(mut self, path: &Path) -> (io::Result<()>, Option<Self>) {
        let Some(name) = self.name.take() else { return (Ok(()), None) };
        match name.persist_noclobber(path) {
            Ok(()) => (Ok(()), None),
            Err(error) => {
                self.name = Some(error.path);
                (Err(error.error), Some(self))
            }
        }
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let mut names = names();
        drop(self.name.take());
        names.remove(&self.path);
    }
}

/// Sees to it that temporary names are removed when the user or the system asks the process to end. The process then ends as it
/// would have without this.
#[cfg(unix)]
fn remove_when_interrupted() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without the handler the process still ends; only the file stays.
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
        let remove = move || {
            for signal in signals.forever() {
                // The lock is kept: no file is made from here on.
                let names = names();
                for name in names.iter() {
                    let _ = std::fs::remove_file(name);
                }
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        let _ = std::thread::Builder::new().spawn(remove);
    });
}

#[cfg(not(unix))]
fn remove_when_interrupted() {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Publishes a text in place of another, and beside it, by a file with a temporary name and by one without.
    #[test]
    fn a_file_gets_its_name_once_it_is_complete() {
        let dir = tempfile::tempdir().unwrap();
        let (old, free) = (dir.path().join("old"), dir.path().join("free"));
        let drafts: [fn(&Path) -> Draft; 2] =
            [|path| Draft::beside(path).unwrap(), |path| Draft::named(path.parent().unwrap()).unwrap()];
        for draft in drafts {
            std::fs::write(&old, "old").unwrap();
            let mut new = draft(&old);
            new.write_all(b"new").unwrap();
            drop(draft(&old));
            assert_eq!(std::fs::read(&old).unwrap(), b"old");
            new.publish(&old).unwrap();
            assert_eq!(std::fs::read(&old).unwrap(), b"new");
            let mut beside = draft(&old);
            beside.write_all(b"beside").unwrap();
            let names = [old.clone(), free.clone()].into_iter();
            assert_eq!(beside.publish_new(names).unwrap(), free);
            assert_eq!(std::fs::read(&free).unwrap(), b"beside");
            std::fs::remove_file(&free).unwrap();
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    /// The folder of the file that the process below leaves behind, or not.
    #[cfg(unix)]
    const DIR: &str = "ACCRUE_TEST_DIR";

    #[cfg(unix)]
    #[test]
    fn a_temporary_name_is_removed_when_the_process_is_interrupted() {
        use std::os::unix::process::ExitStatusExt as _;
        let dir = tempfile::tempdir().unwrap();
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "source::draft::tests::is_interrupted"])
            .env(DIR, dir.path())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(signal_hook::consts::SIGTERM));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    #[ignore = "ends the process; the test above runs it in one of its own"]
    fn is_interrupted() {
        let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
        let _draft = Draft::named(&dir).unwrap();
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        signal_hook::low_level::raise(signal_hook::consts::SIGTERM).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(30));
    }

    #[test]
    fn a_scratch_file_is_read_by_its_path_more_than_once() {
        let mut scratch = Scratch::new().unwrap();
        scratch.write_all(b"text").unwrap();
        for _ in 0..2 {
            assert_eq!(std::fs::read(scratch.path()).unwrap(), b"text");
        }
    }
}
