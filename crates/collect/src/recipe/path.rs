//! Dotted paths into an answer: `Reservations[].Instances`.

use palisade_aws::model::{Kind, Model, Ref};
use serde_json::Value;

/// A path into an answer. Lists on the way are gone through; a map is entered by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// Names of members or keys, the outermost first.
    pub(crate) steps: Vec<String>,
    /// The path ends with `[]`: what is meant is each member of the list.
    pub(crate) each: bool,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Self {
        Self {
            steps: text
                .split('.')
                .map(|step| step.trim_end_matches("[]").to_owned())
                .filter(|step| !step.is_empty())
                .collect(),
            each: text.ends_with("[]"),
        }
    }

    /// The shape at the end.
    ///
    /// # Errors
    /// A message that names the member that is not there, and those that are.
    pub(crate) fn shape<'m>(&self, model: &'m Model, from: &'m Ref) -> Result<&'m Ref, String> {
        let mut here = from;
        for step in &self.steps {
            while let Kind::List { member, .. } = model.kind(here) {
                here = member;
            }
            here = match model.kind(here) {
                Kind::Structure(structure) => match structure.members.get(step.as_str()) {
                    Some(member) => &member.target,
                    None => {
                        let known: Vec<&str> =
                            structure.members.keys().map(AsRef::as_ref).collect();
                        return Err(format!(
                            "no member `{step}`; there are {}",
                            known.join(", ")
                        ));
                    }
                },
                Kind::Map { value, .. } => value,
                other => {
                    return Err(format!("`{step}` can't be a member of a {}", other.word()));
                }
            };
        }
        if self.each {
            return match model.kind(here) {
                Kind::List { member, .. } => Ok(member),
                other => Err(format!("ends with `[]`, but is a {}", other.word())),
            };
        }
        Ok(here)
    }

    /// The values at the end, in order: one, or as many as the lists on the way give.
    pub(crate) fn values(&self, from: Value) -> Vec<Value> {
        let mut here = vec![from];
        for step in &self.steps {
            let mut next = Vec::with_capacity(here.len());
            for value in here {
                enter(value, step, &mut next);
            }
            here = next;
        }
        if self.each {
            here = here.into_iter().flat_map(members).collect();
        }
        here
    }

    /// The members of the lists at the end, in order.
    pub(crate) fn rows(&self, from: Value) -> Vec<Value> {
        self.values(from).into_iter().flat_map(members).collect()
    }
}

fn enter(value: Value, step: &str, into: &mut Vec<Value>) {
    match value {
        Value::Object(mut map) => {
            if let Some(found) = map.swap_remove(step) {
                into.push(found);
            }
        }
        Value::Array(list) => {
            for value in list {
                enter(value, step, into);
            }
        }
        _ => {}
    }
}

fn members(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_on_the_way_are_gone_through() {
        let answer = json!({"R": [{"I": [{"a": 1}, {"a": 2}]}, {}, {"I": [{"a": 3}]}]});
        assert_eq!(
            Path::parse("R[].I").rows(answer.clone()),
            [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})]
        );
        assert_eq!(
            Path::parse("R[].I[].a").rows(answer.clone()),
            [json!(1), json!(2), json!(3)]
        );
        assert_eq!(Path::parse("R[].I[]").values(answer.clone()).len(), 3);
        assert!(Path::parse("X.Y").values(answer).is_empty());
    }
}
