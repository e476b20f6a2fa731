//! `cargo xtask docs`: the reference made from the catalogue, as a static site in `target/docs-site`.

use crate::demo::built;
use crate::error::TaskError;
use crate::place::{root, succeed};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let folder = match arguments {
        [] => {
            let usual = root().join("target/docs-site");
            // Ours alone: what the catalogue no longer has leaves no page behind.
            if usual.is_dir() {
                fs_err::remove_dir_all(&usual)?;
            }
            usual
        }
        [flag, folder] if flag == "--out" => PathBuf::from(folder),
        other => {
            return Err(TaskError::new(format!(
                "`{}`: only --out DIR is known",
                other.join(" ")
            )));
        }
    };
    succeed(
        Command::new(built()?)
            .args(["catalog", "docs", "--quiet", "--out"])
            .arg(&folder),
    )?;
    writeln!(out, "{}", folder.join("index.html").display())?;
    Ok(())
}
