//! Statements as JSON.

use serde_json::{Map, Value, json};

use crate::{
    authorization::Authorization,
    model::{Condition, Effect, Statement, Template},
};

/// A statement of a policy that was read, in its words; actions in their documented spelling where they are known.
pub(super) fn statement(found: &Statement, authorization: &Authorization) -> Value {
    let mut written = Map::new();
    if let Some(sid) = &found.sid {
        written.insert("Sid".to_owned(), sid.as_str().into());
    }
    let effect = match found.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    written.insert("Effect".to_owned(), effect.into());
    let name = if found.actions.negated {
        "NotAction"
    } else {
        "Action"
    };
    let actions = found.actions.patterns.iter();
    let actions: Vec<String> = actions
        .map(|pattern| spelled(pattern.text(), authorization))
        .collect();
    written.insert(name.to_owned(), json!(actions));
    if let Some(resources) = &found.resources {
        let name = if resources.negated {
            "NotResource"
        } else {
            "Resource"
        };
        let texts: Vec<&str> = resources.patterns.iter().map(Template::text).collect();
        written.insert(name.to_owned(), json!(texts));
    }
    if !found.conditions.is_empty() {
        written.insert("Condition".to_owned(), conditions(&found.conditions));
    }
    Value::Object(written)
}

/// `Condition`: operators, keys, values.
pub(super) fn conditions(found: &[Condition]) -> Value {
    let mut written: Map<String, Value> = Map::new();
    for condition in found {
        let keys = written
            .entry(condition.operator_text.clone())
            .or_insert_with(|| json!({}));
        if let Value::Object(keys) = keys {
            keys.insert(condition.key_text.clone(), json!(condition.values));
        }
    }
    Value::Object(written)
}

/// `s3:GetObject` for `s3:getobject`.
fn spelled(action: &str, authorization: &Authorization) -> String {
    let known = authorization.action(action);
    match (known, action.split_once(':')) {
        (Some(known), Some((prefix, _))) => format!("{prefix}:{}", known.name),
        _ => action.to_owned(),
    }
}
