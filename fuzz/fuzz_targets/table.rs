//! [`accrue_fuzz::targets::table`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::table::run(data));
