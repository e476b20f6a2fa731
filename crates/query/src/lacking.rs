//! Columns that a file of a snapshot lacks, as another catalogue than this one made it: what they would tell was not
//! measured, and a null in their place is no answer.

use arrow::datatypes::DataType;
use palisade_core::schema::{Column, Origin, TableSchema};
use palisade_core::snapshot::FileEntry;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::BTreeSet;
use std::path::Path;

/// The columns of the table that its file lacks, or has with another type. None where it has no rows, and where it can't
/// be read: whoever reads it tells that.
pub(crate) fn lacking(path: &Path, entry: &FileEntry, schema: &TableSchema) -> Vec<String> {
    if entry.rows == 0 || entry.schema == schema.fingerprint() {
        return Vec::new();
    }
    // The Arrow schema that a file may carry besides is not read: a stranger's need not be one.
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let file = fs_err::File::open(path)
        .ok()
        .map(|file| file.into_parts().0);
    let found = file
        .and_then(|file| ParquetRecordBatchReaderBuilder::try_new_with_options(file, plain).ok());
    let Some(found) = found else {
        return Vec::new();
    };
    let there = |column: &Column| {
        let field = found.schema().field_with_name(&column.name).ok();
        field.is_some_and(|field| same(field.data_type(), &column.ty.arrow()))
    };
    let columns = schema.columns.iter().filter(|column| !there(column));
    columns.map(|column| column.name.clone()).collect()
}

/// Whether two types hold the same, whatever lists call their items and whether these may be null.
fn same(one: &DataType, other: &DataType) -> bool {
    match (one, other) {
        (DataType::List(one), DataType::List(other)) => same(one.data_type(), other.data_type()),
        (DataType::Struct(one), DataType::Struct(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.all(|(one, other)| {
                    one.name() == other.name() && same(one.data_type(), other.data_type())
                })
        }
        (DataType::Timestamp(..), DataType::Timestamp(..)) => true,
        _ => one == other,
    }
}

/// What was collected of a table that lacks these columns: its fills without those that give one of them; `None` where
/// its list call gives one, so that none of its rows tells what it should.
pub(crate) fn collected(
    schema: &TableSchema,
    lacking: &[String],
    mut fills: BTreeSet<String>,
) -> Option<BTreeSet<String>> {
    for column in lacking {
        match schema.column(column).map(|column| &column.origin) {
            Some(Origin::Fill(fill)) => {
                fills.remove(fill);
            }
            _ => return None,
        }
    }
    Some(fills)
}
