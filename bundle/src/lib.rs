//! A program as one file, a *bundle*: builds its bytes from the files of the program's terms, and reads and verifies it. This
//! crate must not use the disk, and must not decide anything.
//!
//! ```text
//! accrue bundle 1                                   what this is, and the version of the format
//! {"engine":"0.1.0","program":"shop","limits":…     the manifest: one line of JSON
//! unsigned SHA-256                                  or: ed25519 PUBLIC-KEY SIGNATURE
//! …                                                 the files, one after the other, in the order of the manifest
//! ```
//!
//! The manifest names each file with its kind, length and SHA-256. A program has exactly one bundle, so two builds give the same
//! bytes, and a file that differs in any byte is refused. The format is not an archive format: links, devices, owners, times,
//! climbing paths and repeated names would all have to be refused one by one, two readers could still disagree, and a bundle
//! needs none of them. The first three lines are text, so `head -n 3` shows what a bundle is.
//!
//! The third line signs the first two, and these hold the digests of everything else.
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

/// The first line of every bundle of this version of the format.
pub const FIRST_LINE: &str = "accrue bundle 1\n";

/// The most bytes of the manifest: room for some 20,000 files, and no more memory than a program's sources may take.
pub const MANIFEST_BYTES: usize = 4 << 20;

/// The most bytes of all modules and components of a bundle. A compiled contract has some 10 kB, a component from the SDK some
/// 100 kB, so this is enough for hundreds of them, and small for a host.
pub const CODE_BYTES: usize = 64 << 20;

/// Returns the most bytes that a bundle can have under these limits, to bound the reading of a file.
pub fn most_bytes(limits: &accrue::Limits) -> usize {
    // The first line and the signature line have less than 1 kB.
    [MANIFEST_BYTES, CODE_BYTES, limits.program_bytes, 1 << 10].into_iter().fold(0, usize::saturating_add)
}

/// The signatures that a bundle must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// No signature is needed. Digests still show that the file is as it was built, but not who built it.
    Anyone,
    /// A signature of one of these keys. An empty list trusts no bundle.
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
    /// Returns the manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the digest over format and manifest, and so over every byte but the signature. It identifies the bundle.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the key that signed the bundle, if it is signed; the signature is verified. [`Trust`] decided whether the signer
    /// is trusted.
    pub fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// Returns the files of its terms, components included, for [`accrue::Engine::load`].
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the compiled modules, by path. Do not run them before [`Bundle::matches`] has confirmed that the sources compile
    /// to them.
    pub fn modules(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.modules
    }

    /// Checks that the bundle belongs to this program, which was loaded from its sources, and that its modules are those that the
    /// program compiles to with this engine. A bundle without modules is compiled by the host that runs it.
    ///
    /// # Errors
    ///
    /// [`Mismatch::Program`] when the program has another id, [`Mismatch::Module`] when a module differs or is not the program's,
    /// [`Mismatch::NoModule`] when a module is missing.
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
        // A module counts its fuel itself, so it is compiled for the fuel that the bundle was built for.
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

/// Returns the modules that the contract versions of a program compile to ([`Program::modules`]), by path, such as
/// `modules/standard-1-small.wasm`.
pub fn modules(program: &Program, rule_fuel: u64) -> BTreeMap<String, Vec<u8>> {
    let path = |contract: &str, version, mode| format!("modules/{}-{version}-{mode}.wasm", plain(contract));
    let modules = program.modules(rule_fuel).into_iter();
    modules.map(|module| (path(&module.contract, module.version, module.mode), module.bytes)).collect()
}

/// Returns a name as part of a path. Characters other than ASCII letters, digits, `_` and `.` are written in hexadecimal, so that
/// two names give two paths.
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
