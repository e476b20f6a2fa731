//! awsJson 1.0 and 1.1.

use super::error::{ServiceError, WireError};
use super::{Reply, Request, Wire, fault, json_read, json_write, uri};
use crate::model::{Model, Operation, Structure};
use serde_json::{Map, Value};

#[derive(Debug)]
pub(super) struct AwsJson;

impl Wire for AwsJson {
    fn request(&self, model: &Model, op: &Operation, input: &Value) -> Result<Request, WireError> {
        let metadata = &model.metadata;
        let prefix = metadata
            .target_prefix
            .as_deref()
            .unwrap_or(&metadata.endpoint_prefix);
        let version = metadata.json_version.as_deref().unwrap_or("1.0");
        let mut headers = vec![
            ("X-Amz-Target".to_owned(), format!("{prefix}.{}", op.name)),
            (
                "Content-Type".to_owned(),
                format!("application/x-amz-json-{version}"),
            ),
        ];
        if metadata.aws_query_compatible.is_some() {
            headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
        }
        let none = Structure::default();
        let shape = model.input(op).unwrap_or(&none);
        let body = json_write::structure(model, shape, input);
        Ok(Request {
            method: op.http.method.clone(),
            uri: op.http.request_uri.clone(),
            headers,
            body: body.to_string().into_bytes(),
            host_prefix: uri::host_prefix(model, op, input)?,
        })
    }

    fn reply(&self, model: &Model, op: &Operation, reply: Reply<'_>) -> Result<Value, WireError> {
        let Some(shape) = op
            .output
            .as_ref()
            .and_then(|output| model.structure(output))
        else {
            return Ok(Value::Object(Map::new()));
        };
        let members = json_read::structure(model, shape, reply.body);
        members
            .map(Value::Object)
            .map_err(|error| WireError::reply(op, error))
    }

    fn error(&self, model: &Model, _: &Operation, reply: Reply<'_>) -> ServiceError {
        fault::json(model, reply)
    }
}
