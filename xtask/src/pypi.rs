//! A pinned source distribution from PyPI: fetched with pip, verified, unpacked into the cache.

use crate::error::TaskError;
use crate::place::{cache, succeed};
use palisade_core::hex;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A version and the hash of its source distribution.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    /// `1.44.8`
    pub(crate) version: String,
    /// Of the source distribution on PyPI.
    pub(crate) sha256: String,
}

/// The folder of the unpacked distribution, made if it is not there.
pub(crate) fn unpacked(package: &str, pin: &Pin) -> Result<PathBuf, TaskError> {
    let cache = cache();
    let name = format!("{package}-{}", pin.version);
    let folder = cache.join(&name);
    // Written last: an unpacking that was cut short is done again.
    let mark = folder.join(".palisade-sha256");
    if fs_err::read_to_string(&mark).is_ok_and(|hash| hash == pin.sha256) {
        return Ok(folder);
    }
    fs_err::create_dir_all(&cache)?;
    let archive = cache.join(format!("{name}.tar.gz"));
    if !archive.exists() {
        fetch(&cache, package, &pin.version)?;
    }
    let hash = sha256(&fs_err::read(&archive)?);
    if hash != pin.sha256 {
        return Err(TaskError::new(format!(
            "{}: its sha256 is {hash}, the lock says {}; remove it and run again",
            archive.display(),
            pin.sha256
        )));
    }
    succeed(
        Command::new("tar")
            .arg("xzf")
            .arg(&archive)
            .arg("-C")
            .arg(&cache),
    )?;
    fs_err::write(mark, &pin.sha256)?;
    Ok(folder)
}

fn fetch(cache: &Path, package: &str, version: &str) -> Result<(), TaskError> {
    succeed(
        Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--no-binary",
                ":all:",
            ])
            .arg("--dest")
            .arg(cache)
            .arg(format!("{package}=={version}")),
    )
}

/// Lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
