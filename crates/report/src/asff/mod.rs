//! AWS Security Finding Format 2018-10-08: a JSON array for `BatchImportFindings`, a finding a line.
//!
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>

mod kind;

use crate::lookup::{Known, Lookup};
use crate::{Report, place};
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding, State};
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::{self, Write};

/// Characters that the format allows.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const REMEDIATION: usize = 512;
const RESOURCE_ID: usize = 512;
const FIELD: usize = 1024;
/// Entries of `RelatedRequirements`.
const REQUIREMENTS: usize = 32;

/// Writes ASFF.
pub(crate) struct Asff<'a> {
    out: Box<dyn Write + Send + 'a>,
    lookup: Lookup<'a>,
    header: Option<Header>,
    findings: u64,
}

impl fmt::Debug for Asff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asff")
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

impl<'a> Asff<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out,
            lookup: Lookup::new(catalog),
            header: None,
            findings: 0,
        }
    }

    fn entry(&self, header: &Header, finding: &Finding) -> Value {
        let state = finding.verdict.state();
        let at = &finding.resource;
        let (partition, region, account) =
            (place::partition(at), place::region(at), &at.account_id);
        let known = self.lookup.get(&finding.control);
        let reason = finding.reason();
        let why = known.map_or(&*reason, |k| &k.control.why);
        let time = header
            .taken_at
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string();
        let mut entry = json!({
            "SchemaVersion": "2018-10-08",
            "Id": format!("palisade/{region}/{account}/{}", finding.id()),
            "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
            "ProductName": "Palisade",
            "CompanyName": "Palisade",
            "GeneratorId": format!("palisade/{}", finding.control),
            "AwsAccountId": account,
            "Region": region,
            "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
            "CreatedAt": time,
            "UpdatedAt": time,
            "Severity": { "Label": severity(finding) },
            "Title": cut(self.lookup.title(&finding.control), TITLE),
            "Description": cut(if why.is_empty() { &finding.control } else { why }, DESCRIPTION),
            "ProductFields": fields(header, finding),
            "Resources": [{
                "Type": kind::resource_type(&at.kind),
                "Id": cut(place::id(at), RESOURCE_ID),
                "Partition": partition,
                "Region": region,
            }],
            "Compliance": compliance(finding, known),
            "RecordState": if state == State::NotApplicable { "ARCHIVED" } else { "ACTIVE" },
        });
        let Some(object) = entry.as_object_mut() else {
            return entry;
        };
        if let Some(text) = known
            .map(|k| &k.control.repair.text)
            .filter(|t| !t.is_empty())
        {
            let text = cut(text, REMEDIATION);
            object.insert(
                "Remediation".to_owned(),
                json!({ "Recommendation": { "Text": text } }),
            );
        }
        if state == State::Excepted {
            object.insert("Workflow".to_owned(), json!({ "Status": "SUPPRESSED" }));
        }
        entry
    }
}

fn severity(finding: &Finding) -> String {
    match finding.verdict.state() {
        State::Pass | State::NotApplicable => "INFORMATIONAL".to_owned(),
        State::Fail | State::Unknown | State::Excepted => finding.severity.as_str().to_uppercase(),
    }
}

fn compliance(finding: &Finding, known: Option<&Known<'_>>) -> Value {
    let status = match finding.verdict.state() {
        State::Pass => "PASSED",
        State::Fail | State::Excepted => "FAILED",
        State::Unknown => "WARNING",
        State::NotApplicable => "NOT_AVAILABLE",
    };
    let mut compliance = json!({ "Status": status, "SecurityControlId": &*finding.control });
    let requirements: Vec<String> = known
        .map(Known::requirement_ids)
        .unwrap_or_default()
        .into_iter()
        .take(REQUIREMENTS)
        .collect();
    if let Some(object) = compliance.as_object_mut()
        && !requirements.is_empty()
    {
        object.insert("RelatedRequirements".to_owned(), requirements.into());
    }
    compliance
}

/// Empty values are not allowed, so they are left out.
fn fields(header: &Header, finding: &Finding) -> Value {
    let calls: Vec<String> = finding
        .verdict
        .calls()
        .iter()
        .map(|c| format!("{}={}", c.operation, c.outcome))
        .collect();
    let values = serde_json::to_string(&finding.values()).unwrap_or_default();
    let accepted = finding.verdict.accepted().map(ToString::to_string);
    let fields: Map<String, Value> = [
        ("palisade/version", header.palisade.as_str()),
        ("palisade/verdict", finding.verdict.state().as_str()),
        ("palisade/reason", &finding.reason()),
        ("palisade/name", &finding.resource.name),
        ("palisade/table", &finding.resource.kind),
        ("palisade/calls", &calls.join(" ")),
        ("palisade/values", &values),
        (
            "palisade/exception",
            accepted.as_deref().unwrap_or_default(),
        ),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), cut(value, FIELD).into()))
    .collect();
    fields.into()
}

/// At most that many UTF-16 units, the way that AWS counts characters.
fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.len_utf16();
        if used > most {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

impl Report for Asff<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        self.out.write_all(b"[")
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}

impl FindingSink for Asff<'_> {
    fn reads_grounds(&self) -> bool {
        true
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let header = self.header.as_ref().ok_or_else(crate::not_begun)?;
        let entry = self.entry(header, finding);
        let comma = if self.findings == 0 { "" } else { "," };
        self.findings += 1;
        writeln!(self.out, "{comma}")?;
        serde_json::to_writer(&mut self.out, &entry)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_stays_within_the_limit() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("𝄞𝄞𝄞", 4).encode_utf16().count(), 3);
    }
}
