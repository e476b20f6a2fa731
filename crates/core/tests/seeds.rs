//! Damaged seeds of the fuzzers: no file of a stranger makes a parser panic.

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
