//! `cargo bench -p palisade-network`: how long the whole exposure of an estate takes, by size.

mod estate;

use palisade_network::Network;
use palisade_network::ask::PathQuestion;
use std::io::Write;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for size in [1_000, 5_000, 10_000, 50_000] {
        let estate = estate::estate(size);
        let rules: usize = estate
            .groups
            .values()
            .map(|group| group.ingress.len() + group.egress.len())
            .sum();
        let groups = estate.groups.len();
        let (network, prepared) = timed(|| Network::new(estate));
        let (answer, exposed) = timed(|| network.exposed());
        let question = PathQuestion {
            from: "internet".into(),
            to: "eni-3".into(),
            port: Some(443),
            ..PathQuestion::default()
        };
        let (_, paths) = timed(|| {
            (0..100)
                .map(|_| network.path(&question))
                .filter(Result::is_ok)
                .count()
        });
        writeln!(
            out,
            "{size} interfaces, {groups} groups, {rules} rules: prepare {prepared:?}, exposure {exposed:?} ({} exposed), 100 paths explained {paths:?}",
            answer.exposed
        )?;
    }
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}
