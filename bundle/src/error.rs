//! Why a bundle cannot be built, read or used. Each error names the file and says what to do.

use thiserror::Error;

use crate::key::PublicKey;
use crate::manifest::PATH_BYTES;

/// Why a bundle cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A path is not allowed in a bundle.
    #[error("the path `{path}` {fault}; rename the file to a plain name of at most {} bytes", PATH_BYTES)]
    Path {
        /// The path.
        path: String,
        /// What is wrong with the path.
        fault: &'static str,
    },
    /// A file does not belong to a program.
    #[error("`{path}` is neither source, module nor component; leave it out of the bundle")]
    Stray {
        /// The path.
        path: String,
    },
    /// The contents are larger than a bundle may be.
    #[error("{what} {bytes} bytes, and a bundle may have {at_most}; {remedy}")]
    TooLarge {
        /// What is too large, with its verb.
        what: String,
        /// The size in bytes.
        bytes: usize,
        /// The most bytes that are allowed.
        at_most: usize,
        /// What to do.
        remedy: &'static str,
    },
}

/// Why a bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The bytes do not begin like a bundle.
    #[error("this is no bundle: it does not begin with `accrue bundle 1`; build one with `accrue build`")]
    NotABundle,
    /// The bundle has another version of the format.
    #[error(
        "this bundle has format {format}, and this version reads format 1; build it again with this version"
    )]
    Format {
        /// The format that the bundle names.
        format: String,
    },
    /// The bundle ends too early.
    #[error("the bundle ends inside {part}; it was cut off: copy or build it again")]
    Truncated {
        /// The part in which the bundle ends.
        part: String,
    },
    /// The bundle has more bytes than the manifest says.
    #[error(
        "the bundle goes on after the last file of its manifest (bytes: {bytes}); it was changed: build it again"
    )]
    Trailing {
        /// The number of extra bytes.
        bytes: usize,
    },
    /// The manifest is longer than allowed.
    #[error(
        "the manifest is longer than {at_most} bytes, which none may be; refuse this bundle or split the program"
    )]
    ManifestTooLong {
        /// The most bytes that are allowed.
        at_most: usize,
    },
    /// The manifest is not valid.
    #[error("the manifest cannot be read: {fault}; the bundle was changed: build it again")]
    Manifest {
        /// What is wrong.
        fault: String,
    },
    /// The manifest is valid, but not written in its canonical bytes.
    #[error(
        "the manifest is not written as `accrue build` writes it; the bundle was changed: build it again"
    )]
    NotCanonical,
    /// A path leads out of the bundle, or is not a path.
    #[error("`{path}` {fault}, so it may lead out of the program; refuse this bundle")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with the path.
        fault: &'static str,
    },
    /// A path is listed twice.
    #[error("`{path}` stands in the manifest twice; the bundle was changed: build it again")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// The files are not in the order of their paths.
    #[error("`{path}` is not in its place: files are in the order of their paths; build the bundle again")]
    Order {
        /// The first path that is out of order.
        path: String,
    },
    /// A file has another kind than its path says, or does not belong to a program.
    #[error(
        "`{path}` is listed as a {kind}, which its path does not say; the bundle was changed: build it again"
    )]
    Kind {
        /// The path.
        path: String,
        /// The kind that the manifest lists.
        kind: &'static str,
    },
    /// The bundle has no `program.toml`.
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
        /// The most bytes that are allowed.
        at_most: usize,
    },
    /// The contents of a file differ from the manifest.
    #[error(
        "`{path}` does not have the digest that the manifest says; it was changed: copy or build the bundle again"
    )]
    Digest {
        /// The path.
        path: String,
    },
    /// The signature line is not valid.
    #[error(
        "the signature's line is neither `unsigned DIGEST` nor `ed25519 KEY SIGNATURE`; the bundle was changed: sign it again"
    )]
    SignatureLine,
    /// The bundle is unsigned, and the manifest does not have the digest on the signature line.
    #[error(
        "the manifest does not have the digest in the line below it; it was changed: copy or build the bundle again"
    )]
    ManifestDigest,
    /// The signature is wrong.
    #[error(
        "the signature of {signer} does not hold; the manifest was changed after it was signed: refuse this bundle"
    )]
    WrongSignature {
        /// The key that the signature names.
        signer: Box<PublicKey>,
    },
    /// The bundle is not signed, but a signature is needed.
    #[error("the bundle is not signed, and a trusted key is asked for; build it with `--sign-key`")]
    Unsigned,
    /// The bundle is signed with a key that is not trusted.
    #[error(
        "the bundle is signed by {signer}, which is none of the trusted keys; add the key if it is to be trusted"
    )]
    Untrusted {
        /// The key that signed.
        signer: Box<PublicKey>,
    },
}

/// Why a verified bundle does not match a program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The manifest names another program.
    #[error(
        "the manifest says program `{manifest}`, and `program.toml` says `{found}`; build the bundle again"
    )]
    Program {
        /// The program id in the manifest.
        manifest: String,
        /// The program id in the sources.
        found: String,
    },
    /// A module differs from the module that the sources compile to.
    #[error(
        "`{path}` is not what the sources compile to here; it was compiled by engine {engine}: build the bundle again with this one"
    )]
    Module {
        /// The path of the module.
        path: String,
        /// The engine version that built the bundle.
        engine: String,
    },
    /// A module is missing.
    #[error(
        "`{path}` is missing from the modules; the bundle was built by engine {engine}: build it again with this one"
    )]
    NoModule {
        /// The path of the module.
        path: String,
        /// The engine version that built the bundle.
        engine: String,
    },
}
