//! See `ops_fuzz::trace`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops_fuzz::trace::judge(data));
