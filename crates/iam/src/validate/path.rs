//! The way from a document's root to a place in it, as Access Analyzer tells it ("PathElement", IAM Access Analyzer API
//! Reference).

use crate::model::Position;
use crate::parse::json::{self, Json, Node};

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a list, from 0.
    Index(usize),
    /// To the name of an object's member.
    Key(String),
    /// To the value of an object's member.
    Value(String),
}

/// A document in which places are looked up.
#[derive(Debug)]
pub struct Paths {
    root: Option<Node>,
}

impl Paths {
    /// Of a text that is no JSON every way is empty.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            root: json::read(text).ok(),
        }
    }

    /// The way to what starts at the place.
    #[must_use]
    pub fn path(&self, at: Position) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut here = self.root.as_ref();
        // What a value holds stands behind its start, in order: the last that starts before the place holds it.
        while let Some(node) = here
            && node.at < at
        {
            here = match &node.value {
                Json::List(nodes) => {
                    let before = nodes.partition_point(|inner| inner.at <= at);
                    let index = before.checked_sub(1);
                    steps.extend(index.map(Step::Index));
                    index.and_then(|index| nodes.get(index))
                }
                Json::Object(members) => {
                    let before = members.partition_point(|member| member.at <= at);
                    let member = before.checked_sub(1).and_then(|last| members.get(last));
                    match member {
                        Some(member) if member.value.at <= at => {
                            steps.push(Step::Value(member.name.clone()));
                            Some(&member.value)
                        }
                        Some(member) => {
                            steps.push(Step::Key(member.name.clone()));
                            None
                        }
                        None => None,
                    }
                }
                _ => None,
            };
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Step {
        Step::Value(name.to_owned())
    }

    #[test]
    fn the_way_to_a_value_and_to_a_name() {
        let text = "{\"Version\": \"2012-10-17\",\n\"Statement\": [{}, {\"Action\": [\"a\", \"b\"],\n\"Condition\": {\"Bool\": {\"aws:x\": 1}}}]}";
        let paths = Paths::new(text);
        let path = |line, column| paths.path(Position { line, column });
        assert_eq!(path(1, 1), []);
        assert_eq!(path(1, 2), [Step::Key("Version".to_owned())]);
        assert_eq!(path(1, 13), [value("Version")]);
        assert_eq!(path(2, 19), [value("Statement"), Step::Index(1)]);
        assert_eq!(
            path(2, 36),
            [
                value("Statement"),
                Step::Index(1),
                value("Action"),
                Step::Index(1)
            ]
        );
        assert_eq!(
            path(3, 24),
            [
                value("Statement"),
                Step::Index(1),
                value("Condition"),
                value("Bool"),
                Step::Key("aws:x".to_owned())
            ]
        );
        assert_eq!(Paths::new("{").path(Position { line: 1, column: 2 }), []);
    }
}
