//! One value of a JSON body, read as the shape tells.

use super::json_read::members;
use super::{MAX_VALUES, scalar};
use crate::model::{Kind, Model, Ref};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// A value of a known kind; none if it is `null`.
pub(super) struct Seed<'m> {
    pub(super) model: &'m Model,
    pub(super) target: &'m Ref,
    /// For messages.
    pub(super) name: &'m str,
    /// Values that may still come.
    pub(super) left: &'m Cell<usize>,
}

impl<'m> Seed<'m> {
    fn kind(&self) -> &'m Kind {
        self.model.kind(self.target)
    }

    /// Any JSON at all, and so everything inside it.
    fn is_document(&self) -> bool {
        matches!(self.kind(), Kind::Structure(structure) if structure.document)
    }

    /// A seed for a value inside this one.
    fn inner<'n>(&self, target: &'n Ref, name: &'n str) -> Seed<'n>
    where
        'm: 'n,
    {
        Seed {
            model: self.model,
            target,
            name,
            left: self.left,
        }
    }

    fn wrong<E: Error>(&self) -> E {
        E::custom(format!("`{}` is not a {}", self.name, self.kind().word()))
    }

    fn number<E: Error>(&self, number: Number) -> Result<Option<Value>, E> {
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
            _ if self.is_document() => Ok(Some(Value::Number(number))),
            _ => Err(self.wrong()),
        }
    }
}

impl<'d> DeserializeSeed<'d> for Seed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<Self::Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format!("more than {MAX_VALUES} values")));
        };
        self.left.set(left);
        from.deserialize_any(self)
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
            _ if self.is_document() => Ok(Some(Value::Bool(truth))),
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
        Number::from_f64(number).map_or_else(|| Err(self.wrong()), |number| self.number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match self.kind() {
            _ if self.is_document() => Ok(Some(Value::String(text.to_owned()))),
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => Err(self.wrong()),
            kind => scalar::parse(text, kind)
                .map_err(|fault| E::custom(format!("`{}`: {fault}", self.name))),
        }
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let member = match self.kind() {
            Kind::List { member, .. } => member,
            _ if self.is_document() => self.target,
            _ => return Err(self.wrong()),
        };
        let mut list = Vec::new();
        while let Some(value) = from.next_element_seed(self.inner(member, self.name))? {
            // Also where the model has no nulls in the list: positions may matter.
            list.push(value.unwrap_or(Value::Null));
        }
        Ok(Some(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'d>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let (target, nulls) = match self.kind() {
            Kind::Structure(structure) if !structure.document => {
                let members = members(self.model, structure, from, self.left)?;
                return Ok(Some(Value::Object(members)));
            }
            Kind::Structure(_) => (self.target, true),
            Kind::Map { value, sparse, .. } => (value, *sparse),
            _ => return Err(self.wrong()),
        };
        let mut map = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let value = from.next_value_seed(self.inner(target, &key))?;
            if let Some(value) = value.or(nulls.then_some(Value::Null)) {
                map.insert(key, value);
            }
        }
        Ok(Some(Value::Object(map)))
    }
}
