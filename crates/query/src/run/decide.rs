//! From what was measured and what the expressions say to a finding.

use super::seen::Seen;
use super::words;
use crate::plan::Compiled;
use jiff::civil::Date;
use palisade_core::Outcome;
use palisade_core::catalog::Exceptions;
use palisade_core::finding::{Finding, Resource};
use palisade_core::grounds::{Grounds, Rows};
use palisade_core::verdict::{Calls, Measured, Verdict};
use serde_json::{Map, Value};
use std::borrow::Cow;
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
    Calls(Calls),
    /// These calls failed, or these operations were not collected.
    Lacking(Calls, Arc<[String]>),
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
        resource: Arc<Resource>,
        basis: Basis,
        seen: &Arc<Seen>,
        row: usize,
    ) -> Finding {
        let (verdict, reason) = self.decided(control, &resource, basis, seen, row);
        let rows: Arc<dyn Rows> = Arc::<Seen>::clone(seen);
        finding(
            control,
            resource,
            verdict,
            Grounds::of_row(rows, row, reason),
        )
    }

    /// The verdict, and the reason where the row itself does not tell it.
    fn decided(
        &self,
        control: &Compiled,
        resource: &Resource,
        basis: Basis,
        seen: &Seen,
        row: usize,
    ) -> (Verdict, Option<Cow<'static, str>>) {
        let calls = match basis {
            Basis::Calls(calls) => calls,
            Basis::Lacking(calls, missing) => {
                let why = words::lacking(&calls, &missing);
                return (Verdict::Unknown(calls), Some(why.into()));
            }
        };
        let said = seen.said(row);
        if let Some(error) = said.error {
            let why = format!("the control failed on this resource: {error}");
            return (Verdict::Unknown(calls), Some(why.into()));
        }
        if said.applies != Some(true) {
            let why = "the question does not apply to this resource";
            return (Verdict::NotApplicable(calls), Some(why.into()));
        }
        let Some(holds) = said.require else {
            return (Verdict::Unknown(calls), None);
        };
        match Measured::new(calls) {
            None => {
                let why = "no answered call stands behind it";
                (Verdict::Unknown(Calls::default()), Some(why.into()))
            }
            Some(measured) if holds => (Verdict::Pass(measured), None),
            Some(measured) => (self.failed(control, resource, measured), None),
        }
    }

    fn failed(&self, control: &Compiled, resource: &Resource, measured: Measured) -> Verdict {
        match self.exceptions.accepting(&control.id, resource, self.day) {
            Some(exception) => Verdict::Excepted(measured, exception.accepted()),
            None => Verdict::Fail(measured),
        }
    }
}

/// A finding of a control.
pub(crate) fn finding(
    control: &Compiled,
    resource: Arc<Resource>,
    verdict: Verdict,
    grounds: Grounds,
) -> Finding {
    debug_assert!(
        !matches!(&verdict, Verdict::Pass(m) if m.calls().iter().any(|c| c.outcome == Outcome::Denied))
    );
    Finding::new(
        Arc::clone(&control.id),
        control.severity,
        resource,
        verdict,
        grounds,
    )
}

/// Why nothing is decided though all calls were answered.
pub(crate) fn nothing_said(values: &Map<String, Value>) -> String {
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

/// The values in one line.
pub(crate) fn seen(values: &Map<String, Value>) -> String {
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
