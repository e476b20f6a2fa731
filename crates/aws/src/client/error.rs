//! Why a call gave no value, in the few kinds that a collector must tell apart.

use palisade_core::Outcome;

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller lacks the permission, or a guardrail denies it.
    Denied,
    /// Throttled until the attempts ran out.
    Throttled,
    /// The service, the region or the account does not offer the operation.
    Unsupported,
    /// Any other error that the service itself told; see the code.
    Service,
    /// The service failed (5xx) until the attempts ran out.
    Server,
    /// No reply in time.
    Timeout,
    /// No connection, or a broken one.
    Network,
    /// The reply could not be read: truncated, malformed, of another shape.
    Parse,
    /// The session has ended: credentials must be renewed.
    Expired,
    /// There are no credentials, or AWS does not accept them.
    Credentials,
    /// The number of calls that the user allows is used up.
    Budget,
    /// The operation or its input does not fit the model.
    Input,
    /// There is no endpoint for this region and configuration.
    Endpoint,
    /// A listing that does not end: a token came twice, or there were too many pages.
    Paging,
    /// Whoever asked no longer wants to know; see [`Client::call_while`](super::Client::call_while).
    Unwanted,
}

impl ErrorKind {
    /// How the ledger tells it.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Denied => Outcome::Denied,
            Self::Throttled => Outcome::Throttled,
            Self::Unsupported => Outcome::Unsupported,
            Self::Service
            | Self::Server
            | Self::Timeout
            | Self::Network
            | Self::Parse
            | Self::Expired
            | Self::Credentials
            | Self::Budget
            | Self::Input
            | Self::Endpoint
            | Self::Paging
            | Self::Unwanted => Outcome::Failed,
        }
    }

    /// Whether every further call of the account would fail in the same way.
    #[must_use]
    pub const fn ends_account(self) -> bool {
        matches!(self, Self::Expired | Self::Credentials)
    }
}

/// A call that gave no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The service's error code, if it told one.
    pub code: Option<String>,
    /// The service's words, or ours.
    pub message: String,
    /// HTTP status of the last reply.
    pub status: Option<u16>,
    /// How often the request was sent; 0 if it never was.
    pub attempts: u32,
}

impl CallError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            status: None,
            attempts: 0,
        }
    }

    /// What the user can do about it, where there is something.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self.kind {
            ErrorKind::Expired => {
                Some("renew the credentials (for SSO: `aws sso login`) and go on with --resume")
            }
            ErrorKind::Credentials => {
                Some("check the credentials with `aws sts get-caller-identity`")
            }
            ErrorKind::Budget => Some("raise --max-calls, or narrow the scope"),
            _ => None,
        }
    }
}
