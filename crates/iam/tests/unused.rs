//! What is not used: credentials by their last use, permissions by what is allowed and by what was seen.
#![cfg(test)]

mod support;

use std::{collections::BTreeMap, sync::Arc};
use support::authorization;

use jiff::Timestamp;
use palisade_iam::{
    Verdict,
    estate::{Estate, Subject},
    model::NamedPolicy,
    parse::{Mode, PolicyKind, read_policy},
    unused::{
        AccessKeyUse, Events, Finding, PasswordUse, Report, RoleUse, Unused, Use, UserUse, Window,
        last_accessed, permissions, roles, users,
    },
    verdict,
};
use serde_json::json;

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const USER: &str = "arn:aws:iam::111122223333:user/ann";

fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// From 2026-07-03 to 2026-10-01.
fn window() -> Window {
    Window::new(at("2026-10-01"), 90).unwrap()
}

fn role(created: Option<&str>, last: Use) -> RoleUse {
    RoleUse {
        arn: ROLE.to_owned(),
        account: ACCOUNT.to_owned(),
        created: created.map(at),
        last,
    }
}

fn said(report: &Report) -> Vec<String> {
    let found = report.findings.iter().map(|found| {
        let id = match &found.unused {
            Unused::AccessKey(id) => format!(" {id}"),
            _ => String::new(),
        };
        let last = found
            .last
            .map_or_else(|| "never".to_owned(), |last| last.to_string());
        format!("{}{id} {last}", found.unused.name())
    });
    let unknown = report
        .unknown
        .iter()
        .map(|open| format!("{}? {}", open.finding_type, open.reason));
    found.chain(unknown).collect()
}

#[test]
fn a_role_is_unused_only_where_its_last_use_and_age_are_known() {
    let one = |created, last| said(&roles(&[role(created, last)], &window()));
    let old = Some("2020-01-01");
    assert_eq!(
        one(old, Use::At(at("2026-07-02"))),
        ["UnusedIAMRole 2026-07-02T00:00:00Z"]
    );
    assert!(one(old, Use::At(at("2026-07-03"))).is_empty());
    assert_eq!(one(old, Use::Never), ["UnusedIAMRole never"]);
    assert!(one(Some("2026-09-01"), Use::Never).is_empty());
    // Not told: neither used nor unused, unless it is too young to be unused.
    let untold = || Use::NotTold("iam:GetRole was denied (AccessDenied)".to_owned());
    assert_eq!(
        one(old, untold()),
        ["UnusedIAMRole? iam:GetRole was denied (AccessDenied)"]
    );
    assert!(one(Some("2026-09-01"), untold()).is_empty());
    assert!(one(None, Use::Never)[0].starts_with("UnusedIAMRole? no use is on record"));
    let mut linked = role(old, Use::Never);
    linked.arn =
        "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
            .to_owned();
    assert!(said(&roles(&[linked], &window())).is_empty());
}

fn user(password: Option<Use>, keys: Vec<(bool, Use)>) -> UserUse {
    let created = Some(at("2020-01-01"));
    UserUse {
        arn: USER.to_owned(),
        account: ACCOUNT.to_owned(),
        created,
        password: Ok(password.map(|last| PasswordUse { created, last })),
        keys: Ok(keys
            .into_iter()
            .enumerate()
            .map(|(n, (active, last))| AccessKeyUse {
                id: format!("AKIA{n}"),
                active,
                created,
                last,
            })
            .collect()),
    }
}

#[test]
fn a_user_is_unused_with_all_of_its_credentials_or_with_none() {
    let one = |user: UserUse| said(&users(&[user], &window()));
    let recent = || Use::At(at("2026-09-09"));
    let long_ago = || Use::At(at("2025-01-01"));
    assert_eq!(
        one(user(Some(recent()), vec![(true, Use::Never)])),
        ["UnusedIAMUserAccessKey AKIA0 never"]
    );
    assert_eq!(
        one(user(Some(Use::Never), vec![(true, long_ago())])),
        [
            "UnusedIAMUserPassword never",
            "UnusedIAMUserAccessKey AKIA0 2025-01-01T00:00:00Z",
            "UnusedIAMUser 2025-01-01T00:00:00Z"
        ]
    );
    // A key that signs nothing is no finding, but when it last did tells of the user.
    assert!(one(user(None, vec![(false, recent())])).is_empty());
    assert_eq!(
        one(user(None, vec![(false, long_ago())])),
        ["UnusedIAMUser 2025-01-01T00:00:00Z"]
    );
    assert_eq!(one(user(None, Vec::new())), ["UnusedIAMUser never"]);
    let mut untold = user(None, Vec::new());
    untold.keys = Err("iam:ListAccessKeys was denied (AccessDenied)".to_owned());
    assert_eq!(
        one(untold),
        [
            "UnusedIAMUserAccessKey? iam:ListAccessKeys was denied (AccessDenied)",
            "UnusedIAMUser? iam:ListAccessKeys was denied (AccessDenied)"
        ]
    );
}

#[test]
fn cells_of_the_credential_report() {
    assert_eq!(
        Use::reported("2026-01-01T00:00:00+00:00"),
        Use::At(at("2026-01-01"))
    );
    assert_eq!(Use::reported("N/A"), Use::Never);
    assert_eq!(Use::reported("no_information"), Use::Never);
    assert!(matches!(Use::reported("not_supported"), Use::NotTold(_)));
}

#[test]
fn a_period_is_within_what_iam_keeps() {
    assert!(Window::new(at("2026-10-01"), 365).is_ok());
    assert!(Window::new(at("2026-10-01"), 366).is_err());
    assert!(Window::new(at("2026-10-01"), 0).is_err());
}

