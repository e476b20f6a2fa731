//! How a value of an answer becomes a value of a column.

use crate::redact::Secrets;
use palisade_aws::model::{Kind, Model, Ref, ShapeId, names::snake_case};
use palisade_core::catalog::TextType;
use palisade_core::schema::ColumnType;
use serde_json::{Map, Value};

/// Lists and structures are kept as such down to this level; deeper ones are JSON text.
const LEVELS: usize = 4;

/// The way from the API's value to the column's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Bool,
    Int,
    Float,
    Text,
    Timestamp,
    /// Any value, kept as JSON text with the API's own names.
    Json,
    /// Text that is a JSON document itself, perhaps URL-encoded.
    Document,
    /// Text that is read as another type.
    Parsed(TextType),
    List(Box<Self>),
    Struct(Vec<Member>),
}

/// A member of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The API's name.
    pub(crate) api: Box<str>,
    /// The column's.
    pub(crate) name: Box<str>,
    pub(crate) form: Form,
}

impl Form {
    /// The form of a shape, with what is redacted below it.
    pub(crate) fn of(model: &Model, target: &Ref, secrets: Option<&Secrets>) -> Self {
        of(model, target, secrets, 0, &mut Vec::new())
    }

    /// The column's type.
    pub(crate) fn ty(&self) -> ColumnType {
        match self {
            Self::Bool => ColumnType::Bool,
            Self::Int => ColumnType::Int,
            Self::Float => ColumnType::Float,
            Self::Text => ColumnType::Text,
            Self::Timestamp => ColumnType::Timestamp,
            Self::Json | Self::Document => ColumnType::Json,
            Self::Parsed(ty) => text_type(*ty),
            Self::List(item) => ColumnType::List(Box::new(item.ty())),
            Self::Struct(members) => ColumnType::Struct(
                members
                    .iter()
                    .map(|m| (m.name.to_string(), m.form.ty()))
                    .collect(),
            ),
        }
    }

    /// Turns a value into the column's. What does not fit becomes null and is counted in `misfits`: the row stays.
    pub(crate) fn read(&self, value: Value, misfits: &mut u32) -> Value {
        let fits = match (self, value) {
            (_, Value::Null) => Some(Value::Null),
            (Self::Text, Value::String(text)) => Some(Value::String(text)),
            (Self::Text, value @ (Value::Number(_) | Value::Bool(_))) => {
                Some(Value::String(value.to_string()))
            }
            (Self::Int, Value::Number(n)) => n.as_i64().map(Value::from),
            (Self::Float, value @ Value::Number(_)) => Some(value),
            // JSON has no word for them; the wire layer gives text.
            (Self::Float, Value::String(text)) => {
                text.parse::<f64>().ok().map(|_| Value::String(text))
            }
            (Self::Bool, value @ Value::Bool(_)) => Some(value),
            (Self::Timestamp, Value::String(text)) => micros(&text).map(|_| Value::String(text)),
            (Self::Json, value) => Some(Value::String(value.to_string())),
            (Self::Document, Value::String(text)) => Some(Value::String(document(&text))),
            (Self::Document, value) => Some(Value::String(value.to_string())),
            (Self::Parsed(ty), Value::String(text)) => parsed(*ty, text),
            (Self::Parsed(ty), value) => parsed(*ty, value.to_string()),
            (Self::List(item), Value::Array(list)) => Some(Value::Array(
                list.into_iter().map(|v| item.read(v, misfits)).collect(),
            )),
            (Self::Struct(members), Value::Object(mut map)) => {
                let mut row = Map::with_capacity(members.len());
                for member in members {
                    if let Some(value) = map.swap_remove(&*member.api) {
                        let value = member.form.read(value, misfits);
                        row.insert(member.name.to_string(), value);
                    }
                }
                Some(Value::Object(row))
            }
            _ => None,
        };
        fits.unwrap_or_else(|| {
            *misfits += 1;
            Value::Null
        })
    }
}

