//! Native code on disk: a directory of the host keeps what was compiled, so that the next process does not compile it again.
//!
//! Native code runs with all the rights of the host, so the host must load only files that it wrote itself. A directory alone
//! does not guarantee that: it may be shared, restored from a backup, or written through a path that a brand could name. So each
//! file carries a keyed digest (HMAC-SHA256) under a secret of the host, over the version and settings of the runtime, the digest
//! of the WebAssembly, and the code itself. A file that was made elsewhere, for other WebAssembly or by another version, or that
//! was changed by a single bit, is not loaded: the code is compiled again and the file replaced. Without a secret no directory is
//! used.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// The digest of a component's or a module's bytes.
pub(crate) type ByteDigest = [u8; 32];

/// The first bytes of each file. Must change when the layout changes.
const HEAD: &[u8] = b"accrue native code 1\n";
/// Bytes of the keyed digest.
const TAG_BYTES: usize = 32;
/// The fewest bytes of a secret: a shorter secret could be guessed.
const LEAST_SECRET: usize = 16;

/// A directory of native code, and the secret that its files are signed with.
#[derive(Clone)]
pub struct NativeCache {
    dir: PathBuf,
    key: Hmac<Sha256>,
}

impl fmt::Debug for NativeCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret is left out.
        f.debug_struct("NativeCache").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl NativeCache {
    /// Returns a cache in an existing directory, signed with a secret of at least 16 bytes. Returns `None` if the secret is
    /// shorter. Whoever has the secret and may write to the directory can run code as the host.
    pub fn new(dir: impl Into<PathBuf>, secret: &[u8]) -> Option<Self> {
        if secret.len() < LEAST_SECRET {
            return None;
        }
        let key = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        Some(Self { dir: dir.into(), key })
    }

    /// Returns the keyed digest over everything that determines the native code.
    fn tag<T: Native>(&self, engine: &Engine, digest: &ByteDigest, code: &[u8]) -> Hmac<Sha256> {
        let mut tag = self.key.clone();
        tag.update(HEAD);
        tag.update(T::KIND);
        tag.update(&runtime(engine));
        tag.update(digest);
        tag.update(code);
        tag
    }

    fn path<T: Native>(&self, engine: &Engine, digest: &ByteDigest) -> PathBuf {
        let mut name = String::new();
        let what = Sha256::new().chain_update(T::KIND).chain_update(runtime(engine)).chain_update(digest);
        for byte in what.finalize() {
            name.push_str(&format!("{byte:02x}"));
        }
        self.dir.join(name).with_extension("native")
    }

    /// Returns the native code of a component or module; `None` if this host has not stored it, or the file was changed.
    #[allow(unsafe_code, reason = "native code cannot be checked, only its origin can")]
    pub(crate) fn load<T: Native>(&self, engine: &Engine, digest: &ByteDigest) -> Option<T> {
        let bytes = std::fs::read(self.path::<T>(engine, digest)).ok()?;
        let (tag, code) = bytes.strip_prefix(HEAD)?.split_at_checked(TAG_BYTES)?;
        self.tag::<T>(engine, digest, code).verify_slice(tag).ok()?;
        // SAFETY: a keyed digest over exactly these bytes and their kind was verified, under a secret of the host that is never
        // written to disk. Only `store` makes such a digest, over the bytes that `serialize` has just returned for that kind.
        unsafe { T::deserialize(engine, code) }
    }

    /// Stores native code. Errors are ignored: they only cost the next process the time to compile.
    pub(crate) fn store<T: Native>(&self, engine: &Engine, digest: &ByteDigest, native: &T) {
        let Some(code) = native.serialize() else { return };
        let tag = self.tag::<T>(engine, digest, &code).finalize().into_bytes();
        let path = self.path::<T>(engine, digest);
        // Written to a second file and renamed, so that no process ever reads half a file.
        let beside = path.with_extension(format!("{}.part", std::process::id()));
        let written = write(&beside, &[HEAD, &tag, &code]).and_then(|()| std::fs::rename(&beside, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
    }
}

fn write(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()
}

/// A type whose native code can be stored.
pub(crate) trait Native: Sized {
    /// Distinguishes the types.
    const KIND: &[u8];

    fn serialize(&self) -> Option<Vec<u8>>;

    /// # Safety
    ///
    /// The code must be the unchanged bytes that `serialize` returned for a value of this type.
    #[allow(unsafe_code, reason = "native code cannot be checked, only its origin can")]
    unsafe fn deserialize(engine: &Engine, code: &[u8]) -> Option<Self>;
}

impl Native for Component {
    const KIND: &[u8] = b"component";

    fn serialize(&self) -> Option<Vec<u8>> {
        self.serialize().ok()
    }

    #[allow(unsafe_code, reason = "as the trait says")]
    unsafe fn deserialize(engine: &Engine, code: &[u8]) -> Option<Self> {
        // SAFETY: the caller vouches for the code. Wasmtime also refuses code of another version or other settings.
        unsafe { Self::deserialize(engine, code) }.ok()
    }
}

impl Native for Module {
    const KIND: &[u8] = b"module";

    fn serialize(&self) -> Option<Vec<u8>> {
        self.serialize().ok()
    }

    #[allow(unsafe_code, reason = "as the trait says")]
    unsafe fn deserialize(engine: &Engine, code: &[u8]) -> Option<Self> {
        // SAFETY: the caller vouches for the code. Wasmtime also refuses code of another version or other settings.
        unsafe { Self::deserialize(engine, code) }.ok()
    }
}

/// Returns the digest of the version and the settings of the runtime.
fn runtime(engine: &Engine) -> ByteDigest {
    let mut sink = Sink(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut sink);
    sink.0.finalize().into()
}

/// A hasher that hashes all that a value writes, and not to 64 bits only.
struct Sink(Sha256);

impl Hasher for Sink {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
