//! A snapshot of any size for measuring: a small one over and over, each copy with ids of its own.
//!
//! ```sh
//! cargo run -p palisade-query --example synthetic -- catalog/demo DIR 1000000
//! cargo run -p palisade-query --example synthetic -- catalog/demo DIR 5000 accounts
//! ```
//!
//! By rows, the accounts stay: tables with one row per account or region (settings, detectors) stay as they are, and so
//! does the ledger, whose lines all copies of a row share. By accounts, every copy is a set of accounts of its own, with
//! its own lines of the ledger; what the organization has once stays.

mod rename;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use palisade_core::schema::CALLS;
use palisade_core::snapshot::{AccountScope, FileEntry, LEDGER, MANIFEST, Manifest, TABLES};
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
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (from, to, wanted, accounts) = match arguments.as_slice() {
        [from, to, rows] => (from, to, rows, false),
        [from, to, accounts, "accounts"] => (from, to, accounts, true),
        _ => {
            return Err(
                "usage: synthetic SNAPSHOT DIR ROWS, or SNAPSHOT DIR ACCOUNTS accounts".into(),
            );
        }
    };
    let (from, to, wanted) = (Path::new(from), Path::new(to), wanted.parse()?);
    let mut manifest: Manifest =
        serde_json::from_str(&fs_err::read_to_string(from.join(MANIFEST))?)?;
    fs_err::create_dir_all(to.join(TABLES))?;
    let made = if accounts {
        by_accounts(from, to, &mut manifest, wanted)?
    } else {
        by_rows(from, to, &mut manifest, wanted)?
    };
    fs_err::write(to.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    writeln!(std::io::stdout(), "{made} rows in {}", to.display())?;
    Ok(())
}

fn by_rows(
    from: &Path,
    to: &Path,
    manifest: &mut Manifest,
    wanted: usize,
) -> Result<u64, Box<dyn Error>> {
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
        write(&table(to, name), batch, copies, entry, rename::of_row)?;
        total += entry.rows;
    }
    Ok(total)
}

fn by_accounts(
    from: &Path,
    to: &Path,
    manifest: &mut Manifest,
    wanted: usize,
) -> Result<u64, Box<dyn Error>> {
    let originals = manifest.accounts.clone();
    let copies = wanted.div_ceil(originals.len().max(1));
    let ids: Vec<&str> = originals.iter().map(|a| a.id.as_str()).collect();
    let mut total = 0;
    let tables: Vec<String> = manifest.tables.keys().cloned().collect();
    for name in tables {
        let once = name.starts_with("aws_organizations_") && name != "aws_organizations_account";
        let entry = manifest
            .tables
            .get_mut(&name)
            .ok_or("not in the manifest")?;
        let batch = read(&table(from, &name))?;
        let copies = if once { 1 } else { copies };
        write(
            &table(to, &name),
            &batch,
            copies,
            entry,
            |copy, name, text| rename::of_account(copy, &ids, name, text),
        )?;
        total += entry.rows;
    }
    let ledger = read(&from.join(LEDGER))?;
    write(
        &to.join(LEDGER),
        &ledger,
        copies,
        &mut manifest.ledger,
        |copy, name, text| {
            let name = if name == "id" { CALLS } else { name };
            rename::of_account(copy, &ids, name, text)
        },
    )?;
    for copy in 1..copies {
        for (at, original) in originals.iter().enumerate() {
            manifest.accounts.push(AccountScope {
                id: rename::account(copy, at),
                unit: Some(format!("Workloads/Unit {}", copy % 20)),
                ..original.clone()
            });
        }
    }
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

/// Writes so many copies of a table, the first as it is, and what the manifest says of it.
fn write(
    path: &Path,
    batch: &RecordBatch,
    copies: usize,
    entry: &mut FileEntry,
    rename: impl Fn(usize, &str, &str) -> Option<String>,
) -> Result<(), Box<dyn Error>> {
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
            .map(|(field, column)| {
                rename::column(field.name(), column, &|name, text| rename(copy, name, text))
            })
            .collect();
        writer.write(&RecordBatch::try_new(batch.schema(), columns)?)?;
    }
    writer.close()?;
    entry.rows = (batch.num_rows() * copies) as u64;
    entry.sha256 = hash(path)?;
    Ok(())
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
