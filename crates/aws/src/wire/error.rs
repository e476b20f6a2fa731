//! What goes wrong on the wire.

use super::MAX_BODY;
use crate::model::Operation;
use serde_json::Value;

/// A value that cannot be written, or a reply that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The input does not fit the model.
    #[error("{operation}: {}{fault}", place(path))]
    Input {
        /// Name of the operation.
        operation: String,
        /// The member, as `Filters[0].Values`; empty for the input as a whole.
        path: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The reply is not what the protocol and the model tell.
    #[error("{operation}: unreadable reply: {fault}")]
    Reply {
        /// Name of the operation.
        operation: String,
        /// What is wrong, and where in the reply.
        fault: String,
    },
    /// The reply is larger than anything that AWS sends.
    #[error("{operation}: the reply has {size} bytes, more than the limit of {MAX_BODY}")]
    TooBig {
        /// Name of the operation.
        operation: String,
        /// Bytes of the body.
        size: usize,
    },
}

fn place(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("`{path}`: ")
    }
}

impl WireError {
    pub(super) fn input(op: &Operation, path: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Input {
            operation: op.name.clone(),
            path: path.into(),
            fault: fault.into(),
        }
    }

    pub(super) fn reply(op: &Operation, fault: impl ToString) -> Self {
        Self::Reply {
            operation: op.name.clone(),
            fault: fault.to_string(),
        }
    }

    pub(super) fn too_big(op: &Operation, size: usize) -> Self {
        Self::TooBig {
            operation: op.name.clone(),
            size,
        }
    }
}

/// Why a reply gave no value.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReplyError {
    /// The service answered with an error.
    #[error(transparent)]
    Service(Box<ServiceError>),
    /// The reply is not readable.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// An error as the service tells it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}{}", if message.is_empty() { String::new() } else { format!(": {message}") })]
pub struct ServiceError {
    /// As `AccessDenied`, without namespace; the HTTP status as text if the reply has no code.
    pub code: String,
    /// The service's words; the reason phrase of the status if the reply has none at all.
    pub message: String,
    /// HTTP status.
    pub status: u16,
    /// To be quoted to AWS support.
    pub request_id: Option<String>,
    /// The members of the modeled error, an empty object if the model does not have it.
    pub detail: Value,
}
