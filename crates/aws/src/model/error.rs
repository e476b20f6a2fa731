//! Why a model cannot be used.

/// A model that is not what it should be. All of these are faults of the data, not of AWS.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The document is not JSON or lacks a field.
    #[error("the model is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A reference to a shape that the document does not have.
    #[error("`{service}`: {place} refers to the shape `{shape}`, which the model does not have")]
    Dangling {
        /// botocore's name of the service.
        service: String,
        /// Who refers to it, as `Shape.member` or `Operation.input`.
        place: String,
        /// The missing shape.
        shape: String,
    },
    /// A trait or a type that contradicts the rest of the model.
    #[error("`{service}`: {place}: {fault}")]
    Wrong {
        /// botocore's name of the service.
        service: String,
        /// The shape, member or operation.
        place: String,
        /// What is wrong with it.
        fault: String,
    },
    /// None of the service's protocols is one that we speak.
    #[error("`{service}` speaks {protocols:?}, none of which is known")]
    Protocol {
        /// botocore's name of the service.
        service: String,
        /// What the metadata lists.
        protocols: Vec<String>,
    },
}
