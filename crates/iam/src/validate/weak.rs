//! Condition keys that hold less than they seem to.

use super::near::covers;
use super::statement::{Condition, Statement};
use super::{Code, Findings};
use crate::model::{Effect, Operator, Test};

/// Services whose requests carry the keys of a VPC endpoint's owner: a prefix alone carries all three.
const VPCE_SERVICES: &str = include_str!("../../data/vpce-services.txt");
const VPCE_KEYS: [&str; 3] = ["aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];
/// Operations that give items back ("Using IAM policy conditions for fine-grained access control", Amazon DynamoDB
/// Developer Guide).
const READS: [&str; 5] = [
    "dynamodb:getitem",
    "dynamodb:batchgetitem",
    "dynamodb:query",
    "dynamodb:scan",
    "dynamodb:partiqlselect",
];

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    for condition in &statement.conditions {
        match condition.lower.as_str() {
            "aws:referer" | "aws:useragent" => from_caller(condition, found),
            "s3:prefix" => prefix(statement, condition, found),
            "dynamodb:attributes" => attributes(statement, condition, found),
            key if VPCE_KEYS.contains(&key) => endpoint(statement, condition, found),
            _ => {}
        }
    }
}

/// "AWS global condition context keys": the caller writes these headers.
fn from_caller(condition: &Condition<'_>, found: &mut Findings<'_>) {
    found.suggest(
        Code::UntrustworthyConditionKey,
        condition.key_at,
        format!("the caller writes `{}` as it likes", condition.key),
        "test what the caller cannot choose: its principal, its account, its network",
    );
}

/// "Amazon S3 condition key examples" (Amazon S3 User Guide): a request for a shorter prefix lists the same objects.
fn prefix(statement: &Statement<'_>, condition: &Condition<'_>, found: &mut Findings<'_>) {
    let Some(operator) = Operator::parse(condition.operator) else {
        return;
    };
    let slips = match statement.effect {
        Some(Effect::Deny) => !operator.negated,
        Some(Effect::Allow) => operator.negated,
        None => false,
    };
    if slips && matches!(operator.test, Test::Text(_)) {
        found.suggest(
            Code::S3PrefixInNegativeContext,
            condition.key_at,
            format!(
                "a request for a shorter prefix slips past `{}`, and lists the same objects",
                condition.key
            ),
            "allow with StringLike the prefixes that may be listed, or deny with StringNotLike all others",
        );
    }
}

/// DynamoDB tests `dynamodb:Attributes` only where a request says which attributes it wants.
fn attributes(statement: &Statement<'_>, condition: &Condition<'_>, found: &mut Findings<'_>) {
    let reads = statement.actions.as_ref().is_some_and(|actions| {
        READS.iter().any(|read| {
            let named = |(_, text): &(_, &str)| covers(&text.to_lowercase(), read);
            actions.texts.iter().any(named) != actions.negated
        })
    });
    let specific = statement.conditions.iter().any(|condition| {
        let plain = Operator::parse(condition.operator)
            .is_some_and(|operator| matches!(operator.test, Test::Text(_)) && !operator.negated);
        condition.lower == "dynamodb:select"
            && plain
            && condition
                .texts()
                .all(|(_, text)| text.eq_ignore_ascii_case("SPECIFIC_ATTRIBUTES"))
    });
    if statement.allows() && reads && !specific {
        found.suggest(
            Code::DynamodbAttributesWithoutSelect,
            condition.key_at,
            format!(
                "a read that names no attributes gets all of them, whatever `{}` says",
                condition.key
            ),
            "add \"StringEquals\": {\"dynamodb:Select\": \"SPECIFIC_ATTRIBUTES\"}",
        );
    }
}

/// Whether the service's requests carry the key, lower case.
fn carries(prefix: &str, key: &str) -> bool {
    VPCE_SERVICES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .any(|line| match line.split_once(' ') {
            Some((service, only)) => {
                service.eq_ignore_ascii_case(prefix) && only.eq_ignore_ascii_case(key)
            }
            None => line.eq_ignore_ascii_case(prefix),
        })
}

/// "AWS global condition context keys": the services that support the keys; `iam:PassRole` does not.
fn endpoint(statement: &Statement<'_>, condition: &Condition<'_>, found: &mut Findings<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    let is_without = |text: &str| match text.split_once(':') {
        Some((prefix, _)) => {
            !carries(prefix, &condition.lower) || covers(&text.to_lowercase(), "iam:passrole")
        }
        None => true,
    };
    let without = if actions.negated {
        None
    } else {
        let wrong = actions.texts.iter().find(|(_, text)| is_without(text));
        match wrong {
            Some((_, text)) => Some(*text),
            None => return,
        }
    };
    let key = condition.key;
    let message = match without {
        Some(action) => format!("requests of `{action}` do not all carry `{key}`"),
        None => format!("not every service's requests carry `{key}`"),
    };
    found.suggest(
        Code::UseConditionKeyOnlyWithSupportedServices,
        condition.key_at,
        message,
        "name in `Action` only services that support the key",
    );
}
