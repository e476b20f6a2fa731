//! access: simulate, compare, check on files; who-can, what-can, public, external and keys on the demo.

use crate::support::Desk;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Output, Stdio};

const CASES: &str = r#"{"id":1,"request":{"principal":"arn:aws:iam::111122223333:user/ann","action":"s3:GetObject","resource":"arn:aws:s3:::b/o","resourceAccount":"111122223333","context":{}},"identityPolicies":[{"name":"read","policy":{"Version":"2012-10-17","Statement":{"Sid":"R","Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}}],"extra":1}

{"id":"no request","extra":2}
{"id":"wrong policy","request":{"principal":{"type":"Anonymous"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/o"},"resourcePolicy":{"Statement":[{"Effect":"Maybe"}]}}
not json
{"id":"twice","id":"twice"}
{"id":"anonymous","request":{"principal":{"type":"Anonymous"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/o","resourceAccount":"111122223333"},"resourcePolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]},"extra":3}
"#;

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}]}"#;
const WRITE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Sid":"Put","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}]}"#;

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn simulate_answers_every_line() {
    let desk = Desk::new();
    desk.file("cases.jsonl", CASES);
    let output = desk.run(&["access", "simulate", "--input", "cases.jsonl"]);
    assert_eq!(output.status.code(), Some(0));
    let answers = lines(&output);
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(
        serde_json::json!(ids),
        serde_json::json!([1, "no request", "wrong policy", null, "twice", "anonymous"])
    );
    assert_eq!(answers[0]["decision"], "ImplicitlyDenied");
    assert_eq!(answers[0]["residual"]["key"], "aws:SecureTransport");
    for failed in &answers[1..5] {
        assert_eq!(failed.as_object().unwrap().len(), 2, "{failed}");
        assert!(failed["error"].is_string());
    }
    assert_eq!(answers[5]["decision"], "Allowed");
    // An unknown key is told once, with its line, and counted.
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "warning: line 1: unknown key `extra` ignored\n\
         warning: 2 times in all: unknown key `extra` ignored\n"
    );
}

