//! Requests as the suites expect them.

use crate::cases::Case;
use crate::compare::{form, tree};
use palisade_aws::model::{Kind, Model, Protocol, Ref};
use palisade_aws::wire::{self, Request};
use serde_json::{Value, json};

pub(crate) fn run(case: &Case) -> Result<(), String> {
    let op = case.model.operation(&case.op).unwrap();
    let mut params = case.case["params"].clone();
    if params.is_null() {
        params = json!({});
    }
    if let Some(input) = &op.input {
        blobs(&case.model, input, &mut params);
    }
    let request = wire::request(&case.model, op, &params).map_err(|error| error.to_string())?;
    let expected = &case.case["serialized"];
    if let Some(method) = expected["method"].as_str() {
        same("method", request.method.as_str(), method)?;
    }
    let (path, query) = request.uri.split_once('?').unwrap_or((&request.uri, ""));
    let (wanted_path, wanted_query) = expected["uri"]
        .as_str()
        .unwrap_or("")
        .split_once('?')
        .unwrap_or((expected["uri"].as_str().unwrap_or(""), ""));
    same("path", path, wanted_path)?;
    same("query", &form(query), &form(wanted_query))?;
    if let Some(body) = expected["body"].as_str() {
        same_body(case.model.protocol, &request, body)?;
    }
    headers(case.model.protocol, &request, expected)?;
    if let Some(host) = expected["host"].as_str() {
        let (_, rest) = case
            .endpoint
            .split_once("://")
            .unwrap_or(("", &case.endpoint));
        let bare = rest.split('/').next().unwrap_or_default();
        let full = format!(
            "{}{bare}",
            request.host_prefix.as_deref().unwrap_or_default()
        );
        same("host", full.as_str(), host)?;
    }
    Ok(())
}

/// The suites give blobs as text, our values are base64.
fn blobs(model: &Model, target: &Ref, value: &mut Value) {
    match (model.kind(target), value) {
        (Kind::Structure(shape), Value::Object(members)) if !shape.document => {
            for (name, value) in members {
                if let Some(member) = shape.members.get(name.as_str()) {
                    blobs(model, &member.target, value);
                }
            }
        }
        (Kind::List { member, .. }, Value::Array(list)) => list
            .iter_mut()
            .for_each(|value| blobs(model, member, value)),
        (Kind::Map { value: target, .. }, Value::Object(map)) => map
            .values_mut()
            .for_each(|value| blobs(model, target, value)),
        (Kind::Blob, Value::String(text)) => *text = aws_smithy_types::base64::encode(&*text),
        _ => {}
    }
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
    what: &str,
    actual: &T,
    wanted: &T,
) -> Result<(), String> {
    if actual == wanted {
        Ok(())
    } else {
        Err(format!("{what}\n   is {actual:?}\n  not {wanted:?}"))
    }
}

fn same_body(protocol: Protocol, request: &Request, wanted: &str) -> Result<(), String> {
    let actual = std::str::from_utf8(&request.body).map_err(|error| error.to_string())?;
    match protocol {
        Protocol::Query | Protocol::Ec2 => same("body", &form(actual), &form(wanted)),
        Protocol::RestXml if wanted.trim_start().starts_with('<') => {
            let actual = tree(actual).map_err(|error| format!("{error} in {actual}"))?;
            same("body", &actual, &tree(wanted).unwrap())
        }
        _ => match serde_json::from_str::<Value>(wanted) {
            Ok(wanted) => {
                let value = serde_json::from_str::<Value>(actual)
                    .map_err(|error| format!("{error} in `{actual}`"))?;
                same("body", &value, &wanted)
            }
            Err(_) => same("body", actual, wanted),
        },
    }
}

fn headers(protocol: Protocol, request: &Request, expected: &Value) -> Result<(), String> {
    let find = |name: &str| {
        request
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    for (name, wanted) in expected["headers"].as_object().into_iter().flatten() {
        let mut wanted = wanted.as_str().unwrap_or_default().to_owned();
        // botocore's runner adds the charset too.
        if matches!(protocol, Protocol::Query | Protocol::Ec2) && !wanted.contains("charset") {
            wanted.push_str("; charset=utf-8");
        }
        let actual = find(name).ok_or_else(|| format!("there is no header {name}"))?;
        // Lists with and without a space behind the comma are the same.
        same(name, &actual.replace(", ", ","), &wanted.replace(", ", ","))?;
    }
    for name in expected["forbidHeaders"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if let Some(value) = find(name) {
            return Err(format!("the header {name} must not be there: {value}"));
        }
    }
    Ok(())
}
