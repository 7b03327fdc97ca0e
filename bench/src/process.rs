//! What the system says about this process.

pub use accrue_tests::child::peak_bytes_of;

/// The memory that this process holds at the moment, in bytes; `None` where the system does not tell.
pub fn resident_bytes() -> Option<u64> {
    accrue_tests::child::status_bytes("self", "VmRSS:")
}

/// The most memory that this process has held so far, in bytes; `None` where the system does not tell.
pub fn peak_bytes() -> Option<u64> {
    peak_bytes_of("self")
}

/// How many mappings of memory this process has; `None` where the system does not tell. Linux lets it have 65,530, unless
/// somebody has said otherwise.
pub fn mappings() -> Option<u64> {
    Some(std::fs::read_to_string("/proc/self/maps").ok()?.lines().count() as u64)
}

/// How many files this process has open; `None` where the system does not tell. It may commonly have a thousand.
pub fn open_files() -> Option<u64> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count() as u64)
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[test]
    fn files_that_are_opened_are_counted() {
        let before = super::open_files().unwrap();
        let files: Vec<_> = (0..50).map(|_| std::fs::File::open("/proc/self/maps").unwrap()).collect();
        assert!(super::open_files().unwrap() >= before + 40);
        drop(files);
        assert!(super::mappings().unwrap() > 10);
    }

    #[test]
    fn memory_that_is_written_is_held() {
        let before = super::resident_bytes().unwrap();
        let written = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(super::resident_bytes().unwrap() > before + (48 << 20));
        drop(written);
    }
}
