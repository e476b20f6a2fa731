//! Controls that carry the name of a framework's requirement: `securityhub:IAM.4` is IAM.4 of the standard (RFD 10).

use super::{Catalog, Control, Framework, Requirement};
use std::collections::{BTreeMap, BTreeSet};

/// The requirements of a framework that controls carry the names of.
#[derive(Debug, Clone, Default)]
pub struct Named<'c> {
    by_requirement: BTreeMap<&'c str, Vec<&'c Control>>,
    by_control: BTreeMap<&'c str, Vec<&'c str>>,
}

impl Framework {
    /// What stands before the colon where a control carries one of this framework's ids.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.also.as_deref().unwrap_or(&self.id)
    }

    /// The controls that carry the names of its requirements.
    #[must_use]
    pub fn named<'c>(&self, catalog: &'c Catalog) -> Named<'c> {
        let ids: BTreeSet<&str> = self.requirements.iter().map(|r| r.id.as_str()).collect();
        let mut named = Named::default();
        for control in catalog.controls.values() {
            let names = control.also.iter().filter_map(|name| name.split_once(':'));
            for (_, id) in names.filter(|(tool, id)| *tool == self.prefix() && ids.contains(id)) {
                named.by_requirement.entry(id).or_default().push(control);
                let own = named.by_control.entry(control.id.as_str()).or_default();
                own.push(id);
            }
        }
        named
    }
}

impl<'c> Named<'c> {
    /// The controls that carry the name of a requirement: they decide its state.
    #[must_use]
    pub fn of(&self, requirement: &Requirement) -> &[&'c Control] {
        let found = self.by_requirement.get(requirement.id.as_str());
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether a requirement's recommendations have a say: no control carries its name, or those that do see only a part.
    #[must_use]
    pub fn rows_decide(&self, requirement: &Requirement) -> bool {
        requirement.partly || self.of(requirement).is_empty()
    }

    /// The controls that decide a requirement: those of its name, or all that answer its recommendations.
    #[must_use]
    pub fn deciding(
        &self,
        catalog: &'c Catalog,
        requirement: &Requirement,
    ) -> BTreeMap<&'c str, &'c Control> {
        let rows_decide = self.rows_decide(requirement);
        let all = catalog.controls.values();
        all.filter(|_| rows_decide)
            .filter(|control| is_of_a_row(control, requirement))
            .chain(self.of(requirement).iter().copied())
            .map(|control| (control.id.as_str(), control))
            .collect()
    }

    /// All controls that carry a name.
    pub fn controls(&self) -> impl Iterator<Item = &'c str> {
        self.by_control.keys().copied()
    }

    /// Whether a finding of a control is told with a requirement. A control that carries names is told with these, and
    /// with no other requirement of its rows; one without is told with those of its rows that no control is named after.
    #[must_use]
    pub fn is_told(&self, control: &Control, requirement: &Requirement) -> bool {
        if let Some(names) = self.by_control.get(control.id.as_str()) {
            return names.contains(&requirement.id.as_str());
        }
        self.rows_decide(requirement) && is_of_a_row(control, requirement)
    }
}

/// Whether a control answers a recommendation that a requirement is mapped to.
fn is_of_a_row(control: &Control, requirement: &Requirement) -> bool {
    let mut rows = control.answers.iter();
    rows.any(|row| requirement.recommendations.contains(row.get_ref()))
}
