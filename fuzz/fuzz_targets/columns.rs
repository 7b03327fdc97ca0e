//! [`accrue_fuzz::targets::columns`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(
    // The library that reads Parquet panics on some files, and the engine catches that. Whatever panics outside ends the
    // run all the same.
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| accrue_fuzz::targets::columns::run(data)
);
