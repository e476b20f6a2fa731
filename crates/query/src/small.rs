//! Small files are read once and kept: most tables of most snapshots have some rows, many queries read them, and
//! setting up the reading of a file costs more than the rows.

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;
use std::sync::Arc;

/// A file with more rows is streamed.
const MOST_ROWS: usize = 2048;

/// A file with more bytes, compressed or not, is streamed.
const MOST_BYTES: u64 = 1 << 20;

/// The rows of a small file, with the columns of `schema`; those that the file lacks are null. `None` where the file is
/// not small, or is not what was expected: whoever streams it tells what is wrong with it.
pub(crate) fn read(path: &Path, schema: &SchemaRef) -> Option<RecordBatch> {
    if fs_err::metadata(path).ok()?.len() > MOST_BYTES {
        return None;
    }
    // As bytes: of a file the reader seeks, and reads a few bytes, for each page of each column.
    let file = Bytes::from(fs_err::read(path).ok()?);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).ok()?;
    let groups = builder.metadata().row_groups();
    let bytes: i64 = groups.iter().map(|g| g.total_byte_size()).sum();
    let rows = builder.metadata().file_metadata().num_rows();
    if u64::try_from(bytes).ok()? > MOST_BYTES || usize::try_from(rows).ok()? > MOST_ROWS {
        return None;
    }
    let found = Arc::clone(builder.schema());
    let batches = builder
        .with_batch_size(MOST_ROWS)
        .build()
        .ok()?
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    let all = concat_batches(&found, &batches).ok()?;
    let columns = schema
        .fields()
        .iter()
        .map(|field| match all.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => Some(Arc::clone(column)),
            Some(_) => None,
            None => Some(new_null_array(field.data_type(), all.num_rows())),
        })
        .collect::<Option<Vec<ArrayRef>>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns).ok()
}
