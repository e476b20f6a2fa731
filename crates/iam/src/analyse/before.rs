//! Which statements of old layers bear on what new layers allow beyond them.
//!
//! A request that the new layers allow meets none of their Deny statements, and an Allow statement of each guardrail. So
//! a Deny statement that both have, and a guardrail that is the same in both, say nothing of it in the old layers.

use std::sync::Arc;

use crate::model::{Effect, Layers, Level, NamedPolicy, Policy, Statement, Version};

/// The old layers' statements that can tell an old answer from a new one. `narrow` and `new_narrow` are what was left of
/// `old` and `new` for the question.
pub(super) fn telling(
    old: &Layers,
    new: &Layers,
    narrow: &Layers,
    new_narrow: &Layers,
) -> Vec<Policy> {
    let denials: Vec<&Statement> = new_narrow
        .policies()
        .flat_map(|policy| &policy.policy.statements)
        .filter(|statement| statement.effect == Effect::Deny)
        .collect();
    let mut statements = Vec::new();
    let mut add = |policies: &[NamedPolicy], is_same: bool| {
        let found = policies.iter().flat_map(|policy| &policy.policy.statements);
        statements.extend(
            found
                .filter(|statement| match statement.effect {
                    Effect::Allow => !is_same,
                    Effect::Deny => !denials.contains(statement),
                })
                .cloned(),
        );
    };
    // Identity and resource policies grant together: that one of them is the same does not mean that it grants.
    add(&narrow.identity, false);
    add(one(&narrow.resource), false);
    add(&narrow.boundaries, same(&old.boundaries, &new.boundaries));
    add(
        one(&narrow.session),
        same(one(&old.session), one(&new.session)),
    );
    add(&narrow.endpoint, same(&old.endpoint, &new.endpoint));
    for (narrow, old, new) in [
        (&narrow.scps, &old.scps, &new.scps),
        (&narrow.rcps, &old.rcps, &new.rcps),
    ] {
        let is_same = same_levels(old, new);
        for level in narrow {
            add(&level.policies, is_same);
        }
    }
    vec![Policy {
        version: Version::V2012,
        id: None,
        statements,
    }]
}

fn one(policy: &Option<NamedPolicy>) -> &[NamedPolicy] {
    policy
        .as_ref()
        .map(std::slice::from_ref)
        .unwrap_or_default()
}

fn same(one: &[NamedPolicy], other: &[NamedPolicy]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| Arc::ptr_eq(&one.policy, &other.policy))
}

fn same_levels(one: &[Level], other: &[Level]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| same(&one.policies, &other.policies))
}
