//! Reads a bundle from bytes that may come from anybody, or returns the first error.
//!
//! The order is: form, manifest, signature, sizes, contents. So no file is read before its length is checked, and nothing is
//! copied before its digest is.

use std::collections::BTreeMap;

use accrue::Limits;
use accrue::Source;
use accrue::digest::Digest;

use crate::error::BundleError;
use crate::key::{PublicKey, from_hex};
use crate::manifest::{Entry, Kind, Manifest, path_fault};
use crate::{Bundle, CODE_BYTES, FIRST_LINE, MANIFEST_BYTES, Trust};

/// The prefix of the first line, in every version of the format.
const ANY_FORMAT: &str = "accrue bundle ";

/// Bytes of the longest signature line: the word, 64 and 128 digits, and the spaces between them.
const SIGNATURE_LINE_BYTES: usize = 8 + 64 + 1 + 128;

impl Bundle {
    /// Reads a bundle. Verifies every digest, length and path and, if the bundle is signed, the signature.
    ///
    /// # Errors
    ///
    /// [`BundleError`]: the first error that is found.
    pub fn read(bytes: &[u8], limits: &Limits, trust: &Trust) -> Result<Self, BundleError> {
        let rest = first_line(bytes)?;
        let (line, rest) = until_newline(rest, MANIFEST_BYTES).map_err(|cut| match cut {
            Cut::End => truncated("the manifest"),
            Cut::TooLong => BundleError::ManifestTooLong { at_most: MANIFEST_BYTES },
        })?;
        let signed = bytes.get(..FIRST_LINE.len() + line.len() + 1).unwrap_or_default();
        let manifest = manifest(line)?;
        let (signature, mut rest) = until_newline(rest, SIGNATURE_LINE_BYTES).map_err(|cut| match cut {
            Cut::End => truncated("the signature"),
            Cut::TooLong => BundleError::SignatureLine,
        })?;
        let signer = signer(signature, signed)?;
        trusted(signer.as_ref(), trust)?;
        listed(&manifest.files, limits)?;
        // All lengths are checked before anything is copied.
        let mut contents = Vec::with_capacity(manifest.files.len());
        for entry in &manifest.files {
            let cut = || truncated(&format!("`{}`", entry.path));
            let length = usize::try_from(entry.bytes).map_err(|_| cut())?;
            let (content, after) = rest.split_at_checked(length).ok_or_else(cut)?;
            contents.push(content);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(BundleError::Trailing { bytes: rest.len() });
        }
        let mut source = Source::new();
        let mut modules = BTreeMap::new();
        for (entry, content) in manifest.files.iter().zip(contents) {
            if Digest::of(content) != entry.sha256 {
                return Err(BundleError::Digest { path: entry.path.clone() });
            }
            match entry.kind {
                Kind::Source | Kind::Component => source.insert(entry.path.clone(), content),
                Kind::Module => {
                    modules.insert(entry.path.clone(), content.to_vec());
                }
            }
        }
        Ok(Self { digest: Digest::of(signed), manifest, signer, source, modules })
    }

    /// Returns whether the bytes begin like a bundle, of any version of the format.
    pub fn looks_like(bytes: &[u8]) -> bool {
        bytes.starts_with(ANY_FORMAT.as_bytes())
    }
}

fn truncated(part: &str) -> BundleError {
    BundleError::Truncated { part: part.to_owned() }
}

fn first_line(bytes: &[u8]) -> Result<&[u8], BundleError> {
    if let Some(rest) = bytes.strip_prefix(FIRST_LINE.as_bytes()) {
        return Ok(rest);
    }
    if FIRST_LINE.as_bytes().starts_with(bytes) && !bytes.is_empty() {
        return Err(truncated("its first line"));
    }
    let Some(format) = bytes.strip_prefix(ANY_FORMAT.as_bytes()) else { return Err(BundleError::NotABundle) };
    let format: Vec<u8> = format.iter().copied().take_while(u8::is_ascii_digit).take(20).collect();
    match String::from_utf8(format) {
        Ok(format) if !format.is_empty() && format != "1" => Err(BundleError::Format { format }),
        _ => Err(BundleError::NotABundle),
    }
}

