//! The SQL session over one snapshot.

use crate::batches::Batches;
use crate::context::{self, Limits};
use crate::derived::{self, DerivedTable};
use crate::error::QueryError;
use crate::lacking::{collected, lacking};
use crate::plan::ORDER;
use crate::provider::ParquetTable;
use crate::run::ledger::{Ledger, Summed};
use crate::slot::Slot;
use crate::snapshot::Snapshot;
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::compute::SortOptions;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::stats::Precision;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_expr::expressions::col as physical_col;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::prelude::SessionContext;
use palisade_core::catalog::Catalog;
use palisade_core::schema::{CALLS, Schemas, ledger_schema};
use palisade_core::snapshot::AccountScope;
use palisade_network::{Network, Warning};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Stack of the threads that plan and evaluate, in bytes: plans of nested expressions recurse deeply, above all in
/// builds that are not optimised. Only what is used takes memory.
pub(crate) const STACK: usize = 128 << 20;

/// Runs a function on a thread with room for deep plans.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, QueryError> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("palisade-plan".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work)?
            .join()
            .map_err(|_| QueryError::Engine("the planner stopped".to_owned()))
    })
}

/// Runs two functions at the same time, each as [`deep`] does.
pub(crate) fn both<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> Result<(A, B), QueryError> {
    std::thread::scope(|scope| {
        let second = scope.spawn(|| deep(second));
        let first = deep(first)?;
        let second = second
            .join()
            .map_err(|_| QueryError::Engine("the planner stopped".to_owned()))??;
        Ok((first, second))
    })
}

/// A snapshot's tables, ready for SQL. Its methods block; they may be called from anywhere.
pub struct Session {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) schemas: Schemas,
    pub(crate) context: SessionContext,
    /// The context's state at the beginning: copying it anew costs more than most plans. Tables are looked up
    /// through it, so it sees those that are registered later.
    pub(crate) state: Arc<SessionState>,
    pub(crate) limits: Limits,
    pub(crate) now: jiff::Timestamp,
    pub(crate) accounts: Vec<AccountScope>,
    /// The tables that were collected, with the fills that were planned.
    pub(crate) collected: BTreeMap<String, BTreeSet<String>>,
    /// Columns that files lack, by table.
    lacking: BTreeMap<String, Vec<String>>,
    pub(crate) providers: BTreeMap<String, Arc<dyn TableProvider>>,
    slots: BTreeMap<String, Arc<Slot>>,
    /// The tables that engines work out.
    pub(crate) derived: Vec<DerivedTable>,
    /// The ledger, to be read when it is asked for.
    pub(crate) ledger: Arc<Summed>,
    runtime: Option<Runtime>,
}

impl Session {
    /// Registers every table of the catalogue: what was collected from its file, the others empty; the ledger as
    /// `_calls`; and the derived tables, which are worked out when they are first read.
    ///
    /// # Errors
    /// When the engine can't be set up.
    pub fn open(
        snapshot: &Snapshot,
        catalog: &Catalog,
        schemas: &Schemas,
    ) -> Result<Self, QueryError> {
        Self::with_limits(snapshot, catalog, schemas, Limits::default())
    }

    /// The same, with bounds of one's own.
    ///
    /// # Errors
    /// When the engine can't be set up.
    pub fn with_limits(
        snapshot: &Snapshot,
        catalog: &Catalog,
        schemas: &Schemas,
        limits: Limits,
    ) -> Result<Self, QueryError> {
        let now = snapshot.manifest().taken_at;
        let mut session = Self::empty(catalog, schemas, now, limits)?;
        session.read(snapshot)?;
        Ok(session)
    }

    /// Gives the tables the rows of a snapshot; plans made before see them.
    pub(crate) fn read(&mut self, snapshot: &Snapshot) -> Result<(), QueryError> {
        let manifest = snapshot.manifest();
        self.accounts.clone_from(&manifest.accounts);
        for (table, entry) in &manifest.tables {
            let Some(schema) = self.schemas.get(table) else {
                continue;
            };
            let path = snapshot.table_path(table);
            let rows = ParquetTable::new(&path, entry.clone(), self.schema_of(table)?)?;
            self.fill(table, Arc::new(rows))?;
            let lacking = lacking(&path, entry, schema);
            let fills = entry.fills.iter().cloned().collect();
            if let Some(fills) = collected(schema, &lacking, fills) {
                self.collected.insert(table.clone(), fills);
            }
            if !lacking.is_empty() {
                self.lacking.insert(table.clone(), lacking);
            }
        }
        let path = snapshot.ledger_path();
        let ledger = ParquetTable::new(&path, manifest.ledger.clone(), self.schema_of(CALLS)?)?;
        self.fill(CALLS, Arc::new(ledger))?;
        self.derived = derived::tables(self);
        for table in &self.derived {
            self.fill(table.name(), Arc::new(table.clone()))?;
        }
        Ok(())
    }