#[test]
fn simulate_reads_stdin_and_lines_that_are_no_text() {
    let desk = Desk::new();
    let mut child = desk
        .palisade(&["access", "simulate", "--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{\"id\": \"\xff\"}\n").unwrap();
    input.write_all(&b"[".repeat(1 << 20)).unwrap();
    input.write_all(b"\n").unwrap();
    input.write_all(CASES.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let answers = lines(&output);
    assert_eq!(answers.len(), 8);
    assert!(answers[0]["error"].as_str().unwrap().contains("UTF-8"));
    assert!(answers[1]["error"].as_str().unwrap().contains("nest"));
    assert_eq!(answers[7]["decision"], "Allowed");
}

#[test]
fn simulate_without_its_file() {
    let output = Desk::new().run(&["access", "simulate", "--input", "nowhere.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.jsonl"));
}

#[test]
fn compare_names_the_statement_and_a_request() {
    let desk = Desk::new();
    desk.file("old.json", READ);
    desk.file("new.json", WRITE);
    let output = desk.run(&[
        "access", "compare", "old.json", "new.json", "--format", "json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    assert_eq!(answer["result"], "FAIL");
    let reason = &answer["policies"][0]["reasons"][0];
    assert_eq!(reason["statementIndex"], 1);
    assert_eq!(reason["statementId"], "Put");
    assert_eq!(reason["witness"]["action"], "s3:PutObject");
    let output = desk.run(&["access", "compare", "new.json", "new.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).starts_with("PASS"), "{}", said(&output));
    desk.file("broken.json", "{\"Statement\": [{\"Effect\": \"Allow\",}]}");
    let output = desk.run(&["access", "compare", "old.json", "broken.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.json:1:"));
}

#[test]
fn compare_pairs_folders_by_path() {
    let desk = Desk::new();
    desk.file("a/x/one.json", READ);
    desk.file("a/gone.json", READ);
    desk.file("b/x/one.json", READ);
    desk.file("b/added.json", READ);
    let output = desk.run(&["access", "compare", "a", "b", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    let results: Vec<_> = answer["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| {
            (
                policy["path"].as_str().unwrap(),
                policy["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        results,
        [("b/added.json", "FAIL"), ("b/x/one.json", "PASS")]
    );
}

#[test]
fn check_what_must_not_be_granted_and_what_is_public() {
    let desk = Desk::new();
    desk.file("p.json", WRITE);
    desk.file(
        "bucket.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#,
    );
    let code = |arguments: &[&str]| desk.run(arguments).status.code();
    assert_eq!(
        code(&["access", "check", "p.json", "--not-granted", "iam:PassRole"]),
        Some(0)
    );
    assert_eq!(
        code(&[
            "access",
            "check",
            "p.json",
            "--not-granted",
            "iam:PassRole",
            "s3:Put*"
        ]),
        Some(1)
    );
    assert_eq!(
        code(&[
            "access",
            "check",
            "p.json",
            "--not-granted",
            "s3:Put*",
            "--resource",
            "arn:aws:s3:::c/*"
        ]),
        Some(0)
    );
    assert_eq!(
        code(&["access", "check", "p.json", "--not-granted", "PassRole"]),
        Some(2)
    );
    assert_eq!(code(&["access", "check", "p.json"]), Some(2));
    assert_eq!(code(&["access", "check", "p.json", "--no-public"]), Some(2));
    let output = desk.run(&["access", "check", "bucket.json", "--no-public"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("anonymous s3:GetObject arn:aws:s3:::b/"),
        "{}",
        said(&output)
    );
}

/// Every witness that a question prints is a request that `simulate` reads.
#[test]
fn questions_over_the_demo() {
    let desk = Desk::new();
    let rows = json(&desk.run(&[
        "query",
        "--demo",
        "--format",
        "json",
        "select arn from aws_s3_bucket order by arn limit 1",
    ]));
    let bucket = rows[0]["arn"].as_str().unwrap();
    let answer = json(&desk.run(&[
        "access",
        "who-can",
        "s3:GetObject",
        &format!("{bucket}/*"),
        "--demo",
        "--format",
        "json",
    ]));
    assert_eq!(answer["schema"], "palisade.access-who-can/v1");
    let principals = answer["principals"].as_array().unwrap();
    assert!(
        principals
            .iter()
            .any(|can| can["witness"]["action"] == "s3:GetObject"),
        "{answer}"
    );
    for can in principals {
        assert_eq!(can["access"] == "can", can["witness"].is_object(), "{can}");
    }
    let who = principals[0]["principal"].as_str().unwrap();
    let answer = json(&desk.run(&[
        "access", "what-can", who, "--action", "s3:*", "--demo", "--format", "json",
    ]));
    assert!(!answer["grants"].as_array().unwrap().is_empty(), "{answer}");
    for question in ["public", "external", "keys"] {
        let output = desk.run(&["access", question, "--demo", "--format", "json"]);
        let answer = json(&output);
        assert!(answer["unknown"].is_array(), "{answer}");
        assert!([Some(0), Some(3)].contains(&output.status.code()));
    }
    let wrong = desk.run(&["access", "what-can", "arn:aws:iam::1:role/none", "--demo"]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// Ways to administrator, each need with a request that shows it.
#[test]
fn escalation_over_the_demo() {
    let desk = Desk::new();
    let output = desk.run(&["access", "escalation", "--demo", "--format", "json"]);
    assert!([Some(0), Some(3)].contains(&output.status.code()));
    let answer = json(&output);
    assert_eq!(answer["schema"], "palisade.access-escalation/v1");
    let principals = answer["principals"].as_array().unwrap();
    let one = principals
        .iter()
        .find(|one| one["way"].is_array())
        .unwrap_or_else(|| panic!("the demo has an escalation: {answer}"));
    for step in one["way"].as_array().unwrap() {
        for need in step["needs"].as_array().unwrap() {
            assert!(need["witness"]["principal"].is_string(), "{step}");
        }
    }
    // Who is asked about alone has the same way.
    let who = one["principal"].as_str().unwrap();
    let alone = json(&desk.run(&[
        "access",
        "escalation",
        "--principal",
        who,
        "--demo",
        "--format",
        "json",
    ]));
    assert_eq!(alone["principals"], serde_json::json!([one]));
    let shown = desk.run(&["access", "escalation", "--principal", who, "--demo"]);
    assert!(said(&shown).contains("becomes admin"), "{}", said(&shown));
    let nobody = "arn:aws:iam::111122223333:role/none";
    let wrong = desk.run(&["access", "escalation", "--principal", nobody, "--demo"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn minimise_says_the_same_in_fewer_words() {
    let desk = Desk::new();
    desk.file(
        "p.json",
        r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"A","Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":"arn:aws:s3:::b/*"},
            {"Sid":"B","Effect":"Allow","Action":"s3:GetObjectAcl","Resource":"arn:aws:s3:::b/key"}]}"#,
    );
    let output = desk.run(&["access", "minimise", "p.json"]);
    assert_eq!(output.status.code(), Some(0));
    let statements = &json(&output)["Statement"];
    assert_eq!(statements.as_array().map(Vec::len), Some(1), "{statements}");
    assert_eq!(statements[0]["Action"], "s3:Get*");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("1 of 2 statements"), "{told}");
    // It is what `compare` finds too, in both directions.
    desk.run(&["access", "minimise", "p.json", "--out", "smaller.json"]);
    for pair in [["p.json", "smaller.json"], ["smaller.json", "p.json"]] {
        let compared = desk.run(&["access", "compare", pair[0], pair[1]]);
        assert_eq!(compared.status.code(), Some(0), "{}", said(&compared));
    }
    desk.file("broken.json", "{\"Statement\": [{\"Effect\": \"Allow\",}]}");
    let output = desk.run(&["access", "minimise", "broken.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.json:1:"));
    assert_eq!(
        desk.run(&["access", "minimise", "."]).status.code(),
        Some(2)
    );
}

/// What is asked of one policy can be asked of the whole estate: over all layers, with a request that shows it.
#[test]
fn checks_over_all_layers_of_the_demo() {
    let desk = Desk::new();
    let check = [
        "access",
        "check",
        "--not-granted",
        "iam:CreateUser",
        "--demo",
    ];
    let output = desk.run(&[&check[..], &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let answer = json(&output);
    assert_eq!(answer["schema"], "palisade.access-not-granted/v1");
    let can: Vec<&Value> = answer["principals"].as_array().unwrap().iter().collect();
    let who = can
        .iter()
        .find(|one| one["witness"].is_object())
        .unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(who["witness"]["action"], "iam:CreateUser");
    let nobody = "arn:aws:iam::111122223333:role/none";
    let output = desk.run(&[&check[..], &["--principal", nobody]].concat());
    assert_eq!(output.status.code(), Some(2));

    // A role that is given everything gains it; the same policy with nothing in it gives nothing.
    let rows = json(&desk.run(&[
        "query",
        "--demo",
        "--format",
        "json",
        "select arn from iam_effective_admin where arn like '%:role/%' and arn not like '%aws-service-role%' and not is_administrator order by arn limit 1",
    ]));
    let role = rows[0]["arn"].as_str().unwrap();
    desk.file(
        "more.json",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:DeleteTable","Resource":"*"}}"#,
    );
    let change = ["access", "change", "more.json", "--of", role, "--demo"];
    let output = desk.run(&[&change[..], &["--policy", "more", "--format", "json"]].concat());
    let answer = json(&output);
    assert_eq!(output.status.code(), Some(1), "{answer}");
    let gains = answer["access"].as_array().unwrap();
    assert!(gains.iter().all(|one| one["principal"] == role), "{answer}");
    assert!(
        gains.iter().any(|one| one["witness"].is_object()),
        "{answer}"
    );
    let missing = [
        "access",
        "change",
        "more.json",
        "--of",
        "no-such-guardrail",
        "--demo",
    ];
    let output = desk.run(&missing);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-guardrail"));
}
