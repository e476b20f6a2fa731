//! Form bodies of the query and ec2 protocols.

use super::scalar;
use super::uri;
use crate::model::{Kind, Model, Ref, Structure, TimestampFormat, Traits};
use serde_json::Value;

/// A form, key by key.
pub(super) struct Form<'m> {
    model: &'m Model,
    ec2: bool,
    body: String,
}

impl<'m> Form<'m> {
    pub(super) fn new(model: &'m Model, ec2: bool, action: &str) -> Self {
        let mut form = Self {
            model,
            ec2,
            body: String::new(),
        };
        form.pair("Action", action);
        form.pair("Version", &model.metadata.api_version);
        form
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.body.into_bytes()
    }

    pub(super) fn structure(&mut self, structure: &Structure, given: &Value, prefix: &str) {
        for (name, member) in &structure.members {
            match given.get(&**name) {
                None | Some(Value::Null) => {}
                Some(given) => {
                    let key = self.key(&member.target.traits, name);
                    let key = if prefix.is_empty() {
                        key
                    } else {
                        format!("{prefix}.{key}")
                    };
                    self.value(&member.target, given, &key);
                }
            }
        }
    }

    /// ec2 has names of its own for requests, and otherwise a capital first letter.
    fn key(&self, traits: &Traits, name: &str) -> String {
        match (&traits.query_name, &traits.location_name) {
            (Some(name), _) if self.ec2 => name.to_string(),
            (_, Some(name)) if self.ec2 => capital(name),
            (_, Some(name)) => name.to_string(),
            (_, None) => name.to_owned(),
        }
    }

    fn value(&mut self, target: &Ref, given: &Value, key: &str) {
        let flattened = target.traits.flattened;
        match (self.model.kind(target), given) {
            (Kind::Structure(structure), _) => self.structure(structure, given, key),
            (Kind::List { member, .. }, Value::Array(list)) => {
                self.list(member, flattened, list, key);
            }
            (
                Kind::Map {
                    key: name, value, ..
                },
                Value::Object(map),
            ) => {
                let base = if flattened {
                    key.to_owned()
                } else {
                    format!("{key}.entry")
                };
                let name = name.traits.location_name.as_deref().unwrap_or("key");
                let last = value.traits.location_name.as_deref().unwrap_or("value");
                for (at, (key, given)) in map.iter().enumerate() {
                    let base = format!("{base}.{}", at + 1);
                    self.pair(&format!("{base}.{name}"), key);
                    self.value(value, given, &format!("{base}.{last}"));
                }
            }
            (kind, given) => {
                let format = target
                    .traits
                    .timestamp_format
                    .unwrap_or(TimestampFormat::Iso8601);
                if let Some(text) = scalar::text(given, kind, format) {
                    self.pair(key, &text);
                }
            }
        }
    }

    fn list(&mut self, member: &Ref, flattened: bool, list: &[Value], key: &str) {
        if list.is_empty() && !self.ec2 {
            // "Set to nothing", which is not "leave as it is".
            self.pair(key, "");
        }
        let name = member.traits.location_name.as_deref();
        let base = match (self.ec2, flattened, name) {
            (true, ..) | (_, true, None) => key.to_owned(),
            (_, true, Some(name)) => match key.rsplit_once('.') {
                Some((parent, _)) => format!("{parent}.{name}"),
                None => name.to_owned(),
            },
            (_, false, name) => format!("{key}.{}", name.unwrap_or("member")),
        };
        for (at, given) in list.iter().enumerate() {
            self.value(member, given, &format!("{base}.{}", at + 1));
        }
    }

    fn pair(&mut self, key: &str, value: &str) {
        if !self.body.is_empty() {
            self.body.push('&');
        }
        uri::encode(&mut self.body, key);
        self.body.push('=');
        uri::encode(&mut self.body, value);
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
