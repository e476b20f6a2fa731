//! Does a new policy allow anything that the old one does not?

mod cells;
mod question;
mod search;
mod tries;
mod variables;

use super::{Unknown, steps::Steps};
use crate::{
    eval,
    model::{Context, ContextValue, Effect, Facts, Policy, Request, Statement},
};

pub(crate) use question::Question;

/// What the policies are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Users, groups, roles: statements have no principal.
    Identity,
    /// A resource: statements name principals.
    Resource,
}

/// A request that the new policy allows and the old one does not, confirmed by the evaluator.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The request.
    pub request: Request,
    /// The keys told in it; `None`: absent.
    pub context: Vec<(String, Option<ContextValue>)>,
    /// Indexes of the new policy's statements that allow it.
    pub statements: Vec<usize>,
}

/// The answer.
#[derive(Debug, Clone)]
pub enum Comparison {
    /// Every request that the new policy allows, the old one allows.
    NoNewAccess,
    /// A request that shows otherwise.
    NewAccess(Box<Witness>),
    /// Not decided, and why.
    Unknown(Unknown),
}

/// Compares two policies, each by itself: a request is allowed where a statement allows it and none denies it.
/// Condition keys are taken to be independent of action and resource, and every action to exist.
#[must_use]
pub fn compare(old: &Policy, new: &Policy, grammar: Grammar) -> Comparison {
    let steps = Steps::new();
    let answer = Question::new(old, new, grammar, None, &steps).and_then(|asked| asked.any());
    match answer {
        Ok(Some(witness)) => Comparison::NewAccess(Box::new(witness)),
        Ok(None) => Comparison::NoNewAccess,
        Err(unknown) => Comparison::Unknown(unknown),
    }
}

/// The evaluator's word on one policy by itself.
pub(crate) fn allows(policy: &Policy, request: &Request, grammar: Grammar) -> bool {
    let says = |effect: Effect| {
        let of_effect = policy.statements.iter();
        of_effect
            .filter(|statement| statement.effect == effect)
            .any(|statement| matches(statement, request, grammar))
    };
    says(Effect::Allow) && !says(Effect::Deny)
}

/// The evaluator's word on one statement.
fn matches(statement: &Statement, request: &Request, grammar: Grammar) -> bool {
    names(statement, request, grammar) && eval::matches::<bool>(statement, request)
}

fn names(statement: &Statement, request: &Request, grammar: Grammar) -> bool {
    grammar == Grammar::Identity
        || eval::form(statement, request, &Facts::default(), false).is_some()
}

/// Whether the statement's actions have this one, lower case, among them.
pub(crate) fn names_action(statement: &Statement, action: &str) -> bool {
    let none = Context::new();
    let mut patterns = statement.actions.patterns.iter();
    let named = patterns.any(|pattern| pattern.matches(action, &none) == Some(true));
    named != statement.actions.negated
}
