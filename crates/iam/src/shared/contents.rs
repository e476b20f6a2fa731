//! Statements by what they say: copies of one are one.

use crate::model::{Condition, Statement};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The statements that were met so far, by number.
#[derive(Debug, Default)]
pub(crate) struct Contents<'a> {
    /// By address: the documents outlive this.
    places: BTreeMap<usize, usize>,
    prints: BTreeMap<u64, Vec<usize>>,
    all: Vec<&'a Statement>,
}

impl<'a> Contents<'a> {
    /// The number of the statement's content.
    pub(crate) fn id(&mut self, statement: &'a Statement) -> usize {
        let place = std::ptr::from_ref(statement).addr();
        if let Some(id) = self.places.get(&place) {
            return *id;
        }
        let alike = self.prints.entry(print(statement)).or_default();
        let known = alike.iter().find(|id| {
            self.all
                .get(**id)
                .is_some_and(|other| same(other, statement))
        });
        let id = known.copied().unwrap_or_else(|| {
            alike.push(self.all.len());
            self.all.push(statement);
            self.all.len() - 1
        });
        self.places.insert(place, id);
        id
    }

    /// A statement with this content.
    pub(crate) fn statement(&self, id: usize) -> Option<&'a Statement> {
        self.all.get(id).copied()
    }
}

/// Whether the statements say the same, wherever they stand.
pub(crate) fn same(one: &Statement, other: &Statement) -> bool {
    let condition = |one: &Condition, other: &Condition| {
        one.operator_text == other.operator_text
            && one.key_text == other.key_text
            && one.values == other.values
            && one.operands == other.operands
    };
    one.effect == other.effect
        && one.principal == other.principal
        && one.actions == other.actions
        && one.resources == other.resources
        && one.conditions.len() == other.conditions.len()
        && one
            .conditions
            .iter()
            .zip(&other.conditions)
            .all(|(one, other)| condition(one, other))
}

/// The same for statements that say the same, and mostly different for others.
fn print(statement: &Statement) -> u64 {
    let mut hasher = DefaultHasher::new();
    for pattern in &statement.actions.patterns {
        pattern.text().hash(&mut hasher);
    }
    for pattern in statement.resources.iter().flat_map(|all| &all.patterns) {
        pattern.text().hash(&mut hasher);
    }
    for condition in &statement.conditions {
        (&condition.key, &condition.values).hash(&mut hasher);
    }
    let clause = statement.principal.as_ref();
    clause.map(|clause| clause.entries.len()).hash(&mut hasher);
    hasher.finish()
}
