//! The rows that an engine makes, kept as columns: as objects a million of them would take gigabytes.

use crate::plan::ORDER;
use arrow::array::{Array as _, AsArray as _, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::error::ArrowError;
use palisade_core::schema::TableSchema;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Rows that are turned into columns together.
const TOGETHER: usize = 4096;

/// The rows so far. What is wrong with one is told at the end.
#[derive(Debug)]
pub(crate) struct Made {
    schema: Arc<TableSchema>,
    waiting: Vec<Value>,
    batches: Vec<RecordBatch>,
    wrong: Option<ArrowError>,
}

impl Made {
    pub(crate) const fn new(schema: Arc<TableSchema>) -> Self {
        Self {
            schema,
            waiting: Vec::new(),
            batches: Vec::new(),
            wrong: None,
        }
    }

    /// Adds a row: what it does not say is null.
    pub(crate) fn push(&mut self, row: Map<String, Value>) {
        self.waiting.push(Value::Object(row));
        if self.waiting.len() >= TOGETHER {
            self.turn();
        }
    }

    fn turn(&mut self) {
        match batch(&self.schema, &self.waiting) {
            Ok(batch) => self.batches.push(batch),
            Err(wrong) => {
                self.wrong.get_or_insert(wrong);
            }
        }
        self.waiting.clear();
    }

    /// All rows, in the order of account, region and resource, whatever order the engine gave them in.
    pub(crate) fn whole(mut self) -> Result<RecordBatch, ArrowError> {
        if !self.waiting.is_empty() {
            self.turn();
        }
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let all = concat_batches(&self.schema.arrow(), &self.batches)?;
        drop(self.batches);
        sorted(all)
    }
}

impl Extend<Map<String, Value>> for Made {
    fn extend<T: IntoIterator<Item = Map<String, Value>>>(&mut self, rows: T) {
        for row in rows {
            self.push(row);
        }
    }
}

fn sorted(all: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<&StringArray> = ORDER
        .iter()
        .filter_map(|name| all.column_by_name(name)?.as_string_opt())
        .collect();
    let key = |row: usize| {
        let columns = columns.iter();
        columns.map(move |column| column.is_valid(row).then(|| column.value(row)))
    };
    let rows = all.num_rows();
    if (1..rows).all(|row| key(row - 1).le(key(row))) {
        return Ok(all);
    }
    let Ok(rows) = u32::try_from(rows) else {
        return Err(ArrowError::ComputeError(format!(
            "{rows} rows are too many to sort"
        )));
    };
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by(|a, b| key(*a as usize).cmp(key(*b as usize)));
    take_record_batch(&all, &UInt32Array::from(order))
}

/// JSON objects as a batch of a table.
pub(crate) fn batch(schema: &TableSchema, rows: &[Value]) -> Result<RecordBatch, ArrowError> {
    let arrow = schema.arrow();
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::clone(&arrow))
        .with_batch_size(rows.len().max(1))
        .build_decoder()?;
    decoder.serialize(rows)?;
    Ok(decoder
        .flush()?
        .unwrap_or_else(|| RecordBatch::new_empty(arrow)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derived::tests::support::schemas;
    use serde_json::json;

    #[test]
    fn rows_come_in_order_and_alike_ones_as_they_were_made() {
        let schema = Arc::clone(&schemas()["aws_sqs_queue"]);
        let mut made = Made::new(Arc::clone(&schema));
        let row = |account: &str, arn: String, url: usize| match json!({
            "account_id": account, "region": "eu-west-1", "arn": arn, "queue_url": url.to_string(),
        }) {
            Value::Object(row) => row,
            _ => Map::new(),
        };
        // More than are turned together, backwards; two of each resource.
        for at in (0..TOGETHER).rev() {
            for url in [2 * at, 2 * at + 1] {
                made.push(row("2", format!("a{at:05}"), url));
            }
        }
        made.push(row("1", "z".to_owned(), 7));
        let all = made.whole().unwrap();
        let urls = all.column_by_name("queue_url").unwrap().as_string::<i32>();
        let found: Vec<&str> = urls.iter().flatten().collect();
        let mut expected = vec!["7".to_owned()];
        expected.extend((0..2 * TOGETHER).map(|url| url.to_string()));
        assert_eq!(found, expected);
        let mut wrong = Made::new(schema);
        wrong.extend([row("1", "z".to_owned(), 7)]);
        let mut bad = row("1", "z".to_owned(), 7);
        bad.insert("encrypted".to_owned(), json!("perhaps"));
        wrong.push(bad);
        assert!(wrong.whole().is_err());
    }
}
