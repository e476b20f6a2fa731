//! A Parquet file of the snapshot as a table, proved when it is first read.

use crate::error::QueryError;
use crate::slot::no_rows;
use crate::small;
use crate::snapshot::prove;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::datasource::TableType;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use palisade_core::snapshot::FileEntry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file with the hash that it must have.
#[derive(Debug)]
pub(crate) struct ParquetTable {
    path: PathBuf,
    entry: FileEntry,
    proved: OnceLock<Option<String>>,
    /// The rows, if they are few.
    small: OnceLock<Option<RecordBatch>>,
    inner: ListingTable,
}

impl ParquetTable {
    /// The file as a table of `schema`: columns that it lacks are null.
    pub(crate) fn new(
        path: &Path,
        entry: FileEntry,
        schema: SchemaRef,
    ) -> std::result::Result<Self, QueryError> {
        let engine = |e: DataFusionError| QueryError::Engine(e.to_string());
        let absolute = std::path::absolute(path)?;
        let url = url(&absolute).map_err(engine)?;
        let options =
            ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let inner = ListingTable::try_new(
            ListingTableConfig::new(url)
                .with_listing_options(options)
                .with_schema(schema),
        )
        .map_err(engine)?;
        Ok(Self {
            path: path.to_owned(),
            entry,
            proved: OnceLock::new(),
            small: OnceLock::new(),
            inner,
        })
    }

    fn prove(&self) -> Result<()> {
        let damage = self
            .proved
            .get_or_init(|| match prove(&self.path, &self.entry) {
                Ok(()) => None,
                Err(QueryError::Damaged { reason, .. }) => Some(reason),
                Err(e) => Some(e.to_string()),
            });
        match damage {
            None => Ok(()),
            Some(reason) => Err(DataFusionError::External(Box::new(QueryError::Damaged {
                path: self.path.clone(),
                reason: reason.clone(),
            }))),
        }
    }
}

/// The path as the engine wants it; globs in it are taken literally.
fn url(path: &Path) -> Result<ListingTableUrl> {
    let mut encoded = String::from("file://");
    for c in path.to_string_lossy().chars() {
        match c {
            '*' | '?' | '[' | ']' | '%' | '#' | ' ' => {
                encoded.push('%');
                let _ = std::fmt::Write::write_fmt(&mut encoded, format_args!("{:02X}", c as u32));
            }
            c => encoded.push(c),
        }
    }
    ListingTableUrl::parse(encoded)
}

#[async_trait]
impl TableProvider for ParquetTable {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.prove()?;
        let read = || match self.entry.rows {
            0 => Some(RecordBatch::new_empty(self.inner.schema())),
            _ => small::read(&self.path, &self.inner.schema()),
        };
        if let Some(rows) = self.small.get_or_init(read) {
            let partitions = [vec![rows.clone()]];
            return Ok(MemorySourceConfig::try_new_exec(
                &partitions,
                self.inner.schema(),
                projection.cloned(),
            )?);
        }
        self.inner.scan(state, projection, filters, limit).await
    }

    /// Only of a file that has no rows, and is proved: whatever else is known of a file, the engine makes no use of.
    fn statistics(&self) -> Option<Statistics> {
        (self.entry.rows == 0 && self.prove().is_ok()).then(|| no_rows(&self.inner.schema()))
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        self.inner.supports_filters_pushdown(filters)
    }
}
