//! `accrue keygen`: makes a pair of keys.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use accrue_bundle::SecretKey;

use crate::args::Keygen;
use crate::exit::{Exit, Failure};
use crate::output::terminal::{BOLD, RESET, say, shown};

/// Runs the command.
pub(crate) fn run(args: &Keygen) -> Result<Exit, Failure> {
    let mut public_file = args.file.clone().into_os_string();
    public_file.push(".pub");
    let public_file = PathBuf::from(public_file);
    for file in [&args.file, &public_file] {
        if file.exists() {
            return Err(Failure::usage(
                format!(
                    "`{}` is there already, and a key that is replaced cannot be had again",
                    file.display()
                ),
                "name another file",
            ));
        }
    }
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        Failure::Io("cannot get random bytes".to_owned(), io::Error::other(error.to_string()))
    })?;
    let key = SecretKey::from_seed(seed);
    let mut options = File::options();
    options.write(true).create_new(true);
    create(&options, &public_file, &key.public().to_line())?;
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    create(&options, &args.file, &key.to_line())?;
    say(&format!(
        "{BOLD}Made a key{RESET}\n\n  {}  secret: it signs bundles, keep it to yourself\n  {}  public: hosts that \
         trust you pin it\n",
        shown(&args.file),
        shown(&public_file)
    ))?;
    Ok(Exit::Ok)
}

/// Writes one line to a new file.
fn create(options: &std::fs::OpenOptions, path: &Path, line: &str) -> Result<(), Failure> {
    options
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|error| Failure::file("write", path, error))
}
