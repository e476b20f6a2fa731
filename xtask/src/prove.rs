//! `cargo xtask prove`: lets the catalogue prove itself and writes what was proved to `catalog/proved.txt`, so that the
//! program need not do it again at its first run. A test compares.

use crate::demo::built;
use crate::error::TaskError;
use crate::place::root;
use std::io::Write;
use std::process::Command;

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    if !arguments.is_empty() {
        return Err(TaskError::new(format!(
            "`{}`: no argument is known",
            arguments.join(" ")
        )));
    }
    let output = Command::new(built()?)
        .args(["catalog", "check", "--fingerprint"])
        .output()?;
    if !output.status.success() {
        return Err(TaskError::new(format!(
            "the catalogue does not prove itself:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let path = root().join("catalog/proved.txt");
    fs_err::write(&path, &output.stdout)?;
    writeln!(
        out,
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stdout).trim()
    )?;
    Ok(())
}
