//! A finding: a verdict on a resource, with its evidence.

use crate::call::short_hash;
use crate::severity::Severity;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The values that the control read, by column. Secrets are redacted before they reach a row.
    pub values: Map<String, Value>,
}

/// A verdict on a resource, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable from run to run: see [`finding_id`].
    pub id: String,
    /// The control that was asked.
    pub control: Arc<str>,
    /// How bad a fail is.
    pub severity: Severity,
    /// What it was asked of.
    pub resource: Resource,
    /// The decision, with the calls that it rests on.
    pub verdict: Verdict,
    /// One line of why, in words for the user.
    pub reason: String,
    /// The values seen.
    pub evidence: Evidence,
}

impl Finding {
    /// A finding with its stable id.
    #[must_use]
    pub fn new(
        control: Arc<str>,
        severity: Severity,
        resource: Resource,
        verdict: Verdict,
        reason: String,
        evidence: Evidence,
    ) -> Self {
        let id = finding_id(
            &control,
            &resource.account_id,
            &resource.region,
            &resource.arn,
        );
        Self {
            id,
            control,
            severity,
            resource,
            verdict,
            reason,
            evidence,
        }
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
