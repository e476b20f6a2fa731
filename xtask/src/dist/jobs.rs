//! The main jobs, as they are measured: the demo with its report, the catalogue's proof, an account of the emulator.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{root, succeed};
use std::path::Path;
use std::process::{Command, Stdio};

/// The emulator's account that they run on.
const ACCOUNT: &str = "210000000097";

/// Runs them. `under`: by the name of a job, the program that runs the binary, and its options; `live`: options for the
/// account's benchmark.
pub(super) fn run(
    binary: &Path,
    folder: &Path,
    under: impl Fn(&str) -> Vec<String>,
    live: &[&str],
) -> Result<(), TaskError> {
    let report = folder.join("report.html");
    let report = report.to_string_lossy();
    let demo = ["assess", "--demo", "--format", "html", "--out", &report];
    let jobs: [(&str, &[&str]); 3] = [
        ("demo", &demo),
        ("check", &["catalog", "check"]),
        ("list", &["list", "controls"]),
    ];
    for (name, arguments) in jobs {
        let words = under(name);
        let mut command = match words.split_first() {
            Some((program, options)) => {
                let mut command = Command::new(program);
                command.args(options).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        let status = command.args(arguments).stdout(Stdio::null()).status()?;
        // 3: it found what fails.
        if !matches!(status.code(), Some(0 | 3)) {
            return Err(TaskError::new(format!("{name}: {status}")));
        }
    }
    let python = python()?;
    let emulator = Emulator::start(&python, &[])?;
    emulator.fill(&python, ACCOUNT, 1)?;
    succeed(
        Command::new(&python)
            .arg(root().join("tests/bench/bench.py"))
            .args(["--url", &emulator.url, "--account", ACCOUNT, "--palisade"])
            .arg(binary)
            .args(live),
    )
}
