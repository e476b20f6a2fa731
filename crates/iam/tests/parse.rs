//! What is wrong with a document, where; and documents that try to hurt.
#![cfg(test)]

use std::fmt::Write;

use palisade_iam::{
    parse::{Mode, Parsed, PolicyKind, json::read_bytes, read_policy},
    simulate_line,
};
use serde_json::{Value, json};

fn strict(text: &str) -> Result<Parsed, String> {
    read_policy(text, PolicyKind::Identity, Mode::Strict).map_err(|error| error.to_string())
}

fn statement(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{members}}}}}"#)
}

/// Each problem with its place: where the last `needle` starts. Strict mode refuses it.
#[test]
fn problems_have_a_place() {
    let all = |more: &str| statement(&format!(r#""Action":"*","Resource":"*",{more}"#));
    let table = [
        (
            r#"{"Version":"2012-10-17"}"#.to_owned(),
            "{",
            "the policy has no `Statement`; add one",
        ),
        (
            r#"{"Version":"2020","Statement":[]}"#.to_owned(),
            "\"2020",
            "unknown `Version`",
        ),
        (
            statement(r#""Action":"*""#),
            "{",
            "the statement has no `Resource` or `NotResource`; add it",
        ),
        (
            statement(r#""Action":"*","NotAction":"?","Resource":"*""#),
            "\"?",
            "a statement has `Action` or `NotAction`, not both",
        ),
        (
            all(r#""Effect":"Deny""#),
            "\"Effect",
            "`Effect` stands here twice; keep one",
        ),
        (
            statement(r#""Action":7,"Resource":"*""#),
            "7,",
            "`Action` is a string; this is a number",
        ),
        (
            statement(r#""Action":["s3:*","s3"],"Resource":"*""#),
            "\"s3\"",
            "`s3` is no action",
        ),
        (
            statement(r#""Action":"*","Resource":"bucket""#),
            "\"bucket",
            "`bucket` is no resource",
        ),
        (
            statement(r#""Action":"*","Resource":"arn:aws:s3:::${aws:username""#),
            "\"arn",
            "the policy variable has no closing brace",
        ),
        (
            all(r#""Principal":"everyone""#),
            "\"everyone",
            "a policy of this kind has no principal",
        ),
        (
            all(r#""Resources":"*""#),
            "\"Resources",
            "unknown element `Resources`",
        ),
        (
            all(r#""Condition":{"Matches":{"a:b":"c"}}"#),
            "\"Matches",
            "unknown condition operator `Matches`",
        ),
        (
            all(r#""Condition":{"IpAddress":{"a:b":"10.0.0.0/99"}}"#),
            "\"a:b",
            "`10.0.0.0/99` is no value for `IpAddress`",
        ),
        (
            all(r#""Condition":{"Bool":{"a:b":"maybe"}}"#),
            "\"a:b",
            "`maybe` is no value for `Bool`",
        ),
        (
            all(r#""Condition":{"Bool":{"a:b":true,"a:b":true}}"#),
            "\"a:b",
            "`a:b` stands here twice; keep one",
        ),
        (
            all(r#""Condition":{"Bool":{"a:b":{}}}"#),
            "{}",
            "a condition's value is a string, a number or a boolean; this is an object",
        ),
        (
            r#"{"Version":"2012-10-17","Statement": tru}"#.to_owned(),
            "tru}",
            "no JSON value",
        ),
    ];
    for (document, needle, problem) in table {
        let error = strict(&document).unwrap_err();
        let column = document.rfind(needle).unwrap() + 1;
        let expected = format!("line 1, column {column}: {problem}");
        assert!(
            error.starts_with(&expected),
            "{document}\n{error}\n{expected}"
        );
    }
}

/// What has one meaning is read in lenient mode, and told.
#[test]
fn lenient_reads_and_tells() {
    let document = r#"{"version":"2012-10-17","Statement":{"effect":"allow","Principal":"arn:aws:iam::111122223333:user/a","Action":"s3:*","Resource":"*"}}"#;
    assert!(read_policy(document, PolicyKind::Resource, Mode::Strict).is_err());
    let parsed = read_policy(document, PolicyKind::Resource, Mode::Lenient).unwrap();
    let places: Vec<u32> = parsed
        .problems
        .iter()
        .map(|problem| problem.at.column)
        .collect();
    assert_eq!(places, [2, 38, 47, 67]);
}

#[test]
fn fine_documents_are_fine() {
    strict(&statement(r#""Sid":"a","Action":["s3:Get*","ec2:*"],"Resource":["arn:aws:s3:::b/${aws:username}","*"],"Condition":{"NumericLessThan":{"s3:max-keys":10},"Bool":{"aws:SecureTransport":true}}"#)).unwrap();
}

/// A case that cannot be read gives its id and an error, and never more than that.
#[test]
fn unreadable_cases() {
    let table = [
        ("", "line 1, column 1: a value is missing"),
        ("[]", "line 1, column 1: a case is an object"),
        (r#"{"id":7}"#, "request: `request` is missing"),
        (
            r#"{"id":7,"request":{"principal":"nobody","action":"s3:x"}}"#,
            "request: `nobody` is no principal",
        ),
        (
            r#"{"id":7,"request":{"principal":"*","action":"s3"}}"#,
            "request: `s3` is no action",
        ),
        (
            r#"{"id":7,"request":{"principal":"*","action":"s3:x"},"identityPolicies":[{"Statement":{"Effect":"Maybe"}}]}"#,
            "identityPolicies[0]: line 1, column 96: `Effect` is",
        ),
        (
            r#"{"id":7,"request":{"principal":"*","action":"s3:x"},"scps":[{}]}"#,
            "line 1, column 61: `scps[0]` has no `policies`",
        ),
    ];
    for (line, expected) in table {
        let answer: Value = serde_json::from_str(&simulate_line(line)).unwrap();
        assert!(
            answer["error"].as_str().unwrap().starts_with(expected),
            "{line}\n{answer}"
        );
        assert_eq!(
            answer["id"],
            if line.contains("id") {
                json!(7)
            } else {
                Value::Null
            }
        );
        assert_eq!(answer.as_object().unwrap().len(), 2);
    }
}

/// Unknown keys are ignored with a warning; a policy may be named or JSON text.
#[test]
fn forms_of_a_case() {
    let text = json!({"Version": "2012-10-17", "Statement": {"Sid": "S", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    let case = json!({"id": {"a": 1.50}, "extra": 1, "request": {"principal": {"AWS": "arn:aws:iam::111122223333:user/a"}, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/o", "resourceAccount": 111_122_223_333_u64, "more": 1, "context": {"a:b": null, "c:d": [1, true]}},
        "identityPolicies": [{"name": "mine", "policy": text.to_string()}], "sessionPolicy": null});
    let said = palisade_iam::simulate(case.to_string().as_bytes());
    let answer: Value = serde_json::from_str(&said.line).unwrap();
    assert_eq!(answer["decision"], "Allowed");
    assert_eq!(answer["id"], json!({"a": 1.5}));
    assert_eq!(
        answer["decided_by"],
        json!([{"layer": "identity", "policy": "mine", "statement": 0, "sid": "S", "line": 1, "column": 37, "effect": "Allow"}])
    );
    assert_eq!(
        said.warnings,
        [
            "unknown key `extra` ignored",
            "unknown key `request.more` ignored"
        ]
    );
}

/// Implicit denial tells for each statement the element that fails.
#[test]
fn failures_name_the_element() {
    let policies = json!([{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "bob"}}}]}]);
    let case = json!({"id": 1, "request": {"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/o"}, "identityPolicies": policies});
    let answer: Value = serde_json::from_str(&simulate_line(&case.to_string())).unwrap();
    let elements: Vec<&str> = answer["decided_by"][0]["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| failed["element"].as_str().unwrap())
        .collect();
    assert_eq!(
        elements,
        [
            "Action",
            "NotResource",
            "Condition StringEquals aws:username"
        ]
    );
}

#[test]
fn hostile_documents_end() {
    assert_eq!(read_bytes(b"\xff").unwrap_err().at.column, 1);
    let deep = format!("{}1{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert!(simulate_line(&deep).contains("deeper"));
    let mut statements = String::new();
    for number in 0..10_000 {
        write!(statements, r#"{{"Effect":"Allow","Action":"s3:{}x{number}","Resource":"arn:aws:s3:::{}b{number}"}},"#, "*?".repeat(8), "*a".repeat(8)).unwrap();
    }
    let line = |statements: &str, resource: &str| {
        format!(
            r#"{{"id":1,"request":{{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:{}","resource":"{resource}"}},"identityPolicies":[{{"Statement":[{}]}}]}}"#,
            "y".repeat(1_000),
            statements.trim_end_matches(',')
        )
    };
    let answer = simulate_line(&line(&statements, "arn:aws:s3:::aaaaaaaaaaaaaaaa"));
    assert!(answer.contains("ImplicitlyDenied"), "{answer:.300}");
    let stars = format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"{}b"}}"#,
        "*a?".repeat(300_000)
    );
    assert!(
        simulate_line(&line(
            &stars,
            &format!("arn:aws:s3:::{}", "a".repeat(16_000))
        ))
        .contains("ImplicitlyDenied")
    );
    assert!(
        simulate_line(&line(
            &stars,
            &format!("arn:aws:s3:::{}", "a".repeat(20_000))
        ))
        .contains("longer than")
    );
}
