//! The main job against an emulator that misbehaves: not measured is never a verdict.

use crate::lane::{Lane, Seen, findings, report};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

type Findings = BTreeMap<String, Seen>;

fn run(lane: &Lane, home: &Path, name: &str, more: &[&str]) -> Findings {
    let snapshot = home.join(name);
    lane.collected(home, &snapshot, more);
    findings(&report(home, &snapshot))
}

/// What denied calls may change: verdicts become unknown. Nothing else.
fn only_unknown_is_new(clean: &Findings, faulty: &Findings) {
    let unknown_of = |one: &Seen| {
        faulty.values().any(|other| {
            other.verdict == "unknown"
                && other.control == one.control
                && other.account == one.account
        })
    };
    for (id, one) in clean {
        match faulty.get(id) {
            Some(other) => assert!(
                other.verdict == one.verdict || other.verdict == "unknown",
                "{id}: {one:?} became {other:?}"
            ),
            // Rows that could not be listed stand as one unknown for their account and region.
            None => assert!(unknown_of(one), "{id}: {one:?} vanished"),
        }
    }
    for (id, other) in faulty {
        assert!(
            clean.contains_key(id) || other.verdict == "unknown",
            "{id}: {other:?} was invented"
        );
    }
}

#[test]
fn denied_reads_become_unknown_and_nothing_else() {
    let Some(clean) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let clean = run(&clean, home.path(), "clean", &[]);
    let denied = Lane::open(json!({ "deny": [
        "s3:GetBucketAcl", "s3:GetBucketPolicy", "s3:GetPublicAccessBlock",
        "iam:GetAccountAuthorizationDetails", "iam:ListAttachedRolePolicies", "iam:GetPolicyVersion",
        "iam:GetAccountPasswordPolicy", "iam:ListMFADevices", "iam:GenerateCredentialReport",
        "iam:GetCredentialReport", "ec2:DescribeSecurityGroups", "ec2:DescribeFlowLogs",
    ]}))
    .unwrap();
    let denied = run(&denied, home.path(), "denied", &[]);
    let unknown = denied
        .values()
        .filter(|one| one.verdict == "unknown")
        .count();
    assert!(unknown > 50, "only {unknown} unknown");
    only_unknown_is_new(&clean, &denied);
}

#[test]
fn one_reply_in_five_throttled_invents_nothing() {
    let Some(clean) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let clean = run(&clean, home.path(), "clean", &[]);
    let lane = Lane::open(json!({ "throttle": 0.2, "seed": 7 })).unwrap();
    let throttled = run(&lane, home.path(), "throttled", &[]);
    assert!(lane.log().iter().any(|line| line["by"] == "throttled"));
    only_unknown_is_new(&clean, &throttled);
    // What stays throttled through all retries is few, and told.
    let unknown = |of: &Findings| of.values().filter(|one| one.verdict == "unknown").count();
    let more = unknown(&throttled).saturating_sub(unknown(&clean));
    assert!(
        more * 4 < clean.len(),
        "{more} of {} became unknown",
        clean.len()
    );
}

#[test]
fn a_service_that_hangs_is_cut_off_and_the_rest_goes_on() {
    let Some(lane) = Lane::open(json!({ "hang": ["sqs:*"] })) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let more = [
        "--call-timeout",
        "3",
        "--control",
        "sqs-queue-encrypted",
        "--control",
        "sns-topic-encrypted",
    ];
    let seen = run(&lane, home.path(), "hung", &more);
    let of = |service: &str| -> Vec<String> {
        let prefix = format!("{service}-");
        seen.values()
            .filter(|one| one.control.starts_with(&prefix))
            .map(|one| one.verdict.clone())
            .collect()
    };
    assert!(
        !of("sqs").is_empty() && of("sqs").iter().all(|verdict| verdict == "unknown"),
        "{seen:?}"
    );
    assert!(
        of("sns").iter().any(|verdict| verdict == "fail"),
        "{seen:?}"
    );
    assert!(
        of("sns").iter().all(|verdict| verdict != "unknown"),
        "{seen:?}"
    );
}

#[test]
fn where_every_call_is_denied_nothing_is_known_and_the_score_is_none() {
    let Some(lane) = Lane::open(json!({ "deny": ["*"], "allow": ["sts:GetCallerIdentity"] }))
    else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("denied");
    lane.collected(home.path(), &snapshot, &[]);
    let report = report(home.path(), &snapshot);
    let seen = findings(&report);
    assert!(seen.len() > 100, "{} findings", seen.len());
    let known: Vec<_> = seen
        .values()
        .filter(|one| one.verdict != "unknown")
        .collect();
    assert!(known.is_empty(), "{known:?}");
    for framework in report["frameworks"].as_array().unwrap() {
        assert_eq!(framework["mean"].as_f64(), Some(0.0), "{}", framework["id"]);
        for account in framework["accounts"].as_array().unwrap() {
            assert_eq!(account["met"], 0, "{account}");
            assert_eq!(account["unknown"], account["scored"], "{account}");
        }
    }
}
