//! A finding as JSON.

use palisade_core::{Accepted, CallRef, Catalog, Finding, Severity, State};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// `findings[]` of `palisade.assessment/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct FindingV1<'a> {
    id: String,
    control: &'a str,
    also: &'a [String],
    title: &'a str,
    severity: Severity,
    verdict: State,
    /// The ARN, or the id that the table gives where AWS has none.
    resource: &'a str,
    name: &'a str,
    kind: &'a str,
    account_id: &'a str,
    region: &'a str,
    reason: Cow<'a, str>,
    recommendations: Vec<&'a str>,
    /// Who accepted the fail; only where the verdict is `excepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    /// What the exception says; only where the verdict is `excepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a Accepted>,
    evidence: EvidenceV1<'a>,
}

#[derive(Debug, Serialize)]
struct EvidenceV1<'a> {
    values: Cow<'a, Map<String, Value>>,
    calls: &'a [CallRef],
}

impl<'a> FindingV1<'a> {
    pub(crate) fn new(catalog: &'a Catalog, finding: &'a Finding) -> Self {
        let control = catalog.controls.get(&*finding.control);
        let at = &finding.resource;
        Self {
            id: finding.id(),
            control: &finding.control,
            also: control.map_or(&[], |c| &c.also),
            title: control.map_or(&*finding.control, |c| &c.title),
            severity: finding.severity,
            verdict: finding.verdict.state(),
            resource: &at.arn,
            name: &at.name,
            kind: &at.kind,
            account_id: &at.account_id,
            region: &at.region,
            reason: finding.reason(),
            recommendations: control
                .map(|c| c.answers.iter().map(|a| a.get_ref().as_str()).collect())
                .unwrap_or_default(),
            owner: finding.verdict.owner(),
            exception: finding.verdict.accepted(),
            evidence: EvidenceV1 {
                values: finding.values(),
                calls: finding.verdict.calls(),
            },
        }
    }
}
