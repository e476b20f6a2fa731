//! Questions over an estate: two accounts of an organization, their principals, and resources with policies.
#![cfg(test)]

use std::{collections::BTreeSet, sync::Arc};

use palisade_iam::{
    estate::{
        Access, Account, Estate, ExternalTo, Gap, Organization, Resource, Seen, Subject, Zone,
        administrators, external, key_access, what_can, who_can,
    },
    model::{Acl, Facts, KmsGrant, Level, NamedPolicy},
    parse::{Mode, PolicyKind, read_policy},
};
use serde_json::{Value, json};

const ONE: &str = "111122223333";
const TWO: &str = "444455556666";
const BUCKET: &str = "arn:aws:s3:::payroll";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

fn named(name: &str, statements: Value, kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    NamedPolicy {
        name: name.to_owned(),
        policy: Arc::new(read_policy(&text, kind, Mode::Strict).unwrap().policy),
    }
}

fn subject(kind: &str, account: &str, name: &str, statements: Value) -> Subject {
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

fn resource(arn: &str, kind: &'static str, statements: Value) -> Resource {
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

fn estate() -> Estate {
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
        ],
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

fn names(estate: &Estate, action: &str, resource: &str) -> Vec<String> {
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
    estate.subjects.clear();
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

fn outside(estate: &Estate, organization: bool) -> Vec<String> {
    let zone = Zone {
        organization,
        ..Zone::default()
    };
    external(estate, &zone)
        .collect::<Vec<_>>()
        .iter()
        .map(|found| match &found.to {
            ExternalTo::Somebody {
                principal,
                public,
                actions,
                source,
            } => format!(
                "{} {} {} {}{}",
                found.resource.rsplit([':', '/']).next().unwrap(),
                principal.1,
                actions.keys().cloned().collect::<Vec<_>>().join(","),
                source,
                if *public { " public" } else { "" }
            ),
            ExternalTo::Unknown(why) => format!("{} unknown {why}", found.resource),
        })
        .collect()
}

#[test]
fn external_by_zone_of_trust() {
    assert_eq!(outside(&estate(), true), [""; 0]);
    assert_eq!(
        outside(&estate(), false),
        ["payroll 444455556666 s3:getobject POLICY"]
    );
    let mut open = estate();
    let everyone = |condition: Value| {
        named(
            "p",
            json!([{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::payroll", "arn:aws:s3:::payroll/*"], "Condition": condition}]),
            PolicyKind::Resource,
        )
    };
    open.resources[0].policy = Seen::Told(Some(everyone(json!({}))));
    assert_eq!(
        outside(&open, true),
        ["payroll * s3:getobject,s3:listbucket POLICY public"]
    );
    // Block Public Access, or an RCP, takes it away.
    open.resources[0].facts.s3.restrict_public_buckets = true;
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].facts.s3.restrict_public_buckets = false;
    let only_own = |condition: Value| {
        vec![Level {
            name: "root".to_owned(),
            policies: vec![named(
                "own",
                json!([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}]),
                PolicyKind::ResourceControl,
            )],
        }]
    };
    // Who has no organization is not of this one, unless the key has to be there.
    open.accounts.get_mut(ONE).unwrap().rcps = only_own(json!({
        "StringNotEquals": {"aws:PrincipalOrgID": "o-own"}, "Null": {"aws:PrincipalOrgID": "false"}
    }));
    assert_eq!(
        outside(&open, true),
        ["payroll * s3:getobject,s3:listbucket POLICY public"]
    );
    open.accounts.get_mut(ONE).unwrap().rcps =
        only_own(json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}}));
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].policy = Seen::Told(Some(everyone(
        json!({"StringEquals": {"aws:PrincipalAccount": "777788889999"}}),
    )));
    assert_eq!(outside(&open, true), [""; 0]);
    open.accounts.get_mut(ONE).unwrap().rcps.clear();
    assert_eq!(
        outside(&open, true),
        ["payroll 777788889999 s3:getobject,s3:listbucket POLICY"]
    );
    open.resources[0].policy = Seen::Told(Some(everyone(
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}}),
    )));
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].policy = Seen::Unseen("s3:GetBucketPolicy: denied".to_owned());
    assert_eq!(
        outside(&open, true),
        ["arn:aws:s3:::payroll unknown s3:GetBucketPolicy: denied"]
    );
}

#[test]
fn acls_and_grants_and_trust() {
    let mut estate = estate();
    estate.resources[0].facts.s3.acl = vec![Acl {
        grantee: "http://acs.amazonaws.com/groups/global/AllUsers".to_owned(),
        permission: "READ".to_owned(),
    }];
    estate.resources[1].facts.kms_grants = vec![KmsGrant {
        name: "g".to_owned(),
        grantee: "arn:aws:iam::777788889999:role/x".to_owned(),
        retiring: None,
        operations: vec!["Decrypt".to_owned()],
        context_equals: None,
        context_subset: vec![("app".to_owned(), "y".to_owned())],
    }];
    estate.resources[2].policy = Seen::Told(Some(named(
        "trust",
        json!([
        {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
        PolicyKind::Trust,
    )));
    assert_eq!(
        outside(&estate, true),
        [
            "payroll * s3:listbucket,s3:listbucketmultipartuploads,s3:listbucketversions BUCKET_ACL public",
            "k arn:aws:iam::777788889999:role/x kms:decrypt KMS_GRANT",
            "admin arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com sts:assumerolewithwebidentity POLICY",
        ]
    );
}

/// "Access control list (ACL) overview" (S3 User Guide): a bucket's ACL lets objects be listed and put, and says nothing
/// of reading them or of their ACLs.
#[test]
fn a_buckets_acl_is_not_its_objects() {
    let mut estate = estate();
    let mut with = |permission: &str| {
        estate.resources[0].facts.s3.acl = vec![Acl {
            grantee: "http://acs.amazonaws.com/groups/global/AllUsers".to_owned(),
            permission: permission.to_owned(),
        }];
        let found = outside(&estate, true);
        found
            .into_iter()
            .filter(|row| row.contains("BUCKET_ACL"))
            .collect::<Vec<_>>()
    };
    assert_eq!(with("WRITE"), ["payroll * s3:putobject BUCKET_ACL public"]);
    assert_eq!(
        with("FULL_CONTROL"),
        [
            "payroll * s3:getbucketacl,s3:listbucket,s3:listbucketmultipartuploads,s3:listbucketversions,s3:putbucketacl,s3:putobject BUCKET_ACL public"
        ]
    );
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
            .collect(),
        ..Estate::default()
    };
    // What its own policies do not allow, a key of another account does not give.
    estate.subjects.push(subject(
        "user",
        TWO,
        "none",
        json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
    ));
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
    ];
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

/// The policy that SNS gives a new topic lets in its owner, by `aws:SourceOwner`.
#[test]
fn a_topic_with_its_first_policy_is_not_shared() {
    let topic = "arn:aws:sns:eu-central-1:111122223333:alarms";
    let mut estate = estate();
    let shared = |owner: &str| {
        resource(
            topic,
            "AWS::SNS::Topic",
            json!([{
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:Subscribe"],
                "Resource": topic,
                "Condition": {"StringEquals": {"AWS:SourceOwner": owner}}
            }]),
        )
    };
    estate.resources = vec![shared(ONE)];
    assert_eq!(outside(&estate, false), [""; 0]);
    assert_eq!(outside(&estate, true), [""; 0]);
    estate.resources = vec![shared("999988887777")];
    let found = outside(&estate, true);
    assert!(
        found.iter().all(|found| !found.contains("unknown")),
        "{found:?}"
    );
}

/// Access Analyzer's spelling, where it is known.
#[test]
fn findings_spell_actions_and_keys() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../catalog/authorization/services.jsonl.zst"
    );
    let bytes = zstd::decode_all(&*fs_err::read(file).unwrap()).unwrap();
    let known = palisade_iam::Authorization::open(&String::from_utf8(bytes).unwrap()).unwrap();
    assert_eq!(known.spelled_action("s3:get*"), "s3:Get*");
    assert_eq!(known.spelled_action("new:get*"), "new:get*");
    assert_eq!(
        known.spelled_key("aws:principalorgid"),
        "aws:PrincipalOrgID"
    );
    assert_eq!(
        known.spelled_key("aws:principaltag/a"),
        "aws:PrincipalTag/a"
    );
    assert_eq!(known.spelled_key("s3:prefix"), "s3:prefix");
    assert_eq!(known.spelled_key("x:y"), "x:y");
    let mut estate = estate();
    estate.authorization = Some(Arc::new(known));
    estate.resources = vec![resource(
        "arn:aws:iam::111122223333:role/admin",
        "AWS::IAM::Role",
        json!([{
            "Effect": "Allow",
            "Principal": {"AWS": "999988887777"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}
        }]),
    )];
    let found: Vec<_> = external(&estate, &Zone::default()).collect();
    let ExternalTo::Somebody { actions, .. } = &found[0].to else {
        panic!("{found:?}")
    };
    let (action, request) = actions.first_key_value().unwrap();
    assert_eq!(action, "sts:AssumeRole");
    assert_eq!(request.chosen[0].0, "aws:PrincipalOrgID");
}
