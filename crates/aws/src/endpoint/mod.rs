//! Where a request goes: botocore's endpoint rule sets, interpreted.
//!
//! The language is told in the [Smithy specification](https://smithy.io/2.0/additional-specs/rules-engine/index.html);
//! the functions are in `functions`, the walk over the rules in `eval`.

mod eval;
mod functions;
mod params;
mod partition;
mod rules;
mod template;

pub use params::{Builtins, params};
pub use partition::Partitions;
pub use rules::Rules;

use serde_json::{Map, Value};

/// Why no endpoint was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The rules refuse the parameters; their own words.
    #[error("{0}")]
    Refused(String),
    /// A parameter that the rules require was not given.
    #[error("the endpoint parameter `{0}` is missing")]
    Missing(String),
    /// No rule matches.
    #[error("no endpoint rule matches")]
    NoMatch,
    /// The rule set or the list of partitions is not what it should be.
    #[error("the endpoint rules are not usable: {0}")]
    Malformed(String),
}

/// Where a request goes and how it is signed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Scheme, host and perhaps a path.
    pub url: String,
    /// `authSchemes` and other hints for the client.
    pub properties: Map<String, Value>,
    /// Name to values.
    pub headers: Vec<(String, Vec<String>)>,
}

/// Evaluates a rule set.
///
/// # Errors
/// The rules refuse the parameters, no rule matches, or the rule set is not usable.
pub fn resolve(
    rules: &Rules,
    partitions: &Partitions,
    params: &Map<String, Value>,
) -> Result<Resolved, EndpointError> {
    eval::resolve(rules, partitions, params)
}
