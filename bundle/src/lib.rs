//! A program as one file, a *bundle*: the files of its terms enter and bytes leave, or bytes enter and verified files
//! leave. Nothing is read from disk and nothing is written there; nothing is decided here either.
//!
//! ```text
//! accrue bundle 1                                   what this is, and the version of the format
//! {"engine":"0.1.0","program":"shop","limits":…     the manifest: one line of JSON
//! unsigned SHA-256                                  or: ed25519 PUBLIC-KEY SIGNATURE
//! …                                                 the files, one after the other, in the order of the manifest
//! ```
//!
//! The manifest names each file with its kind, length and SHA-256. There is exactly one way to write a given program, so
//! two builds of it are the same bytes, and a file that deviates in any byte is refused. An archive format was
//! considered and left: links, devices, owners, times, paths that climb and names that repeat would all have to be
//! refused one by one, two readers could still disagree, and nothing of it is needed. The first three lines are text, so
//! `head -n 3` shows what a bundle is.
//!
//! The third line is over the first two, and these hold the digest of everything else.
//!
//! ```
//! use accrue::{Engine, Source};
//! use accrue_bundle::{Bundle, Contents, SecretKey, Trust};
//!
//! let source = Source::from_files([
//!     ("program.toml", "id = \"shop\"\nname = \"Shop\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n"),
//!     ("contracts/a.toml", "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n"),
//! ]);
//! let key = SecretKey::from_seed([7; 32]);
//! let engine = Engine::default();
//! let contents = Contents::of(&engine.load(&source)?, source);
//! let bytes = accrue_bundle::build(&contents, engine.limits(), Some(&key))?;
//!
//! let bundle = Bundle::read(&bytes, engine.limits(), &Trust::Keys(vec![key.public()]))?;
//! let program = engine.load(bundle.source())?;
//! bundle.matches(&program)?;
//! assert_eq!(bundle.signer(), Some(&key.public()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod error;
mod key;
mod manifest;
mod read;

use std::collections::BTreeMap;

use accrue::digest::Digest;
use accrue::{Program, Source};

pub use build::{Contents, build};
pub use error::{BuildError, BundleError, Mismatch};
pub use key::{KeyError, PublicKey, SecretKey};
pub use manifest::{Entry, Kind, Manifest};

/// The first line of every bundle of this format.
pub const FIRST_LINE: &str = "accrue bundle 1\n";

/// Bytes of the manifest: room for some 20,000 files, and no more memory than a program's sources may take.
pub const MANIFEST_BYTES: usize = 4 << 20;

/// Bytes of all modules and components of a bundle. A compiled contract has some 10 kB, a component from the SDK some
/// 100 kB, so this is enough for hundreds of them, and is no burden for a host.
pub const CODE_BYTES: usize = 64 << 20;

/// The most bytes a bundle can have under these limits, for whoever reads one from a file.
pub fn most_bytes(limits: &accrue::Limits) -> usize {
    // The first and the signature's line have less than 1 kB.
    [MANIFEST_BYTES, CODE_BYTES, limits.program_bytes, 1 << 10].into_iter().fold(0, usize::saturating_add)
}

/// Whose signature a bundle needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody's. Digests still show that the file is as it was built, but not by whom.
    Anyone,
    /// That of one of these keys. No key at all means that no bundle is trusted.
    Keys(Vec<PublicKey>),
}

/// A bundle whose every byte was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    manifest: Manifest,
    digest: Digest,
    signer: Option<PublicKey>,
    source: Source,
    modules: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Digest over format and manifest, and so over every byte but the signature: the bundle's name in the world.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Who signed it; the signature holds. Whether that is somebody to trust was said by [`Trust`].
    pub fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// The files of its terms, components included, for [`accrue::Engine::load`].
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The compiled modules, by path. They are not to be run before [`Bundle::matches`] has said that they are what
    /// the sources compile to.
    pub fn modules(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.modules
    }

    /// Whether the bundle is of this program, which was loaded from its sources, and its modules are those that the
    /// program compiles to here and now. A bundle without modules is compiled by whoever runs it.
    ///
    /// # Errors
    ///
    /// When the program has another id, or a module is missing, is another one or is not the program's.
    pub fn matches(&self, program: &Program) -> Result<(), Mismatch> {
        if program.id() != self.manifest.program {
            return Err(Mismatch::Program {
                manifest: self.manifest.program.clone(),
                found: program.id().to_owned(),
            });
        }
        if self.modules.is_empty() {
            return Ok(());
        }
        // Fuel is counted inside a module, so it is compiled for the fuel that the bundle was built for.
        let fuel = self.manifest.limits.get("rule_fuel").copied();
        let compiled = modules(program, fuel.unwrap_or(program.limits().rule_fuel));
        let engine = || self.manifest.engine.clone();
        for (path, module) in &self.modules {
            if compiled.get(path) != Some(module) {
                return Err(Mismatch::Module { path: path.clone(), engine: engine() });
            }
        }
        match compiled.keys().find(|path| !self.modules.contains_key(*path)) {
            Some(path) => Err(Mismatch::NoModule { path: path.clone(), engine: engine() }),
            None => Ok(()),
        }
    }
}

/// Returns what the contract versions of a program compile to ([`Program::modules`]), by path, such as
/// `modules/standard-1-small.wasm`.
pub fn modules(program: &Program, rule_fuel: u64) -> BTreeMap<String, Vec<u8>> {
    let path = |contract: &str, version, mode| format!("modules/{}-{version}-{mode}.wasm", plain(contract));
    let modules = program.modules(rule_fuel).into_iter();
    modules.map(|module| (path(&module.contract, module.version, module.mode), module.bytes)).collect()
}

/// A name as part of a path: what is neither letter, digit, `_` nor `.` of ASCII is written in hexadecimal, so that two
/// names stay two names.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' => plain.push(char::from(byte)),
            _ => plain.push_str(&format!("%{byte:02x}")),
        }
    }
    plain
}
