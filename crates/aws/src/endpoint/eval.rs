//! The walk over a rule set.

use super::functions;
use super::partition::Partitions;
use super::rules::{Argument, Endpoint, Rule, Rules, Then};
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
    rules: &Rules,
    partitions: &Partitions,
    params: &Map<String, Value>,
) -> Result<Resolved, EndpointError> {
    let mut scope = Scope {
        partitions,
        values: Vec::with_capacity(16),
    };
    for (name, declared) in &rules.parameters {
        let given = params.get(&**name).filter(|value| !value.is_null());
        match given.or(declared.default.as_ref()).cloned() {
            Some(value) => scope.set(name, value),
            None if declared.required => return Err(EndpointError::Missing(name.to_string())),
            None => {}
        }
    }
    first_match(&rules.rules, &mut scope, 0)?.ok_or(EndpointError::NoMatch)
}

fn first_match<'a>(
    rules: &'a [Rule],
    scope: &mut Scope<'a>,
    depth: usize,
) -> Result<Option<Resolved>, EndpointError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deeply"));
    }
    for rule in rules {
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
    rule: &'a Rule,
    scope: &mut Scope<'a>,
    depth: usize,
) -> Result<Option<Resolved>, EndpointError> {
    for condition in &rule.conditions {
        let value = call(&condition.function, &condition.argv, scope, 0)?;
        if matches!(value, Value::Null | Value::Bool(false)) {
            return Ok(None);
        }
        if let Some(name) = &condition.assign {
            scope.set(name, value);
        }
    }
    match &rule.then {
        Then::Tree(rules) => first_match(rules, scope, depth + 1),
        Then::Endpoint(endpoint) => endpoint_of(endpoint, scope).map(Some),
        Then::Error(message) => Err(EndpointError::Refused(text(&argument(message, scope, 0)?))),
    }
}

fn endpoint_of(endpoint: &Endpoint, scope: &Scope<'_>) -> Result<Resolved, EndpointError> {
    let mut headers = Vec::new();
    for (name, values) in &endpoint.headers {
        let values = values
            .iter()
            .map(|value| Ok(text(&argument(value, scope, 0)?)))
            .collect::<Result<Vec<_>, EndpointError>>()?;
        headers.push((name.clone(), values));
    }
    Ok(Resolved {
        url: text(&argument(&endpoint.url, scope, 0)?),
        properties: filled_all(&endpoint.properties, scope, 0)?,
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
        Value::Object(map) => Value::Object(filled_all(map, scope, depth + 1)?),
        other => other.clone(),
    })
}

fn filled_all(
    map: &Map<String, Value>,
    scope: &Scope<'_>,
    depth: usize,
) -> Result<Map<String, Value>, EndpointError> {
    map.iter()
        .map(|(key, one)| Ok((key.clone(), filled(one, scope, depth)?)))
        .collect()
}

fn call(
    function: &str,
    argv: &[Argument],
    scope: &Scope<'_>,
    depth: usize,
) -> Result<Value, EndpointError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deeply"));
    }
    let arguments = argv
        .iter()
        .map(|given| argument(given, scope, depth + 1))
        .collect::<Result<Vec<_>, _>>()?;
    functions::call(function, &arguments, scope)
}

fn argument(given: &Argument, scope: &Scope<'_>, depth: usize) -> Result<Value, EndpointError> {
    Ok(match given {
        Argument::Call(inner) => call(&inner.function, &inner.argv, scope, depth)?,
        Argument::Reference(name) => scope.get(name).clone(),
        Argument::Template(text) => Value::String(template::fill(text, scope)?),
        Argument::Flag(flag) => Value::Bool(*flag),
        Argument::Number(number) => Value::from(*number),
    })
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
