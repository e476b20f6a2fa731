//! The pinned source distribution of botocore.

use super::lock::Lock;
use crate::error::TaskError;
use crate::pypi;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of the unpacked distribution, made if it is not there.
pub(super) fn unpacked(lock: &Lock) -> Result<PathBuf, TaskError> {
    pypi::unpacked("botocore", &lock.botocore)
}

/// A JSON file.
pub(crate) fn json(path: &Path) -> Result<Value, TaskError> {
    serde_json::from_slice(&fs_err::read(path)?)
        .map_err(TaskError::from)
        .map_err(TaskError::at(path.display()))
}
