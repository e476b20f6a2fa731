//! The document and its statements: which elements stand where.

use super::statement::{Statement, wrong_type};
use super::{
    Code, Findings, PolicyType, access, actions, conditions, principals, rcp, redundant, resources,
    service_principals, tags, trust, variables, weak,
};
use crate::model::Position;
use crate::parse::json::{Json, Node};
use crate::parse::{DOCUMENT, STATEMENT};

pub(super) fn check(document: &Node, found: &mut Findings<'_>) {
    if !elements(document, "a policy", &DOCUMENT, found) {
        return;
    }
    let variables = version(document, found);
    if let Some(id) = document.get("Id")
        && id.text().is_none()
    {
        wrong_type(id, "a string", found);
    }
    let nodes = match document.get("Statement") {
        Some(node) => match &node.value {
            Json::List(nodes) if nodes.is_empty() => {
                missing_statement(node.at, found);
                return;
            }
            Json::List(nodes) => nodes.as_slice(),
            Json::Object(_) => std::slice::from_ref(node),
            _ => {
                wrong_type(node, "a statement or a list of statements", found);
                return;
            }
        },
        None => {
            missing_statement(document.at, found);
            return;
        }
    };
    let mut statements = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        found.statement = Some(at);
        if !elements(node, "a statement", &STATEMENT, found) {
            continue;
        }
        let statement = Statement::read(node, found);
        combinations(&statement, found);
        missing(&statement, found);
        variables::check(&statement, variables, found);
        actions::check(&statement, found);
        resources::check(&statement, found);
        principals::check(&statement, found);
        conditions::check(&statement, found);
        tags::check(&statement, found);
        access::check(&statement, found);
        service_principals::check(&statement, found);
        weak::check(&statement, found);
        match found.kind {
            PolicyType::Trust => trust::check(&statement, found),
            PolicyType::ResourceControl => rcp::check(&statement, found),
            _ => {}
        }
        redundant::within(&statement, found);
        statements.push((at, statement));
    }
    sids(&statements, found);
    redundant::between(&statements, found);
    found.statement = None;
}

/// Every member is one of the names, once. Says whether it is an object at all.
fn elements(node: &Node, what: &str, names: &[&str], found: &mut Findings<'_>) -> bool {
    let Json::Object(members) = &node.value else {
        wrong_type(node, "an object", found);
        return false;
    };
    for (at, member) in members.iter().enumerate() {
        if !names.contains(&member.name.as_str()) {
            let known = names
                .iter()
                .find(|name| name.eq_ignore_ascii_case(&member.name));
            let message = format!("{what} has no element `{}`", member.name);
            match known {
                Some(known) => found.suggest(
                    Code::InvalidPolicyElement,
                    member.at,
                    message,
                    format!("write `{known}`"),
                ),
                None => found.add(Code::InvalidPolicyElement, member.at, message),
            }
        } else if members.iter().take(at).any(|e| e.name == member.name) {
            found.suggest(
                Code::InvalidPolicyElement,
                member.at,
                format!("`{}` stands here twice", member.name),
                "keep one",
            );
        }
    }
    true
}

/// Whether the version has policy variables.
fn version(document: &Node, found: &mut Findings<'_>) -> bool {
    let Some(node) = document.get("Version") else {
        found.suggest(
            Code::MissingVersion,
            document.at,
            "the policy has no `Version`, so that it is read as one of 2008, without policy variables",
            "add \"Version\": \"2012-10-17\"",
        );
        return false;
    };
    match node.text() {
        Some("2012-10-17") => true,
        Some("2008-10-17") => false,
        Some(other) => {
            found.suggest(
                Code::InvalidVersion,
                node.at,
                format!("`{other}` is no version of the policy language"),
                "write \"2012-10-17\"",
            );
            true
        }
        None => {
            wrong_type(node, "a string", found);
            true
        }
    }
}

fn missing_statement(at: Position, found: &mut Findings<'_>) {
    found.add(Code::MissingStatement, at, "the policy has no statement");
}

/// An element and its `Not` form exclude each other.
fn combinations(statement: &Statement<'_>, found: &mut Findings<'_>) {
    for (name, not) in [
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
        ("Principal", "NotPrincipal"),
    ] {
        if statement.node.get(name).is_some()
            && let Some(second) = statement.node.get(not)
        {
            found.suggest(
                Code::UnsupportedElementCombination,
                second.at,
                format!("a statement has `{name}` or `{not}`, not both"),
                "remove one of them",
            );
        }
    }
}

fn missing(statement: &Statement<'_>, found: &mut Findings<'_>) {
    if statement.actions.is_none() {
        found.suggest(
            Code::MissingAction,
            statement.at,
            "the statement has no action",
            "add `Action` or `NotAction`",
        );
    }
    let by_identity = matches!(
        found.kind,
        PolicyType::Identity | PolicyType::ServiceControl
    );
    let needs_resource = by_identity || found.kind == PolicyType::ResourceControl;
    if statement.resources.is_none() && needs_resource {
        found.suggest(
            Code::MissingResource,
            statement.at,
            "the statement has no resource",
            "add `Resource` or `NotResource`",
        );
    }
    if statement.principal.is_none() && !by_identity {
        found.suggest(
            Code::MissingPrincipal,
            statement.at,
            "the statement has no principal",
            "add `Principal`",
        );
    }
}

/// "Sid" (IAM User Guide): letters and digits in IAM's own policies, unique in each policy.
fn sids(statements: &[(usize, Statement<'_>)], found: &mut Findings<'_>) {
    let of_iam = !matches!(found.kind, PolicyType::Resource);
    let mut seen: Vec<&str> = Vec::new();
    for (at, statement) in statements {
        found.statement = Some(*at);
        let Some(node) = statement.node.get("Sid") else {
            continue;
        };
        let Some(sid) = node.text() else {
            wrong_type(node, "a string", found);
            continue;
        };
        if sid.is_empty() {
            found.suggest(
                Code::EmptySidValue,
                node.at,
                "the `Sid` is empty",
                "give it a name, or remove it",
            );
            continue;
        }
        if of_iam && !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
            found.suggest(
                Code::UnsupportedSid,
                node.at,
                format!("`{sid}` has characters that a `Sid` cannot have"),
                "write letters and digits only",
            );
        }
        if seen.contains(&sid) {
            let code = if of_iam {
                Code::UniqueSidsRequired
            } else {
                Code::UniqueSidsRecommended
            };
            found.suggest(
                code,
                node.at,
                format!("another statement has the `Sid` `{sid}`"),
                "give each statement its own",
            );
        }
        seen.push(sid);
    }
}