fn of(
    model: &Model,
    target: &Ref,
    secrets: Option<&Secrets>,
    level: usize,
    above: &mut Vec<ShapeId>,
) -> Form {
    let secret = secrets.is_some_and(|s| s.here);
    match model.kind(target) {
        Kind::String { .. } | Kind::Blob if secret => Form::Json,
        Kind::String { .. } if target.traits.jsonvalue => Form::Json,
        Kind::String { .. } | Kind::Blob => Form::Text,
        Kind::Integer | Kind::Long => Form::Int,
        Kind::Float | Kind::Double => Form::Float,
        Kind::Boolean => Form::Bool,
        Kind::Timestamp => Form::Timestamp,
        Kind::Map { .. } => Form::Json,
        _ if level >= LEVELS || above.contains(&target.shape) => Form::Json,
        Kind::List { member, .. } => {
            above.push(target.shape);
            let item = of(model, member, secrets, level + 1, above);
            above.pop();
            Form::List(Box::new(item))
        }
        Kind::Structure(structure) => {
            if structure.members.is_empty() || structure.document || structure.eventstream {
                return Form::Json;
            }
            above.push(target.shape);
            let mut members: Vec<Member> = Vec::with_capacity(structure.members.len());
            for (api, member) in &structure.members {
                let name = snake_case(api);
                if members.iter().any(|m| *m.name == *name) {
                    continue;
                }
                let below = secrets.and_then(|s| s.below(&name));
                members.push(Member {
                    api: api.clone(),
                    form: of(model, &member.target, below, level + 1, above),
                    name: name.into(),
                });
            }
            above.pop();
            Form::Struct(members)
        }
    }
}

fn text_type(ty: TextType) -> ColumnType {
    match ty {
        TextType::Text => ColumnType::Text,
        TextType::Int => ColumnType::Int,
        TextType::Float => ColumnType::Float,
        TextType::Bool => ColumnType::Bool,
        TextType::Timestamp => ColumnType::Timestamp,
        TextType::Json => ColumnType::Json,
    }
}

fn parsed(ty: TextType, text: String) -> Option<Value> {
    // A map that has the key with no text says that the value is not set.
    if text.is_empty() && ty != TextType::Text {
        return Some(Value::Null);
    }
    match ty {
        TextType::Text => Some(Value::String(text)),
        TextType::Int => text.trim().parse::<i64>().ok().map(Value::from),
        TextType::Float => text.trim().parse::<f64>().ok().map(|_| Value::String(text)),
        TextType::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        TextType::Timestamp => micros(&text).map(|_| Value::String(text)),
        TextType::Json => Some(Value::String(document(&text))),
    }
}

/// Microseconds since the Unix epoch, of RFC 3339 text or of seconds as a number.
pub(crate) fn micros(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_microsecond());
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000_000);
    }
    let seconds: f64 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be in range; parts of a microsecond do not count"
    )]
    let micros = (seconds.abs() < 1e12).then_some((seconds * 1e6) as i64);
    micros
}

/// The text of a JSON document: as it is, URL-decoded, or, where it is no JSON at all, as a JSON string: never lost.
fn document(text: &str) -> String {
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return value.to_string();
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    if let Ok(decoded) = decoded
        && let Ok(value) = serde_json::from_str::<Value>(&decoded)
    {
        return value.to_string();
    }
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(form: &Form, value: Value) -> (Value, u32) {
        let mut misfits = 0;
        (form.read(value, &mut misfits), misfits)
    }

    #[test]
    fn a_value_that_does_not_fit_is_null_and_counted() {
        assert_eq!(read(&Form::Int, json!(7)), (json!(7), 0));
        assert_eq!(read(&Form::Int, json!("seven")), (Value::Null, 1));
        assert_eq!(read(&Form::Bool, json!({})), (Value::Null, 1));
        assert_eq!(read(&Form::Timestamp, json!("soon")), (Value::Null, 1));
        assert_eq!(read(&Form::Int, Value::Null), (Value::Null, 0));
        let list = Form::List(Box::new(Form::Int));
        assert_eq!(
            read(&list, json!([1, "x", null])),
            (json!([1, null, null]), 1)
        );
    }

    #[test]
    fn text_is_read_as_declared() {
        let parsed = |ty, text: &str| read(&Form::Parsed(ty), json!(text));
        assert_eq!(parsed(TextType::Bool, "True"), (json!(true), 0));
        assert_eq!(parsed(TextType::Bool, "yes"), (Value::Null, 1));
        assert_eq!(parsed(TextType::Int, "30"), (json!(30), 0));
        assert_eq!(parsed(TextType::Int, ""), (Value::Null, 0));
        assert_eq!(micros("2026-01-31T12:00:00Z"), Some(1_769_860_800_000_000));
        assert_eq!(micros("1769860800"), Some(1_769_860_800_000_000));
        assert_eq!(micros("1769860800.5"), Some(1_769_860_800_500_000));
        assert_eq!(micros("1e300"), None);
    }

    #[test]
    fn a_policy_is_decoded_and_never_lost() {
        assert_eq!(document("{ \"a\": 1 }"), "{\"a\":1}");
        assert_eq!(document("%7B%22a%22%3A1%7D"), "{\"a\":1}");
        assert_eq!(document("not json"), "\"not json\"");
        assert_eq!(document(""), "\"\"");
    }
}
