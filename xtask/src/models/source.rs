//! The pinned source distribution of botocore: fetched with pip, verified, unpacked.

use super::lock::{Lock, sha256};
use crate::error::TaskError;
use crate::place::{cache, succeed};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the unpacked distribution, made if it is not there.
pub(super) fn unpacked(lock: &Lock) -> Result<PathBuf, TaskError> {
    let cache = cache();
    let name = format!("botocore-{}", lock.botocore.version);
    let folder = cache.join(&name);
    // Written last: an unpacking that was cut short is done again.
    let mark = folder.join(".palisade-sha256");
    if fs_err::read_to_string(&mark).is_ok_and(|hash| hash == lock.botocore.sha256) {
        return Ok(folder);
    }
    fs_err::create_dir_all(&cache)?;
    let archive = cache.join(format!("{name}.tar.gz"));
    if !archive.exists() {
        fetch(&cache, &lock.botocore.version)?;
    }
    let hash = sha256(&fs_err::read(&archive)?);
    if hash != lock.botocore.sha256 {
        return Err(TaskError::new(format!(
            "{}: its sha256 is {hash}, the lock says {}; remove it and run again",
            archive.display(),
            lock.botocore.sha256
        )));
    }
    succeed(
        Command::new("tar")
            .arg("xzf")
            .arg(&archive)
            .arg("-C")
            .arg(&cache),
    )?;
    fs_err::write(mark, &lock.botocore.sha256)?;
    Ok(folder)
}

fn fetch(cache: &Path, version: &str) -> Result<(), TaskError> {
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
            .arg(format!("botocore=={version}")),
    )
}

/// A JSON file.
pub(super) fn json(path: &Path) -> Result<Value, TaskError> {
    serde_json::from_slice(&fs_err::read(path)?)
        .map_err(TaskError::from)
        .map_err(TaskError::at(path.display()))
}
