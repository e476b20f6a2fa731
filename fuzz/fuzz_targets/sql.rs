//! A stranger's SQL, and the policies that SQL functions read.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/snapshot.rs"]
#[allow(dead_code, reason = "each target uses its own part")]
mod snapshot;
#[path = "../bodies/sql.rs"]
mod sql;
#[path = "../../crates/query/tests/support/mod.rs"]
mod support;

fuzz_target!(|data: &[u8]| sql::run(data));
