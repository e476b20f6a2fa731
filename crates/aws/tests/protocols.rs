//! botocore's protocol suites, input and output, against the wire layer.
//!
//! `PALISADE_BOTOCORE` names the unpacked source distribution of botocore (the pinned version). What
//! botocore's own runner ignores is ignored; every other skip is a line with its reason in
//! `protocols-skips.toml`, and a skip that matches no case is a failure. Values are compared by shape:
//! JSON as values, forms as sorted pairs, XML as unordered trees, timestamps as seconds.

#[cfg(test)]
#[path = "protocols/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "protocols/compare.rs"]
mod compare;
#[cfg(test)]
#[path = "protocols/input.rs"]
mod input;
#[cfg(test)]
#[path = "protocols/output.rs"]
mod output;

#[cfg(test)]
mod tests {
    use crate::{cases, input, output};

    #[test]
    fn input_cases() {
        cases::run("input", input::run);
    }

    #[test]
    fn output_cases() {
        cases::run("output", output::run);
    }
}
