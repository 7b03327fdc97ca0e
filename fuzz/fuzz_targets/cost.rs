//! [`accrue_fuzz::targets::cost`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::cost::run(data));
