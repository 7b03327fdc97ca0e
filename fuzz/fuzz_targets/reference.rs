//! [`accrue_fuzz::targets::reference`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::reference::run(data));
