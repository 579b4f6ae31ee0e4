//! See `ops_fuzz::environment`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::environment::judge(data));
