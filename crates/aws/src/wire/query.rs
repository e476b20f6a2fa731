//! awsQuery and ec2Query: a form there, XML back.

use super::error::{ServiceError, WireError};
use super::query_write::Form;
use super::xml_cursor::{Cursor, XmlError};
use super::{Reply, Request, Wire, fault, uri, xml_read};
use crate::model::{Model, Operation, Structure};
use serde_json::{Map, Value};

#[derive(Debug)]
pub(super) struct Query {
    pub(super) ec2: bool,
}

impl Wire for Query {
    fn request(&self, model: &Model, op: &Operation, input: &Value) -> Result<Request, WireError> {
        let mut form = Form::new(model, self.ec2, &op.name);
        if let Some(shape) = model.input(op) {
            form.structure(shape, input, "");
        }
        let content_type = "application/x-www-form-urlencoded; charset=utf-8";
        Ok(Request {
            method: op.http.method.clone(),
            uri: op.http.request_uri.clone(),
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: form.finish(),
            host_prefix: uri::host_prefix(model, op, input)?,
        })
    }

    fn reply(&self, model: &Model, op: &Operation, reply: Reply<'_>) -> Result<Value, WireError> {
        let output = op.output.as_ref();
        let Some((target, shape)) = output.and_then(|out| Some((out, model.structure(out)?)))
        else {
            return Ok(Value::Object(Map::new()));
        };
        if reply.body.is_empty() && shape.members.is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        let wrapper = target
            .traits
            .result_wrapper
            .as_deref()
            .filter(|_| !self.ec2);
        let value = read(model, shape, wrapper, op, reply.body);
        value
            .map(Value::Object)
            .map_err(|error| WireError::reply(op, error))
    }

    fn error(&self, model: &Model, _: &Operation, reply: Reply<'_>) -> ServiceError {
        fault::xml(model, reply)
    }
}

fn read(
    model: &Model,
    shape: &Structure,
    wrapper: Option<&str>,
    op: &Operation,
    body: &[u8],
) -> Result<Map<String, Value>, XmlError> {
    let mut cursor = Cursor::new(body)?;
    let root = cursor.root()?;
    // A page of a proxy or portal must not pass for an empty listing, nor an error for a success.
    let name = root.name();
    if !name.ends_with("Response") || name == "Response" || name == "ErrorResponse" {
        return Err(cursor.fault(format!("the root is `{name}`, not `{}Response`", op.name)));
    }
    let Some(wrapper) = wrapper else {
        let members = xml_read::structure(&mut cursor, model, shape, &root)?;
        cursor.finish()?;
        return Ok(members);
    };
    let mut members = None;
    while let Some(child) = cursor.child()? {
        if members.is_none() && child.name() == wrapper {
            members = Some(xml_read::structure(&mut cursor, model, shape, &child)?);
        } else {
            cursor.skip(&child)?;
        }
    }
    cursor.finish()?;
    match members {
        Some(members) => Ok(members),
        None if shape.members.is_empty() => Ok(Map::new()),
        None => Err(cursor.fault(format!("there is no `{wrapper}` in `{}`", root.name()))),
    }
}
