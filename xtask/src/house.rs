//! House checks: sizes and habits that no compiler looks at.

use crate::error::TaskError;
use crate::place::root;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Lines of a source file: from the first on it is named, above the second it fails.
const SOURCE: (usize, usize) = (500, 800);
const README: usize = 130;
const CONTROL: usize = 80;
const TABLE: usize = 40;
/// The one room that may hold `unsafe`.
const UNSAFE: &str = "crates/heap";

/// `cargo xtask house`: prints what to look at, fails on what must not be.
pub(crate) fn run(_: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let root = root();
    let mut faults = Vec::new();
    sources(&root, &mut faults, out)?;
    manifests(&root, &mut faults)?;
    lengths(&root, &mut faults)?;
    tables(&root, &mut faults)?;
    if faults.is_empty() {
        writeln!(out, "house: in order")?;
        return Ok(());
    }
    Err(TaskError::new(faults.join("\nerror: ")))
}

fn sources(root: &Path, faults: &mut Vec<String>, out: &mut dyn Write) -> Result<(), TaskError> {
    for folder in ["crates", "xtask", "fuzz"] {
        for file in files(&root.join(folder), "rs")? {
            let lines = lines(&file)?;
            let name = shown(root, &file);
            if lines > SOURCE.1 {
                faults.push(format!("{name}: {lines} lines, at most {}", SOURCE.1));
            } else if lines > SOURCE.0 {
                writeln!(out, "house: {name}: {lines} lines: split it by verb")?;
            }
        }
    }
    Ok(())
}

/// Every crate of the workspace takes the workspace's lints, which forbid `unsafe`: all but the allocator's (RFD 14).
fn manifests(root: &Path, faults: &mut Vec<String>) -> Result<(), TaskError> {
    let mut all = vec![root.join("xtask/Cargo.toml")];
    for entry in fs_err::read_dir(root.join("crates"))? {
        let room = entry?.path();
        if !room.ends_with(UNSAFE) {
            all.push(room.join("Cargo.toml"));
        }
    }
    for file in all {
        let manifest: toml::Table = toml::from_str(&fs_err::read_to_string(&file)?)
            .map_err(TaskError::from)
            .map_err(TaskError::at(file.display()))?;
        let taken = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        if taken != Some(true) {
            faults.push(format!(
                "{}: write `[lints]` with `workspace = true`",
                shown(root, &file)
            ));
        }
    }
    Ok(())
}

fn lengths(root: &Path, faults: &mut Vec<String>) -> Result<(), TaskError> {
    let mut check = |file: &Path, most: usize| -> Result<(), TaskError> {
        let lines = lines(file)?;
        if lines > most {
            faults.push(format!(
                "{}: {lines} lines, at most {most}",
                shown(root, file)
            ));
        }
        Ok(())
    };
    check(&root.join("README.md"), README)?;
    // A control may prove itself as often as it likes; what it says is short.
    for file in files(&root.join("catalog/controls"), "toml")? {
        let text = fs_err::read_to_string(&file)?;
        let said = text
            .split("[[test]]")
            .next()
            .unwrap_or_default()
            .lines()
            .count();
        if said > CONTROL {
            faults.push(format!(
                "{}: {said} lines before its tests, at most {CONTROL}",
                shown(root, &file)
            ));
        }
    }
    Ok(())
}

/// An entry of a table file: from its header to the next table's.
fn tables(root: &Path, faults: &mut Vec<String>) -> Result<(), TaskError> {
    for file in files(&root.join("catalog/tables"), "toml")? {
        for (name, lines) in entries(&fs_err::read_to_string(&file)?) {
            // A table of many calls has a few lines for each: only what is told once is bounded.
            if lines > TABLE {
                faults.push(format!(
                    "{}: `{name}`: {lines} lines beside its fills, at most {TABLE}",
                    shown(root, &file)
                ));
            }
        }
    }
    Ok(())
}

/// The tables of a file with the number of their own lines: fills, comments and empty lines aside.
fn entries(text: &str) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = Vec::new();
    let mut own = false;
    for line in text.lines().map(str::trim) {
        if let Some(header) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            own = !header.contains('.');
            if own {
                all.push((header.to_owned(), 1));
            }
        } else if own
            && !line.is_empty()
            && !line.starts_with('#')
            && let Some((_, lines)) = all.last_mut()
        {
            *lines += 1;
        }
    }
    all
}

/// All files with this ending below the folder, sorted; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, TaskError> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs_err::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if !path.ends_with("target") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|have| have == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn lines(file: &Path) -> Result<usize, TaskError> {
    Ok(fs_err::read_to_string(file)?.lines().count())
}

fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_counted_without_its_fills() {
        let text =
            "# head\n[aws_a]\nabout = \"\"\n\nlist = {}\n[aws_a.fill.b]\ncall = \"\"\n[aws_c]\n";
        assert_eq!(
            entries(text),
            [("aws_a".to_owned(), 3), ("aws_c".to_owned(), 1)]
        );
    }
}
