//! Whether a statement is about a request, its principal left aside.

use super::{
    condition,
    truth::{Atom, Truth},
};
use crate::model::{Actions, Context, Request, Resources, Statement, Template};

/// Whether action, resource and every condition match.
pub(crate) fn matches<T: Truth>(statement: &Statement, request: &Request) -> T {
    if !action(&statement.actions, request) {
        return T::of(false);
    }
    let mut holds: T = resource(statement.resources.as_ref(), request);
    for condition in &statement.conditions {
        if holds.is_no() {
            break;
        }
        holds = holds.and(condition::met(condition, &request.context));
    }
    holds
}

/// Actions have no case; `NotAction` matches every action but those named.
pub(crate) fn action(actions: &Actions, request: &Request) -> bool {
    let none = Context::new();
    let named = actions
        .patterns
        .iter()
        .any(|pattern| pattern.matches(&request.action, &none) == Some(true));
    named != actions.negated
}

/// Resources have case; without the element, the policy's own resource is meant.
pub(crate) fn resource<T: Truth>(resources: Option<&Resources>, request: &Request) -> T {
    let Some(resources) = resources else {
        return T::of(true);
    };
    let mut named = T::of(false);
    for pattern in &resources.patterns {
        if named.is_yes() {
            break;
        }
        named = named.or(like(pattern, request));
    }
    if resources.negated {
        named.negate()
    } else {
        named
    }
}

/// A pattern whose variable has no value matches no resource.
fn like<T: Truth>(pattern: &Template, request: &Request) -> T {
    let closed = pattern.matches(&request.resource, &request.context) == Some(true);
    if pattern.is_uncertain(&request.context) {
        T::open(closed, || Atom {
            operator: "ResourceLike".to_owned(),
            key: request.resource.clone(),
            values: vec![pattern.text().to_owned()],
        })
    } else {
        T::of(closed)
    }
}
