//! `cargo xtask bench`: what a run costs, beside Prowler on the same account of the emulator.
//!
//! What is measured is what is shipped: what `cargo xtask dist` builds. `--rows N` evaluates all controls on a snapshot of N rows,
//! `--accounts N` on one of N accounts, both made from the demo's. Prowler is no dependency of the tests: `--prowler` installs the pinned version into a virtual
//! environment of its own in the cache (2.3 GB). The numbers go to `docs/benchmarks.md` by hand.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{cache, cargo, program, root, succeed, target};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROWLER: &str = "5.46.0";

/// Runs the task: `[--prowler] [--rows N] [--accounts N] [--scale N]...`; or an engine's own benchmark, `iam` or `network`.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    if arguments == ["iam"] {
        return crate::bench_iam::run();
    }
    if arguments == ["network"] {
        return succeed(cargo().args([
            "bench",
            "--package",
            "palisade-network",
            "--bench",
            "exposure",
        ]));
    }
    let mut with_prowler = false;
    let mut scales = Vec::new();
    let mut synthetics: Vec<(u64, &[&str])> = Vec::new();
    let mut rest = arguments.iter();
    while let Some(one) = rest.next() {
        match one.as_str() {
            "--prowler" => with_prowler = true,
            "--scale" => scales.push(scale(rest.next())?),
            "--rows" => synthetics.push((number(one, rest.next())?, &[])),
            "--accounts" => synthetics.push((number(one, rest.next())?, &["accounts"])),
            other => {
                return Err(TaskError::new(format!(
                    "`{other}`: only --prowler, --rows N, --accounts N and --scale N are known, or `iam` or `network` alone"
                )));
            }
        }
    }
    let palisade = crate::dist::shipped(out)?;
    for (number, of) in &synthetics {
        synthetic(*number, of, &palisade)?;
    }
    if scales.is_empty() && !synthetics.is_empty() {
        return Ok(());
    }
    if scales.is_empty() {
        scales = vec![1, 8];
    }
    let prowler = if with_prowler { Some(prowler()?) } else { None };
    let python = python()?;
    let emulator = Emulator::start(&python, &[])?;
    for scale in scales {
        let account = format!("2100000001{scale:02}");
        writeln!(out, "\nscale {scale}")?;
        emulator.fill(&python, &account, scale)?;
        let mut command = Command::new(&python);
        command
            .arg(root().join("tests/bench/bench.py"))
            .args(["--url", &emulator.url, "--account", &account, "--palisade"])
            .arg(&palisade);
        if let Some(prowler) = &prowler {
            command.arg("--prowler").arg(prowler);
        }
        succeed(&mut command)?;
    }
    Ok(())
}

/// All controls on a snapshot of so many rows or accounts.
fn synthetic(number: u64, of: &[&str], palisade: &Path) -> Result<(), TaskError> {
    let folder = cache().join(format!("synthetic-{number}{}", of.concat()));
    // With the whole workspace's features, as the tests build it: nothing is built anew for one example.
    succeed(cargo().args(["build", "--workspace", "--example", "synthetic"]))?;
    succeed(
        Command::new(target().join("debug/examples/synthetic"))
            .arg(root().join("catalog/demo"))
            .arg(&folder)
            .arg(number.to_string())
            .args(of),
    )?;
    succeed(
        Command::new(python()?)
            .arg(root().join("tests/bench/bench.py"))
            .arg("--palisade")
            .arg(palisade)
            .arg("--snapshot")
            .arg(&folder),
    )
}

fn number(name: &str, text: Option<&String>) -> Result<u64, TaskError> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| TaskError::new(format!("`{name}` takes a number")))
}

fn scale(text: Option<&String>) -> Result<u32, TaskError> {
    text.and_then(|text| text.parse().ok())
        .filter(|scale| (1..=64).contains(scale))
        .ok_or_else(|| TaskError::new("`--scale` takes a number from 1 to 64"))
}

fn prowler() -> Result<PathBuf, TaskError> {
    let folder = cache().join("prowler-venv");
    let prowler = folder.join("bin/prowler");
    if !prowler.is_file() {
        let system =
            program(&["python3"]).ok_or_else(|| TaskError::new("no `python3` on the path"))?;
        succeed(Command::new(system).args(["-m", "venv"]).arg(&folder))?;
        // Older pips try hundreds of versions of its dependencies one by one; uv resolves them in seconds.
        succeed(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "uv"]))?;
        succeed(
            Command::new(folder.join("bin/uv"))
                .args(["pip", "install", "--quiet", "--python"])
                .arg(folder.join("bin/python"))
                .arg(format!("prowler=={PROWLER}")),
        )?;
    }
    Ok(prowler)
}
