//! access unused and access generate: what was used, and what was not.

use crate::support::Desk;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Output;

const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn record(name: &str, source: &str, more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08", "eventTime": "2026-11-01T10:00:00Z", "eventType": "AwsApiCall",
        "eventSource": source, "eventName": name, "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci", "accountId": "111122223333",
            "sessionContext": { "sessionIssuer": { "type": "Role", "arn": ROLE } },
        },
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

fn trail() -> String {
    let object = json!([{ "type": "AWS::S3::Object", "ARN": "arn:aws:s3:::site/index.html" }]);
    json!({ "Records": [
        record("PutObject", "s3.amazonaws.com", &json!({ "resources": object })),
        record("DescribeInstances", "ec2.amazonaws.com", &json!({})),
        record("DeleteBucket", "s3.amazonaws.com", &json!({ "errorCode": "AccessDenied" })),
    ] })
    .to_string()
}

/// Logs as CloudTrail delivers them, compressed and in folders of days.
#[test]
fn a_policy_comes_from_what_was_done() {
    let desk = Desk::new();
    let path = desk.file("logs/2026/11/01/a.json.gz", "");
    let file = fs_err::File::create(path).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    packed.write_all(trail().as_bytes()).unwrap();
    packed.finish().unwrap();
    desk.file(
        "logs/2026/11/02/broken.json",
        "{\"Records\": [{\"eventName\": 7}]}",
    );

    let generate = ["access", "generate", "--principal", ROLE, "--trail", "logs"];
    let output = desk.run(&generate);
    assert!(
        [Some(0), Some(3)].contains(&output.status.code()),
        "{}",
        told(&output)
    );
    let policy = answer(&output).to_string();
    assert!(
        policy.contains("s3:PutObject") && policy.contains("arn:aws:s3:::site/index.html"),
        "{policy}"
    );
    assert!(policy.contains("ec2:DescribeInstances"), "{policy}");
    assert!(!policy.contains("DeleteBucket"), "{policy}");
    let told = told(&output);
    assert!(told.contains("2 actions from 3 of 3 records"), "{told}");
    assert!(
        told.contains("left out, denied: s3.amazonaws.com DeleteBucket"),
        "{told}"
    );
    assert!(told.contains("broken.json: record 1"), "{told}");

    // It grants what was done and nothing more, as `check` finds.
    desk.run(&[&generate[..], &["--out", "least.json"]].concat());
    let check = |action: &str| {
        let output = desk.run(&["access", "check", "least.json", "--not-granted", action]);
        output.status.code()
    };
    assert_eq!(check("s3:PutObject"), Some(1));
    assert_eq!(check("s3:DeleteBucket"), Some(0));

    let nobody = desk.run(&[
        "access",
        "generate",
        "--principal",
        "arn:aws:iam::1:role/x",
        "--trail",
        "logs",
    ]);
    assert_eq!(nobody.status.code(), Some(2));
    assert_eq!(
        desk.run(&["access", "generate", "--principal", ROLE, "--trail", "none"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn what_is_unused_in_the_demo() {
    let desk = Desk::new();
    let output = desk.run(&["access", "unused", "--demo", "--format", "json"]);
    assert!(
        [Some(0), Some(3)].contains(&output.status.code()),
        "{}",
        told(&output)
    );
    let report = answer(&output);
    assert_eq!(report["schema"], "palisade.access-unused/v1");
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{report}");
    // The table tells the same.
    let rows = answer(&desk.run(&[
        "query",
        "--demo",
        "--format",
        "json",
        "select arn, finding_type from iam_unused where unknown is null",
    ]));
    let key = |arn: &Value, kind: &Value| (arn.to_string(), kind.to_string());
    let mut rows: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|r| key(&r["arn"], &r["finding_type"]))
        .collect();
    let mut found: Vec<_> = findings
        .iter()
        .map(|f| key(&f["resource"], &f["findingType"]))
        .collect();
    rows.sort();
    found.sort();
    assert_eq!(found, rows);
    let wrong = desk.run(&["access", "unused", "--demo", "--days", "366"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(told(&wrong).contains("1 to 365"), "{}", told(&wrong));
}
