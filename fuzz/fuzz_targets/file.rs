//! See `ops_fuzz::file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::file::judge(data));
