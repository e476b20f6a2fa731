//! Damaged seeds of the fuzzers: no snapshot, SQL or policy of a stranger makes the engine panic.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "helpers of tests"
)]

#[cfg(test)]
#[path = "../../../fuzz/bodies/mutate.rs"]
mod mutate;
#[cfg(test)]
#[path = "../../../fuzz/bodies/snapshot.rs"]
mod snapshot;
#[cfg(test)]
#[path = "../../../fuzz/bodies/sql.rs"]
mod sql;
#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use super::{mutate::replay, snapshot, sql};

    #[test]
    fn snapshots_of_a_stranger() {
        replay("snapshot", &snapshot::good(), 300, snapshot::run);
    }

    #[test]
    fn sql_of_a_stranger() {
        replay("sql", &[], 1_000, sql::run);
    }
}
