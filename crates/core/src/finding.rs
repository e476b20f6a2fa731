//! A finding: a verdict on a resource, with its grounds.

use crate::call::short_hash;
use crate::grounds::Grounds;
use crate::severity::Severity;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource {
    /// Its ARN, or the id that the table gives it where AWS has no ARN.
    pub arn: String,
    /// What people call it; empty if it has no name of its own.
    pub name: String,
    /// The table it is a row of; for SQL subjects the table that the query names first.
    pub kind: String,
    /// The account that it is in.
    pub account_id: String,
    /// Its region; `global` where it has none.
    pub region: String,
}

/// The region of what has none.
pub const GLOBAL: &str = "global";

impl Resource {
    /// An account, or a region of one, where nothing can be said of single resources of a kind.
    #[must_use]
    pub fn place(kind: &str, account: &str, region: &str) -> Self {
        let place = if region == GLOBAL { account } else { region };
        Self {
            arn: format!("{kind} in {place}"),
            name: String::new(),
            kind: kind.to_owned(),
            account_id: account.to_owned(),
            region: region.to_owned(),
        }
    }

    /// Whether it is such a place.
    #[must_use]
    pub fn is_place(&self) -> bool {
        *self == Self::place(&self.kind, &self.account_id, &self.region)
    }
}

/// A verdict on a resource, with its grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The control that was asked.
    pub control: Arc<str>,
    /// How bad a fail is.
    pub severity: Severity,
    /// What it was asked of; shared by the findings of one row.
    pub resource: Arc<Resource>,
    /// The decision, with the calls that it rests on.
    pub verdict: Verdict,
    /// Why, and the values seen.
    pub grounds: Grounds,
}

impl Finding {
    /// A verdict of a control on a resource.
    #[must_use]
    pub fn new(
        control: Arc<str>,
        severity: Severity,
        resource: impl Into<Arc<Resource>>,
        verdict: Verdict,
        grounds: Grounds,
    ) -> Self {
        Self {
            control,
            severity,
            resource: resource.into(),
            verdict,
            grounds,
        }
    }

    /// Stable from run to run: see [`finding_id`].
    #[must_use]
    pub fn id(&self) -> String {
        let at = &self.resource;
        finding_id(&self.control, &at.account_id, &at.region, &at.arn)
    }

    /// One line of why, in words for the user.
    #[must_use]
    pub fn reason(&self) -> Cow<'_, str> {
        self.grounds.reason()
    }

    /// The values that the control read, by column. Secrets are redacted before they reach a row.
    #[must_use]
    pub fn values(&self) -> Cow<'_, Map<String, Value>> {
        self.grounds.values()
    }

    /// The same with its grounds worked out: to be kept when the rows that it is about are gone.
    #[must_use]
    pub fn settled(&self) -> Self {
        let mut finding = self.clone();
        finding.grounds.settle();
        finding
    }
}

/// 16 hexadecimal digits over control and resource. Account and region are part of it, for resources that
/// have no ARN of their own.
#[must_use]
pub fn finding_id(control: &str, account_id: &str, region: &str, arn: &str) -> String {
    short_hash(&["finding", control, account_id, region, arn])
}

/// Takes findings as they are decided: tallies, report writers, files.
pub trait FindingSink {
    /// Whether the grounds of (nearly) every finding will be read: they are then worked out by the many who decide, and
    /// not by the one who takes.
    fn reads_grounds(&self) -> bool {
        false
    }

    /// Takes one. Findings of a control come in the order of account, region and resource.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finding(&mut self, finding: &Finding) -> std::io::Result<()>;
}

impl FindingSink for Vec<Finding> {
    fn finding(&mut self, finding: &Finding) -> std::io::Result<()> {
        self.push(finding.clone());
        Ok(())
    }
}
