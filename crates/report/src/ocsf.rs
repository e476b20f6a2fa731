//! OCSF 1.6 Compliance Finding (class 2003) with the cloud profile, one JSON object a line.
//!
//! <https://schema.ocsf.io/1.6.0/classes/compliance_finding>

use crate::lookup::Lookup;
use crate::{Report, place};
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding, Severity, State};
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Write};

/// The version of the schema that is written.
const VERSION: &str = "1.6.0";

/// Writes OCSF.
pub(crate) struct Ocsf<'a> {
    out: Box<dyn Write + Send + 'a>,
    lookup: Lookup<'a>,
    header: Option<Header>,
}

impl fmt::Debug for Ocsf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ocsf").finish_non_exhaustive()
    }
}

impl<'a> Ocsf<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out,
            lookup: Lookup::new(catalog),
            header: None,
        }
    }

    fn event(&self, header: &Header, finding: &Finding) -> Value {
        let state = finding.verdict.state();
        let (severity_id, severity) = severity(finding.severity, state);
        let (status_id, status) = finding_status(state);
        let time = header.taken_at.as_millisecond();
        let title = self.lookup.title(&finding.control);
        let known = self.lookup.get(&finding.control);
        let mut event = json!({
            "activity_id": 1,
            "activity_name": "Create",
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": 2003,
            "class_name": "Compliance Finding",
            "type_uid": 200_301,
            "type_name": "Compliance Finding: Create",
            "time": time,
            "severity_id": severity_id,
            "severity": severity,
            "status_id": status_id,
            "status": status,
            "message": message(title, &finding.reason()),
            "metadata": {
                "version": VERSION,
                "profiles": ["cloud"],
                "product": {
                    "name": "Palisade",
                    "vendor_name": "Palisade",
                    "uid": "palisade",
                    "version": header.palisade,
                },
                "event_code": &*finding.control,
                "log_name": "palisade.assessment",
                "log_provider": "Palisade",
            },
            "finding_info": {
                "uid": finding.id(),
                "title": title,
                "desc": known.map_or("", |k| &k.control.why),
                "created_time": time,
                "types": ["Configuration"],
            },
            "compliance": self.compliance(finding),
            "resources": [resource(finding)],
            "cloud": cloud(header, finding),
            "evidences": [{ "data": data(finding) }],
        });
        if let (Some(known), Some(event)) = (known, event.as_object_mut()) {
            event.insert(
                "remediation".to_owned(),
                json!({ "desc": known.control.repair.text }),
            );
        }
        event
    }

    fn compliance(&self, finding: &Finding) -> Value {
        let (status_id, status) = match finding.verdict.state() {
            State::Pass => (1, "Pass"),
            // "did not yield a result due to missing information"
            State::Unknown => (2, "Warning"),
            State::Fail | State::Excepted => (3, "Fail"),
            State::NotApplicable => (99, "Not applicable"),
        };
        let known = self.lookup.get(&finding.control);
        json!({
            "control": &*finding.control,
            "desc": self.lookup.title(&finding.control),
            "standards": known.map(|k| k.framework_ids()).unwrap_or_default(),
            "requirements": known.map(|k| k.requirement_ids()).unwrap_or_default(),
            "status_id": status_id,
            "status": status,
            "status_code": finding.verdict.state().as_str(),
            "status_details": [finding.reason()],
            "checks": known.map(|k| k.control.also.as_slice()).unwrap_or_default().iter()
                .map(|also| json!({ "uid": also, "standards": [also.split(':').next()] }))
                .collect::<Vec<_>>(),
        })
    }
}

/// What was seen, and what the exception says where one accepts it.
fn data(finding: &Finding) -> Value {
    let mut data = json!({ "values": finding.values(), "calls": finding.verdict.calls() });
    if let (Some(accepted), Some(data)) = (finding.verdict.accepted(), data.as_object_mut()) {
        data.insert("exception".to_owned(), json!(accepted));
    }
    data
}

fn message(title: &str, reason: &str) -> String {
    if reason.is_empty() {
        title.to_owned()
    } else {
        format!("{title}: {reason}")
    }
}

/// What passes, or is about nothing, is informational.
fn severity(severity: Severity, state: State) -> (u8, &'static str) {
    match (state, severity) {
        (State::Pass | State::NotApplicable, _) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

/// The state of the finding in somebody's queue, not of the resource.
fn finding_status(state: State) -> (u8, &'static str) {
    match state {
        State::Fail | State::Unknown => (1, "New"),
        State::Excepted => (3, "Suppressed"),
        State::Pass | State::NotApplicable => (4, "Resolved"),
    }
}

fn resource(finding: &Finding) -> Value {
    let at = &finding.resource;
    json!({
        "uid": place::id(at),
        "name": if at.name.is_empty() { place::id(at) } else { &at.name },
        "type": at.kind,
        "region": at.region,
        "cloud_partition": place::partition(at),
    })
}

fn cloud(header: &Header, finding: &Finding) -> Value {
    let at = &finding.resource;
    let mut account = json!({ "uid": at.account_id, "type_id": 10, "type": "AWS Account" });
    let name = header
        .accounts
        .iter()
        .find(|a| a.id == at.account_id)
        .map(|a| a.name.as_str());
    if let (Some(name), Some(account)) = (name.filter(|n| !n.is_empty()), account.as_object_mut()) {
        account.insert("name".to_owned(), name.into());
    }
    json!({
        "provider": "AWS",
        "account": account,
        "region": at.region,
        "cloud_partition": place::partition(at),
    })
}

impl Report for Ocsf<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

impl FindingSink for Ocsf<'_> {
    fn reads_grounds(&self) -> bool {
        true
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let header = self.header.as_ref().ok_or_else(crate::not_begun)?;
        let event = self.event(header, finding);
        serde_json::to_writer(&mut self.out, &event)?;
        self.out.write_all(b"\n")
    }
}
