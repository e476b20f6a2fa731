//! The walk over a rule set.

use super::functions;
use super::partition::Partitions;
use super::template;
use super::{EndpointError, Resolved};
use serde_json::{Map, Value};

/// Rule sets nest about ten deep; a document that goes beyond this is refused, not followed.
const DEEPEST: usize = 64;

/// Parameters and what conditions have assigned; a rule that fails takes its assignments back.
pub(super) struct Scope<'a> {
    pub(super) partitions: &'a Partitions,
    values: Vec<(&'a str, Value)>,
}

impl<'a> Scope<'a> {
    pub(super) fn get(&self, name: &str) -> &Value {
        let found = self.values.iter().rev().find(|(key, _)| *key == name);
        found.map_or(&Value::Null, |(_, value)| value)
    }

    fn set(&mut self, name: &'a str, value: Value) {
        self.values.push((name, value));
    }
}

pub(super) fn resolve(
    rules: &Value,
    partitions: &Partitions,
    params: &Map<String, Value>,
) -> Result<Resolved, EndpointError> {
    let mut scope = Scope {
        partitions,
        values: Vec::with_capacity(16),
    };
    let declared = rules.get("parameters").and_then(Value::as_object);
    for (name, declaration) in declared.into_iter().flatten() {
        let given = params.get(name).filter(|value| !value.is_null());
        let value = given.or_else(|| declaration.get("default")).cloned();
        match value {
            Some(value) => scope.set(name, value),
            None if declaration.get("required") == Some(&Value::Bool(true)) => {
                return Err(EndpointError::Missing(name.clone()));
            }
            None => {}
        }
    }
    first_match(rules, &mut scope, 0)?.ok_or(EndpointError::NoMatch)
}

fn first_match<'a>(
    holder: &'a Value,
    scope: &mut Scope<'a>,
    depth: usize,
) -> Result<Option<Resolved>, EndpointError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deeply"));
    }
    for rule in list(holder, "rules")? {
        let mark = scope.values.len();
        let found = rule_outcome(rule, scope, depth)?;
        if found.is_some() {
            return Ok(found);
        }
        scope.values.truncate(mark);
    }
    Ok(None)
}

fn rule_outcome<'a>(
    rule: &'a Value,
    scope: &mut Scope<'a>,
    depth: usize,
) -> Result<Option<Resolved>, EndpointError> {
    for condition in list(rule, "conditions")? {
        let value = call(condition, scope, 0)?;
        if matches!(value, Value::Null | Value::Bool(false)) {
            return Ok(None);
        }
        if let Some(name) = condition.get("assign").and_then(Value::as_str) {
            scope.set(name, value);
        }
    }
    match rule.get("type").and_then(Value::as_str) {
        Some("tree") => first_match(rule, scope, depth + 1),
        Some("endpoint") => {
            let endpoint = rule
                .get("endpoint")
                .ok_or_else(|| malformed("no `endpoint`"))?;
            endpoint_of(endpoint, scope).map(Some)
        }
        Some("error") => {
            let message = rule.get("error").ok_or_else(|| malformed("no `error`"))?;
            Err(EndpointError::Refused(text(&argument(message, scope, 0)?)))
        }
        other => Err(malformed(&format!("a rule of type {other:?}"))),
    }
}

fn endpoint_of(endpoint: &Value, scope: &Scope<'_>) -> Result<Resolved, EndpointError> {
    let url = endpoint.get("url").ok_or_else(|| malformed("no `url`"))?;
    let properties = match endpoint.get("properties") {
        Some(properties) => filled(properties, scope, 0)?,
        None => Value::Null,
    };
    let mut headers = Vec::new();
    let given = endpoint.get("headers").and_then(Value::as_object);
    for (name, values) in given.into_iter().flatten() {
        let values = values
            .as_array()
            .ok_or_else(|| malformed("a header is not a list"))?;
        let values = values
            .iter()
            .map(|value| Ok(text(&argument(value, scope, 0)?)))
            .collect::<Result<Vec<_>, EndpointError>>()?;
        headers.push((name.clone(), values));
    }
    Ok(Resolved {
        url: text(&argument(url, scope, 0)?),
        properties: match properties {
            Value::Object(map) => map,
            _ => Map::new(),
        },
        headers,
    })
}

/// A value with all templates in it filled.
fn filled(value: &Value, scope: &Scope<'_>, depth: usize) -> Result<Value, EndpointError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deeply"));
    }
    Ok(match value {
        Value::String(text) => Value::String(template::fill(text, scope)?),
        Value::Array(list) => Value::Array(
            list.iter()
                .map(|one| filled(one, scope, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, one)| Ok((key.clone(), filled(one, scope, depth + 1)?)))
                .collect::<Result<_, EndpointError>>()?,
        ),
        other => other.clone(),
    })
}

fn call(function: &Value, scope: &Scope<'_>, depth: usize) -> Result<Value, EndpointError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deeply"));
    }
    let name = function.get("fn").and_then(Value::as_str);
    let name = name.ok_or_else(|| malformed("a condition without `fn`"))?;
    let arguments = list(function, "argv")?
        .iter()
        .map(|given| argument(given, scope, depth + 1))
        .collect::<Result<Vec<_>, _>>()?;
    functions::call(name, &arguments, scope)
}

/// An argument: a call, a reference, a template or a literal.
fn argument(value: &Value, scope: &Scope<'_>, depth: usize) -> Result<Value, EndpointError> {
    match value {
        Value::Object(map) if map.contains_key("fn") => call(value, scope, depth),
        Value::Object(map) => match map.get("ref").and_then(Value::as_str) {
            Some(name) => Ok(scope.get(name).clone()),
            None => Err(malformed("an argument that is neither `fn` nor `ref`")),
        },
        Value::String(text) => Ok(Value::String(template::fill(text, scope)?)),
        other => Ok(other.clone()),
    }
}

fn list<'v>(holder: &'v Value, key: &str) -> Result<&'v [Value], EndpointError> {
    let found = holder.get(key).and_then(Value::as_array);
    found
        .map(Vec::as_slice)
        .ok_or_else(|| malformed(&format!("no list `{key}`")))
}

/// Text as it is, everything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn malformed(what: &str) -> EndpointError {
    EndpointError::Malformed(what.to_owned())
}
