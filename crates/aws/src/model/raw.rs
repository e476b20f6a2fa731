//! The document as it is written, before linking. Strings are borrowed where JSON allows.

use super::operation::{Http, Paginator};
use super::service::Metadata;
use super::shape::{ErrorTrait, Location, TimestampFormat, XmlNamespace};
use crate::endpoint::Rules;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

#[derive(Deserialize)]
pub(super) struct RawModel<'a> {
    #[serde(default)]
    pub(super) service: String,
    pub(super) metadata: Metadata,
    #[serde(borrow)]
    pub(super) operations: IndexMap<String, RawOperation<'a>>,
    #[serde(borrow)]
    pub(super) shapes: IndexMap<Box<str>, RawShape<'a>>,
    #[serde(default)]
    pub(super) paginators: IndexMap<String, Paginator>,
    #[serde(default)]
    pub(super) endpoint_rules: Option<Rules>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawOperation<'a> {
    #[serde(default)]
    pub(super) http: Http,
    #[serde(borrow)]
    pub(super) input: Option<RawShape<'a>>,
    #[serde(borrow)]
    pub(super) output: Option<RawShape<'a>>,
    #[serde(borrow, default)]
    pub(super) errors: Vec<RawShape<'a>>,
    pub(super) endpoint: Option<RawEndpoint>,
    #[serde(default)]
    pub(super) static_context_params: IndexMap<String, RawStatic>,
    #[serde(default)]
    pub(super) operation_context_params: IndexMap<String, RawPath>,
    pub(super) authtype: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) http_checksum_required: bool,
    pub(super) http_checksum: Option<RawChecksum>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawChecksum {
    #[serde(default)]
    pub(super) request_checksum_required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEndpoint {
    pub(super) host_prefix: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawStatic {
    pub(super) value: Value,
}

#[derive(Deserialize)]
pub(super) struct RawPath {
    pub(super) path: String,
}

#[derive(Deserialize)]
pub(super) struct RawName {
    pub(super) name: Box<str>,
}

/// A shape, or a use of one: botocore writes the same traits on both, so one struct reads both
/// (`serde(flatten)` would buffer every field).
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawShape<'a> {
    // Of a use.
    #[serde(borrow)]
    pub(super) shape: Cow<'a, str>,
    pub(super) location: Option<Location>,
    pub(super) query_name: Option<Box<str>>,
    pub(super) xml_attribute: bool,
    #[serde(rename = "jsonvalue")]
    pub(super) json_value: bool,
    pub(super) host_label: bool,
    pub(super) idempotency_token: bool,
    pub(super) result_wrapper: Option<Box<str>>,
    pub(super) context_param: Option<RawName>,
    // Of a shape.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) members: IndexMap<Box<str>, Self>,
    #[serde(borrow)]
    pub(super) required: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) payload: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) member: Option<Box<Self>>,
    #[serde(borrow)]
    pub(super) key: Option<Box<Self>>,
    #[serde(borrow)]
    pub(super) value: Option<Box<Self>>,
    #[serde(rename = "enum")]
    pub(super) values: Vec<Box<str>>,
    pub(super) sparse: bool,
    pub(super) union: bool,
    pub(super) document: bool,
    pub(super) eventstream: bool,
    pub(super) error: Option<ErrorTrait>,
    pub(super) exception: bool,
    pub(super) sensitive: bool,
    // Of both.
    pub(super) location_name: Option<Box<str>>,
    pub(super) flattened: bool,
    pub(super) xml_namespace: Option<RawNamespace>,
    pub(super) timestamp_format: Option<TimestampFormat>,
    pub(super) streaming: bool,
}

/// `"uri"` or `{"uri": ..., "prefix": ...}`: both occur.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(super) enum RawNamespace {
    Uri(Box<str>),
    Full(XmlNamespace),
}

impl From<RawNamespace> for XmlNamespace {
    fn from(from: RawNamespace) -> Self {
        match from {
            RawNamespace::Uri(uri) => Self { prefix: None, uri },
            RawNamespace::Full(full) => full,
        }
    }
}
