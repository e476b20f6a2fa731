//! JSON bodies read by shape, straight from the bytes: what the model does not know takes no memory,
//! and an error has its line and column. serde_json stops at 128 levels by itself.

use super::scalar;
use super::slots::{Slots, json_name};
use crate::model::{Kind, Model, Ref, Structure};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a body as the structure; a body without any byte is a structure without any member.
pub(super) fn structure(
    model: &Model,
    structure: &Structure,
    body: &[u8],
) -> Result<Map<String, Value>, serde_json::Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    run(body, Top { model, structure })
}

/// Reads a body as a value of any kind; none for `null` and for an empty body.
pub(super) fn value(
    model: &Model,
    target: &Ref,
    body: &[u8],
) -> Result<Option<Value>, serde_json::Error> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    run(
        body,
        Seed {
            model,
            target,
            name: "body",
        },
    )
}

fn run<'d, S: DeserializeSeed<'d>>(body: &'d [u8], seed: S) -> Result<S::Value, serde_json::Error> {
    let mut from = serde_json::Deserializer::from_slice(body);
    let value = seed.deserialize(&mut from)?;
    from.end()?;
    Ok(value)
}

/// The body itself: an object, nothing else.
struct Top<'m> {
    model: &'m Model,
    structure: &'m Structure,
}

impl<'d> DeserializeSeed<'d> for Top<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'d> Visitor<'d> for Top<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, from: A) -> Result<Self::Value, A::Error> {
        members(self.model, self.structure, from)
    }
}

fn members<'d, A: MapAccess<'d>>(
    model: &Model,
    structure: &Structure,
    mut from: A,
) -> Result<Map<String, Value>, A::Error> {
    let mut slots = Slots::new(structure);
    while let Some(key) = from.next_key_seed(Key)? {
        match slots.find(key.as_str(), json_name) {
            None => {
                from.next_value::<IgnoredAny>()?;
            }
            Some((at, member)) => {
                let seed = Seed {
                    model,
                    target: &member.target,
                    name: key.as_str(),
                };
                if let Some(value) = from.next_value_seed(seed)? {
                    slots.put(at, value);
                }
            }
        }
    }
    Ok(slots.finish())
}

/// A key, borrowed where it has no escapes.
struct Key;

enum KeyText<'d> {
    Borrowed(&'d str),
    Owned(String),
}

impl KeyText<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl<'d> DeserializeSeed<'d> for Key {
    type Value = KeyText<'d>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'d> Visitor<'d> for Key {
    type Value = KeyText<'d>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'d str) -> Result<Self::Value, E> {
        Ok(KeyText::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(KeyText::Owned(text.to_owned()))
    }
}

/// A value of a known kind; none if it is `null`.
struct Seed<'m> {
    model: &'m Model,
    target: &'m Ref,
    /// For messages.
    name: &'m str,
}

impl<'m> Seed<'m> {
    fn kind(&self) -> &'m Kind {
        self.model.kind(self.target)
    }

    fn scalar<E: Error>(&self, text: &str) -> Result<Option<Value>, E> {
        match self.kind() {
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => Err(self.wrong()),
            kind => scalar::parse(text, kind)
                .map_err(|fault| E::custom(format!("`{}`: {fault}", self.name))),
        }
    }

    fn wrong<E: Error>(&self) -> E {
        E::custom(format!("`{}` is not a {}", self.name, self.kind().word()))
    }
}

impl<'d> DeserializeSeed<'d> for Seed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<Self::Value, D::Error> {
        match self.kind() {
            Kind::Structure(structure) if structure.document => {
                let value: Value = serde::Deserialize::deserialize(from)?;
                Ok((!value.is_null()).then_some(value))
            }
            _ => from.deserialize_any(self),
        }
    }
}

impl<'d> Visitor<'d> for Seed<'_> {
    type Value = Option<Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a {} for `{}`", self.kind().word(), self.name)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        match self.kind() {
            Kind::Boolean => Ok(Some(Value::Bool(truth))),
            Kind::String { .. } => Ok(Some(Value::String(truth.to_string()))),
            _ => Err(self.wrong()),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.number(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.number(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        match serde_json::Number::from_f64(number) {
            Some(number) => self.number(number),
            None => Err(self.wrong()),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.scalar(text)
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let Kind::List { member, .. } = self.kind() else {
            return Err(self.wrong());
        };
        let (model, name) = (self.model, self.name);
        let mut list = Vec::new();
        while let Some(value) = from.next_element_seed(Seed {
            model,
            target: member,
            name,
        })? {
            // Also where the model has no nulls in the list: positions may matter.
            list.push(value.unwrap_or(Value::Null));
        }
        Ok(Some(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'d>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        match self.kind() {
            Kind::Structure(structure) => {
                Ok(Some(Value::Object(members(self.model, structure, from)?)))
            }
            Kind::Map {
                value: target,
                sparse,
                ..
            } => {
                let mut map = Map::new();
                while let Some(key) = from.next_key::<String>()? {
                    let seed = Seed {
                        model: self.model,
                        target,
                        name: &key,
                    };
                    match from.next_value_seed(seed)? {
                        Some(value) => map.insert(key, value),
                        None if *sparse => map.insert(key, Value::Null),
                        None => None,
                    };
                }
                Ok(Some(Value::Object(map)))
            }
            _ => Err(self.wrong()),
        }
    }
}

impl Seed<'_> {
    fn number<E: Error>(&self, number: serde_json::Number) -> Result<Option<Value>, E> {
        match self.kind() {
            Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
                Ok(Some(Value::Number(number)))
            }
            Kind::Timestamp => number
                .as_f64()
                .and_then(scalar::from_seconds)
                .and_then(scalar::rfc3339)
                .map_or_else(|| Err(self.wrong()), |time| Ok(Some(time))),
            Kind::String { .. } => Ok(Some(Value::String(number.to_string()))),
            _ => Err(self.wrong()),
        }
    }
}
