//! Requests of the REST protocols.

use super::error::WireError;
use super::json_write::in_body;
use super::scalar;
use super::{Request, custom, headers, json_write, uri, xml_write};
use crate::model::{Kind, Location, Member, Model, Operation, Ref, Structure, TimestampFormat};
use serde_json::{Map, Value};

pub(super) fn request(
    model: &Model,
    op: &Operation,
    input: &Value,
    xml: bool,
) -> Result<Request, WireError> {
    let none = Structure::default();
    let shape = model.input(op).unwrap_or(&none);
    let template = custom::template(model, op);
    let mut uri = uri::path(op, &template, |label| {
        label_value(model, shape, input, label)
    })?;
    query(&mut uri, model, shape, input);
    let mut headers = headers::write(model, shape, input);
    let (body, content_type) = body(model, op, shape, input, xml)?;
    let named = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(content_type) = content_type.filter(|_| !named) {
        headers.push(("Content-Type".to_owned(), content_type.to_owned()));
    }
    let host_prefix = custom::host_prefix(model, uri::host_prefix(model, op, input)?);
    Ok(Request {
        method: op.http.method.clone(),
        uri,
        headers,
        body,
        host_prefix,
    })
}

/// The members in a location that are set.
pub(super) fn members_at<'a>(
    shape: &'a Structure,
    input: &'a Value,
    location: Location,
) -> impl Iterator<Item = (&'a str, &'a Member, &'a Value)> {
    shape.members.iter().filter_map(move |(name, member)| {
        let given = input.get(&**name).filter(|given| !given.is_null())?;
        (member.target.traits.location == Some(location)).then_some((&**name, member, given))
    })
}

fn label_value(
    model: &Model,
    shape: &Structure,
    input: &Value,
    label: &str,
) -> Option<(String, String)> {
    let mut found = members_at(shape, input, Location::Uri);
    let (name, member, given) = found.find(|(name, member, _)| json_name(name, member) == label)?;
    Some((name.to_owned(), text(model, &member.target, given)?))
}

fn json_name<'m>(name: &'m str, member: &'m Member) -> &'m str {
    super::slots::json_name(name, member)
}

fn text(model: &Model, target: &Ref, given: &Value) -> Option<String> {
    let format = target
        .traits
        .timestamp_format
        .unwrap_or(TimestampFormat::Iso8601);
    scalar::text(given, model.kind(target), format)
}

/// Appends the query: members of their own before those of maps, which may not replace them
/// ([Smithy](https://smithy.io/2.0/spec/http-bindings.html#httpqueryparams-trait)).
fn query(out: &mut String, model: &Model, shape: &Structure, input: &Value) {
    let mut separator = if out.contains('?') { '&' } else { '?' };
    let mut pair = |name: &str, text: &str| {
        out.push(separator);
        separator = '&';
        uri::encode(out, name);
        out.push('=');
        uri::encode(out, text);
    };
    let mut taken = Vec::new();
    for (name, member, given) in members_at(shape, input, Location::QueryString) {
        let name = json_name(name, member);
        match (model.kind(&member.target), given) {
            (Kind::Map { .. }, _) => continue,
            (Kind::List { member, .. }, Value::Array(list)) => {
                list.iter()
                    .filter_map(|given| text(model, member, given))
                    .for_each(|text| pair(name, &text));
            }
            _ => text(model, &member.target, given)
                .iter()
                .for_each(|text| pair(name, text)),
        }
        taken.push(name);
    }
    for (_, member, given) in members_at(shape, input, Location::QueryString) {
        let (Kind::Map { .. }, Value::Object(map)) = (model.kind(&member.target), given) else {
            continue;
        };
        for (name, given) in map
            .iter()
            .filter(|(name, _)| !taken.contains(&name.as_str()))
        {
            let given = given
                .as_array()
                .map_or(std::slice::from_ref(given), Vec::as_slice);
            given
                .iter()
                .filter_map(Value::as_str)
                .for_each(|text| pair(name, text));
        }
    }
}

/// The body and its type.
fn body(
    model: &Model,
    op: &Operation,
    shape: &Structure,
    input: &Value,
    xml: bool,
) -> Result<(Vec<u8>, Option<&'static str>), WireError> {
    let kind = if xml {
        "application/xml"
    } else {
        "application/json"
    };
    let Some((name, member)) = shape.payload.and_then(|at| shape.members.get_index(at)) else {
        let mut inside = shape
            .members
            .iter()
            .filter(|(_, member)| in_body(member.target.traits.location));
        let set = inside
            .clone()
            .any(|(name, _)| input.get(&**name).is_some_and(|given| !given.is_null()));
        return Ok(match (set, xml) {
            (true, true) => (
                xml_write::document(model, op.input.as_ref(), shape, &op.name, input),
                Some(kind),
            ),
            (false, true) => (Vec::new(), None),
            (false, false) if inside.next().is_none() => (Vec::new(), None),
            (_, false) => (
                json_write::structure(model, shape, input)
                    .to_string()
                    .into_bytes(),
                Some(kind),
            ),
        });
    };
    let given = input.get(&**name).filter(|given| !given.is_null());
    Ok(match (model.kind(&member.target), given) {
        (Kind::Blob, Some(Value::String(text))) => {
            let wrong = || WireError::input(op, &**name, "is not base64");
            (
                scalar::decode(text).ok_or_else(wrong)?,
                Some("application/octet-stream"),
            )
        }
        (Kind::String { .. }, Some(Value::String(text))) => {
            (text.clone().into_bytes(), Some("text/plain"))
        }
        (Kind::Blob | Kind::String { .. }, _) => (Vec::new(), None),
        (Kind::Structure(inner), given) if xml => match given {
            Some(given) => (
                xml_write::document(model, Some(&member.target), inner, name, given),
                Some(kind),
            ),
            None => (Vec::new(), None),
        },
        (_, Some(given)) => (
            json_write::value(model, &member.target, given)
                .to_string()
                .into_bytes(),
            Some(kind),
        ),
        (_, None) => (
            Value::Object(Map::new()).to_string().into_bytes(),
            Some(kind),
        ),
    })
}
