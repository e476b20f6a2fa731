//! A service's model as a whole.

use super::error::ModelError;
use super::operation::{Operation, Paginator};
use super::shape::{Kind, Ref, Shape, ShapeId, Structure};
use crate::endpoint::Rules;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The wire protocols that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// [awsJson 1.0 and 1.1](https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html)
    Json,
    /// [restJson1](https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html)
    RestJson,
    /// [restXml](https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html)
    RestXml,
    /// [awsQuery](https://smithy.io/2.0/aws/protocols/aws-query-protocol.html)
    Query,
    /// [ec2Query](https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html)
    Ec2,
}

impl Protocol {
    /// From the word in the metadata; none for a protocol that we do not speak.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "json" => Self::Json,
            "rest-json" => Self::RestJson,
            "rest-xml" => Self::RestXml,
            "query" => Self::Query,
            "ec2" => Self::Ec2,
            _ => return None,
        })
    }
}

/// The `metadata` block, word for word.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// `2012-11-05`
    pub api_version: String,
    /// Host name part of old, also the signing name where there is none.
    pub endpoint_prefix: String,
    /// The main protocol.
    pub protocol: String,
    /// All protocols, the preferred first.
    pub protocols: Vec<String>,
    /// `1.0` or `1.1`
    pub json_version: Option<String>,
    /// Before the operation's name in `X-Amz-Target`.
    pub target_prefix: Option<String>,
    /// `SQS`, `API Gateway`: the name that configuration keys are made of.
    pub service_id: String,
    /// `Amazon Simple Queue Service`
    pub service_full_name: String,
    /// Name in the credential scope.
    pub signing_name: Option<String>,
    /// `v4`, `s3`, ...
    pub signature_version: Option<String>,
    /// Schemes, the preferred first: `aws.auth#sigv4`.
    pub auth: Vec<String>,
    /// Present: errors carry the code of the old query protocol in `x-amzn-query-error`.
    pub aws_query_compatible: Option<Value>,
    /// `xmlns` of request bodies.
    pub xml_namespace: Option<String>,
    /// Host of a service that is not regional.
    pub global_endpoint: Option<String>,
}

/// The model of one service, linked and checked: no reference dangles.
#[derive(Debug)]
pub struct Model {
    /// botocore's name, `sqs`.
    pub service: String,
    /// What is said of the service as a whole.
    pub metadata: Metadata,
    /// The protocol to use.
    pub protocol: Protocol,
    /// By name, in the order of the document.
    pub operations: IndexMap<String, Operation>,
    /// By operation; operations without one may still return a token.
    pub paginators: IndexMap<String, Paginator>,
    /// The endpoint rule set, if there is one.
    pub endpoint_rules: Option<Rules>,
    pub(super) shapes: Vec<Shape>,
    pub(super) by_name: BTreeMap<Box<str>, ShapeId>,
    pub(super) by_code: BTreeMap<Box<str>, ShapeId>,
}

impl Model {
    /// Reads and links a model document.
    ///
    /// # Errors
    /// The document is not JSON, a reference dangles, a trait contradicts the shape that it is on,
    /// or no protocol of the service is known.
    pub fn from_json(document: &[u8]) -> Result<Self, ModelError> {
        super::link::link(serde_json::from_slice(document)?)
    }

    /// The shape of an id of this model.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is made by the model that has the shape"
    )]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        // INVARIANT: ids are made in `link` alone, from the position of the shape in `shapes`.
        &self.shapes[id.0]
    }

    /// Whether a shape of the model bears the sensitive trait.
    #[must_use]
    pub fn has_sensitive_shapes(&self) -> bool {
        self.shapes.iter().any(|shape| shape.sensitive)
    }

    /// What a reference points at.
    #[must_use]
    pub fn kind(&self, target: &Ref) -> &Kind {
        &self.shape(target.shape).kind
    }

    /// The structure that a reference points at, if it is one.
    #[must_use]
    pub fn structure(&self, target: &Ref) -> Option<&Structure> {
        match self.kind(target) {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// The structure of an operation's input; none where it takes nothing.
    #[must_use]
    pub fn input(&self, operation: &Operation) -> Option<&Structure> {
        self.structure(operation.input.as_ref()?)
    }

    /// An operation by name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// A shape by name.
    #[must_use]
    pub fn shape_named(&self, name: &str) -> Option<&Shape> {
        self.by_name.get(name).map(|id| self.shape(*id))
    }

    /// The error structure for a code on the wire.
    #[must_use]
    pub fn error_shape(&self, code: &str) -> Option<&Structure> {
        match &self.shape(*self.by_code.get(code)?).kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// All shapes, in the order of the document.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter()
    }
}
