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
    /// Frameworks: the controls that answer their requirements, or carry their names.
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

/// Why a selection can't be followed.
#[derive(Debug, Error)]
pub enum SelectionError {
    /// A name that nothing has.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// The severity leaves nothing of what was named.
    #[error("nothing is selected: {names} below `--severity {least}`")]
    Nothing {
        /// What was named, and how severe it is.
        names: String,
        /// The least severity that was asked for.
        least: Severity,
    },
}

/// What a selection selects.
#[derive(Debug, Clone)]
pub struct Selected<'a> {
    /// The controls, in the catalogue's order.
    pub controls: Vec<&'a Control>,
    /// The recommendations that were named, by themselves or through a framework, where not all of the catalogue is
    /// asked.
    pub recommendations: Option<BTreeSet<String>>,
}

impl<'a> Selected<'a> {
    /// The whole catalogue.
    #[must_use]
    pub fn all(catalog: &'a Catalog) -> Self {
        Self {
            controls: catalog.controls.values().collect(),
            recommendations: None,
        }
    }
}

impl Selection {
    /// What is selected. A recommendation that rests on statements alone may leave no control.
    ///
    /// # Errors
    /// A name that no control, framework or recommendation has; a severity that leaves nothing.
    pub fn of<'a>(&self, catalog: &'a Catalog) -> Result<Selected<'a>, SelectionError> {
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for name in &self.controls {
            let found = catalog.controls_called(name);
            if found.is_empty() {
                return Err(unknown("control", name, catalog.controls.keys()).into());
            }
            wanted.extend(found.iter().map(|c| c.id.as_str()));
        }
        let mut recommendations: BTreeSet<&str> = BTreeSet::new();
        for name in &self.frameworks {
            let framework = catalog
                .frameworks
                .get(name)
                .ok_or_else(|| unknown("framework", name, catalog.frameworks.keys()))?;
            wanted.extend(framework.named(catalog).controls());
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
        let named: Vec<&Control> = catalog
            .controls
            .values()
            .filter(|c| {
                everything
                    || wanted.contains(c.id.as_str())
                    || c.answers
                        .iter()
                        .any(|a| recommendations.contains(a.get_ref().as_str()))
            })
            .collect();
        let controls = self.severe(named)?;
        let all = everything && self.severity.is_none();
        Ok(Selected {
            controls,
            recommendations: (!all)
                .then(|| recommendations.into_iter().map(str::to_owned).collect()),
        })
    }

    /// The controls of [`Selection::of`] alone.
    ///
    /// # Errors
    /// The same.
    pub fn controls<'a>(&self, catalog: &'a Catalog) -> Result<Vec<&'a Control>, SelectionError> {
        self.of(catalog).map(|selected| selected.controls)
    }

    fn severe<'a>(&self, named: Vec<&'a Control>) -> Result<Vec<&'a Control>, SelectionError> {
        let Some(least) = self.severity else {
            return Ok(named);
        };
        let (severe, others): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|c| c.severity >= least);
        if !severe.is_empty() {
            return Ok(severe);
        }
        let names = match others.as_slice() {
            [] => "no control is named, and none is".to_owned(),
            [one] => format!("`{}` is {}, which is", one.id, one.severity),
            more => format!("all {} controls are", more.len()),
        };
        Err(SelectionError::Nothing { names, least })
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

    #[test]
    fn a_severity_that_leaves_nothing_is_an_error() {
        let catalog = Catalog::embedded().unwrap();
        let low = catalog.controls.values();
        let low = low.filter(|c| c.severity == Severity::Low);
        let selection = Selection {
            controls: low.take(1).map(|c| c.id.clone()).collect(),
            severity: Some(Severity::High),
            ..Selection::default()
        };
        let error = selection.of(&catalog).unwrap_err().to_string();
        assert!(error.starts_with("nothing is selected: `"), "{error}");
        assert!(
            error.ends_with("` is low, which is below `--severity high`"),
            "{error}"
        );
    }
}
