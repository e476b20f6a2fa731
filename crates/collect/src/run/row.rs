//! One row while it is put together.

use super::calls::Answer;
use super::walk::Place;
use crate::plan::Scope;
use crate::recipe::{Recipe, Slots, Step};
use palisade_core::Outcome;
use palisade_core::schema::{COMMON, ColumnType, Origin};
use palisade_core::template::Template;
use serde_json::Value;

/// A row: values by slot, and the calls behind them.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) slots: Slots,
    pub(crate) calls: Vec<RowCall>,
    /// Place of the account in the scope.
    pub(crate) account: usize,
    /// Where the row's fills are asked for.
    pub(crate) region: String,
}

/// A call behind a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowCall {
    /// Empty for the list call.
    pub(crate) fill: String,
    pub(crate) id: String,
    pub(crate) operation: String,
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<String>,
}

impl RowCall {
    /// A value that could not be read as its column's type was not measured, and must not be taken for absent.
    pub(crate) fn of(fill: &str, answer: &Answer, misfits: u32) -> Self {
        let unreadable = misfits > 0 && answer.outcome.is_measured();
        if unreadable {
            tracing::warn!(
                operation = answer.operation,
                misfits,
                "values do not fit their columns"
            );
        }
        Self {
            fill: fill.to_owned(),
            id: answer.id.clone(),
            operation: answer.operation.clone(),
            outcome: if unreadable {
                Outcome::Failed
            } else {
                answer.outcome
            },
            code: if unreadable {
                Some("UnreadableValue".to_owned())
            } else {
                answer.code.clone()
            },
        }
    }
}

impl Row {
    pub(crate) fn new(recipe: &Recipe, place: &Place) -> Self {
        Self {
            slots: vec![Value::Null; recipe.slots()],
            calls: Vec::with_capacity(1 + recipe.fills.len()),
            account: place.account,
            region: place.region.clone(),
        }
    }

    /// The value of a hole in a call that belongs to no row.
    pub(crate) fn place_value(scope: &Scope, place: &Place, name: &str) -> Option<Value> {
        scope_value(scope, place.account, &place.region, name)
    }

    /// The value of a hole: of the scope, of the answer's own member, of a column.
    pub(crate) fn value(
        &self,
        recipe: Option<&Recipe>,
        scope: &Scope,
        name: &str,
    ) -> Option<Value> {
        if let Some(value) = scope_value(scope, self.account, &self.region, name) {
            return Some(value);
        }
        let recipe = recipe?;
        let at = |slot: Option<usize>| {
            slot.and_then(|s| self.slots.get(s))
                .filter(|v| !v.is_null())
                .cloned()
        };
        let common = COMMON.contains(&name);
        // `{name}` in a child speaks of the finished row, in a fill of what the answer has so far.
        let finished = at(recipe.slot(name));
        if finished.is_some() || !common {
            return finished;
        }
        let own = || at(recipe.own_slot(name));
        match (name, &recipe.name) {
            _ if recipe.lists_own(name) => own(),
            ("arn", _) => self.template(recipe, scope, &recipe.arn),
            ("name", Some(template)) => self.template(recipe, scope, template),
            _ => own(),
        }
    }

    /// Fills a template from what the calls gave; common columns are the answer's own members.
    fn template(&self, recipe: &Recipe, scope: &Scope, template: &Template) -> Option<Value> {
        template.fill(|name| {
            scope_value(scope, self.account, &self.region, name).or_else(|| {
                let slot = recipe.own_slot(name).or_else(|| recipe.slot(name))?;
                self.slots.get(slot).filter(|v| !v.is_null()).cloned()
            })
        })
    }

    /// Says where the resource is, once the list call has told.
    pub(crate) fn locate(&mut self, recipe: &Recipe, scope: &Scope) {
        let Some(template) = &recipe.region else {
            return;
        };
        if let Some(Value::String(region)) = self.template(recipe, scope, template)
            && !region.is_empty()
        {
            self.region = region;
        }
    }

    /// Puts the common columns together, after all fills.
    pub(crate) fn finish(&mut self, recipe: &Recipe, scope: &Scope) {
        self.locate(recipe, scope);
        let account = scope.accounts.get(self.account).map(|a| a.id.clone());
        let arn = self
            .template(recipe, scope, &recipe.arn)
            .or_else(|| self.own_name(recipe))
            .or_else(|| self.first_text(recipe));
        let name = match &recipe.name {
            Some(template) => self.template(recipe, scope, template),
            None => recipe
                .own_slot("name")
                .and_then(|s| self.slots.get(s))
                .cloned(),
        };
        let common = [
            account.map(Value::String),
            Some(Value::String(self.region.clone())),
            arn,
            name,
        ];
        for (cell, value) in self.slots.iter_mut().zip(common) {
            *cell = match value {
                None | Some(Value::Null) => Value::Null,
                Some(Value::String(text)) => Value::String(text),
                Some(other) => Value::String(other.to_string()),
            };
        }
    }

    /// A row must be told from its neighbours even if nothing told its ARN: the name in the list does.
    fn own_name(&self, recipe: &Recipe) -> Option<Value> {
        let (column, value) = recipe
            .own_slot("name")
            .and_then(|s| Some((recipe.schema.column("name")?, self.slots.get(s)?)))?;
        (column.origin == Origin::List && value.is_string()).then(|| value.clone())
    }

    /// Where it has no name either: the list's first text.
    fn first_text(&self, recipe: &Recipe) -> Option<Value> {
        let columns = recipe
            .schema
            .columns
            .iter()
            .zip(&self.slots)
            .skip(COMMON.len());
        columns
            .filter(|(c, v)| c.origin == Origin::List && c.ty == ColumnType::Text && v.is_string())
            .map(|(_, v)| v.clone())
            .next()
    }

    /// The failed call because of which a fill could not be asked.
    pub(crate) fn blame(&self, recipe: &Recipe, step: &Step) -> Option<RowCall> {
        let behind: Vec<String> = step.needs.iter().flat_map(|c| recipe.behind(c)).collect();
        let failed = self
            .calls
            .iter()
            .find(|c| behind.contains(&c.fill) && !c.outcome.is_measured())?;
        Some(RowCall {
            fill: step.name.clone(),
            ..failed.clone()
        })
    }
}

fn scope_value(scope: &Scope, account: usize, region: &str, name: &str) -> Option<Value> {
    match name {
        "region" => Some(Value::String(region.to_owned())),
        "account_id" => scope
            .accounts
            .get(account)
            .map(|a| Value::String(a.id.clone())),
        "partition" => scope
            .accounts
            .get(account)
            .map(|a| Value::String(a.partition.clone())),
        _ => None,
    }
}
