//! Answers as JSON.

use serde_json::{Map, Value, json};

use crate::{
    eval::{Decision, Formula},
    explain::{Cause, Place, Reason},
    model::{ContextValue, Effect, Principal, PrincipalKind, Request},
    parse::json::{Json, Node},
};

pub(super) fn error(id: Option<&Node>, problem: &str) -> String {
    json!({ "id": id.map_or(Value::Null, value), "error": problem }).to_string()
}

pub(super) fn decision(id: Option<&Node>, decision: &Decision) -> String {
    let mut answer = Map::new();
    answer.insert("id".to_owned(), id.map_or(Value::Null, value));
    answer.insert("decision".to_owned(), decision.verdict.name().into());
    let reasons: Vec<Value> = decision.decided_by.iter().map(reason).collect();
    answer.insert("decided_by".to_owned(), reasons.into());
    answer.insert(
        "residual".to_owned(),
        decision.residual.as_ref().map_or(Value::Null, formula),
    );
    if !decision.notes.is_empty() {
        answer.insert("notes".to_owned(), json!(decision.notes));
    }
    Value::Object(answer).to_string()
}

fn reason(reason: &Reason) -> Value {
    match &reason.cause {
        Cause::Statement(at, effect) => {
            let mut found = place(at);
            let effect = match effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            };
            found.insert("effect".to_owned(), effect.into());
            found.shift_insert(0, "layer".to_owned(), reason.layer.into());
            Value::Object(found)
        }
        Cause::Rule(why) => json!({ "layer": reason.layer, "rule": why }),
        Cause::NoAllow { why, failed } => {
            let failed: Vec<Value> = failed
                .iter()
                .map(|(at, element)| {
                    let mut found = place(at);
                    found.insert("element".to_owned(), element.as_str().into());
                    Value::Object(found)
                })
                .collect();
            json!({ "layer": reason.layer, "missing": why, "failed": failed })
        }
    }
}

fn place(at: &Place) -> Map<String, Value> {
    let mut found = Map::new();
    found.insert("policy".to_owned(), at.policy.as_str().into());
    found.insert("statement".to_owned(), at.statement.into());
    if let Some(sid) = &at.sid {
        found.insert("sid".to_owned(), sid.as_str().into());
    }
    found.insert("line".to_owned(), at.at.line.into());
    found.insert("column".to_owned(), at.at.column.into());
    found
}

/// A request as `simulate` reads it. `context`: the keys to tell.
pub(super) fn request(
    request: &Request,
    context: &[(String, Option<ContextValue>)],
    with_principal: bool,
) -> Value {
    let mut told = Map::new();
    if with_principal {
        told.insert("principal".to_owned(), principal(&request.principal));
    }
    told.insert("action".to_owned(), request.action_text.as_str().into());
    told.insert("resource".to_owned(), request.resource.as_str().into());
    if let Some(account) = &request.resource_account
        && request.resource_account_known
    {
        told.insert("resourceAccount".to_owned(), account.as_str().into());
    }
    let keys = context.iter().map(|(key, value)| {
        let value = match value {
            None => Value::Null,
            Some(ContextValue::One(value)) => value.as_str().into(),
            Some(ContextValue::Many(values)) => json!(values),
        };
        (key.clone(), value)
    });
    told.insert("context".to_owned(), Value::Object(keys.collect()));
    Value::Object(told)
}

fn principal(principal: &Principal) -> Value {
    match (&principal.kind, &principal.arn) {
        (PrincipalKind::Anonymous, _) => json!({ "type": "Anonymous" }),
        (PrincipalKind::Service(name), _) => json!({ "type": "Service", "service": name }),
        (PrincipalKind::Federated(name), _) => json!({ "type": "Federated", "provider": name }),
        (_, arn) => json!(arn),
    }
}

/// The condition under which the request is allowed.
fn formula(condition: &Formula) -> Value {
    match condition {
        Formula::Yes => json!(true),
        Formula::No => json!(false),
        Formula::Test(atom) => {
            json!({ "operator": atom.operator, "key": atom.key, "values": atom.values })
        }
        Formula::All(terms) => json!({ "all": terms.iter().map(formula).collect::<Vec<_>>() }),
        Formula::Any(terms) => json!({ "any": terms.iter().map(formula).collect::<Vec<_>>() }),
        Formula::Not(term) => json!({ "not": formula(term) }),
        Formula::TooLarge => json!({ "unknown": "the condition has too many terms to be told" }),
    }
}

/// A JSON value as it was written.
fn value(node: &Node) -> Value {
    match &node.value {
        Json::Null => Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        Json::Text(text) => text.as_str().into(),
        Json::List(nodes) => nodes.iter().map(value).collect(),
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|member| (member.name.clone(), value(&member.value)));
            Value::Object(members.collect())
        }
    }
}
