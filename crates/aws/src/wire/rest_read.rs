//! Replies of the REST protocols.

use super::error::WireError;
use super::xml_cursor::Cursor;
use super::{Reply, headers, json_read, scalar, xml_read};
use crate::model::{Kind, Model, Operation, Structure};
use serde_json::{Map, Value};

pub(super) fn reply(
    model: &Model,
    op: &Operation,
    reply: Reply<'_>,
    xml: bool,
) -> Result<Value, WireError> {
    let mut out = Map::new();
    let Some(shape) = op
        .output
        .as_ref()
        .and_then(|output| model.structure(output))
    else {
        return Ok(Value::Object(out));
    };
    headers::read(model, op, shape, reply, &mut out)?;
    let wrong = |error: &dyn std::fmt::Display| WireError::reply(op, error.to_string());
    let Some((name, member)) = shape.payload.and_then(|at| shape.members.get_index(at)) else {
        let body = if xml {
            xml_body(model, shape, reply.body).map_err(|error| wrong(&error))?
        } else if reads_body(shape) {
            json_read::structure(model, shape, reply.body).map_err(|error| wrong(&error))?
        } else {
            Map::new()
        };
        out.extend(body);
        return Ok(Value::Object(in_order(shape, out)));
    };
    let value = match model.kind(&member.target) {
        Kind::Blob if reply.body.is_empty() => None,
        Kind::Blob => Some(Value::String(scalar::encode(reply.body))),
        Kind::String { .. } => {
            let text = std::str::from_utf8(reply.body).map_err(|error| wrong(&error))?;
            (!text.is_empty()).then(|| text.into())
        }
        Kind::Structure(inner) if inner.eventstream => {
            return Err(wrong(&"event streams are not read"));
        }
        Kind::Structure(inner) if xml => {
            let members = xml_body(model, inner, reply.body).map_err(|error| wrong(&error))?;
            (!reply.body.is_empty()).then_some(Value::Object(members))
        }
        _ if xml => return Err(wrong(&"the payload is not a structure")),
        _ => json_read::value(model, &member.target, reply.body).map_err(|error| wrong(&error))?,
    };
    if let Some(value) = value {
        out.insert(name.to_string(), value);
    }
    Ok(Value::Object(in_order(shape, out)))
}

/// Some operations without a member in the body answer with text that is no JSON.
fn reads_body(shape: &Structure) -> bool {
    shape.members.values().any(super::slots::in_body)
}

fn xml_body(
    model: &Model,
    shape: &Structure,
    body: &[u8],
) -> Result<Map<String, Value>, super::xml_cursor::XmlError> {
    if body.iter().all(u8::is_ascii_whitespace) || !reads_body(shape) {
        return Ok(Map::new());
    }
    let mut cursor = Cursor::new(body)?;
    let root = cursor.root()?;
    // The name of the root differs from model to model, but it is never that of a web page.
    if root.name().eq_ignore_ascii_case("html") {
        return Err(cursor.fault("a web page, not a reply of the service"));
    }
    let members = xml_read::structure(&mut cursor, model, shape, &root)?;
    cursor.finish()?;
    Ok(members)
}

/// Headers and body were read one after the other.
fn in_order(shape: &Structure, mut members: Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for name in shape.members.keys() {
        if let Some(value) = members.get_mut(&**name) {
            out.insert(name.to_string(), value.take());
            members.swap_remove(&**name);
        }
    }
    out.extend(members);
    out
}
