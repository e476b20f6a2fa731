//! From a control's SQL to expressions over the rows of a table or a query.

use super::ground::{ground, ground_text};
use super::lineage::{self, Scans};
use super::narrow;
use super::place::wrong;
use crate::context;
use crate::error::QueryError;
use crate::session::{Session, both};
use arrow::datatypes::Schema;
use datafusion::common::{Column, DFSchema};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use palisade_core::Severity;
use palisade_core::catalog::{Catalog, CatalogError, Control, Scope, Sql, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A control, planned.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) id: Arc<str>,
    pub(crate) severity: Severity,
    pub(crate) kind: String,
    pub(crate) source: Source,
    pub(crate) applies: Option<Expr>,
    pub(crate) require: Expr,
    pub(crate) reason: Option<Expr>,
    /// The source's columns that `applies` and `require` read, sorted.
    pub(crate) read: Vec<String>,
    /// Those that only `reason` reads.
    pub(crate) reason_read: Vec<String>,
}

/// Where the rows come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Table(String),
    Query(Arc<Query>),
}

/// A subject that is a query.
#[derive(Debug)]
pub(crate) struct Query {
    /// Optimised: the columns that the control reads, in the order of findings.
    pub(crate) plan: LogicalPlan,
    /// What the whole query gives.
    pub(crate) schema: Arc<DFSchema>,
    pub(crate) scans: Scans,
    /// Derived tables that are joined to a table by the `arn` of its rows, and that table: what they say of other
    /// resources does not matter.
    pub(crate) about: BTreeMap<String, String>,
    /// A row depends on calls of its own account only.
    pub(crate) by_account: bool,
    /// A row depends on calls of its own region only, as far as tables of regions go.
    pub(crate) by_region: bool,
}

/// Plans controls against a session's tables.
pub(crate) struct Compiler {
    catalog: Arc<Catalog>,
    pub(crate) state: Arc<SessionState>,
    pub(super) schemas: BTreeMap<String, Arc<DFSchema>>,
    tables: Vec<String>,
    providers: narrow::Tables,
}

impl Compiler {
    pub(crate) fn new(session: &Session) -> Self {
        let schemas = session
            .providers
            .iter()
            .filter_map(|(name, provider)| {
                let schema =
                    DFSchema::try_from_qualified_schema(name.as_str(), &provider.schema()).ok()?;
                Some((name.clone(), Arc::new(schema)))
            })
            .collect();
        Self {
            state: Arc::clone(&session.state),
            tables: session.table_names(),
            providers: session.providers.clone(),
            schemas,
            catalog: Arc::clone(&session.catalog),
        }
    }

    /// What is wrong with the types of a control's expressions.
    pub(crate) fn prove(&self, control: &Control, compiled: &Compiled) -> Vec<CatalogError> {
        let schema = match &compiled.source {
            Source::Table(table) => self.schemas.get(table).map(Arc::clone),
            Source::Query(query) => Some(Arc::clone(&query.schema)),
        };
        let Some(schema) = schema else {
            return Vec::new();
        };
        let mut errors = Vec::new();
        let mut note = |sql: Option<&Sql>, what, result: Result<_, QueryError>| {
            if let (Some(sql), Err(e)) = (sql, result) {
                errors.push(wrong(control, sql, what, &e));
            }
        };
        if let Some(applies) = &compiled.applies {
            let ready = ground(&self.state, applies, &schema).map(|_| ());
            note(control.applies.as_ref(), "applies", ready);
        }
        let ready = ground(&self.state, &compiled.require, &schema).map(|_| ());
        note(Some(&control.require), "require", ready);
        if let Some(reason) = &compiled.reason {
            let ready = ground_text(&self.state, reason, &schema).map(|_| ());
            note(control.reason.as_ref(), "reason", ready);
        }
        errors
    }

