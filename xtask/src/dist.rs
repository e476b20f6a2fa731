//! `cargo xtask dist`: the binary that is shipped (RFD 12).
//!
//! Of 250,000 functions a run calls 20,000, all over 115 MB, and the system reads what lies around each: 60 MB of memory.
//! So those that are called are found by callgrind (valgrind's), in runs of the main jobs, and linked beside each other.
//! Without valgrind they stay where they are, which is said.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{cargo, program, root, succeed, target};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The emulator's account that the functions are found on.
const ACCOUNT: &str = "210000000097";

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    if let Some(other) = arguments.first() {
        return Err(TaskError::new(format!("`{other}`: it takes no argument")));
    }
    let binary = shipped(out)?;
    let size = fs_err::metadata(&binary)?.len();
    writeln!(out, "{}: {} MB", binary.display(), size / 1_000_000)?;
    Ok(())
}

/// Builds it.
pub(crate) fn shipped(out: &mut dyn Write) -> Result<PathBuf, TaskError> {
    let order = target().join("order");
    fs_err::create_dir_all(&order)?;
    if program(&["valgrind"]).is_none() {
        writeln!(
            out,
            "no `valgrind` on the path: the functions are left where they are, for 60 MB more of memory"
        )?;
        return linked(&order, &[], &["-C", "strip=symbols"]);
    }
    let binary = linked(&order, &[], &[])?;
    let called = called(&binary, &order)?;
    writeln!(out, "{} functions are called", called.len())?;
    linked(&order, &called, &["-C", "strip=symbols"])
}

/// Links the functions in an order. The file is named by what it holds, so that another order is another build.
fn linked(order: &Path, names: &[String], more: &[&str]) -> Result<PathBuf, TaskError> {
    let text = names.join("\n");
    let file = order.join(format!("{}.txt", palisade_core::call::short_hash(&[&text])));
    fs_err::write(&file, text)?;
    let ordering = format!("link-arg=-Wl,--symbol-ordering-file={}", file.display());
    let plain = ["rustc", "--package", "palisade", "--bin", "palisade"];
    succeed(
        cargo()
            .args(plain)
            .args(["--profile", "dist", "--", "-C", &ordering])
            // Names that are gone, or were folded into others.
            .args(["-C", "link-arg=-Wl,--no-warn-symbol-ordering"])
            .args(more),
    )?;
    Ok(target().join("dist/palisade"))
}

/// The functions that the main jobs call: the demo, the catalogue's proof, and an account of the emulator.
fn called(binary: &Path, folder: &Path) -> Result<Vec<String>, TaskError> {
    let report = folder.join("report.html");
    let report = report.to_string_lossy();
    let mut names = BTreeSet::new();
    for (file, arguments) in [
        (
            "demo",
            &["assess", "--demo", "--format", "html", "--out", &report][..],
        ),
        ("check", &["catalog", "check"]),
        ("list", &["list", "controls"]),
    ] {
        let file = folder.join(file);
        let status = Command::new("valgrind")
            .args(["--tool=callgrind", "--demangle=no", "--quiet"])
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(binary)
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .status()?;
        // 3: it found what fails.
        if !matches!(status.code(), Some(0 | 3)) {
            return Err(TaskError::new(format!("under valgrind: {status}")));
        }
        names.extend(names_of(&file)?);
    }
    let python = python()?;
    let emulator = Emulator::start(&python, &[])?;
    emulator.fill(&python, ACCOUNT, 1)?;
    let file = folder.join("live");
    succeed(
        Command::new(&python)
            .arg(root().join("tests/bench/bench.py"))
            .args(["--url", &emulator.url, "--account", ACCOUNT, "--palisade"])
            .arg(binary)
            .arg("--callgrind")
            .arg(&file),
    )?;
    names.extend(names_of(&file)?);
    Ok(names.into_iter().collect())
}

fn names_of(file: &Path) -> Result<BTreeSet<String>, TaskError> {
    Ok(names_in(&String::from_utf8_lossy(&fs_err::read(file)?)))
}

/// The functions of a profile: `fn=(7) name`, the name only the first time (Callgrind Format Specification).
fn names_in(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| {
        let named = line.strip_prefix("cfn=").or(line.strip_prefix("fn="))?;
        let (_, name) = named.split_once(") ")?;
        // A recursive call is counted apart, with a number behind.
        let name = name.split('\'').next().unwrap_or(name);
        name.starts_with('_').then(|| name.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_names_each_function_once() {
        let text = "fl=(1) ???\nfn=(1) _ZN4main17h1E\n0 3\ncfn=(2) _ZN4work17h2E'2\ncalls=1 0\nfn=(1)\nfn=(3) 0x1050\n";
        let names: Vec<String> = names_in(text).into_iter().collect();
        assert_eq!(names, ["_ZN4main17h1E", "_ZN4work17h2E"]);
    }
}
