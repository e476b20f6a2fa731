//! Shapes: the types of an API, linked to each other by number.

use indexmap::IndexMap;
use serde::Deserialize;

/// The place of a shape in its model. Only a model makes these, and only for shapes that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShapeId(pub(super) usize);

/// A named type.
#[derive(Debug)]
pub struct Shape {
    /// The name in the model, as `DBInstance`.
    pub name: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// The value is a secret or personal.
    pub sensitive: bool,
}

/// What a shape is, with the shapes that it is made of.
#[derive(Debug)]
pub enum Kind {
    /// Named members.
    Structure(Structure),
    /// Members of one type.
    List {
        /// The type of each member.
        member: Ref,
        /// Nulls between the members are data.
        sparse: bool,
    },
    /// Text keys, values of one type.
    Map {
        /// A string shape, perhaps with an enum.
        key: Ref,
        /// The type of each value.
        value: Ref,
        /// Null values are data.
        sparse: bool,
    },
    /// Text.
    String {
        /// The known values of an enum; empty if it is free text. AWS adds values at any time.
        values: Vec<Box<str>>,
    },
    /// A 32-bit number.
    Integer,
    /// A 64-bit number.
    Long,
    /// A 32-bit float.
    Float,
    /// A 64-bit float.
    Double,
    /// True or false.
    Boolean,
    /// A point in time. The format stands in the traits of the reference.
    Timestamp,
    /// Bytes.
    Blob,
}

impl Kind {
    /// botocore's word for the type, for messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Structure(_) => "structure",
            Self::List { .. } => "list",
            Self::Map { .. } => "map",
            Self::String { .. } => "string",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Blob => "blob",
        }
    }
}

/// The members of a structure and what is said of it as a whole.
#[derive(Debug, Default)]
pub struct Structure {
    /// By the API's own name, in the order of the model.
    pub members: IndexMap<Box<str>, Member>,
    /// Place of the member that alone is the HTTP body.
    pub payload: Option<usize>,
    /// Exactly one member is set.
    pub union: bool,
    /// Any JSON value at all (Smithy's document type).
    pub document: bool,
    /// The members are events on a stream.
    pub eventstream: bool,
    /// Set if the structure is an error that an operation may answer with.
    pub error: Option<ErrorTrait>,
}

/// One member of a structure.
#[derive(Debug)]
pub struct Member {
    /// A request without it is refused.
    pub required: bool,
    /// Its type and how it is written.
    pub target: Ref,
}

/// A use of a shape.
#[derive(Debug)]
pub struct Ref {
    /// The shape used.
    pub shape: ShapeId,
    /// How it is written here: the traits of this use laid over those of the shape.
    pub traits: Traits,
}

/// How a value is written on the wire.
#[derive(Debug, Default)]
pub struct Traits {
    /// Name on the wire where it is not the member's own.
    pub location_name: Option<Box<str>>,
    /// Outside the body.
    pub location: Option<Location>,
    /// Name in ec2 requests; goes before the capitalised `location_name`.
    pub query_name: Option<Box<str>>,
    /// List or map without a wrapping element.
    pub flattened: bool,
    /// An XML attribute, not an element.
    pub xml_attribute: bool,
    /// `xmlns` of the element.
    pub xml_namespace: Option<Box<XmlNamespace>>,
    /// Format of timestamps below.
    pub timestamp_format: Option<TimestampFormat>,
    /// JSON inside a string (base64 in headers).
    pub jsonvalue: bool,
    /// Fills `{Name}` in the operation's host prefix.
    pub host_label: bool,
    /// The body is passed on unread.
    pub streaming: bool,
    /// The client makes a random value if there is none.
    pub idempotency_token: bool,
    /// The element around the members of a query reply.
    pub result_wrapper: Option<Box<str>>,
    /// Parameter of the endpoint rules that the member's value becomes.
    pub context_param: Option<Box<str>>,
}

/// Where in HTTP a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// One header.
    Header,
    /// A map: all headers with the member's `location_name` as prefix.
    Headers,
    /// The query string; a map is many parameters.
    #[serde(rename = "querystring")]
    QueryString,
    /// A `{label}` in the path.
    Uri,
    /// The status of the reply.
    StatusCode,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TimestampFormat {
    /// `2026-01-31T12:00:00Z`
    #[serde(rename = "iso8601")]
    Iso8601,
    /// `Sat, 31 Jan 2026 12:00:00 GMT`
    #[serde(rename = "rfc822")]
    Rfc822,
    /// Seconds since 1970, perhaps with a fraction.
    #[serde(rename = "unixTimestamp", alias = "unixtimestamp")]
    Unix,
}

/// `xmlns` and its prefix.
#[derive(Debug, Clone, Deserialize)]
pub struct XmlNamespace {
    /// Without a prefix it is the default namespace.
    pub prefix: Option<Box<str>>,
    /// The namespace's name.
    pub uri: Box<str>,
}

/// What makes a structure an error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorTrait {
    /// Code on the wire where it is not the shape's name.
    pub code: Option<Box<str>>,
    /// HTTP status that comes with it.
    pub http_status_code: Option<u16>,
    /// The request was at fault.
    pub sender_fault: bool,
}
