//! `policy_allows_everything(text)`: whether a statement of an identity policy is full administration by itself.

use super::known::Known;
use arrow::array::{BooleanArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, cast::as_string_array};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use palisade_iam::model::{Actions, Effect, Resources, Statement};
use palisade_iam::parse::{Mode, PolicyKind, read_policy};
use std::sync::Arc;

/// Whether a statement allows all actions on all resources (Security Hub's IAM.1). All but some are all, unless IAM is
/// among those that are left out. What the policy denies elsewhere takes nothing away: it can be got around.
/// Null for null, for text that is no policy, and where such a statement has conditions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct PolicyAllowsEverything {
    signature: Signature,
    known: Known<bool>,
}

impl PolicyAllowsEverything {
    pub(in crate::functions) fn new() -> Self {
        Self {
            signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
            known: Known::default(),
        }
    }
}

impl ScalarUDFImpl for PolicyAllowsEverything {
    fn name(&self) -> &'static str {
        "policy_allows_everything"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let Some(arg) = args.args.into_iter().next() else {
            return datafusion::common::plan_err!("`policy_allows_everything` takes a text");
        };
        let array = arg.into_array(rows)?;
        let texts: &StringArray = as_string_array(&array)?;
        let answers: BooleanArray = texts
            .iter()
            .map(|text| self.known.find(text?, everything))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(answers)))
    }
}

fn everything(text: &str) -> Option<bool> {
    let policy = read_policy(text, PolicyKind::Identity, Mode::Lenient)
        .ok()?
        .policy;
    let mut wide = policy.statements.iter().filter(|s| is_wide(s)).peekable();
    if wide.peek().is_none() {
        return Some(false);
    }
    wide.any(|s| s.conditions.is_empty()).then_some(true)
}

fn is_wide(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && all_actions(&statement.actions)
        && statement.resources.as_ref().is_some_and(all_resources)
}

fn all_actions(actions: &Actions) -> bool {
    let mut patterns = actions.patterns.iter().map(|pattern| pattern.text());
    if actions.negated {
        return !patterns.any(|pattern| pattern == "iam:*" || every_action(pattern));
    }
    patterns.any(every_action)
}

/// `*` and `*:*`, with any number of stars.
fn every_action(pattern: &str) -> bool {
    let (service, action) = pattern.split_once(':').unwrap_or((pattern, "*"));
    stars(service) && stars(action)
}

fn all_resources(resources: &Resources) -> bool {
    let mut patterns = resources.patterns.iter();
    resources.negated != patterns.any(|pattern| every_resource(pattern.text()))
}

/// `*`, `arn:*` and all ARNs of a partition: `arn:aws:*:*`.
fn every_resource(pattern: &str) -> bool {
    let Some(arn) = pattern.strip_prefix("arn:") else {
        return stars(pattern);
    };
    match arn.split_once(':') {
        None => stars(arn),
        Some((partition, rest)) => {
            (stars(partition) || partition.starts_with("aws")) && rest.split(':').all(stars)
        }
    }
}

fn stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statement: &str) -> Option<bool> {
        everything(&format!(
            r#"{{"Version":"2012-10-17","Statement":{statement}}}"#
        ))
    }

    fn allow(what: &str) -> Option<bool> {
        of(&format!(r#"[{{"Effect":"Allow",{what}}}]"#))
    }

    #[test]
    fn everything_in_every_spelling() {
        for what in [
            r#""Action":"*","Resource":"*""#,
            r#""Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::a","arn:aws:*"]"#,
            r#""Action":"**","Resource":"arn:*:*:*:*:*""#,
            r#""Action":"*","Resource":"arn:aws-cn:*:*:*:*""#,
            r#""Action":"*","NotResource":"arn:aws:s3:::a""#,
            r#""NotAction":"account:*","Resource":"*""#,
            r#""NotAction":"IAM:CreateUser","Resource":"*""#,
            r#""Action":"*","Resource":"*","Condition":{}"#,
        ] {
            assert_eq!(allow(what), Some(true), "{what}");
        }
        assert_eq!(
            of(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#),
            Some(true)
        );
    }

    #[test]
    fn less_than_everything() {
        for what in [
            r#""Action":"s3:*","Resource":"*""#,
            r#""Action":"*s3:*","Resource":"*""#,
            r#""Action":"*:Get*","Resource":"*""#,
            r#""Action":"*","Resource":"arn:*:s3:::reports/*""#,
            r#""Action":"*","Resource":"arn:aws:*:eu-west-1:*""#,
            r#""Action":"*","NotResource":"*""#,
            r#""NotAction":["Iam:*","organizations:*"],"Resource":"*""#,
            r#""NotAction":"*","Resource":"*""#,
        ] {
            assert_eq!(allow(what), Some(false), "{what}");
        }
        assert_eq!(
            of(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#),
            Some(false)
        );
    }

    #[test]
    fn conditions_leave_it_open_unless_another_statement_has_none() {
        let bound = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#;
        assert_eq!(of(bound), None);
        let open = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        assert_eq!(of(&format!("[{bound},{open}]")), Some(true));
    }

    #[test]
    fn what_is_no_policy_is_no_answer() {
        for text in ["", "<html>", "null", "[]", r#"{"Statement":[7]}"#] {
            assert_eq!(everything(text), None, "{text}");
        }
        assert_eq!(everything(&"[".repeat(100_000)), None);
    }
}
