//! See `ops_fuzz::rate`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::rate::judge(data));
