//! What is decided about a resource, and the proof that a decision needs.

use crate::call::CallRef;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The calls that a verdict rests on; the findings of a row share them.
pub type Calls = Arc<[CallRef]>;

/// Proof that a verdict rests on calls that were answered.
///
/// It cannot be made without at least one measured call, and not with any that was not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured(Calls);

impl Measured {
    /// The proof, or `None` if there is no call or one of them was not answered.
    #[must_use]
    pub fn new(calls: impl Into<Calls>) -> Option<Self> {
        let calls = calls.into();
        (!calls.is_empty() && calls.iter().all(|c| c.outcome.is_measured())).then_some(Self(calls))
    }

    /// The calls.
    #[must_use]
    pub fn calls(&self) -> &[CallRef] {
        &self.0
    }
}

/// What an exception says of the fail that it accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts; another tool's list may name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
}

impl Accepted {
    /// The last day, as it is written in files; empty if there is none.
    #[must_use]
    pub fn until(&self) -> String {
        self.expires.map_or_else(String::new, |day| day.to_string())
    }
}

/// In one line: `accepted by ada until 2027-03-31: scratch data`.
impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accepted by {}", self.owner)?;
        if let Some(day) = self.expires {
            write!(f, " until {day}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// The decision about one resource and one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The requirement holds.
    Pass(Measured),
    /// The requirement does not hold.
    Fail(Measured),
    /// It could not be decided: these calls failed, or an answer lacked the value (then every call was answered).
    Unknown(Calls),
    /// The question makes no sense here: nothing of the kind exists, or the control's `applies` is false.
    NotApplicable(Calls),
    /// It fails, and an exception accepts that.
    Excepted(Measured, Accepted),
}

impl Verdict {
    /// The bare word.
    #[must_use]
    pub const fn state(&self) -> State {
        match self {
            Self::Pass(_) => State::Pass,
            Self::Fail(_) => State::Fail,
            Self::Unknown(_) => State::Unknown,
            Self::NotApplicable(_) => State::NotApplicable,
            Self::Excepted(..) => State::Excepted,
        }
    }

    /// The calls that it rests on, or that failed.
    #[must_use]
    pub fn calls(&self) -> &[CallRef] {
        match self {
            Self::Pass(m) | Self::Fail(m) | Self::Excepted(m, _) => m.calls(),
            Self::Unknown(c) | Self::NotApplicable(c) => c,
        }
    }

    /// What accepts the risk; nothing but of an excepted one.
    #[must_use]
    pub const fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Excepted(_, accepted) => Some(accepted),
            Self::Pass(_) | Self::Fail(_) | Self::Unknown(_) | Self::NotApplicable(_) => None,
        }
    }

    /// Who has accepted the risk; nobody but of an excepted one.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.accepted().map(|accepted| accepted.owner.as_str())
    }
}

/// A verdict's word, for counting and for output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// See [`Verdict::Pass`].
    Pass,
    /// See [`Verdict::Fail`].
    Fail,
    /// See [`Verdict::Unknown`].
    Unknown,
    /// See [`Verdict::NotApplicable`].
    NotApplicable,
    /// See [`Verdict::Excepted`].
    Excepted,
}

impl State {
    /// All, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Fail,
        Self::Unknown,
        Self::Excepted,
        Self::Pass,
        Self::NotApplicable,
    ];

    /// The word used in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
            Self::Excepted => "excepted",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Outcome;

    fn call(outcome: Outcome) -> CallRef {
        CallRef {
            id: "0".into(),
            operation: "sqs:ListQueues".into(),
            outcome,
            code: None,
        }
    }

    #[test]
    fn what_an_exception_says_is_one_line() {
        let mut accepted = Accepted {
            owner: "ada".to_owned(),
            reason: "scratch data".to_owned(),
            expires: "2027-03-31".parse().ok(),
        };
        assert_eq!(
            accepted.to_string(),
            "accepted by ada until 2027-03-31: scratch data"
        );
        assert_eq!(accepted.until(), "2027-03-31");
        accepted.expires = None;
        assert_eq!(accepted.to_string(), "accepted by ada: scratch data");
        assert_eq!(accepted.until(), "");
    }

    #[test]
    fn a_proof_needs_an_answer() {
        assert!(Measured::new([]).is_none());
        assert!(Measured::new([call(Outcome::Ok), call(Outcome::Denied)]).is_none());
        assert!(Measured::new([call(Outcome::Ok), call(Outcome::Absent)]).is_some());
    }
}
