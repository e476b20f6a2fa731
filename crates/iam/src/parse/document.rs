//! Documents and statements.

use super::{
    Mode, Notes, Parsed, PolicyKind, conditions, json,
    json::{Json, Member, Node},
    principals, strict,
};
use crate::{
    error::DocumentError,
    model::{
        Actions, Effect, Policy, Position, PrincipalClause, Resources, Statement, Template, Version,
    },
};

/// The elements of a policy ("IAM JSON policy element reference").
pub(crate) const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
/// The elements of a statement (the same page).
pub(crate) const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Reads a policy from its JSON text.
///
/// # Errors
/// The first problem, with its place; in lenient mode only what has no meaning.
pub fn read_policy(text: &str, kind: PolicyKind, mode: Mode) -> Result<Parsed, DocumentError> {
    policy_from_node(&json::read(text)?, kind, mode)
}

/// Reads a policy from a JSON value.
///
/// # Errors
/// As [`read_policy`].
pub fn policy_from_node(
    node: &Node,
    kind: PolicyKind,
    mode: Mode,
) -> Result<Parsed, DocumentError> {
    let mut notes = Notes::new(mode);
    let elements = Elements::read(node, "a policy", &DOCUMENT, &mut notes)?;
    let version = version(elements.get("Version"), &mut notes)?;
    let id = match elements.get("Id") {
        Some(id) => Some(text(id, "Id")?),
        None => None,
    };
    let Some(found) = elements.get("Statement") else {
        return Err(DocumentError::new(
            node.at,
            "the policy has no `Statement`; add one",
        ));
    };
    let nodes = match &found.value {
        Json::List(nodes) => nodes.as_slice(),
        Json::Object(_) => std::slice::from_ref(found),
        other => {
            return Err(DocumentError::new(
                found.at,
                format!(
                    "`Statement` is {}; write an object or a list of objects",
                    other.kind()
                ),
            ));
        }
    };
    if nodes.is_empty() {
        notes.refuse(DocumentError::new(
            found.at,
            "`Statement` is empty; add a statement",
        ))?;
    }
    let statements = nodes
        .iter()
        .map(|node| statement(node, version, kind, &mut notes))
        .collect::<Result<Vec<_>, _>>()?;
    strict::unique_sids(&statements, &mut notes)?;
    Ok(Parsed {
        policy: Policy {
            version,
            id,
            statements,
        },
        problems: notes.problems,
    })
}

/// An object's members by the names that the language has.
struct Elements<'a> {
    found: Vec<(&'static str, &'a Member)>,
}

impl<'a> Elements<'a> {
    fn read(
        node: &'a Node,
        what: &str,
        names: &[&'static str],
        notes: &mut Notes,
    ) -> Result<Self, DocumentError> {
        let Json::Object(members) = &node.value else {
            return Err(DocumentError::new(
                node.at,
                format!("{what} is an object; this is {}", node.value.kind()),
            ));
        };
        let mut found: Vec<(&'static str, &Member)> = Vec::new();
        for member in members {
            let name = names
                .iter()
                .find(|name| name.eq_ignore_ascii_case(&member.name));
            let Some(name) = name else {
                notes.refuse(DocumentError::new(
                    member.at,
                    format!(
                        "unknown element `{}`; {what} has {}",
                        member.name,
                        names.join(", ")
                    ),
                ))?;
                continue;
            };
            if *name != member.name {
                notes.refuse(DocumentError::new(
                    member.at,
                    format!("write `{name}`, not `{}`", member.name),
                ))?;
            }
            // Two elements of one name have no one meaning: IAM refuses them, and so do both modes.
            if found.iter().any(|(earlier, _)| earlier == name) {
                return Err(DocumentError::new(
                    member.at,
                    format!("`{name}` stands here twice; keep one"),
                ));
            }
            found.push((name, member));
        }
        Ok(Self { found })
    }

    fn get(&self, name: &str) -> Option<&'a Node> {
        self.found
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, member)| &member.value)
    }

    /// The element or its `Not` form; both at once have no meaning.
    fn either(&self, name: &str, not: &str) -> Result<Option<(bool, &'a Node)>, DocumentError> {
        match (self.get(name), self.get(not)) {
            (Some(_), Some(second)) => Err(DocumentError::new(
                second.at,
                format!("a statement has `{name}` or `{not}`, not both"),
            )),
            (Some(node), None) => Ok(Some((false, node))),
            (None, Some(node)) => Ok(Some((true, node))),
            (None, None) => Ok(None),
        }
    }
}

fn version(node: Option<&Node>, notes: &mut Notes) -> Result<Version, DocumentError> {
    let Some(node) = node else {
        return Ok(Version::V2008);
    };
    match node.text() {
        Some("2012-10-17") => Ok(Version::V2012),
        Some("2008-10-17") => Ok(Version::V2008),
        _ => {
            let problem = "unknown `Version`; write \"2012-10-17\" (or \"2008-10-17\", without policy variables)";
            notes.refuse(DocumentError::new(node.at, problem))?;
            Ok(Version::V2008)
        }
    }
}

