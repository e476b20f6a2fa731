//! From what was measured and what the expressions say to a finding.

use super::words;
use crate::plan::Compiled;
use jiff::civil::Date;
use palisade_core::catalog::Exceptions;
use palisade_core::finding::{Evidence, Finding, Resource};
use palisade_core::verdict::{Measured, Verdict};
use palisade_core::{CallRef, Outcome};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Holds what every decision needs.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    exceptions: &'a Exceptions,
    day: Date,
}

/// What stands behind one row.
#[derive(Debug, Clone)]
pub(crate) enum Basis {
    /// Every call behind it was answered.
    Calls(Vec<CallRef>),
    /// These calls failed, or these operations were not collected.
    Lacking(Vec<CallRef>, Vec<String>),
}

/// What the expressions say about one row.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) error: Option<&'a Arc<str>>,
    pub(crate) applies: Option<bool>,
    pub(crate) require: Option<bool>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) values: Map<String, Value>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(exceptions: &'a Exceptions, now: jiff::Timestamp) -> Self {
        Self {
            exceptions,
            day: jiff::tz::Offset::UTC.to_datetime(now).date(),
        }
    }

    /// The finding of one control on one row.
    pub(crate) fn decide(
        &self,
        control: &Compiled,
        resource: Resource,
        basis: Basis,
        said: Said<'_>,
    ) -> Finding {
        let calls = match basis {
            Basis::Calls(calls) => calls,
            Basis::Lacking(calls, missing) => {
                let mut why = words::failed(&calls);
                if !missing.is_empty() {
                    if !why.is_empty() {
                        why.push_str("; ");
                    }
                    why.push_str(&words::not_collected(&missing));
                }
                return finding(control, resource, Verdict::Unknown(calls), why, said.values);
            }
        };
        if let Some(error) = said.error {
            let why = format!("the control failed on this resource: {error}");
            return finding(control, resource, Verdict::Unknown(calls), why, said.values);
        }
        if said.applies != Some(true) {
            let why = "the question does not apply to this resource".to_owned();
            return finding(
                control,
                resource,
                Verdict::NotApplicable(calls),
                why,
                said.values,
            );
        }
        let Some(holds) = said.require else {
            let why = nothing_said(&said.values);
            return finding(control, resource, Verdict::Unknown(calls), why, said.values);
        };
        let why = said
            .reason
            .filter(|r| !r.trim().is_empty())
            .map_or_else(|| seen(&said.values), super::value::cut);
        let verdict = match Measured::new(calls) {
            None => {
                let why = "no answered call stands behind it".to_owned();
                return finding(
                    control,
                    resource,
                    Verdict::Unknown(Vec::new()),
                    why,
                    said.values,
                );
            }
            Some(measured) if holds => Verdict::Pass(measured),
            Some(measured) => self.failed(control, &resource, measured),
        };
        finding(control, resource, verdict, why, said.values)
    }

    fn failed(&self, control: &Compiled, resource: &Resource, measured: Measured) -> Verdict {
        match self.exceptions.accepting(&control.id, resource, self.day) {
            Some(exception) => Verdict::Excepted(measured, exception.accepted()),
            None => Verdict::Fail(measured),
        }
    }
}

/// A finding about a place where nothing can be said of single resources.
pub(crate) fn finding(
    control: &Compiled,
    resource: Resource,
    verdict: Verdict,
    reason: String,
    values: Map<String, Value>,
) -> Finding {
    debug_assert!(
        !matches!(&verdict, Verdict::Pass(m) if m.calls().iter().any(|c| c.outcome == Outcome::Denied))
    );
    Finding::new(
        Arc::clone(&control.id),
        control.severity,
        resource,
        verdict,
        reason,
        Evidence { values },
    )
}

fn nothing_said(values: &Map<String, Value>) -> String {
    let null: Vec<String> = values
        .iter()
        .filter(|(_, v)| v.is_null())
        .map(|(k, _)| format!("`{k}`"))
        .collect();
    if null.is_empty() {
        "the answers do not decide it: the requirement is null".to_owned()
    } else {
        format!("the answers hold no value for {}", null.join(", "))
    }
}

fn seen(values: &Map<String, Value>) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|(k, v)| match v {
            Value::Null => format!("{k} is not set"),
            Value::String(s) => format!("{k} = {s}"),
            other => format!("{k} = {other}"),
        })
        .collect();
    super::value::cut(&words::some(texts))
}
