//! How many cases property tests try.

/// What property tests try when nothing else is asked for. It keeps the suite within minutes; run more over night.
pub const CASES: u32 = 2_000;

/// The number of cases from the environment variable `ACCRUE_CASES`, else `usual`.
pub fn cases(usual: u32) -> u32 {
    std::env::var("ACCRUE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The bytes of one case. Shown by their number: what they make is in the message of the failure.
#[derive(Clone)]
pub struct Bytes(pub Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
