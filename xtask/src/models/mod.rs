//! `cargo xtask models`: the API models in `catalog/models`, from a pinned botocore.
//!
//! Only the operations that the catalogue names and the shapes that they reach are kept, without
//! prose. The same inputs give the same bytes; `--check` makes everything anew and compares.

mod lock;
mod pagers;
pub(crate) mod source;
mod trim;
mod wanted;

use crate::error::TaskError;
use crate::place::root;
use lock::Lock;
use palisade_aws::reads::Reads;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// File name and bytes of everything that the task makes, the lock file aside.
type Made = BTreeMap<String, Vec<u8>>;

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
    let root = root();
    let folder = root.join("catalog/models");
    let lock_path = folder.join("models.lock.toml");
    let mut lock = Lock::read(&lock_path)?;
    let botocore = source::unpacked(&lock)?;
    let wanted = wanted::collect(&root.join("catalog"))?;
    let reads = Reads::from_toml(&fs_err::read_to_string(folder.join("reads.toml"))?)
        .map_err(|error| TaskError::new(format!("catalog/models/reads.toml: {error}")))?;
    wanted::check_reads(&wanted, &reads)?;
    let pagers = pagers::read(&folder.join("paginators.toml"))?;
    let made = make(&botocore, &wanted, &pagers)?;
    lock.set_files(&made);
    if check {
        compare(&folder, &made, &lock_path, &lock)?;
        writeln!(out, "{} models are as their sources say", made.len())?;
    } else {
        write(&folder, &made)?;
        fs_err::write(&lock_path, lock.text())?;
        let bytes: usize = made.values().map(Vec::len).sum();
        let operations: usize = wanted.values().map(BTreeMap::len).sum();
        writeln!(
            out,
            "{operations} operations of {} services, {bytes} bytes",
            wanted.len()
        )?;
    }
    Ok(())
}

/// The folder of the unpacked botocore distribution that the lock names, with its own tests.
pub(crate) fn botocore() -> Result<PathBuf, TaskError> {
    source::unpacked(&Lock::read(
        &root().join("catalog/models/models.lock.toml"),
    )?)
}

fn make(
    botocore: &Path,
    wanted: &wanted::Wanted,
    pagers: &pagers::Pagers,
) -> Result<Made, TaskError> {
    let mut made = Made::new();
    let mut faults = Vec::new();
    for (service, operations) in wanted {
        match trim::service(botocore, service, operations, pagers.get(service)) {
            Ok(document) => {
                made.insert(format!("{service}.json.zst"), compress(&document)?);
            }
            Err(error) => faults.push(error.to_string()),
        }
    }
    // All faults at once: tables are written many at a time.
    if !faults.is_empty() {
        return Err(TaskError::new(faults.join("\nerror: ")));
    }
    let partitions = source::json(&botocore.join("botocore/data/partitions.json"))?;
    made.insert(
        "partitions.json.zst".to_owned(),
        compress(&serde_json::to_vec(&trim::partitions(partitions))?)?,
    );
    Ok(made)
}

pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, TaskError> {
    Ok(zstd::bulk::compress(bytes, 19)?)
}

fn write(folder: &Path, made: &Made) -> Result<(), TaskError> {
    for name in lock::present(folder)? {
        if !made.contains_key(&name) {
            fs_err::remove_file(folder.join(name))?;
        }
    }
    for (name, bytes) in made {
        let path = folder.join(name);
        if fs_err::read(&path).ok().as_ref() != Some(bytes) {
            fs_err::write(path, bytes)?;
        }
    }
    Ok(())
}

fn compare(folder: &Path, made: &Made, lock_path: &Path, lock: &Lock) -> Result<(), TaskError> {
    let mut faults = Vec::new();
    for (name, bytes) in made {
        match fs_err::read(folder.join(name)) {
            Ok(have) if have == *bytes => {}
            Ok(_) => faults.push(format!("`{name}` differs")),
            Err(_) => faults.push(format!("`{name}` is missing")),
        }
    }
    for name in lock::present(folder)? {
        if !made.contains_key(&name) {
            faults.push(format!("`{name}` is of no use any more"));
        }
    }
    if fs_err::read_to_string(lock_path)? != lock.text() {
        faults.push("`models.lock.toml` differs".to_owned());
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(TaskError::new(format!(
        "catalog/models is out of date: {} (run `cargo xtask models`)",
        faults.join(", ")
    )))
}