    /// Plans controls, half of them on each of two threads; the errors are those of all of them.
    pub(crate) fn compile_all(
        &self,
        controls: &[&Control],
    ) -> Result<Vec<Compiled>, Vec<CatalogError>> {
        let compile = |half: &[&Control]| -> Vec<_> {
            let planned = half.iter().map(|control| self.compile(control));
            planned.collect()
        };
        let (first, second) = controls.split_at(controls.len() / 2);
        let (first, second) = both(|| compile(first), || compile(second))
            .map_err(|e| vec![CatalogError::new("catalog", "", None, e.to_string())])?;
        let mut compiled = Vec::with_capacity(controls.len());
        let mut errors = Vec::new();
        for planned in first.into_iter().chain(second) {
            match planned {
                Ok(control) => compiled.push(control),
                Err(e) => errors.push(e),
            }
        }
        if errors.is_empty() {
            Ok(compiled)
        } else {
            Err(errors)
        }
    }

    /// Plans a control.
    pub(crate) fn compile(&self, control: &Control) -> Result<Compiled, CatalogError> {
        match &control.subject {
            // Its rows rest on calls of several tables, as those of a query do.
            Subject::Table(table) if self.catalog.derived.contains_key(&table.text) => {
                self.queried(control, table, &format!("select * from {}", table.text))
            }
            Subject::Table(table) => {
                let Some(schema) = self.schemas.get(&table.text) else {
                    return Err(CatalogError::new(
                        &control.path,
                        &control.source,
                        Some(table.span.clone()),
                        format!("no table is called `{}`", table.text),
                    )
                    .with_hint(
                        crate::hint::near(&table.text, self.tables.iter())
                            .unwrap_or_else(|| "`palisade list tables` names them all".to_owned()),
                    ));
                };
                self.over(control, Source::Table(table.text.clone()), schema)
            }
            Subject::Query(subject) => self.queried(control, subject, &subject.text),
        }
    }

    /// Plans a control over what `sql` gives; `subject` is its place in the file.
    fn queried(
        &self,
        control: &Control,
        subject: &Sql,
        sql: &str,
    ) -> Result<Compiled, CatalogError> {
        let plan = self
            .plan(sql)
            .map_err(|e| wrong(control, subject, "subject", &e))?;
        let schema = unqualified(plan.schema());
        for column in ["arn", "account_id"] {
            if !schema.fields().iter().any(|f| f.name() == column) {
                return Err(CatalogError::new(
                    &control.path,
                    &control.source,
                    Some(subject.span.clone()),
                    format!("the subject gives no column `{column}`"),
                )
                .with_hint("a subject selects `arn`, `account_id`, `region`, `name` and what `require` reads"));
            }
        }
        let mut compiled = self.over(control, Source::Table(String::new()), &schema)?;
        let wanted = compiled.read.iter().chain(&compiled.reason_read);
        let query = self
            .query(&plan, schema, wanted)
            .map_err(|e| wrong(control, subject, "subject", &e))?;
        compiled.source = Source::Query(Arc::new(query));
        Ok(compiled)
    }

    fn over(
        &self,
        control: &Control,
        source: Source,
        schema: &DFSchema,
    ) -> Result<Compiled, CatalogError> {
        let parse = |sql: &Sql, what: &str| {
            context::bounded(&sql.text)
                .and_then(|()| no_query_inside(&sql.text))
                .and_then(|()| {
                    self.state
                        .create_logical_expr(&sql.text, schema)
                        .map_err(|e| QueryError::sql(&e, &self.tables))
                })
                .map_err(|e| wrong(control, sql, what, &e))
        };
        let applies = control
            .applies
            .as_ref()
            .map(|sql| parse(sql, "applies"))
            .transpose()?;
        let require = parse(&control.require, "require")?;
        let reason = control
            .reason
            .as_ref()
            .map(|sql| parse(sql, "reason"))
            .transpose()?;
        let mut read = columns(&require);
        read.extend(applies.iter().flat_map(columns));
        let reason_read: BTreeSet<String> = reason
            .iter()
            .flat_map(columns)
            .filter(|c| !read.contains(c))
            .collect();
        Ok(Compiled {
            id: Arc::from(control.id.as_str()),
            severity: control.severity,
            kind: control.kind().to_owned(),
            source,
            applies,
            require,
            reason,
            read: read.into_iter().collect(),
            reason_read: reason_read.into_iter().collect(),
        })
    }

    fn plan(&self, sql: &str) -> Result<LogicalPlan, QueryError> {
        context::bounded(sql)?;
        if let Some(plan) = narrow::plan(&self.state, &self.providers, sql) {
            return Ok(plan);
        }
        futures::executor::block_on(context::plan(&self.state, sql, &self.tables))
    }

