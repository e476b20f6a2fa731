//! Reads a catalogue and proves what can be proved without SQL: ids, references, templates, tests that are missing.

use super::entry::read_one;
use super::error::CatalogError;
use super::select::{UnknownId, unknown};
use super::source::{Embedded, Source};
use super::written::read_control;
use super::{Control, Declared, Derived, Framework, Recommendation, Subject, Table, Text};
use indexmap::IndexMap;
use std::collections::BTreeMap;
use toml::Spanned;

/// All that is read and required, by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Tables, in the order of their names.
    pub tables: BTreeMap<String, Table>,
    /// Derived tables, in the order of their names.
    pub derived: BTreeMap<String, Derived>,
    /// Controls, in the order of their ids.
    pub controls: BTreeMap<String, Control>,
    /// Recommendations, in the order of their ids.
    pub recommendations: BTreeMap<String, Recommendation>,
    /// Frameworks, in the order of their ids.
    pub frameworks: BTreeMap<String, Framework>,
    /// What the user has declared, in a file of its own: whoever opens the catalogue lays it beside.
    pub declared: Declared,
    /// Files of the user's own that were meant to be read and are not, each with what is expected.
    pub unread: Vec<String>,
}

impl Catalog {
    /// The built-in catalogue.
    ///
    /// # Errors
    /// Every file that is wrong.
    pub fn embedded() -> Result<Self, Vec<CatalogError>> {
        Self::load(&[&Embedded])
    }

    /// The sources, later ones laid over earlier ones: an entry of the same id replaces.
    ///
    /// # Errors
    /// Every file that is wrong, each with its place.
    pub fn load(sources: &[&dyn Source]) -> Result<Self, Vec<CatalogError>> {
        let (catalog, errors) = Self::load_what_can_be(sources);
        if errors.is_empty() {
            Ok(catalog)
        } else {
            Err(errors)
        }
    }

    /// What of the sources can be read, and every file that is wrong: for who writes into a catalogue that is not
    /// finished, or has something to tell of it.
    #[must_use]
    pub fn load_what_can_be(sources: &[&dyn Source]) -> (Self, Vec<CatalogError>) {
        let mut catalog = Self::default();
        let mut errors = Vec::new();
        for source in sources {
            let mut layer = Self::default();
            layer.read(*source, &mut errors);
            catalog.tables.extend(layer.tables);
            catalog.derived.extend(layer.derived);
            catalog.controls.extend(layer.controls);
            catalog.recommendations.extend(layer.recommendations);
            catalog.frameworks.extend(layer.frameworks);
            catalog.unread.extend(layer.unread);
        }
        // A file that can't be read would make every reference into it look wrong.
        if errors.is_empty() {
            catalog.check_references(&mut errors);
        }
        (catalog, errors)
    }

    fn read(&mut self, source: &dyn Source, errors: &mut Vec<CatalogError>) {
        let name = source.name();
        let paths = match source.paths() {
            Ok(paths) => paths,
            Err(e) => {
                errors.push(CatalogError::new(
                    &name,
                    "",
                    None,
                    format!("can't list: {e}"),
                ));
                return;
            }
        };
        // A tree that could be listed just now can be listed.
        self.unread = source.unread().unwrap_or_default();
        for path in paths {
            let shown = format!("{name}/{path}");
            let text = match source.text(&path) {
                Ok(text) => text,
                Err(e) => {
                    errors.push(CatalogError::new(
                        &shown,
                        "",
                        None,
                        format!("can't read: {e}"),
                    ));
                    continue;
                }
            };
            let (folder, rest) = path.split_once('/').unwrap_or(("", &path));
            let stem = rest
                .rsplit('/')
                .next()
                .and_then(|f| f.strip_suffix(".toml"))
                .unwrap_or(rest);
            match folder {
                "tables" => self.read_tables(&shown, &text, errors),
                "derived" => self.read_derived(&shown, &text, errors),
                "controls" => {
                    read_control(&shown, stem, text, errors, &mut self.controls);
                }
                "recommendations" => {
                    read_one(&shown, stem, &text, errors, &mut self.recommendations);
                }
                "frameworks" => read_one(&shown, stem, &text, errors, &mut self.frameworks),
                // Models and the demo are not words of the catalogue; xtask and the demo read them.
                _ => {}
            }
        }
    }

    fn read_tables(&mut self, path: &str, text: &Text, errors: &mut Vec<CatalogError>) {
        let file: IndexMap<Spanned<String>, Table> = match toml::from_str(text) {
            Ok(file) => file,
            Err(e) => {
                errors.push(CatalogError::toml(path, text, &e));
                return;
            }
        };
        for (id, mut table) in file {
            let span = id.span();
            let id = id.into_inner();
            table.id.clone_from(&id);
            path.clone_into(&mut table.path);
            table.source = text.clone();
            for call in table.operations() {
                if !call.contains(':') {
                    errors.push(
                        CatalogError::new(
                            path,
                            text,
                            Some(span.clone()),
                            format!("`{call}` is not an operation"),
                        )
                        .with_hint("write it as `service:Operation`"),
                    );
                }
            }
            if self.tables.insert(id.clone(), table).is_some() {
                errors.push(CatalogError::new(
                    path,
                    text,
                    Some(span),
                    format!("the table `{id}` is there twice"),
                ));
            }
        }
    }

