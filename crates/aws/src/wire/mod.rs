//! Values to HTTP requests, replies to values: the wire protocols of AWS over a [`Model`].
//!
//! Values are JSON with the API's own member names, in the order of the model. Timestamps are
//! RFC 3339 text in UTC, blobs are base64 text, floats that JSON cannot write are `"NaN"`,
//! `"Infinity"` and `"-Infinity"`. A member that is not set is absent. What a reply has beyond the
//! model is ignored; what a request has beyond the model is an error.
//!
//! Replies are hostile input: size and depth are limited, memory grows with what the model knows and
//! not with what is sent, and every fault is an error with its place.

mod awsjson;
mod check;
mod custom;
mod error;
mod fault;
mod headers;
mod json_read;
mod json_value;
mod json_write;
mod outposts;
mod query;
mod query_write;
mod rest;
mod rest_read;
mod rest_write;
mod scalar;
mod slots;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod uri;
mod xml_cursor;
mod xml_read;
mod xml_write;

pub use error::{ReplyError, ServiceError, WireError};

use crate::model::{Model, Operation, Protocol};
use serde_json::Value;

/// The largest body that is read, in bytes. Listings are paged far below it.
pub const MAX_BODY: usize = 32 << 20;

/// The most values that are read from one reply: `[{},{},...]` takes thirty times its size in memory.
pub const MAX_VALUES: usize = 2_000_000;

/// What an operation and its input become; everything but the endpoint and the signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// Path and query, percent-encoded, beginning with `/`: `/v1/a%20b?max=5`. To be appended to
    /// the path of the endpoint.
    pub uri: String,
    /// In the order of the model.
    pub headers: Vec<(String, String)>,
    /// Empty if there is none.
    pub body: Vec<u8>,
    /// Goes before the endpoint's host, as `123456789012.`.
    pub host_prefix: Option<String>,
}

/// A reply as it came.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// HTTP status.
    pub status: u16,
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

/// One protocol, both ways. The services' own deviations from it are applied by [`request`] and
/// [`read`], not here.
pub trait Wire: Send + Sync + std::fmt::Debug {
    /// The request for an input that [`request`] has checked.
    ///
    /// # Errors
    /// The input cannot be written in this place, as an empty path label.
    fn request(&self, model: &Model, op: &Operation, input: &Value) -> Result<Request, WireError>;

    /// The value of a successful reply.
    ///
    /// # Errors
    /// The body or a header is not what the model tells.
    fn reply(&self, model: &Model, op: &Operation, reply: Reply<'_>) -> Result<Value, WireError>;

    /// What a reply says went wrong. Never fails: what cannot be read is replaced by the status.
    fn error(&self, model: &Model, op: &Operation, reply: Reply<'_>) -> ServiceError;
}

/// The implementation of a protocol.
#[must_use]
pub fn wire(protocol: Protocol) -> &'static dyn Wire {
    match protocol {
        Protocol::Json => &awsjson::AwsJson,
        Protocol::Query => &query::Query { ec2: false },
        Protocol::Ec2 => &query::Query { ec2: true },
        Protocol::RestJson => &rest::Rest { xml: false },
        Protocol::RestXml => &rest::Rest { xml: true },
    }
}

/// Checks an input against the model and writes the request.
///
/// # Errors
/// A required member is missing, a member is unknown or of the wrong type; the error names the
/// operation and the member.
pub fn request(model: &Model, op: &Operation, given: &Value) -> Result<Request, WireError> {
    let input = custom::input(model, op, given);
    check::check(model, op, &input)?;
    let mut request = wire(model.protocol).request(model, op, &input)?;
    custom::request(model, op, given, &mut request);
    Ok(request)
}

/// Reads a reply: the value of a success, or what the service says went wrong.
///
/// # Errors
/// [`ReplyError::Service`] if the service refused, [`ReplyError::Wire`] if the reply is not
/// readable: truncated, malformed, too large, of the wrong shape.
pub fn read(model: &Model, op: &Operation, reply: Reply<'_>) -> Result<Value, ReplyError> {
    let wire = wire(model.protocol);
    let size = reply.body.len();
    if size > MAX_BODY {
        return Err(WireError::too_big(op, size).into());
    }
    if !(200..300).contains(&reply.status) {
        return Err(ReplyError::Service(wire.error(model, op, reply).into()));
    }
    if custom::is_hidden_error(model, op, reply) {
        let reply = Reply {
            status: 500,
            ..reply
        };
        return Err(ReplyError::Service(wire.error(model, op, reply).into()));
    }
    let mut value = wire.reply(model, op, reply)?;
    custom::reply(model, op, reply, &mut value)?;
    Ok(value)
}
