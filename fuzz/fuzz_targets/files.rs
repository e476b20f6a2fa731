//! The files that a user hands over: exceptions, mutelists, attestations, controls, tables, templates.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/files.rs"]
mod body;

fuzz_target!(|data: &[u8]| body::run(data));
