//! Expressions over a batch; an error stays with the rows that cause it.

use crate::plan::ground_text;
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::cast::{as_boolean_array, as_string_array};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::PhysicalExpr;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The expressions of one control, ready to run.
#[derive(Debug)]
pub(crate) struct Grounded {
    pub(crate) applies: Option<Arc<dyn PhysicalExpr>>,
    pub(crate) require: Arc<dyn PhysicalExpr>,
    pub(crate) reason: Option<Reason>,
}

/// The expression of a reason, made ready when a row needs it first: of most controls no row does.
#[derive(Debug)]
pub(crate) struct Reason {
    state: Arc<SessionState>,
    expr: Expr,
    schema: Arc<DFSchema>,
    ready: OnceLock<Option<Arc<dyn PhysicalExpr>>>,
}

impl Reason {
    pub(crate) fn new(state: &Arc<SessionState>, expr: &Expr, schema: &Arc<DFSchema>) -> Self {
        Self {
            state: Arc::clone(state),
            expr: expr.clone(),
            schema: Arc::clone(schema),
            ready: OnceLock::new(),
        }
    }

    /// A reason that fails costs the reason, not the verdict.
    fn text(&self, batch: &RecordBatch) -> Option<StringArray> {
        let make = || ground_text(&self.state, &self.expr, &self.schema).ok();
        let ready = self.ready.get_or_init(make).as_ref()?;
        text(ready, batch, &mut BTreeMap::new())
    }
}

/// What a control says about the rows of a batch.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) applies: Option<BooleanArray>,
    pub(crate) require: BooleanArray,
    /// Rows on which `applies` or `require` failed.
    pub(crate) errors: BTreeMap<usize, Arc<str>>,
}

/// Evaluations spent on finding the rows of a batch that fail.
const SEARCH: usize = 128;

impl Grounded {
    /// Runs the expressions; `spent` counts the time of the control, and past `limit` every row is an error.
    pub(crate) fn answer(
        &self,
        batch: &RecordBatch,
        spent: &mut Duration,
        limit: Duration,
    ) -> Answer {
        let rows = batch.num_rows();
        if *spent > limit {
            let error: Arc<str> = format!(
                "the control took longer than {} s and was stopped",
                limit.as_secs()
            )
            .into();
            return Answer {
                applies: None,
                require: BooleanArray::new_null(rows),
                errors: (0..rows).map(|r| (r, Arc::clone(&error))).collect(),
            };
        }
        let start = Instant::now();
        let mut errors = BTreeMap::new();
        let applies = self
            .applies
            .as_ref()
            .map(|expr| truth(expr, batch, &mut errors));
        let require = truth(&self.require, batch, &mut errors);
        *spent += start.elapsed();
        Answer {
            applies,
            require,
            errors,
        }
    }

    /// The reasons that the control gives of the rows of a batch, if it has any.
    pub(crate) fn reasons(&self, batch: &RecordBatch) -> Option<StringArray> {
        self.reason.as_ref()?.text(batch)
    }
}

fn truth(
    expr: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    errors: &mut BTreeMap<usize, Arc<str>>,
) -> BooleanArray {
    let array = evaluate(expr, batch, &DataType::Boolean, errors);
    as_boolean_array(&array).map_or_else(
        |_| BooleanArray::new_null(batch.num_rows()),
        BooleanArray::clone,
    )
}

fn text(
    expr: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    errors: &mut BTreeMap<usize, Arc<str>>,
) -> Option<StringArray> {
    let array = evaluate(expr, batch, &DataType::Utf8, errors);
    as_string_array(&array).ok().cloned()
}

fn evaluate(
    expr: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    ty: &DataType,
    errors: &mut BTreeMap<usize, Arc<str>>,
) -> ArrayRef {
    match once(expr, batch, ty) {
        Ok(array) => array,
        Err(_) => {
            let mut parts = Vec::new();
            let mut budget = SEARCH;
            search(expr, batch, 0, ty, &mut budget, &mut parts, errors);
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            concat(&parts).unwrap_or_else(|_| new_null_array(ty, batch.num_rows()))
        }
    }
}

fn once(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch, ty: &DataType) -> Result<ArrayRef> {
    let rows = batch.num_rows();
    let array = expr.evaluate(batch)?.into_array(rows)?;
    if array.len() != rows {
        return Err(DataFusionError::Execution(
            "the expression gave another number of rows".to_owned(),
        ));
    }
    if array.data_type() == ty {
        Ok(array)
    } else {
        Ok(cast(&array, ty)?)
    }
}

/// Halves the batch until the failing rows stand alone, or the budget is spent.
fn search(
    expr: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    start: usize,
    ty: &DataType,
    budget: &mut usize,
    parts: &mut Vec<ArrayRef>,
    errors: &mut BTreeMap<usize, Arc<str>>,
) {
    let rows = batch.num_rows();
    if rows == 0 {
        return;
    }
    *budget = budget.saturating_sub(1);
    match once(expr, batch, ty) {
        Ok(array) => parts.push(array),
        Err(e) if rows == 1 || *budget == 0 => {
            let message: Arc<str> = crate::error::words(&e, &[]).0.into();
            errors.extend((start..start + rows).map(|r| (r, Arc::clone(&message))));
            parts.push(new_null_array(ty, rows));
        }
        Err(_) => {
            let half = rows / 2;
            search(
                expr,
                &batch.slice(0, half),
                start,
                ty,
                budget,
                parts,
                errors,
            );
            let rest = batch.slice(half, rows - half);
            search(expr, &rest, start + half, ty, budget, parts, errors);
        }
    }
}
