//! access validate: the codes with their places, as text, JSON and SARIF; files, folders and stdin.

use crate::support::Desk;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Output, Stdio};

const UNKNOWN_ACTION: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*" }]
}
"#;
const GOOD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" }]
}
"#;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn the_line_is_shown_with_what_to_write() {
    let desk = Desk::new();
    desk.file("policy.json", UNKNOWN_ACTION);
    let output = desk.run(&["access", "validate", "policy.json"]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    assert!(text.contains("INVALID_ACTION"), "{text}");
    assert!(text.contains("[policy.json:3:48]"), "{text}");
    assert!(
        text.contains(r#""Action": "s3:GetObjekt", "Resource": "*""#),
        "the whole line: {text}"
    );
    assert!(text.contains("s3:GetObject"), "what was meant: {text}");
    assert!(text.ends_with("1 policy: 1 error\n"), "{text}");
    // One line without a line break at its end is shown whole, too.
    desk.file("broken.json", r#"{"Statement": [{"Effect": "Allow",}]}"#);
    let text = said(&desk.run(&["access", "validate", "broken.json"]));
    assert!(
        text.contains(r#"{"Statement": [{"Effect": "Allow",}]}"#),
        "{text}"
    );
}

/// Of a line that is longer than a terminal counts columns, what is around the finding is shown.
#[test]
fn a_finding_far_to_the_right() {
    let desk = Desk::new();
    let long = "é".repeat(70_000);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Id": "{long}", "Statement": [{{ "Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*" }}]}}"#
    );
    desk.file("policy.json", &text);
    let output = desk.run(&["access", "validate", "policy.json"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = said(&output);
    let column = text.chars().take_while(|c| *c != '[').count() + 33;
    assert!(
        shown.contains(&format!("[policy.json:1:{column}]")),
        "column {column}: {}",
        shown.replace(&long, "")
    );
    assert!(shown.contains(r#""Action": "s3:GetObjekt", "Resource": "*""#));
    assert!(shown.chars().count() < 20_000, "{}", shown.chars().count());
}

#[test]
fn a_good_policy_and_a_weight_that_does_not_fail() {
    let desk = Desk::new();
    desk.file("policies/good.json", GOOD);
    let output = desk.run(&["access", "validate", "policies"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(said(&output), "1 policy: nothing to say\n");
    desk.file("policies/bad.json", UNKNOWN_ACTION);
    let arguments = ["access", "validate", "policies", "--fail-on", "never"];
    let output = desk.run(&arguments);
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).ends_with("2 policies: 1 error\n"));
}

#[test]
fn json_and_sarif_name_code_and_place() {
    let desk = Desk::new();
    desk.file("policy.json", UNKNOWN_ACTION);
    let output = desk.run(&["access", "validate", "policy.json", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    let finding = &answer[0]["findings"][0];
    assert_eq!(answer[0]["file"], "policy.json");
    assert_eq!(finding["issueCode"], "INVALID_ACTION");
    assert_eq!(finding["findingType"], "ERROR");
    assert_eq!(
        (&finding["line"], &finding["column"]),
        (&3.into(), &48.into())
    );
    assert_eq!(
        finding["locations"][0]["path"],
        serde_json::json!([{ "value": "Statement" }, { "index": 0 }, { "value": "Action" }])
    );
    assert_eq!(finding["locations"][0]["span"]["start"]["line"], 3);
    let output = desk.run(&["access", "validate", "policy.json", "--format", "sarif"]);
    let log = json(&output);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "INVALID_ACTION");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"]),
        (&3.into(), &48.into())
    );
}

#[test]
fn stdin_is_read_and_what_is_no_policy_is_told() {
    let desk = Desk::new();
    let mut child = desk
        .palisade(&["access", "validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"\xef\xbb\xbf").unwrap();
    input.write_all(GOOD.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for (arguments, told) in [
        (vec!["nowhere.json"], "nowhere.json"),
        (
            vec!["policy.json", "--service", "s4"],
            "no service has the prefix `s4`",
        ),
    ] {
        desk.file("policy.json", GOOD);
        let output = desk.run(&[&["access", "validate"], arguments.as_slice()].concat());
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(told), "{text}");
    }
    fs_err::create_dir(desk.file("policy.json", GOOD).with_file_name("empty")).unwrap();
    let output = desk.run(&["access", "validate", "empty"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Not read as something else than it is: the first byte that is no UTF-8 is told, and nothing is checked.
#[test]
fn bytes_that_are_no_utf_8_have_a_place() {
    let desk = Desk::new();
    let path = desk.file("policy.json", GOOD);
    let mut bytes = GOOD.as_bytes().to_vec();
    let at = GOOD.find("s3:Get").unwrap();
    bytes[at] = 0xff;
    fs_err::write(path, bytes).unwrap();
    for command in ["validate", "minimise"] {
        let output = desk.run(&["access", command, "policy.json"]);
        assert_eq!(output.status.code(), Some(2), "{command}: {output:?}");
        assert_eq!(said(&output), "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            told.contains("policy.json:3:49: this byte is no UTF-8"),
            "{command}: {told}"
        );
    }
}
