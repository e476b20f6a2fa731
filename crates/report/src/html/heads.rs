//! What the findings of a control share. A report may have thousands of pages, which all tell of the same controls, so
//! the words stand in one place.

use palisade_core::{Finding, Severity};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What rows name by its place in the page's list.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) control: Arc<str>,
    severity: Severity,
    kind: String,
}

impl Serialize for Head {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut head = to.serialize_struct("Head", 3)?;
        head.serialize_field("control", &*self.control)?;
        head.serialize_field("severity", &self.severity)?;
        head.serialize_field("kind", &self.kind)?;
        head.end()
    }
}

/// The heads of all pages, each with its number.
#[derive(Debug, Default)]
pub(super) struct Heads {
    all: Vec<Head>,
    numbers: BTreeMap<Arc<str>, Vec<u32>>,
}

impl Heads {
    /// The head of a number.
    pub(super) fn get(&self, number: u32) -> Option<&Head> {
        self.all.get(usize::try_from(number).ok()?)
    }

    /// The controls that have findings.
    pub(super) fn controls(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(|control| &**control)
    }

    /// The number of a finding's head.
    pub(super) fn of(&mut self, finding: &Finding) -> u32 {
        let known = self.numbers.get(&finding.control).into_iter().flatten();
        for number in known {
            let is = |head: &Head| {
                head.severity == finding.severity && head.kind == finding.resource.kind
            };
            if self.get(*number).is_some_and(is) {
                return *number;
            }
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let control = &finding.control;
        self.numbers
            .entry(Arc::clone(control))
            .or_default()
            .push(number);
        self.all.push(Head {
            control: Arc::clone(control),
            severity: finding.severity,
            kind: finding.resource.kind.clone(),
        });
        number
    }
}
