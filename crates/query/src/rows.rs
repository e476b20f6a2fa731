//! `Session::write`: the rows of one query as a table, as JSON or as CSV.

use crate::context;
use crate::error::QueryError;
use crate::session::Session;
use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::array_value_to_string;
use arrow::util::pretty::pretty_format_batches;
use datafusion::logical_expr::LogicalPlan;
use palisade_core::schema::CALLS;
use serde_json::Value;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rows {
    /// Aligned columns, for people.
    #[default]
    Table,
    /// One JSON array of objects.
    Json,
    /// RFC 4180, with a header.
    Csv,
}

impl FromStr for Rows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            other => Err(format!(
                "rows can't be written as `{other}`: use `table`, `json` or `csv`"
            )),
        }
    }
}

/// Rows that one aligned table shows; a larger answer is shown in several, so that memory stays flat.
const ROWS_OF_A_TABLE: usize = 1000;

impl Session {
    /// Runs one query and writes its rows as they come; `width` is the longest line of a table, 0 for no bound.
    ///
    /// # Errors
    /// When the SQL is not a single query, does not plan or fails, or the output can't be written.
    pub fn write(
        &self,
        sql: &str,
        form: Rows,
        output: &mut dyn Write,
        width: usize,
    ) -> Result<(), QueryError> {
        let plan = self.plan(sql)?;
        let physical = self.physical(plan)?;
        // What is written of an answer without rows.
        let empty = RecordBatch::new_empty(physical.schema());
        let stream = self.stream(physical)?;
        match form {
            Rows::Table => tables(stream, &empty, output, width),
            Rows::Json => json(stream, output),
            Rows::Csv => csv(stream, &empty, output),
        }
    }

    /// The rows of a query as JSON objects: for small answers.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn rows(&self, sql: &str) -> Result<Vec<Value>, QueryError> {
        let mut text = Vec::new();
        self.write(sql, Rows::Json, &mut text, 0)?;
        serde_json::from_slice(&text).map_err(|e| QueryError::Engine(e.to_string()))
    }

    /// Plans one query without running it.
    pub(crate) fn plan(&self, sql: &str) -> Result<LogicalPlan, QueryError> {
        let state = Arc::clone(&self.state);
        let tables = self.table_names();
        let sql = sql.trim().trim_end_matches(';').to_owned();
        self.wait(async move {
            let plan = context::plan(&state, &sql, &tables).await?;
            state
                .optimize(&plan)
                .map_err(|e| QueryError::sql(&e, &tables))
        })?
    }
}

type Stream = crate::batches::Batches<RecordBatch>;

fn tables(
    stream: Stream,
    empty: &RecordBatch,
    output: &mut dyn Write,
    width: usize,
) -> Result<(), QueryError> {
    let mut held = Vec::new();
    let mut count = 0;
    let mut any = false;
    for batch in stream {
        let batch = batch?;
        count += batch.num_rows();
        held.push(shown(&batch, width)?);
        if count >= ROWS_OF_A_TABLE {
            pretty(&held, output)?;
            any = true;
            held.clear();
            count = 0;
        }
    }
    if !any || count > 0 {
        if held.is_empty() {
            held.push(shown(empty, width)?);
        }
        pretty(&held, output)?;
    }
    Ok(())
}

fn pretty(batches: &[RecordBatch], output: &mut dyn Write) -> Result<(), QueryError> {
    let text = pretty_format_batches(batches).map_err(engine)?;
    writeln!(output, "{text}")?;
    Ok(())
}

/// The batch as texts: the hidden column left out, long values cut to a fair share of the width.
fn shown(batch: &RecordBatch, width: usize) -> Result<RecordBatch, QueryError> {
    let schema = batch.schema();
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|i| schema.field(*i).name() != CALLS)
        .collect();
    let longest = match width {
        0 => usize::MAX,
        // A value may take what a fair share leaves; no fewer than a short ARN needs.
        width => (width / kept.len().max(1)).clamp(24, 120),
    };
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for i in kept {
        let column = batch.column(i);
        let texts: StringArray = (0..column.len())
            .map(|row| {
                if column.is_null(row) {
                    return None;
                }
                let text = array_value_to_string(column, row).unwrap_or_default();
                Some(plain(&text, longest))
            })
            .collect();
        fields.push(Field::new(schema.field(i).name(), DataType::Utf8, true));
        columns.push(Arc::new(texts));
    }
    let schema = Arc::new(Schema::new(fields));
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(engine)
}

/// Without control characters (a name could carry those that a terminal obeys), and cut.
fn plain(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        if n + 1 >= longest {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

fn json(stream: Stream, output: &mut dyn Write) -> Result<(), QueryError> {
    let mut writer = arrow::json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow::json::writer::JsonArray>(&mut *output);
    for batch in stream {
        writer.write(&visible(&batch?)?).map_err(written)?;
    }
    writer.finish().map_err(written)?;
    drop(writer);
    writeln!(output)?;
    Ok(())
}

fn csv(stream: Stream, empty: &RecordBatch, output: &mut dyn Write) -> Result<(), QueryError> {
    let mut header = true;
    for batch in stream {
        lines(&batch?, header, output)?;
        header = false;
    }
    if header {
        lines(empty, header, output)?;
    }
    Ok(())
}

fn lines(batch: &RecordBatch, header: bool, output: &mut dyn Write) -> Result<(), QueryError> {
    let batch = flat(&visible(batch)?)?;
    let mut writer = arrow::csv::WriterBuilder::new()
        .with_header(header)
        .build(&mut *output);
    writer.write(&batch).map_err(written)
}

/// Without the hidden column.
fn visible(batch: &RecordBatch) -> Result<RecordBatch, QueryError> {
    let schema: SchemaRef = batch.schema();
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|i| schema.field(*i).name() != CALLS)
        .collect();
    batch.project(&kept).map_err(engine)
}

/// Lists and objects as JSON text: CSV has neither.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, QueryError> {
    let schema = batch.schema();
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if column.data_type().is_nested() {
            let texts: StringArray = (0..column.len())
                .map(|row| {
                    (!column.is_null(row)).then(|| crate::run::whole(column, row).to_string())
                })
                .collect();
            fields.push(Field::new(field.name(), DataType::Utf8, true));
            columns.push(Arc::new(texts));
        } else {
            fields.push(field.as_ref().clone());
            columns.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(engine)
}

fn engine(e: arrow::error::ArrowError) -> QueryError {
    QueryError::Engine(e.to_string())
}

fn written(e: arrow::error::ArrowError) -> QueryError {
    match e {
        arrow::error::ArrowError::IoError(_, e) => QueryError::Io(e),
        e => QueryError::Io(io::Error::other(e.to_string())),
    }
}
