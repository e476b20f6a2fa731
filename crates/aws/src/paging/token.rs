//! The part of JMESPath that botocore's pagers use: `a.b`, `a[-1].b`, `a || b`.

use serde_json::Value;

/// What an expression finds; none if nothing is there.
pub(super) fn find<'v>(output: &'v Value, expression: &str) -> Option<&'v Value> {
    expression
        .split("||")
        .find_map(|path| walk(output, path.trim()).filter(|value| !is_empty(value)))
}

fn walk<'v>(output: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(output, |here, part| {
        let Some((name, index)) = part.split_once('[') else {
            return here.get(part);
        };
        let list = here.get(name)?.as_array()?;
        match index.strip_suffix(']')? {
            "-1" => list.last(),
            index => list.get(index.parse::<usize>().ok()?),
        }
    })
}

/// Nothing, or an empty text: the end of a listing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// True as a boolean or as text.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_of_pagers() {
        let output = json!({
            "NextToken": "", "List": {"Next": "n"}, "Contents": [{"Key": "a"}, {"Key": "b"}], "Shards": [],
        });
        assert_eq!(find(&output, "NextToken"), None);
        assert_eq!(find(&output, "List.Next"), Some(&json!("n")));
        assert_eq!(
            find(&output, "NextMarker || Contents[-1].Key"),
            Some(&json!("b"))
        );
        assert_eq!(find(&output, "NextToken || List.Next"), Some(&json!("n")));
        assert_eq!(find(&output, "Shards[-1].Id"), None);
        assert_eq!(find(&output, "Contents[0].Key"), Some(&json!("a")));
        assert_eq!(find(&output, "Contents[x].Key"), None);
    }
}
