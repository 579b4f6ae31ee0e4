//! See `ops_fuzz::value`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::value::judge(data));
