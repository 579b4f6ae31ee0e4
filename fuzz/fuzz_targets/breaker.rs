//! See `ops_fuzz::breaker`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::breaker::judge(data));
