//! Two accounts of an organization, with a bucket, a key and those who may use them.

use std::{collections::BTreeSet, sync::Arc};

use palisade_iam::{
    estate::{Access, Account, Estate, Organization, Resource, Seen, Subject, who_can},
    model::{Facts, NamedPolicy},
    parse::{Mode, PolicyKind, read_policy},
};
use serde_json::{Value, json};

pub const ONE: &str = "111122223333";
pub const TWO: &str = "444455556666";
pub const BUCKET: &str = "arn:aws:s3:::payroll";
pub const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

pub fn named(name: &str, statements: Value, kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    NamedPolicy {
        name: name.to_owned(),
        policy: Arc::new(read_policy(&text, kind, Mode::Strict).unwrap().policy),
    }
}

pub fn subject(kind: &str, account: &str, name: &str, statements: Value) -> Subject {
    Subject {
        arn: format!("arn:aws:iam::{account}:{kind}/{name}"),
        account: account.to_owned(),
        id: Some(format!("AAAA{name}")),
        identity: vec![named("own", statements, PolicyKind::Identity)],
        groups: Vec::new(),
        boundaries: Vec::new(),
        tags: Vec::new(),
        unseen: None,
    }
}

pub fn resource(arn: &str, kind: &'static str, statements: Value) -> Resource {
    let policy = (!statements.is_null()).then(|| {
        let kind = if kind == "AWS::IAM::Role" {
            PolicyKind::Trust
        } else {
            PolicyKind::Resource
        };
        named("policy", statements, kind)
    });
    Resource {
        arn: arn.to_owned(),
        kind,
        account: ONE.to_owned(),
        region: "eu-west-1".to_owned(),
        policy: Seen::Told(policy),
        facts: Facts::default(),
        unseen: None,
    }
}

pub fn estate() -> Estate {
    let read = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/*"}]);
    let mut estate = Estate {
        organization: Some(Organization {
            id: "o-own".to_owned(),
            management_account: Some("999999999999".to_owned()),
            accounts: BTreeSet::from([ONE.to_owned(), TWO.to_owned()]),
        }),
        subjects: vec![
            subject("user", ONE, "ann", read.clone()),
            subject(
                "user",
                ONE,
                "bob",
                json!([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]),
            ),
            subject(
                "user",
                ONE,
                "eve",
                json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]),
            ),
            subject(
                "role",
                ONE,
                "admin",
                json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
            ),
            subject("user", TWO, "zoe", read),
        ]
        .into(),
        resources: vec![
            resource(
                BUCKET,
                "AWS::S3::Bucket",
                json!([
                    {"Effect": "Allow", "Principal": {"AWS": TWO}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/*",
                     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-own"}}},
                    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                ]),
            ),
            resource(
                KEY,
                "AWS::KMS::Key",
                json!([
                    {"Effect": "Allow", "Principal": {"AWS": ONE}, "Action": "kms:*", "Resource": "*"},
                    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"}, "Action": "kms:Encrypt", "Resource": "*"}
                ]),
            ),
            resource(
                "arn:aws:iam::111122223333:role/admin",
                "AWS::IAM::Role",
                json!([
                    {"Effect": "Allow", "Principal": {"AWS": ONE}, "Action": "sts:AssumeRole"}
                ]),
            ),
        ],
        ..Estate::default()
    };
    for id in [ONE, TWO] {
        let account = Account {
            in_organization: true,
            ..Account::default()
        };
        estate.accounts.insert(id.to_owned(), account);
    }
    estate
}

pub fn names(estate: &Estate, action: &str, resource: &str) -> Vec<String> {
    who_can(estate, action, resource)
        .principals
        .iter()
        .map(|can| {
            let name = can.principal.rsplit('/').next().unwrap();
            match &can.access {
                Access::Can(_) => name.to_owned(),
                Access::Unknown(_) => format!("{name}?"),
            }
        })
        .collect()
}
