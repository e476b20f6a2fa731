//! Answers as rows.

use super::super::Made;
use palisade_iam::estate::{
    Administrator, Estate, External, ExternalTo, KeyUse, administrators as all_administrators,
};
use palisade_iam::simulate::witness;
use serde_json::{Map, Value, json};

pub(super) type Row = Map<String, Value>;

pub(super) fn row(value: Value) -> Option<Row> {
    match value {
        Value::Object(row) => Some(row),
        _ => None,
    }
}

/// A row of `iam_external_access`.
pub(super) fn external(found: External) -> Option<Row> {
    let mut row = row(json!({
        "account_id": found.account,
        "region": found.region,
        "arn": found.resource,
        "name": last(&found.resource),
        "resource_type": found.kind,
    }))?;
    match found.to {
        ExternalTo::Unknown(why) => {
            row.insert("unknown".to_owned(), why.into());
        }
        ExternalTo::Somebody {
            principal: (kind, name),
            public,
            actions,
            source,
        } => {
            row.insert("principal_type".to_owned(), kind.into());
            row.insert("principal".to_owned(), name.into());
            row.insert("is_public".to_owned(), public.into());
            row.insert("source".to_owned(), source.into());
            let names: Vec<&String> = actions.keys().collect();
            row.insert("actions".to_owned(), json!(names));
            if let Some(found) = actions.values().next() {
                let request = witness(found, true);
                let keys: Vec<String> = request
                    .get("context")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|context| context.keys().cloned())
                    .collect();
                row.insert("condition_keys".to_owned(), json!(keys));
                row.insert("witness".to_owned(), request.to_string().into());
            }
        }
    }
    Some(row)
}

pub(super) fn last(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

/// A row of `kms_key_access`.
pub(super) fn key(found: &KeyUse<'_>) -> Option<Row> {
    row(json!({
        "account_id": found.key.account,
        "region": found.key.region,
        "arn": found.key.arn,
        "name": last(&found.key.arn),
        "principal": found.principal,
        "can_encrypt": found.encrypt.ok(),
        "can_decrypt": found.decrypt.ok(),
        "unknown": found.encrypt.err().or(found.decrypt.err()),
    }))
}

/// Rows of `iam_effective_admin`.
pub(super) fn administrators(estate: &Estate, made: &mut Made) {
    let one = |found: Administrator<'_>| {
        let told = |answer: &Result<bool, String>| answer.as_ref().ok().copied();
        let unknown = found.everything.as_ref().err().or(found.iam.as_ref().err());
        let policies: Vec<&str> = found
            .subject
            .identity
            .iter()
            .map(|policy| policy.name.as_str())
            .collect();
        row(json!({
            "account_id": found.subject.account,
            "arn": found.subject.arn,
            "name": last(&found.subject.arn),
            "is_administrator": told(&found.everything),
            "is_iam_administrator": told(&found.iam),
            "policies": policies,
            "boundary": found.subject.boundaries.first().map(|policy| &policy.name),
            "unknown": unknown,
        }))
    };
    made.extend(all_administrators(estate).into_iter().filter_map(one));
}