    fn read_derived(&mut self, path: &str, text: &Text, errors: &mut Vec<CatalogError>) {
        let file: IndexMap<Spanned<String>, Derived> = match toml::from_str(text) {
            Ok(file) => file,
            Err(e) => {
                errors.push(CatalogError::toml(path, text, &e));
                return;
            }
        };
        let inputs: BTreeMap<String, _> = file
            .iter()
            .filter(|(_, d)| d.like.is_none() && !d.reads.is_empty())
            .map(|(id, d)| {
                (
                    id.get_ref().clone(),
                    (d.reads.clone(), d.uses.clone(), d.apart.clone()),
                )
            })
            .collect();
        for (id, mut derived) in file {
            let span = id.span();
            let id = id.into_inner();
            derived.id.clone_from(&id);
            path.clone_into(&mut derived.path);
            derived.source = text.clone();
            let own = derived.reads.is_empty() && derived.uses.is_empty();
            match derived.like.as_ref().map(|like| inputs.get(like)) {
                Some(Some(inputs)) if own => {
                    (derived.reads, derived.uses, derived.apart) = inputs.clone();
                }
                None if !derived.reads.is_empty() => {}
                _ => {
                    let message = format!(
                        "`{id}` names what it reads: `reads`, or `like` and a table of this file that has it"
                    );
                    errors.push(CatalogError::new(path, text, Some(span.clone()), message));
                }
            }
            let named = derived
                .apart
                .iter()
                .flat_map(|(key, beside)| beside.iter().chain([key]));
            for stranger in named.filter(|table| !derived.reads.contains_key(*table)) {
                let message = format!("`{id}` sets `{stranger}` apart, and does not read it");
                errors.push(derived.error(stranger, message));
            }
            if self.derived.insert(id.clone(), derived).is_some() {
                let message = format!("the derived table `{id}` is there twice");
                errors.push(CatalogError::new(path, text, Some(span), message));
            }
        }
    }

    fn check_references(&self, errors: &mut Vec<CatalogError>) {
        for control in self.controls.values() {
            for answer in &control.answers {
                if !self.recommendations.contains_key(answer.get_ref()) {
                    errors.push(
                        CatalogError::new(
                            &control.path,
                            &control.source,
                            Some(answer.span()),
                            format!("no recommendation is called `{}`", answer.get_ref()),
                        )
                        .with_hint("`palisade list recommendations` names them all"),
                    );
                }
            }
            if let Subject::Table(table) = &control.subject
                && !self.tables.contains_key(&table.text)
                && !self.derived.contains_key(&table.text)
            {
                errors.push(
                    CatalogError::new(
                        &control.path,
                        &control.source,
                        Some(table.span.clone()),
                        format!("no table is called `{}`", table.text),
                    )
                    .with_hint("`palisade list tables` names them all"),
                );
            }
        }
        for table in self.tables.values() {
            if let Some(parent) = &table.parent
                && !self.tables.contains_key(parent)
            {
                errors.push(CatalogError::new(
                    &table.path,
                    "",
                    None,
                    format!("the parent `{parent}` of `{}` is no table", table.id),
                ));
            }
        }
        for derived in self.derived.values() {
            if self.tables.contains_key(&derived.id) {
                let message = format!("`{}` is a table already", derived.id);
                errors.push(derived.error(&derived.id, message));
            }
            for base in derived.reads.keys().chain(&derived.uses) {
                if !self.tables.contains_key(base) {
                    let message = format!("`{}` reads `{base}`, which is no table", derived.id);
                    errors.push(derived.error(base, message));
                }
            }
        }
        for framework in self.frameworks.values() {
            errors.extend(framework.check(|id| self.recommendations.contains_key(id)));
        }
    }

    /// Ids of anything in the catalogue that look like a name.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<String> {
        let ids = self
            .controls
            .keys()
            .chain(self.recommendations.keys())
            .chain(self.frameworks.keys())
            .chain(self.tables.keys())
            .chain(self.derived.keys());
        unknown("entry", name, ids).near
    }

    /// The controls that a name means: an id, or a name of another tool.
    #[must_use]
    pub fn controls_called(&self, name: &str) -> Vec<&Control> {
        self.controls.get(name).map_or_else(
            || {
                self.controls
                    .values()
                    .filter(|c| c.is_called(name))
                    .collect()
            },
            |control| vec![control],
        )
    }

    /// A table by name.
    ///
    /// # Errors
    /// When there is none of that name, with names that look like it.
    pub fn table(&self, name: &str) -> Result<&Table, UnknownId> {
        self.tables
            .get(name)
            .ok_or_else(|| unknown("table", name, self.tables.keys()))
    }

    /// A framework by id.
    ///
    /// # Errors
    /// When there is none of that id, with ids that look like it.
    pub fn framework(&self, id: &str) -> Result<&Framework, UnknownId> {
        self.frameworks
            .get(id)
            .ok_or_else(|| unknown("framework", id, self.frameworks.keys()))
    }

    /// A recommendation by id.
    ///
    /// # Errors
    /// When there is none of that id, with ids that look like it.
    pub fn recommendation(&self, id: &str) -> Result<&Recommendation, UnknownId> {
        self.recommendations
            .get(id)
            .ok_or_else(|| unknown("recommendation", id, self.recommendations.keys()))
    }

    /// The controls that are evidence for a recommendation.
    pub fn answering<'a>(&'a self, recommendation: &'a str) -> impl Iterator<Item = &'a Control> {
        self.controls
            .values()
            .filter(move |c| c.answers.iter().any(|a| a.get_ref() == recommendation))
    }
}
