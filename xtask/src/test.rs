//! `cargo xtask test`: everything that must hold, on a machine with only Rust and Python 3.
//!
//! Makes a virtual environment with the pinned emulator, starts it, runs all tests against it and
//! stops it. `--ci` puts the checks before it that need no emulator: format, lints, licences,
//! generated files, house rules.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{cache, cargo, program, root, succeed, variable};
use crate::{authorization, house, models};
use std::io::Write;
use std::process::Command;
use std::time::Instant;

const DENY: &str = "0.19.0";
/// The emulator's account that is filled before the tests; they only read it.
const ESTATE: &str = "210000000099";

/// Runs the task. Arguments after `--` go to the test runner (`-- -p palisade-aws`).
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let (ours, theirs) = match arguments.iter().position(|one| one == "--") {
        Some(at) => {
            let (ours, theirs) = arguments.split_at(at);
            (ours, theirs.get(1..).unwrap_or_default())
        }
        None => (arguments, Default::default()),
    };
    let ci = match ours {
        [] => false,
        [one] if one == "--ci" => true,
        other => {
            return Err(TaskError::new(format!(
                "`{}`: only --ci is known; arguments of the test runner come after `--`",
                other.join(" ")
            )));
        }
    };
    let mut steps = Steps {
        out,
        failed: Vec::new(),
    };
    if ci {
        checks(&mut steps)?;
    }
    steps.run("tests", |out| tests(theirs, out))?;
    steps.end()
}

/// Steps that are all run, whatever comes of the ones before: one run tells everything.
struct Steps<'a> {
    out: &'a mut dyn Write,
    failed: Vec<&'static str>,
}

impl Steps<'_> {
    fn run(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut dyn Write) -> Result<(), TaskError>,
    ) -> Result<(), TaskError> {
        let start = Instant::now();
        writeln!(self.out, "== {name}")?;
        let done = step(self.out);
        let seconds = start.elapsed().as_secs();
        match done {
            Ok(()) => writeln!(self.out, "== {name}: ok, {seconds} s")?,
            Err(error) => {
                self.failed.push(name);
                writeln!(self.out, "error: {error}\n== {name}: FAILED, {seconds} s")?;
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), TaskError> {
        if self.failed.is_empty() {
            return Ok(());
        }
        Err(TaskError::new(format!(
            "failed: {}",
            self.failed.join(", ")
        )))
    }
}

fn checks(steps: &mut Steps<'_>) -> Result<(), TaskError> {
    steps.run("format", |_| {
        succeed(cargo().args(["fmt", "--all", "--check"]))
    })?;
    steps.run("house", |out| house::run(&[], out))?;
    steps.run("models", |out| models::run(&["--check".to_owned()], out))?;
    steps.run("authorization", |out| {
        authorization::run(&["--check".to_owned()], out)
    })?;
    steps.run("dependencies", deny)?;
    steps.run("lints", |_| {
        succeed(
            cargo()
                .args(["clippy", "--workspace", "--all-targets", "--locked"])
                .args(["--", "-D", "warnings"]),
        )
    })
}

/// Licences, sources and bans. Advisories need their database from the network at each run: only
/// where `PALISADE_ADVISORIES` is set.
fn deny(out: &mut dyn Write) -> Result<(), TaskError> {
    let tools = cache().join("tools");
    let own = tools.join("bin/cargo-deny");
    let deny = match program(&["cargo-deny"]) {
        Some(found) => found,
        None => {
            if !own.is_file() {
                succeed(
                    cargo()
                        .args(["install", "--quiet", "--locked", "cargo-deny"])
                        .args(["--version", DENY, "--root"])
                        .arg(&tools),
                )?;
            }
            own
        }
    };
    let mut command = Command::new(deny);
    command
        .current_dir(root())
        .args(["--all-features", "--locked"]);
    if variable("PALISADE_ADVISORIES").is_some() {
        command.args(["check", "advisories", "bans", "licenses", "sources"]);
    } else {
        writeln!(out, "advisories: skipped, PALISADE_ADVISORIES is not set")?;
        command.args(["check", "bans", "licenses", "sources"]);
    }
    succeed(&mut command)
}

fn tests(theirs: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let python = python()?;
    let botocore = models::botocore()?;
    let emulator = Emulator::start(&python, &[])?;
    writeln!(out, "filling an account of the emulator")?;
    emulator.fill(&python, ESTATE, 1)?;
    let set = |mut command: Command| {
        command
            .env("PALISADE_MOTO", &emulator.url)
            .env("PALISADE_ESTATE", ESTATE)
            .env("PALISADE_BOTOCORE", &botocore)
            .env("PALISADE_PYTHON", &python);
        command
    };
    let mut command = set(cargo());
    match program(&["chromium", "chromium-browser", "google-chrome", "chrome"]) {
        Some(browser) => {
            command.env("PALISADE_CHROMIUM", browser);
        }
        None => writeln!(
            out,
            "no Chromium on the path: the report is not opened in a browser"
        )?,
    }
    if program(&["cargo-nextest"]).is_none() {
        return succeed(command.args(["test"]).args(selected(theirs)));
    }
    let main = succeed(command.args(["nextest", "run"]).args(selected(theirs)));
    if !theirs.is_empty() {
        return main;
    }
    // nextest runs no examples of the documentation.
    let examples = succeed(set(cargo()).args(["test", "--workspace", "--doc", "--quiet"]));
    main.and(examples)
}

/// The whole workspace unless the caller names something.
fn selected(theirs: &[String]) -> Vec<String> {
    if theirs.is_empty() {
        return vec!["--workspace".to_owned(), "--no-fail-fast".to_owned()];
    }
    theirs.to_vec()
}
