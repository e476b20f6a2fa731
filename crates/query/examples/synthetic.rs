//! A snapshot of any size for measuring: the rows of a small one, over and over, each copy with ids of its own.
//!
//! ```sh
//! cargo run -p palisade-query --example synthetic -- catalog/demo DIR 1000000
//! ```
//!
//! Tables with one row per account or region (settings, detectors) stay as they are; so does the ledger, whose lines
//! all copies of a row share. ARNs and ids change everywhere in a row, nested ones too, so that joins find partners
//! of the same copy and no others.

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, RecordBatch, StringArray, StringBuilder, StructArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field};
use palisade_core::snapshot::{LEDGER, MANIFEST, Manifest, TABLES};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rows] = arguments.as_slice() else {
        return Err("usage: synthetic SNAPSHOT DIR ROWS".into());
    };
    let made = make(Path::new(from), Path::new(to), rows.parse()?)?;
    writeln!(std::io::stdout(), "{made} rows in {to}")?;
    Ok(())
}

fn make(from: &Path, to: &Path, wanted: usize) -> Result<u64, Box<dyn Error>> {
    let mut manifest: Manifest =
        serde_json::from_str(&fs_err::read_to_string(from.join(MANIFEST))?)?;
    fs_err::create_dir_all(to.join(TABLES))?;
    fs_err::copy(from.join(LEDGER), to.join(LEDGER))?;
    let mut small = BTreeMap::new();
    for name in manifest.tables.keys() {
        small.insert(name.clone(), read(&table(from, name))?);
    }
    let grows: usize = small
        .values()
        .filter(|batch| many(batch))
        .map(RecordBatch::num_rows)
        .sum();
    let copies = wanted.div_ceil(grows.max(1));
    let mut total = 0;
    for (name, batch) in &small {
        let entry = manifest.tables.get_mut(name).ok_or("not in the manifest")?;
        let copies = if many(batch) { copies } else { 1 };
        let path = table(to, name);
        write(&path, batch, copies)?;
        entry.rows = (batch.num_rows() * copies) as u64;
        entry.sha256 = hash(&path)?;
        total += entry.rows;
    }
    fs_err::write(to.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    Ok(total)
}

fn table(folder: &Path, name: &str) -> PathBuf {
    folder.join(TABLES).join(format!("{name}.parquet"))
}

fn read(path: &Path) -> Result<RecordBatch, Box<dyn Error>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs_err::File::open(path)?.into_file())?;
    let schema = Arc::clone(reader.schema());
    let batches = reader.build()?.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

/// Whether some account has two rows in a region: what is one of its kind stays so.
fn many(batch: &RecordBatch) -> bool {
    let text = |name: &str| {
        batch
            .column_by_name(name)
            .and_then(|column| column.as_string_opt::<i32>())
    };
    let (Some(accounts), Some(regions), Some(_)) =
        (text("account_id"), text("region"), text("arn"))
    else {
        return false;
    };
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for at in 0..batch.num_rows() {
        *seen
            .entry((accounts.value(at), regions.value(at)))
            .or_default() += 1;
    }
    seen.values().any(|rows| *rows > 1)
}

fn write(path: &Path, batch: &RecordBatch, copies: usize) -> Result<(), Box<dyn Error>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::try_new(1)?))
        .build();
    let file = fs_err::File::create(path)?.into_file();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
    for copy in 0..copies {
        // The first copy is the original: what refers to it from tables that stay finds it.
        if copy == 0 {
            writer.write(batch)?;
            continue;
        }
        let columns = batch
            .schema()
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, column)| renamed(field, column, copy))
            .collect();
        writer.write(&RecordBatch::try_new(batch.schema(), columns)?)?;
    }
    writer.close()?;
    Ok(())
}

/// The column with the ids of copy `copy`.
fn renamed(field: &Field, column: &ArrayRef, copy: usize) -> ArrayRef {
    let name = field.name().as_str();
    if ["account_id", "region", "_calls", "partition"].contains(&name) {
        return Arc::clone(column);
    }
    match column.data_type() {
        DataType::Utf8 => {
            let named = name == "name" || name.ends_with("_name");
            Arc::new(texts(column.as_string(), copy, named))
        }
        DataType::List(item) => {
            let list: &ListArray = column.as_list();
            Arc::new(ListArray::new(
                Arc::clone(item),
                list.offsets().clone(),
                renamed(item, list.values(), copy),
                list.nulls().cloned(),
            ))
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let columns = fields
                .iter()
                .zip(parts.columns())
                .map(|(field, column)| renamed(field, column, copy))
                .collect();
            Arc::new(StructArray::new(
                fields.clone(),
                columns,
                parts.nulls().cloned(),
            ))
        }
        _ => Arc::clone(column),
    }
}

fn texts(column: &StringArray, copy: usize, named: bool) -> StringArray {
    let mut out = StringBuilder::with_capacity(column.len(), column.value_data().len() * 2);
    let mut text = String::new();
    for value in column {
        match value {
            None => out.append_null(),
            Some(value) if named || is_id(value) => {
                text.clear();
                // Writing to a string cannot fail.
                let _ = write!(text, "{value}-{copy}");
                out.append_value(&text);
            }
            Some(value) => out.append_value(value),
        }
    }
    out.finish()
}

/// An ARN, or an id as EC2 writes it: `sg-0123456789abcdef0`.
fn is_id(value: &str) -> bool {
    if value.starts_with("arn:") {
        return true;
    }
    value.split_once('-').is_some_and(|(kind, rest)| {
        kind.len() <= 8 && rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn hash(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut hasher = Sha256::new();
    let mut file = fs_err::File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        hasher.update(part);
    }
    Ok(hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
}
