//! The same access in fewer words: what changes nothing is left out.
//!
//! Statements that differ in one set of strings are one by what a set means, and so is a string that another of its set
//! takes in. All else is proved ([`proof`]), and what cannot be decided is left as it is.

mod proof;
mod words;

use crate::analyse::Grammar;
use crate::error::DocumentError;
use crate::parse::{Mode, PolicyKind, read_policy};
use proof::Proof;
use serde_json::{Map, Value};

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
    let statements = words::statements(&document);
    let before = (dense(&document), statements.len());
    let mut proof = Proof::of(&policy, grammar);
    if let Err(unknown) = proof.start() {
        return Err(MinimiseError::Undecided(unknown.to_string()));
    }
    let mut work = Work {
        kind,
        version: document.get("Version").cloned(),
        proof,
        statements,
    };
    // One change makes room for another.
    loop {
        let last = work.statements.clone();
        work.statements = words::merged(work.statements);
        work.proof.leave_out_words(&mut work.statements);
        work.leave_out();
        if work.statements == last {
            break;
        }
    }
    let document = words::whole(document, work.statements.clone());
    Ok(Minimised {
        size: (before.0, dense(&document)),
        statements: (before.1, work.statements.len()),
        complete: !work.proof.is_spent(),
        document,
    })
}

struct Work<'a> {
    kind: PolicyKind,
    version: Option<Value>,
    proof: Proof<'a>,
    statements: Vec<Map<String, Value>>,
}

impl Work<'_> {
    /// Takes these statements in place of those before, if they give the same access.
    fn take(&mut self, tried: Vec<Map<String, Value>>) {
        if tried.is_empty() || self.proof.is_spent() {
            return;
        }
        let mut document = Map::new();
        document.extend(
            self.version
                .clone()
                .map(|version| ("Version".to_owned(), version)),
        );
        let list = tried.iter().cloned().map(Value::Object).collect();
        document.insert("Statement".to_owned(), Value::Array(list));
        let text = Value::Object(document).to_string();
        let Ok(parsed) = read_policy(&text, self.kind, Mode::Strict) else {
            return;
        };
        if self.proof.same(&parsed.policy) {
            self.statements = tried;
        }
    }

    /// Whole statements first, then single strings, from the last to the first.
    fn leave_out(&mut self) {
        for at in (0..self.statements.len()).rev() {
            if self.proof.is_spent() {
                return;
            }
            let mut tried = self.statements.clone();
            tried.remove(at);
            self.take(tried);
        }
        for at in 0..self.statements.len() {
            for element in words::SETS {
                self.leave_out_of(at, element);
            }
        }
    }

    fn leave_out_of(&mut self, at: usize, element: &str) {
        let list = |work: &Self| {
            let found = work.statements.get(at).and_then(|one| one.get(element));
            found.and_then(Value::as_array).cloned()
        };
        let Some(mut order) = list(self) else { return };
        // The longest are the likeliest to be taken in by others.
        order.sort_by_key(|value| std::cmp::Reverse(value.as_str().map_or(0, str::len)));
        for value in order {
            if self.proof.is_spent() {
                return;
            }
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
            self.take(tried);
        }
    }
}

/// Characters without white space, as IAM counts them ("IAM and AWS STS quotas").
fn dense(document: &Value) -> usize {
    document
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count()
}
