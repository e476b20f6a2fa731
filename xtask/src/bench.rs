//! `cargo xtask bench`: what a run costs, beside Prowler on the same account of the emulator.
//!
//! Prowler is no dependency of the tests: `--prowler` installs the pinned version into a virtual
//! environment of its own in the cache (2.3 GB). The numbers go to `docs/benchmarks.md` by hand.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{cache, cargo, program, root, succeed};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

const PROWLER: &str = "5.46.0";

/// Runs the task: `network`, or `[--prowler] [--scale N]...`.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    // `network`: the network engine's own benchmark, on estates that it makes itself.
    if let [one] = arguments
        && one == "network"
    {
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
    let mut rest = arguments.iter();
    while let Some(one) = rest.next() {
        match one.as_str() {
            "--prowler" => with_prowler = true,
            "--scale" => scales.push(scale(rest.next())?),
            other => {
                return Err(TaskError::new(format!(
                    "`{other}`: only network, --prowler and --scale N are known"
                )));
            }
        }
    }
    if scales.is_empty() {
        scales = vec![1, 8];
    }
    succeed(cargo().args(["build", "--release", "--package", "palisade"]))?;
    let palisade = target().join("release/palisade");
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

fn scale(text: Option<&String>) -> Result<u32, TaskError> {
    text.and_then(|text| text.parse().ok())
        .filter(|scale| (1..=64).contains(scale))
        .ok_or_else(|| TaskError::new("`--scale` takes a number from 1 to 64"))
}

fn target() -> PathBuf {
    crate::place::variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn prowler() -> Result<PathBuf, TaskError> {
    let folder = cache().join("prowler-venv");
    let prowler = folder.join("bin/prowler");
    if !prowler.is_file() {
        let system =
            program(&["python3"]).ok_or_else(|| TaskError::new("no `python3` on the path"))?;
        succeed(Command::new(system).args(["-m", "venv"]).arg(&folder))?;
        succeed(
            Command::new(folder.join("bin/pip"))
                .args(["install", "--quiet"])
                .arg(format!("prowler=={PROWLER}")),
        )?;
    }
    Ok(prowler)
}
