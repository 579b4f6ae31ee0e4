//! See `ops_fuzz::trail`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::trail::judge(data));
