//! Inputs against the model, before anything is written: so a wrong table definition is told by
//! member and not by a service's refusal.

use super::error::WireError;
use super::scalar;
use crate::model::{Kind, Model, Operation, Ref, Structure};
use serde_json::{Map, Value};

/// Deeper inputs are nobody's: the deepest in AWS's models that do not recurse have 15 levels.
const DEPTH: usize = 64;

/// Checks the input of an operation.
pub(super) fn check(model: &Model, op: &Operation, input: &Value) -> Result<(), WireError> {
    let wrong = |path: String, fault: String| Err(WireError::input(op, path, fault));
    let Value::Object(given) = input else {
        return wrong(String::new(), "the input is not an object".into());
    };
    let checker = Checker { model };
    let fault = match model.input(op) {
        Some(structure) => checker.structure(structure, given, DEPTH).err(),
        None => given
            .keys()
            .next()
            .map(|name| Fault::new("it takes no input").under(name)),
    };
    fault.map_or(Ok(()), |fault| wrong(fault.path, fault.words))
}

struct Checker<'m> {
    model: &'m Model,
}

/// The path grows from the inside out, on the way back from the fault.
struct Fault {
    path: String,
    words: String,
}

impl Fault {
    fn new(words: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            words: words.into(),
        }
    }

    fn under(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl Checker<'_> {
    fn structure(
        &self,
        structure: &Structure,
        given: &Map<String, Value>,
        depth: usize,
    ) -> Result<(), Fault> {
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let Some(member) = structure.members.get(name.as_str()) else {
                return Err(Fault::new("there is no such member").under(name));
            };
            self.value(&member.target, value, depth)
                .map_err(|fault| fault.under(name))?;
        }
        let missing = structure.members.iter().find(|(name, member)| {
            member.required && given.get(&***name).is_none_or(Value::is_null)
        });
        if let Some((name, _)) = missing {
            return Err(Fault::new("required, but missing").under(name));
        }
        let set = given.values().filter(|value| !value.is_null()).count();
        if structure.union && set != 1 {
            return Err(Fault::new(format!("a union has one member, not {set}")));
        }
        Ok(())
    }

    fn value(&self, target: &Ref, value: &Value, depth: usize) -> Result<(), Fault> {
        let kind = self.model.kind(target);
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Fault::new(format!("nested more than {DEPTH} times")));
        };
        let fits = match (kind, value) {
            (Kind::Structure(structure), _) if structure.document => true,
            (Kind::Structure(structure), Value::Object(given)) => {
                return self.structure(structure, given, depth);
            }
            (Kind::List { member, sparse }, Value::Array(list)) => {
                return self.list(member, *sparse, list, depth);
            }
            (
                Kind::Map {
                    value: target,
                    sparse,
                    ..
                },
                Value::Object(map),
            ) => {
                for (key, value) in map
                    .iter()
                    .filter(|(_, value)| !(*sparse && value.is_null()))
                {
                    self.value(target, value, depth)
                        .map_err(|fault| fault.under(key))?;
                }
                return Ok(());
            }
            (Kind::String { .. }, value) => value.is_string() || target.traits.jsonvalue,
            (Kind::Integer | Kind::Long, Value::Number(number)) => !number.is_f64(),
            (Kind::Float | Kind::Double, Value::Number(_)) => true,
            (Kind::Float | Kind::Double, Value::String(text)) => scalar::is_special(text),
            (Kind::Boolean, value) => value.is_boolean(),
            (Kind::Timestamp, value) => scalar::timestamp_of(value).is_some(),
            (Kind::Blob, Value::String(text)) => scalar::is_base64(text),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let wanted = match kind {
            Kind::Timestamp => "timestamp (RFC 3339 text or seconds)",
            Kind::Blob => "blob (base64 text)",
            kind => kind.word(),
        };
        Err(Fault::new(format!(
            "must be a {wanted}, not {}",
            word(value)
        )))
    }

    fn list(&self, member: &Ref, sparse: bool, list: &[Value], depth: usize) -> Result<(), Fault> {
        for (at, value) in list.iter().enumerate() {
            if !(sparse && value.is_null()) {
                let fault = |fault: Fault| fault.under(&format!("[{at}]"));
                self.value(member, value, depth).map_err(fault)?;
            }
        }
        Ok(())
    }
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
