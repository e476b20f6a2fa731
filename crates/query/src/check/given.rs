//! Rows of a test, as their author writes them, made into rows of a table.

use crate::derived;
use crate::hint;
use arrow::array::RecordBatch;
use palisade_core::schema::{ColumnType, TableSchema};
use serde_json::{Map, Value};

/// What the author of a test has to mend.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    pub(super) fn new(message: String) -> Self {
        Self {
            message,
            hint: None,
        }
    }
}

/// Proves that every column and member exists, and reads values as their columns' types.
pub(super) fn row(
    schema: &TableSchema,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Wrong> {
    let mut row = Map::new();
    for (name, value) in given {
        let Some(column) = schema.column(name) else {
            return Err(Wrong {
                message: format!("`{}` has no column `{name}`", schema.table),
                hint: hint::near(name, schema.columns.iter().map(|c| &c.name)).or_else(|| {
                    Some(format!(
                        "`palisade explain {}` names them all",
                        schema.table
                    ))
                }),
            });
        };
        let path = format!("{}.{name}", schema.table);
        row.insert(name.clone(), shaped(&path, &column.ty, value)?);
    }
    Ok(row)
}

fn shaped(path: &str, ty: &ColumnType, value: &Value) -> Result<Value, Wrong> {
    let value = &dated(value);
    let not = |what: &str| Err(Wrong::new(format!("`{path}` is {what}, not {value}")));
    Ok(match (ty, value) {
        (_, Value::Null) => Value::Null,
        (ColumnType::Struct(members), Value::Object(object)) => {
            let mut shape = Map::new();
            for (name, value) in object {
                let Some((_, ty)) = members.iter().find(|(n, _)| n == name) else {
                    return Err(Wrong {
                        message: format!("`{path}` has no member `{name}`"),
                        hint: hint::near(name, members.iter().map(|(n, _)| n)),
                    });
                };
                shape.insert(name.clone(), shaped(&format!("{path}.{name}"), ty, value)?);
            }
            Value::Object(shape)
        }
        (ColumnType::List(item), Value::Array(items)) => Value::Array(
            items
                .iter()
                .map(|value| shaped(&format!("{path}[]"), item, value))
                .collect::<Result<_, _>>()?,
        ),
        // A document may be written as one.
        (ColumnType::Json, Value::String(_)) => value.clone(),
        (ColumnType::Json, document) => Value::String(document.to_string()),
        (ColumnType::Text, Value::String(_))
        | (ColumnType::Bool, Value::Bool(_))
        | (ColumnType::Float, Value::Number(_))
        | (ColumnType::Timestamp, Value::String(_)) => value.clone(),
        (ColumnType::Int, Value::Number(n)) if n.is_i64() => value.clone(),
        (ty, _) => return not(&ty.spelled()),
    })
}

/// A date of TOML as a text.
fn dated(value: &Value) -> Value {
    match value {
        Value::Object(o) => o
            .get("$__toml_private_datetime")
            .cloned()
            .unwrap_or_else(|| value.clone()),
        other => other.clone(),
    }
}

/// The rows, with their hidden column, as a batch.
pub(super) fn batch(schema: &TableSchema, rows: &[Value]) -> Result<RecordBatch, Wrong> {
    derived::batch(schema, rows).map_err(|e| Wrong::new(format!("rows of `{}`: {e}", schema.table)))
}
