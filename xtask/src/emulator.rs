//! The AWS emulator that the tests, the demo and the benchmark talk to: a virtual environment with
//! pinned packages, and a server in it that ends when its parent does.

use crate::error::TaskError;
use crate::place::{cache, program, root, succeed};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The Python of the virtual environment `venv` in the cache, made or renewed where the pinned
/// packages ask for it.
pub(crate) fn python() -> Result<PathBuf, TaskError> {
    let requirements = root().join("tests/requirements.txt");
    let system = program(&["python3", "python"]).ok_or_else(|| {
        TaskError::new(
            "no `python3` on the path: install Python 3.10 or newer with its venv module",
        )
    })?;
    let folder = cache().join("venv");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let wanted = fingerprint(&requirements)?;
    // Written last: an installation that was cut short is done again.
    let mark = folder.join(".palisade-requirements");
    if fs_err::read_to_string(&mark).is_ok_and(|have| have == wanted) && python.is_file() {
        return Ok(python);
    }
    fs_err::create_dir_all(cache())?;
    succeed(
        Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .map_err(TaskError::at(
        "making a virtual environment (on Debian and Ubuntu: install python3-venv)",
    ))?;
    succeed(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--require-hashes", "--requirement"])
            .arg(&requirements),
    )?;
    fs_err::write(mark, wanted)?;
    Ok(python)
}

fn fingerprint(file: &Path) -> Result<String, TaskError> {
    Ok(crate::pypi::sha256(&fs_err::read(file)?))
}

/// A running emulator; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    /// The address, `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Emulator {
    /// Starts moto with our stand-in before it on a free port of the loopback interface; it answers
    /// when this returns. What it logs goes to `emulator.log` in the cache.
    pub(crate) fn start(python: &Path, switches: &[(&str, &str)]) -> Result<Self, TaskError> {
        let log = cache().join("emulator.log");
        let mut child = Command::new(python)
            .arg(root().join("tests/standin/serve.py"))
            .env("PYTHONHASHSEED", "0")
            .envs(switches.iter().copied())
            // The server reads its standard input and ends at its end: however this process dies,
            // no server is left behind.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs_err::File::create(&log)?.into_file())
            .spawn()
            .map_err(|error| TaskError::new(format!("{}: {error}", python.display())))?;
        let mut url = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        if url.is_empty() {
            let status = child.wait()?;
            return Err(TaskError::new(format!(
                "the emulator did not start ({status}); see {}",
                log.display()
            )));
        }
        Ok(Self { child, url })
    }

    /// Fills an account with about 400 resources times `scale`, good and bad settings mixed.
    pub(crate) fn fill(&self, python: &Path, account: &str, scale: u32) -> Result<(), TaskError> {
        succeed(
            Command::new(python)
                .arg(root().join("tests/estate/fill.py"))
                .args(["--url", &self.url, "--account", account])
                .args(["--scale", &scale.to_string()])
                .stderr(Stdio::null()),
        )
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Already gone is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
