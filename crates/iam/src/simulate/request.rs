//! Reads a case's request.

use std::collections::BTreeMap;

use super::case::{Reader, given, once, text, wrong};
use crate::{
    error::{CaseError, DocumentError, bounded},
    model::{
        Context, ContextValue, Principal, Request, RequestInput, arn_part, is_account,
        is_multivalued,
    },
    parse::json::{Json, Node},
};

const REQUEST: [&str; 5] = [
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "context",
];

/// The request, and what is taken for granted of its context.
pub(super) fn read(
    node: &Node,
    complete: bool,
    reader: &mut Reader,
) -> Result<(Request, Vec<String>), CaseError> {
    let Json::Object(_) = &node.value else {
        return Err(wrong(node, "`request` is an object").into());
    };
    once(node)?;
    reader.unknown(node, &REQUEST, "request.");
    let member = |name: &str| {
        given(node, name).ok_or_else(|| CaseError::request(format!("`request.{name}` is missing")))
    };
    let principal = principal(member("principal")?)?;
    let action = action(text(member("action")?, "`request.action`")?)?;
    let resource = match given(node, "resource") {
        Some(node) => text(node, "`request.resource`")?,
        None => "*",
    };
    let resource = self::resource(resource, action)?;
    let resource_account = match given(node, "resourceAccount") {
        Some(Node {
            value: Json::Number(digits),
            ..
        }) => account(digits)?,
        Some(node) => account(text(node, "`request.resourceAccount`")?)?,
        None => None,
    };
    let (mut context, notes) = match given(node, "context") {
        Some(node) => context(node)?,
        None => (Context::new(), Vec::new()),
    };
    if complete {
        context.complete();
    }
    let request = Request::new(RequestInput {
        principal,
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account,
        context,
    });
    Ok((request, notes))
}

/// One action: a pattern has no one answer.
fn action(text: &str) -> Result<&str, CaseError> {
    let is_name = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    if text.contains(['*', '?']) {
        return Err(CaseError::request(format!(
            "`{text}` is a pattern of actions; write one action, `service:Operation`"
        )));
    }
    match text.split_once(':') {
        Some((service, operation)) if is_name(service) && is_name(operation) => Ok(text),
        _ => Err(CaseError::request(format!(
            "`{text}` is no action; write `service:Operation`"
        ))),
    }
}

/// An ARN, or `*` for an operation without resource.
fn resource<'a>(text: &'a str, action: &str) -> Result<&'a str, CaseError> {
    let is_arn = arn_part(text, 5).is_some_and(|part| !part.is_empty());
    if text != "*" && !is_arn {
        return Err(CaseError::request(format!(
            "`{text}` is no resource; write an ARN, or `*` for an operation without resource"
        )));
    }
    on(&action.to_lowercase(), text).map_err(CaseError::request)?;
    Ok(text)
}

/// Whether the action, lower case, is ever asked of such a resource, an ARN or `*`.
///
/// # Errors
/// Why it is not, and what to write.
pub fn on(action: &str, text: &str) -> Result<(), String> {
    // "Actions, resources, and condition keys for AWS Security Token Service": a role is required, and without its trust
    // policy nobody assumes it.
    let assumes = [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
    ];
    if assumes.contains(&action) && !arn_part(text, 5).is_some_and(|path| path.starts_with("role/"))
    {
        return Err(format!(
            "`{text}` names no role; write the ARN of the role that `{action}` is asked of"
        ));
    }
    // "Specifying KMS keys in IAM policy statements" (KMS Developer Guide): an alias's ARN stands for the alias and not for
    // its key, and but for operations on aliases the key's ARN is what is authorized.
    let on_alias = ["kms:createalias", "kms:updatealias", "kms:deletealias"];
    if action.starts_with("kms:")
        && !on_alias.contains(&action)
        && arn_part(text, 2) == Some("kms")
        && arn_part(text, 5).is_some_and(|path| path.starts_with("alias/"))
    {
        return Err(format!(
            "`{text}` is an alias; KMS authorizes `{action}` on the ARN of its key: write that, and the alias as kms:RequestAlias in the context"
        ));
    }
    Ok(())
}

