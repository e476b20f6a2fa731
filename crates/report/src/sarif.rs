//! SARIF 2.1.0: the controls as rules, what fails or is unknown as results at the resource's ARN.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use crate::Report;
use crate::lookup::{Known, Lookup};
use crate::unsent::Unsent;
use palisade_core::assess::{Header, Summary};
use palisade_core::finding::FindingSink;
use palisade_core::{Catalog, Finding, Severity, State, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes SARIF.
pub(crate) struct Sarif<'a> {
    out: Box<dyn Write + Send + 'a>,
    lookup: Lookup<'a>,
    header: Option<Header>,
    results: u64,
    unsent: Unsent,
}

impl fmt::Debug for Sarif<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sarif")
            .field("results", &self.results)
            .finish_non_exhaustive()
    }
}

impl<'a> Sarif<'a> {
    pub(crate) fn new(out: Box<dyn Write + Send + 'a>, catalog: &'a Catalog) -> Self {
        Self {
            out,
            lookup: Lookup::new(catalog),
            header: None,
            results: 0,
            unsent: Unsent::default(),
        }
    }

    fn result(&self, finding: &Finding) -> Value {
        let at = &finding.resource;
        let mut reason = finding.reason();
        if reason.is_empty() {
            reason = self.lookup.title(&finding.control).into();
        }
        // 3.27.10: a result whose kind is not `fail` has the level `none`.
        let (kind, level) = match finding.verdict {
            Verdict::Unknown(_) => ("open", "none"),
            _ => ("fail", level(finding.severity)),
        };
        let mut result = json!({
            "ruleId": &*finding.control,
            "kind": kind,
            "level": level,
            "message": { "text": reason },
            "locations": [{ "logicalLocations": [{
                "fullyQualifiedName": at.arn,
                "name": if at.name.is_empty() { &at.arn } else { &at.name },
                "kind": "resource",
            }]}],
            "partialFingerprints": { "palisadeFinding/v1": finding.id() },
            "properties": {
                "severity": finding.severity,
                "verdict": finding.verdict.state(),
                "table": at.kind,
                "account_id": at.account_id,
                "region": at.region,
                "values": finding.values(),
                "calls": finding.verdict.calls(),
            },
        });
        if let Some(object) = result.as_object_mut() {
            if let Some(index) = self.lookup.index(&finding.control) {
                object.insert("ruleIndex".to_owned(), index.into());
            }
            if let Some(accepted) = finding.verdict.accepted() {
                let why = accepted.to_string();
                let suppressions =
                    json!([{ "kind": "external", "status": "accepted", "justification": why }]);
                object.insert("suppressions".to_owned(), suppressions);
            }
        }
        result
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number from 0 to 10 that GitHub sorts by.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "2.0",
    }
}

fn rule(known: &Known<'_>) -> Value {
    let control = known.control;
    let repair = &control.repair;
    let mut text = control.why.clone();
    let mut markdown = control.why.clone();
    if !repair.text.is_empty() {
        text.push_str(&format!("\n\nRepair: {}", repair.text));
        markdown.push_str(&format!("\n\n**Repair:** {}", repair.text));
    }
    for (name, code) in [("sh", &repair.cli), ("hcl", &repair.terraform)] {
        if let Some(code) = code {
            text.push_str(&format!("\n\n{code}"));
            markdown.push_str(&format!("\n\n```{name}\n{code}\n```"));
        }
    }
    // 3.8.2: a tag stands once; a requirement that the control names itself may be one of a framework, too.
    let mut tags = vec!["security".to_owned(), "aws".to_owned()];
    tags.extend(control.also.iter().cloned());
    tags.extend(known.requirement_ids());
    let mut told = BTreeSet::new();
    tags.retain(|tag| told.insert(tag.clone()));
    json!({
        "id": control.id,
        "name": control.id,
        "shortDescription": { "text": control.title },
        "fullDescription": { "text": control.why },
        "help": { "text": text, "markdown": markdown },
        "defaultConfiguration": { "level": level(control.severity) },
        "properties": {
            "tags": tags,
            "security-severity": security_severity(control.severity),
            "recommendations": known.recommendations,
        },
    })
}

impl Report for Sarif<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        write!(
            self.out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\n\"tool\":{{\"driver\":{{\"name\":\"Palisade\",\"version\":"
        )?;
        serde_json::to_writer(&mut self.out, &header.palisade)?;
        write!(self.out, ",\"rules\":[")?;
        for (at, known) in self.lookup.all().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            writeln!(self.out, "{comma}")?;
            serde_json::to_writer(&mut self.out, &rule(known))?;
        }
        write!(self.out, "\n]}}}},\n\"results\":[")
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let header = self.header.as_ref().ok_or_else(crate::not_begun)?;
        let notes: Vec<Value> = summary
            .collection
            .blind
            .iter()
            .map(|b| {
                let text = format!(
                    "{} {}: {} findings are unknown",
                    b.operation,
                    self.unsent.word(b),
                    b.findings
                );
                json!({ "level": "warning", "message": { "text": text } })
            })
            .chain(
                summary
                    .tally
                    .totals()
                    .unanswered()
                    .into_iter()
                    .map(|(why, findings)| {
                        let text = format!("{why}: {findings} findings are unknown");
                        json!({ "level": "warning", "message": { "text": text } })
                    }),
            )
            .collect();
        let invocation = json!({
            "executionSuccessful": true,
            "endTimeUtc": header.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "toolExecutionNotifications": notes,
        });
        write!(self.out, "\n],\n\"invocations\":[")?;
        serde_json::to_writer(&mut self.out, &invocation)?;
        write!(
            self.out,
            "],\n\"columnKind\":\"unicodeCodePoints\"\n}}]}}\n"
        )?;
        self.out.flush()
    }
}

impl FindingSink for Sarif<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if matches!(finding.verdict.state(), State::Pass | State::NotApplicable) {
            return Ok(());
        }
        self.unsent.add(finding);
        let result = self.result(finding);
        let comma = if self.results == 0 { "" } else { "," };
        self.results += 1;
        writeln!(self.out, "{comma}")?;
        serde_json::to_writer(&mut self.out, &result)?;
        Ok(())
    }
}
