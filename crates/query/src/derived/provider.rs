//! A table whose rows are worked out when it is first read.

use super::Work;
use super::inputs::{Bases, Shared};
use super::made::Made;
use crate::error::QueryError;
use crate::session::Session as Own;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use palisade_core::catalog::Derived;
use palisade_core::schema::TableSchema;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A derived table over a session's tables; clones share the rows.
#[derive(Clone)]
pub(crate) struct DerivedTable {
    inner: Arc<Inner>,
}

struct Inner {
    schema: Arc<TableSchema>,
    arrow: SchemaRef,
    bases: Bases,
    work: Work,
    /// Let go of once the rows are there: what the last table needed goes with it.
    shared: Mutex<Arc<Shared>>,
    rows: OnceCell<RecordBatch>,
}

impl DerivedTable {
    pub(crate) fn new(
        session: &Own,
        derived: &Derived,
        schema: Arc<TableSchema>,
        work: Work,
        shared: &Arc<Shared>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                arrow: schema.arrow(),
                schema,
                bases: Bases::new(session, derived),
                work,
                shared: Mutex::new(Arc::clone(shared)),
                rows: OnceCell::new(),
            }),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.inner.schema.table
    }
}

impl Inner {
    async fn rows(&self, state: &dyn Session) -> Result<RecordBatch> {
        let shared =
            std::mem::take(&mut *self.shared.lock().unwrap_or_else(PoisonError::into_inner));
        let inputs = self.bases.read(state, shared).await?;
        let failed = |why: String| {
            DataFusionError::External(Box::new(QueryError::Engine(format!(
                "`{}` could not be worked out: {why}",
                self.schema.table
            ))))
        };
        let mut made = Made::new(Arc::clone(&self.schema));
        (self.work)(&inputs, &mut made).map_err(failed)?;
        made.whole().map_err(|e| failed(e.to_string()))
    }
}

#[async_trait]
impl TableProvider for DerivedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.inner.arrow)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let made = || self.inner.rows(state);
        let rows = self.inner.rows.get_or_try_init(made).await?.clone();
        let plan =
            MemorySourceConfig::try_new_exec(&[vec![rows]], self.schema(), projection.cloned())?;
        Ok(plan)
    }
}

impl fmt::Debug for DerivedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedTable")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
