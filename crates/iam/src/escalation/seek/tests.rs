//! What is asked once for many is what each would be told.

use super::*;
use crate::{
    escalation::{Group, Step},
    model::{Context, ContextValue, Layers, Level, NamedPolicy, Template},
    parse::{Mode, PolicyKind, read_policy},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

fn named(statements: &[Value], kind: PolicyKind) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = read_policy(&text, kind, Mode::Lenient).unwrap().policy;
    NamedPolicy {
        name: "arn:aws:iam::111122223333:policy/p".to_owned(),
        policy: Arc::new(policy),
    }
}

fn one(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(of)
}

fn condition() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r1*"}}),
        json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*/*2"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "a"}}),
        json!({"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}),
        json!({"StringNotEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}),
        json!({"StringLike": {"aws:userid": "AIDA1*"}}),
        json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        json!({"Null": {"aws:PrincipalTag/team": "true"}}),
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let actions = one(&[
        "*",
        "iam:*",
        "iam:PassRole",
        "sts:AssumeRole",
        "iam:CreateAccessKey",
        "iam:Attach*",
        "iam:Put*",
        "lambda:*",
        "iam:UpdateAssumeRolePolicy",
        "iam:CreatePolicyVersion",
        "s3:GetObject",
        "iam:AddUserToGroup",
    ]);
    let resources = one(&[
        "*",
        "*",
        "arn:aws:iam::*:role/r1",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:*/${aws:PrincipalTag/team}*",
        "arn:aws:iam::*:user/u0",
    ]);
    let effect = one(&["Allow", "Allow", "Allow", "Deny"]);
    (effect, actions, resources, condition(), any::<bool>()).prop_map(
        |(effect, action, resource, condition, not)| {
            let resource_key = if not && effect == "Deny" {
                "NotResource"
            } else {
                "Resource"
            };
            json!({"Effect": effect, "Action": action, resource_key: resource, "Condition": condition})
        },
    )
}

fn trust() -> impl Strategy<Value = Value> {
    let principal = proptest::sample::select(vec![
        json!({"AWS": "111122223333"}),
        json!({"AWS": "444455556666"}),
        json!({"AWS": "*"}),
        json!({"AWS": ["arn:aws:iam::111122223333:role/r1", "111122223333"]}),
        json!({"AWS": "arn:aws:iam::111122223333:user/u0"}),
        json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
        json!({"AWS": "AIDA1"}),
    ]);
    let effect = one(&["Allow", "Allow", "Allow", "Deny"]);
    (effect, principal, condition()).prop_map(|(effect, principal, condition)| {
        json!({"Effect": effect, "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition})
    })
}

type Made = (usize, bool, usize, Option<usize>, Option<usize>, bool);

fn node(
    at: usize,
    made: &Made,
    pool: &[NamedPolicy],
    trusts: &[NamedPolicy],
    scps: &[Level],
) -> Node {
    let (account, is_user, policy, boundary, trust, tagged) = *made;
    let account = ACCOUNTS[account];
    let arn = if is_user {
        format!("arn:aws:iam::{account}:user/u{at}")
    } else {
        format!("arn:aws:iam::{account}:role/r{at}")
    };
    let mut context = Context::new();
    let mut domains = BTreeMap::new();
    if is_user {
        context.set("aws:userid", ContextValue::One(format!("AIDA{at}")));
        if tagged {
            context.set("aws:PrincipalTag/team", ContextValue::One("a".to_owned()));
        }
        context.close("aws:principaltag/");
    } else {
        let like = Template::new(&format!("AROA{at}:?*"), true, false);
        domains.insert("aws:userid".to_owned(), like);
    }
    Node {
        arn,
        account: account.to_owned(),
        layers: Layers {
            identity: vec![pool[policy % pool.len()].clone()],
            boundaries: boundary
                .map(|at| pool[at % pool.len()].clone())
                .into_iter()
                .collect(),
            scps: scps.to_vec(),
            ..Layers::default()
        },
        trust: trust
            .filter(|_| !is_user)
            .map(|at| trusts[at % trusts.len()].clone()),
        groups: vec![format!("arn:aws:iam::{account}:group/g")],
        attached: vec![format!(
            "arn:aws:iam::{account}:policy/p{}",
            policy % pool.len()
        )],
        administrator: Ok(at == 3),
        bounded: Ok(boundary.is_some()),
        context,
        domains,
    }
}

fn told(found: &Escalation<'_>, node: usize) -> (Vec<Step>, Vec<String>) {
    let mut steps = found.steps(node);
    steps.sort_by_key(|step| (step.path.id, step.to, step.by().map(str::to_owned)));
    let mut open: Vec<String> = found
        .open(node)
        .into_iter()
        .map(|open| format!("{}: {}", open.path, open.reason))
        .collect();
    open.sort();
    open.dedup();
    (steps, open)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn together_as_one_by_one(
        pool in proptest::collection::vec(proptest::collection::vec(statement(), 1..4), 2..4),
        trusts in proptest::collection::vec(proptest::collection::vec(trust(), 1..3), 1..4),
        scp in proptest::option::of(proptest::collection::vec(statement(), 1..3)),
        rcp in proptest::option::of(condition()),
        made in proptest::collection::vec(
            (0..2_usize, any::<bool>(), 0..4_usize, proptest::option::weighted(0.2, 0..4_usize), proptest::option::weighted(0.8, 0..4_usize), any::<bool>()),
            4..10,
        ),
    ) {
        let pool: Vec<NamedPolicy> = pool.iter().map(|all| named(all, PolicyKind::Identity)).collect();
        let trusts: Vec<NamedPolicy> = trusts.iter().map(|all| named(all, PolicyKind::Trust)).collect();
        let level = |policy: NamedPolicy| vec![Level { name: "root".to_owned(), policies: vec![policy] }];
        let scps = scp.map_or_else(Vec::new, |mut all| {
            all.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
            level(named(&all, PolicyKind::ServiceControl))
        });
        let rcps = rcp.map_or_else(BTreeMap::new, |condition| {
            let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": condition});
            BTreeMap::from([(ACCOUNTS[0].to_owned(), level(named(&[deny], PolicyKind::ResourceControl)))])
        });
        let field = Field {
            nodes: made.iter().enumerate().map(|(at, made)| node(at, made, &pool, &trusts, &scps)).collect(),
            groups: vec![Group { arn: "arn:aws:iam::111122223333:group/g".to_owned(), account: ACCOUNTS[0].to_owned(), administrator: Ok(true) }],
            rcps,
        };
        let (together, apart) = (sought(&field, true), sought(&field, false));
        for at in 0..field.nodes.len() {
            prop_assert_eq!(told(&together, at), told(&apart, at), "{}", field.nodes[at].arn);
            for step in together.steps(at) {
                prop_assert_eq!(together.witnesses(&step).len(), step.path.needs.len());
            }
        }
        let reached = |found: &Escalation<'_>| found.ways().into_iter().map(|(at, way)| (at, way.len())).collect::<Vec<_>>();
        prop_assert_eq!(reached(&together), reached(&apart));
    }
}
