//! A table whose rows are worked out when it is first read, or before, when it is known that it will be.

use super::Work;
use super::bases::Bases;
use super::inputs::Shared;
use super::made::{Made, packed};
use crate::context::Limits;
use crate::error::QueryError;
use crate::session::Session as Own;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::expressions::{Column, cast};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use futures::future::{BoxFuture, FutureExt as _, Shared as Awaited};
use palisade_core::catalog::Derived;
use palisade_core::schema::TableSchema;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use tokio::runtime::Handle;

/// A derived table over a session's tables; clones share the rows.
#[derive(Clone)]
pub(crate) struct DerivedTable {
    inner: Arc<Inner>,
}

/// The rows, which several may wait for. Whoever gives up waiting does not end the work: others need it too.
type Rows =
    Awaited<BoxFuture<'static, std::result::Result<Vec<RecordBatch>, Arc<DataFusionError>>>>;

struct Inner {
    schema: Arc<TableSchema>,
    arrow: SchemaRef,
    bases: Arc<Bases>,
    work: Work,
    /// Let go of once the rows are there: what the last table needed goes with it.
    shared: Mutex<Arc<Shared>>,
    state: Weak<SessionState>,
    limits: Limits,
    rows: OnceLock<Rows>,
}

impl DerivedTable {
    pub(crate) fn new(
        session: &Own,
        derived: &Derived,
        schema: Arc<TableSchema>,
        work: Work,
        shared: &Arc<Shared>,
    ) -> Self {
        let known = session.schema_of(&derived.id).ok();
        Self {
            inner: Arc::new(Inner {
                arrow: known.unwrap_or_else(|| schema.arrow()),
                schema,
                bases: Arc::new(Bases::new(session, derived)),
                work,
                shared: Mutex::new(Arc::clone(shared)),
                state: Arc::downgrade(&session.state),
                limits: session.limits,
                rows: OnceLock::new(),
            }),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.inner.schema.table
    }

    /// Lets go of what engines share: nobody will read the table, as far as is known.
    pub(crate) fn forget(&self) {
        self.inner.take_shared();
    }

    /// Begins the work, unless it was, on a thread of its own.
    pub(crate) fn rows(&self, handle: &Handle) -> Rows {
        let begin = || {
            let (inner, threads) = (Arc::clone(&self.inner), self.threads(handle));
            let task = handle.spawn_blocking(move || inner.make(threads?));
            let made = task.map(|made| match made {
                Ok(made) => made.map_err(Arc::new),
                Err(_) => Err(Arc::new(DataFusionError::Execution(
                    "the engine stopped before the end".to_owned(),
                ))),
            });
            made.boxed().shared()
        };
        self.inner.rows.get_or_init(begin).clone()
    }

    fn threads(&self, handle: &Handle) -> Result<Threads> {
        let shut = || DataFusionError::Execution("the session was shut down".to_owned());
        Ok(Threads {
            state: self.inner.state.upgrade().ok_or_else(shut)?,
            limits: self.inner.limits,
            handle: handle.clone(),
        })
    }
}

impl Inner {
    fn take_shared(&self) -> Arc<Shared> {
        std::mem::take(&mut *self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn make(&self, threads: Threads) -> Result<Vec<RecordBatch>> {
        let external = |e: QueryError| DataFusionError::External(Box::new(e));
        let inputs = self.bases.open(threads, self.take_shared());
        let inputs = inputs.map_err(external)?;
        let failed = |why: String| {
            external(QueryError::Engine(format!(
                "`{}` could not be worked out: {why}",
                self.schema.table
            )))
        };
        let mut made = Made::new(Arc::clone(&self.schema));
        let worked = (self.work)(&inputs, &mut made);
        // What could not be read comes first: the engine saw less than there is.
        inputs.done().map_err(external)?;
        worked.map_err(failed)?;
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
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.rows(&Handle::current()).await;
        let rows = rows.map_err(DataFusionError::Shared)?;
        let packed = packed(&self.inner.schema);
        let kept = MemorySourceConfig::try_new_exec(&[rows], packed, projection.cloned())?;
        unpacked(kept, &self.schema())
    }
}

/// The columns as they are declared, batch by batch.
fn unpacked(kept: Arc<dyn ExecutionPlan>, plain: &SchemaRef) -> Result<Arc<dyn ExecutionPlan>> {
    let packed = kept.schema();
    let columns = packed.fields().iter().enumerate().map(|(at, field)| {
        let (name, wanted) = (field.name(), plain.field_with_name(field.name())?);
        let column = Arc::new(Column::new(name, at));
        let column = cast(column, &packed, wanted.data_type().clone())?;
        Ok::<_, DataFusionError>((column, name.clone()))
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, kept)?))
}

impl fmt::Debug for DerivedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedTable")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
