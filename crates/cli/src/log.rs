//! `-v` and `-vv`: what happens, on stderr.

use std::io;
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Where the lines of answered calls come from.
pub(crate) const CALLS: &str = "call";

/// Begins to log: nothing, with `-v` each call, with `-vv` also what the client does.
pub(crate) fn begin(verbose: u8, colour: bool) {
    let targets = match verbose {
        0 => return,
        1 => Targets::new()
            .with_target(CALLS, Level::DEBUG)
            .with_target("palisade", Level::INFO),
        // AWS's own crates are never asked for more than `debug`: below that they print headers.
        _ => Targets::new()
            .with_target(CALLS, Level::DEBUG)
            .with_target("palisade", Level::DEBUG)
            .with_target("aws_config", Level::DEBUG)
            .with_target("aws_smithy_runtime", Level::DEBUG)
            // Prints the properties of the identity on one endless line.
            .with_target(
                "aws_smithy_runtime::client::orchestrator::endpoints",
                Level::WARN,
            ),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(colour)
        .with_target(true)
        .without_time()
        .compact();
    // A second start would be a mistake of ours, and costs only the log.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(targets))
        .try_init();
}
