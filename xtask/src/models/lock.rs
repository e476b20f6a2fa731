//! `models.lock.toml`: which botocore, and the hash of every file made from it.

use super::Made;
use crate::error::TaskError;
use crate::pypi::{Pin, sha256};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    pub(super) botocore: Pin,
    /// File name to SHA-256.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

impl Lock {
    pub(super) fn read(path: &Path) -> Result<Self, TaskError> {
        toml::from_str(&fs_err::read_to_string(path)?)
            .map_err(TaskError::from)
            .map_err(TaskError::at(path.display()))
    }

    pub(super) fn set_files(&mut self, made: &Made) {
        self.files = made
            .iter()
            .map(|(name, bytes)| (name.clone(), sha256(bytes)))
            .collect();
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "# Made by `cargo xtask models`. To take a newer botocore: change `version` and `sha256` (of the source\n\
             # distribution on PyPI), run the task, and look at what changed.\n\n\
             [botocore]\nversion = \"{}\"\nsha256 = \"{}\"\n\n[files]\n",
            self.botocore.version, self.botocore.sha256
        );
        for (name, hash) in &self.files {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\"{name}\" = \"{hash}\"");
        }
        text
    }
}

/// The compressed files that are in the folder now.
pub(super) fn present(folder: &Path) -> Result<Vec<String>, TaskError> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json.zst") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
