//! Where services deviate from their models.
//!
//! botocore keeps these in `handlers.py`; here are the ones that reads need, in tables by service and
//! operation. Everything else about a service is in its model.

use super::error::WireError;
use super::xml_cursor::Cursor;
use super::{Reply, Request, outposts, scalar, uri};
use crate::model::{Kind, Model, Operation, Protocol, Ref};
use serde_json::Value;
use std::borrow::Cow;

type OnRequest = fn(&Model, &mut Request);
type OnReply = fn(&Model, &Operation, Reply<'_>, &mut Value) -> Result<(), WireError>;

/// Service, operation (`*`: all) and what is done to its requests.
const REQUESTS: &[(&str, &str, OnRequest)] = &[
    // API Gateway answers with HAL, which the model does not describe, if it is not asked for JSON.
    ("apigateway", "*", |_, request| {
        header(request, "Accept", "application/json")
    }),
    ("glacier", "*", |model, request| {
        header(
            request,
            "x-amz-glacier-version",
            &model.metadata.api_version,
        );
    }),
];

/// Service, operation (`*`: all) and what is done to its replies.
const REPLIES: &[(&str, &str, OnReply)] = &[
    ("iam", "*", decode_policies),
    ("s3", "GetBucketLocation", location),
    ("s3", "ListObjects", |_, _, _, value| decode_listing(value)),
    ("s3", "ListObjectsV2", |_, _, _, value| {
        decode_listing(value)
    }),
    ("s3", "ListObjectVersions", |_, _, _, value| {
        decode_listing(value)
    }),
    ("ec2", "GetConsoleOutput", |_, _, _, value| {
        decode_console(value)
    }),
];

/// The S3 listings that can be asked to percent-encode keys, which may hold bytes that XML cannot.
const ENCODED_LISTINGS: [&str; 3] = ["ListObjects", "ListObjectsV2", "ListObjectVersions"];

/// The input with the service's peculiarities worked in, before it is checked.
pub(super) fn input<'v>(model: &Model, op: &Operation, given: &'v Value) -> Cow<'v, Value> {
    let mut input = Cow::Borrowed(given);
    match model.service.as_str() {
        "route53" => bare_ids(model, op, &mut input),
        "s3control" => outposts::bare_names(&mut input),
        "s3" if ENCODED_LISTINGS.contains(&op.name.as_str()) => {
            default(&mut input, "EncodingType", "url");
        }
        // "-" is the account that signs.
        "glacier" if has_member(model, op, "accountId") => default(&mut input, "accountId", "-"),
        _ => {}
    }
    input
}

fn has_member(model: &Model, op: &Operation, name: &str) -> bool {
    let shape = model.input(op);
    shape.is_some_and(|shape| shape.members.contains_key(name))
}

fn default(input: &mut Cow<'_, Value>, name: &str, value: &str) {
    if input.get(name).is_none_or(Value::is_null)
        && let Value::Object(members) = input.to_mut()
    {
        members.insert(name.to_owned(), value.into());
    }
}

/// Route 53 gives `/hostedzone/Z1` and takes `Z1`.
fn bare_ids(model: &Model, op: &Operation, input: &mut Cow<'_, Value>) {
    let shape = model.input(op);
    for (name, member) in shape.into_iter().flat_map(|shape| &shape.members) {
        let id = matches!(
            &*model.shape(member.target.shape).name,
            "ResourceId" | "DelegationSetId" | "ChangeId"
        );
        let text = input.get(&**name).and_then(Value::as_str).filter(|_| id);
        if let Some((_, last)) = text.and_then(|text| text.rsplit_once('/')) {
            let last = Value::from(last);
            if let Some(slot) = input.to_mut().get_mut(&**name) {
                *slot = last;
            }
        }
    }
}

/// The path template. S3's endpoint rules put the bucket into host or path by themselves.
pub(super) fn template<'m>(model: &Model, op: &'m Operation) -> Cow<'m, str> {
    let template = op.http.request_uri.as_str();
    match template.strip_prefix("/{Bucket}") {
        Some(rest) if model.service == "s3" => {
            if rest.starts_with('/') {
                rest.into()
            } else {
                format!("/{rest}").into()
            }
        }
        _ => template.into(),
    }
}

/// The host prefix. S3 Control's endpoint rules put the account into the host by themselves.
pub(super) fn host_prefix(model: &Model, prefix: Option<String>) -> Option<String> {
    prefix.filter(|_| model.service != "s3control")
}

/// Changes the finished request for an input as it was given.
pub(super) fn request(model: &Model, op: &Operation, given: &Value, request: &mut Request) {
    if model.service == "s3control"
        && let Some(outpost) = outposts::outpost(given)
    {
        header(request, outposts::HEADER, outpost);
    }
    for (_, _, hook) in REQUESTS
        .iter()
        .filter(|(service, name, _)| is(model, op, service, name))
    {
        hook(model, request);
    }
}

