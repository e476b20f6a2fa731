//! The columns of a table while it is put together.

use super::CallOf;
use crate::recipe::form::Form;
use crate::recipe::step::Take;
use crate::redact::Secrets;
use palisade_aws::model::{Kind, Model, Operation, Ref, names::snake_case};
use palisade_core::catalog::{Table, TextType};
use palisade_core::schema::{COMMON, Column, ColumnType, Origin, TableSchema};
use std::collections::BTreeMap;

/// The columns of a table while it is put together.
pub(super) struct Draft<'t> {
    pub(super) table: &'t Table,
    pub(super) columns: Vec<Column>,
    /// The answer's own members that are called as common columns.
    pub(super) own: [Option<Origin>; COMMON.len()],
    /// What the call at hand may not take over: all, or what its own parameters need.
    pub(super) fixed: Option<Vec<String>>,
    pub(super) warnings: Vec<String>,
}

/// Stands for the slot of a common column's own member until the number of columns is known.
const OWN: usize = usize::MAX - COMMON.len();

impl Draft<'_> {
    /// The slot for a column; none if it is taken.
    pub(super) fn take(&mut self, name: &str, ty: ColumnType, origin: &Origin) -> Option<usize> {
        if let Some(at) = COMMON.iter().position(|c| *c == name) {
            let own = self.own.get_mut(at)?;
            if own.is_some() {
                return None;
            }
            *own = Some(origin.clone());
            return Some(OWN + at);
        }
        let free = |fixed: &Vec<String>| !fixed.iter().any(|f| f == name);
        let refines = self.fixed.as_ref().is_some_and(free);
        if let Some(slot) = self.columns.iter().position(|c| c.name == name) {
            if refines && let Some(column) = self.columns.get_mut(slot).filter(|c| c.ty == ty) {
                column.origin = origin.clone();
                return Some(slot);
            }
            if self.fixed.is_some() {
                return None;
            }
            self.warnings.push(format!(
                "{}: `{name}` is given by more than one call; the first counts",
                self.table.id
            ));
            return None;
        }
        self.columns.push(Column {
            name: name.to_owned(),
            ty,
            origin: origin.clone(),
        });
        Some(self.columns.len() - 1)
    }

    fn form(&self, name: &str, form: Form, secret: bool) -> Form {
        if secret {
            return form;
        }
        let declared = self.table.types.get(name);
        if self.table.json.iter().any(|j| j == name) {
            return Form::Document;
        }
        match (declared, form) {
            (Some(ty), Form::Text | Form::Parsed(_)) => Form::Parsed(*ty),
            (_, form) => form,
        }
    }
}

/// The columns of a shape.
pub(super) fn columns(
    draft: &mut Draft<'_>,
    model: &Model,
    operation: &Operation,
    end: &Ref,
    call: &CallOf<'_>,
    origin: &Origin,
    secrets: Option<&Secrets>,
) -> Result<Take, String> {
    if let Some(name) = call.column {
        let form = draft.form(
            name,
            Form::of(model, end, secrets),
            secrets.is_some_and(|s| s.here),
        );
        let slot = draft.take(name, form.ty(), origin);
        return slot
            .map(|slot| Take::One(slot, form))
            .ok_or_else(|| format!("the column `{name}` is there already"));
    }
    match model.kind(end) {
        Kind::Structure(structure) => {
            let tokens = tokens(model, operation);
            let mut members = Vec::new();
            for (api, member) in &structure.members {
                // The whole answer carries the page's token too.
                if call.path.is_none() && tokens.iter().any(|t| **t == **api) {
                    continue;
                }
                let bare = snake_case(api);
                let below = secrets.and_then(|s| s.below(&bare));
                let name = format!("{}{bare}", call.prefix);
                let secret = below.is_some_and(|s| s.here);
                let form = draft.form(&name, Form::of(model, &member.target, below), secret);
                if let Some(slot) = draft.take(&name, form.ty(), origin) {
                    members.push((api.clone(), slot, form));
                }
            }
            Ok(Take::Members(members))
        }
        Kind::Map { key, value, .. } => {
            let known = match model.kind(key) {
                Kind::String { values } => values.iter().map(|v| snake_case(v)).collect(),
                _ => Vec::new(),
            };
            let mut keys = BTreeMap::new();
            for bare in &known {
                // `All` is a question, never an answer.
                if bare == "all" {
                    continue;
                }
                let below = secrets.and_then(|s| s.below(bare));
                let name = format!("{}{bare}", call.prefix);
                let form = draft.form(
                    &name,
                    Form::of(model, value, below),
                    below.is_some_and(|s| s.here),
                );
                if let Some(slot) = draft.take(&name, form.ty(), origin) {
                    keys.insert(bare.clone(), (slot, form));
                }
            }
            if let Take::Keys(more) = declared(draft, origin) {
                for (name, entry) in more {
                    let bare = name.strip_prefix(call.prefix).unwrap_or(&name);
                    keys.entry(bare.to_owned()).or_insert(entry);
                }
            }
            if keys.is_empty() {
                return Err("a map without known keys: declare its columns in `types`".to_owned());
            }
            Ok(Take::Keys(keys))
        }
        other => Err(format!(
            "a {} has no members: name the column with `as`",
            other.word()
        )),
    }
}

