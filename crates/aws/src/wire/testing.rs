//! Small models for the tests of this layer.

use super::{Reply, ReplyError, Request, WireError};
use crate::model::Model;
use serde_json::{Value, json};

/// A service with one operation; `op` and `shapes` as in botocore's models.
pub(super) fn model(service: &str, protocol: &str, op: Value, shapes: Value) -> Model {
    let name = op["name"].as_str().unwrap();
    let document = json!({
        "service": service,
        "metadata": {"protocol": protocol, "apiVersion": "2020-01-01", "targetPrefix": "T", "jsonVersion": "1.1"},
        "operations": {name: op},
        "shapes": shapes,
    });
    Model::from_json(document.to_string().as_bytes()).unwrap()
}

pub(super) fn request(model: &Model, input: Value) -> Result<Request, WireError> {
    super::request(model, &model.operations[0], &input)
}

pub(super) fn read(model: &Model, status: u16, body: &str) -> Result<Value, ReplyError> {
    read_with(model, status, &[], body)
}

pub(super) fn read_with(
    model: &Model,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Value, ReplyError> {
    super::read(
        model,
        &model.operations[0],
        Reply {
            status,
            headers,
            body: body.as_bytes(),
        },
    )
}
