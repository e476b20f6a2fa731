//! Damaged seeds of the fuzzers: no secret's form and no journal makes a run panic.

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
