//! Reads a case.

use std::{collections::BTreeSet, sync::Arc};

use super::{facts, request};
use crate::{
    error::{CaseError, DocumentError, bounded},
    model::{Layers, Level, NamedPolicy, Request},
    parse::{
        Mode, PolicyKind, json,
        json::{Json, Node},
        policy_from_node,
    },
};

/// Texts of a request are no longer than this, in bytes; AWS's own limits are far below.
const LONGEST: usize = 16 * 1024;

const CASE: [&str; 14] = [
    "id",
    "request",
    "identityPolicies",
    "resourcePolicy",
    "permissionBoundaries",
    "sessionPolicy",
    "scps",
    "rcps",
    "endpointPolicies",
    "managementAccount",
    "kms",
    "s3",
    "canonicalUser",
    "contextComplete",
];
/// A request and the layers that judge it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The request.
    pub request: Request,
    /// The layers.
    pub layers: Layers,
    /// What is taken for granted of the request's context.
    pub notes: Vec<String>,
    /// Keys that were ignored, and what IAM would refuse in the policies.
    pub warnings: Vec<String>,
}

impl Case {
    /// Reads a case: `{"id", "request", "identityPolicies", "resourcePolicy", "permissionBoundaries", "sessionPolicy",
    /// "scps", "rcps", "endpointPolicies"}`; besides, all optional, `"managementAccount"` (an account id),
    /// `"canonicalUser"`, `"contextComplete"` (keys not told are absent), `"kms": {"awsManaged", "grants"}` and
    /// `"s3": {"restrictPublicBuckets", "ignorePublicAcls", "abac", "acl": [{"grantee", "permission"}]}`.
    ///
    /// # Errors
    /// The first thing that cannot be read.
    pub fn read(node: &Node) -> Result<Self, CaseError> {
        let Json::Object(_) = &node.value else {
            return Err(wrong(node, "a case is an object").into());
        };
        let mut reader = Reader {
            warnings: Vec::new(),
        };
        once(node)?;
        reader.unknown(node, &CASE, "");
        let request = given(node, "request")
            .ok_or_else(|| CaseError::request("`request` is missing".to_owned()))?;
        let complete = matches!(
            given(node, "contextComplete").map(|node| &node.value),
            Some(Json::Bool(true))
        );
        let (request, notes) = request::read(request, complete, &mut reader)?;
        let trust = request.service() == "sts" && request.resource.contains(":role/");
        let resource_kind = if trust {
            PolicyKind::Trust
        } else {
            PolicyKind::Resource
        };
        let layers = Layers {
            identity: reader.policies(node, "identityPolicies", PolicyKind::Identity)?,
            resource: reader.one(node, "resourcePolicy", resource_kind)?,
            boundaries: reader.policies(node, "permissionBoundaries", PolicyKind::Identity)?,
            session: reader.one(node, "sessionPolicy", PolicyKind::Identity)?,
            scps: reader.levels(node, "scps", PolicyKind::ServiceControl)?,
            rcps: reader.levels(node, "rcps", PolicyKind::ResourceControl)?,
            endpoint: reader.policies(node, "endpointPolicies", PolicyKind::Endpoint)?,
            facts: facts::read(node, &request.action)?,
        };
        Ok(Self {
            request,
            layers,
            notes,
            warnings: reader.warnings,
        })
    }
}

/// The member, unless it is missing or `null`.
pub(super) fn given<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).filter(|node| !node.is_null())
}

/// Refuses names that repeat: of two values neither is the one meant.
pub(super) fn once(node: &Node) -> Result<(), DocumentError> {
    let Json::Object(members) = &node.value else {
        return Ok(());
    };
    let mut seen = BTreeSet::new();
    match members.iter().find(|member| !seen.insert(&member.name)) {
        Some(member) => Err(DocumentError::new(
            member.at,
            format!("`{}` stands here twice; keep one", member.name),
        )),
        None => Ok(()),
    }
}

pub(super) fn wrong(node: &Node, expected: &str) -> DocumentError {
    DocumentError::new(
        node.at,
        format!("{expected}; this is {}", node.value.kind()),
    )
}

