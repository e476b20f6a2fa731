//! Which controls a command line selects.

use super::{Catalog, Control};
use crate::near::{near, question};
use crate::severity::Severity;
use std::collections::BTreeSet;
use thiserror::Error;

/// A selection as meant: empty lists select everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Controls, by any of their names.
    pub controls: Vec<String>,
    /// Frameworks: the controls that answer their requirements.
    pub frameworks: Vec<String>,
    /// Recommendations: the controls that answer them.
    pub recommendations: Vec<String>,
    /// The least severity.
    pub severity: Option<Severity>,
}

/// A name that selects nothing.
#[derive(Debug, Error)]
#[error("no {what} is called `{name}`{}", suggestion(.near))]
pub struct UnknownId {
    /// What was looked for.
    pub what: &'static str,
    /// The name as typed.
    pub name: String,
    /// Ids that look like it.
    pub near: Vec<String>,
}

fn suggestion(near: &[String]) -> String {
    question(near).map_or_else(String::new, |question| format!(": {question}"))
}

impl Selection {
    /// The controls selected, in the catalogue's order.
    ///
    /// # Errors
    /// A name that no control, framework or recommendation has.
    pub fn controls<'a>(&self, catalog: &'a Catalog) -> Result<Vec<&'a Control>, UnknownId> {
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for name in &self.controls {
            let found = catalog.controls_called(name);
            if found.is_empty() {
                return Err(unknown("control", name, catalog.controls.keys()));
            }
            wanted.extend(found.iter().map(|c| c.id.as_str()));
        }
        let mut recommendations: BTreeSet<&str> = BTreeSet::new();
        for name in &self.frameworks {
            let framework = catalog
                .frameworks
                .get(name)
                .ok_or_else(|| unknown("framework", name, catalog.frameworks.keys()))?;
            recommendations.extend(
                framework
                    .requirements
                    .iter()
                    .flat_map(|r| r.recommendations.iter().map(String::as_str)),
            );
        }
        for name in &self.recommendations {
            let (id, _) = catalog
                .recommendations
                .get_key_value(name)
                .ok_or_else(|| unknown("recommendation", name, catalog.recommendations.keys()))?;
            recommendations.insert(id);
        }
        let everything = self.controls.is_empty()
            && self.frameworks.is_empty()
            && self.recommendations.is_empty();
        Ok(catalog
            .controls
            .values()
            .filter(|c| {
                everything
                    || wanted.contains(c.id.as_str())
                    || c.answers
                        .iter()
                        .any(|a| recommendations.contains(a.get_ref().as_str()))
            })
            .filter(|c| self.severity.is_none_or(|least| c.severity >= least))
            .collect())
    }
}

/// An [`UnknownId`] with the ids that share the most with the name.
pub(super) fn unknown<'a>(
    what: &'static str,
    name: &str,
    ids: impl Iterator<Item = &'a String>,
) -> UnknownId {
    UnknownId {
        what,
        name: name.to_owned(),
        near: near(name, ids).into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_told_what_was_meant() {
        let ids = [
            "s3-bucket-versioning".to_owned(),
            "sqs-queue-encrypted".to_owned(),
        ];
        let error = unknown("control", "s3-bucket-versionin", ids.iter());
        assert_eq!(
            error.to_string(),
            "no control is called `s3-bucket-versionin`: did you mean `s3-bucket-versioning`?"
        );
    }
}
