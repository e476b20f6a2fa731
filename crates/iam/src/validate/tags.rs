//! `aws:ResourceTag` where requests do not carry it: the condition is then never met, so that the statement does
//! nothing for those actions ("Controlling access to AWS resources using tags").

use super::keys;
use super::statement::{Condition, Statement};
use super::{Code, Findings, PolicyType};
use crate::authorization::{Action, Service};
use crate::model::{Effect, Operator, SetOperator, Test};

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let (Some(actions), Some(effect)) = (&statement.actions, statement.effect) else {
        return;
    };
    if found.kind == PolicyType::Trust {
        return;
    }
    for condition in &statement.conditions {
        if !condition.lower.starts_with("aws:resourcetag/") || !demands(condition) {
            continue;
        }
        if actions.negated {
            let (code, what) = match effect {
                Effect::Allow => (
                    Code::AllowNotactionWithUnsupportedTagConditionKeyForService,
                    "allowed",
                ),
                Effect::Deny => (
                    Code::DenyNotactionWithUnsupportedTagConditionKeyForService,
                    "denied",
                ),
            };
            found.suggest(
                code,
                condition.key_at,
                format!(
                    "actions that do not carry `{}` are not {what} by this",
                    condition.key
                ),
                "name the actions with `Action`",
            );
            continue;
        }
        let without: Vec<_> = actions
            .texts
            .iter()
            .filter(|(_, text)| is_without_tags(text, &condition.lower, found))
            .collect();
        if let Some((at, first)) = without.first() {
            let (code, what) = match effect {
                Effect::Allow => (
                    Code::AllowWithUnsupportedTagConditionKeyForService,
                    "not allowed",
                ),
                Effect::Deny => (
                    Code::DenyWithUnsupportedTagConditionKeyForService,
                    "not denied",
                ),
            };
            let more = match without.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            found.suggest(
                code,
                *at,
                format!(
                    "`{first}`{more}: requests do not carry `{}`, so that this is {what}",
                    condition.key
                ),
                "put the actions into a statement of their own, without the key",
            );
        }
    }
}

/// Whether a request without the key fails the condition.
fn demands(condition: &Condition<'_>) -> bool {
    Operator::parse(condition.operator).is_some_and(|operator| {
        !operator.negated
            && !operator.if_exists
            && operator.test != Test::Null
            && operator.set != Some(SetOperator::ForAllValues)
    })
}

/// A known action written in full, or all of a service's, whose requests never carry the tag.
fn is_without_tags(text: &str, lower: &str, found: &Findings<'_>) -> bool {
    let Some((prefix, name)) = text.split_once(':') else {
        return false;
    };
    let data = found.data;
    let Some(service) = data.service(prefix) else {
        return false;
    };
    if name == "*" {
        return service
            .actions
            .iter()
            .all(|action| !carries(service, action, lower));
    }
    service
        .action(name)
        .is_some_and(|action| !carries(service, action, lower))
}

fn carries(service: &Service, action: &Action, lower: &str) -> bool {
    let of_resources = action
        .resources
        .iter()
        .filter_map(|resource| service.resource(resource))
        .flat_map(|kind| &kind.keys)
        .filter_map(|at| service.keys.get(*at));
    service
        .keys_of(action)
        .chain(of_resources)
        .any(|key| keys::is(key, lower))
}