    /// All tables, with no rows: for planning.
    pub(crate) fn empty(
        catalog: &Catalog,
        schemas: &Schemas,
        now: jiff::Timestamp,
        limits: Limits,
    ) -> Result<Self, QueryError> {
        let context = context::context(now.as_microsecond(), &limits)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            // A plan that never ends keeps its thread, stopped or not: others need one beside it.
            .worker_threads(limits.threads.max(2))
            .thread_name("palisade-sql")
            .thread_stack_size(STACK)
            .enable_time()
            .build()?;
        let mut all = schemas.clone();
        all.extend(derived::schemas(catalog));
        let tables = Arc::new(tables_of(catalog));
        let calls = Arc::new(Slot::new(ledger_schema()));
        let lines = Arc::<Slot>::clone(&calls);
        let mut session = Self {
            catalog: Arc::clone(&tables),
            schemas: all,
            state: Arc::new(context.state()),
            context,
            limits,
            now,
            accounts: Vec::new(),
            collected: BTreeMap::new(),
            lacking: BTreeMap::new(),
            providers: BTreeMap::new(),
            slots: BTreeMap::new(),
            derived: Vec::new(),
            ledger: Arc::new(Summed::new(&tables, lines)),
            runtime: Some(runtime),
        };
        let slots = session.schemas.iter();
        let slots = slots.map(|(n, s)| (n.clone(), Arc::new(Slot::new(s.arrow()))));
        for (name, slot) in slots.collect::<Vec<_>>() {
            session.register(name, slot)?;
        }
        session.register(CALLS.to_owned(), calls)?;
        Ok(session)
    }

    fn register(&mut self, name: String, slot: Arc<Slot>) -> Result<(), QueryError> {
        let provider: Arc<dyn TableProvider> = Arc::<Slot>::clone(&slot);
        self.context
            .register_table(&name, Arc::clone(&provider))
            .map_err(|e| QueryError::Engine(e.to_string()))?;
        self.providers.insert(name.clone(), provider);
        self.slots.insert(name, slot);
        Ok(())
    }

    /// Gives a table its rows.
    pub(crate) fn fill(&self, name: &str, rows: Arc<dyn TableProvider>) -> Result<(), QueryError> {
        match self.slots.get(name) {
            Some(slot) if slot.fill(rows) => Ok(()),
            Some(_) => Err(QueryError::Engine(format!("`{name}` has its rows already"))),
            None => Err(QueryError::Engine(format!("no table is called `{name}`"))),
        }
    }

    /// The network that the snapshot describes, for questions that SQL does not ask, and what of it could not be read.
    /// Parts that were not collected, or not answered, are known to the network as not described.
    ///
    /// # Errors
    /// When the snapshot has no interfaces and no subnets, or a file of it is damaged.
    pub fn network(&self) -> Result<(Network, Vec<Warning>), QueryError> {
        derived::network(self)
    }

    /// Principals, resources and guardrails, for questions about access.
    ///
    /// # Errors
    /// When a file of the snapshot is damaged.
    pub fn access(&self) -> Result<palisade_iam::estate::Estate, QueryError> {
        derived::access(self)
    }

    /// Roles, users, passwords and access keys that were not used in a period.
    ///
    /// # Errors
    /// When a file of the snapshot is damaged.
    pub fn unused(
        &self,
        window: &palisade_iam::unused::Window,
    ) -> Result<palisade_iam::unused::Report, QueryError> {
        derived::unused(self, window)
    }

    /// By table the columns that the snapshot lacks, or has with another type, as another catalogue made it. What reads
    /// them is unknown.
    #[must_use]
    pub const fn lacking(&self) -> &BTreeMap<String, Vec<String>> {
        &self.lacking
    }

