//! Reads a case.

use std::{collections::BTreeSet, sync::Arc};

use super::facts;
use crate::{
    error::{CaseError, DocumentError},
    model::{Context, ContextValue, Layers, Level, NamedPolicy, Principal, Request, RequestInput},
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
const REQUEST: [&str; 5] = [
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "context",
];

/// A request and the layers that judge it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The request.
    pub request: Request,
    /// The layers.
    pub layers: Layers,
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
            .ok_or_else(|| CaseError::Request("`request` is missing".to_owned()))?;
        let complete = matches!(
            given(node, "contextComplete").map(|node| &node.value),
            Some(Json::Bool(true))
        );
        let request = reader.request(request, complete)?;
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
            facts: facts::read(node)?,
        };
        Ok(Self {
            request,
            layers,
            warnings: reader.warnings,
        })
    }
}

/// The member, unless it is missing or `null`.
pub(super) fn given<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).filter(|node| !node.is_null())
}

/// Refuses names that repeat: of two values neither is the one meant.
fn once(node: &Node) -> Result<(), DocumentError> {
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

struct Reader {
    warnings: Vec<String>,
}

impl Reader {
    fn unknown(&mut self, node: &Node, names: &[&str], inside: &str) {
        let Json::Object(members) = &node.value else {
            return;
        };
        for member in members {
            if !names.contains(&member.name.as_str()) {
                self.warnings
                    .push(format!("unknown key `{inside}{}` ignored", member.name));
            }
        }
    }

    fn request(&mut self, node: &Node, complete: bool) -> Result<Request, CaseError> {
        let Json::Object(_) = &node.value else {
            return Err(wrong(node, "`request` is an object").into());
        };
        once(node)?;
        self.unknown(node, &REQUEST, "request.");
        let member = |name: &str| {
            given(node, name)
                .ok_or_else(|| CaseError::Request(format!("`request.{name}` is missing")))
        };
        let principal = principal(member("principal")?)?;
        let action = text(member("action")?, "`request.action`")?;
        let fine = action
            .split_once(':')
            .is_some_and(|(service, operation)| !service.is_empty() && !operation.is_empty());
        if !fine {
            return Err(CaseError::Request(format!(
                "`{action}` is no action; write `service:Operation`"
            )));
        }
        let resource = match given(node, "resource") {
            Some(node) => text(node, "`request.resource`")?,
            None => "*",
        };
        let resource_account = match given(node, "resourceAccount") {
            Some(Node {
                value: Json::Number(digits),
                ..
            }) => Some(digits.clone()),
            Some(node) => Some(text(node, "`request.resourceAccount`")?.to_owned()),
            None => None,
        };
        let mut context = match given(node, "context") {
            Some(node) => context(node)?,
            None => Context::new(),
        };
        if complete {
            context.complete();
        }
        Ok(Request::new(RequestInput {
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: resource_account.filter(|account| !account.is_empty()),
            context,
        }))
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

/// An ARN, or `{"type": "Anonymous" | "Service" | "Federated" | "AWS", and the name in any other member}`.
fn principal(node: &Node) -> Result<Principal, CaseError> {
    let parse = |text: &str| Principal::parse(text).map_err(CaseError::Request);
    let members = match &node.value {
        Json::Text(_) => return parse(text(node, "`request.principal`")?),
        Json::Object(members) => members,
        _ => return Err(wrong(node, "`request.principal` is a string or an object").into()),
    };
    // `{"Service": "lambda.amazonaws.com"}`, as in a policy.
    if let ([only], None) = (members.as_slice(), node.get("type")) {
        let name = text(&only.value, "the principal")?;
        return typed(&only.name, Some(name), parse);
    }
    let kind = given(node, "type")
        .ok_or_else(|| CaseError::Request("the principal has no `type`".to_owned()))?;
    let kind = text(kind, "the principal's `type`")?;
    let name = members
        .iter()
        .filter(|member| member.name != "type")
        .find_map(|member| member.value.text());
    typed(kind, name, parse)
}

fn typed(
    kind: &str,
    name: Option<&str>,
    parse: impl Fn(&str) -> Result<Principal, CaseError>,
) -> Result<Principal, CaseError> {
    let name = || {
        name.ok_or_else(|| {
            CaseError::Request(format!("the principal of type `{kind}` has no name"))
        })
    };
    match kind.to_ascii_lowercase().as_str() {
        "anonymous" => Ok(Principal::anonymous()),
        "service" => Ok(Principal::service(name()?)),
        "federated" => {
            let name = name()?;
            if name.contains(":federated-user/") {
                parse(name)
            } else {
                Ok(Principal::federated(name))
            }
        }
        _ => parse(name()?),
    }
}

/// Values may be strings, numbers, booleans, or lists of them; `null` says that the key is absent.
fn context(node: &Node) -> Result<Context, CaseError> {
    let Json::Object(members) = &node.value else {
        return Err(wrong(node, "`request.context` is an object").into());
    };
    once(node)?;
    let mut context = Context::new();
    for member in members {
        match &member.value.value {
            Json::Null => context.set_absent(&member.name),
            Json::List(nodes) => {
                let values = nodes.iter().map(scalar).collect::<Result<_, _>>()?;
                context.set(&member.name, ContextValue::Many(values));
            }
            _ => context.set(&member.name, ContextValue::One(scalar(&member.value)?)),
        }
    }
    Ok(context)
}

fn scalar(node: &Node) -> Result<String, DocumentError> {
    match &node.value {
        Json::Text(_) => Ok(text(node, "a context value")?.to_owned()),
        Json::Number(text) => Ok(text.clone()),
        Json::Bool(flag) => Ok(flag.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => Err(wrong(
            node,
            "a context value is a string, a number, a boolean or a list of them",
        )),
    }
}
