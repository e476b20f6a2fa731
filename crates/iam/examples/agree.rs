//! Random cases through the engine and through the naive evaluator of the tests, until the first difference:
//! `cargo run --release -p palisade-iam --example agree -- --cases 10000000 --seed 1`.
//!
//! `--from` starts at a later case; the same seed and number give the same case.
#![expect(
    clippy::unwrap_used,
    reason = "a check that cannot read its arguments has nothing to say"
)]

#[path = "../tests/support/naive/mod.rs"]
mod naive;
#[path = "../tests/support/random.rs"]
mod random;
#[path = "../tests/support/vocabulary.rs"]
mod vocabulary;

use palisade_iam::simulate_line;
use serde_json::Value;
use std::{collections::BTreeMap, io::Write as _, process::ExitCode, time::Instant};

/// How often progress is told.
const TOLD: u64 = 1_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, otherwise: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        let text = at.and_then(|at| arguments.get(at + 1));
        text.map_or(otherwise, |text| text.parse().unwrap())
    };
    let (cases, seed, from) = (
        number("--cases", 100_000),
        number("--seed", 1),
        number("--from", 0),
    );
    let services: Vec<&str> = include_str!("../data/rcp-services.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let mut out = std::io::stdout().lock();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let start = Instant::now();
    for at in from..from + cases {
        let case = random::Random::new(seed, at).case();
        let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
        let expected = naive::verdict(&case, &services);
        if answer.get("decision").and_then(Value::as_str) != Some(expected) {
            writeln!(
                out,
                "case {at} of seed {seed}: {case}\nengine: {answer}\nnaive: {expected}"
            )
            .unwrap();
            return ExitCode::FAILURE;
        }
        *counts.entry(expected).or_default() += 1;
        let done = at + 1 - from;
        if done % TOLD == 0 || done == cases {
            let seconds = start.elapsed().as_secs();
            let rate = done / seconds.max(1);
            writeln!(
                out,
                "{done} cases of seed {seed} from {from}: no difference, {rate}/s, {counts:?}"
            )
            .unwrap();
        }
    }
    ExitCode::SUCCESS
}
