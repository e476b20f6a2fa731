//! Expressions made ready to run on the rows of a table or of a query's result.

use super::types::coerced;
use crate::error::QueryError;
use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::physical_expr::create_physical_expr;
use datafusion::physical_plan::PhysicalExpr;
use std::sync::Arc;

/// An expression that can be evaluated on batches of `schema`, and gives a bool.
pub(crate) fn ground(
    state: &SessionState,
    expr: &Expr,
    schema: &Arc<DFSchema>,
) -> std::result::Result<Arc<dyn PhysicalExpr>, QueryError> {
    let ready = physical(state, expr, schema)?;
    match given(&ready, schema)? {
        DataType::Boolean | DataType::Null => Ok(ready),
        other => Err(misfit(
            &other,
            "true or false",
            "write a comparison: `column = value`, `column is not null`",
        )),
    }
}

/// An expression that gives a text.
pub(crate) fn ground_text(
    state: &SessionState,
    expr: &Expr,
    schema: &Arc<DFSchema>,
) -> std::result::Result<Arc<dyn PhysicalExpr>, QueryError> {
    let ready = physical(state, expr, schema)?;
    match given(&ready, schema)? {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Ok(ready),
        other => Err(misfit(
            &other,
            "a text",
            "put texts and values together with `||`",
        )),
    }
}

fn given(
    ready: &Arc<dyn PhysicalExpr>,
    schema: &Arc<DFSchema>,
) -> std::result::Result<DataType, QueryError> {
    ready
        .data_type(schema.as_arrow())
        .map_err(|e| QueryError::run(&e))
}

fn misfit(given: &DataType, wanted: &str, hint: &str) -> QueryError {
    QueryError::Sql {
        message: format!("it gives {}, not {wanted}", spelled(given)),
        line_column: None,
        hint: Some(hint.to_owned()),
    }
}

pub(super) fn physical(
    state: &SessionState,
    expr: &Expr,
    schema: &Arc<DFSchema>,
) -> std::result::Result<Arc<dyn PhysicalExpr>, QueryError> {
    let expr = match expr {
        Expr::Alias(alias) => (*alias.expr).clone(),
        other => other.clone(),
    };
    ready(state, expr, schema).map_err(|e| QueryError::run(&e))
}

/// What the engine's own `create_physical_expr` does, without its second look at the types and without a simplifier: an
/// expression is run on a handful of rows, and what a simplifier saves there is less than what it costs.
fn ready(
    state: &SessionState,
    expr: Expr,
    schema: &Arc<DFSchema>,
) -> Result<Arc<dyn PhysicalExpr>> {
    let options = state.config_options();
    let context = SimplifyContext::builder()
        .with_schema(Arc::clone(schema))
        .with_config_options(Arc::clone(options))
        .build();
    let mut expr = coerced(expr, schema)?
        .transform_up(|e| in_other_words(e, &context))?
        .data;
    for rewrite in state.analyzer().function_rewrites() {
        expr = expr
            .transform_up(|e| rewrite.rewrite(e, schema, options))?
            .data;
    }
    let planning = PhysicalPlanningContext::default();
    create_physical_expr(&expr, schema, state.execution_props(), &planning)
}

/// A function that is short for other expressions, written out: `coalesce` and its kin have no code of their own.
fn in_other_words(expr: Expr, context: &SimplifyContext) -> Result<Transformed<Expr>> {
    let mut now = Transformed::no(expr);
    while let Expr::ScalarFunction(ScalarFunction { func, args }) = now.data {
        match func.simplify(args, context)? {
            ExprSimplifyResult::Original(args) => {
                now.data = Expr::ScalarFunction(ScalarFunction { func, args });
                break;
            }
            ExprSimplifyResult::Simplified(other) => now = Transformed::yes(other),
        }
    }
    Ok(now)
}

fn spelled(ty: &DataType) -> &'static str {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "a text",
        DataType::Boolean => "true or false",
        DataType::List(_) | DataType::LargeList(_) => "a list",
        DataType::Struct(_) => "an object",
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => "a time",
        ty if ty.is_numeric() => "a number",
        _ => "a value of another type",
    }
}
