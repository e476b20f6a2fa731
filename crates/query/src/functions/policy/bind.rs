//! Conditions that bind the caller.

use serde_json::{Map, Value};

/// Keys whose fixed value is an account, an organization, a VPC or an endpoint.
const EXACT: [&str; 10] = [
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "aws:vpceaccount",
];

/// Keys whose value is a path that begins with an organization: `o-a1b2/r-ab12/ou-ab12/*`.
const PATHS: [&str; 2] = ["aws:principalorgpaths", "aws:sourceorgpaths"];

/// Keys whose value is an ARN, which names an account.
const ARNS: [&str; 3] = ["aws:sourcearn", "aws:principalarn", "aws:sourcevpcarn"];

/// Whether one of the conditions (all must hold) binds the caller to an account, organization or source.
///
/// `...IfExists` and `ForAllValues:` hold for a request without the key, so they bind nobody:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
pub(super) fn binds(condition: &Map<String, Value>) -> bool {
    any(condition, |operator, key, values| {
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(operator);
        match operator {
            "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" => {
                is_fixed(key, values)
            }
            // A file system's callers then come through a mount target, which lies in a VPC.
            "bool" => {
                key == "elasticfilesystem:accessedviamounttarget"
                    && texts(values)
                        .is_some_and(|v| !v.is_empty() && v.iter().all(|x| *x == "true"))
            }
            _ => false,
        }
    })
}

/// Whether a deny on these conditions (all must hold) shuts out all but an account, organization or source.
pub(super) fn excludes_strangers(condition: &Map<String, Value>) -> bool {
    any(condition, |operator, key, values| {
        // A negated operator holds for a request without the key, with or without `IfExists`.
        let operator = operator.strip_suffix("ifexists").unwrap_or(operator);
        matches!(
            operator,
            "stringnotequals"
                | "stringnotequalsignorecase"
                | "stringnotlike"
                | "arnnotequals"
                | "arnnotlike"
        ) && is_fixed(key, values)
    })
}

/// A text, or a list of texts (or booleans, which policies may write bare).
pub(super) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        one => text(one).map(|t| vec![t]),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        _ => None,
    }
}

fn any(condition: &Map<String, Value>, test: impl Fn(&str, &str, &Value) -> bool) -> bool {
    condition.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        keys.as_object().is_some_and(|keys| {
            keys.iter()
                .any(|(key, values)| test(&operator, &key.to_ascii_lowercase(), values))
        })
    })
}

/// Whether every value of the key names one account, organization or source.
fn is_fixed(key: &str, values: &Value) -> bool {
    let Some(values) = texts(values) else {
        return false;
    };
    !values.is_empty()
        && values.iter().all(|value| {
            if EXACT.contains(&key) {
                is_plain(value)
            } else if PATHS.contains(&key) {
                value.split('/').next().is_some_and(is_plain) && !value.contains('$')
            } else if ARNS.contains(&key) {
                names_account(value)
            } else {
                false
            }
        })
}

/// No wildcard, and no variable that the caller fills in (`${aws:PrincipalAccount}` equals itself).
fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.contains(['*', '?', '$'])
}

/// The account of the ARN is fixed, or it is a bucket, whose name is one of a kind.
fn names_account(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(_), Some(service), Some(_), Some(account), Some(resource)) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    is_plain(account) || (service == "s3" && is_plain(resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_binds() {
        for text in [
            r#"{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":["111122223333","222233334444"]}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a/*"]}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
            r#"{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}}"#,
            r#"{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
        ] {
            assert!(binds(&read(text)), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it() {
        for text in [
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a"}}"#,
            r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":["o-a/r"]}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}"#,
            r#"{"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":["111122223333","*"]}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":[]}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":""}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":7}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"*"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#,
            r#"{"StringLike":{"aws:PrincipalOrgPaths":"*/r-1"}}"#,
            r#"{"StringEquals":["aws:SourceAccount"]}"#,
            r#"{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"false"}}"#,
        ] {
            assert!(!binds(&read(text)), "{text}");
        }
    }
}
