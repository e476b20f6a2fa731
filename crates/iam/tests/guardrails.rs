//! What service and resource control policies hold over an account, by probes.
#![cfg(test)]

use palisade_iam::estate::{Account, Estate, Gap, Guardrails, Limits, Organization, guardrails};
use palisade_iam::model::{Level, NamedPolicy};
use palisade_iam::parse::{Mode, PolicyKind, read_policy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const MANAGEMENT: &str = "999999999999";
const MEMBER: &str = "111122223333";

fn level(name: &str, kind: PolicyKind, statements: &[Value]) -> Level {
    let policy = |(at, statement): (usize, &Value)| {
        let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        NamedPolicy {
            name: format!("{name}{at}"),
            policy: Arc::new(read_policy(&text, kind, Mode::Strict).unwrap().policy),
        }
    };
    Level {
        name: name.to_owned(),
        policies: statements.iter().enumerate().map(policy).collect(),
    }
}

fn full() -> Value {
    json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })
}

/// A member under the statements, at its unit, and the management account.
fn estate(scps: &[Value], rcps: &[Value]) -> Estate {
    let mut own = vec![full()];
    own.extend_from_slice(scps);
    let scps = |statements: &[Value]| {
        vec![
            level("r-1", PolicyKind::ServiceControl, &[full()]),
            level("ou-1", PolicyKind::ServiceControl, statements),
        ]
    };
    let account = |scps: Vec<Level>| Account {
        scps,
        rcps: vec![level("r-1", PolicyKind::ResourceControl, rcps)],
        in_organization: true,
        canonical_user: None,
    };
    Estate {
        organization: Some(Organization {
            id: "o-own".to_owned(),
            management_account: Some(MANAGEMENT.to_owned()),
            accounts: BTreeSet::from([MANAGEMENT.to_owned(), MEMBER.to_owned()]),
        }),
        accounts: BTreeMap::from([
            (MANAGEMENT.to_owned(), account(scps(&own))),
            (MEMBER.to_owned(), account(scps(&own))),
        ]),
        ..Estate::default()
    }
}

fn limits(allowed: &[&str]) -> Limits {
    let regions = ["eu-west-1", "us-east-1"].map(str::to_owned).to_vec();
    Limits {
        allowed_regions: (!allowed.is_empty())
            .then(|| allowed.iter().map(|r| (*r).to_owned()).collect()),
        regions: BTreeMap::from([(MEMBER.to_owned(), regions)]),
        ..Limits::default()
    }
}

fn of(estate: &Estate, limits: &Limits) -> Guardrails {
    let all = guardrails(estate, limits);
    all.into_iter().find(|g| g.account == MEMBER).unwrap()
}

fn only(regions: &[&str]) -> Value {
    json!({
        "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*"], "Resource": "*",
        "Condition": {
            "StringNotEquals": { "aws:RequestedRegion": regions },
            "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/break-glass" },
        },
    })
}

#[test]
fn without_policies_of_its_own_an_organization_holds_nothing() {
    let found = of(&estate(&[], &[]), &limits(&["eu-west-1"]));
    assert!(found.in_organization);
    assert_eq!(found.is_management, Some(false));
    assert_eq!(
        found.leaving.unwrap(),
        ["organizations:LeaveOrganization in us-east-1"]
    );
    assert_eq!(
        found.other_regions.unwrap(),
        [
            "ec2:RunInstances in xx-elsewhere-1",
            "ec2:RunInstances in us-east-1"
        ]
    );
    assert_eq!(found.trails.unwrap().len(), 2);
    assert_eq!(found.root.unwrap().len(), 3);
    assert_eq!(found.outside.unwrap().len(), 3);
}

