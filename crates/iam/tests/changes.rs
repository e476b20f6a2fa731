//! Changes of policies that are common, and decided: policy variables, numbers, the clock, principals named in another
//! way, and actions that are asked on resources of their own types only.
#![cfg(test)]

mod support;

use std::sync::LazyLock;

use palisade_iam::{
    Authorization, Grammar,
    checks::{Checks, Outcome, no_new_access, no_public_access, not_granted},
    model::Policy,
    parse::{Mode, PolicyKind, read_policy},
    simulate::witness,
};
use serde_json::{Value, json};

static AUTHORIZATION: LazyLock<Authorization> = LazyLock::new(support::authorization);

fn read(version: &str, statements: &Value, kind: PolicyKind) -> Policy {
    let text = json!({"Version": version, "Statement": statements}).to_string();
    read_policy(&text, kind, Mode::Lenient).unwrap().policy
}

fn identity(statements: Value) -> Policy {
    read("2012-10-17", &statements, PolicyKind::Identity)
}

fn resource(statements: Value) -> Policy {
    read("2012-10-17", &statements, PolicyKind::Resource)
}

fn on(resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{resource}")})
}

fn when(condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition})
}

/// `PASS`, the first witness, or why not.
fn said(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Pass => json!("PASS"),
        Outcome::Fail(reasons) => witness(&reasons[0].witness, true),
        Outcome::Unknown(why) => json!({ "unknown": why.to_string() }),
    }
}

#[track_caller]
fn passes(outcome: &Outcome) {
    assert_eq!(said(outcome), "PASS");
}

#[track_caller]
fn fails(outcome: &Outcome) -> Value {
    let said = said(outcome);
    assert!(said.get("action").is_some(), "{said}");
    said
}

fn change(old: Value, new: Value) -> Outcome {
    no_new_access(&identity(old), &identity(new), Grammar::Identity)
}

