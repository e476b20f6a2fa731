//! `cargo xtask dist`: the binary that is shipped (RFDs 12 and 15).
//!
//! The main jobs are run twice before: by a binary that counts which way its branches go, for the compiler, and under
//! callgrind (valgrind's), which tells what is called, for the linker. Where `llvm-profdata` or valgrind is missing, that
//! part is left out, which is said.

mod compiler;
mod jobs;
mod order;
mod profile;

use crate::error::TaskError;
use crate::place::{program, target};
use compiler::Compiler;
use std::io::Write;
use std::path::PathBuf;

/// Runs the task: `[--profile]` makes the profile anew.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let anew = match arguments {
        [] => false,
        [one] if one == "--profile" => true,
        [other, ..] => {
            return Err(TaskError::new(format!(
                "`{other}`: only --profile is known"
            )));
        }
    };
    let binary = build(anew, out)?;
    let size = fs_err::metadata(&binary)?.len();
    writeln!(out, "{}: {} MB", binary.display(), size / 1_000_000)?;
    Ok(())
}

/// Builds it, with the profile that is there.
pub(crate) fn shipped(out: &mut dyn Write) -> Result<PathBuf, TaskError> {
    build(false, out)
}

fn build(anew: bool, out: &mut dyn Write) -> Result<PathBuf, TaskError> {
    let folder = target().join("shipping");
    fs_err::create_dir_all(&folder)?;
    let mut compiler = Compiler::of_this_machine()?;
    if let Some(profile) = profile::made(&folder, anew, out)? {
        compiler = compiler.with(format!("-Cprofile-use={}", profile.display()));
    }
    let stripped = ["-C", "strip=symbols"];
    if program(&["valgrind"]).is_none() {
        writeln!(
            out,
            "no `valgrind` on the path: the functions are left where they are, for 60 MB more of memory"
        )?;
        return compiler.build(&stripped);
    }
    let binary = compiler.build(&[])?;
    let called = order::called(&binary, &folder)?;
    writeln!(out, "{} functions are called", called.len())?;
    let ordered = order::arguments(&folder, &called)?;
    let ordered = ordered.iter().map(String::as_str);
    compiler.build(&ordered.chain(stripped).collect::<Vec<_>>())
}
