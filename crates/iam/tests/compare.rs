//! Comparison of two policies: fixed questions, and random ones against a search by sampling.
#![cfg(test)]

use palisade_iam::{
    Comparison, Grammar, compare,
    parse::{Mode, PolicyKind, read_policy},
    simulate_line,
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

fn ask(old: &Value, new: &Value, grammar: Grammar) -> Comparison {
    let kind = if grammar == Grammar::Resource {
        PolicyKind::Resource
    } else {
        PolicyKind::Identity
    };
    let read = |policy: &Value| {
        read_policy(&policy.to_string(), kind, Mode::Lenient)
            .unwrap()
            .policy
    };
    compare(&read(old), &read(new), grammar)
}

fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(action: &str, resource: &str, condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition})
}

#[track_caller]
fn expect(old: Value, new: Value, implied: bool) {
    match ask(&policy(old), &policy(new), Grammar::Identity) {
        Comparison::NoNewAccess => assert!(implied),
        Comparison::NewAccess(witness) => assert!(!implied, "{witness:#?}"),
        Comparison::Unknown(unknown) => panic!("{unknown}"),
    }
}

#[test]
fn globs() {
    let one = |action: &str, resource: &str| allow(action, resource, json!({}));
    expect(one("s3:*", "*"), one("s3:Get*", "arn:aws:s3:::b/*"), true);
    expect(one("s3:Get*", "*"), one("s3:*", "*"), false);
    // Two halves make a whole: only their union decides it.
    expect(
        json!([
            one("s3:*", "arn:aws:s3:::b/*"),
            one("*", "arn:aws:s3:::c/*")
        ]),
        json!([one("s3:*", "arn:aws:s3:::?/*"), {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]}]),
        true,
    );
    expect(
        one("*", "*"),
        json!([one("iam:*", "*"), one("sts:*", "*")]),
        true,
    );
    expect(
        json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        one("s3:*", "*"),
        true,
    );
    expect(
        json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        one("i*:*", "*"),
        false,
    );
}

#[test]
fn conditions() {
    let when = |condition: Value| allow("s3:*", "*", condition);
    let always = || when(json!({}));
    let any_prefix = || when(json!({"StringLike": {"s3:prefix": "a*"}}));
    expect(always(), any_prefix(), true);
    expect(any_prefix(), always(), false);
    expect(
        any_prefix(),
        when(json!({"StringEquals": {"s3:prefix": ["ab", "a"]}})),
        true,
    );
    expect(
        json!([
            when(json!({"Null": {"x:y": "true"}})),
            when(json!({"StringLike": {"x:y": "*"}}))
        ]),
        always(),
        true,
    );
    expect(
        when(json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "10.128.0.0/9"]}})),
        when(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
        true,
    );
    expect(
        when(json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/9", "10.129.0.0/9"]}})),
        when(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}})),
        false,
    );
    expect(
        when(json!({"NumericLessThan": {"x:n": "10"}})),
        when(json!({"NumericLessThanEquals": {"x:n": "9"}})),
        true,
    );
    expect(
        when(json!({"NumericLessThanEquals": {"x:n": "9"}})),
        when(json!({"NumericLessThan": {"x:n": "10"}})),
        false,
    );
    expect(
        when(json!({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}})),
        when(json!({"DateLessThan": {"aws:CurrentTime": "2025-01-01"}})),
        true,
    );
    expect(
        when(json!({"ForAnyValue:StringEquals": {"x:m": ["a", "b"]}})),
        when(json!({"ForAnyValue:StringEquals": {"x:m": "a"}})),
        true,
    );
    expect(
        when(json!({"ForAllValues:StringEquals": {"x:m": "a"}})),
        when(json!({"ForAnyValue:StringEquals": {"x:m": "a"}})),
        false,
    );
    expect(
        when(json!({"StringEqualsIgnoreCase": {"x:s": "abk"}})),
        when(json!({"StringEquals": {"x:s": ["aBK", "abk"]}})),
        true,
    );
    expect(
        when(json!({"StringEquals": {"x:s": "${aws:username}"}})),
        when(json!({"StringEquals": {"x:s": "${aws:username}"}, "Bool": {"x:b": "true"}})),
        true,
    );
    expect(
        when(json!({"StringEquals": {"x:s": "ann"}})),
        when(json!({"StringEquals": {"x:s": "${aws:username}"}})),
        false,
    );
}

#[test]
fn what_is_not_modelled_is_unknown() {
    let own =
        |condition: Value| policy(allow("s3:*", "arn:aws:s3:::b/${aws:username}/*", condition));
    let ann = policy(allow("s3:*", "arn:aws:s3:::b/ann/*", json!({})));
    let is_ann = json!({"StringEquals": {"aws:username": "ann"}});
    assert!(matches!(
        ask(&ann, &own(is_ann), Grammar::Identity),
        Comparison::Unknown(_)
    ));
    // What does not change needs no look at what it means.
    assert!(matches!(
        ask(&own(json!({})), &own(json!({})), Grammar::Identity),
        Comparison::NoNewAccess
    ));
}

