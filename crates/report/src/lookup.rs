//! What the catalogue says about a control, looked up once per report and not once per finding.

use palisade_core::Catalog;
use palisade_core::catalog::{Control, Framework, Named, Requirement};
use std::collections::BTreeMap;

/// A control and the frameworks that ask for it.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    /// The control's file.
    pub(crate) control: &'a Control,
    /// The recommendations that it answers.
    pub(crate) recommendations: Vec<&'a str>,
    /// The requirements that its findings tell of: see [`Named::is_told`].
    pub(crate) requirements: Vec<(&'a Framework, &'a Requirement)>,
}

impl Known<'_> {
    /// `framework:requirement`, each once.
    pub(crate) fn requirement_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self
            .requirements
            .iter()
            .map(|(f, r)| format!("{}:{}", f.id, r.id))
            .collect();
        ids.dedup();
        ids
    }

    /// The frameworks' ids, each once.
    pub(crate) fn framework_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .requirements
            .iter()
            .map(|(f, _)| f.id.as_str())
            .collect();
        ids.dedup();
        ids
    }
}

/// All controls by id.
#[derive(Debug)]
pub(crate) struct Lookup<'a>(BTreeMap<&'a str, Known<'a>>);

impl<'a> Lookup<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let frameworks = catalog.frameworks.values();
        let named: Vec<_> = frameworks.map(|f| (f, f.named(catalog))).collect();
        Self(
            catalog
                .controls
                .iter()
                .map(|(id, control)| (id.as_str(), known(&named, control)))
                .collect(),
        )
    }

    /// `None` for a control that the catalogue no longer has.
    pub(crate) fn get(&self, id: &str) -> Option<&Known<'a>> {
        self.0.get(id)
    }

    /// The title, or the id of an unknown control.
    pub(crate) fn title<'b>(&'b self, id: &'b str) -> &'b str {
        self.get(id).map_or(id, |k| &k.control.title)
    }

    /// In the order of ids.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Known<'a>> {
        self.0.values()
    }

    /// The place of a control in [`Lookup::all`].
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.0.keys().position(|known| *known == id)
    }
}

fn known<'a>(frameworks: &[(&'a Framework, Named<'a>)], control: &'a Control) -> Known<'a> {
    let recommendations: Vec<&str> = control
        .answers
        .iter()
        .map(|a| a.get_ref().as_str())
        .collect();
    let requirements = frameworks.iter().flat_map(|(framework, named)| {
        let all = framework.requirements.iter();
        let told = all.filter(|requirement| named.is_told(control, requirement));
        told.map(|requirement| (*framework, requirement))
    });
    Known {
        control,
        recommendations,
        requirements: requirements.collect(),
    }
}
