//! A stranger's catalogue folder.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/catalogue.rs"]
mod body;

fuzz_target!(|data: &[u8]| body::run(data));
