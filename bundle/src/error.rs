//! Why a bundle is not built, not read or not used: each error names the file and says what to do.

use thiserror::Error;

use crate::key::PublicKey;
use crate::manifest::PATH_BYTES;

/// Why a bundle cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A path that a bundle cannot have.
    #[error("the path `{path}` {fault}; rename the file to a plain name of at most {} bytes", PATH_BYTES)]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A file that is not of a program.
    #[error("`{path}` is neither source, module nor component; leave it out of the bundle")]
    Stray {
        /// The path.
        path: String,
    },
    /// More than a bundle may hold.
    #[error("{what} {bytes} bytes, and a bundle may have {at_most}; {remedy}")]
    TooLarge {
        /// What is too large, with its verb.
        what: String,
        /// Its size.
        bytes: usize,
        /// What it may be.
        at_most: usize,
        /// What to do.
        remedy: &'static str,
    },
}

/// Why a bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It does not begin as bundles do.
    #[error("this is no bundle: it does not begin with `accrue bundle 1`; build one with `accrue build`")]
    NotABundle,
    /// It is a bundle of another format.
    #[error(
        "this bundle has format {format}, and this version reads format 1; build it again with this version"
    )]
    Format {
        /// The format it says it has.
        format: String,
    },
    /// It ends too early.
    #[error("the bundle ends inside {part}; it was cut off: copy or build it again")]
    Truncated {
        /// Where it ends.
        part: String,
    },
    /// There is more than the manifest says.
    #[error(
        "the bundle goes on after the last file of its manifest (bytes: {bytes}); it was changed: build it again"
    )]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// The manifest is longer than any may be.
    #[error(
        "the manifest is longer than {at_most} bytes, which none may be; refuse this bundle or split the program"
    )]
    ManifestTooLong {
        /// What it may be.
        at_most: usize,
    },
    /// The manifest is not what it should be.
    #[error("the manifest cannot be read: {fault}; the bundle was changed: build it again")]
    Manifest {
        /// What is wrong.
        fault: String,
    },
    /// The manifest says what it should say, but in other bytes.
    #[error(
        "the manifest is not written as `accrue build` writes it; the bundle was changed: build it again"
    )]
    NotCanonical,
    /// A path that leads out of the bundle or is no path.
    #[error("`{path}` {fault}, so it may lead out of the program; refuse this bundle")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A path that is there twice.
    #[error("`{path}` stands in the manifest twice; the bundle was changed: build it again")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// Files are in another order.
    #[error("`{path}` is not in its place: files are in the order of their paths; build the bundle again")]
    Order {
        /// The first path that is out of order.
        path: String,
    },
    /// A file is not what its place says, or is not of a program.
    #[error(
        "`{path}` is listed as a {kind}, which its path does not say; the bundle was changed: build it again"
    )]
    Kind {
        /// The path.
        path: String,
        /// The kind it is listed as.
        kind: &'static str,
    },
    /// There is no `program.toml`.
    #[error("the bundle has no `program.toml`; build it from a program folder")]
    NoProgram,
    /// A file is larger than a limit allows.
    #[error(
        "`{path}` has {bytes} bytes, and {at_most} are left for it by the limits; raise them or make it smaller"
    )]
    TooLarge {
        /// The path.
        path: String,
        /// The length in the manifest.
        bytes: u64,
        /// What is allowed.
        at_most: usize,
    },
    /// A file is not what the manifest says.
    #[error(
        "`{path}` does not have the digest that the manifest says; it was changed: copy or build the bundle again"
    )]
    Digest {
        /// The path.
        path: String,
    },
    /// The line of the signature is not one.
    #[error(
        "the signature's line is neither `unsigned DIGEST` nor `ed25519 KEY SIGNATURE`; the bundle was changed: sign it again"
    )]
    SignatureLine,
    /// Nobody signed it, and the manifest is not what it was.
    #[error(
        "the manifest does not have the digest in the line below it; it was changed: copy or build the bundle again"
    )]
    ManifestDigest,
    /// The signature does not hold.
    #[error(
        "the signature of {signer} does not hold; the manifest was changed after it was signed: refuse this bundle"
    )]
    WrongSignature {
        /// Who is said to have signed.
        signer: Box<PublicKey>,
    },
    /// Nobody signed it, but somebody had to.
    #[error("the bundle is not signed, and a trusted key is asked for; build it with `--sign-key`")]
    Unsigned,
    /// Somebody signed it who is not trusted.
    #[error(
        "the bundle is signed by {signer}, which is none of the trusted keys; add the key if it is to be trusted"
    )]
    Untrusted {
        /// Who signed.
        signer: Box<PublicKey>,
    },
}

/// Why a verified bundle cannot stand for a program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// It says that it is another program.
    #[error(
        "the manifest says program `{manifest}`, and `program.toml` says `{found}`; build the bundle again"
    )]
    Program {
        /// What the manifest says.
        manifest: String,
        /// What the sources say.
        found: String,
    },
    /// A module is not what the sources compile to.
    #[error(
        "`{path}` is not what the sources compile to here; it was compiled by engine {engine}: build the bundle again with this one"
    )]
    Module {
        /// The module.
        path: String,
        /// The engine that the bundle was built by.
        engine: String,
    },
    /// A module is missing.
    #[error(
        "`{path}` is missing from the modules; the bundle was built by engine {engine}: build it again with this one"
    )]
    NoModule {
        /// The module.
        path: String,
        /// The engine that the bundle was built by.
        engine: String,
    },
}
