//! The rows that an engine makes, kept as columns: as objects a million of them would take gigabytes.

use crate::plan::ORDER;
use arrow::array::{AsArray as _, DictionaryArray, RecordBatch, StringArray};
use arrow::compute::{cast, interleave_record_batch};
use arrow::datatypes::{DataType, Fields, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use palisade_core::schema::{ColumnType, TableSchema};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Rows that are turned into columns together: as objects they take ten times the memory.
const TOGETHER: usize = 512;

/// Rows of a batch that is kept.
const KEPT: usize = 8_192;

/// The rows so far. What is wrong with one is told at the end.
#[derive(Debug)]
pub(crate) struct Made {
    schema: Arc<TableSchema>,
    packed: SchemaRef,
    waiting: Vec<Value>,
    batches: Vec<RecordBatch>,
    wrong: Option<ArrowError>,
}

impl Made {
    pub(crate) fn new(schema: Arc<TableSchema>) -> Self {
        Self {
            packed: packed(&schema),
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
        let batch = batch(&self.schema, &self.waiting);
        match batch.and_then(|batch| cast_to(&batch, &self.packed)) {
            Ok(batch) => self.batches.push(batch),
            Err(wrong) => {
                self.wrong.get_or_insert(wrong);
            }
        }
        self.waiting.clear();
    }

    /// All rows, [`packed`], in the order of account, region and resource, whatever order the engine gave them in.
    pub(crate) fn whole(mut self) -> Result<Vec<RecordBatch>, ArrowError> {
        if !self.waiting.is_empty() {
            self.turn();
        }
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let plain = self.schema.arrow();
        let order = order(&batches);
        let kept = order.chunks(KEPT).map(|rows| {
            let rows = interleave_record_batch(&batches, rows)?;
            // There and back, so that a text stands in a batch once, wherever it came from.
            cast_to(&cast_to(&rows, &plain)?, &self.packed)
        });
        kept.collect()
    }
}

impl Extend<Map<String, Value>> for Made {
    fn extend<T: IntoIterator<Item = Map<String, Value>>>(&mut self, rows: T) {
        for row in rows {
            self.push(row);
        }
    }
}

/// The columns as they are kept: of texts, a number for each row and every text once. Access is told for each pair of a
/// resource and a principal, so rows repeat the texts of both.
pub(crate) fn packed(schema: &TableSchema) -> SchemaRef {
    let plain = schema.arrow();
    let fields = plain.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 if is_text(schema, field.name()) => {
            let ty = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(ty))
        }
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Fields>()))
}

/// Not so documents, which seldom repeat.
fn is_text(schema: &TableSchema, column: &str) -> bool {
    let column = schema.column(column);
    column.is_none_or(|column| column.ty == ColumnType::Text)
}

fn cast_to(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type()));
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)
}

/// A packed column, and its texts.
type Texts<'b> = (&'b DictionaryArray<Int32Type>, &'b StringArray);

fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Option<Texts<'b>> {
    let column = batch.column_by_name(name)?.as_dictionary_opt()?;
    Some((column, column.values().as_string_opt()?))
}

/// The rows in order, each as its batch and its place there.
fn order(batches: &[&RecordBatch]) -> Vec<(usize, usize)> {
    let columns: Vec<Vec<Texts<'_>>> = batches
        .iter()
        .map(|batch| ORDER.iter().filter_map(|name| texts(batch, name)).collect())
        .collect();
    let key = |(batch, row): (usize, usize)| {
        let columns = columns.get(batch).into_iter().flatten();
        columns.map(move |(column, texts)| Some(texts.value(column.key(row)?)))
    };
    let batches = batches.iter().enumerate();
    let mut rows: Vec<(usize, usize)> = batches
        .flat_map(|(at, batch)| (0..batch.num_rows()).map(move |row| (at, row)))
        .collect();
    rows.sort_by(|a, b| key(*a).cmp(key(*b)));
    rows
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
        const TURNS: usize = 10;
        let schema = Arc::clone(&schemas()["aws_sqs_queue"]);
        let mut made = Made::new(Arc::clone(&schema));
        let row = |account: &str, arn: String, url: usize| match json!({
            "account_id": account, "region": "eu-west-1", "arn": arn, "queue_url": url.to_string(),
        }) {
            Value::Object(row) => row,
            _ => Map::new(),
        };
        // More than are turned together, and than are kept together, backwards; two of each resource.
        for at in (0..TURNS * TOGETHER).rev() {
            for url in [2 * at, 2 * at + 1] {
                made.push(row("2", format!("a{at:05}"), url));
            }
        }
        made.push(row("1", "z".to_owned(), 7));
        let all = made.whole().unwrap();
        let rows: Vec<usize> = all.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(rows, [KEPT, 2 * TURNS * TOGETHER + 1 - KEPT]);
        let urls = |batch: &RecordBatch| {
            let plain = cast_to(batch, &schema.arrow()).unwrap();
            let urls = plain
                .column_by_name("queue_url")
                .unwrap()
                .as_string::<i32>();
            urls.iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        let found: Vec<String> = all.iter().flat_map(urls).collect();
        let mut expected = vec!["7".to_owned()];
        expected.extend((0..2 * TURNS * TOGETHER).map(|url| url.to_string()));
        assert_eq!(found, expected);
        // What all rows say stands once in each batch.
        let regions = all[0].column_by_name("region").unwrap();
        assert_eq!(regions.as_any_dictionary().values().len(), 1);
        let mut wrong = Made::new(schema);
        wrong.extend([row("1", "z".to_owned(), 7)]);
        let mut bad = row("1", "z".to_owned(), 7);
        bad.insert("encrypted".to_owned(), json!("perhaps"));
        wrong.push(bad);
        assert!(wrong.whole().is_err());
    }
}