/// The columns that `types` declares and no call has given yet.
pub(super) fn declared(draft: &mut Draft<'_>, origin: &Origin) -> Take {
    let table = draft.table;
    let mut keys = BTreeMap::new();
    for (name, ty) in &table.types {
        if draft
            .columns
            .iter()
            .any(|c| c.name == *name && !COMMON.contains(&c.name.as_str()))
        {
            continue;
        }
        let form = draft.form(name, Form::Parsed(*ty), false);
        let form = if *ty == TextType::Text && form == Form::Parsed(TextType::Text) {
            Form::Text
        } else {
            form
        };
        if let Some(slot) = draft.take(name, form.ty(), origin) {
            keys.insert(name.clone(), (slot, form));
        }
    }
    Take::Keys(keys)
}

/// The members of an answer that belong to its paging.
fn tokens<'m>(model: &'m Model, operation: &Operation) -> Vec<&'m str> {
    model
        .paginators
        .get(&operation.name)
        .map_or_else(Vec::new, |pager| {
            let tokens = pager.output_token.iter().chain(&pager.input_token);
            tokens
                .chain(&pager.more_results)
                .chain(&pager.limit_key)
                .map(String::as_str)
                .collect()
        })
}

/// Says where the common columns come from.
pub(super) fn finish(draft: Draft<'_>) -> TableSchema {
    let Draft {
        table,
        mut columns,
        own,
        ..
    } = draft;
    let own_of = |name: &str| {
        COMMON
            .iter()
            .zip(&own)
            .find(|(c, _)| **c == name)
            .and_then(|(_, own)| own.clone())
    };
    let origin = |template: &palisade_core::template::Template| {
        let names: Vec<&str> = template.columns().collect();
        if let ([name], Some(own)) = (names.as_slice(), names.first().and_then(|n| own_of(n)))
            && template.source() == format!("{{{name}}}")
        {
            return own;
        }
        let mut needs: Vec<String> = Vec::new();
        for name in names {
            match own_of(name) {
                // A column of the same fill stands for the member, which is no column itself.
                Some(Origin::Fill(fill)) => {
                    let same = Origin::Fill(fill);
                    needs.extend(
                        columns
                            .iter()
                            .find(|c| c.origin == same)
                            .map(|c| c.name.clone()),
                    );
                }
                Some(_) => {}
                None if COMMON.contains(&name) || name == "partition" => {}
                None => needs.push(name.to_owned()),
            }
        }
        Origin::Template(needs)
    };
    let arn = origin(&table.arn);
    let name = match &table.name {
        Some(template) => origin(template),
        None => own_of("name").unwrap_or(Origin::Template(Vec::new())),
    };
    let region = table.region.as_ref().map_or(Origin::Scope, origin);
    for (column, origin) in columns.iter_mut().skip(1).zip([region, arn, name]) {
        column.origin = origin;
    }
    TableSchema {
        table: table.id.clone(),
        columns,
    }
}

pub(super) fn settle(take: &mut Take, columns: usize) {
    match take {
        Take::One(slot, _) => *slot = settled(*slot, columns),
        Take::Members(members) => members
            .iter_mut()
            .for_each(|(_, slot, _)| *slot = settled(*slot, columns)),
        Take::Keys(keys) => keys
            .values_mut()
            .for_each(|(slot, _)| *slot = settled(*slot, columns)),
    }
}

pub(super) fn settled(slot: usize, columns: usize) -> usize {
    if slot >= OWN {
        columns + (slot - OWN)
    } else {
        slot
    }
}
