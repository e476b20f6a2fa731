//! Policies of thousands of statements, and patterns of a megabyte: an answer where one is cheap, `UNKNOWN` with the reason
//! where not, and never a search without an end.
#![cfg(test)]

mod support;

use std::time::{Duration, Instant};
use support::authorization;

use palisade_iam::{
    Comparison, Grammar,
    analyse::Unknown,
    checks::{Checks, Outcome, no_public_access},
    compare,
    model::Policy,
    parse::{Mode, PolicyKind, read_policy},
    validate::{PolicyType, validate},
};
use serde_json::{Value, json};

const MANY: usize = 10_000;
/// No answer takes so long, however slow the machine: without a bound they took minutes.
const LONG: Duration = Duration::from_secs(60);

#[track_caller]
fn is_short(what: &str, start: Instant) {
    let took = start.elapsed();
    assert!(took < LONG, "{what}: {took:?}");
}

fn policy(statements: &Value, kind: PolicyKind) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    read_policy(&text, kind, Mode::Lenient).unwrap().policy
}

fn identity(statements: Vec<Value>) -> Policy {
    policy(&Value::Array(statements), PolicyKind::Identity)
}

fn gets(effect: &str, many: usize) -> Vec<Value> {
    (0..many)
        .map(|i| json!({"Effect": effect, "Action": format!("s3:Get{i}*"), "Resource": format!("arn:aws:s3:::b{i}/*")}))
        .collect()
}

fn everything() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

fn denied(many: usize) -> Vec<Value> {
    std::iter::once(everything())
        .chain(gets("Deny", many))
        .collect()
}

/// The answer in a word.
fn word(what: &str, old: &Policy, new: &Policy) -> &'static str {
    let start = Instant::now();
    let answer = match compare(old, new, Grammar::Identity) {
        Comparison::NoNewAccess => "PASS",
        Comparison::NewAccess(_) => "FAIL",
        Comparison::Unknown(Unknown::TooLarge(_)) => "TOO LARGE",
        Comparison::Unknown(_) => "UNKNOWN",
    };
    is_short(what, start);
    answer
}

#[test]
fn ten_thousand_statements() {
    let (k10, k10d, all) = (
        identity(gets("Allow", MANY)),
        identity(denied(MANY)),
        identity(vec![everything()]),
    );
    assert_eq!(word("k10 k10", &k10, &k10), "PASS");
    assert_eq!(word("k10 all", &k10, &all), "FAIL");
    assert_eq!(word("all k10d", &all, &k10d), "PASS");
    assert_eq!(word("k10d all", &k10d, &all), "FAIL");
    assert_eq!(word("k10d k10d", &k10d, &k10d), "PASS");
    assert_eq!(word("all k10", &all, &k10), "PASS");
    assert_eq!(word("k10 k10d", &k10, &k10d), "FAIL");
    assert_eq!(word("k10d k10", &k10d, &k10), "FAIL");
    assert_eq!(word("nothing k10", &identity(Vec::new()), &k10), "FAIL");
    // One statement that is new among them, and one that is narrower.
    let mut more = gets("Allow", MANY);
    more.push(json!({"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}));
    assert_eq!(word("k10 more", &k10, &identity(more)), "FAIL");
    let mut less = gets("Allow", MANY);
    less[77] =
        json!({"Effect": "Allow", "Action": "s3:Get77x*", "Resource": "arn:aws:s3:::b77/?x"});
    assert_eq!(word("k10 less", &k10, &identity(less)), "PASS");
    let shuffled: Vec<Value> = gets("Allow", MANY).into_iter().rev().collect();
    assert_eq!(word("k10 shuffled", &k10, &identity(shuffled)), "PASS");
    for many in [1000, 2000, 4000] {
        let own = identity(gets("Allow", many));
        assert_eq!(word("itself", &own, &own), "PASS");
    }
    // One action on ten thousand resources.
    let objects = |skip: usize| {
        let all = (skip..MANY).map(|i| {
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b{i}/*")})
        });
        identity(all.collect())
    };
    assert_eq!(word("objects", &objects(0), &objects(1)), "PASS");
    assert_eq!(word("objects more", &objects(1), &objects(0)), "FAIL");
}

#[test]
fn checks_of_ten_thousand_statements() {
    let authorization = authorization();
    let checks = Checks {
        authorization: &authorization,
    };
    let ask = |statements: Vec<Value>, action: &str| {
        let policy = identity(statements);
        let start = Instant::now();
        let outcome = checks.not_granted(&policy, &[action.to_owned()], &[], Grammar::Identity);
        is_short(action, start);
        outcome
    };
    let Outcome::Fail(reasons) = ask(denied(MANY), "s3:GetObject") else {
        panic!()
    };
    assert_eq!(reasons[0].witness.request.action_text, "s3:GetObject");
    assert!(reasons[0].witness.request.resource.contains('/'));
    assert!(matches!(
        ask(gets("Allow", MANY), "s3:DeleteObject"),
        Outcome::Pass
    ));
    assert!(
        matches!(ask(gets("Allow", MANY), "s3:*"), Outcome::Fail(found) if found.len() == MANY)
    );
    assert!(matches!(ask(denied(MANY), "s3:Get*"), Outcome::Fail(_)));
    // The same of what everybody may do: an answer, or that there are too many.
    let start = Instant::now();
    let everybody = gets("Allow", MANY).into_iter().map(|mut statement| {
        statement["Principal"] = json!("*");
        statement
    });
    let everybody = policy(&Value::Array(everybody.collect()), PolicyKind::Resource);
    let outcome = no_public_access(&everybody);
    is_short("public", start);
    assert!(!matches!(outcome, Outcome::Pass));
}

#[test]
fn a_megabyte_of_stars() {
    let stars = |pattern: &str, many: usize| {
        let resource = format!("arn:aws:s3:::{}", pattern.repeat(many));
        identity(vec![
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}),
        ])
    };
    let long = stars("*?", 500_000);
    assert_eq!(word("stars", &long, &long), "PASS");
    assert_eq!(word("other stars", &long, &stars("?*", 500_000)), "PASS");
    for (old, new) in [("*?", "*a"), ("*a", "*?"), ("*a?", "*?a")] {
        let (old, new) = (stars(old, 300_000), stars(new, 300_000));
        word("different stars", &old, &new);
    }
    assert_eq!(
        word("four thousand", &stars("*?", 4_000), &stars("*", 1)),
        "FAIL"
    );
    assert_eq!(
        word("four thousand", &stars("*", 1), &stars("*?", 4_000)),
        "PASS"
    );
}

/// Patterns that no short look tells apart.
#[test]
fn a_search_without_an_answer_ends() {
    let tangled = |from: usize| {
        let all = (from..from + 400).map(|i| {
            json!({"Effect": if i % 3 == 0 {"Deny"} else {"Allow"}, "Action": format!("*{}*{i}*", "ab".repeat(i % 7)), "Resource": format!("*{i}*x*{}?*", i % 11),
                   "Condition": {"StringLike": {(format!("aws:RequestTag/{}", i % 13)): format!("*{i}*")}}})
        });
        identity(all.collect())
    };
    let answer = word("tangled", &tangled(0), &tangled(7));
    assert_ne!(answer, "PASS");
}

#[test]
fn a_large_policy_is_validated() {
    let authorization = authorization();
    let text = json!({"Version": "2012-10-17", "Statement": gets("Allow", MANY)}).to_string();
    let start = Instant::now();
    let issues = validate(&text, PolicyType::Identity, None, &authorization);
    is_short("validate", start);
    assert!(issues.len() >= MANY);
}
