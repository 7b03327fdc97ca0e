//! The memory that counters take, as the system sees it.

use accrue::Counters;
use serde::Serialize;

/// The least number of keys that are copied, so that what the process has besides does not show.
const KEYS: usize = 200_000;

/// The most copies.
const COPIES: usize = 20_000;

/// What counters keep after a pass.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct CounterMemory {
    /// The number of keys of all counters together.
    pub(super) keys: usize,
    /// The bytes for each key: what the memory of the process grew by when the counters were copied, again and again. `None` if this
    /// system does not tell, or if there are no keys.
    pub(super) bytes_per_key: Option<u64>,
}

/// Measures what these counters take.
pub(super) fn measure(counters: &Counters) -> CounterMemory {
    let keys = counters.len();
    let bytes_per_key = (keys > 0).then(|| {
        let copies = KEYS.div_ceil(keys).min(COPIES);
        let before = resident()?;
        let kept: Vec<Counters> = (0..copies).map(|_| counters.clone()).collect();
        let after = resident()?;
        let all = u64::try_from(keys.checked_mul(kept.len())?).ok()?;
        after.checked_sub(before)?.checked_div(all)
    });
    CounterMemory { keys, bytes_per_key: bytes_per_key.flatten() }
}

/// Returns the memory that the process has now, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(not(target_os = "linux"))]
fn resident() -> Option<u64> {
    None
}
