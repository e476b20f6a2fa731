//! JSON bodies of requests.

use super::scalar;
use super::slots::json_name;
use crate::model::{Kind, Location, Model, Ref, Structure, TimestampFormat};
use serde_json::{Map, Number, Value};

/// The members of a checked input that belong into the body.
pub(super) fn structure(model: &Model, structure: &Structure, input: &Value) -> Value {
    let mut out = Map::new();
    for (name, member) in &structure.members {
        if in_body(member.target.traits.location)
            && let Some(given) = input.get(&**name)
            && !given.is_null()
        {
            out.insert(
                json_name(name, member).to_owned(),
                value(model, &member.target, given),
            );
        }
    }
    Value::Object(out)
}

/// In requests every location takes a member out of the body, save the one that only replies have.
pub(super) fn in_body(location: Option<Location>) -> bool {
    matches!(location, None | Some(Location::StatusCode))
}

/// A checked value as it is written.
pub(super) fn value(model: &Model, target: &Ref, given: &Value) -> Value {
    match (model.kind(target), given) {
        (Kind::Structure(inner), _) if inner.document => given.clone(),
        (Kind::Structure(inner), _) => structure(model, inner, given),
        (Kind::List { member, .. }, Value::Array(list)) => list
            .iter()
            .map(|given| value(model, member, given))
            .collect(),
        (Kind::Map { value: inner, .. }, Value::Object(map)) => Value::Object(
            map.iter()
                .map(|(key, given)| (key.clone(), value(model, inner, given)))
                .collect(),
        ),
        (Kind::Timestamp, given) => timestamp(target, given).unwrap_or(Value::Null),
        _ => given.clone(),
    }
}

/// Seconds as a number, the other formats as text.
fn timestamp(target: &Ref, given: &Value) -> Option<Value> {
    let format = target
        .traits
        .timestamp_format
        .unwrap_or(TimestampFormat::Unix);
    let text = scalar::write_timestamp(scalar::timestamp_of(given)?, format)?;
    if format != TimestampFormat::Unix {
        return Some(Value::String(text));
    }
    let whole = text.parse::<i64>().ok().map(Number::from);
    whole
        .or_else(|| Number::from_f64(text.parse().ok()?))
        .map(Value::Number)
}