#[test]
fn regions_are_compared_with_what_is_declared() {
    let regions = |statement: Value, allowed: &[&str]| {
        of(&estate(&[statement], &[]), &limits(allowed))
            .other_regions
            .unwrap()
    };
    assert!(regions(only(&["eu-west-1"]), &["eu-west-1"]).is_empty());
    // The lock is wider than what is declared, in a region that only the policy names.
    assert_eq!(
        regions(only(&["eu-west-1", "sa-east-1"]), &["eu-west-1"]),
        ["ec2:RunInstances in sa-east-1"]
    );
    // Nothing is declared: there is a lock, or there is none.
    assert!(regions(only(&["eu-west-1", "sa-east-1"]), &[]).is_empty());
    // Naming what is closed leaves open whatever comes.
    let some = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "StringEquals": { "aws:RequestedRegion": ["us-east-1", "sa-east-1"] } } });
    assert_eq!(
        regions(some, &["eu-west-1"]),
        ["ec2:RunInstances in xx-elsewhere-1"]
    );
    // A lock that a caller can open is none.
    let unless = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-west-1" }, "Bool": { "aws:MultiFactorAuthPresent": "false" } } });
    let holes = regions(unless, &["eu-west-1"]);
    assert!(holes[0].contains("ec2:RunInstances"), "{holes:?}");
}

#[test]
fn leaving_trails_and_root_are_denied_by_what_is_attached() {
    let deny = |action: Value, condition: Value| json!({ "Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition });
    let estate = estate(
        &[
            deny(json!("organizations:LeaveOrganization"), json!({})),
            deny(
                json!(["cloudtrail:Stop*", "cloudtrail:DeleteTrail"]),
                json!({}),
            ),
            deny(
                json!("*"),
                json!({ "StringLike": { "aws:PrincipalArn": "arn:aws:iam::*:root" } }),
            ),
        ],
        &[],
    );
    let found = of(&estate, &limits(&[]));
    assert_eq!(found.leaving, Ok(vec![]));
    assert_eq!(found.trails, Ok(vec![]));
    assert_eq!(found.root, Ok(vec![]));
    assert!(!found.other_regions.unwrap().is_empty());
    // Service control policies do not bind the management account.
    let management = &guardrails(&estate, &limits(&[]))[1];
    assert_eq!(management.account, MANAGEMENT);
    assert_eq!(management.is_management, Some(true));
    assert!(!management.leaving.as_ref().unwrap().is_empty());
}

#[test]
fn a_denial_that_names_a_trail_holds_for_that_trail() {
    let main = format!("arn:aws:cloudtrail:eu-west-1:{MEMBER}:trail/main");
    let statement = json!({ "Effect": "Deny", "Action": "cloudtrail:*", "Resource": main });
    let estate = estate(&[statement], &[]);
    assert!(!of(&estate, &limits(&[])).trails.unwrap().is_empty());
    let mut limits = limits(&[]);
    limits.trails = BTreeMap::from([(MEMBER.to_owned(), vec![main])]);
    assert_eq!(of(&estate, &limits).trails, Ok(vec![]));
}

#[test]
fn a_perimeter_of_resources_confines_them_to_the_organization() {
    let perimeter = |actions: Value| {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-own" },
                "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
            },
        })
    };
    let all = json!(["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:*"]);
    let found = of(&estate(&[], &[perimeter(all)]), &limits(&[]));
    assert_eq!(found.outside, Ok(vec![]));
    let some = json!(["s3:*", "sqs:*", "kms:*", "sts:*"]);
    let found = of(&estate(&[], &[perimeter(some)]), &limits(&[]));
    let holes = found.outside.unwrap();
    assert_eq!(holes.len(), 1);
    assert!(holes[0].starts_with("secretsmanager:GetSecretValue in eu-west-1"));
}

#[test]
fn what_was_not_seen_is_not_decided() {
    let mut estate = estate(&[], &[]);
    estate.gaps.push(Gap {
        account: MEMBER.to_owned(),
        what: "guardrails (SCPs, RCPs)",
        call: "organizations:ListPolicies: denied".to_owned(),
    });
    let found = of(&estate, &limits(&[]));
    assert_eq!(
        found.leaving,
        Err("organizations:ListPolicies: denied".to_owned())
    );
    assert!(found.outside.is_err());
}
