//! A table that can be planned against before its rows are there.

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use std::sync::{Arc, Mutex, PoisonError};

/// A place in the catalogue: it has no rows until they are put in. Plans made before see them too, so controls are planned a
/// single time, to learn what to collect and to decide on what was collected; and a control's tests share its plan.
#[derive(Debug)]
pub(crate) struct Slot {
    schema: SchemaRef,
    rows: Mutex<Option<Arc<dyn TableProvider>>>,
}

impl Slot {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            rows: Mutex::new(None),
        }
    }

    /// Puts the rows in; `false` where there are some already.
    pub(crate) fn fill(&self, rows: Arc<dyn TableProvider>) -> bool {
        let mut slot = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = slot.is_none();
        if is_free {
            *slot = Some(rows);
        }
        is_free
    }

    /// Takes the rows out again.
    pub(crate) fn clear(&self) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn rows(&self) -> Option<Arc<dyn TableProvider>> {
        let slot = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().map(Arc::clone)
    }
}

/// What a table tells of itself that is known to have no rows.
pub(crate) fn no_rows(schema: &SchemaRef) -> Statistics {
    Statistics::new_unknown(schema).with_num_rows(Precision::Exact(0))
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
        if let Some(rows) = self.rows() {
            return rows.scan(state, projection, filters, limit).await;
        }
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema(),
        };
        Ok(Arc::new(EmptyExec::new(schema)))
    }

    fn statistics(&self) -> Option<Statistics> {
        match self.rows() {
            Some(rows) => rows.statistics(),
            None => Some(no_rows(&self.schema)),
        }
    }

    /// A filter is a hint to whoever reads a file; the plan filters again.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
