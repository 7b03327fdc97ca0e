//! [`accrue_fuzz::targets::spreadsheet`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(
    // The library that reads workbooks may panic on some files, and the importer catches that. Whatever panics outside ends the
    // run all the same.
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| accrue_fuzz::targets::spreadsheet::run(data)
);
