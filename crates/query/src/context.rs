//! The engine, set up so that SQL of a stranger can read the registered tables and nothing else.

use crate::error::QueryError;
use crate::functions;
use crate::rules;
use datafusion::config::Dialect;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;
use std::sync::Arc;
use std::time::Duration;

/// Bounds of a session.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes that the sorts, joins and aggregates of one plan may hold before they spill to a temporary folder or give
    /// up; no more plans run at a time than there are threads.
    pub memory: usize,
    /// How long one control, or one query of a control, may take.
    pub control: Duration,
    /// Threads.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            control: Duration::from_secs(60),
            threads: 2,
        }
    }
}

/// An engine without tables; `now` is the snapshot's moment in microseconds since the Unix epoch.
pub(crate) fn context(now: i64, limits: &Limits) -> Result<SessionContext, QueryError> {
    let mut config = SessionConfig::new()
        // One partition: the order of rows is the same in every run, plans are smaller, and a cross join that does
        // not fit in memory can read its other side again (DataFusion 55 panics there on a repartitioned one).
        .with_target_partitions(1)
        .with_batch_size(1024)
        .with_collect_statistics(false)
        .with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.dialect = Dialect::DuckDB;
    options.sql_parser.collect_spans = true;
    // One pass unnests subqueries and prunes columns; a second finds little and costs as much again.
    options.optimizer.max_passes = 1;
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(pool(limits))
        .build_arc()
        .map_err(|e| QueryError::Engine(e.to_string()))?;
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_optimizer_rules(rules::logical())
        .with_physical_optimizer_rules(rules::physical())
        .build();
    furnish(&mut state, now).map_err(|e| QueryError::Engine(e.to_string()))?;
    Ok(SessionContext::new_with_state(state))
}

/// What one plan runs in. Its memory is its own: what a plan is given does not depend on what runs beside it. It has no
/// functions: those that a plan calls are in the plan, and the hundreds that it could call would be copied.
pub(crate) fn task(state: &SessionState, limits: &Limits) -> TaskContext {
    let shared = state.runtime_env();
    let runtime = RuntimeEnv {
        memory_pool: pool(limits),
        ..RuntimeEnv::clone(shared)
    };
    TaskContext::new(
        None,
        state.session_id().to_owned(),
        state.config().clone(),
        Default::default(),
        Default::default(),
        Default::default(),
        Default::default(),
        Arc::new(runtime),
    )
}

fn pool(limits: &Limits) -> Arc<dyn MemoryPool> {
    Arc::new(FairSpillPool::new(limits.memory))
}

fn furnish(state: &mut SessionState, now: i64) -> datafusion::error::Result<()> {
    use datafusion::execution::FunctionRegistry as _;
    datafusion_functions_json::register_all(state)?;
    for function in functions::own(now) {
        state.register_udf(function)?;
    }
    for name in functions::LEFT_OUT_CLOCK
        .iter()
        .chain(&functions::LEFT_OUT_LARGE)
    {
        state.deregister_udf(name)?;
    }
    let table_functions: Vec<String> = state.table_functions().keys().cloned().collect();
    for name in table_functions {
        state.deregister_udtf(&name)?;
    }
    Ok(())
}

/// Plans one query, and refuses everything that is not one.
pub(crate) async fn plan(
    state: &SessionState,
    sql: &str,
    tables: &[String],
) -> Result<LogicalPlan, QueryError> {
    bounded(sql)?;
    let sql_error = |e| QueryError::sql(&e, tables);
    let statement = state
        .sql_to_statement(sql, &Dialect::DuckDB)
        .map_err(sql_error)?;
    refuse(&statement)?;
    let plan = state
        .statement_to_plan(statement)
        .await
        .map_err(sql_error)?;
    verify(&plan).map_err(sql_error)?;
    Ok(plan)
}

/// Refuses a plan that does more than read.
pub(crate) fn verify(plan: &LogicalPlan) -> datafusion::error::Result<()> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)
}

/// Words and signs of one query or expression. A chain of operators becomes a tree as deep as it is long, and a
/// deep tree costs stack.
const MOST_TOKENS: usize = 4000;

/// Refuses SQL that is longer than any question needs.
pub(crate) fn bounded(sql: &str) -> Result<(), QueryError> {
    let mut count = 0;
    let mut in_word = false;
    for c in sql.chars() {
        let word = c.is_alphanumeric() || c == '_';
        let goes_on = word && in_word;
        if !(c.is_whitespace() || goes_on) {
            count += 1;
        }
        in_word = word;
    }
    if count <= MOST_TOKENS {
        return Ok(());
    }
    Err(QueryError::Sql {
        message: format!("the SQL has more than {MOST_TOKENS} words and signs"),
        line_column: None,
        hint: Some("ask in several queries, or in fewer conditions".to_owned()),
    })
}

/// Refuses everything that is not a query.
pub(crate) fn refuse(statement: &Statement) -> Result<(), QueryError> {
    match statement {
        Statement::Statement(inner) => match &**inner {
            ast::Statement::Query(_) => Ok(()),
            other => Err(QueryError::NotAQuery(first_word(&other.to_string()))),
        },
        other => Err(QueryError::NotAQuery(first_word(&other.to_string()))),
    }
}

fn first_word(sql: &str) -> String {
    format!(
        "`{}`",
        sql.split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase()
    )
}
