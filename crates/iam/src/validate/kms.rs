//! Condition keys whose values are KMS keys.

use super::statement::Condition;
use super::{Code, Findings};
use crate::authorization::{KeyType, opened};
use crate::model::{Operator, Test};

/// "Key ARN" (AWS KMS Developer Guide): an alias or a bare id is not what requests carry in these keys.
pub(super) fn check(
    condition: &Condition<'_>,
    operator: &Operator,
    kind: KeyType,
    found: &mut Findings<'_>,
) {
    let lower = condition.lower.as_str();
    let is_key = !lower.starts_with("kms:")
        && matches!(kind, KeyType::Arn | KeyType::ArrayOfArn)
        && (lower.contains("kmskey") || lower.contains("kms-key"));
    if !is_key || !matches!(operator.test, Test::Text(_) | Test::Arn) {
        return;
    }
    for (at, text) in condition.texts() {
        if !may_be_key(&opened(text)) {
            found.suggest(
                Code::InvalidKmsKeyValue,
                at,
                format!(
                    "`{text}` is no ARN of a KMS key, as `{}` has it",
                    condition.key
                ),
                "write arn:aws:kms:REGION:ACCOUNT:key/KEY-ID",
            );
        }
    }
}

/// Whether a key's ARN can match: a wildcard may stand for any part and any number of parts.
fn may_be_key(text: &str) -> bool {
    let open = |part: &str| part.contains(['*', '?']);
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, _, service, region, account, resource] = parts.as_slice() else {
        return open(text);
    };
    *prefix == "arn"
        && (*service == "kms" || open(service))
        && !region.is_empty()
        && !account.is_empty()
        && (open(resource)
            && (resource.starts_with(['*', '?', 'k']) || resource.starts_with("key/"))
            || resource
                .strip_prefix("key/")
                .is_some_and(|id| !id.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_arn() {
        for text in [
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            "arn:aws:kms:*:*:key/*",
            "arn:*:kms:eu-west-1:111122223333:*",
            "*",
            "arn:aws:kms:*",
        ] {
            assert!(may_be_key(text), "{text}");
        }
        for text in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "alias/app",
            "arn:aws:kms:eu-west-1:111122223333:alias/app",
            "arn:aws:kms:eu-west-1:111122223333:alias/*",
            "arn:aws:kms:eu-west-1:111122223333:key/",
            "arn:aws:kms::111122223333:key/1",
            "arn:aws:s3:::b",
        ] {
            assert!(!may_be_key(text), "{text}");
        }
    }
}
