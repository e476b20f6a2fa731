//! A snapshot folder of a stranger: its manifest, a table or the ledger, as the first byte says. The
//! hashes of the manifest are right, as a stranger would see to.

use super::support::{Estate, ONE, account, catalog, schemas};
use palisade_query::{Limits, Rows, Session, Snapshot};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::Duration;

pub(crate) fn estate() -> Estate {
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1"])]);
    estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", "ok");
    for n in 0..3 {
        let columns = json!({ "encrypted": n == 1, "size": n, "policy": "{\"Statement\":[]}" });
        estate.queue(ONE, "eu-west-1", &format!("q{n}"), "ok", &columns);
    }
    estate
}

/// The good files, each with the byte that names it: what a fuzzer begins with.
pub(crate) fn good() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    estate().write(folder.path());
    FILES
        .iter()
        .enumerate()
        .map(|(kind, file)| {
            let mut bytes = vec![kind as u8];
            bytes.extend(fs_err::read(folder.path().join(file)).unwrap());
            bytes
        })
        .collect()
}

const FILES: [&str; 3] = [
    "manifest.json",
    "tables/aws_sqs_queue.parquet",
    "calls.parquet",
];

pub(crate) fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let kind = usize::from(*kind) % FILES.len();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    estate().write(dir);
    fs_err::write(dir.join(FILES[kind]), bytes).unwrap();
    if kind > 0 {
        vouch(dir, kind, bytes);
    }
    let Ok(snapshot) = Snapshot::open(dir) else {
        return;
    };
    let limits = Limits {
        memory: 64 << 20,
        control: Duration::from_secs(5),
        ..Limits::default()
    };
    let Ok(session) = Session::with_limits(&snapshot, &catalog(vec![]), &schemas(), limits) else {
        return;
    };
    for sql in [
        "select * from aws_sqs_queue order by name",
        "select outcome, count(*) from _calls group by outcome",
    ] {
        if let Err(error) = session.write(sql, Rows::Json, &mut Vec::new(), 0) {
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Writes the file's hash into the manifest.
fn vouch(dir: &Path, kind: usize, bytes: &[u8]) {
    let path = dir.join(FILES[0]);
    let mut manifest: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    let hash: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let entry = match kind {
        1 => &mut manifest["tables"]["aws_sqs_queue"],
        _ => &mut manifest["ledger"],
    };
    entry["sha256"] = Value::String(hash);
    fs_err::write(path, manifest.to_string()).unwrap();
}
