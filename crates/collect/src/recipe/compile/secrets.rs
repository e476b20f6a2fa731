//! What a table and the models say is secret.

use super::{CallOf, Compiler, calls};
use crate::recipe::path::Path;
use crate::redact::Secrets;
use palisade_aws::model::{Kind, Model, Ref, names::snake_case};
use palisade_core::catalog::Table;

impl Compiler<'_> {
    pub(super) fn secrets_of(&mut self, table: &Table) {
        let mut found = vec![false; table.redact.len()];
        for call in calls(table) {
            let Some((model, name)) = self.operation(table, call.call) else {
                continue;
            };
            let Some(output) = model.operation(&name).and_then(|o| o.output.as_ref()) else {
                continue;
            };
            let secrets = self.secrets.entry(call.call.to_owned()).or_insert_with(|| {
                // The shapes that the model itself calls sensitive.
                Secrets::marked(&model, output)
            });
            let Some(taken) = taken(&model, output, &call) else {
                continue;
            };
            let path = Path::parse(call.path.unwrap_or_default());
            let steps: Vec<String> = path.steps.iter().map(|s| snake_case(s)).collect();
            for (redact, found) in table.redact.iter().zip(&mut found) {
                let names: Vec<&str> = redact.split('.').collect();
                let Some(names) = inside(&model, taken, &call, &names, table) else {
                    continue;
                };
                *found = true;
                let result = secrets.at(&steps).path(&model, taken, &names);
                if let Err(e) = result {
                    self.errors
                        .push(table.error(redact, format!("redact: `{redact}`: {e}")));
                }
            }
        }
        for (redact, _) in table.redact.iter().zip(found).filter(|(_, found)| !found) {
            self.errors
                .push(table.error(redact, format!("redact: `{redact}` is no column")));
        }
    }
}

/// The shape that a call's columns are taken from.
fn taken<'m>(model: &'m Model, output: &'m Ref, call: &CallOf<'_>) -> Option<&'m Ref> {
    let end = Path::parse(call.path.unwrap_or_default())
        .shape(model, output)
        .ok()?;
    match model.kind(end) {
        Kind::List { member, .. } if call.name.is_empty() => Some(member),
        _ => Some(end),
    }
}

/// A path from a column as a path from the shape that the call takes; none where the call does not give the column.
fn inside<'p>(
    model: &Model,
    taken: &Ref,
    call: &CallOf<'_>,
    names: &[&'p str],
    table: &Table,
) -> Option<Vec<&'p str>> {
    let (first, rest) = names.split_first()?;
    if let Some(column) = call.column {
        return (column == *first).then(|| rest.to_vec());
    }
    let bare = first.strip_prefix(call.prefix)?;
    let gives = match model.kind(taken) {
        Kind::Structure(structure) => structure.members.keys().any(|m| snake_case(m) == bare),
        Kind::Map { .. } => table.types.contains_key(*first),
        _ => false,
    };
    gives.then(|| std::iter::once(bare).chain(rest.iter().copied()).collect())
}
