//! Tables as a query sees them: with the columns that it names, and no others.
//!
//! A planner carries the columns of each table through every step and compares, copies and hashes them on the way; a
//! table has up to a hundred, with members, of which a query names five.

use crate::context;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Statistics, TableReference, plan_datafusion_err};
use datafusion::config::{ConfigOptions, Dialect};
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner};
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, LogicalPlan, ScalarUDF, TableProviderFilterPushDown,
    TableSource, WindowUDF,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use palisade_core::schema::COMMON;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The tables of a session, by name.
pub(super) type Tables = BTreeMap<String, Arc<dyn TableProvider>>;

/// The plan of a query over the columns that it names. `None` where it may mean columns that it does not name, and where
/// it does not plan: with all columns it does, or the error tells which there are.
pub(super) fn plan(state: &SessionState, tables: &Tables, sql: &str) -> Option<LogicalPlan> {
    let named = words(sql)?;
    let statement = state.sql_to_statement(sql, &Dialect::DuckDB).ok()?;
    context::refuse(&statement).ok()?;
    let narrow = Narrow {
        state,
        tables,
        named,
    };
    let options = ParserOptions::from(&state.config_options().sql_parser);
    let plan = SqlToRel::new_with_options(&narrow, options)
        .statement_to_plan(statement)
        .ok()?;
    context::verify(&plan).ok()?;
    Some(plan)
}

/// All words of a query; nothing where it has a way to mean columns without their names.
fn words(sql: &str) -> Option<BTreeSet<String>> {
    let sql = sql.to_lowercase().replace("count(*)", "count(1)");
    let words = || sql.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let count = |word: &str| words().filter(|w| *w == word).count();
    // A query may begin with `from`, and then be without `select`.
    let is_plain = !sql.contains('*') && count("natural") == 0 && count("from") <= count("select");
    is_plain.then(|| words().map(str::to_owned).collect())
}

/// What the planner looks names up in.
struct Narrow<'s> {
    state: &'s SessionState,
    tables: &'s Tables,
    named: BTreeSet<String>,
}

impl ContextProvider for Narrow<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let table = match &name {
            TableReference::Bare { table } => self.tables.get(&**table),
            _ => None,
        };
        let inner = table.ok_or_else(|| plan_datafusion_err!("table '{name}' not found"))?;
        let columns = Columns::of(inner, &self.named)?;
        Ok(provider_as_source(Arc::new(columns)))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.state.scalar_functions().get(name).map(Arc::clone)
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state
            .higher_order_functions()
            .get(name)
            .map(Arc::clone)
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).map(Arc::clone)
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).map(Arc::clone)
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    // Names are offered where one is wrong; that is told with all columns.

    fn udf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Some columns of a table.
#[derive(Debug)]
struct Columns {
    inner: Arc<dyn TableProvider>,
    schema: SchemaRef,
    /// Their places in the table.
    places: Vec<usize>,
}

impl Columns {
    fn of(inner: &Arc<dyn TableProvider>, named: &BTreeSet<String>) -> Result<Self> {
        let all = inner.schema();
        let wanted = |name: &str| COMMON.contains(&name) || named.contains(&name.to_lowercase());
        let columns = all.fields().iter().enumerate();
        let places: Vec<usize> = columns
            .filter(|(_, field)| wanted(field.name()))
            .map(|(at, _)| at)
            .collect();
        Ok(Self {
            schema: Arc::new(all.project(&places)?),
            inner: Arc::clone(inner),
            places,
        })
    }
}

#[async_trait]
impl TableProvider for Columns {
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
        let place = |at: &usize| self.places.get(*at).copied();
        let places = match projection {
            Some(columns) => columns.iter().filter_map(place).collect(),
            None => self.places.clone(),
        };
        self.inner.scan(state, Some(&places), filters, limit).await
    }

    fn statistics(&self) -> Option<Statistics> {
        self.inner.statistics()
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        self.inner.supports_filters_pushdown(filters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_narrowed_where_all_are_named() {
        let all = |sql| words(sql).is_none();
        assert!(all("select * from t"));
        assert!(all("select t.* from t"));
        assert!(all("from t"));
        assert!(all("select a from t where exists (from u)"));
        assert!(all("select a from t natural join u"));
        let named = words("select A, count(*) from t where b['c'] > 1").unwrap();
        assert!(["a", "b", "c", "t"].iter().all(|w| named.contains(*w)));
    }
}
