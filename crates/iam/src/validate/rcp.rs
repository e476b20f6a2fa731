//! Resource control policies ("RCP syntax", AWS Organizations User Guide).

use super::statement::{Condition, Statement};
use super::{Code, Findings};
use crate::model::{Effect, Operator, Test};
use crate::parse::json::{Json, Node};

/// Keys of a request's principal that a service principal does not have.
const OF_PRINCIPALS: [&str; 9] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalorgmasteraccountid",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
];
/// Keys that only requests by service principals have.
const OF_SERVICES: [&str; 6] = [
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
];
/// Those of them that not every integration of a service sends.
const OF_SOURCES: [&str; 4] = [
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    principal(statement, found);
    allow(statement, found);
    actions(statement, found);
    if statement.effect == Some(Effect::Deny) {
        keys(statement, found);
    }
}

/// Everybody, as a bare star.
fn principal(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some((negated, node)) = statement.principal else {
        return;
    };
    if negated {
        found.suggest(
            Code::RcpSyntaxErrorPrincipal,
            node.at,
            "a resource control policy has no `NotPrincipal`",
            "write \"Principal\": \"*\", and the exceptions in `Condition`",
        );
    } else if node.text() != Some("*") {
        found.suggest(
            Code::RcpSyntaxErrorPrincipal,
            node.at,
            "a resource control policy is for all principals",
            "write \"Principal\": \"*\", and test `aws:PrincipalArn` in `Condition`",
        );
    }
}

/// The one that allows is `RCPFullAWSAccess`, which AWS attaches: everything, to all, without a condition.
fn allow(statement: &Statement<'_>, found: &mut Findings<'_>) {
    if !statement.allows() {
        return;
    }
    let all = |values: &super::statement::Values<'_>| {
        !values.negated && matches!(values.texts.as_slice(), [(_, "*")])
    };
    let condition = statement.node.get("Condition");
    let resources = statement.resources.as_ref().filter(|values| !all(values));
    let actions = statement.actions.as_ref().filter(|values| !all(values));
    let at = condition
        .map(|node| node.at)
        .or_else(|| resources.map(|values| values.at))
        .or_else(|| actions.map(|values| values.at));
    if let Some(at) = at {
        found.suggest(
            Code::RcpSyntaxErrorAllow,
            at,
            "a resource control policy allows all actions on all resources without a condition, or nothing",
            "write \"Effect\": \"Deny\": RCPFullAWSAccess allows what is left",
        );
    }
}

/// Actions of services that resource control policies reach, each with its service.
fn actions(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    if actions.negated {
        found.suggest(
            Code::RcpSyntaxErrorNotaction,
            actions.at,
            "a resource control policy has no `NotAction`",
            "name with `Action` what is denied",
        );
        return;
    }
    for (at, text) in &actions.texts {
        let at = *at;
        // What is no action at all, and services that do not exist, are told by their own check.
        let prefix = match text.split_once(':') {
            Some((prefix, _)) => prefix,
            None if *text == "*" && !statement.allows() => *text,
            None => continue,
        };
        if prefix.contains(['*', '?']) {
            found.suggest(
                Code::RcpSyntaxErrorAction,
                at,
                format!("`{text}` names no service"),
                "write the service before the colon: `s3:*`",
            );
        } else if found.data.service(prefix).is_some() && !found.data.has_rcp(prefix) {
            found.suggest(
                Code::RcpSyntaxErrorAction,
                at,
                format!("resource control policies do not reach `{prefix}`: `{text}`"),
                "name services that support resource control policies: s3, kms, sqs, sts, ...",
            );
        }
    }
}

/// Whether a key, lower case, is one of these; one that ends in a slash takes a tag's key.
fn is_of(keys: &[&str], lower: &str) -> bool {
    keys.iter()
        .any(|key| *key == lower || key.ends_with('/') && lower.starts_with(key))
}

fn test_of(condition: &Condition<'_>) -> Option<Test> {
    Operator::parse(condition.operator).map(|operator| operator.test)
}

/// Whether a condition asks that the key, as a truth value or by `Null`, be this.
fn asks(statement: &Statement<'_>, test: Test, keys: &[&str], wanted: &str) -> bool {
    let is = |node: &Node| match &node.value {
        Json::Text(text) => text.eq_ignore_ascii_case(wanted),
        Json::Bool(flag) => flag.to_string() == wanted,
        _ => false,
    };
    statement.conditions.iter().any(|condition| {
        keys.contains(&condition.lower.as_str())
            && test_of(condition) == Some(test)
            && condition.values.iter().any(is)
    })
}

/// A deny meets principals and services alike; a key that one of them does not have meets the wrong ones.
fn keys(statement: &Statement<'_>, found: &mut Findings<'_>) {
    const SERVICE: &[&str] = &["aws:principalisawsservice"];
    let spares_services = asks(statement, Test::Bool, SERVICE, "false");
    let spares_principals = asks(statement, Test::Bool, SERVICE, "true");
    let sources = ["aws:sourceaccount", "aws:sourcearn"];
    let has_source = asks(statement, Test::Null, &sources, "false");
    for condition in &statement.conditions {
        let (key, at) = (condition.key, condition.key_at);
        if is_of(&OF_PRINCIPALS, &condition.lower) && !spares_services {
            found.suggest(
                Code::RcpMissingRelatedPrincipalConditionKey,
                at,
                format!("requests by services do not carry `{key}`: they may be denied too"),
                "add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}",
            );
        }
        // To ask whether the key is there is the check that is recommended.
        if test_of(condition) == Some(Test::Null) {
            continue;
        }
        if is_of(&OF_SERVICES, &condition.lower) && !spares_principals {
            found.suggest(
                Code::RcpMissingRelatedServicePrincipalConditionKey,
                at,
                format!("only requests by services carry `{key}`: others may be denied too"),
                "add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"true\"}",
            );
        }
        if is_of(&OF_SOURCES, &condition.lower) && !has_source {
            found.suggest(
                Code::RcpMissingServiceConditionKeyNullCheck,
                at,
                format!("not every request by a service carries `{key}`"),
                "add \"Null\": {\"aws:SourceAccount\": \"false\"}",
            );
        }
    }
}
