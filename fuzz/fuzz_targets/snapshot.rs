//! A stranger's snapshot.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/snapshot.rs"]
#[allow(dead_code, reason = "each target uses its own part")]
mod snapshot;
#[path = "../../crates/query/tests/support/mod.rs"]
mod support;

fuzz_target!(|data: &[u8]| snapshot::run(data));
