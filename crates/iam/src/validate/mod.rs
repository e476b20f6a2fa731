//! Is a policy written well? The checks of IAM Access Analyzer's policy validation, decided without AWS.
//!
//! The document is walked as JSON, not as a [`crate::model::Policy`]: what cannot be read as a policy is what most of
//! the checks are about.

mod access;
mod actions;
mod codes;
mod condition_values;
mod conditions;
mod document;
mod keys;
mod kms;
mod near;
mod path;
mod principals;
mod rcp;
mod redundant;
mod resources;
mod service_principals;
mod size;
mod stars;
mod statement;
mod tags;
mod trust;
mod variables;
mod weak;
mod wide;

pub use codes::{Code, Weight};
pub use path::{Paths, Step};

/// The global condition keys as they are written; with `/` at its end one takes a tag's key.
pub(crate) fn global_keys() -> impl Iterator<Item = &'static str> {
    keys::global().iter().map(|key| key.name)
}

use crate::Authorization;
use crate::error::bounded;
use crate::model::Position;
use crate::parse::json;
use std::borrow::Cow;

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyType {
    /// Users, groups and roles.
    Identity,
    /// A resource.
    Resource,
    /// A role: who may assume it.
    Trust,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

impl PolicyType {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Resource => "resource policy",
            Self::Trust => "role trust policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
        }
    }
}

/// Something found in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What.
    pub code: Code,
    /// Where: the start of the value, or of the member's name, that it is about.
    pub at: Position,
    /// The statement, from 0.
    pub statement: Option<usize>,
    /// What is wrong, in one sentence.
    pub message: Cow<'static, str>,
    /// What to write instead.
    pub suggestion: Option<Cow<'static, str>>,
}

/// Checks a policy's text. `service`: the prefix of the service whose resource the policy is attached to, if told.
#[must_use]
pub fn validate(
    text: &str,
    kind: PolicyType,
    service: Option<&str>,
    data: &Authorization,
) -> Vec<Issue> {
    let mut found = Findings {
        kind,
        service,
        data,
        statement: None,
        issues: Vec::new(),
    };
    match json::read(text) {
        Ok(node) => {
            document::check(&node, &mut found);
            size::check(text, &node, &mut found);
        }
        Err(error) => found.add(Code::JsonSyntaxError, error.at, error.problem),
    }
    found
        .issues
        .sort_by_key(|issue| (issue.at, issue.code.weight(), issue.code));
    found.issues
}

/// The type that a document's elements speak of: with principals it is a resource's, without resources a role's.
/// `None` where the text is no JSON.
#[must_use]
pub fn guess(text: &str) -> Option<PolicyType> {
    let node = json::read(text).ok()?;
    let statements = statement::all(&node);
    let has = |names: &[&str]| {
        statements
            .iter()
            .any(|one| names.iter().any(|name| one.get(name).is_some()))
    };
    Some(if !has(&["Principal", "NotPrincipal"]) {
        PolicyType::Identity
    } else if has(&["Resource", "NotResource"]) {
        PolicyType::Resource
    } else {
        PolicyType::Trust
    })
}

/// What is found, and what every check needs to know.
struct Findings<'a> {
    kind: PolicyType,
    service: Option<&'a str>,
    data: &'a Authorization,
    statement: Option<usize>,
    issues: Vec<Issue>,
}

impl Findings<'_> {
    fn add(&mut self, code: Code, at: Position, message: impl Into<Cow<'static, str>>) {
        self.push(code, at, message.into(), None);
    }

    fn suggest(
        &mut self,
        code: Code,
        at: Position,
        message: impl Into<Cow<'static, str>>,
        suggestion: impl Into<Cow<'static, str>>,
    ) {
        self.push(code, at, message.into(), Some(suggestion.into()));
    }

    fn push(
        &mut self,
        code: Code,
        at: Position,
        message: Cow<'static, str>,
        suggestion: Option<Cow<'static, str>>,
    ) {
        let short = |text: Cow<'static, str>| match text {
            Cow::Owned(text) => Cow::Owned(bounded(text)),
            ours @ Cow::Borrowed(_) => ours,
        };
        self.issues.push(Issue {
            code,
            at,
            statement: self.statement,
            message: short(message),
            suggestion: suggestion.map(short),
        });
    }
}
