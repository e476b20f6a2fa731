//! Fewer words, the same access.
#![cfg(test)]

use palisade_iam::analyse::{Comparison, Grammar, compare};
use palisade_iam::minimise::{MinimiseError, minimise};
use palisade_iam::parse::{Mode, PolicyKind, read_policy};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn after(statements: &Value) -> Value {
    let found = minimise(&policy(statements), Grammar::Identity).unwrap();
    assert!(found.complete);
    assert!(found.size.1 <= found.size.0);
    found.document["Statement"].clone()
}

#[test]
fn what_others_take_in_goes_and_what_fits_together_is_one() {
    assert_eq!(
        after(&json!([
            {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Get*", "s3:getobjectacl"], "Resource": "*"},
            {"Sid": "B", "Effect": "Allow", "Action": "s3:PutObject", "Resource": ["*", "arn:aws:s3:::b/*"]},
            {"Sid": "C", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::c/*"},
        ])),
        json!([{"Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "*"}])
    );
}

#[test]
fn what_says_something_stays() {
    let all = json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/secret/*"},
    ]);
    assert_eq!(after(&all), all);
    // A Deny of what nothing here allows holds against other policies, and for an Allow that it takes in there is no use.
    let beside = json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"},
    ]);
    assert_eq!(after(&beside), beside);
    let idle = json!([
        {"Effect": "Allow", "Action": "ec2:Run*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"},
    ]);
    assert_eq!(after(&idle), json!([idle[1]]));
}

/// An account that is named leaves it to the policies there; whom a policy names needs none of them.
#[test]
fn who_is_named_beside_the_account_stays() {
    let kept = |statements: Value| {
        let found = minimise(&policy(&statements), Grammar::Resource).unwrap();
        assert_eq!(found.document["Statement"], statements);
    };
    let to = |who: Value, action: &str| json!({"Effect": "Allow", "Principal": who, "Action": action, "Resource": "*"});
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    kept(json!([
        to(root.clone(), "kms:*"),
        to(
            json!({"AWS": "arn:aws:iam::111122223333:role/app"}),
            "kms:Decrypt"
        )
    ]));
    kept(json!([
        to(root.clone(), "kms:*"),
        to(
            json!({"AWS": "arn:aws:iam::111122223333:user/ann"}),
            "kms:Decrypt"
        )
    ]));
    kept(json!([
        to(root, "s3:*"),
        to(
            json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
            "s3:GetObject"
        )
    ]));
    // What a bucket's policy denies, it denies to those whom other policies let in too.
    let tls = json!({"Bool": {"aws:SecureTransport": "false"}});
    kept(json!([
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": tls},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    ]));
}

/// Statements that are many, and sets that are long.
#[test]
fn large_policies_end() {
    let many: Vec<Value> = (0..4_000)
        .map(|at| json!({"Effect": "Allow", "Action": format!("s3:Get{at}"), "Resource": format!("arn:aws:s3:::b{at}/*")}))
        .collect();
    let found = minimise(&policy(&json!(many)), Grammar::Identity).unwrap();
    assert_eq!((found.statements, found.complete), ((4_000, 4_000), false));
    let texts = |start: &str| {
        (0..2_000)
            .map(|at| format!("{start}{at}*"))
            .collect::<Vec<_>>()
    };
    let long = json!([{"Effect": "Allow", "Action": texts("s3:Get"), "Resource": texts("arn:aws:s3:::b")}]);
    minimise(&policy(&long), Grammar::Identity).unwrap();
}

#[test]
fn a_wrong_policy_is_an_error_with_its_place() {
    let error = minimise("{\"Statement\": 7}", Grammar::Identity).unwrap_err();
    assert!(matches!(error, MinimiseError::Document(_)));
    assert!(
        error.to_string().starts_with("line 1, column 15"),
        "{error}"
    );
}

fn statement() -> impl Strategy<Value = Value> {
    let action = select(vec![
        "s3:GetObject",
        "s3:Get*",
        "s3:*",
        "ec2:StartInstances",
        "*",
    ]);
    let resource = select(vec![
        "*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::a/b",
        "arn:aws:s3:::*",
    ]);
    let condition = select(vec!["", "eu-west-1", "eu-west-2"]);
    (
        select(vec!["Allow", "Allow", "Deny"]),
        proptest::collection::vec(action, 1..4),
        proptest::collection::vec(resource, 1..3),
        condition,
    )
        .prop_map(|(effect, actions, resources, region)| {
            let mut statement = json!({"Effect": effect, "Action": actions, "Resource": resources});
            if !region.is_empty() {
                statement["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": region}});
            }
            statement
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn access_stays_the_same_and_a_second_time_changes_nothing(
        statements in proptest::collection::vec(statement(), 1..5)
    ) {
        let text = policy(&json!(statements));
        let found = minimise(&text, Grammar::Identity).unwrap();
        let read = |text: &str| read_policy(text, PolicyKind::Identity, Mode::Strict).unwrap().policy;
        let (old, new) = (read(&text), read(&found.document.to_string()));
        prop_assert!(matches!(compare(&old, &new, Grammar::Identity), Comparison::NoNewAccess));
        prop_assert!(matches!(compare(&new, &old, Grammar::Identity), Comparison::NoNewAccess));
        let again = minimise(&found.document.to_string(), Grammar::Identity).unwrap();
        prop_assert_eq!(again.statements.0, again.statements.1);
        prop_assert_eq!(again.size.0, again.size.1);
    }
}
