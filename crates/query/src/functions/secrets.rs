//! `secret_kinds(text)`: which kinds of secrets the redaction found anywhere in a JSON text.

use arrow::array::{Array, ListBuilder, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, cast::as_string_array};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The distinct kinds in objects of the form `{"redacted": true, "kinds": ["aws-access-key"]}`, sorted.
/// Null for null and for text that is not JSON: what can't be read can't be judged.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SecretKinds {
    signature: Signature,
}

impl SecretKinds {
    pub(super) fn new() -> Self {
        Self {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for SecretKinds {
    fn name(&self) -> &'static str {
        "secret_kinds"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new(
            "item",
            DataType::Utf8,
            true,
        ))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let Some(arg) = args.args.into_iter().next() else {
            return datafusion::common::plan_err!("`secret_kinds` takes a text");
        };
        let array = arg.into_array(rows)?;
        let texts: &StringArray = as_string_array(&array)?;
        let mut lists = ListBuilder::new(StringBuilder::new());
        for i in 0..texts.len() {
            match (!texts.is_null(i)).then(|| kinds(texts.value(i))).flatten() {
                Some(kinds) => {
                    for kind in kinds {
                        lists.values().append_value(kind);
                    }
                    lists.append(true);
                }
                None => lists.append(false),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

fn kinds(text: &str) -> Option<BTreeSet<String>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mut kinds = BTreeSet::new();
    // The reader bounds the depth, so this recursion is bounded too.
    collect(&value, &mut kinds);
    Some(kinds)
}

fn collect(value: &Value, kinds: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if members.get("redacted") == Some(&Value::Bool(true))
                && let Some(Value::Array(list)) = members.get("kinds")
            {
                kinds.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            for member in members.values() {
                collect(member, kinds);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, kinds);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_at_any_depth() {
        let text = r#"{"A":{"redacted":true,"kinds":["b","a"]},"B":[{"x":{"redacted":true,"kinds":["a"]}}],"kinds":["no"]}"#;
        let found: Vec<String> = kinds(text).unwrap().into_iter().collect();
        assert_eq!(found, ["a", "b"]);
        assert!(kinds("{}").unwrap().is_empty());
        assert!(kinds("not json").is_none());
    }
}
