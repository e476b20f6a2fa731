//! The main job against the emulator, when nothing goes wrong.

use crate::lane::{Lane, findings, palisade, query, report};
use palisade_aws::reads::Reads;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The ledger's sums of attempts are the server's log.
#[test]
fn the_ledger_tells_exactly_what_was_called() {
    let Some(lane) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    lane.collected(home.path(), &snapshot, &[]);

    let mut sent = BTreeMap::<String, u64>::new();
    for line in lane.log() {
        *sent.entry(operation(&line)).or_default() += 1;
    }
    let mut told: BTreeMap<String, u64> = query(
        home.path(),
        &snapshot,
        "select operation, sum(attempts) as sent from _calls group by operation",
    )
    .iter()
    .map(|row| (text(row, "operation"), row["sent"].as_u64().unwrap()))
    .collect();
    // Before the ledger is open: who am I.
    sent.remove("sts:GetCallerIdentity");
    told.remove("sts:GetCallerIdentity");
    assert_eq!(sent, told);
}

/// Set equality, in both directions: the policy's actions are those of the planned operations; what the server
/// was asked was planned; and what was planned and not asked is about rows that there are none of.
#[test]
fn the_policy_names_exactly_the_calls() {
    let home = tempfile::tempdir().unwrap();
    for scope in [
        &[] as &[&str],
        &["--framework", "aws-top-ten"],
        &["--control", "s3-bucket-versioning"],
    ] {
        let Some(lane) = Lane::open(json!({})) else {
            return;
        };
        let plan = planned(&lane, home.path(), scope);
        let reads =
            Reads::from_toml(include_str!("../../../../catalog/models/reads.toml")).unwrap();
        let needed: BTreeSet<String> = plan
            .keys()
            .flat_map(|operation| reads.actions(operation).unwrap().to_vec())
            .collect();
        assert_eq!(allowed(home.path(), scope), needed, "{scope:?}");

        let snapshot = home.path().join(format!("snapshot{}", scope.len()));
        lane.collected(home.path(), &snapshot, scope);
        let called: BTreeSet<String> = lane
            .log()
            .iter()
            .map(operation)
            // It needs no permission, and tells whose credentials these are.
            .filter(|operation| {
                operation != "sts:GetCallerIdentity" || plan.contains_key(operation)
            })
            .collect();
        let unplanned: Vec<_> = called.iter().filter(|o| !plan.contains_key(*o)).collect();
        assert!(unplanned.is_empty(), "{scope:?}: {unplanned:?}");
        for (operation, parents) in &plan {
            if called.contains(operation) {
                continue;
            }
            for parent in parents {
                let parent = parent.as_ref().unwrap_or_else(|| {
                    panic!("{scope:?}: `{operation}` is planned once, and was not called")
                });
                let rows = query(
                    home.path(),
                    &snapshot,
                    &format!("select count(*) as n from {parent}"),
                );
                assert_eq!(
                    rows[0]["n"], 0,
                    "{scope:?}: `{operation}` is planned per {parent}, and was not called"
                );
            }
        }
        assert!(
            called.len() * 4 >= plan.len() * 3,
            "{} of {} planned operations: the emulator's account is not filled",
            called.len(),
            plan.len()
        );
    }
}

/// The operations of `--plan`, each with the tables per whose rows it is called; none for one called outright.
fn planned(lane: &Lane, home: &Path, scope: &[&str]) -> BTreeMap<String, Vec<Option<String>>> {
    let output = lane
        .palisade(home)
        .args(["collect", "--plan", "--region", "us-east-1"])
        .args(scope)
        .output()
        .unwrap();
    assert!(output.status.success());
    let mut plan = BTreeMap::<String, Vec<Option<String>>>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        // The last line is a sum.
        if words[0].contains(':') {
            let parent = (words[2] == "per").then(|| words[3].to_owned());
            plan.entry(words[0].to_owned()).or_default().push(parent);
        }
    }
    assert!(lane.log().is_empty(), "a plan sends nothing");
    plan
}

/// `service:Operation` of a line of the server's log.
fn operation(line: &Value) -> String {
    format!("{}:{}", text(line, "service"), text(line, "operation"))
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap().to_owned()
}

fn allowed(home: &Path, scope: &[&str]) -> BTreeSet<String> {
    let output = palisade(home)
        .args(["permissions", "--quiet"])
        .args(scope)
        .output()
        .unwrap();
    assert!(output.status.success());
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    statements
        .iter()
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

/// Types that few have are asked for on demand: S3 on Outposts by ARN, with the bare name in the path.
#[test]
fn types_that_are_seldom_used_are_asked_for_by_name() {
    let Some(lane) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    lane.collected(home.path(), &snapshot, &["--table", "iam_external_access"]);
    let paths: BTreeSet<String> = lane.log().iter().map(|line| text(line, "path")).collect();
    assert!(paths.contains("/v20180820/bucket/plant-records/policy"));
    assert!(paths.contains("/v20180820/accesspoint/plant/policy"));

    let found = query(
        home.path(),
        &snapshot,
        "select resource_type, principal from iam_external_access where arn like 'arn:aws:s3-outposts:%'",
    );
    assert_eq!(
        found,
        [json!({"resource_type": "AWS::S3Outposts::Bucket", "principal": "999988887777"})]
    );
    let points = query(
        home.path(),
        &snapshot,
        "select name, policy from aws_s3_outpost_access_point",
    );
    assert_eq!(points, [json!({"name": "plant", "policy": null})]);
}
