//! Damaged seeds of the fuzzers: no file of a stranger makes a parser panic.
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
#[path = "../../../fuzz/bodies/catalogue.rs"]
mod catalogue;
#[cfg(test)]
#[path = "../../../fuzz/bodies/files.rs"]
mod files;
#[cfg(test)]
#[path = "../../../fuzz/bodies/mutate.rs"]
mod mutate;

#[cfg(test)]
mod tests {
    use super::{catalogue, files, mutate::replay};

    #[test]
    fn files_of_a_strangers_catalogue() {
        replay("catalogue", &[], 3_000, catalogue::run);
    }

    #[test]
    fn files_that_a_user_hands_over() {
        replay("files", &[], 3_000, files::run);
    }
}
