//! `{Name}` and `{Name#attribute}` in text.

use super::EndpointError;
use super::eval::{Scope, malformed, text};
use serde_json::Value;

/// Fills the holes; `{{` and `}}` are literal braces.
pub(super) fn fill(template: &str, scope: &Scope<'_>) -> Result<String, EndpointError> {
    if !template.contains(['{', '}']) {
        return Ok(template.to_owned());
    }
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '{' | '}' if rest.peek() == Some(&letter) => {
                rest.next();
                out.push(letter);
            }
            '{' => {
                let mut hole = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(letter) => hole.push(letter),
                        None => return Err(malformed("a template that does not end")),
                    }
                }
                out.push_str(&text(reference(&hole, scope)?));
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

fn reference<'s>(hole: &str, scope: &'s Scope<'_>) -> Result<&'s Value, EndpointError> {
    let mut parts = hole.split('#');
    let mut value = scope.get(parts.next().unwrap_or_default());
    for part in parts {
        value = value.get(part).unwrap_or(&Value::Null);
    }
    if value.is_null() {
        return Err(malformed(&format!("`{{{hole}}}` is not set")));
    }
    Ok(value)
}
