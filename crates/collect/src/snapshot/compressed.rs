//! Which columns of a file are compressed.
//!
//! Readers and writers make a context of 160 KB for each column of a row group that is compressed, and a table of nested
//! columns has a hundred: for small columns that costs more time and memory than their bytes do.

use arrow::array::{Array as _, ArrayData, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

/// A file of one batch below this many bytes is not compressed.
const FILE_BYTES: usize = 256 << 10;

/// Nor is a column with less than this in the first batch.
const COLUMN_BYTES: usize = 16 << 10;

/// No column is compressed.
pub(super) fn none() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::UNCOMPRESSED)
}

/// How a file's columns are written, by its first batch; `full` is the number of rows that says that more may come.
pub(super) fn columns(
    first: &RecordBatch,
    full: usize,
) -> Result<WriterPropertiesBuilder, ParquetError> {
    let mut properties = none();
    if first.num_rows() < full && first.get_array_memory_size() < FILE_BYTES {
        return Ok(properties);
    }
    let mut sizes = Vec::new();
    for column in first.columns() {
        leaves(&column.to_data(), &mut sizes)?;
    }
    let schema = ArrowSchemaConverter::new().convert(&first.schema())?;
    for (leaf, bytes) in schema.columns().iter().zip(sizes) {
        if bytes >= COLUMN_BYTES {
            let zstd = Compression::ZSTD(ZstdLevel::default());
            properties = properties.set_column_compression(leaf.path().clone(), zstd);
        }
    }
    Ok(properties)
}

/// The bytes of the columns that Parquet makes of an array, in its order: depth first.
fn leaves(array: &ArrayData, sizes: &mut Vec<usize>) -> Result<(), ParquetError> {
    match array.data_type() {
        DataType::Struct(_) | DataType::List(_) | DataType::Map(..) => array
            .child_data()
            .iter()
            .try_for_each(|child| leaves(child, sizes)),
        _ => {
            sizes.push(array.get_slice_memory_size()?);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::array;
    use super::*;
    use arrow::array::ArrayRef;
    use palisade_core::schema::ColumnType;
    use parquet::schema::types::ColumnPath;
    use serde_json::{Value, json};

    fn batch(rows: usize) -> RecordBatch {
        let rule = ColumnType::Struct(vec![
            ("open".to_owned(), ColumnType::Bool),
            ("why".to_owned(), ColumnType::Text),
            ("port".to_owned(), ColumnType::Int),
        ]);
        let ty = ColumnType::List(Box::new(rule));
        let values: Vec<Value> = (0..rows)
            .map(|at| json!([{"open": true, "why": "x".repeat(100), "port": at}]))
            .collect();
        let rules = array::of(&ty, &values.iter().collect::<Vec<_>>());
        let text: Vec<Value> = (0..rows).map(|at| json!("y".repeat(64 + at % 2))).collect();
        let text = array::of(&ColumnType::Text, &text.iter().collect::<Vec<_>>());
        RecordBatch::try_from_iter([("rules", rules), ("text", text)] as [(&str, ArrayRef); 2])
            .unwrap()
    }

    fn compressed(batch: &RecordBatch) -> Vec<String> {
        let properties = columns(batch, 1_024).unwrap().build();
        let schema = ArrowSchemaConverter::new()
            .convert(&batch.schema())
            .unwrap();
        let paths = schema.columns().iter().map(|c| c.path());
        let zstd = |path: &&ColumnPath| properties.compression(path) != Compression::UNCOMPRESSED;
        paths.filter(zstd).map(ColumnPath::string).collect()
    }

    #[test]
    fn only_what_is_long_is_compressed() {
        let of_a_full_batch = compressed(&batch(1_024));
        assert_eq!(of_a_full_batch, ["rules.list.item.why", "text"]);
    }

    #[test]
    fn a_small_file_is_not() {
        assert!(compressed(&batch(100)).is_empty());
        assert!(compressed(&batch(0)).is_empty());
    }
}
