//! The journal that a killed run leaves.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/journal.rs"]
mod body;

fuzz_target!(|data: &[u8]| body::run(data));