pub(super) fn text<'a>(node: &'a Node, what: &str) -> Result<&'a str, DocumentError> {
    let text = node
        .text()
        .ok_or_else(|| wrong(node, &format!("{what} is a string")))?;
    if text.len() > LONGEST {
        return Err(DocumentError::new(
            node.at,
            format!("{what} is longer than {LONGEST} bytes"),
        ));
    }
    Ok(text)
}

pub(super) fn list<'a>(node: &'a Node, what: &str) -> Result<&'a [Node], DocumentError> {
    match &node.value {
        Json::List(nodes) => Ok(nodes),
        Json::Null => Ok(&[]),
        _ => Err(wrong(node, &format!("{what} is a list"))),
    }
}

pub(super) struct Reader {
    warnings: Vec<String>,
}

impl Reader {
    pub(super) fn unknown(&mut self, node: &Node, names: &[&str], inside: &str) {
        let Json::Object(members) = &node.value else {
            return;
        };
        for member in members {
            if !names.contains(&member.name.as_str()) {
                let warning = format!("unknown key `{inside}{}` ignored", member.name);
                self.warnings.push(bounded(warning));
            }
        }
    }

    fn policies(
        &mut self,
        node: &Node,
        name: &str,
        kind: PolicyKind,
    ) -> Result<Vec<NamedPolicy>, CaseError> {
        let Some(found) = given(node, name) else {
            return Ok(Vec::new());
        };
        self.list_of_policies(found, name, kind)
    }

    fn list_of_policies(
        &mut self,
        node: &Node,
        name: &str,
        kind: PolicyKind,
    ) -> Result<Vec<NamedPolicy>, CaseError> {
        let nodes = match &node.value {
            Json::Object(_) => std::slice::from_ref(node),
            _ => list(node, &format!("`{name}`"))?,
        };
        nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.is_null())
            .map(|(at, node)| self.policy(node, format!("{name}[{at}]"), kind))
            .collect()
    }

    fn one(
        &mut self,
        node: &Node,
        name: &str,
        kind: PolicyKind,
    ) -> Result<Option<NamedPolicy>, CaseError> {
        given(node, name)
            .map(|node| self.policy(node, name.to_owned(), kind))
            .transpose()
    }

    /// The document, `{"name", "policy": document}`, or either as JSON text.
    fn policy(
        &mut self,
        node: &Node,
        place: String,
        kind: PolicyKind,
    ) -> Result<NamedPolicy, CaseError> {
        let inside = |source| CaseError::Policy {
            layer: place.clone(),
            source,
        };
        let wrapped = given(node, "policy");
        let name = match wrapped.and(given(node, "name")).and_then(Node::text) {
            Some(name) => name.to_owned(),
            None => place.clone(),
        };
        let document = wrapped.unwrap_or(node);
        let parsed = match &document.value {
            Json::Text(text) => json::read(text)
                .map_err(inside)
                .and_then(|node| policy_from_node(&node, kind, Mode::Lenient).map_err(inside))?,
            _ => policy_from_node(document, kind, Mode::Lenient).map_err(inside)?,
        };
        let problems = parsed
            .problems
            .iter()
            .map(|problem| format!("{place}: {problem}"));
        self.warnings.extend(problems);
        Ok(NamedPolicy {
            name,
            policy: Arc::new(parsed.policy),
        })
    }

    fn levels(
        &mut self,
        node: &Node,
        name: &str,
        kind: PolicyKind,
    ) -> Result<Vec<Level>, CaseError> {
        let Some(found) = given(node, name) else {
            return Ok(Vec::new());
        };
        let mut levels = Vec::new();
        for (at, node) in list(found, &format!("`{name}`"))?.iter().enumerate() {
            let place = format!("{name}[{at}]");
            let Some(policies) = given(node, "policies") else {
                return Err(
                    DocumentError::new(node.at, format!("`{place}` has no `policies`")).into(),
                );
            };
            let level = given(node, "level").map(|level| match &level.value {
                Json::Text(text) | Json::Number(text) => text.clone(),
                _ => place.clone(),
            });
            levels.push(Level {
                policies: self.list_of_policies(policies, &format!("{place}.policies"), kind)?,
                name: level.unwrap_or(place),
            });
        }
        Ok(levels)
    }
}
