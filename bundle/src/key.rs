//! Signing keys as lines of text. This module must not make randomness: the caller passes it.

use std::fmt;
use std::str::FromStr;

use accrue::digest::Digest;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;

/// The prefix of a line with a secret key, so that whoever finds the line knows what it is.
const SECRET: &str = "accrue-secret-ed25519 ";
/// The prefix of a line with a public key.
const PUBLIC: &str = "accrue-public-ed25519 ";

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text does not have the form of a key.
    #[error(
        "this is no {kind} key: one is a line of `{begins}` and 64 hexadecimal digits; `accrue keygen` makes one"
    )]
    Form {
        /// `public` or `secret`.
        kind: &'static str,
        /// The prefix of the line.
        begins: &'static str,
    },
    /// A secret key was given instead of a public key.
    #[error("this is a secret key, and the public one is wanted; never give the secret key away")]
    SecretForPublic,
    /// A public key was given instead of a secret key.
    #[error("this is a public key, and only the secret one can sign")]
    PublicForSecret,
    /// The digits are not a point of the curve, or a weak point for which anybody could sign.
    #[error("these digits are no public key; copy it again from where it was made")]
    Weak,
}

/// The key that signs bundles.
pub struct SecretKey(SigningKey);

/// The public key by which a host recognises a signer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl SecretKey {
    /// Returns the key made from 32 random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// Returns the public key that belongs to this key.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Returns the line in which to keep the key. The line is a secret.
    pub fn to_line(&self) -> String {
        format!("{SECRET}{}\n", Digest(self.0.to_bytes()))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey of {}", self.public())
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_ascii();
        if text.starts_with(PUBLIC) {
            return Err(KeyError::PublicForSecret);
        }
        let digits = text.strip_prefix(SECRET).and_then(from_hex::<32>);
        let digits = digits.ok_or(KeyError::Form { kind: "secret", begins: SECRET.trim_ascii_end() })?;
        Ok(Self::from_seed(digits))
    }
}

impl PublicKey {
    /// Returns the line to hand out.
    pub fn to_line(&self) -> String {
        format!("{PUBLIC}{self}\n")
    }

    pub(crate) fn from_hex(digits: &str) -> Option<Self> {
        let key = VerifyingKey::from_bytes(&from_hex::<32>(digits)?).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    pub(crate) fn holds(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Digest(self.0.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_ascii();
        if text.starts_with(SECRET) {
            return Err(KeyError::SecretForPublic);
        }
        let digits = text.strip_prefix(PUBLIC).filter(|digits| digits.len() == 64);
        let digits = digits.ok_or(KeyError::Form { kind: "public", begins: PUBLIC.trim_ascii_end() })?;
        Self::from_hex(digits).ok_or(KeyError::Weak)
    }
}

/// Reads bytes from lower-case hexadecimal digits. Upper case is refused, because it would be another text for the same bytes.
pub(crate) fn from_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits = digits.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
