//! Who can use a key, asked once for all who look alike, is what each is told who is asked alone.
#![cfg(test)]

use palisade_iam::{
    estate::{Access, Account, Estate, Resource, Seen, Subject, each_key_use, key_access, who_can},
    model::{Facts, KmsGrant, Level, NamedPolicy},
    parse::{Mode, PolicyKind, read_policy},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const ACCOUNT: &str = "111122223333";
const ENCRYPT: [&str; 2] = ["kms:encrypt", "kms:generatedatakey*"];
const DECRYPT: [&str; 2] = ["kms:decrypt", "kms:reencryptfrom"];

fn named(statements: &[Value], kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    NamedPolicy {
        name: "p".to_owned(),
        policy: Arc::new(read_policy(&text, kind, Mode::Lenient).unwrap().policy),
    }
}

fn condition() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!({}),
        json!({}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r1*"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "a"}}),
        json!({"StringEquals": {"kms:EncryptionContext:owner": "${aws:username}"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
        json!({"StringLike": {"aws:userid": "AIDA*"}}),
    ])
}

fn statement(principals: Option<Vec<Value>>) -> impl Strategy<Value = Value> {
    let actions =
        proptest::sample::select(vec!["*", "kms:*", "kms:Decrypt", "kms:Encrypt", "s3:*"]);
    let resources = proptest::sample::select(vec![
        "*",
        "*",
        "arn:aws:kms:*:*:key/k0",
        "arn:aws:kms:*:*:key/${aws:username}",
    ]);
    let effect = proptest::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let principals = proptest::sample::select(principals.unwrap_or_else(|| vec![Value::Null]));
    (effect, actions, resources, condition(), principals).prop_map(
        |(effect, action, resource, condition, principal)| {
            let mut statement =
                json!({"Effect": effect, "Action": action, "Resource": resource, "Condition": condition});
            if !principal.is_null() {
                statement["Principal"] = principal;
                statement["Resource"] = json!("*");
            }
            statement
        },
    )
}

fn key_statement() -> impl Strategy<Value = Value> {
    statement(Some(vec![
        json!({"AWS": ACCOUNT}),
        json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
        json!("*"),
        json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:role/r1")}),
        json!({"AWS": format!("arn:aws:sts::{ACCOUNT}:assumed-role/r3/session")}),
        json!({"AWS": "AIDA2"}),
        json!({"Service": "s3.amazonaws.com"}),
    ]))
}

fn subject(at: usize, policy: NamedPolicy, tagged: bool) -> Subject {
    let (kind, id) = if at.is_multiple_of(2) {
        ("user/u", "AIDA")
    } else {
        ("role/r", "AROA")
    };
    Subject {
        arn: format!("arn:aws:iam::{ACCOUNT}:{kind}{at}"),
        account: ACCOUNT.to_owned(),
        id: Some(format!("{id}{at}")),
        identity: vec![policy],
        groups: Vec::new(),
        boundaries: Vec::new(),
        tags: if tagged {
            vec![("team".to_owned(), "a".to_owned())]
        } else {
            Vec::new()
        },
        unseen: None,
    }
}

fn grant(to: usize) -> KmsGrant {
    KmsGrant {
        name: "g".to_owned(),
        grantee: if to.is_multiple_of(2) {
            format!("arn:aws:iam::{ACCOUNT}:user/u{to}")
        } else {
            format!("arn:aws:iam::{ACCOUNT}:role/r{to}")
        },
        retiring: None,
        operations: vec!["Decrypt".to_owned()],
        context_equals: None,
        context_subset: Vec::new(),
    }
}

fn key(at: usize, policy: NamedPolicy, grants: Vec<KmsGrant>) -> Resource {
    Resource {
        arn: format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/k{at}"),
        kind: "AWS::KMS::Key",
        account: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        policy: Seen::Told(Some(policy)),
        facts: Facts {
            kms_grants: grants,
            ..Facts::default()
        },
        unseen: None,
    }
}

fn decrypting(estate: &Estate) -> Vec<&str> {
    let mut all = Vec::new();
    each_key_use(estate, |found| {
        if found.decrypt == Ok(true) {
            let known = estate.subjects.iter().find(|s| s.arn == found.principal);
            all.extend(known.map(|subject| subject.arn.as_str()));
        }
    });
    all
}

/// A policy that names the key's ARN gives nothing without the key's own, and everything with it.
#[test]
fn who_may_use_one_key_alone_is_asked() {
    let policy = json!({"Effect": "Allow", "Action": "kms:*", "Resource": format!("arn:aws:kms:*:{ACCOUNT}:key/k0")});
    let account = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    let estate = Estate {
        subjects: vec![subject(0, named(&[policy], PolicyKind::Identity), false)].into(),
        resources: vec![
            key(
                0,
                named(std::slice::from_ref(&account), PolicyKind::Resource),
                Vec::new(),
            ),
            key(1, named(&[account], PolicyKind::Resource), Vec::new()),
        ],
        ..Estate::default()
    };
    assert_eq!(decrypting(&estate), [estate.subjects[0].arn.as_str()]);
}

/// A grant covers one operation of two, of which a statement denies it.
#[test]
fn a_grant_covers_an_operation_that_is_denied_on_a_condition() {
    let denied = json!({"Effect": "Deny", "Principal": {"AWS": ACCOUNT}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}});
    let nothing = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let estate = Estate {
        subjects: vec![subject(1, named(&[nothing], PolicyKind::Identity), false)].into(),
        resources: vec![key(
            0,
            named(&[denied], PolicyKind::Resource),
            vec![grant(1)],
        )],
        ..Estate::default()
    };
    assert_eq!(decrypting(&estate), [estate.subjects[0].arn.as_str()]);
}

type Rows = BTreeMap<String, BTreeSet<(String, bool)>>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asked_together_as_asked_alone(
        pool in proptest::collection::vec(proptest::collection::vec(statement(None), 1..3), 1..3),
        keys in proptest::collection::vec((proptest::collection::vec(key_statement(), 1..3), proptest::option::weighted(0.3, 0..6_usize)), 1..4),
        subjects in proptest::collection::vec((0..3_usize, any::<bool>()), 4..8),
        rcp in proptest::option::of(condition()),
    ) {
        let pool: Vec<NamedPolicy> = pool.iter().map(|all| named(all, PolicyKind::Identity)).collect();
        let rcps = rcp.map(|condition| {
            let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition});
            Level { name: "root".to_owned(), policies: vec![named(&[deny], PolicyKind::ResourceControl)] }
        });
        let estate = Estate {
            accounts: BTreeMap::from([(ACCOUNT.to_owned(), Account { rcps: rcps.into_iter().collect(), ..Account::default() })]),
            subjects: subjects.iter().enumerate().map(|(at, (policy, tagged))| subject(at, pool[policy % pool.len()].clone(), *tagged)).collect(),
            resources: keys.iter().enumerate().map(|(at, (statements, to))| {
                key(at, named(statements, PolicyKind::Resource), to.map(grant).into_iter().collect())
            }).collect(),
            ..Estate::default()
        };
        let mut together: [Rows; 2] = [Rows::new(), Rows::new()];
        each_key_use(&estate, |found| {
            for (rows, can) in together.iter_mut().zip([found.encrypt, found.decrypt]) {
                if can != Ok(false) {
                    rows.entry(found.key.arn.clone()).or_default().insert((found.principal.to_owned(), can == Ok(true)));
                }
            }
        });
        let mut alone: [Rows; 2] = [Rows::new(), Rows::new()];
        for (rows, actions) in alone.iter_mut().zip([ENCRYPT, DECRYPT]) {
            for key in &estate.resources {
                for action in actions {
                    for can in who_can(&estate, action, &key.arn).principals {
                        let can_do = matches!(can.access, Access::Can(_));
                        let all = rows.entry(key.arn.clone()).or_default();
                        // One operation that it can do decides over one that is open.
                        if can_do {
                            all.remove(&(can.principal.clone(), false));
                        }
                        if can_do || !all.contains(&(can.principal.clone(), true)) {
                            all.insert((can.principal, can_do));
                        }
                    }
                }
            }
        }
        prop_assert_eq!(&together, &alone);
        for found in key_access(&estate) {
            for (rows, shown) in together.iter().zip([&found.encrypt, &found.decrypt]) {
                let can = rows.get(&found.key).is_some_and(|all| all.contains(&(found.principal.clone(), true)));
                prop_assert_eq!(can, matches!(shown, Some(Access::Can(_))));
            }
        }
    }
}