fn estate(statements: serde_json::Value) -> Estate {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = read_policy(&text, PolicyKind::Identity, Mode::Strict)
        .unwrap()
        .policy;
    Estate {
        subjects: vec![Subject {
            arn: ROLE.to_owned(),
            account: ACCOUNT.to_owned(),
            id: None,
            identity: vec![NamedPolicy {
                name: "own".to_owned(),
                policy: Arc::new(policy),
            }],
            groups: Vec::new(),
            boundaries: Vec::new(),
            tags: Vec::new(),
            unseen: None,
        }]
        .into(),
        ..Estate::default()
    }
}

const ACCESSED: &str = r#"{"JobStatus": "COMPLETED", "JobType": "ACTION_LEVEL", "IsTruncated": false, "ServicesLastAccessed": [
    {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "LastAuthenticated": "2026-09-30T10:00:00+00:00",
     "TrackedActionsLastAccessed": [
        {"ActionName": "GetBucketAcl", "LastAccessedTime": "2026-09-30T10:00:00+00:00"},
        {"ActionName": "DeleteBucket", "LastAccessedTime": "2026-01-01T00:00:00+00:00"},
        {"ActionName": "CreateBucket"}]},
    {"ServiceName": "Amazon EC2", "ServiceNamespace": "ec2", "LastAuthenticated": "2026-01-01T00:00:00Z"},
    {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "LastAuthenticated": "2026-09-29T00:00:00Z"},
    {"ServiceName": "AWS KMS", "ServiceNamespace": "kms"}]}"#;

fn unused(events: &Events) -> Report {
    let estate = estate(json!([
        {"Effect": "Allow", "Action": ["s3:*", "ec2:*", "sqs:SendMessage", "sqs:PurgeQueue"], "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:CreateBucket", "Resource": "*"}
    ]));
    let report = permissions(
        &estate,
        &estate.subjects[0],
        Some(at("2020-01-01")),
        &last_accessed(ACCESSED),
        events,
        &authorization(),
        &window(),
    );
    // Each witness is replayed.
    let layers = palisade_iam::model::Layers {
        identity: estate.subjects[0].identity.clone(),
        ..Default::default()
    };
    for found in &report.findings {
        let Unused::Permissions(services) = &found.unused else {
            panic!()
        };
        for service in services {
            let actions = service.actions.iter().map(|action| &action.witness);
            for witness in actions.chain(&service.witness) {
                assert_eq!(verdict(&witness.request, &layers), Verdict::Allowed);
            }
        }
    }
    report
}

fn services(found: &Finding) -> Vec<String> {
    let Unused::Permissions(services) = &found.unused else {
        panic!()
    };
    services
        .iter()
        .map(|service| {
            let actions: Vec<&str> = service.actions.iter().map(|a| a.action.as_str()).collect();
            format!("{} {}", service.namespace, actions.join(" "))
        })
        .collect()
}

#[test]
fn permissions_are_what_is_allowed_and_not_used() {
    let report = unused(&Events::default());
    // CreateBucket is denied and KMS is not allowed at all: those are no permissions.
    assert_eq!(
        services(&report.findings[0]),
        ["ec2 ", "s3 s3:DeleteBucket"]
    );
    assert_eq!(
        report.unknown[0].reason,
        "the last use of single actions was not told of sqs, which it uses"
    );
    let document = report.findings[0].document();
    assert_eq!(document["findingType"], "UnusedPermission");
    let details = &document["findingDetails"];
    assert_eq!(
        details[0]["unusedPermissionDetails"]["lastAccessed"],
        "2026-01-01T00:00:00Z"
    );
    assert_eq!(
        details[1]["unusedPermissionDetails"]["actions"][0]["action"],
        "s3:DeleteBucket"
    );
}

#[test]
fn events_show_use_and_whole_ones_show_the_lack_of_it() {
    let mut events = Events {
        since: Some(at("2026-01-01")),
        whole: false,
        last: BTreeMap::from([
            ("s3:deletebucket".to_owned(), at("2026-09-01")),
            ("sqs:sendmessage".to_owned(), at("2026-09-01")),
        ]),
    };
    assert_eq!(services(&unused(&events).findings[0]), ["ec2 "]);
    events.whole = true;
    let report = unused(&events);
    assert!(report.unknown.is_empty());
    let found = services(&report.findings[0]);
    assert_eq!(found[2], "sqs sqs:PurgeQueue");
    assert!(found[1].contains(" s3:GetObject ") && !found[1].contains("s3:GetBucketAcl "));
    // Events of a shorter time than the period show no lack.
    events.since = Some(at("2026-09-01"));
    assert_eq!(unused(&events).unknown.len(), 1);
}

#[test]
fn what_is_no_whole_answer_is_refused() {
    for (text, why) in [
        ("[]", "invalid"),
        (r#"{"JobStatus": "IN_PROGRESS"}"#, "IN_PROGRESS"),
        (
            r#"{"JobStatus": "COMPLETED", "IsTruncated": true}"#,
            "Marker",
        ),
        (r#"{"JobStatus": "COMPLETED"}"#, "missing"),
        (
            r#"{"ServicesLastAccessed": [{"ServiceNamespace": 3}]}"#,
            "invalid type",
        ),
    ] {
        let error = last_accessed(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    let estate = estate(json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]));
    let report = permissions(
        &estate,
        &estate.subjects[0],
        None,
        &Err("iam:GenerateServiceLastAccessedDetails was not called".to_owned()),
        &Events::default(),
        &authorization(),
        &window(),
    );
    assert_eq!(
        said(&report),
        ["UnusedPermission? iam:GenerateServiceLastAccessedDetails was not called"]
    );
}
