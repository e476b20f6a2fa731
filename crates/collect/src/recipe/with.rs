//! The parameters of a call, with holes.

use palisade_aws::model::{Kind, Model, Operation, Ref};
use palisade_core::template::Template;
use serde_json::{Map, Value};

/// A parameter as the table writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum With {
    Fixed(Value),
    Hole(Template),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl With {
    /// Reads the `with` of a table.
    ///
    /// # Errors
    /// A message that names the parameter.
    pub(crate) fn parse(table: &toml::Table) -> Result<Self, String> {
        let mut members = Vec::with_capacity(table.len());
        for (name, value) in table {
            let value = Self::value(value).map_err(|e| format!("`{name}`: {e}"))?;
            members.push((name.clone(), value));
        }
        Ok(Self::Map(members))
    }

    fn value(value: &toml::Value) -> Result<Self, String> {
        Ok(match value {
            toml::Value::String(text) => {
                let template = Template::parse(text)?;
                if template.columns().next().is_none() {
                    let text = template.fill(|_| None).unwrap_or_default();
                    Self::Fixed(text)
                } else {
                    Self::Hole(template)
                }
            }
            toml::Value::Integer(n) => Self::Fixed((*n).into()),
            toml::Value::Float(n) => Self::Fixed((*n).into()),
            toml::Value::Boolean(b) => Self::Fixed((*b).into()),
            toml::Value::Datetime(_) => return Err("a date is no parameter".to_owned()),
            toml::Value::Array(list) => {
                Self::List(list.iter().map(Self::value).collect::<Result<_, _>>()?)
            }
            toml::Value::Table(table) => Self::parse(table)?,
        })
    }

    /// The columns that the holes name.
    pub(crate) fn columns(&self, into: &mut Vec<String>) {
        match self {
            Self::Fixed(_) => {}
            Self::Hole(template) => into.extend(template.columns().map(str::to_owned)),
            Self::List(list) => list.iter().for_each(|w| w.columns(into)),
            Self::Map(map) => map.iter().for_each(|(_, w)| w.columns(into)),
        }
    }

    /// The parameters for a row; none where a hole has no value.
    pub(crate) fn fill(&self, value: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
        Some(match self {
            Self::Fixed(value) => value.clone(),
            Self::Hole(template) => template.fill(value)?,
            Self::List(list) => {
                Value::Array(list.iter().map(|w| w.fill(value)).collect::<Option<_>>()?)
            }
            Self::Map(members) => {
                let mut map = Map::with_capacity(members.len());
                for (name, member) in members {
                    map.insert(name.clone(), member.fill(value)?);
                }
                Value::Object(map)
            }
        })
    }

    /// What is wrong with the parameters for the operation: unknown members, missing ones, wrong kinds.
    pub(crate) fn faults(&self, model: &Model, operation: &Operation) -> Vec<String> {
        let mut faults = Vec::new();
        match &operation.input {
            Some(input) => self.check(model, input, "", &mut faults),
            None => {
                if !matches!(self, Self::Map(members) if members.is_empty()) {
                    faults.push(format!("`{}` takes no parameters", operation.name));
                }
            }
        }
        faults
    }

    fn check(&self, model: &Model, target: &Ref, place: &str, faults: &mut Vec<String>) {
        let at = |name: &str| {
            if place.is_empty() {
                name.to_owned()
            } else {
                format!("{place}.{name}")
            }
        };
        match (self, model.kind(target)) {
            // The value's type is only known with the row.
            (Self::Hole(_), _) => {}
            (Self::Map(members), Kind::Structure(structure)) => {
                for (name, member) in members {
                    match structure.members.get(name.as_str()) {
                        Some(known) => member.check(model, &known.target, &at(name), faults),
                        None => {
                            let known: Vec<&str> =
                                structure.members.keys().map(AsRef::as_ref).collect();
                            faults.push(format!(
                                "`{}` is no parameter; there are {}",
                                at(name),
                                known.join(", ")
                            ));
                        }
                    }
                }
                for (name, member) in &structure.members {
                    let given = members.iter().any(|(given, _)| **given == **name);
                    if member.required && !given && !member.target.traits.idempotency_token {
                        faults.push(format!("the required parameter `{}` is missing", at(name)));
                    }
                }
            }
            (Self::Map(members), Kind::Map { value, .. }) => {
                for (name, member) in members {
                    member.check(model, value, &at(name), faults);
                }
            }
            (Self::List(list), Kind::List { member, .. }) => {
                for item in list {
                    item.check(model, member, place, faults);
                }
            }
            (Self::Fixed(Value::String(text)), Kind::String { values }) => {
                if !values.is_empty() && !values.iter().any(|v| **v == **text) {
                    faults.push(format!(
                        "`{place}` can't be `{text}`; it is one of {}",
                        values.join(", ")
                    ));
                }
            }
            (Self::Fixed(Value::Bool(_)), Kind::Boolean)
            | (
                Self::Fixed(Value::Number(_)),
                Kind::Integer | Kind::Long | Kind::Float | Kind::Double,
            )
            | (Self::Fixed(Value::String(_)), Kind::Timestamp | Kind::Blob) => {}
            (_, kind) => faults.push(format!("`{place}` is a {}", kind.word())),
        }
    }
}
