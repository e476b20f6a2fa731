//! Who owns what, by tags.

use crate::failure::Failure;
use crate::house::House;
use palisade_query::Session;
use serde_json::Value;
use std::collections::BTreeSet;

/// The tag that says it where no other key is named.
const KEY: &str = "owner";
/// Columns that hold a resource's tags.
const COLUMNS: [&str; 4] = ["tags", "tag_list", "tag_set", "tags_list"];

/// A tag that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    key: String,
    value: String,
}

impl Owner {
    /// `KEY=VALUE`, or the value alone.
    pub(crate) fn parse(text: &str) -> Self {
        let (key, value) = text.split_once('=').unwrap_or((KEY, text));
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    /// The resources of a snapshot that carry the tag, by ARN.
    pub(crate) fn resources(
        &self,
        session: &Session,
        house: &House,
    ) -> Result<BTreeSet<String>, Failure> {
        let mut owned = BTreeSet::new();
        for (table, schema) in house.schemas() {
            for column in COLUMNS.iter().filter(|c| schema.column(c).is_some()) {
                let sql = format!("select arn, {column} as tags from {table}");
                for row in session.rows(&sql)? {
                    let arn = row.get("arn").and_then(Value::as_str);
                    let tags = row.get("tags");
                    if let (Some(arn), Some(tags)) = (arn, tags)
                        && self.is_in(tags)
                    {
                        owned.insert(arn.to_owned());
                    }
                }
            }
        }
        if owned.is_empty() {
            return Err(Failure::usage(format!(
                "no resource of the snapshot carries the tag `{}` with the value `{}`",
                self.key, self.value
            ))
            .hint(
                "`--owner KEY=VALUE` names another tag; tags that were not collected are not seen",
            ));
        }
        Ok(owned)
    }

    /// Services spell tags as a list of keys and values, or as a map; the key's case differs from team to team.
    fn is_in(&self, tags: &Value) -> bool {
        let same =
            |key: &str, value: &str| key.eq_ignore_ascii_case(&self.key) && value == self.value;
        match tags {
            Value::Array(list) => list.iter().any(|tag| {
                let text = |names: [&str; 2]| {
                    let found = names.iter().find_map(|name| tag.get(name));
                    found.and_then(Value::as_str).unwrap_or_default()
                };
                same(text(["key", "tag_key"]), text(["value", "tag_value"]))
            }),
            Value::Object(map) => map
                .iter()
                .any(|(key, value)| value.as_str().is_some_and(|value| same(key, value))),
            Value::String(text) => serde_json::from_str(text)
                .is_ok_and(|inner: Value| !inner.is_string() && self.is_in(&inner)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tag_is_found_however_a_service_spells_it() {
        let owner = Owner::parse("payments");
        assert!(owner.is_in(&json!([{ "key": "Owner", "value": "payments" }])));
        assert!(owner.is_in(&json!([{ "tag_key": "owner", "tag_value": "payments" }])));
        assert!(owner.is_in(&json!({ "owner": "payments" })));
        assert!(owner.is_in(&json!("{\"owner\":\"payments\"}")));
        assert!(!owner.is_in(&json!([{ "key": "team", "value": "payments" }])));
        assert!(!owner.is_in(&json!("payments")));
        let team = Owner::parse("team=payments");
        assert!(team.is_in(&json!([{ "key": "team", "value": "payments" }])));
        assert!(!team.is_in(&json!([{ "key": "team", "value": "Payments" }])));
    }
}
