//! The main job against the emulator, when nothing goes wrong.

use crate::lane::{Lane, findings, palisade, query, report};
use palisade_aws::reads::Reads;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Set equality of what the policy allows, what the ledger says, and what the server was asked.
#[test]
fn the_ledger_and_the_policy_tell_exactly_what_was_called() {
    let Some(lane) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    lane.collected(home.path(), &snapshot, &[]);

    let mut sent = BTreeMap::<String, u64>::new();
    for line in lane.log() {
        let operation = format!(
            "{}:{}",
            line["service"].as_str().unwrap(),
            line["operation"].as_str().unwrap()
        );
        *sent.entry(operation).or_default() += 1;
    }
    let told: BTreeMap<String, u64> = query(
        home.path(),
        &snapshot,
        "select operation, sum(attempts) as sent from _calls group by operation",
    )
    .iter()
    .map(|row| {
        (
            row["operation"].as_str().unwrap().to_owned(),
            row["sent"].as_u64().unwrap(),
        )
    })
    .collect();
    // Before the ledger is open: who am I.
    let aside = |operation: &&String| operation.as_str() != "sts:GetCallerIdentity";
    let sent: BTreeMap<&String, u64> = sent
        .iter()
        .map(|(k, v)| (k, *v))
        .filter(|(k, _)| aside(k))
        .collect();
    let told: BTreeMap<&String, u64> = told
        .iter()
        .map(|(k, v)| (k, *v))
        .filter(|(k, _)| aside(k))
        .collect();
    assert_eq!(sent, told);

    let reads = Reads::from_toml(include_str!("../../../../catalog/models/reads.toml")).unwrap();
    let called: BTreeSet<String> = told
        .keys()
        .flat_map(|operation| reads.actions(operation).unwrap().to_vec())
        .collect();
    let allowed = allowed(home.path());
    // Where a list is empty, the calls for its rows are not made: the policy may allow more, never less.
    let missing: Vec<_> = called.difference(&allowed).collect();
    assert!(missing.is_empty(), "called and not allowed: {missing:?}");
    assert!(
        called.len() * 10 > allowed.len() * 8,
        "{} of {} actions are used",
        called.len(),
        allowed.len()
    );
}

fn allowed(home: &std::path::Path) -> BTreeSet<String> {
    let output = palisade(home)
        .args(["permissions", "--quiet"])
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .flat_map(|policy| policy["Statement"].as_array().unwrap().clone())
        .flat_map(|statement| statement["Action"].as_array().unwrap().clone())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_account_is_assessed_and_no_secret_is_kept() {
    let Some(lane) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    lane.collected(home.path(), &snapshot, &[]);
    let report = report(home.path(), &snapshot);
    let seen = findings(&report);
    let count = |verdict: &str| seen.values().filter(|one| one.verdict == verdict).count();
    assert!(count("pass") > 300, "{} pass", count("pass"));
    assert!(count("fail") > 300, "{} fail", count("fail"));

    for format in [
        "json", "csv", "html", "sarif", "ocsf", "asff", "junit", "table",
    ] {
        let output = palisade(home.path())
            .args([
                "assess",
                "--quiet",
                "--findings",
                "--format",
                format,
                "--snapshot",
            ])
            .arg(&snapshot)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{format}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_unmarked(&output.stdout, format);
        assert_unmarked(&output.stderr, format);
    }
    for table in SECRETIVE {
        let rows = query(home.path(), &snapshot, &format!("select * from {table}"));
        assert!(
            !rows.is_empty(),
            "`{table}` is empty: the emulator's account is not filled"
        );
        assert_unmarked(json!(rows).to_string().as_bytes(), table);
    }
    let calls = query(home.path(), &snapshot, "select * from _calls");
    assert_unmarked(json!(calls).to_string().as_bytes(), "_calls");
}

/// The tables whose things were given marked values when the account was filled.
const SECRETIVE: [&str; 6] = [
    "aws_ec2_instance",
    "aws_ec2_launch_template_version",
    "aws_lambda_function",
    "aws_ecs_task_definition",
    "aws_codebuild_project",
    "aws_cloudformation_stack",
];

fn assert_unmarked(bytes: &[u8], what: &str) {
    let found = String::from_utf8_lossy(bytes).find("PALISADE-MARK");
    assert_eq!(found, None, "a secret value is in `{what}`");
}

#[test]
fn one_control_makes_only_the_calls_that_it_needs() {
    let Some(lane) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    lane.collected(
        home.path(),
        &home.path().join("one"),
        &["--control", "s3-bucket-versioning"],
    );
    let operations: BTreeSet<String> = lane
        .log()
        .iter()
        .map(|line| line["operation"].as_str().unwrap().to_owned())
        .collect();
    for name in &operations {
        assert!(
            [
                "GetCallerIdentity",
                "DescribeRegions",
                "ListBuckets",
                "GetBucketVersioning"
            ]
            .contains(&name.as_str()),
            "{operations:?}"
        );
    }
    assert!(operations.contains("GetBucketVersioning"));
}
