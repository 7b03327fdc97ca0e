//! Bundles: `accrue build` makes one of a program folder, `accrue keygen` makes the keys, and every command that takes a
//! program opens one here.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use accrue::limits::Limits;
use accrue::{Engine, Program};
use accrue_bundle::{BuildError, Bundle, Contents, PublicKey, SecretKey, Trust, most_bytes};

use crate::args::{Build, Keygen};
use crate::exit::{Exit, Failure};
use crate::output::terminal::{self as render, BOLD, DIM, RESET, clean, plural};
use crate::source::folder as load;

/// Bytes of a key file: a line of some 90, with room for a comment that would be refused.
const KEY_FILE_BYTES: u64 = 1_000;

/// Runs `accrue build`.
pub(crate) fn build(args: &Build) -> Result<Exit, Failure> {
    let engine = Engine::default();
    if args.program.is_file() {
        return Err(Failure::usage(
            format!("`{}` is a file; a bundle is built from a program folder", args.program.display()),
            "name the folder",
        ));
    }
    let key = args.sign_key.as_deref().map(secret_key).transpose()?;
    let folder = load::folder(&args.program, engine.limits())?;
    let program = load::program(&folder, &engine)?;
    crate::commands::run::warn(&program, &folder.name);
    let contents = Contents::of(&program, folder.source);
    let bytes = accrue_bundle::build(&contents, engine.limits(), key.as_ref())
        .map_err(|error: BuildError| Failure::Usage(clean(&error.to_string()), None))?;
    // What was built is what can be read: nothing is handed out that would be refused.
    let bundle = Bundle::read(&bytes, engine.limits(), &Trust::Anyone)
        .map_err(|error| refused(&args.out, &error.to_string()))?;
    let fail = |error| Failure::file("write", &args.out, error);
    let dir = args.out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(fail)?;
    readable(file.as_file()).map_err(fail)?;
    file.write_all(&bytes).map_err(fail)?;
    file.persist(&args.out).map_err(|error| fail(error.error))?;
    render::say(&format!(
        "{BOLD}Built {}{RESET}: {}, {} bytes\n{}",
        args.out.display(),
        plural(bundle.manifest().files.len() as u64, "file"),
        render::thousands(bytes.len() as u64),
        describe(&bundle)
    ))?;
    Ok(Exit::Ok)
}

/// A temporary file is its owner's alone; a bundle is no secret.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// Runs `accrue keygen`.
pub(crate) fn keygen(args: &Keygen) -> Result<Exit, Failure> {
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
    render::say(&format!(
        "{BOLD}Made a key{RESET}\n\n  {}  secret: it signs bundles, keep it to yourself\n  {}  public: hosts that \
         trust you pin it\n",
        args.file.display(),
        public_file.display()
    ))?;
    Ok(Exit::Ok)
}

fn create(options: &std::fs::OpenOptions, path: &Path, line: &str) -> Result<(), Failure> {
    options
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|error| Failure::file("write", path, error))
}

fn key_file(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(KEY_FILE_BYTES).read_to_string(&mut text))
        .map_err(|error| Failure::file("read the key", path, error))?;
    Ok(text)
}

fn secret_key(path: &Path) -> Result<SecretKey, Failure> {
    key_file(path)?
        .parse::<SecretKey>()
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display()), None))
}

fn public_key(path: &Path) -> Result<PublicKey, Failure> {
    key_file(path)?
        .parse::<PublicKey>()
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display()), None))
}

/// Opens a bundle; with keys, one that is signed by one of them.
pub(crate) fn open(path: &Path, trust_keys: &[PathBuf], limits: &Limits) -> Result<Bundle, Failure> {
    let keys = trust_keys.iter().map(|path| public_key(path)).collect::<Result<Vec<_>, _>>()?;
    let trust = if keys.is_empty() { Trust::Anyone } else { Trust::Keys(keys) };
    let mut bytes = Vec::new();
    // One byte more than the most shows that there is too much.
    let most = (most_bytes(limits) as u64).saturating_add(1);
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| Failure::file("read", path, error))?;
    if !Bundle::looks_like(&bytes) {
        return Err(Failure::usage(
            format!("`{}` is a file, but neither a program folder nor a bundle", path.display()),
            load::FOLDER_HELP,
        ));
    }
    Bundle::read(&bytes, limits, &trust).map_err(|error| refused(path, &error.to_string()))
}

/// Says whether a bundle stands for the program that was loaded from it.
pub(crate) fn matches(bundle: &Bundle, program: &Program, name: &str) -> Result<(), Failure> {
    bundle.matches(program).map_err(|error| refused(Path::new(name), &error.to_string()))
}

fn refused(path: &Path, error: &str) -> Failure {
    Failure::Refused(format!("`{}` is refused: {}", path.display(), clean(error)))
}

/// Whose bundle it is, in a few lines.
pub(crate) fn describe(bundle: &Bundle) -> String {
    let signer = bundle.signer().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    format!(
        "{DIM}bundle digest {}, built by engine {}\nsigned by {signer}{RESET}\n",
        bundle.digest(),
        clean(&bundle.manifest().engine)
    )
}

/// The same for machines.
pub(crate) fn json(bundle: &Bundle) -> serde_json::Value {
    serde_json::json!({
        "digest": bundle.digest(),
        "signer": bundle.signer().map(ToString::to_string),
        "engine": bundle.manifest().engine,
        "limits": bundle.manifest().limits,
        "files": bundle.manifest().files,
    })
}
