//! What a requirement says of a row of which nothing is known.

use super::compile::{Compiled, Compiler, Source};
use super::ground::physical;
use crate::error::QueryError;
use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, new_null_array};
use arrow::datatypes::{Field, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{Column, DFSchema};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use std::sync::Arc;

impl Compiler {
    /// The answer of `require` where every column is null, whatever `applies` says.
    pub(crate) fn of_nothing(&self, compiled: &Compiled) -> Result<Option<bool>, QueryError> {
        let schema = match &compiled.source {
            Source::Table(table) => self.schemas.get(table).map(AsRef::as_ref),
            Source::Query(query) => Some(query.schema.as_ref()),
        };
        let Some(schema) = schema else {
            return Ok(None);
        };
        let fields: Vec<Field> = schema
            .fields()
            .iter()
            .map(|f| f.as_ref().clone().with_nullable(true))
            .collect();
        let nulls: Vec<ArrayRef> = fields
            .iter()
            .map(|f| new_null_array(f.data_type(), 1))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let row = RecordBatch::try_new(Arc::clone(&schema), nulls)
            .map_err(|e| QueryError::run(&DataFusionError::from(e)))?;
        let schema = Arc::new(DFSchema::try_from(schema).map_err(|e| QueryError::run(&e))?);
        let require = plain(&compiled.require).map_err(|e| QueryError::run(&e))?;
        let answer = physical(&self.state, &require, &schema)?
            .evaluate(&row)
            .and_then(|value| value.into_array(1))
            .map_err(|e| QueryError::run(&e))?;
        Ok(answer
            .as_boolean_opt()
            .filter(|a| a.is_valid(0))
            .map(|a| a.value(0)))
    }
}

/// The same expression, its columns without the names of their tables.
fn plain(expr: &Expr) -> Result<Expr, DataFusionError> {
    let plain = expr.clone().transform(|e| {
        Ok(match e {
            Expr::Column(c) => Transformed::yes(Expr::Column(Column::from_name(c.name))),
            other => Transformed::no(other),
        })
    })?;
    Ok(plain.data)
}
