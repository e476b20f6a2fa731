//! The ledger: every API call that a collection made, and what came of it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What came of one API call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Answered.
    Ok,
    /// Answered with an error that the table declares as "there is none": measured, the columns are null.
    Absent,
    /// The caller lacks the permission, or a guardrail denies it.
    Denied,
    /// Throttled until the retries ran out.
    Throttled,
    /// The service, the region or the account does not offer the operation.
    Unsupported,
    /// Anything else: time-out, connection, server error, an answer that could not be read.
    Failed,
}

impl Outcome {
    /// Whether the call told what is there: a verdict may rest on it.
    #[must_use]
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Ok | Self::Absent)
    }

    /// The word used in the ledger and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Absent => "absent",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Ok,
            Self::Absent,
            Self::Denied,
            Self::Throttled,
            Self::Unsupported,
            Self::Failed,
        ]
        .into_iter()
        .find(|o| o.as_str() == text)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One line of the ledger: one API call of one page, retries included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The same question always has the same id: see [`call_id`].
    pub id: String,
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked; the partition's global region for global services.
    pub region: String,
    /// `service:Operation`, as the API model spells it.
    pub operation: String,
    /// The parameters that tell calls of one operation apart, as compact JSON; secrets are never parameters.
    pub parameters: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The service's error code, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The service's or the client's message, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How often the call was sent.
    pub attempts: u32,
    /// When the answer was there, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// How long it took, waiting for the limiter included, in milliseconds.
    pub took_ms: u32,
}

/// The id of a call: 16 hexadecimal digits of SHA-256 over account, region, operation and canonical parameters
/// (page token included). It does not depend on time or order, so two runs give the same ids.
#[must_use]
pub fn call_id(account_id: &str, region: &str, operation: &str, parameters: &str) -> String {
    short_hash(&[account_id, region, operation, parameters])
}

/// 16 hexadecimal digits of SHA-256 over the parts, each closed by a zero byte.
#[must_use]
pub fn short_hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    hex(digest.get(..8).unwrap_or_default())
}

/// Bytes as hexadecimal digits: how hashes are written.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The code of calls that were not sent since the number of calls allowed was used up.
pub const BUDGET_EXHAUSTED: &str = "BudgetExhausted";

/// The code of calls that were not sent since the credentials had expired on the way.
pub const CREDENTIALS_EXPIRED: &str = "CredentialsExpired";

/// The code of calls whose credentials had expired before they were sent.
pub const EXPIRED_CREDENTIALS: &str = "ExpiredCredentials";

/// The code of calls that were not sent since the service had stopped answering.
pub const GIVEN_UP: &str = "GivenUp";

/// Why calls with this code were never sent, in words, if the code is one that collection gives to such calls; no service
/// has these codes.
#[must_use]
pub fn not_sent(code: &str) -> Option<&'static str> {
    match code {
        BUDGET_EXHAUSTED => Some("the limit of --max-calls was reached"),
        CREDENTIALS_EXPIRED | EXPIRED_CREDENTIALS => Some("the token had expired"),
        GIVEN_UP => Some("the calls before it were not answered"),
        _ => None,
    }
}

/// How a finding or a row points at the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallRef {
    /// The ledger line.
    pub id: String,
    /// `service:Operation`.
    pub operation: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The error code, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl CallRef {
    /// Why the call was never sent, if it was not.
    #[must_use]
    pub fn why_not_sent(&self) -> Option<&'static str> {
        not_sent(self.code.as_deref()?)
    }

    /// What came of it, in a word for people: a call that was never sent has not failed.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.why_not_sent() {
            Some(_) => "not sent",
            None => self.outcome.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_for_the_same_question_and_differs_for_another() {
        let one = call_id("111122223333", "eu-west-1", "sqs:ListQueues", "{}");
        assert_eq!(one.len(), 16);
        assert_eq!(
            one,
            call_id("111122223333", "eu-west-1", "sqs:ListQueues", "{}")
        );
        assert_ne!(
            one,
            call_id("111122223333", "eu-west-1", "sqs:ListQueue", "s{}")
        );
    }

    #[test]
    fn only_answers_are_measured() {
        assert!(Outcome::Ok.is_measured() && Outcome::Absent.is_measured());
        for other in ["denied", "throttled", "unsupported", "failed"] {
            assert!(!Outcome::parse(other).unwrap().is_measured(), "{other}");
        }
    }
}
