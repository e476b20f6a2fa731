//! A snapshot on disk: opened, and proved file by file when a file is first read.

use crate::error::QueryError;
use palisade_core::hex;
use palisade_core::snapshot::{FORMAT, FileEntry, LEDGER, MANIFEST, Manifest, TABLES};
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A snapshot that can be read by this program.
#[derive(Debug, Clone)]
pub struct Snapshot {
    dir: PathBuf,
    manifest: Manifest,
}

impl Snapshot {
    /// Reads the manifest and looks that every file is there. The files' hashes are proved when they are read.
    ///
    /// # Errors
    /// When the folder is no snapshot, its layout is older or newer, or a file is missing.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, QueryError> {
        let dir = dir.into();
        let path = dir.join(MANIFEST);
        let text = match fs_err::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(QueryError::NoSnapshot(dir));
            }
            Err(e) => return Err(e.into()),
        };
        let manifest = parse(&path, &text)?;
        let snapshot = Self { dir, manifest };
        for (table, entry) in &snapshot.manifest.tables {
            if table.contains(['/', '\\', '.']) {
                return Err(QueryError::Manifest {
                    path,
                    reason: format!("`{table}` is not the name of a table"),
                });
            }
            there(&snapshot.table_path(table), entry)?;
        }
        there(&snapshot.ledger_path(), &snapshot.manifest.ledger)?;
        Ok(snapshot)
    }

    /// Its manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn table_path(&self, table: &str) -> PathBuf {
        self.dir.join(TABLES).join(format!("{table}.parquet"))
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.dir.join(LEDGER)
    }
}

fn parse(path: &Path, text: &str) -> Result<Manifest, QueryError> {
    let wrong = |reason: String| QueryError::Manifest {
        path: path.to_owned(),
        reason,
    };
    // The version is looked at first: another version's manifest need not have our members.
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let found = value
        .get("format")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| wrong("it has no `format`".to_owned()))?;
    if found != u64::from(FORMAT) {
        return Err(QueryError::Format {
            path: path.to_owned(),
            found,
            expected: FORMAT,
            advice: if found > u64::from(FORMAT) {
                "a newer palisade wrote it: update this one"
            } else {
                "an older palisade wrote it: collect again"
            },
        });
    }
    serde_json::from_value(value).map_err(|e| wrong(e.to_string()))
}

fn there(path: &Path, entry: &FileEntry) -> Result<(), QueryError> {
    match fs_err::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(()),
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Err(QueryError::Damaged {
            path: path.to_owned(),
            reason: format!(
                "the manifest names it ({} rows), but it is missing",
                entry.rows
            ),
        }),
    }
}

/// Proves that a file is what the manifest says.
pub(crate) fn prove(path: &Path, entry: &FileEntry) -> Result<(), QueryError> {
    let mut file = fs_err::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        let Some(read) = buffer.get(..n).filter(|r| !r.is_empty()) else {
            break;
        };
        hash.update(read);
    }
    let found = hex(&hash.finalize());
    if found == entry.sha256 {
        Ok(())
    } else {
        Err(QueryError::Damaged {
            path: path.to_owned(),
            reason:
                "its content is not what was collected (the SHA-256 differs from the manifest's)"
                    .to_owned(),
        })
    }
}
