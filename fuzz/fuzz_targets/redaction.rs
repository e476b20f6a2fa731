//! What is kept of secret values.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/redaction.rs"]
mod body;

fuzz_target!(|data: &[u8]| body::run(data));
