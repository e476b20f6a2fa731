//! Replies as the suites expect them to be read.

use crate::cases::Case;
use crate::compare::plain;
use palisade_aws::wire::{self, Reply, ReplyError};
use serde_json::{Map, Value};

pub(crate) fn run(case: &Case) -> Result<(), String> {
    let op = case.model.operation(&case.op).unwrap();
    let response = &case.case["response"];
    let empty = Map::new();
    let headers: Vec<(&str, &str)> = response["headers"]
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    let status = response["status_code"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(200);
    let body = response["body"].as_str().unwrap_or_default().as_bytes();
    let read = wire::read(
        &case.model,
        op,
        Reply {
            status,
            headers: &headers,
            body,
        },
    );
    match (case.case.get("error"), read) {
        (None, Ok(value)) => {
            let actual = match &op.output {
                Some(output) => plain(&case.model, output, value),
                None => value,
            };
            same(&actual, &case.case["result"])
        }
        (None, Err(error)) => Err(error.to_string()),
        (Some(expected), Err(ReplyError::Service(error))) => {
            if let Some(code) = case.case["errorCode"].as_str() {
                same(&error.code.clone().into(), &code.into())?;
            }
            if let Some(message) = case.case["errorMessage"].as_str() {
                same(&error.message.clone().into(), &message.into())?;
            }
            let shape = op.errors.iter().find(|found| {
                let shape = case.model.shape(found.shape);
                let code = case
                    .model
                    .structure(found)
                    .and_then(|s| s.error.as_ref()?.code.clone());
                *shape.name == *error.code || code.is_some_and(|code| *code == *error.code)
            });
            let detail = match shape {
                Some(shape) => plain(&case.model, shape, error.detail),
                None => error.detail,
            };
            for (name, wanted) in expected.as_object().unwrap() {
                same(detail.get(name).unwrap_or(&Value::Null), wanted)?;
            }
            Ok(())
        }
        (Some(_), other) => Err(format!("not an error of the service: {other:?}")),
    }
}

fn same(actual: &Value, wanted: &Value) -> Result<(), String> {
    if equal(actual, wanted) {
        Ok(())
    } else {
        Err(format!("\n   is {actual}\n  not {wanted}"))
    }
}

/// 1 and 1.0 are the same number.
fn equal(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => one == two || one.as_f64() == two.as_f64(),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| equal(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len()
                && one
                    .iter()
                    .all(|(name, one)| two.get(name).is_some_and(|two| equal(one, two)))
        }
        _ => one == two,
    }
}
