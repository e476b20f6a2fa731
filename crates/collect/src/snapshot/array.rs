//! Values to Arrow columns.

use crate::recipe::micros;
use crate::run::Row;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, NullArray, StringArray,
    StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use palisade_core::Call;
use palisade_core::schema::ColumnType;
use serde_json::Value;
use std::sync::Arc;

/// A column. What does not fit is null; the values have been checked before.
pub(crate) fn of(ty: &ColumnType, values: &[&Value]) -> ArrayRef {
    match ty {
        ColumnType::Bool => Arc::new(values.iter().map(|v| v.as_bool()).collect::<BooleanArray>()),
        ColumnType::Int => Arc::new(values.iter().map(|v| v.as_i64()).collect::<Int64Array>()),
        ColumnType::Float => Arc::new(values.iter().map(|v| float(v)).collect::<Float64Array>()),
        ColumnType::Text | ColumnType::Json => {
            Arc::new(values.iter().map(|v| v.as_str()).collect::<StringArray>())
        }
        ColumnType::Timestamp => {
            let moments = values.iter().map(|v| v.as_str().and_then(micros));
            Arc::new(
                moments
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            )
        }
        ColumnType::List(item) => list(item, values),
        ColumnType::Struct(members) => structure(members, values),
    }
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn list(item: &ColumnType, values: &[&Value]) -> ArrayRef {
    let mut members: Vec<&Value> = Vec::new();
    let lists = values.iter().map(|v| v.as_array());
    let lengths: Vec<usize> = lists
        .map(|list| {
            let list = list.map(Vec::as_slice).unwrap_or_default();
            members.extend(list);
            list.len()
        })
        .collect();
    let nulls: NullBuffer = values.iter().map(|v| v.is_array()).collect();
    let field = Arc::new(Field::new("item", item.arrow(), true));
    let offsets = OffsetBuffer::from_lengths(lengths);
    match ListArray::try_new(field, offsets, of(item, &members), Some(nulls)) {
        Ok(list) => Arc::new(list),
        Err(_) => nothing(
            &ColumnType::List(Box::new(item.clone())).arrow(),
            values.len(),
        ),
    }
}

fn structure(members: &[(String, ColumnType)], values: &[&Value]) -> ArrayRef {
    let nulls: NullBuffer = values.iter().map(|v| v.is_object()).collect();
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = members
        .iter()
        .map(|(name, ty)| {
            let member: Vec<&Value> = values
                .iter()
                .map(|v| v.get(name.as_str()).unwrap_or(&Value::Null))
                .collect();
            (Field::new(name, ty.arrow(), true), of(ty, &member))
        })
        .unzip();
    match StructArray::try_new_with_length(fields.into(), arrays, Some(nulls), values.len()) {
        Ok(structure) => Arc::new(structure),
        Err(_) => nothing(&ColumnType::Struct(members.to_vec()).arrow(), values.len()),
    }
}

fn nothing(ty: &DataType, length: usize) -> ArrayRef {
    if ty.is_null() {
        Arc::new(NullArray::new(length))
    } else {
        arrow::array::new_null_array(ty, length)
    }
}

/// The column of the calls behind each row.
pub(crate) fn calls(rows: &[Row]) -> ArrayRef {
    let all = || rows.iter().flat_map(|r| &r.calls);
    let text = |values: Vec<Option<&str>>| Arc::new(StringArray::from(values)) as ArrayRef;
    let columns = vec![
        text(all().map(|c| Some(c.fill.as_str())).collect()),
        text(all().map(|c| Some(c.id.as_str())).collect()),
        text(all().map(|c| Some(c.operation.as_str())).collect()),
        text(all().map(|c| Some(c.outcome.as_str())).collect()),
        text(all().map(|c| c.code.as_deref()).collect()),
    ];
    let ty = palisade_core::schema::calls_field().data_type().clone();
    let DataType::List(item) = &ty else {
        return nothing(&ty, rows.len());
    };
    let DataType::Struct(fields) = item.data_type() else {
        return nothing(&ty, rows.len());
    };
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|r| r.calls.len()));
    StructArray::try_new_with_length(fields.clone(), columns, None, all().count())
        .and_then(|structure| {
            ListArray::try_new(Arc::clone(item), offsets, Arc::new(structure), None)
        })
        .map_or_else(
            |_| nothing(&ty, rows.len()),
            |list| Arc::new(list) as ArrayRef,
        )
}

/// The columns of the ledger, in the order of its schema.
pub(crate) fn ledger(calls: &[Call]) -> Vec<ArrayRef> {
    let text = |get: fn(&Call) -> Option<&str>| {
        Arc::new(calls.iter().map(get).collect::<StringArray>()) as ArrayRef
    };
    vec![
        text(|c| Some(&c.id)),
        text(|c| Some(&c.account_id)),
        text(|c| Some(&c.region)),
        text(|c| Some(&c.operation)),
        text(|c| Some(&c.parameters)),
        text(|c| Some(c.outcome.as_str())),
        text(|c| c.code.as_deref()),
        text(|c| c.message.as_deref()),
        Arc::new(
            calls
                .iter()
                .map(|c| Some(i64::from(c.attempts)))
                .collect::<Int64Array>(),
        ),
        Arc::new(
            calls
                .iter()
                .map(|c| Some(c.at_ms.saturating_mul(1_000)))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        Arc::new(
            calls
                .iter()
                .map(|c| Some(i64::from(c.took_ms)))
                .collect::<Int64Array>(),
        ),
    ]
}
