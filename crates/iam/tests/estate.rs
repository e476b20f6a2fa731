//! Questions over an estate: two accounts of an organization, their principals, and resources with policies.
#![cfg(test)]

mod support;

use support::accounts::{KEY, ONE, TWO, estate, named, names, resource, subject};

use palisade_iam::{
    estate::{Access, Estate, Gap, Seen, administrators, key_access, what_can, who_can},
    model::Level,
    parse::PolicyKind,
};
use serde_json::json;
use std::sync::Arc;

#[test]
fn who_can_over_both_accounts() {
    let object = "arn:aws:s3:::payroll/2026.csv";
    assert_eq!(
        names(&estate(), "s3:GetObject", object),
        ["admin", "ann", "zoe"]
    );
    assert_eq!(
        names(&estate(), "s3:GetObject", "arn:aws:s3:::pay*/*"),
        ["admin", "ann", "zoe"]
    );
    assert_eq!(names(&estate(), "s3:PutObject", object), ["admin"]);
    assert_eq!(names(&estate(), "kms:Decrypt", KEY), ["admin"]);
    assert_eq!(names(&estate(), "kms:Encrypt", KEY), ["admin", "bob"]);
    // A guardrail over the other account.
    let mut guarded = estate();
    let deny = named(
        "no-s3",
        json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]),
        PolicyKind::ServiceControl,
    );
    let full = named(
        "full",
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
        PolicyKind::ServiceControl,
    );
    guarded.accounts.get_mut(TWO).unwrap().scps = vec![Level {
        name: "root".to_owned(),
        policies: vec![full, deny],
    }];
    assert_eq!(names(&guarded, "s3:GetObject", object), ["admin", "ann"]);
}

#[test]
fn who_can_on_any_resource_at_all() {
    // What no resource has a say in, what a trust policy or a bucket's policy lets in, and a key's own policy alone.
    let by = |action: &str| names(&estate(), action, "*");
    assert_eq!(by("ec2:RunInstances"), ["admin", "bob"]);
    assert_eq!(by("sts:AssumeRole"), ["admin", "eve"]);
    assert_eq!(by("kms:Encrypt"), ["admin", "bob"]);
    assert_eq!(by("s3:GetObject"), ["admin", "ann", "zoe"]);
    let answer = who_can(&estate(), "sts:AssumeRole", "*");
    let shown: Vec<&str> = answer
        .principals
        .iter()
        .map(|can| can.resource.as_str())
        .collect();
    assert_eq!(shown, ["arn:aws:iam::111122223333:role/admin"; 2]);
    let mut typed = estate();
    let text = String::from_utf8(
        zstd::decode_all(&*fs_err::read("../../catalog/authorization/services.jsonl.zst").unwrap())
            .unwrap(),
    );
    typed.authorization = Some(Arc::new(
        palisade_iam::Authorization::open(&text.unwrap()).unwrap(),
    ));
    let answer = who_can(&typed, "dynamodb:GetItem", "arn:aws:s3:::b/*");
    assert_eq!((answer.principals.len(), answer.notes.len()), (0, 1));
    assert_eq!(names(&typed, "s3:GetObject", "arn:aws:s3:::b/*"), ["admin"]);
    let mut unlisted = estate();
    unlisted.unlisted.push(Gap {
        account: TWO.to_owned(),
        what: "AWS::KMS::Key",
        call: "kms:ListKeys was denied".to_owned(),
    });
    assert_eq!(who_can(&unlisted, "kms:Encrypt", "*").unknown.len(), 1);
    assert!(who_can(&unlisted, "s3:GetObject", "*").unknown.is_empty());
}

#[test]
fn what_was_not_seen_is_unknown_and_never_nobody() {
    let mut estate = estate();
    estate.resources[0].policy = Seen::Unseen("s3:GetBucketPolicy: denied".to_owned());
    let object = "arn:aws:s3:::payroll/x";
    // Without the policy nobody's access is sure: it could deny ann, or allow bob.
    assert_eq!(
        names(&estate, "s3:GetObject", object),
        ["admin?", "ann?", "bob?", "eve?", "zoe?"]
    );
    let mut estate = self::estate();
    estate.subjects = Arc::default();
    estate.gaps.push(Gap {
        account: ONE.to_owned(),
        what: "users and roles",
        call: "iam:GetAccountAuthorizationDetails: denied".to_owned(),
    });
    let answer = who_can(&estate, "s3:GetObject", object);
    assert!(answer.principals.is_empty());
    assert_eq!(
        answer.unknown,
        ["users and roles of account 111122223333: iam:GetAccountAuthorizationDetails: denied"]
    );
}

