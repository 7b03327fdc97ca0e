//! [`accrue_fuzz::targets::adjustments`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::adjustments::run(data));