#[test]
fn variables_in_resources() {
    passes(&change(on("b/*"), on("b/${aws:username}/*")));
    fails(&change(on("b/${aws:username}/*"), on("b/*")));
    passes(&change(
        on("b/${aws:username, 'x'}"),
        on("b/${aws:username}"),
    ));
    let found = fails(&change(
        on("b/${aws:username}"),
        on("b/${aws:username, 'x'}"),
    ));
    assert_eq!(found["resource"], "arn:aws:s3:::b/x");
    assert_eq!(found["context"]["aws:username"], Value::Null);
    // A document of 2008 has no variables: their text is text.
    let old = identity(on("b/${aws:username}"));
    let new = read("2008-10-17", &on("b/${aws:username}"), PolicyKind::Identity);
    let found = fails(&no_new_access(&old, &new, Grammar::Identity));
    assert_eq!(found["resource"], "arn:aws:s3:::b/${aws:username}");
    fails(&no_new_access(&new, &old, Grammar::Identity));
    // Two statements make one, and one gains an action.
    let of = |action: &str| json!({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::b/${aws:username}/*"});
    passes(&change(
        json!([of("s3:Get*"), of("s3:Put*")]),
        json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/${aws:username}/*"}),
    ));
    let found = fails(&change(
        json!([of("s3:Get*")]),
        json!([of("s3:Get*"), of("s3:Put*")]),
    ));
    assert_eq!(found["resource"], "arn:aws:s3:::b/palisade-other/");
    // What the variable is, a condition may say.
    let ann = json!({"StringEquals": {"aws:username": "ann"}});
    let mut named = on("b/${aws:username}/x");
    named["Condition"] = ann;
    let found = fails(&change(on("b/bob/*"), named.clone()));
    assert_eq!(found["context"]["aws:username"], "ann");
    // That it can be nobody else is more than is looked at.
    let undecided = said(&change(on("b/ann/*"), named));
    assert!(undecided.get("unknown").is_some(), "{undecided}");
    // A denial that another value escapes says nothing for all of them.
    let denied = |resource: &str| json!([on("b/*"), {"Effect": "Deny", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{resource}")}]);
    fails(&change(
        denied("b/${aws:username}"),
        denied("b/other/${aws:username}"),
    ));
    passes(&change(denied("b/${aws:username}"), denied("b/*")));
}

#[test]
fn numbers_that_are_not_whole() {
    let number = |operator: &str, value: &str| when(json!({operator: {"s3:max-keys": value}}));
    passes(&change(
        number("NumericLessThan", "10"),
        number("NumericLessThanEquals", "9.9"),
    ));
    let found = fails(&change(
        number("NumericLessThanEquals", "9.9"),
        number("NumericLessThan", "10"),
    ));
    assert_eq!(found["context"]["s3:max-keys"], "9.91");
    let between = identity(when(json!({
        "NumericGreaterThan": {"s3:max-keys": "10"},
        "NumericLessThan": {"s3:max-keys": "10.0"}
    })));
    let none = not_granted(&between, &["s3:*".to_owned()], &[], Grammar::Identity);
    passes(&none);
}

/// `aws:CurrentTime` and `aws:EpochTime` tell one time.
#[test]
fn one_clock() {
    let granted = |condition: Value| {
        let policy = identity(when(condition));
        not_granted(&policy, &["s3:*".to_owned()], &[], Grammar::Identity)
    };
    passes(&granted(json!({
        "DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
        "NumericLessThan": {"aws:EpochTime": "100"}
    })));
    let found = fails(&granted(json!({
        "DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
        "NumericLessThan": {"aws:EpochTime": "1893456002"}
    })));
    assert_eq!(found["context"]["aws:epochtime"], "1893456000");
    passes(&granted(json!({
        "DateGreaterThan": {"aws:EpochTime": "2030-01-01T00:00:00Z"},
        "NumericLessThan": {"aws:EpochTime": "1893456000"}
    })));
    fails(&granted(json!({
        "DateGreaterThan": {"aws:EpochTime": "2020-01-01T00:00:00Z"},
        "NumericGreaterThan": {"aws:EpochTime": "1500000000"}
    })));
}

#[test]
fn principals_named_by_conditions() {
    let allow = |principal: Value, condition: Value| {
        resource(
            json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition}),
        )
    };
    let role = "arn:aws:iam::111122223333:role/deploy";
    let named = |name: &str| allow(json!({"AWS": name}), json!({}));
    let by = |condition: Value| allow(json!("*"), condition);
    let account = || by(json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}));
    let by_role = || by(json!({"ArnEquals": {"aws:PrincipalArn": role}}));
    let ask = |old: &Policy, new: &Policy| no_new_access(old, new, Grammar::Resource);
    passes(&ask(&named("111122223333"), &account()));
    passes(&ask(&account(), &named("111122223333")));
    passes(&ask(&named(role), &by_role()));
    passes(&ask(&account(), &by_role()));
    fails(&ask(&by_role(), &account()));
    fails(&ask(&named("444455556666"), &account()));
    fails(&ask(&named(role), &account()));
}

#[test]
fn actions_are_asked_on_their_own_resources() {
    let checks = Checks {
        authorization: &AUTHORIZATION,
    };
    let policy = identity(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:*:*:accesspoint/*"}
    ]));
    let ask = |policy: &Policy, action: &str| {
        checks.not_granted(policy, &[action.to_owned()], &[], Grammar::Identity)
    };
    passes(&ask(&policy, "s3:GetObject"));
    let mut open = policy.clone();
    open.statements.remove(2);
    let found = fails(&ask(&open, "s3:GetObject"));
    let by_access_point = found["resource"].as_str().unwrap();
    assert!(by_access_point.contains(":accesspoint/"), "{found}");
    let found = fails(&ask(&policy, "s3:DeleteObject"));
    assert_eq!(found["action"], "s3:DeleteObject");
    assert!(found["resource"].as_str().unwrap().contains('/'), "{found}");
    // An action that is not known is asked on anything.
    let policy = identity(json!([
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:NewObject", "Resource": "arn:aws:s3:::*"}
    ]));
    fails(&ask(&policy, "s3:NewObject"));
    // A change is asked in the same way.
    let old = identity(
        json!({"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:*:*:instance/*"}),
    );
    let new = identity(
        json!({"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": ["arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::*"]}),
    );
    passes(&checks.no_new_access(&old, &new, Grammar::Identity));
    fails(&no_new_access(&old, &new, Grammar::Identity));
}

/// An unsigned request is of no organization, and a path of one organization's members is not anybody's.
#[test]
fn paths_of_an_organization_are_not_public() {
    let everyone = |condition: Value| {
        no_public_access(&resource(
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition}),
        ))
    };
    passes(&everyone(
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}),
    ));
    let found = fails(&everyone(
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-1/*"}}),
    ));
    assert_ne!(found["principal"]["type"], "Anonymous", "{found}");
    let found = fails(&everyone(
        json!({"StringLike": {"aws:PrincipalTag/team": "*"}}),
    ));
    assert_ne!(found["principal"]["type"], "Anonymous", "{found}");
}
