//! JSON bodies read by shape, straight from the bytes: what the model does not know takes no memory,
//! and an error has its line and column. serde_json stops at 128 levels by itself.

use super::MAX_VALUES;
use super::json_value::Seed;
use super::slots::{Slots, json_name};
use crate::model::{Model, Ref, Structure};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
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
    let left = Cell::new(MAX_VALUES);
    run(
        body,
        Top {
            model,
            structure,
            left: &left,
        },
    )
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
    let left = Cell::new(MAX_VALUES);
    run(
        body,
        Seed {
            model,
            target,
            name: "body",
            left: &left,
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
    left: &'m Cell<usize>,
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
        members(self.model, self.structure, from, self.left)
    }
}

/// The members of an object; what the model does not know is passed over.
pub(super) fn members<'d, A: MapAccess<'d>>(
    model: &Model,
    structure: &Structure,
    mut from: A,
    left: &Cell<usize>,
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
                    left,
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
