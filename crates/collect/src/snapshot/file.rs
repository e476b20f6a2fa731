//! One Parquet file, written as rows come.

use super::{array, compressed};
use crate::error::{CollectError, io};
use crate::run::Row;
use arrow::array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use palisade_core::schema::TableSchema;
use palisade_core::snapshot::FileEntry;
use palisade_core::{Call, hex};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Rows that are turned into columns at a time.
const BATCH: usize = 1_024;

/// Rows of a row group.
const GROUP: usize = 16_384;

/// A row group is closed when it holds this much, however few its rows: memory stays flat.
const GROUP_BYTES: usize = 8 << 20;

/// A table's file while it is written.
pub(crate) struct TableFile {
    path: PathBuf,
    table: String,
    schema: SchemaRef,
    /// The file; taken by the writer when the first batch has told what is to be compressed.
    file: Option<fs_err::File>,
    writer: Option<ArrowWriter<fs_err::File>>,
    rows: Vec<Row>,
    calls: Vec<Call>,
    written: u64,
}

impl TableFile {
    pub(crate) fn create(
        path: &Path,
        table: &str,
        schema: SchemaRef,
    ) -> Result<Self, CollectError> {
        Ok(Self {
            path: path.to_path_buf(),
            table: table.to_owned(),
            schema,
            file: Some(private(path)?),
            writer: None,
            rows: Vec::new(),
            calls: Vec::new(),
            written: 0,
        })
    }

    /// Takes a row.
    pub(crate) fn row(&mut self, schema: &TableSchema, row: Row) -> Result<(), CollectError> {
        self.rows.push(row);
        self.written += 1;
        if self.rows.len() >= BATCH {
            self.flush_rows(schema)?;
        }
        Ok(())
    }

    /// Takes a line of the ledger.
    pub(crate) fn call(&mut self, call: Call) -> Result<(), CollectError> {
        self.calls.push(call);
        self.written += 1;
        if self.calls.len() >= BATCH {
            self.flush_calls()?;
        }
        Ok(())
    }

    fn flush_rows(&mut self, schema: &TableSchema) -> Result<(), CollectError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.columns.len() + 1);
        for (at, column) in schema.columns.iter().enumerate() {
            let values: Vec<&Value> = self
                .rows
                .iter()
                .map(|r| r.slots.get(at).unwrap_or(&Value::Null))
                .collect();
            columns.push(array::of(&column.ty, &values));
        }
        columns.push(array::calls(&self.rows));
        self.rows.clear();
        self.write(columns)
    }

    fn flush_calls(&mut self) -> Result<(), CollectError> {
        let columns = array::ledger(&self.calls);
        self.calls.clear();
        self.write(columns)
    }

    fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), CollectError> {
        let batch = RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
            .map_err(|e| wrong(&self.path, &self.table, e.into()))?;
        let written = self.writer(Some(&batch)).and_then(|writer| {
            writer.write(&batch)?;
            if writer.in_progress_size() > GROUP_BYTES {
                writer.flush()?;
            }
            Ok(())
        });
        written.map_err(|e| wrong(&self.path, &self.table, e))
    }

    /// The writer, made when it is first needed, for a file that begins with `first`, or has no rows.
    fn writer(
        &mut self,
        first: Option<&RecordBatch>,
    ) -> Result<&mut ArrowWriter<fs_err::File>, ParquetError> {
        if let Some(file) = self.file.take() {
            let columns = match first {
                Some(first) => compressed::columns(first, BATCH)?,
                None => compressed::none(),
            };
            let properties = columns
                .set_max_row_group_row_count(Some(GROUP))
                // The same rows give the same bytes.
                .set_created_by("palisade".to_owned())
                .build();
            let schema = SchemaRef::clone(&self.schema);
            self.writer = Some(ArrowWriter::try_new(file, schema, Some(properties))?);
        }
        let none = || ParquetError::General("the file could not be begun".to_owned());
        self.writer.as_mut().ok_or_else(none)
    }

    /// Closes the file.
    pub(crate) fn finish(
        mut self,
        schema: Option<&TableSchema>,
    ) -> Result<FileEntry, CollectError> {
        if let Some(schema) = schema.filter(|_| !self.rows.is_empty()) {
            self.flush_rows(schema)?;
        }
        if !self.calls.is_empty() {
            self.flush_calls()?;
        }
        let closed = self.writer(None).and_then(ArrowWriter::finish);
        closed.map_err(|e| wrong(&self.path, &self.table, e))?;
        Ok(FileEntry {
            rows: self.written,
            sha256: hash(&self.path)?,
            schema: schema.map(TableSchema::fingerprint).unwrap_or_default(),
            ..FileEntry::default()
        })
    }
}

/// Writes a JSON document.
pub(crate) fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), CollectError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| io(path, e.into()))?;
    text.push(b'\n');
    let mut file = private(path)?;
    file.write_all(&text).map_err(|e| io(path, e))?;
    file.sync_all().map_err(|e| io(path, e))
}

/// A new file that only its owner can read.
fn private(path: &Path) -> Result<fs_err::File, CollectError> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|e| io(path, e))
}

fn hash(path: &Path) -> Result<String, CollectError> {
    let mut file = fs_err::File::open(path).map_err(|e| io(path, e))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer).map_err(|e| io(path, e))?;
        let Some(part) = buffer.get(..read).filter(|p| !p.is_empty()) else {
            break;
        };
        hash.update(part);
    }
    Ok(hex(&hash.finalize()))
}

/// An error of the Parquet writer; a full disk is told as such.
fn wrong(path: &Path, table: &str, error: ParquetError) -> CollectError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(here) = cause {
        if let Some(found) = here.downcast_ref::<std::io::Error>() {
            return io(path, std::io::Error::new(found.kind(), found.to_string()));
        }
        cause = here.source();
    }
    let message = error.to_string();
    // fs-err's error is a box in a box, whose kind the chain does not always show.
    if message.contains("No space left") {
        return CollectError::Full {
            path: path.to_path_buf(),
        };
    }
    CollectError::Table {
        table: table.to_owned(),
        message,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use palisade_core::Outcome;
    use palisade_core::call::short_hash;
    use palisade_core::schema::ledger_schema;

    /// A disk that fills up is told at the file's end at the latest, and by name.
    #[test]
    fn a_full_disk_is_told_when_a_table_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.parquet");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let written = TableFile::create(&path, "_calls", ledger_schema()).and_then(|mut file| {
            for at in 0..3 * BATCH {
                file.call(Call {
                    id: short_hash(&[&at.to_string()]),
                    account_id: "123456789012".to_owned(),
                    region: "eu-west-1".to_owned(),
                    operation: "sqs:ListQueues".to_owned(),
                    parameters: at.to_string(),
                    outcome: Outcome::Ok,
                    code: None,
                    message: None,
                    attempts: 1,
                    at_ms: 0,
                    took_ms: 1,
                })?;
            }
            file.finish(None)
        });
        let error = written.unwrap_err();
        assert!(matches!(&error, CollectError::Full { .. }), "{error:?}");
        assert!(error.to_string().contains("calls.parquet"), "{error}");
    }
}
