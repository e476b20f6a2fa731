//! Who outside can use a resource, asked once for all that look alike, is what each resource is told that is asked alone.
#![cfg(test)]

mod support;

use palisade_iam::{
    estate::{Account, Estate, ExternalTo, Resource, Seen, Zone, external},
    model::{Acl, Facts, Layers, Level},
    parse::PolicyKind,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::accounts::{ONE, TWO, named};

const OTHER: &str = "777788889999";
/// A canonical user id.
const STRANGER: &str = "7777777777777777777777777777777777777777777777777777777777777777";

fn condition() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"StringEquals": {"aws:ResourceAccount": ONE}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::777788889999:role/r*"}}),
        json!({"StringEquals": {"sts:ExternalId": "x"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}),
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let principals = proptest::sample::select(vec![
        json!("*"),
        json!({"AWS": OTHER}),
        json!({"AWS": ONE}),
        json!({"AWS": format!("arn:aws:iam::{OTHER}:role/r1")}),
        json!({"Service": "s3.amazonaws.com"}),
    ]);
    let resources = proptest::sample::select(vec![
        "*",
        "*",
        "own",
        "own",
        "own/*",
        "own*",
        "arn:aws:kms:eu-west-1:*:key/k1",
        "arn:aws:sqs:*:*:k*",
        "arn:aws:s3:::${aws:username}",
    ]);
    let effects = proptest::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let actions = proptest::sample::select(vec!["*", "kms:Decrypt", "sqs:SendMessage"]);
    (effects, actions, principals, resources, condition()).prop_map(
        |(effect, action, principal, resource, condition)| {
            json!({"Effect": effect, "Action": action,
            "Principal": principal, "Resource": resource, "Condition": condition})
        },
    )
}

/// `own` is the resource's own ARN.
fn named_own(mut statement: Value, arn: &str) -> Value {
    let named = statement["Resource"].as_str().unwrap().replace("own", arn);
    statement["Resource"] = named.into();
    statement
}

/// A role's trust says nothing of resources.
fn trust(mut statement: Value) -> Value {
    statement["Action"] = "sts:AssumeRole".into();
    if let Some(members) = statement.as_object_mut() {
        members.remove("Resource");
    }
    statement
}

fn made(at: usize, kind: usize, account: &str, statements: &[Value], bpa: bool) -> Resource {
    let region = ["eu-west-1", "us-east-1"][at % 2];
    let of = |service: &str, name: &str| format!("arn:aws:{service}:{region}:{account}:{name}{at}");
    let (kind, arn) = match kind {
        0 => ("AWS::KMS::Key", of("kms", "key/k")),
        1 => ("AWS::SQS::Queue", of("sqs", "k")),
        2 => ("AWS::S3::Bucket", format!("arn:aws:s3:::b{account}{at}")),
        _ => (
            "AWS::IAM::Role",
            format!("arn:aws:iam::{account}:role/r{at}"),
        ),
    };
    let statements: Vec<Value> = (statements.iter().cloned())
        .map(|statement| named_own(statement, &arn))
        .collect();
    let (statements, as_policy) = if kind == "AWS::IAM::Role" {
        let statements = statements.into_iter().map(trust).collect();
        (Value::Array(statements), PolicyKind::Trust)
    } else {
        (json!(statements), PolicyKind::Resource)
    };
    let mut facts = Facts::default();
    facts.s3.restrict_public_buckets = bpa && kind == "AWS::S3::Bucket";
    let mut policy = Some(named("p", statements, as_policy));
    if kind == "AWS::S3::Bucket" && !at.is_multiple_of(4) {
        let (grantee, permission) = match at % 4 {
            1 => ("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),
            2 => (
                "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
                "FULL_CONTROL",
            ),
            _ => (STRANGER, "WRITE"),
        };
        facts.s3.acl.push(Acl {
            grantee: grantee.to_owned(),
            permission: permission.to_owned(),
        });
        policy = policy.filter(|_| at % 8 < 4);
    }
    Resource {
        arn,
        kind,
        account: account.to_owned(),
        region: region.to_owned(),
        policy: Seen::Told(policy),
        facts,
        unseen: None,
    }
}

/// All that is found but the requests; those are put to the evaluator.
fn told(estate: &Estate) -> Result<Vec<String>, TestCaseError> {
    let zone = Zone::default();
    let mut all = Vec::new();
    for found in external(estate, &zone) {
        let own = estate
            .resources
            .iter()
            .find(|own| own.arn == found.resource);
        let own = own.ok_or_else(|| TestCaseError::fail("no such resource"))?;
        match &found.to {
            ExternalTo::Somebody {
                principal,
                public,
                actions,
                source,
            } => {
                for shown in actions.values() {
                    prop_assert!(shown.request.resource.starts_with(&own.arn));
                    let everything = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
                    let Seen::Told(policy) = &own.policy else {
                        return Err(TestCaseError::fail("it was seen"));
                    };
                    let layers = Layers {
                        identity: vec![named("own", everything, PolicyKind::Identity)],
                        resource: policy.clone(),
                        rcps: estate.accounts[&own.account].rcps.clone(),
                        facts: own.facts.clone(),
                        ..Layers::default()
                    };
                    let verdict = palisade_iam::eval::verdict(&shown.request, &layers);
                    prop_assert_eq!(verdict, palisade_iam::eval::Verdict::Allowed);
                }
                let names: Vec<_> = actions.keys().collect();
                all.push(format!(
                    "{} {principal:?} {public} {names:?} {source}",
                    found.resource
                ));
            }
            ExternalTo::Unknown(why) => all.push(format!("{} {why}", found.resource)),
        }
    }
    Ok(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asked_together_as_asked_alone(
        pool in proptest::collection::vec(proptest::collection::vec(statement(), 1..3), 1..3),
        made_of in proptest::collection::vec((prop_oneof![0..4_usize, Just(2)], 0..3_usize, any::<bool>(), any::<bool>()), 2..12),
        rcp in proptest::option::of(statement()),
    ) {
        let rcps = rcp.map(|deny| {
            let mut deny = named_own(deny, "arn:aws:sqs:eu-west-1:111122223333:k0");
            deny["Effect"] = "Deny".into();
            deny["Principal"] = "*".into();
            Level { name: "root".to_owned(), policies: vec![named("rcp", json!([deny]), PolicyKind::ResourceControl)] }
        });
        let account = |rcps: Option<Level>| Account { rcps: rcps.into_iter().collect(), ..Account::default() };
        let estate = Estate {
            accounts: BTreeMap::from([(ONE.to_owned(), account(rcps)), (TWO.to_owned(), account(None))]),
            resources: made_of.iter().enumerate().map(|(at, (kind, policy, first, bpa))| {
                made(at, *kind, if *first { ONE } else { TWO }, &pool[policy % pool.len()], *bpa)
            }).collect(),
            ..Estate::default()
        };
        let mut alone = Vec::new();
        for resource in &estate.resources {
            alone.extend(told(&Estate { resources: vec![resource.clone()], ..estate.clone() })?);
        }
        prop_assert_eq!(told(&estate)?, alone);
    }
}
