//! [`accrue_fuzz::targets::assist`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::assist::run(data));
