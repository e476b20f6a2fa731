//! The texts of a record's `requestParameters` and `responseElements`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A longer name or ARN is none.
pub(super) const TEXT: usize = 2_048;
/// A longer way to a member is not followed.
const PATH: usize = 256;
/// Members lie no deeper.
const DEEP: usize = 12;
/// Of more members, those that come first are kept.
const MEMBERS: usize = 2_000;
/// More values of one member are not told one by one.
const VALUES: usize = 1_000;

/// Texts by the way to them: names in lower case, with points between; a list stands for each of its members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// No texts: something stands there that is none, or too much.
    members: BTreeMap<String, Option<Vec<String>>>,
    /// Whether some members are not here.
    cut: bool,
}

/// What a record tells of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// It is not there.
    Absent,
    /// It may be there, and what it says is not known.
    Unknown,
    /// All that it says; at least one.
    Values(&'a [String]),
}

impl Parameters {
    pub(super) fn read(value: Option<&Value>) -> Self {
        let mut found = Self::default();
        if let Some(value) = value {
            found.add(String::new(), value, 0, &|_| true);
        }
        found
    }

    /// Only ARNs: an answer can be long.
    pub(super) fn arns(value: Option<&Value>) -> Self {
        let mut found = Self::default();
        if let Some(value) = value {
            found.add(String::new(), value, 0, &|text| text.starts_with("arn:"));
        }
        found
    }

    fn add(&mut self, path: String, value: &Value, depth: usize, keep: &dyn Fn(&str) -> bool) {
        if path.len() > PATH || depth > DEEP {
            self.cut = true;
            return;
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    // Measured before it is copied: a name may be as long as the file.
                    if name.len() > PATH {
                        self.cut = true;
                        continue;
                    }
                    let name = name.to_lowercase();
                    let path = if path.is_empty() {
                        name
                    } else {
                        format!("{path}.{name}")
                    };
                    self.add(path, value, depth + 1, keep);
                }
            }
            Value::Array(list) => {
                for value in list {
                    self.add(path.clone(), value, depth + 1, keep);
                }
            }
            Value::String(text) if text.len() > TEXT => self.put(path, None),
            Value::String(text) if !text.is_empty() && keep(text) => {
                self.put(path, Some(text.clone()));
            }
            Value::Number(number) if keep("") => self.put(path, Some(number.to_string())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn put(&mut self, path: String, text: Option<String>) {
        if self.members.len() >= MEMBERS && !self.members.contains_key(&path) {
            self.cut = true;
            return;
        }
        let values = self.members.entry(path).or_insert_with(|| Some(Vec::new()));
        match (text, values.as_mut()) {
            (Some(text), Some(all)) if all.len() < VALUES => all.push(text),
            _ => *values = None,
        }
    }

    /// What stands at a path, which is in lower case.
    pub(super) fn get(&self, path: &str) -> Told<'_> {
        match self.members.get(path) {
            Some(Some(values)) => Told::Values(values),
            Some(None) => Told::Unknown,
            None if self.cut => Told::Unknown,
            None => Told::Absent,
        }
    }

    /// All texts that are known, with the way to each.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().flat_map(|(path, values)| {
            let values = values.iter().flatten();
            values.map(move |value| (path.as_str(), value.as_str()))
        })
    }
}
