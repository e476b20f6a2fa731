//! Members in headers, both ways.

use super::error::WireError;
use super::rest_write::members_at;
use super::slots::json_name;
use super::{Reply, custom, scalar};
use crate::model::{Kind, Location, Model, Operation, Ref, Structure, TimestampFormat};
use serde_json::{Map, Value};

/// The headers of a request.
pub(super) fn write(model: &Model, shape: &Structure, input: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, member, given) in members_at(shape, input, Location::Header) {
        if let Some(text) = text(model, &member.target, given) {
            out.push((json_name(name, member).to_owned(), text));
        }
    }
    for (_, member, given) in members_at(shape, input, Location::Headers) {
        let prefix = member
            .target
            .traits
            .location_name
            .as_deref()
            .unwrap_or_default();
        for (name, given) in given.as_object().into_iter().flatten() {
            let name = format!("{prefix}{name}");
            let taken = out
                .iter()
                .any(|(taken, _)| taken.eq_ignore_ascii_case(&name));
            if let Some(text) = given.as_str().filter(|_| !taken) {
                out.push((name, text.to_owned()));
            }
        }
    }
    out
}

/// None: an empty list has no header.
fn text(model: &Model, target: &Ref, given: &Value) -> Option<String> {
    let format = target
        .traits
        .timestamp_format
        .unwrap_or(TimestampFormat::Rfc822);
    match (model.kind(target), given) {
        (Kind::List { member, .. }, Value::Array(list)) => {
            let plain = list.iter().filter_map(|given| text(model, member, given));
            let strings = matches!(model.kind(member), Kind::String { .. });
            let quoted = plain.map(|text| if strings { quote(text) } else { text });
            let items: Vec<String> = quoted.collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
        (Kind::String { .. }, given) if target.traits.jsonvalue => {
            Some(scalar::encode(given.to_string().as_bytes()))
        }
        (kind, given) => scalar::text(given, kind, format),
    }
}

fn quote(text: String) -> String {
    if text.contains(['"', ',']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

/// Puts the members of a reply that stand in headers and status into `out`.
pub(super) fn read(
    model: &Model,
    op: &Operation,
    shape: &Structure,
    reply: Reply<'_>,
    out: &mut Map<String, Value>,
) -> Result<(), WireError> {
    read_fault(model, shape, reply, out).map_err(|fault| WireError::reply(op, fault))
}

/// As [`read`], for replies of which the operation does not matter.
pub(super) fn read_fault(
    model: &Model,
    shape: &Structure,
    reply: Reply<'_>,
    out: &mut Map<String, Value>,
) -> Result<(), String> {
    for (name, member) in &shape.members {
        let target = &member.target;
        let value = match target.traits.location {
            Some(Location::StatusCode) => Some(reply.status.into()),
            Some(Location::Headers) => Some(with_prefix(target, reply)),
            Some(Location::Header) => {
                let header = json_name(name, member);
                let Some(text) = reply.header(header) else {
                    continue;
                };
                match parse(model, target, text) {
                    Ok(value) => value,
                    Err(_) if custom::is_loose_header(model, name) => {
                        out.insert(format!("{name}String"), text.into());
                        None
                    }
                    Err(fault) => return Err(format!("header `{header}`: {fault}")),
                }
            }
            _ => None,
        };
        if let Some(value) = value {
            out.insert(name.to_string(), value);
        }
    }
    Ok(())
}

fn with_prefix(target: &Ref, reply: Reply<'_>) -> Value {
    let prefix = target.traits.location_name.as_deref().unwrap_or_default();
    let named = reply.headers.iter().filter_map(|(name, value)| {
        let (head, rest) = name.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| (rest.to_owned(), Value::from(*value)))
    });
    Value::Object(named.collect())
}

fn parse(model: &Model, target: &Ref, text: &str) -> Result<Option<Value>, String> {
    match model.kind(target) {
        Kind::String { .. } if target.traits.jsonvalue => {
            let wrong = || "is not base64 of JSON".to_owned();
            let bytes = scalar::decode(text.trim()).ok_or_else(wrong)?;
            serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|_| wrong())
        }
        Kind::List { member, .. } => {
            let dates = matches!(model.kind(member), Kind::Timestamp)
                && member
                    .traits
                    .timestamp_format
                    .is_none_or(|f| f == TimestampFormat::Rfc822);
            let items = split(text, dates);
            let values = items.iter().map(|item| parse(model, member, item));
            let values: Result<Vec<_>, _> = values.collect();
            Ok(Some(values?.into_iter().flatten().collect()))
        }
        kind => scalar::parse(text, kind),
    }
}

/// Items of a list header (RFC 9110, 5.6.1), quoted ones unquoted. HTTP dates have a comma each.
fn split(text: &str, dates: bool) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped, mut commas) = (false, false, 0);
    for letter in text.chars() {
        let comma = letter == ',' && !quoted;
        commas += usize::from(comma);
        if comma && (!dates || commas % 2 == 0) {
            items.push(String::new());
            continue;
        }
        let Some(item) = items.last_mut() else { break };
        match letter {
            '\\' if quoted && !escaped => {
                escaped = true;
                continue;
            }
            '"' if quoted && !escaped => quoted = false,
            '"' if item.trim().is_empty() && !escaped => {
                item.clear();
                quoted = true;
            }
            letter => item.push(letter),
        }
        escaped = false;
    }
    items
        .into_iter()
        .map(|item| item.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lists_in_headers() {
        assert_eq!(split("a, b ,c", false), ["a", "b", "c"]);
        assert_eq!(
            split(r#""b,c", "\"def\"", a"#, false),
            ["b,c", "\"def\"", "a"]
        );
        assert_eq!(
            split("Mon, 16 Dec 2019, Tue, 17 Dec 2019", true),
            ["Mon, 16 Dec 2019", "Tue, 17 Dec 2019"]
        );
        assert_eq!(split("", false), [""]);
        assert_eq!(split("\"open", false), ["open"]);
    }
}
