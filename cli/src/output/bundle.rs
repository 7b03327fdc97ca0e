//! Describes a bundle, for people and as JSON.

use accrue_bundle::Bundle;

use super::terminal::{DIM, RESET, clean};

/// Returns the digest, the engine and the signer of a bundle, in two lines.
pub(crate) fn describe(bundle: &Bundle) -> String {
    let signer = bundle.signer().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    format!(
        "{DIM}bundle digest {}, built by engine {}\nsigned by {signer}{RESET}\n",
        bundle.digest(),
        clean(&bundle.manifest().engine)
    )
}

/// Returns the manifest of a bundle as JSON.
pub(crate) fn json(bundle: &Bundle) -> serde_json::Value {
    serde_json::json!({
        "digest": bundle.digest(),
        "signer": bundle.signer().map(ToString::to_string),
        "engine": bundle.manifest().engine,
        "limits": bundle.manifest().limits,
        "files": bundle.manifest().files,
    })
}