/// Twelve digits; `aws` owns what it manages itself.
fn account(text: &str) -> Result<Option<String>, CaseError> {
    match text {
        "" => Ok(None),
        _ if text == "aws" || is_account(text) => Ok(Some(text.to_owned())),
        _ => Err(CaseError::request(format!(
            "`resourceAccount` is `{text}`; an account's id has twelve digits"
        ))),
    }
}

/// An ARN, or `{"type": "Anonymous" | "Service" | "Federated" | "AWS", and the name in any other member}`.
fn principal(node: &Node) -> Result<Principal, CaseError> {
    let parse = |text: &str| {
        let found = Principal::parse(text).map_err(CaseError::request)?;
        match found.account.as_deref() {
            Some(account) if !is_account(account) => Err(CaseError::request(format!(
                "`{text}` is of account `{account}`; an account's id has twelve digits"
            ))),
            _ => Ok(found),
        }
    };
    let members = match &node.value {
        Json::Text(_) => return parse(text(node, "`request.principal`")?),
        Json::Object(members) => members,
        _ => return Err(wrong(node, "`request.principal` is a string or an object").into()),
    };
    once(node)?;
    // `{"Service": "lambda.amazonaws.com"}`, as in a policy.
    if let ([only], None) = (members.as_slice(), node.get("type")) {
        let name = text(&only.value, "the principal")?;
        return typed(&only.name, Some(name), parse);
    }
    let kind = given(node, "type")
        .ok_or_else(|| CaseError::request("the principal has no `type`".to_owned()))?;
    let kind = text(kind, "the principal's `type`")?;
    let name = members
        .iter()
        .filter(|member| member.name != "type")
        .find_map(|member| member.value.text());
    typed(kind, name, parse)
}

/// Types whose name is an ARN or an account id, without regard to case.
const BY_ARN: [&str; 11] = [
    "aws",
    "arn",
    "iam",
    "account",
    "root",
    "user",
    "role",
    "assumedrole",
    "session",
    "rolesession",
    "federateduser",
];

fn typed(
    kind: &str,
    name: Option<&str>,
    parse: impl Fn(&str) -> Result<Principal, CaseError>,
) -> Result<Principal, CaseError> {
    let name = || {
        name.ok_or_else(|| {
            CaseError::request(format!("the principal of type `{kind}` has no name"))
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
        lower if BY_ARN.contains(&lower) => parse(name()?),
        _ => Err(CaseError::request(format!(
            "`{kind}` is no type of principal; write AWS (with an ARN or an account id), Service, Federated or Anonymous"
        ))),
    }
}

/// Values may be strings, numbers, booleans, or lists of them; `null` says that the key is absent.
fn context(node: &Node) -> Result<(Context, Vec<String>), CaseError> {
    let Json::Object(members) = &node.value else {
        return Err(wrong(node, "`request.context` is an object").into());
    };
    once(node)?;
    let mut context = Context::new();
    let mut notes = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for member in members {
        let lower = member.name.to_lowercase();
        // Keys have no case, so that these two are one with two values.
        if let Some(earlier) = seen.get(&lower) {
            let problem = format!(
                "`{}` and `{earlier}` are one key: condition keys have no case; keep one",
                member.name
            );
            return Err(DocumentError::new(member.at, problem).into());
        }
        match &member.value.value {
            Json::Null => context.set_absent(&member.name),
            Json::List(nodes) => {
                let values: Vec<String> = nodes.iter().map(scalar).collect::<Result<_, _>>()?;
                if values.len() > 1 && !is_multivalued(&lower) {
                    notes.push(bounded(format!(
                        "`{}` is not known to be a multivalued key; with {} values it is taken to be one, which operators without ForAllValues or ForAnyValue never match",
                        member.name,
                        values.len()
                    )));
                }
                context.set(&member.name, ContextValue::Many(values));
            }
            _ => context.set(&member.name, ContextValue::One(scalar(&member.value)?)),
        }
        seen.insert(lower, &member.name);
    }
    Ok((context, notes))
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
