//! How the binary and all below it are compiled.

use crate::error::TaskError;
use crate::place::{cargo, succeed, target, variable};
use std::path::PathBuf;
use std::process::Command;

/// Flags for every crate, on top of those of the environment.
pub(super) struct Compiler {
    /// Named in each build: then build scripts and macros do without the flags.
    host: String,
    flags: String,
    /// The toolchain's own folder.
    pub(super) sysroot: PathBuf,
}

impl Compiler {
    pub(super) fn of_this_machine() -> Result<Self, TaskError> {
        let about = told(&["-vV"])?;
        let host = about.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or_else(|| TaskError::new("`rustc -vV` names no host"))?;
        Ok(Self {
            host: host.to_owned(),
            flags: variable("RUSTFLAGS").unwrap_or_default(),
            sysroot: PathBuf::from(told(&["--print", "sysroot"])?.trim()),
        })
    }

    /// The same, with one more flag.
    pub(super) fn with(mut self, flag: String) -> Self {
        self.flags = format!("{} {flag}", self.flags).trim().to_owned();
        self
    }

    /// Builds the binary; `more` is for its last crate alone.
    pub(super) fn build(&self, more: &[&str]) -> Result<PathBuf, TaskError> {
        succeed(
            cargo()
                .env("RUSTFLAGS", &self.flags)
                .args(["rustc", "--package", "palisade", "--bin", "palisade"])
                .args(["--profile", "dist", "--target", &self.host, "--"])
                .args(more),
        )?;
        Ok(target().join(&self.host).join("dist/palisade"))
    }

    /// A program of the toolchain's `llvm-tools`, if they are installed.
    pub(super) fn llvm(&self, name: &str) -> Option<PathBuf> {
        let tools = self
            .sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("bin");
        Some(tools.join(name)).filter(|tool| tool.is_file())
    }
}

fn told(arguments: &[&str]) -> Result<String, TaskError> {
    let output = Command::new(variable("RUSTC").unwrap_or_else(|| "rustc".to_owned()))
        .args(arguments)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
