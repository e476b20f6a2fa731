//! restJson1 and restXml: members in path, query, headers and body.

use super::error::{ServiceError, WireError};
use super::{Reply, Request, Wire, fault, rest_read, rest_write};
use crate::model::{Model, Operation};
use serde_json::Value;

#[derive(Debug)]
pub(super) struct Rest {
    pub(super) xml: bool,
}

impl Wire for Rest {
    fn request(&self, model: &Model, op: &Operation, input: &Value) -> Result<Request, WireError> {
        rest_write::request(model, op, input, self.xml)
    }

    fn reply(&self, model: &Model, op: &Operation, reply: Reply<'_>) -> Result<Value, WireError> {
        rest_read::reply(model, op, reply, self.xml)
    }

    fn error(&self, model: &Model, _: &Operation, reply: Reply<'_>) -> ServiceError {
        if self.xml {
            fault::xml(model, reply)
        } else {
            fault::json(model, reply)
        }
    }
}
