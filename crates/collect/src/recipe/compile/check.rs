//! What a table names must be there.

use super::Compiler;
use super::draft::Draft;
use crate::recipe::Recipe;
use crate::recipe::step::Step;
use palisade_core::schema::COMMON;
use std::collections::BTreeSet;

impl Compiler<'_> {
    pub(super) fn check_declared(&mut self, draft: &Draft<'_>) {
        let table = draft.table;
        for name in table.json.iter().chain(table.types.keys()) {
            let own = COMMON
                .iter()
                .zip(&draft.own)
                .any(|(c, own)| c == name && own.is_some());
            if !own && !draft.columns.iter().any(|c| c.name == *name) {
                self.errors
                    .push(table.error(name, format!("`{name}` is no column")));
            }
        }
    }

    pub(super) fn check_holes(
        &mut self,
        draft: &Draft<'_>,
        steps: &[Step],
        parent: Option<&Recipe>,
    ) {
        const SCOPE: [&str; 3] = ["partition", "account_id", "region"];
        let table = draft.table;
        let known = |name: &str| {
            SCOPE.contains(&name)
                || COMMON
                    .iter()
                    .zip(&draft.own)
                    .any(|(c, own)| *c == name && own.is_some())
                || draft
                    .columns
                    .iter()
                    .any(|c| c.name == name && !COMMON.contains(&name))
        };
        let mut faults = Vec::new();
        for step in steps {
            for name in &step.needs {
                let fine = if step.name.is_empty() {
                    SCOPE.contains(&name.as_str()) || parent.is_some_and(|p| p.slot(name).is_some())
                } else {
                    known(name) || ["arn", "name"].contains(&name.as_str())
                };
                if !fine {
                    let of = if step.name.is_empty() {
                        "the parent"
                    } else {
                        "the table"
                    };
                    faults.push((
                        name.clone(),
                        format!("{}: `{{{name}}}` is no column of {of}", step.operation),
                    ));
                }
            }
        }
        let templates = [
            ("arn", Some(&table.arn)),
            ("name", table.name.as_ref()),
            ("region", table.region.as_ref()),
        ];
        for (what, template) in templates {
            for name in template.into_iter().flat_map(|t| t.columns()) {
                if !known(name) {
                    faults.push((
                        name.to_owned(),
                        format!("{what}: `{{{name}}}` is no column of the table"),
                    ));
                }
            }
        }
        for (name, fault) in faults {
            self.errors.push(table.error(&format!("{{{name}}}"), fault));
        }
    }
}

/// A fill that can never run, because its parameters wait for itself.
pub(super) fn circle(recipe: &Recipe) -> Option<String> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = recipe
            .fills
            .iter()
            .filter(|f| !done.contains(f.name.as_str()))
            .filter(|f| {
                let mut needs = f.needs.iter().flat_map(|c| recipe.behind(c));
                needs.all(|n| done.contains(n.as_str()))
            })
            .map(|f| f.name.as_str())
            .collect();
        if ready.is_empty() {
            return recipe
                .fills
                .iter()
                .find(|f| !done.contains(f.name.as_str()))
                .map(|f| f.name.clone());
        }
        done.extend(ready);
    }
}
