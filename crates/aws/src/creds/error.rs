//! Why there are no credentials, and what to do.

use crate::client::chain;
use aws_credential_types::provider::error::CredentialsError;

/// No credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredsError {
    /// Nothing in the chain has any.
    #[error("no AWS credentials: {0}")]
    None(String),
    /// The session that they come from has ended.
    #[error("the AWS credentials have expired: {0}")]
    Expired(String),
    /// The profile or the role is set up wrongly.
    #[error("the AWS configuration is not usable: {0}")]
    Configuration(String),
    /// STS refused the role.
    #[error("the role `{role}` cannot be assumed: {reason}")]
    Role {
        /// Its ARN.
        role: String,
        /// STS's words.
        reason: String,
    },
    /// The token of the MFA device is not to be had.
    #[error("no token of the MFA device `{device}`: {reason}")]
    Mfa {
        /// Its serial number or ARN.
        device: String,
        /// Why not.
        reason: String,
    },
}

impl CredsError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::None(_) => {
                "name a profile with --profile, run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY; `assess --demo` needs none"
            }
            Self::Expired(_) => "renew them (for SSO: `aws sso login`) and go on with --resume",
            Self::Configuration(_) => {
                "look at ~/.aws/config and the AWS_ variables of the environment"
            }
            Self::Role { .. } => {
                "the role's trust policy must name the caller (and the external id), and the caller needs sts:AssumeRole"
            }
            Self::Mfa { .. } => {
                "run it at a terminal, or export credentials of a session that was opened with MFA"
            }
        }
    }

    pub(super) fn of(error: &CredentialsError) -> Self {
        // The chain lists its providers on lines of their own.
        let lines: Vec<String> = chain(error)
            .lines()
            .map(|line| line.trim().to_owned())
            .collect();
        let message = lines.join("; ");
        let lower = message.to_lowercase();
        match error {
            _ if lower.contains("expired") => Self::Expired(message),
            CredentialsError::InvalidConfiguration(_) => Self::Configuration(message),
            _ => Self::None(message),
        }
    }
}
