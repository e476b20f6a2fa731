//! The same access in fewer words: what changes nothing is left out, and each change is proved.
//!
//! A change is kept where [`compare`] finds no new access either way between the policy before and after it. What it
//! cannot decide is left as it is.

use crate::analyse::{Comparison, Grammar, compare};
use crate::error::DocumentError;
use crate::model::Policy;
use crate::parse::{Mode, PolicyKind, read_policy};
use serde_json::{Map, Value};

/// Proofs that are tried at most; a policy with more to try is left with what was reached.
const PROOFS: usize = 5_000;

/// A policy in fewer words.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimised {
    /// The document.
    pub document: Value,
    /// Characters without white space, before and after.
    pub size: (usize, usize),
    /// Statements before and after.
    pub statements: (usize, usize),
    /// Whether everything was tried.
    pub complete: bool,
}

/// Why a policy is not minimised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MinimiseError {
    /// It is no policy.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It cannot be told from itself, so that nothing can be proved of it.
    #[error("nothing can be proved of this policy: {0}")]
    Undecided(String),
}

/// Leaves out what changes nothing.
///
/// # Errors
/// The text is no policy, or nothing can be proved of it.
pub fn minimise(text: &str, grammar: Grammar) -> Result<Minimised, MinimiseError> {
    let kind = match grammar {
        Grammar::Identity => PolicyKind::Identity,
        Grammar::Resource => PolicyKind::Resource,
    };
    let policy = read_policy(text, kind, Mode::Strict)?.policy;
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    if let Comparison::Unknown(unknown) = compare(&policy, &policy, grammar) {
        return Err(MinimiseError::Undecided(unknown.to_string()));
    }
    let mut work = Work {
        kind,
        grammar,
        original: policy,
        statements: statements(&document),
        document,
        left: PROOFS,
    };
    let before = (dense(&work.document), work.statements.len());
    // One change makes room for another.
    loop {
        let last = work.statements.clone();
        work.merge();
        work.leave_out();
        if work.statements == last {
            break;
        }
    }
    let document = work.whole(&work.statements);
    Ok(Minimised {
        size: (before.0, dense(&document)),
        statements: (before.1, work.statements.len()),
        complete: work.left > 0,
        document,
    })
}

struct Work {
    kind: PolicyKind,
    grammar: Grammar,
    original: Policy,
    document: Value,
    statements: Vec<Map<String, Value>>,
    left: usize,
}

/// Elements whose values are sets of strings.
const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

impl Work {
    /// The document with these statements.
    fn whole(&self, statements: &[Map<String, Value>]) -> Value {
        let mut document = self.document.clone();
        let short: Vec<Value> = statements.iter().cloned().map(short).collect();
        if let Some(found) = document.get_mut("Statement") {
            *found = Value::Array(short);
        }
        document
    }

    /// Whether these statements give the same access as the policy at the start.
    fn same(&mut self, statements: &[Map<String, Value>]) -> bool {
        if self.left == 0 || statements.is_empty() {
            return false;
        }
        self.left -= 1;
        let text = self.whole(statements).to_string();
        let Ok(parsed) = read_policy(&text, self.kind, Mode::Strict) else {
            return false;
        };
        let none = |old: &Policy, new: &Policy| {
            matches!(compare(old, new, self.grammar), Comparison::NoNewAccess)
        };
        none(&self.original, &parsed.policy) && none(&parsed.policy, &self.original)
    }

    /// Two statements that differ in one set of strings alone are one with both sets.
    fn merge(&mut self) {
        let mut at = 0;
        while at < self.statements.len() {
            let mut other = at + 1;
            let mut merged = false;
            while other < self.statements.len() {
                let joined = match (self.statements.get(at), self.statements.get(other)) {
                    (Some(one), Some(two)) => joined(one, two),
                    _ => None,
                };
                if let Some(joined) = joined {
                    let mut tried = self.statements.clone();
                    tried.remove(other);
                    if let Some(place) = tried.get_mut(at) {
                        *place = joined;
                    }
                    if self.same(&tried) {
                        self.statements = tried;
                        merged = true;
                        continue;
                    }
                }
                other += 1;
            }
            // A wider statement may take in one that it could not before.
            if !merged {
                at += 1;
            }
        }
    }

    /// Whole statements first, then single strings, from the last to the first.
    fn leave_out(&mut self) {
        for at in (0..self.statements.len()).rev() {
            let mut tried = self.statements.clone();
            tried.remove(at);
            if self.same(&tried) {
                self.statements = tried;
            }
        }
        for at in 0..self.statements.len() {
            for element in SETS {
                self.leave_out_of(at, element);
            }
        }
    }

    fn leave_out_of(&mut self, at: usize, element: &str) {
        let list = |work: &Self| {
            let found = work.statements.get(at).and_then(|one| one.get(element));
            found.and_then(Value::as_array).cloned()
        };
        let Some(strings) = list(self) else { return };
        // The longest are the likeliest to be taken in by others.
        let mut order: Vec<Value> = strings;
        order.sort_by_key(|value| std::cmp::Reverse(value.as_str().map_or(0, str::len)));
        for value in order {
            let Some(mut fewer) = list(self) else { return };
            let Some(place) = fewer.iter().position(|other| *other == value) else {
                continue;
            };
            fewer.remove(place);
            if fewer.is_empty() {
                return;
            }
            let mut tried = self.statements.clone();
            if let Some(statement) = tried.get_mut(at) {
                statement.insert(element.to_owned(), Value::Array(fewer));
            }
            if self.same(&tried) {
                self.statements = tried;
            }
        }
    }
}

/// The statements, each set of strings as a list.
fn statements(document: &Value) -> Vec<Map<String, Value>> {
    let found = document.get("Statement");
    let all: Vec<&Value> = match found {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    all.into_iter()
        .filter_map(Value::as_object)
        .map(|statement| {
            let mut statement = statement.clone();
            for element in SETS {
                if let Some(value) = statement.get_mut(element)
                    && value.is_string()
                {
                    *value = Value::Array(vec![value.take()]);
                }
            }
            statement
        })
        .collect()
}

/// One statement of two that differ in a set alone, their names aside.
fn joined(one: &Map<String, Value>, two: &Map<String, Value>) -> Option<Map<String, Value>> {
    let plain = |statement: &Map<String, Value>, without: &str| {
        let mut rest = statement.clone();
        rest.shift_remove("Sid");
        rest.shift_remove(without);
        rest
    };
    ["Action", "Resource"].iter().find_map(|element| {
        let (first, second) = (
            one.get(*element)?.as_array()?,
            two.get(*element)?.as_array()?,
        );
        if plain(one, element) != plain(two, element) {
            return None;
        }
        let mut both = first.clone();
        both.extend(
            second
                .iter()
                .filter(|value| !first.contains(value))
                .cloned(),
        );
        let mut statement = one.clone();
        statement.insert((*element).to_owned(), Value::Array(both));
        Some(statement)
    })
}

/// A list of one string is the string.
fn short(mut statement: Map<String, Value>) -> Value {
    for element in SETS {
        if let Some(Value::Array(list)) = statement.get_mut(element)
            && let [one] = list.as_mut_slice()
        {
            let one = one.take();
            statement.insert(element.to_owned(), one);
        }
    }
    Value::Object(statement)
}

/// Characters without white space, as IAM counts them ("IAM and AWS STS quotas").
fn dense(document: &Value) -> usize {
    document
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count()
}
