//! What the system says about this process.

/// The memory that this process holds at the moment, in bytes; `None` where the system does not tell.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[test]
    fn memory_that_is_written_is_held() {
        let before = super::resident_bytes().unwrap();
        let written = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(super::resident_bytes().unwrap() > before + (48 << 20));
        drop(written);
    }
}
