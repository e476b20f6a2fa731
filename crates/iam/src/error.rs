//! What can be wrong with a document, and where.

use crate::model::Position;

/// Something wrong in a document, at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct DocumentError {
    /// Line and column where the offending text starts.
    pub at: Position,
    /// What is wrong and what to do.
    pub problem: String,
}

impl DocumentError {
    pub(crate) fn new(at: Position, problem: impl Into<String>) -> Self {
        Self {
            at,
            problem: problem.into(),
        }
    }
}

/// A case that cannot be decided because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The line is not a JSON document, or one of its members has the wrong form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A policy of the case is not one.
    #[error("{layer}: {source}")]
    Policy {
        /// The member of the case: `identityPolicies[0]`.
        layer: String,
        /// What is wrong with it.
        source: DocumentError,
    },
    /// The request lacks something, or has something that is no request.
    #[error("request: {0}")]
    Request(String),
}