#[test]
fn principals_of_resource_policies() {
    let grant = |principal: Value, condition: Value| {
        policy(
            json!({"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition}),
        )
    };
    let account = grant(json!({"AWS": "111122223333"}), json!({}));
    let user = grant(
        json!({"AWS": "arn:aws:iam::111122223333:user/ann"}),
        json!({}),
    );
    let all = grant(json!("*"), json!({}));
    let in_account = grant(
        json!("*"),
        json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
    );
    assert!(matches!(
        ask(&account, &user, Grammar::Resource),
        Comparison::NoNewAccess
    ));
    assert!(matches!(
        ask(&user, &account, Grammar::Resource),
        Comparison::NewAccess(_)
    ));
    assert!(matches!(
        ask(&all, &in_account, Grammar::Resource),
        Comparison::NoNewAccess
    ));
    let Comparison::NewAccess(witness) = ask(&in_account, &all, Grammar::Resource) else {
        panic!()
    };
    assert_eq!(witness.statements, [0]);
}

const ACTIONS: [&str; 6] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "s3:?et*",
    "*",
    "iam:*",
];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::?/o",
    "arn:aws:s3:::b/o",
    "arn:aws:iam::*",
    "arn:aws:s3:::*o",
];
const VALUES: [&str; 8] = ["a", "A", "a*", "*", "?", "ab", "true", "1"];
const OPERATORS: [&str; 12] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringLikeIfExists",
    "Bool",
    "Null",
    "NumericLessThan",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEquals",
    "NumericNotEquals",
];

fn random_statement() -> impl Strategy<Value = Value> {
    let condition = (select(&OPERATORS[..]), select(&["x:a", "x:b"][..]), prop::collection::vec(select(&VALUES[..]), 1..3))
        .prop_map(|(operator, key, values)| json!({ operator: { key: if operator.starts_with("Numeric") { json!(["1"]) } else { json!(values) } } }));
    let patterns = |from: &'static [&'static str]| prop::collection::vec(select(from), 1..3);
    (
        prop_oneof![3 => Just("Allow"), 1 => Just("Deny")],
        prop_oneof![4 => Just("Action"), 1 => Just("NotAction")],
        patterns(&ACTIONS),
        prop_oneof![4 => Just("Resource"), 1 => Just("NotResource")],
        patterns(&RESOURCES),
        prop::option::weighted(0.5, condition),
    )
        .prop_map(|(effect, act, actions, on, resources, condition)| {
            json!({"Effect": effect, act: actions, on: resources, "Condition": condition.unwrap_or_else(|| json!({}))})
        })
}

fn random_policy() -> impl Strategy<Value = Value> {
    prop::collection::vec(random_statement(), 1..4).prop_map(|statements| policy(json!(statements)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// No sampled request contradicts "no new access"; every witness is one in the simulator's own words too.
    #[test]
    fn sampling_agrees(old in random_policy(), new in random_policy()) {
        let decision = |policy: &Value, action: &str, resource: &str, context: &Value| {
            let case = json!({"id": 0, "request": {"principal": "arn:aws:iam::111122223333:user/u", "action": action, "resource": resource, "context": context}, "identityPolicies": [policy]});
            let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
            answer["decision"] == "Allowed"
        };
        match ask(&old, &new, Grammar::Identity) {
            Comparison::NoNewAccess => {
                for action in ["s3:GetObject", "s3:PutObject", "s3:xetx", "iam:x", "z:z"] {
                    for resource in ["*", "arn:aws:s3:::b/o", "arn:aws:s3:::c/o", "arn:aws:s3:::b/x", "arn:aws:iam::1:x", "arn:aws:s3:::zzz"] {
                        for a in [json!(null), json!("a"), json!("A"), json!("ab"), json!("1"), json!("2"), json!("true"), json!(["a", "zz"])] {
                            let context = json!({"x:a": a, "x:b": "ab"});
                            let wider = decision(&new, action, resource, &context) && !decision(&old, action, resource, &context);
                            // A list stands only for keys that are read with set operators.
                            let plain_list = context["x:a"].is_array() && !(old.to_string() + &new.to_string()).contains("For");
                            prop_assert!(!wider || plain_list, "{action} {resource} {context}");
                        }
                    }
                }
            }
            Comparison::NewAccess(witness) => {
                let mut context = json!({});
                for (key, value) in &witness.context {
                    context[key] = match value {
                        None => Value::Null,
                        Some(palisade_iam::model::ContextValue::One(value)) => json!(value),
                        Some(palisade_iam::model::ContextValue::Many(values)) => json!(values),
                    };
                }
                prop_assert!(decision(&new, &witness.request.action, &witness.request.resource, &context));
                prop_assert!(!decision(&old, &witness.request.action, &witness.request.resource, &context));
            }
            Comparison::Unknown(unknown) => prop_assert!(false, "{unknown}"),
        }
    }
}
