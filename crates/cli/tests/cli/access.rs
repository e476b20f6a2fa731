//! access: simulate, compare, check.

use crate::support::Desk;
use insta::assert_snapshot;
use std::io::Write as _;
use std::process::Stdio;

const CASES: &str = r#"{"id":1,"request":{"principal":"arn:aws:iam::111122223333:user/ann","action":"s3:GetObject","resource":"arn:aws:s3:::b/o","resourceAccount":"111122223333","context":{}},"identityPolicies":[{"name":"read","policy":{"Version":"2012-10-17","Statement":{"Sid":"R","Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}}],"extra":1}

{"id":"no request","extra":2}
{"id":"wrong policy","request":{"principal":{"type":"Anonymous"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/o"},"resourcePolicy":{"Statement":[{"Effect":"Maybe"}]}}
not json
{"id":"twice","id":"twice"}
{"id":"anonymous","request":{"principal":{"type":"Anonymous"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/o","resourceAccount":"111122223333"},"resourcePolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}}
"#;

#[test]
fn simulate_answers_every_line() {
    let desk = Desk::new();
    desk.file("cases.jsonl", CASES);
    assert_snapshot!(desk.show(&["access", "simulate", "--input", "cases.jsonl"]));
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
    let answers: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 8);
    assert!(answers[0]["error"].as_str().unwrap().contains("UTF-8"));
    assert!(answers[1]["error"].as_str().unwrap().contains("nest"));
    assert_eq!(answers[7]["decision"], "Allowed");
}

#[test]
fn simulate_without_its_file() {
    assert_snapshot!(Desk::new().show(&["access", "simulate", "--input", "nowhere.jsonl"]));
}
