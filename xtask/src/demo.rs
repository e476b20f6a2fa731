//! `cargo xtask demo`: the snapshot in `catalog/demo`, collected by palisade itself from a fictitious
//! organization in the emulator, whose clock stands still.
//!
//! `--check` makes it anew and compares what the tables hold. The ledger's times are those of the
//! computer that collected, so they are not compared.

use crate::emulator::{Emulator, python};
use crate::error::TaskError;
use crate::place::{cache, cargo, root, succeed, variable};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The moment of the snapshot: ages are counted from here.
const TAKEN_AT: &str = "2026-11-16T09:00:00Z";
/// The emulator's clock when it starts; the script moves it.
const BEGIN: &str = "2026-02-02T09:00:00Z";

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    let check = match arguments {
        [] => false,
        [one] if one == "--check" => true,
        other => {
            return Err(TaskError::new(format!(
                "`{}`: only --check is known",
                other.join(" ")
            )));
        }
    };
    let palisade = built()?;
    let python = python()?;
    let emulator = Emulator::start(&python, &[("PALISADE_CLOCK", BEGIN)])?;
    let estate = estate(&python, &emulator.url)?;
    let fresh = cache().join("demo");
    if fresh.exists() {
        fs_err::remove_dir_all(&fresh)?;
    }
    collect(&palisade, &estate, &fresh)?;
    drop(emulator);
    let kept = root().join("catalog/demo");
    if check {
        return compare(&palisade, &kept, &fresh, out);
    }
    set_time(&fresh)?;
    if kept.exists() {
        fs_err::remove_dir_all(&kept)?;
    }
    let bytes = copy(&fresh, &kept)?;
    writeln!(out, "catalog/demo: {bytes} bytes")?;
    Ok(())
}

/// The program, built the way that `cargo run` builds it; `PALISADE_BIN` names one of this state that is there already.
pub(crate) fn built() -> Result<PathBuf, TaskError> {
    if let Some(there) = variable("PALISADE_BIN") {
        return Ok(PathBuf::from(there));
    }
    let output = cargo()
        .args([
            "build",
            "--package",
            "palisade",
            "--message-format=json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(TaskError::new("palisade does not build"));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message.pointer("/target/name").and_then(Value::as_str) == Some("palisade")
        })
        .find_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .ok_or_else(|| TaskError::new("cargo names no executable of palisade"))
}

/// What the script says of the organization that it made.
fn estate(python: &Path, url: &str) -> Result<Value, TaskError> {
    let output = Command::new(python)
        .arg(root().join("tests/estate/demo.py"))
        .args(["--url", url])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(TaskError::new("tests/estate/demo.py failed"));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn text<'a>(estate: &'a Value, key: &str) -> &'a str {
    let found = estate.get(key).and_then(Value::as_str);
    found.unwrap_or_default()
}

fn texts<'a>(estate: &'a Value, key: &str) -> Vec<&'a str> {
    let all = estate.get(key).and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn collect(palisade: &Path, estate: &Value, into: &Path) -> Result<(), TaskError> {
    let mut command = Command::new(palisade);
    command.arg("collect").arg("--quiet").arg("--out").arg(into);
    command.args(["--regions", &texts(estate, "regions").join(",")]);
    command
        .args(["--org", "--role-arn", text(estate, "role")])
        .args(["--endpoint-url", text(estate, "url")])
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    succeed(&mut command)
}

fn set_time(snapshot: &Path) -> Result<(), TaskError> {
    let path = snapshot.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs_err::read(&path)?)?;
    if let Some(moment) = manifest.get_mut("taken_at") {
        *moment = Value::from(TAKEN_AT);
    }
    Ok(fs_err::write(path, serde_json::to_vec_pretty(&manifest)?)?)
}

fn copy(from: &Path, to: &Path) -> Result<u64, TaskError> {
    fs_err::create_dir_all(to)?;
    let mut bytes = 0;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            bytes += copy(&entry.path(), &target)?;
        } else {
            let data = fs_err::read(entry.path())?;
            bytes += data.len() as u64;
            // Not the mode of a snapshot of a real estate: this one has no secrets.
            fs_err::write(target, data)?;
        }
    }
    Ok(bytes)
}

/// The tables of the two, by name, with the hash of each file.
fn compare(
    palisade: &Path,
    kept: &Path,
    fresh: &Path,
    out: &mut dyn Write,
) -> Result<(), TaskError> {
    let (kept_tables, fresh_tables) = (tables(kept)?, tables(fresh)?);
    let mut faults = Vec::new();
    for (name, hash) in &fresh_tables {
        match kept_tables.get(name) {
            None => faults.push(format!("`{name}` is missing")),
            // Bytes that differ may still hold the same: the writer may have changed.
            Some(have) if have != hash => {
                if rows(palisade, kept, name)? != rows(palisade, fresh, name)? {
                    faults.push(format!("`{name}` differs"));
                }
            }
            Some(_) => {}
        }
    }
    for name in kept_tables
        .keys()
        .filter(|name| !fresh_tables.contains_key(*name))
    {
        faults.push(format!("`{name}` is no table any more"));
    }
    if faults.is_empty() {
        writeln!(
            out,
            "catalog/demo: {} tables are as their sources say",
            fresh_tables.len()
        )?;
        return Ok(());
    }
    Err(TaskError::new(format!(
        "catalog/demo is out of date: {} (run `cargo xtask demo`)",
        faults.join(", ")
    )))
}

fn tables(snapshot: &Path) -> Result<BTreeMap<String, String>, TaskError> {
    let manifest: Value = serde_json::from_slice(&fs_err::read(snapshot.join("manifest.json"))?)?;
    let entries = manifest.get("tables").and_then(Value::as_object);
    Ok(entries
        .into_iter()
        .flatten()
        .map(|(name, entry)| {
            let hash = entry
                .get("sha256")
                .and_then(Value::as_str)
                .unwrap_or_default();
            (name.clone(), hash.to_owned())
        })
        .collect())
}

/// The rows of a table as lines, sorted.
fn rows(palisade: &Path, snapshot: &Path, table: &str) -> Result<Vec<String>, TaskError> {
    let output = Command::new(palisade)
        .args(["query", "--format", "csv", "--snapshot"])
        .arg(snapshot)
        .arg(format!("select * from {table}"))
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(TaskError::new(format!("`{table}` cannot be read: {why}")));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    Ok(lines)
}
