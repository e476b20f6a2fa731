//! No wider than today: what was used, within what today's policies allow.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Beyond, Proof, write};
use crate::{
    analyse::{Comparison, Grammar, compare},
    authorization::Authorization,
    model::{Condition, Context, Effect, Policy, Statement, Template, Version},
    parse::{Mode, PolicyKind, read_policy},
};

/// What is allowed: an action on a resource, and under these conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    pub(super) action: String,
    pub(super) resource: String,
    /// `Condition` as JSON.
    pub(super) condition: Option<String>,
}

/// A policy, and what it leaves out.
#[derive(Debug)]
pub(super) struct Limited {
    pub(super) document: Value,
    pub(super) beyond: Vec<Beyond>,
    pub(super) proof: Proof,
}

/// Statements with the same resources and conditions as one.
fn document(grants: &[Grant], denying: &[Value]) -> Value {
    // By condition and action first: what the action may be done with; then the actions that share it.
    let mut resources: BTreeMap<(&Option<String>, &str), Vec<&str>> = BTreeMap::new();
    for grant in grants {
        let key = (&grant.condition, grant.action.as_str());
        resources.entry(key).or_default().push(&grant.resource);
    }
    let mut actions: BTreeMap<(&Option<String>, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for ((condition, action), resources) in resources {
        actions
            .entry((condition, resources))
            .or_default()
            .push(action);
    }
    let mut statements: Vec<Value> = actions
        .into_iter()
        .map(|((condition, resources), actions)| {
            let mut statement =
                json!({"Effect": "Allow", "Action": actions, "Resource": resources});
            let condition = condition
                .as_ref()
                .and_then(|condition| serde_json::from_str::<Value>(condition).ok());
            if let (Some(condition), Some(statement)) = (condition, statement.as_object_mut()) {
                statement.insert("Condition".to_owned(), condition);
            }
            statement
        })
        .collect();
    statements.extend(denying.iter().cloned());
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn read(document: &Value) -> Option<Policy> {
    read_policy(&document.to_string(), PolicyKind::Identity, Mode::Lenient)
        .ok()
        .map(|parsed| parsed.policy)
}

/// The policy of the grants alone.
pub(super) fn unlimited(grants: &[Grant]) -> Limited {
    Limited {
        document: document(grants, &[]),
        beyond: Vec::new(),
        proof: Proof::NotAsked,
    }
}

/// The grants as far as today's policies allow them, and the proof.
pub(super) fn limited(
    grants: Vec<Grant>,
    today: &[&Policy],
    authorization: &Authorization,
) -> Limited {
    let today = Policy {
        version: Version::V2012,
        id: None,
        statements: today
            .iter()
            .flat_map(|policy| policy.statements.iter().cloned())
            .collect(),
    };
    let wider = |grants: &[Grant], denying: &[Value]| -> Comparison {
        read(&document(grants, denying)).map_or(Comparison::NoNewAccess, |policy| {
            compare(&today, &policy, Grammar::Identity)
        })
    };
    if let Comparison::NoNewAccess = wider(&grants, &[]) {
        return Limited {
            document: document(&grants, &[]),
            beyond: Vec::new(),
            proof: Proof::NoWider,
        };
    }
    let mut beyond = Vec::new();
    let mut kept: Vec<Grant> = Vec::new();
    for grant in grants {
        if let Comparison::NoNewAccess = wider(std::slice::from_ref(&grant), &[]) {
            kept.push(grant);
            continue;
        }
        let narrow = within(&grant, &today.statements);
        if narrow.is_empty() {
            beyond.push(Beyond {
                action: grant.action,
                resource: grant.resource,
                reason: "no statement of today's policies allows it".to_owned(),
            });
        }
        kept.extend(narrow);
    }
    kept.sort();
    kept.dedup();
    let mut denying: Vec<Value> = Vec::new();
    let proof = loop {
        match wider(&kept, &denying) {
            Comparison::NoNewAccess => break Proof::NoWider,
            Comparison::Unknown(unknown) => break Proof::Unknown(unknown.to_string()),
            Comparison::NewAccess(_) if denying.is_empty() && denies(&today) => {
                let statements = today.statements.iter();
                denying = statements
                    .filter(|statement| statement.effect == Effect::Deny)
                    .map(|statement| write::statement(statement, authorization))
                    .collect();
            }
            Comparison::NewAccess(witness) => {
                // Whatever allows this request is not within today's policies, and there was no way to make it so.
                let asked = &witness.request;
                let none = Context::new();
                let before = kept.len();
                kept.retain(|grant| {
                    let allows = grant.action.eq_ignore_ascii_case(&asked.action)
                        && Template::new(&grant.resource, true, true)
                            .matches(&asked.resource, &none)
                            != Some(false);
                    if allows {
                        beyond.push(Beyond {
                            action: grant.action.clone(),
                            resource: grant.resource.clone(),
                            reason: "today's policies do not allow all of it".to_owned(),
                        });
                    }
                    !allows
                });
                if kept.len() == before {
                    break Proof::Unknown("a request was found that no statement names".to_owned());
                }
            }
        }
    };
    Limited {
        document: document(&kept, &denying),
        beyond,
        proof,
    }
}

fn denies(policy: &Policy) -> bool {
    policy
        .statements
        .iter()
        .any(|statement| statement.effect == Effect::Deny)
}

/// The grant as each statement of today's allows it: the narrower of both resources, and the statement's conditions.
fn within(grant: &Grant, today: &[Statement]) -> Vec<Grant> {
    let none = Context::new();
    let action = grant.action.to_lowercase();
    let own = Template::new(&grant.resource, true, true);
    let mut all = Vec::new();
    for statement in today {
        let patterns = &statement.actions.patterns;
        let acts = patterns
            .iter()
            .any(|pattern| pattern.matches(&action, &none) == Some(true));
        if statement.effect != Effect::Allow || acts == statement.actions.negated {
            continue;
        }
        let Some(condition) = both(grant.condition.as_deref(), &statement.conditions) else {
            continue;
        };
        let mut add = |resource: &str| {
            all.push(Grant {
                action: grant.action.clone(),
                resource: resource.to_owned(),
                condition: condition.clone(),
            });
        };
        match &statement.resources {
            Some(resources) if !resources.negated => {
                for pattern in &resources.patterns {
                    // A star of the grant is matched as any other character: a pattern that takes it takes all.
                    if pattern.matches(&grant.resource, &none) == Some(true) {
                        add(&grant.resource);
                    } else if own.matches(pattern.text(), &none) == Some(true) {
                        add(pattern.text());
                    }
                }
            }
            _ => add(&grant.resource),
        }
    }
    all
}

/// The grant's own condition and the statement's as one; none: no request satisfies both, or it can't be told.
#[expect(clippy::option_option, reason = "no condition is one of the answers")]
fn both(own: Option<&str>, theirs: &[Condition]) -> Option<Option<String>> {
    let mut all = write::conditions(theirs);
    let own = own.and_then(|own| serde_json::from_str::<Value>(own).ok());
    for (operator, keys) in own.iter().filter_map(Value::as_object).flatten() {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let same = theirs.iter().find(|found| {
                found.operator_text.eq_ignore_ascii_case(operator)
                    && found.key_text.eq_ignore_ascii_case(key)
            });
            // The grant's own is one text: where theirs has it among others, it alone satisfies both.
            let (operator, key) = match same {
                Some(same) if !same.values.iter().any(|one| value == one.as_str()) => return None,
                Some(same) => (same.operator_text.as_str(), same.key_text.as_str()),
                None => (operator.as_str(), key.as_str()),
            };
            let operators = all.as_object_mut()?;
            let keys = operators.entry(operator).or_insert_with(|| json!({}));
            keys.as_object_mut()?.insert(key.to_owned(), value.clone());
        }
    }
    let any = all.as_object().is_some_and(|all| !all.is_empty());
    Some(any.then(|| all.to_string()))
}
