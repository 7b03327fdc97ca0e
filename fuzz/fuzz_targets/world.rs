//! [`accrue_fuzz::targets::world`] under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| accrue_fuzz::targets::world::run(data));
