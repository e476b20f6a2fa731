//! The three custom checks: each with a policy that passes and one that fails, and the request that shows it.
#![cfg(test)]

use palisade_iam::{
    Grammar,
    checks::{Outcome, no_new_access, no_public_access, not_granted},
    model::Policy,
    parse::{Mode, PolicyKind, read_policy},
    simulate::witness,
};
use serde_json::{Value, json};

fn policy(statements: Value, kind: PolicyKind) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    read_policy(&text, kind, Mode::Strict).unwrap().policy
}

fn identity(statements: Value) -> Policy {
    policy(statements, PolicyKind::Identity)
}

fn resource(statements: Value) -> Policy {
    policy(statements, PolicyKind::Resource)
}

/// Indexes of the statements that fail, and the first witness.
#[track_caller]
fn failed(outcome: Outcome) -> (Vec<usize>, Value) {
    match outcome {
        Outcome::Fail(reasons) => (
            reasons.iter().map(|reason| reason.statement).collect(),
            witness(&reasons[0].witness, true),
        ),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn passed(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Pass), "{outcome:?}");
}

#[test]
fn new_access_names_the_statements_that_bring_it() {
    let old =
        identity(json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}]));
    let new = identity(json!([
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "Put", "Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Action": "s3:PutObjectAcl", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:PutObjectAcl", "Resource": "*"}
    ]));
    let (statements, witness) = failed(no_new_access(&old, &new, Grammar::Identity));
    assert_eq!(statements, [1]);
    assert!(witness["action"].as_str().unwrap().starts_with("s3:put"));
    passed(no_new_access(&new, &new, Grammar::Identity));
    // A deny that goes away is new access.
    let denied = identity(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ]));
    let open = identity(json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]));
    let (_, witness) = failed(no_new_access(&denied, &open, Grammar::Identity));
    assert_eq!(witness["context"]["aws:securetransport"], "false");
    passed(no_new_access(&open, &denied, Grammar::Identity));
}

/// Whose an id is the policy does not tell: that nobody new is let in is not known then.
#[test]
fn who_is_named_by_an_id_is_not_nobody() {
    let to = |who: Value| {
        resource(
            json!([{"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]),
        )
    };
    let canonical = json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"});
    let old = to(json!({"AWS": "arn:aws:iam::999988887777:user/zz"}));
    for who in [canonical.clone(), json!({"AWS": "AIDAEXAMPLEEXAMPLE123"})] {
        let new = to(who.clone());
        let outcome = no_new_access(&old, &new, Grammar::Resource);
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        let actions = ["s3:GetObject".to_owned()];
        let outcome = not_granted(&new, &actions, &[], Grammar::Resource);
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        passed(no_new_access(&new, &new, Grammar::Resource));
        // A deny that goes away.
        let open =
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
        let denied = resource(
            json!([open, {"Effect": "Deny", "Principal": who, "Action": "s3:GetObject", "Resource": "*"}]),
        );
        let outcome = no_new_access(&denied, &resource(json!([open])), Grammar::Resource);
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        passed(no_new_access(
            &resource(json!([open])),
            &denied,
            Grammar::Resource,
        ));
    }
}

#[test]
fn access_that_must_not_be_granted() {
    let policy = identity(json!([
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "NotResource": "arn:aws:s3:::scratch/*"}
    ]));
    let ask = |actions: &[&str], resources: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        not_granted(
            &policy,
            &owned(actions),
            &owned(resources),
            Grammar::Identity,
        )
    };
    passed(ask(&["iam:CreateUser", "iam:PassRole"], &[]));
    passed(ask(&["s3:DeleteObject"], &["arn:aws:s3:::logs/*"]));
    let (statements, witness) = failed(ask(&["iam:CreateUser", "s3:DeleteObject"], &[]));
    assert_eq!(statements, [0]);
    assert_eq!(witness["action"], "s3:deleteobject");
    assert!(
        witness["resource"]
            .as_str()
            .unwrap()
            .starts_with("arn:aws:s3:::scratch/")
    );
    failed(ask(&[], &["arn:aws:s3:::scratch/*"]));
}

/// "The meaning of public" (S3 User Guide).
#[test]
fn public() {
    let everyone = |condition: Value| {
        resource(
            json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition}]),
        )
    };
    let (_, witness) = failed(no_public_access(&everyone(json!({}))));
    assert_eq!(witness["principal"]["type"], "Anonymous");
    for condition in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}),
    ] {
        passed(no_public_access(&everyone(condition)));
    }
    for condition in [
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        // Somebody in an account of their own may have any name.
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app-*"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/x"}}),
        json!({"StringLike": {"aws:PrincipalAccount": "1111*"}}),
        // True of whoever asks.
        json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        json!({"StringEquals": {"aws:ResourceOrgID": "o-abc"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
    ] {
        let text = condition.to_string();
        let outcome = no_public_access(&everyone(condition));
        assert!(matches!(outcome, Outcome::Fail(_)), "{text}: {outcome:?}");
    }
    // What a Deny keeps out is out.
    passed(no_public_access(&resource(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}
    ]))));
    let (statements, _) = failed(no_public_access(&resource(json!([
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}
    ]))));
    assert_eq!(statements, [1]);
}
