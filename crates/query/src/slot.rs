//! A table that can be planned against before its rows are there.

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use std::sync::{Arc, OnceLock};

/// A place in the catalogue: it has no rows until they are put in, once. Plans made before see them too, so controls
/// are planned a single time, to learn what to collect and to decide on what was collected.
#[derive(Debug)]
pub(crate) struct Slot {
    schema: SchemaRef,
    rows: OnceLock<Arc<dyn TableProvider>>,
}

impl Slot {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            rows: OnceLock::new(),
        }
    }

    /// Puts the rows in; `false` where there are some already.
    pub(crate) fn fill(&self, rows: Arc<dyn TableProvider>) -> bool {
        self.rows.set(rows).is_ok()
    }
}

#[async_trait]
impl TableProvider for Slot {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
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
        if let Some(rows) = self.rows.get() {
            return rows.scan(state, projection, filters, limit).await;
        }
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema(),
        };
        Ok(Arc::new(EmptyExec::new(schema)))
    }

    /// A filter is a hint to whoever reads a file; the plan filters again.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
