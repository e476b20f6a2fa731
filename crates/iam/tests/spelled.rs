//! Requests that show an answer name actions that there are, in their documented spelling.
#![cfg(test)]

mod support;

use std::sync::{Arc, LazyLock};

use palisade_iam::{
    Authorization, Grammar,
    analyse::Found,
    checks::{Checks, Outcome, no_new_access},
    estate::{Access, Estate, Subject, who_can},
    model::{NamedPolicy, Policy},
    parse::{Mode, PolicyKind, read_policy},
};
use serde_json::{Value, json};

static AUTHORIZATION: LazyLock<Arc<Authorization>> =
    LazyLock::new(|| Arc::new(support::authorization()));

fn policy(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let parsed = read_policy(&text, PolicyKind::Identity, Mode::Strict);
    parsed.unwrap().policy
}

fn is_real(found: &Found) -> bool {
    let text = &found.request.action_text;
    AUTHORIZATION
        .action(text)
        .is_some_and(|known| text.ends_with(&format!(":{}", known.name)))
}

fn who(statements: &Value, action: &str) -> Vec<Found> {
    let estate = Estate {
        subjects: vec![Subject {
            arn: "arn:aws:iam::111122223333:user/ann".to_owned(),
            account: "111122223333".to_owned(),
            id: None,
            identity: vec![NamedPolicy {
                name: "own".to_owned(),
                policy: Arc::new(policy(statements)),
            }],
            groups: Vec::new(),
            boundaries: Vec::new(),
            tags: Vec::new(),
            unseen: None,
        }]
        .into(),
        authorization: Some(Arc::clone(&AUTHORIZATION)),
        ..Estate::default()
    };
    let answer = who_can(&estate, action, "*").principals;
    answer
        .into_iter()
        .map(|can| match can.access {
            Access::Can(found) => *found,
            Access::Unknown(why) => panic!("{why}"),
        })
        .collect()
}

#[test]
fn questions_over_an_estate() {
    for (statements, action) in [
        (
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
            "kms:*",
        ),
        (
            json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}),
            "*",
        ),
        (
            json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
            "*",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}),
            "s3:*object*",
        ),
        (
            json!({"Effect": "Allow", "Action": "SQS:sendmessage", "Resource": "*"}),
            "sqs:SendMessage",
        ),
    ] {
        let found = who(&statements, action);
        assert!(is_real(&found[0]), "{action}: {:?}", found[0].request);
    }
    // A resource is in a region and an account that there can be.
    let found = who(
        &json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:*"}),
        "sqs:SendMessage",
    );
    let resource = &found[0].request.resource;
    assert!(
        resource.starts_with("arn:aws:sqs:us-east-1:111122223333:"),
        "{resource}"
    );
    // An action that is not known here is no reason for "cannot".
    let found = who(
        &json!({"Effect": "Allow", "Action": "palisade:New*", "Resource": "*"}),
        "palisade:*",
    );
    assert!(found[0].request.action.starts_with("palisade:new"));
}

#[test]
fn checks_of_policies() {
    let old = policy(&json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}));
    let new = policy(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}));
    let checks = Checks {
        authorization: &AUTHORIZATION,
    };
    let named = checks.no_new_access(&old, &new, Grammar::Identity);
    let (Outcome::Fail(named), Outcome::Fail(plain)) =
        (named, no_new_access(&old, &new, Grammar::Identity))
    else {
        panic!()
    };
    assert_eq!(named.len(), plain.len());
    assert!(is_real(&named[0].witness), "{:?}", named[0].witness.request);
    assert_ne!(named[0].witness.request.action, "s3:getobject");
    assert!(matches!(
        checks.not_granted(&old, &["s3:Put*".to_owned()], &[], Grammar::Identity),
        Outcome::Pass
    ));
}
