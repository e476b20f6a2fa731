//! Texts with holes: `"arn:{partition}:sqs:{region}:{account_id}:{queue_name}"`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text whose `{column}` parts are filled from a row. Braces that are to stay are doubled. `{/column}` stands for the
/// value with one slash before it, whether or not it has one: how names become paths in ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(String),
    /// A hole whose value begins with a slash.
    Path(String),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// A message that says what is wrong, when a brace is not closed or a hole is empty.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut chars = source.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' if chars.peek() == Some(&'{') => {
                    chars.next();
                    text.push('{');
                }
                '}' if chars.peek() == Some(&'}') => {
                    chars.next();
                    text.push('}');
                }
                '{' => {
                    let mut name = String::new();
                    let path = chars.next_if_eq(&'/').is_some();
                    loop {
                        match chars.next() {
                            Some('}') => break,
                            Some(c) if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
                            Some(c) => {
                                return Err(format!(
                                    "`{c}` in the hole `{{{name}`: a column name has letters, digits and `_`"
                                ));
                            }
                            None => return Err(format!("the hole `{{{name}` is not closed")),
                        }
                    }
                    if name.is_empty() {
                        return Err("`{}` names no column".to_owned());
                    }
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    parts.push(if path {
                        Part::Path(name)
                    } else {
                        Part::Hole(name)
                    });
                }
                c => text.push(c),
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// The columns that it needs.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| match p {
            Part::Hole(name) | Part::Path(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text as written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Fills the holes. `None` when a value is missing or null. A template that is one hole alone gives the value
    /// with its own type; otherwise the result is text.
    #[must_use]
    pub fn fill(&self, mut value: impl FnMut(&str) -> Option<Value>) -> Option<Value> {
        if let [Part::Hole(name)] = self.parts.as_slice() {
            return value(name).filter(|v| !v.is_null());
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(t) => text.push_str(t),
                Part::Hole(name) => match value(name)? {
                    Value::Null => return None,
                    Value::String(s) => text.push_str(&s),
                    other => text.push_str(&other.to_string()),
                },
                Part::Path(name) => match value(name)? {
                    Value::Null => return None,
                    Value::String(s) => {
                        text.push('/');
                        text.push_str(s.strip_prefix('/').unwrap_or(&s));
                    }
                    other => {
                        text.push('/');
                        text.push_str(&other.to_string());
                    }
                },
            }
        }
        Some(Value::String(text))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::parse(&source).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(template: &str) -> Option<Value> {
        Template::parse(template).unwrap().fill(|name| match name {
            "n" => Some(json!(5)),
            "plain" => Some(json!("a/b")),
            "slashed" => Some(json!("/a/b")),
            "list" => Some(json!(["a"])),
            "null" => Some(Value::Null),
            _ => None,
        })
    }

    #[test]
    fn holes_are_filled_and_types_kept() {
        assert_eq!(fill("a-{n}-{{b}}"), Some(json!("a-5-{b}")));
        assert_eq!(fill("{list}"), Some(json!(["a"])));
        assert_eq!(fill("{n}"), Some(json!(5)));
        assert_eq!(fill("parameter{/plain}"), Some(json!("parameter/a/b")));
        assert_eq!(fill("parameter{/slashed}"), Some(json!("parameter/a/b")));
        assert_eq!(fill("{/n}"), Some(json!("/5")));
        assert_eq!(fill("{/null}"), None);
        assert_eq!(fill("x{null}"), None);
        assert_eq!(fill("{null}"), None);
        assert_eq!(fill("{other}"), None);
    }

    #[test]
    fn a_wrong_template_is_told() {
        assert!(
            Template::parse("a{b")
                .unwrap_err()
                .contains("is not closed")
        );
        assert!(Template::parse("{}").unwrap_err().contains("no column"));
        assert!(Template::parse("{a b}").unwrap_err().contains("` `"));
    }
}