fn header(request: &mut Request, name: &str, value: &str) {
    if !request
        .headers
        .iter()
        .any(|(given, _)| given.eq_ignore_ascii_case(name))
    {
        request.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// Changes the value of a reply.
pub(super) fn reply(
    model: &Model,
    op: &Operation,
    reply: Reply<'_>,
    value: &mut Value,
) -> Result<(), WireError> {
    let hooks = REPLIES
        .iter()
        .filter(|(service, name, _)| is(model, op, service, name));
    for (_, _, hook) in hooks {
        hook(model, op, reply, value)?;
    }
    Ok(())
}

fn is(model: &Model, op: &Operation, service: &str, name: &str) -> bool {
    model.service == service && (name == "*" || op.name == name)
}

/// S3 may begin to answer before it knows the outcome: an error inside a 200.
pub(super) fn is_hidden_error(model: &Model, op: &Operation, reply: Reply<'_>) -> bool {
    if model.service != "s3" || model.protocol != Protocol::RestXml || reply.body.is_empty() {
        return false;
    }
    let output = op
        .output
        .as_ref()
        .and_then(|output| model.structure(output));
    let payload = output.and_then(|shape| shape.members.get_index(shape.payload?));
    // The body of an object or a policy is anything at all.
    if payload.is_some_and(|(_, member)| !matches!(model.kind(&member.target), Kind::Structure(_)))
    {
        return false;
    }
    Cursor::new(reply.body)
        .and_then(|mut cursor| cursor.root().map(|root| root.name() == "Error"))
        .unwrap_or(false)
}

/// S3 keeps whatever text a writer gave as `Expires`.
pub(super) fn is_loose_header(model: &Model, member: &str) -> bool {
    model.service == "s3" && member == "Expires"
}

/// IAM sends policy documents percent-encoded (RFC 3986), wherever they stand in a reply.
fn decode_policies(
    model: &Model,
    op: &Operation,
    _: Reply<'_>,
    value: &mut Value,
) -> Result<(), WireError> {
    if let Some(output) = &op.output {
        decode_policies_in(model, output, value);
    }
    Ok(())
}

fn decode_policies_in(model: &Model, target: &Ref, value: &mut Value) {
    match (model.kind(target), value) {
        (Kind::Structure(shape), Value::Object(members)) => {
            for (name, value) in members {
                if let Some(member) = shape.members.get(name.as_str()) {
                    decode_policies_in(model, &member.target, value);
                }
            }
        }
        (Kind::List { member, .. }, Value::Array(list)) => {
            list.iter_mut()
                .for_each(|value| decode_policies_in(model, member, value));
        }
        (Kind::Map { value: target, .. }, Value::Object(map)) => {
            map.values_mut()
                .for_each(|value| decode_policies_in(model, target, value));
        }
        // An encoded document has no brace; one that has is not encoded (emulators), and its percent
        // signs are its own.
        (Kind::String { .. }, Value::String(text))
            if &*model.shape(target.shape).name == "policyDocumentType" && !text.contains('{') =>
        {
            *text = uri::decode(text);
        }
        _ => {}
    }
}

/// The root element itself is the location; empty means us-east-1 and is left out.
fn location(
    _: &Model,
    op: &Operation,
    reply: Reply<'_>,
    value: &mut Value,
) -> Result<(), WireError> {
    let read = |body| {
        let mut cursor = Cursor::new(body)?;
        cursor.root()?;
        let text = cursor.text()?.trim().to_owned();
        cursor.finish().map(|()| text)
    };
    let text = read(reply.body).map_err(|error| WireError::reply(op, error))?;
    if let Value::Object(members) = value
        && !text.is_empty()
    {
        members.insert("LocationConstraint".into(), text.into());
    }
    Ok(())
}

fn decode_listing(value: &mut Value) -> Result<(), WireError> {
    if value.get("EncodingType").and_then(Value::as_str) != Some("url") {
        return Ok(());
    }
    for name in [
        "Delimiter",
        "Marker",
        "NextMarker",
        "Prefix",
        "StartAfter",
        "KeyMarker",
        "NextKeyMarker",
    ] {
        decode_member(value, name);
    }
    for (list, name) in [
        ("Contents", "Key"),
        ("Versions", "Key"),
        ("DeleteMarkers", "Key"),
        ("CommonPrefixes", "Prefix"),
    ] {
        let list = value.get_mut(list).and_then(Value::as_array_mut);
        list.into_iter()
            .flatten()
            .for_each(|entry| decode_member(entry, name));
    }
    Ok(())
}

fn decode_member(value: &mut Value, name: &str) {
    if let Some(Value::String(text)) = value.get_mut(name) {
        *text = uri::decode(text);
    }
}

fn decode_console(value: &mut Value) -> Result<(), WireError> {
    if let Some(Value::String(text)) = value.get_mut("Output")
        && let Some(bytes) = scalar::decode(text)
    {
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
