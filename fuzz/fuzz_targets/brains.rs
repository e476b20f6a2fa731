//! The compiled evaluator and the literal one on cases that the input chooses: the same verdict.
#![no_main]

#[path = "../../crates/iam/tests/support/naive/mod.rs"]
mod naive;
#[path = "../../crates/iam/tests/support/random.rs"]
mod random;
#[path = "../../crates/iam/tests/support/vocabulary.rs"]
mod vocabulary;

use libfuzzer_sys::fuzz_target;
use palisade_iam::simulate;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let case = random::Random::of_bytes(data.to_vec()).case();
    let services: Vec<&str> = include_str!("../../crates/iam/data/rcp-services.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let answer: Value = serde_json::from_slice(simulate(case.to_string().as_bytes()).line.as_bytes())
        .unwrap_or_default();
    assert_eq!(
        answer["decision"].as_str(),
        Some(naive::verdict(&case, &services)),
        "{case}"
    );
});
