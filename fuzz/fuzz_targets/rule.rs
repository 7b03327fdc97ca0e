//! [`accrue_fuzz::targets::rule`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::rule::run(data));
