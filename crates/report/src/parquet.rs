//! Parquet: one row a finding, flat columns, for whoever joins findings with other tables.

use crate::Report;
use crate::lookup::Lookup;
use arrow::array::{ArrayRef, RecordBatch, StringBuilder, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Accepted, Catalog, Finding};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// The text columns, in order; `taken_at` follows, and then [`LATER`].
const TEXT: [&str; 14] = [
    "id",
    "control",
    "title",
    "severity",
    "verdict",
    "resource",
    "name",
    "kind",
    "account_id",
    "region",
    "reason",
    "owner",
    "values",
    "calls",
];

/// Text columns that came later: they stand at the end.
const LATER: [&str; 2] = ["exception_reason", "exception_expires"];

/// Rows kept before they are encoded.
const BATCH: usize = 4096;
/// Rows of a row group: what is encoded is kept until the group is full.
const GROUP: usize = 65_536;

/// Writes Parquet.
pub(crate) struct Parquet<'a> {
    out: Option<Box<dyn Write + Send + 'a>>,
    writer: Option<ArrowWriter<Box<dyn Write + Send + 'a>>>,
    lookup: Lookup<'a>,
    schema: SchemaRef,
    columns: [StringBuilder; TEXT.len() + LATER.len()],
    rows: usize,
    taken_at: i64,
}

impl fmt::Debug for Parquet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parquet")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

fn schema() -> SchemaRef {
    let text = |name: &&str| Field::new(*name, DataType::Utf8, false);
    let mut fields: Vec<Field> = TEXT.iter().map(text).collect();
    fields.push(Field::new(
        "taken_at",
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        false,
    ));
    fields.extend(LATER.iter().map(text));
    Arc::new(Schema::new(fields))
}

impl<'a> Parquet<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out: Some(out),
            writer: None,
            lookup: Lookup::new(catalog),
            schema: schema(),
            columns: std::array::from_fn(|_| StringBuilder::new()),
            rows: 0,
            taken_at: 0,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut columns: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|c| Arc::new(c.finish()) as ArrayRef)
            .collect();
        let moments = TimestampMicrosecondArray::from_value(self.taken_at, self.rows);
        columns.insert(TEXT.len(), Arc::new(moments.with_timezone("UTC")));
        self.rows = 0;
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(io::Error::other)?;
        let writer = self.writer.as_mut().ok_or_else(crate::not_begun)?;
        writer.write(&batch).map_err(io::Error::other)
    }
}

impl Report for Parquet<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.taken_at = header.taken_at.as_microsecond();
        let properties = WriterProperties::builder()
            .set_created_by(format!("palisade {}", header.palisade))
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let out = self.out.take().ok_or_else(crate::not_begun)?;
        let writer = ArrowWriter::try_new(out, Arc::clone(&self.schema), Some(properties))
            .map_err(io::Error::other)?;
        self.writer = Some(writer);
        Ok(())
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.flush()?;
        let writer = self.writer.take().ok_or_else(crate::not_begun)?;
        let mut out = writer.into_inner().map_err(io::Error::other)?;
        out.flush()
    }
}

impl FindingSink for Parquet<'_> {
    fn reads_grounds(&self) -> bool {
        true
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let at = &finding.resource;
        let accepted = finding.verdict.accepted();
        let (id, reason) = (finding.id(), finding.reason());
        let cells = [
            id.as_str(),
            &finding.control,
            self.lookup.title(&finding.control),
            finding.severity.as_str(),
            finding.verdict.state().as_str(),
            &at.arn,
            &at.name,
            &at.kind,
            &at.account_id,
            &at.region,
            &*reason,
            accepted.map_or("", |a| &a.owner),
            &serde_json::to_string(&finding.values())?,
            &serde_json::to_string(finding.verdict.calls())?,
            accepted.map_or("", |a| &a.reason),
            &accepted.map(Accepted::until).unwrap_or_default(),
        ];
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.append_value(cell);
        }
        self.rows += 1;
        if self.rows >= BATCH {
            self.flush()?;
        }
        Ok(())
    }
}
