//! Which way branches go in the main jobs, for the compiler (RFD 15).

use super::compiler::Compiler;
use super::jobs;
use crate::error::TaskError;
use crate::place::succeed;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The profile. One that is there is kept, since everything is compiled anew for another: functions that have changed
/// since it was made are compiled without.
pub(super) fn made(
    folder: &Path,
    anew: bool,
    out: &mut dyn Write,
) -> Result<Option<PathBuf>, TaskError> {
    let kept = kept(folder)?;
    if kept.is_some() && !anew {
        return Ok(kept);
    }
    let compiler = Compiler::of_this_machine()?;
    let Some(merge) = compiler.llvm("llvm-profdata") else {
        writeln!(
            out,
            "no `llvm-profdata` (`rustup component add llvm-tools`): it is compiled without a profile"
        )?;
        return Ok(kept);
    };
    let counts = folder.join("counts");
    let compiler = compiler.with(format!("-Cprofile-generate={}", counts.display()));
    let binary = compiler.build(&[])?;
    // What an earlier program has counted.
    if counts.is_dir() {
        fs_err::remove_dir_all(&counts)?;
    }
    jobs::run(&binary, folder, |_| Vec::new(), &[])?;
    let merged = folder.join("merged");
    succeed(
        Command::new(merge)
            .args(["merge", "-o"])
            .args([&merged, &counts]),
    )?;
    if let Some(kept) = kept {
        fs_err::remove_file(kept)?;
    }
    // Named by what it holds, so that another profile is another build.
    let content = fs_err::read(&merged)?;
    let hash = palisade_core::call::short_hash(&[&String::from_utf8_lossy(&content)]);
    let profile = folder.join(format!("{hash}.profdata"));
    fs_err::rename(merged, &profile)?;
    Ok(Some(profile))
}

/// The profile that was made before.
fn kept(folder: &Path) -> Result<Option<PathBuf>, TaskError> {
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "profdata") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