#[test]
fn what_can_and_through_roles() {
    let estate = estate();
    let said = |principal: &str, action: &str, chain: bool| -> Vec<String> {
        what_can(&estate, principal, action, chain)
            .unwrap()
            .0
            .iter()
            .map(|can| {
                format!(
                    "{} {} {}",
                    can.through.len(),
                    can.action,
                    can.resources.join(",")
                )
            })
            .collect()
    };
    let eve = "arn:aws:iam::111122223333:user/eve";
    assert_eq!(
        said(eve, "*", false),
        ["0 sts:assumerole arn:aws:iam::111122223333:role/admin"]
    );
    let chained = said(eve, "kms:*", true);
    assert!(chained.contains(&format!("1 kms:* {KEY}")), "{chained:?}");
    let ann = said("arn:aws:iam::111122223333:user/ann", "s3:*", false);
    assert_eq!(
        ann,
        [
            "0 s3:getobject arn:aws:s3:::payroll/*",
            "0 s3:getobject arn:aws:s3:::payroll"
        ]
    );
    assert!(what_can(&estate, "arn:aws:iam::111122223333:user/none", "*", false).is_none());
}

#[test]
fn keys_tell_encrypt_and_decrypt_apart() {
    let rows: Vec<_> = key_access(&estate())
        .iter()
        .map(|row| {
            (
                row.principal.rsplit('/').next().unwrap().to_owned(),
                row.encrypt.is_some(),
                row.decrypt.is_some(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("bob".to_owned(), true, false),
            ("admin".to_owned(), true, true)
        ]
    );
}

/// Principals of other accounts are asked where the policy speaks of them; of a key for anybody only so many, and that
/// there are more is told.
#[test]
fn a_key_for_anybody_is_asked_a_bounded_number_of_strangers() {
    let can = json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]);
    let key = |principal: &str| {
        let allow = json!([{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Decrypt", "Resource": "*"}]);
        resource(KEY, "AWS::KMS::Key", allow)
    };
    let mut estate = Estate {
        subjects: (0..102)
            .map(|n| subject("user", TWO, &format!("u{n:03}"), can.clone()))
            // What its own policies do not allow, a key of another account does not give.
            .chain([subject(
                "user",
                TWO,
                "none",
                json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
            )])
            .collect(),
        ..Estate::default()
    };
    estate.resources = vec![key(TWO)];
    assert_eq!(key_access(&estate).len(), 102);

    estate.resources = vec![key("*")];
    let rows = key_access(&estate);
    assert_eq!(rows.len(), 101);
    let last = rows.last().unwrap();
    assert_eq!(last.principal, "*");
    let Some(Access::Unknown(why)) = &last.decrypt else {
        panic!("{last:?}");
    };
    assert!(why.starts_with("2 more principals"), "{why}");
}

#[test]
fn administrators_by_the_union_of_policies() {
    let mut estate = estate();
    let split = json!([
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    ]);
    let denied = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    ]);
    let mut bounded = subject("user", ONE, "bounded", split.clone());
    bounded.boundaries = vec![named(
        "b",
        json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
        PolicyKind::Identity,
    )];
    estate.subjects = vec![
        subject("user", ONE, "split", split),
        subject("user", ONE, "denied", denied),
        bounded,
        subject(
            "user",
            ONE,
            "iam",
            json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]),
        ),
    ]
    .into();
    let found: Vec<_> = administrators(&estate)
        .into_iter()
        .map(|found| (found.everything, found.iam))
        .collect();
    assert_eq!(
        found,
        [
            (Ok(true), Ok(true)),
            (Ok(false), Ok(false)),
            (Ok(false), Ok(false)),
            (Ok(false), Ok(true)),
        ]
    );
}
