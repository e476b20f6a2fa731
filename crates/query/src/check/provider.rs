//! A table whose rows are swapped from test to test; plans made once stay good.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Given {
    schema: SchemaRef,
    rows: Mutex<Option<RecordBatch>>,
}

impl Given {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            rows: Mutex::new(None),
        }
    }

    pub(super) fn set(&self, rows: Option<RecordBatch>) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = rows;
    }
}

#[async_trait]
impl TableProvider for Given {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows: Vec<RecordBatch> = self
            .rows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect();
        let plan = MemorySourceConfig::try_new_exec(&[rows], self.schema(), projection.cloned())?;
        Ok(plan)
    }
}
