//! `Principal` and `NotPrincipal`.

use super::condition_values::is_service;
use super::statement::{Statement, wrong_type};
use super::{Code, Findings, PolicyType};
use crate::model::Position;
use crate::model::is_account;
use crate::parse::json::{Json, Node};

const KEYS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// The principals of a statement under one key (`AWS`), each with its place.
pub(super) fn named<'a>(
    statement: &Statement<'a>,
    key: &str,
) -> impl Iterator<Item = (Position, &'a str)> {
    let node = statement.principal.and_then(|(_, node)| node.get(key));
    let nodes: &[Node] = match node.map(|node| &node.value) {
        Some(Json::List(nodes)) => nodes,
        Some(_) => node.map(std::slice::from_ref).unwrap_or_default(),
        None => &[],
    };
    nodes
        .iter()
        .filter_map(|node| Some((node.at, node.text()?)))
}

pub(super) fn check(statement: &Statement<'_>, found: &mut Findings<'_>) {
    let Some((negated, node)) = statement.principal else {
        return;
    };
    match found.kind {
        PolicyType::Identity => {
            found.suggest(
                Code::UnsupportedPrincipal,
                node.at,
                "an identity policy has no principal: it speaks of whom it is attached to",
                "remove the element",
            );
            return;
        }
        PolicyType::ServiceControl => {
            found.suggest(
                Code::ScpSyntaxErrorPrincipal,
                node.at,
                "a service control policy has no principal",
                "remove the element, or test `aws:PrincipalArn` in `Condition`",
            );
            return;
        }
        // Its own check says all that there is to say.
        PolicyType::ResourceControl => return,
        PolicyType::Trust if negated => {
            found.suggest(
                Code::RoleTrustPolicySyntaxErrorNotprincipal,
                node.at,
                "a trust policy has no `NotPrincipal`",
                "name with `Principal` who may assume the role",
            );
        }
        PolicyType::Resource if negated && statement.allows() => {
            found.suggest(
                Code::AllowWithNotPrincipal,
                node.at,
                "this allows everybody but those named, anonymous callers included",
                "name with `Principal` who is allowed",
            );
        }
        _ => {}
    }
    match &node.value {
        Json::Text(text) if text == "*" => {}
        Json::Object(members) => {
            if members.is_empty() {
                found.suggest(
                    Code::EmptyObjectPrincipal,
                    node.at,
                    "the statement names no principal: it says nothing",
                    "name the principals, or remove the statement",
                );
            }
            for member in members {
                if KEYS.contains(&member.name.as_str()) {
                    key(&member.name, &member.value, found);
                } else {
                    found.suggest(
                        Code::InvalidPrincipalKey,
                        member.at,
                        format!("`{}` is no kind of principal", member.name),
                        format!("write one of {}", KEYS.join(", ")),
                    );
                }
            }
        }
        Json::Text(_) | Json::List(_) => found.suggest(
            Code::InvalidPrincipalFormat,
            node.at,
            "a principal is named under its kind",
            "write {\"AWS\": \"...\"}, {\"Service\": \"...\"} or {\"Federated\": \"...\"}",
        ),
        _ => wrong_type(node, "an object of principals", found),
    }
}

fn key(name: &str, node: &Node, found: &mut Findings<'_>) {
    let nodes = match &node.value {
        Json::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if nodes.is_empty() {
        found.suggest(
            Code::EmptyArrayPrincipal,
            node.at,
            format!("`{name}` names nobody"),
            "name the principals, or remove it",
        );
    }
    for node in nodes {
        let Some(text) = node.text() else {
            wrong_type(node, "a string", found);
            continue;
        };
        one(name, text, node.at, found);
    }
}

fn one(key: &str, text: &str, at: Position, found: &mut Findings<'_>) {
    if text.contains("${") {
        found.suggest(
            Code::VariableUnsupportedInElement,
            at,
            format!("`{text}`: a principal takes no policy variable"),
            "write variables in `Resource` and `Condition` only",
        );
        return;
    }
    let everyone = text == "*" && key == "AWS";
    if text.contains(['*', '?']) && !everyone {
        found.suggest(
            Code::UnsupportedWildcardInPrincipal,
            at,
            format!("`{text}`: a principal has no wildcards under `{key}`"),
            "name the principal, or test `aws:PrincipalArn` in `Condition`",
        );
        return;
    }
    match key {
        "AWS" => identity(text, at, found),
        "Service" if !is_service(text) => found.suggest(
            Code::InvalidServicePrincipalFormat,
            at,
            format!("`{text}` is no service principal"),
            "write `service.amazonaws.com`, in lower case",
        ),
        "Federated" if found.kind == PolicyType::Resource => found.suggest(
            Code::FederatedPrincipalNotSupported,
            at,
            "only a trust policy names an identity provider",
            "name a role or a user",
        ),
        _ => {}
    }
}

/// "AWS JSON policy elements: Principal": an ARN, an account, or a unique id that the ARN was turned into.
fn identity(text: &str, at: Position, found: &mut Findings<'_>) {
    let is_id = |prefix: &str| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= 12 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    if is_id("AROA") {
        found.suggest(
            Code::InvalidRoleReference,
            at,
            format!("`{text}` is a role's id: the role may be deleted by now"),
            "name the role by its ARN",
        );
    } else if is_id("AIDA") {
        found.suggest(
            Code::InvalidUserReference,
            at,
            format!("`{text}` is a user's id: the user may be deleted by now"),
            "name the user by its ARN",
        );
    } else if text != "*" && !text.starts_with("arn:") && !is_account(text) {
        found.suggest(
            Code::InvalidPrincipalFormat,
            at,
            format!("`{text}` is no principal"),
            "write an ARN or an account's 12 digits",
        );
    }
}
