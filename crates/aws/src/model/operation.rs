//! Operations and the paging over their results.

use super::shape::Ref;
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One call of a service.
#[derive(Debug)]
pub struct Operation {
    /// `DescribeInstances`
    pub name: String,
    /// Method and path.
    pub http: Http,
    /// Absent: the call takes nothing.
    pub input: Option<Ref>,
    /// Absent: the reply has no body of interest.
    pub output: Option<Ref>,
    /// The errors that the model foresees.
    pub errors: Vec<Ref>,
    /// Goes before the host, with `{Member}` labels, as `{AccountId}.`.
    pub host_prefix: Option<String>,
    /// Parameters of the endpoint rules with fixed values.
    pub static_context_params: IndexMap<String, Value>,
    /// Parameters of the endpoint rules taken from the input: name to JMESPath.
    pub operation_context_params: IndexMap<String, String>,
    /// The call needs no credentials.
    pub unsigned: bool,
    /// The request must carry a checksum of its body (Content-MD5 or newer).
    pub checksum_required: bool,
}

/// The HTTP binding of an operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Http {
    /// `GET`
    pub method: String,
    /// Path template, perhaps with a query string: `/v1/{Name}/{Rest+}?list-type=2`.
    pub request_uri: String,
    /// Status of a success.
    pub response_code: Option<u16>,
}

/// How to come to the next page; expressions are JMESPath as botocore writes them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Paginator {
    /// Request members that take the tokens.
    #[serde(deserialize_with = "one_or_many")]
    pub input_token: Vec<String>,
    /// Reply expressions that give the tokens, in the order of `input_token`.
    #[serde(deserialize_with = "one_or_many")]
    pub output_token: Vec<String>,
    /// Reply expressions of the lists that go on from page to page; the first is the main one.
    #[serde(deserialize_with = "one_or_many")]
    pub result_key: Vec<String>,
    /// Request member for the size of a page.
    pub limit_key: Option<String>,
    /// Reply expression that is true if more follows.
    pub more_results: Option<String>,
}

impl Default for Http {
    /// What the protocols without bindings use.
    fn default() -> Self {
        Self {
            method: "POST".into(),
            request_uri: "/".into(),
            response_code: None,
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Words::deserialize(from)? {
        Words::One(word) => vec![word],
        Words::Many(words) => words,
    })
}