    fn query<'c>(
        &self,
        plan: &LogicalPlan,
        schema: DFSchema,
        wanted: impl Iterator<Item = &'c String>,
    ) -> Result<Query, QueryError> {
        let engine = |e: DataFusionError| QueryError::sql(&e, &self.tables);
        let ready = narrowed(plan, wanted)
            .and_then(|narrow| self.state.optimize(&narrow))
            .map_err(engine)?;
        let scans = lineage::scans(&ready).map_err(engine)?;
        let about = self.about(plan, &scans).map_err(engine)?;
        // An ARN is of one account: what is joined by it is of the account of the table's row.
        let counts = |t: &str| !t.starts_with('_') && !about.contains_key(t);
        let by_account = lineage::tied(plan, "account_id", counts).map_err(engine)?;
        let regional = |t: &str| {
            let tables = self.catalog.tables.get(t).map(|t| t.scope);
            let scope = tables.or_else(|| self.catalog.derived.get(t).map(|t| t.scope));
            scope == Some(Scope::Region)
        };
        let by_region = by_account && lineage::tied(plan, "region", regional).map_err(engine)?;
        Ok(Query {
            plan: ready,
            schema: Arc::new(schema),
            scans,
            about,
            by_account,
            by_region,
        })
    }

    /// The derived tables that are joined to a table by the `arn` of its rows, and that table.
    fn about(
        &self,
        plan: &LogicalPlan,
        scans: &Scans,
    ) -> Result<BTreeMap<String, String>, DataFusionError> {
        let mut about = BTreeMap::new();
        for derived in scans
            .keys()
            .filter_map(|name| self.catalog.derived.get(name))
        {
            for resource in derived.apart.keys().filter(|t| scans.contains_key(*t)) {
                if lineage::tied(plan, "arn", |t| t == derived.id || t == resource)? {
                    about.insert(derived.id.clone(), resource.clone());
                }
            }
        }
        Ok(about)
    }
}

/// The same columns without the tables' names: how `require` sees a query's result.
fn unqualified(schema: &DFSchema) -> DFSchema {
    let plain = Schema::new(schema.fields().clone());
    DFSchema::try_from(plain).unwrap_or_else(|_| schema.clone())
}

/// The columns that findings are ordered by.
pub(crate) const ORDER: [&str; 3] = ["account_id", "region", "arn"];

/// A subject's rows in the order of findings.
pub(crate) fn sorted(plan: &LogicalPlan) -> Result<LogicalPlan, QueryError> {
    let given = |name: &&str| plan.schema().has_column_with_unqualified_name(name);
    let keys = ORDER.into_iter().filter(given).map(column);
    LogicalPlanBuilder::from(plan.clone())
        .sort(keys.map(|key| key.sort(true, true)))
        .and_then(LogicalPlanBuilder::build)
        .map_err(|e| QueryError::run(&e))
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}

/// The query's rows with the columns that are needed and no others.
fn narrowed<'c>(
    plan: &LogicalPlan,
    wanted: impl Iterator<Item = &'c String>,
) -> Result<LogicalPlan, DataFusionError> {
    let given = |name: &str| plan.schema().has_column_with_unqualified_name(name);
    let keys = ORDER.into_iter().chain(["name"]);
    let mut columns: BTreeSet<&str> = keys.filter(|k| given(k)).collect();
    columns.extend(wanted.map(String::as_str).filter(|c| given(c)));
    // The names of tables are dropped first: two of them may have a column of one name.
    LogicalPlanBuilder::from(plan.clone())
        .alias("subject")?
        .project(columns.into_iter().map(column))?
        .build()
}

/// An expression is decided row by row; what looks at other rows is a subject of its own.
fn no_query_inside(sql: &str) -> Result<(), QueryError> {
    let mut words = sql.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    if !words.any(|w| w.eq_ignore_ascii_case("select")) || sql.contains('\'') {
        return Ok(());
    }
    Err(QueryError::Sql {
        message: "an expression can't hold a query".to_owned(),
        line_column: None,
        hint: Some("make the subject a query: `subject = { sql = \"select ...\" }`".to_owned()),
    })
}

fn columns(expr: &Expr) -> BTreeSet<String> {
    expr.column_refs()
        .into_iter()
        .map(|c| c.name.clone())
        .collect()
}
