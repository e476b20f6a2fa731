//! The fictitious estate: a snapshot inside the binary, laid out in a temporary folder.

use crate::failure::Failure;
use palisade_core::catalog::{embedded_file, embedded_files};
use tempfile::TempDir;

/// The demo's snapshot; the folder goes with the value.
pub(crate) fn lay_out() -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("palisade-demo-")
        .tempdir()?;
    for path in embedded_files("demo/") {
        let Some(bytes) = embedded_file(&path) else {
            continue;
        };
        let inside = path.trim_start_matches("demo/");
        let target = folder.path().join(inside);
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(target, bytes)?;
    }
    Ok(folder)
}