/// Why a line cannot be read.
enum Cut {
    /// The bytes end before the line does.
    End,
    /// The line is longer than allowed.
    TooLong,
}

/// Returns a line of at most `at_most` bytes, and the bytes after it.
fn until_newline(bytes: &[u8], at_most: usize) -> Result<(&[u8], &[u8]), Cut> {
    let window = bytes.get(..=at_most).unwrap_or(bytes);
    match window.iter().position(|byte| *byte == b'\n') {
        Some(end) => match bytes.split_at_checked(end) {
            Some((line, rest)) => Ok((line, rest.get(1..).unwrap_or_default())),
            None => Err(Cut::End),
        },
        None if window.len() > at_most => Err(Cut::TooLong),
        None => Err(Cut::End),
    }
}

fn manifest(line: &[u8]) -> Result<Manifest, BundleError> {
    let fault = |fault: String| BundleError::Manifest { fault };
    let text = std::str::from_utf8(line).map_err(|_| fault("it is not UTF-8".to_owned()))?;
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
    // The same manifest in other bytes would have another digest, so only the canonical bytes are accepted.
    if manifest.line() != text {
        return Err(BundleError::NotCanonical);
    }
    Ok(manifest)
}

fn signer(line: &[u8], signed: &[u8]) -> Result<Option<PublicKey>, BundleError> {
    let unsigned = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("unsigned "));
    if let Some(digest) = unsigned.and_then(from_hex::<32>) {
        return if Digest(digest) == Digest::of(signed) {
            Ok(None)
        } else {
            Err(BundleError::ManifestDigest)
        };
    }
    let parts = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.strip_prefix("ed25519 ")?.split_once(' '))
        .and_then(|(key, signature)| Some((PublicKey::from_hex(key)?, from_hex::<64>(signature)?)));
    let (signer, signature) = parts.ok_or(BundleError::SignatureLine)?;
    if !signer.holds(signed, &signature) {
        return Err(BundleError::WrongSignature { signer: Box::new(signer) });
    }
    Ok(Some(signer))
}

fn trusted(signer: Option<&PublicKey>, trust: &Trust) -> Result<(), BundleError> {
    match (trust, signer) {
        (Trust::Anyone, _) => Ok(()),
        (Trust::Keys(_), None) => Err(BundleError::Unsigned),
        (Trust::Keys(keys), Some(signer)) if keys.contains(signer) => Ok(()),
        (Trust::Keys(_), Some(signer)) => Err(BundleError::Untrusted { signer: Box::new(*signer) }),
    }
}

/// Checks the paths, kinds, order and sizes of the files that the manifest lists.
fn listed(files: &[Entry], limits: &Limits) -> Result<(), BundleError> {
    let (mut sources_left, mut code_left) = (limits.program_bytes, CODE_BYTES);
    let mut before: Option<&str> = None;
    for entry in files {
        let path = || entry.path.chars().take(300).collect::<String>();
        if let Some(fault) = path_fault(&entry.path) {
            return Err(BundleError::Path { path: path(), fault });
        }
        match before {
            Some(before) if before == entry.path => return Err(BundleError::Duplicate { path: path() }),
            Some(before) if before > entry.path.as_str() => return Err(BundleError::Order { path: path() }),
            _ => before = Some(&entry.path),
        }
        if Kind::of_path(&entry.path) != Some(entry.kind) {
            return Err(BundleError::Kind { path: path(), kind: entry.kind.text() });
        }
        let (left, at_most) = match entry.kind {
            Kind::Source => {
                let at_most = limits.source_bytes.min(sources_left);
                (&mut sources_left, at_most)
            }
            Kind::Component => {
                let at_most = limits.component_bytes.min(code_left);
                (&mut code_left, at_most)
            }
            Kind::Module => {
                let at_most = code_left;
                (&mut code_left, at_most)
            }
        };
        match usize::try_from(entry.bytes) {
            Ok(bytes) if bytes <= at_most => *left -= bytes,
            _ => return Err(BundleError::TooLarge { path: path(), bytes: entry.bytes, at_most }),
        }
    }
    if files.iter().any(|entry| entry.path == "program.toml") { Ok(()) } else { Err(BundleError::NoProgram) }
}
