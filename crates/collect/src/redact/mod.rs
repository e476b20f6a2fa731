//! Secret values never reach a snapshot: they are replaced before anything is written, the journal included.

mod decode;
mod kinds;
mod rules;

pub use kinds::kinds;
pub(crate) use rules::Secrets;

use palisade_aws::model::names::snake_case;
use palisade_core::hex;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Replaces every secret of an answer: text becomes `{"redacted":true,"length":…,"sha256":…,"kinds":[…]}`; keys of
/// maps, as names of environment variables, stay, and so does what is not text.
pub(crate) fn redact(value: &mut Value, secrets: &Secrets) {
    if secrets.here {
        hide(value, "");
        return;
    }
    match value {
        Value::Object(map) => {
            let sibling = sibling_name(map);
            for (key, value) in map.iter_mut() {
                if let Some(below) = secrets.below(&snake_case(key)) {
                    redact_named(value, below, sibling.as_deref().unwrap_or(key));
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| redact(v, secrets)),
        _ => {}
    }
}

/// In a list of `{name, value}` the variable's name stands beside its value. Where the value is only a reference to
/// where the secret is kept (CodeBuild's `type`), the name says nothing about it.
fn sibling_name(map: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    if matches!(text("type"), Some("PARAMETER_STORE" | "SECRETS_MANAGER")) {
        return Some(String::new());
    }
    ["name", "Name", "ParameterKey", "OutputKey"]
        .into_iter()
        .find_map(text)
        .map(str::to_owned)
}

fn redact_named(value: &mut Value, secrets: &Secrets, name: &str) {
    if secrets.here {
        hide(value, name);
    } else {
        redact(value, secrets);
    }
}

fn hide(value: &mut Value, name: &str) {
    match value {
        Value::String(text) => *value = redacted(name, text),
        Value::Array(list) => list.iter_mut().for_each(|v| hide(v, name)),
        Value::Object(map) => map.iter_mut().for_each(|(key, v)| hide(v, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is kept of a secret: its length in bytes, its hash, and what it looks like. `name` is what the
/// variable or member is called.
#[must_use]
pub fn redacted(name: &str, text: &str) -> Value {
    let hash = hex(&Sha256::digest(text.as_bytes()));
    let plain = decode::plain(text);
    let mut found = kinds(name, text);
    if let Some(plain) = &plain {
        found.extend(kinds(name, plain));
        found.sort_unstable();
        found.dedup();
    }
    let mut map = Map::with_capacity(4);
    map.insert("redacted".to_owned(), Value::Bool(true));
    map.insert("length".to_owned(), json!(text.len()));
    map.insert("sha256".to_owned(), Value::String(hash));
    map.insert("kinds".to_owned(), json!(found));
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_and_keys_stay() {
        let mut secrets = Secrets::default();
        secrets.add(&["functions", "environment", "variables"]);
        let mut value = json!({"Functions": [{
            "Name": "f",
            "Environment": {"Variables": {"DB_PASSWORD": "hunter2-marked", "STAGE": "prod"}}
        }]});
        redact(&mut value, &secrets);
        let text = value.to_string();
        assert!(!text.contains("marked") && !text.contains("prod"), "{text}");
        let variables = value.pointer("/Functions/0/Environment/Variables").unwrap();
        assert_eq!(variables["DB_PASSWORD"]["kinds"], json!(["password"]));
        assert_eq!(variables["DB_PASSWORD"]["length"], json!(14));
        assert_eq!(variables["STAGE"]["kinds"], json!([]));
        assert_eq!(value.pointer("/Functions/0/Name"), Some(&json!("f")));
    }

    #[test]
    fn a_value_is_judged_by_the_name_beside_it() {
        let mut secrets = Secrets::default();
        secrets.add(&["environment", "value"]);
        let mut value = json!({"environment": [
            {"name": "DB_PASSWORD", "value": "hunter2-marked"},
            {"name": "DB_PASSWORD", "value": "/prod/db", "type": "SECRETS_MANAGER"},
            {"name": "STAGE", "value": "prod"},
        ]});
        redact(&mut value, &secrets);
        let kinds = |at: usize| value["environment"][at]["value"]["kinds"].clone();
        assert_eq!(kinds(0), json!(["password"]));
        assert_eq!(kinds(1), json!([]));
        assert_eq!(kinds(2), json!([]));
    }

    #[test]
    fn user_data_is_decoded_for_its_kinds() {
        use base64::Engine as _;
        let script =
            "#!/bin/sh\nexport DB_PASSWORD=correct-horse\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\n";
        let text = base64::engine::general_purpose::STANDARD.encode(script);
        let kept = redacted("UserData", &text);
        assert_eq!(kept["kinds"], json!(["aws_access_key_id", "password"]));
    }
}
