//! The request context: condition keys and their values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The value of a condition key in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key; it stays one with a single value or none
    /// ("Single-valued vs. multivalued context keys", IAM User Guide).
    Many(Vec<String>),
}

/// What a context says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The key is in the request.
    Present(&'a ContextValue),
    /// The key is known not to be in the request.
    Absent,
    /// Nothing is said: decided as absent, and named in the residual condition.
    Unknown,
}

/// Condition keys of a request. Key names are case-insensitive, values are not
/// ("IAM JSON policy elements: Condition", IAM User Guide).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, ContextValue>,
    /// Shared: what is known to be absent is the same in all requests of a question.
    absent: Arc<BTreeSet<String>>,
    complete: bool,
    closed: Arc<Vec<String>>,
}

impl Context {
    /// An empty context: every key is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, in place of an earlier value.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let key = key.to_lowercase();
        if self.absent.contains(&key) {
            Arc::make_mut(&mut self.absent).remove(&key);
        }
        self.values.insert(key, value);
    }

    /// Sets a single-valued key unless the context already speaks of it.
    pub(crate) fn derive(&mut self, key: &str, value: &str) {
        if !self.values.contains_key(key) && !self.absent.contains(key) {
            self.values
                .insert(key.to_owned(), ContextValue::One(value.to_owned()));
        }
    }

    /// Says that the request does not carry the key.
    pub fn set_absent(&mut self, key: &str) {
        let key = key.to_lowercase();
        if !self.values.contains_key(&key) && !self.absent.contains(&key) {
            Arc::make_mut(&mut self.absent).insert(key);
        }
    }

    /// Says that every key not given is absent, so that no residual condition is left.
    pub fn complete(&mut self) {
        self.complete = true;
    }

    /// Looks up a key that is already lower case.
    #[must_use]
    pub fn lookup(&self, lower: &str) -> Lookup<'_> {
        match self.values.get(lower) {
            Some(ContextValue::Many(values)) if values.is_empty() => Lookup::Absent,
            Some(value) => Lookup::Present(value),
            None if self.complete || self.absent.contains(lower) || self.is_closed(lower) => {
                Lookup::Absent
            }
            None => Lookup::Unknown,
        }
    }

    /// How many keys start with the lower-case prefix.
    #[must_use]
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.with_prefix(prefix).count()
    }

    /// Makes all keys with the lower-case prefix absent, told or not.
    pub(crate) fn withhold(&mut self, prefix: &str) {
        let keys: Vec<String> = self.with_prefix(prefix).cloned().collect();
        for key in keys {
            self.values.remove(&key);
        }
        self.close(prefix);
    }

    /// Says that no key with the prefix is in the request but those told.
    pub fn close(&mut self, prefix: &str) {
        Arc::make_mut(&mut self.closed).push(prefix.to_lowercase());
    }

    fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a String> {
        self.values
            .range(prefix.to_owned()..)
            .map(|(key, _)| key)
            .take_while(move |key| key.starts_with(prefix))
    }

    fn is_closed(&self, lower: &str) -> bool {
        self.closed.iter().any(|prefix| lower.starts_with(prefix))
    }

    /// The value of a single-valued key, lower case.
    #[must_use]
    pub fn single(&self, lower: &str) -> Option<&str> {
        match self.values.get(lower) {
            Some(ContextValue::One(value)) => Some(value),
            _ => None,
        }
    }
}
