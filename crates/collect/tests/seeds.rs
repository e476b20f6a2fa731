//! Damaged seeds of the fuzzers: no secret's form and no journal makes a run panic.
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
#[path = "../../../fuzz/bodies/journal.rs"]
mod journal;
#[cfg(test)]
#[path = "../../../fuzz/bodies/mutate.rs"]
mod mutate;
#[cfg(test)]
#[path = "../../../fuzz/bodies/redaction.rs"]
mod redaction;

#[cfg(test)]
mod tests {
    use super::{journal, mutate::replay, redaction};

    #[test]
    fn secrets_in_every_wrapping() {
        replay("redaction", &[], 1_000, redaction::run);
    }

    #[test]
    fn journals_that_no_run_has_left() {
        replay("journal", &[], 400, journal::run);
    }
}