    /// The moment of the snapshot.
    #[must_use]
    pub const fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The names of the tables that SQL can read, sorted.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(String::as_str)
    }

    pub(crate) fn table_names(&self) -> Vec<String> {
        self.providers.keys().cloned().collect()
    }

    /// The ledger, summed up.
    pub(crate) fn ledger(&self) -> Result<Arc<Ledger>, QueryError> {
        let summed = Arc::clone(&self.ledger);
        let state = Arc::clone(&self.state);
        self.wait(async move { summed.get(&*state).await })?
            .map_err(|e| QueryError::run(&e))
    }

    /// Takes the rows out of all tables.
    pub(crate) fn clear(&self) {
        self.slots.values().for_each(|slot| slot.clear());
    }

    /// A table's Arrow schema.
    pub(crate) fn schema_of(&self, name: &str) -> Result<SchemaRef, QueryError> {
        Ok(self.provider(name)?.schema())
    }

    /// Whether a table is known to have no rows.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        let known = self.providers.get(name).and_then(|p| p.statistics());
        known.is_some_and(|known| known.num_rows == Precision::Exact(0))
    }

    /// A plan that reads columns of a table, without the planner.
    pub(crate) fn scan(
        &self,
        name: &str,
        projection: Vec<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        self.threads()?.scan(self.provider(name)?, projection)
    }

    fn provider(&self, name: &str) -> Result<Arc<dyn TableProvider>, QueryError> {
        let provider = self.providers.get(name).map(Arc::clone);
        provider.ok_or_else(|| QueryError::Engine(format!("no table is called `{name}`")))
    }

    /// The same, its rows in the order of account, region and resource.
    pub(crate) fn sorted(
        &self,
        name: &str,
        projection: Vec<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let scan = self.scan(name, projection)?;
        let schema = scan.schema();
        let keys = ORDER
            .into_iter()
            .map(|key| {
                Ok(PhysicalSortExpr::new(
                    physical_col(key, &schema)?,
                    SortOptions::default().asc().nulls_first(),
                ))
            })
            .collect::<Result<Vec<_>, DataFusionError>>()
            .map_err(|e| QueryError::run(&e))?;
        Ok(match LexOrdering::new(keys) {
            Some(order) => Arc::new(SortExec::new(
                order,
                Arc::new(CoalescePartitionsExec::new(scan)),
            )),
            None => scan,
        })
    }

    /// The plan that runs an optimised query.
    pub(crate) fn physical(&self, plan: LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let state = Arc::clone(&self.state);
        self.wait(async move {
            state
                .query_planner()
                .create_physical_plan(&plan, &*state)
                .await
        })?
        .map_err(|e| QueryError::run(&e))
    }

    /// Where its plans run.
    pub(crate) fn threads(&self) -> Result<Threads, QueryError> {
        let runtime = self.runtime.as_ref();
        let runtime = runtime.ok_or_else(|| QueryError::Engine("it was shut down".to_owned()))?;
        Ok(Threads {
            state: Arc::clone(&self.state),
            limits: self.limits,
            handle: runtime.handle().clone(),
        })
    }

    /// Runs a future on the session's own threads and waits for it.
    pub(crate) fn wait<T, F>(&self, future: F) -> Result<T, QueryError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.threads()?.wait(future)
    }

    /// Runs a plan; its batches come over a short channel, so that a slow reader holds it back.
    pub(crate) fn stream(
        &self,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<Batches<RecordBatch>, QueryError> {
        self.stream_with(plan, |batch| batch)
    }

    /// The same, with work done on each batch on the session's threads.
    pub(crate) fn stream_with<T, W>(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        work: W,
    ) -> Result<Batches<T>, QueryError>
    where
        T: Send + 'static,
        W: FnMut(RecordBatch) -> T + Send + 'static,
    {
        self.threads()?.stream_with(plan, work)
    }
}

/// What a session needs of the catalogue; the controls, with their tests, are most of it.
fn tables_of(catalog: &Catalog) -> Catalog {
    Catalog {
        tables: catalog.tables.clone(),
        derived: catalog.derived.clone(),
        declared: catalog.declared.clone(),
        ..Catalog::default()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("now", &self.now)
            .field("collected", &self.collected)
            .finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A plain drop would wait for its threads, which an async caller may not do.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
