//! A rule set as it is walked: as JSON values, the rules of all services took most of 6 MB.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The endpoint rules of a service.
#[derive(Debug, Deserialize)]
pub struct Rules {
    #[serde(default)]
    pub(super) parameters: IndexMap<Box<str>, Parameter>,
    pub(super) rules: Box<[Rule]>,
}

/// What is said of a parameter.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameter {
    pub(super) built_in: Option<Box<str>>,
    pub(super) default: Option<Value>,
    pub(super) required: bool,
}

/// What is done if all conditions hold.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Rule {
    pub(super) conditions: Box<[Condition]>,
    pub(super) then: Then,
}

#[derive(Debug)]
pub(super) enum Then {
    Tree(Box<[Rule]>),
    Endpoint(Box<Endpoint>),
    Error(Argument),
}

/// A call that must give something, and the name that this gets.
#[derive(Debug, Deserialize)]
pub(super) struct Condition {
    #[serde(rename = "fn")]
    pub(super) function: Box<str>,
    pub(super) argv: Box<[Argument]>,
    pub(super) assign: Option<Box<str>>,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: Box<str>,
    pub(super) argv: Box<[Argument]>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Endpoint {
    pub(super) url: Argument,
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    #[serde(default)]
    pub(super) headers: IndexMap<String, Vec<Argument>>,
}

#[derive(Debug)]
pub(super) enum Argument {
    Call(Box<Call>),
    Reference(Box<str>),
    Template(Box<str>),
    Flag(bool),
    Number(u64),
}

/// A rule as it is written: the type stands beside what it has.
#[derive(Deserialize)]
struct Written {
    conditions: Box<[Condition]>,
    #[serde(rename = "type")]
    kind: Box<str>,
    rules: Option<Box<[Rule]>>,
    endpoint: Option<Box<Endpoint>>,
    error: Option<Argument>,
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(rule: Written) -> Result<Self, String> {
        let missing = || format!("a rule of type `{}` without what it has", rule.kind);
        let then = match &*rule.kind {
            "tree" => Then::Tree(rule.rules.ok_or_else(missing)?),
            "endpoint" => Then::Endpoint(rule.endpoint.ok_or_else(missing)?),
            "error" => Then::Error(rule.error.ok_or_else(missing)?),
            other => return Err(format!("a rule of type `{other}`")),
        };
        Ok(Self {
            conditions: rule.conditions,
            then,
        })
    }
}

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnArgument)
    }
}

struct AnArgument;

impl<'de> Visitor<'de> for AnArgument {
    type Value = Argument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call, a reference, a template, a flag or a number")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Argument, E> {
        Ok(Argument::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Argument, E> {
        Ok(Argument::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Argument, E> {
        Ok(Argument::Template(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Argument, A::Error> {
        let (mut function, mut argv) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "ref" => return Ok(Argument::Reference(map.next_value()?)),
                "fn" => function = Some(map.next_value()?),
                "argv" => argv = Some(map.next_value()?),
                other => return Err(A::Error::custom(format!("`{other}` of an argument"))),
            }
        }
        match (function, argv) {
            (Some(function), Some(argv)) => Ok(Argument::Call(Box::new(Call { function, argv }))),
            _ => Err(A::Error::custom(
                "an argument that is neither `fn` nor `ref`",
            )),
        }
    }
}
