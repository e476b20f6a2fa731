//! Error replies. They come in every shape, also from load balancers and proxies: whatever cannot be
//! read falls back to the HTTP status.

use super::error::ServiceError;
use super::scalar;
use super::xml_cursor::{Cursor, XmlError};
use super::{MAX_BODY, Reply, headers, json_read, xml_read};
use crate::model::{Model, Protocol, Structure};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What could be found.
#[derive(Debug, Default)]
struct Found {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

impl Found {
    fn finish(self, reply: Reply<'_>, detail: Option<Map<String, Value>>) -> ServiceError {
        let status = reply.status;
        let reason = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|s| s.canonical_reason());
        let bare = self.code.is_none();
        let header = || {
            reply
                .header("x-amzn-requestid")
                .or_else(|| reply.header("x-amz-request-id"))
        };
        ServiceError {
            code: self.code.unwrap_or_else(|| status.to_string()),
            message: match self.message {
                None if bare => reason.unwrap_or_default().to_owned(),
                message => message.unwrap_or_default(),
            },
            status,
            request_id: self.request_id.or_else(|| header().map(str::to_owned)),
            detail: Value::Object(detail.unwrap_or_default()),
        }
    }
}

/// The members of a modeled error, headers and body.
fn detail(
    model: &Model,
    shape: &Structure,
    reply: Reply<'_>,
    body: Option<Map<String, Value>>,
) -> Map<String, Value> {
    let mut out = Map::new();
    // A header that is not readable costs the details, not the error.
    let _unreadable = headers::read_fault(model, shape, reply, &mut out).is_err();
    out.extend(body.unwrap_or_default());
    out
}

/// `com.amazonaws.sqs#QueueDoesNotExist:http://...` without namespace and URL.
fn bare(code: &str) -> Option<String> {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code).trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// Errors of the JSON protocols: the code is in a header or in the body, in awsJson as `__type`, in
/// restJson1 rather as `code`. Services with `awsQueryCompatible` tell the code of the old protocol in
/// `x-amzn-query-error`.
pub(super) fn json(model: &Model, reply: Reply<'_>) -> ServiceError {
    let body = reply
        .body
        .get(..reply.body.len().min(MAX_BODY))
        .unwrap_or_default();
    let words = serde_json::from_slice::<Words>(body);
    let readable = words.is_ok() || body.is_empty();
    let words = words.unwrap_or_default();
    let own = reply.header("x-amzn-errortype").and_then(bare);
    let own = own.or_else(|| {
        let (first, second) = match model.protocol {
            Protocol::Json => (&words.kind, &words.code),
            _ => (&words.code, &words.kind),
        };
        first
            .as_deref()
            .and_then(bare)
            .or_else(|| second.as_deref().and_then(bare))
    });
    let old = reply
        .header("x-amzn-query-error")
        .and_then(|text| bare(text.split(';').next()?));
    let codes = [old.as_deref(), own.as_deref()];
    let shape = codes
        .into_iter()
        .flatten()
        .find_map(|code| model.error_shape(code));
    let detail = shape.map(|shape| {
        detail(
            model,
            shape,
            reply,
            json_read::structure(model, shape, body).ok(),
        )
    });
    let text = || {
        std::str::from_utf8(body)
            .ok()
            .filter(|_| !readable && !is_page(body))
    };
    let found = Found {
        message: words
            .message
            .or_else(|| text().map(|text| scalar::short(text.trim()))),
        code: old.or(own),
        request_id: None,
    };
    found.finish(reply, detail)
}

/// The words of a JSON error body; whatever else is there is passed over.
#[derive(Default)]
struct Words {
    /// `__type`
    kind: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

impl<'d> Deserialize<'d> for Words {
    fn deserialize<D: Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(WordsVisitor)
    }
}

struct WordsVisitor;

impl<'d> Visitor<'d> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut from: A) -> Result<Words, A::Error> {
        let mut words = Words::default();
        while let Some(key) = from.next_key::<String>()? {
            let slot = match key.as_str() {
                "__type" => &mut words.kind,
                "code" | "Code" => &mut words.code,
                "message" | "Message" | "errorMessage" => &mut words.message,
                _ => {
                    from.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            match from.next_value::<Value>()? {
                Value::String(text) => *slot = Some(text),
                Value::Number(number) => *slot = Some(number.to_string()),
                _ => {}
            }
        }
        Ok(words)
    }
}

fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// Errors of the XML protocols: `Error` alone (S3), within `ErrorResponse`, or within
/// `Response/Errors` (ec2).
pub(super) fn xml(model: &Model, reply: Reply<'_>) -> ServiceError {
    let mut found = Found::default();
    if search(reply.body, &mut found).is_err() && found.code.is_none() {
        found = Found::default();
    }
    let shape = found
        .code
        .as_deref()
        .and_then(|code| model.error_shape(code));
    let detail = shape.map(|shape| {
        let body = members(model, shape, reply.body).ok().flatten();
        detail(model, shape, reply, body)
    });
    found.finish(reply, detail)
}

/// Goes through the document for the first `Code` and `Message` of an `Error`, and the request id.
fn search(body: &[u8], found: &mut Found) -> Result<(), XmlError> {
    let mut cursor = Cursor::new(body)?;
    let root = cursor.root()?;
    search_in(&mut cursor, root.name() == "Error", 0, found)?;
    cursor.finish()
}

fn search_in(
    cursor: &mut Cursor<'_>,
    error: bool,
    depth: usize,
    found: &mut Found,
) -> Result<(), XmlError> {
    while let Some(child) = cursor.child()? {
        let slot = match child.name() {
            "Code" if error => &mut found.code,
            "Message" | "message" if error => &mut found.message,
            "RequestId" | "RequestID" | "requestId" => &mut found.request_id,
            name => {
                let wanted = name == "Error";
                // `Response`, `Errors`, `Error`: what is deeper is detail.
                if error || depth > 2 {
                    cursor.skip(&child)?;
                } else {
                    search_in(cursor, wanted, depth + 1, found)?;
                }
                continue;
            }
        };
        let text = cursor.text()?.trim().to_owned();
        if slot.is_none() && !text.is_empty() {
            *slot = Some(text);
        }
    }
    Ok(())
}

/// The modeled members of the `Error` element.
fn members(
    model: &Model,
    shape: &Structure,
    body: &[u8],
) -> Result<Option<Map<String, Value>>, XmlError> {
    let mut cursor = Cursor::new(body)?;
    let root = cursor.root()?;
    if root.name() == "Error" {
        return xml_read::structure(&mut cursor, model, shape, &root).map(Some);
    }
    members_in(&mut cursor, model, shape, 0)
}

fn members_in(
    cursor: &mut Cursor<'_>,
    model: &Model,
    shape: &Structure,
    depth: usize,
) -> Result<Option<Map<String, Value>>, XmlError> {
    while let Some(child) = cursor.child()? {
        if child.name() == "Error" {
            return xml_read::structure(cursor, model, shape, &child).map(Some);
        }
        if depth > 2 {
            cursor.skip(&child)?;
        } else if let Some(found) = members_in(cursor, model, shape, depth + 1)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