fn statement(
    node: &Node,
    version: Version,
    kind: PolicyKind,
    notes: &mut Notes,
) -> Result<Statement, DocumentError> {
    let elements = Elements::read(node, "a statement", &STATEMENT, notes)?;
    let missing =
        |what: &str| DocumentError::new(node.at, format!("the statement has no {what}; add it"));
    let sid = match elements.get("Sid") {
        Some(sid) => Some(text(sid, "Sid")?),
        None => None,
    };
    let effect = elements.get("Effect").ok_or_else(|| missing("`Effect`"))?;
    let effect = read_effect(effect, notes)?;
    let principal = principal(&elements, node.at, kind, notes)?;
    let (negated, actions) = elements
        .either("Action", "NotAction")?
        .ok_or_else(|| missing("`Action` or `NotAction`"))?;
    let actions = Actions {
        negated,
        patterns: texts(actions, "Action")?
            .into_iter()
            .map(|(at, text)| {
                strict::action(&text, at, notes)?;
                Ok(Template::new(&text.to_lowercase(), true, false))
            })
            .collect::<Result<_, DocumentError>>()?,
    };
    let variables = version == Version::V2012;
    let resources = match elements.either("Resource", "NotResource")? {
        Some((negated, node)) => {
            let mut patterns = Vec::new();
            for (at, text) in texts(node, "Resource")? {
                strict::resource(&text, at, kind, variables, notes)?;
                patterns.push(Template::new(&complete_arn(&text), true, variables));
            }
            Some(Resources { negated, patterns })
        }
        None if matches!(kind, PolicyKind::Trust | PolicyKind::Resource) => None,
        None => {
            notes.refuse(missing("`Resource` or `NotResource`"))?;
            Some(Resources {
                negated: false,
                patterns: Vec::new(),
            })
        }
    };
    let conditions = match elements.get("Condition") {
        Some(node) => conditions::read(node, variables, notes)?,
        None => Vec::new(),
    };
    Ok(Statement {
        sid,
        effect,
        principal,
        actions,
        resources,
        conditions,
        at: node.at,
    })
}

fn read_effect(node: &Node, notes: &mut Notes) -> Result<Effect, DocumentError> {
    let wrong = || DocumentError::new(node.at, "`Effect` is \"Allow\" or \"Deny\"");
    let text = node.text().ok_or_else(wrong)?;
    let effect = match text.to_ascii_lowercase().as_str() {
        "allow" => Effect::Allow,
        "deny" => Effect::Deny,
        _ => return Err(wrong()),
    };
    if text != "Allow" && text != "Deny" {
        notes.refuse(wrong())?;
    }
    Ok(effect)
}

fn principal(
    elements: &Elements<'_>,
    at: Position,
    kind: PolicyKind,
    notes: &mut Notes,
) -> Result<Option<PrincipalClause>, DocumentError> {
    match (elements.either("Principal", "NotPrincipal")?, kind) {
        (Some((_, node)), PolicyKind::Identity | PolicyKind::ServiceControl) => {
            let problem = "a policy of this kind has no principal: it applies to whom it is attached; remove it";
            notes.refuse(DocumentError::new(node.at, problem))?;
            Ok(None)
        }
        (Some((negated, node)), _) => Ok(Some(PrincipalClause {
            negated,
            entries: principals::read(node, notes)?,
        })),
        (None, PolicyKind::Identity | PolicyKind::ServiceControl) => Ok(None),
        (
            None,
            PolicyKind::Resource
            | PolicyKind::Trust
            | PolicyKind::ResourceControl
            | PolicyKind::Endpoint,
        ) => {
            let problem =
                "the statement has no `Principal`; add one, so that it applies to someone";
            notes.refuse(DocumentError::new(at, problem))?;
            Ok(None)
        }
    }
}

/// A string.
fn text(node: &Node, name: &str) -> Result<String, DocumentError> {
    node.text().map(str::to_owned).ok_or_else(|| {
        DocumentError::new(
            node.at,
            format!("`{name}` is a string; this is {}", node.value.kind()),
        )
    })
}

/// A string or a list of strings, each with its place.
pub(crate) fn texts(node: &Node, name: &str) -> Result<Vec<(Position, String)>, DocumentError> {
    match &node.value {
        Json::List(nodes) => nodes
            .iter()
            .map(|node| Ok((node.at, text(node, name)?)))
            .collect(),
        _ => Ok(vec![(node.at, text(node, name)?)]),
    }
}

/// "If you specify an incomplete ARN, AWS completes it with wildcards": `arn:aws:sqs` is `arn:aws:sqs:*:*:*`
/// ("IAM JSON policy elements: Resource", IAM User Guide).
fn complete_arn(text: &str) -> String {
    let mut complete = text.to_owned();
    if text.starts_with("arn:") && !text.contains("${") {
        for _ in text.matches(':').count()..5 {
            complete.push_str(":*");
        }
    }
    complete
}
