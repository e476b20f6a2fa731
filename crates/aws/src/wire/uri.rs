//! Paths, queries and host prefixes of requests.

use super::error::WireError;
use crate::model::{Model, Operation, Structure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

/// RFC 3986, 2.3: what stays as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// Greedy labels (`{Key+}`) keep their slashes.
const ESCAPED_GREEDY: &AsciiSet = &ESCAPED.remove(b'/');

/// Appends text, percent-encoded.
pub(super) fn encode(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, ESCAPED));
}

/// Percent-decodes; what is not UTF-8 becomes replacement characters.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Fills the labels of a path template. The template may carry a fixed query.
pub(super) fn path(
    op: &Operation,
    template: &str,
    label: impl Fn(&str) -> Option<(String, String)>,
) -> Result<String, WireError> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        let (name, set) = match name.strip_suffix('+') {
            Some(name) => (name, ESCAPED_GREEDY),
            None => (name, ESCAPED),
        };
        let Some((member, value)) = label(name) else {
            return Err(WireError::input(op, name, "part of the path, but missing"));
        };
        if value.is_empty() {
            // `/buckets//policy` would be another resource.
            return Err(WireError::input(op, member, "part of the path, but empty"));
        }
        out.extend(utf8_percent_encode(&value, set));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Fills the labels of the operation's host prefix.
pub(super) fn host_prefix(
    model: &Model,
    op: &Operation,
    input: &Value,
) -> Result<Option<String>, WireError> {
    let Some(template) = &op.host_prefix else {
        return Ok(None);
    };
    let none = Structure::default();
    let structure = model.input(op).unwrap_or(&none);
    let mut out = template.clone();
    for (name, member) in &structure.members {
        if !member.target.traits.host_label {
            continue;
        }
        let value = input
            .get(&**name)
            .and_then(Value::as_str)
            .unwrap_or_default();
        if value.is_empty()
            || !value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        {
            let fault = "part of the host: only letters, digits, hyphens and full stops";
            return Err(WireError::input(op, &**name, fault));
        }
        out = out.replace(&format!("{{{name}}}"), value);
    }
    Ok(Some(out))
}
