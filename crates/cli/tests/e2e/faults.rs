//! The main job against an emulator that misbehaves: not measured is never a verdict.

use crate::lane::{Lane, Seen, findings, palisade, query, report};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

type Findings = BTreeMap<String, Seen>;

fn run(lane: &Lane, home: &Path, name: &str, more: &[&str]) -> Findings {
    let snapshot = home.join(name);
    lane.collected(home, &snapshot, more);
    findings(&report(home, &snapshot))
}

/// The account as it is, and the same through a lane with these faults; none without an emulator.
fn beside_clean(faults: Value) -> Option<(Lane, Findings, Findings)> {
    let clean = Lane::open(json!({}))?;
    let home = tempfile::tempdir().unwrap();
    let clean = run(&clean, home.path(), "clean", &[]);
    let lane = Lane::open(faults).unwrap();
    let faulty = run(&lane, home.path(), "faulty", &[]);
    Some((lane, clean, faulty))
}

fn unknown(findings: &Findings) -> usize {
    findings
        .values()
        .filter(|one| one.verdict == "unknown")
        .count()
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

/// Eleven reads that no other call makes up for.
const DENIED: [&str; 11] = [
    "s3:GetBucketAcl",
    "s3:GetBucketPolicy",
    "s3:GetPublicAccessBlock",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListAttachedRolePolicies",
    "iam:GetAccountPasswordPolicy",
    "iam:ListMFADevices",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeFlowLogs",
];

#[test]
fn denied_reads_become_unknown_and_nothing_else() {
    let Some((_, clean, denied)) = beside_clean(json!({ "deny": DENIED })) else {
        return;
    };
    assert!(unknown(&denied) > 50, "only {} unknown", unknown(&denied));
    only_unknown_is_new(&clean, &denied);
}

/// One action is missing from the policy: what rests on it is unknown and says which action, the rest is as before.
#[test]
fn one_action_missing_hides_what_rests_on_it_and_nothing_else() {
    let denied = "s3:GetBucketVersioning";
    let Some((lane, clean, faulty)) = beside_clean(json!({ "deny": [denied] })) else {
        return;
    };
    only_unknown_is_new(&clean, &faulty);
    let changed: BTreeSet<&str> = clean
        .iter()
        .filter(|(id, one)| faulty.get(*id) != Some(one))
        .map(|(_, one)| one.control.as_str())
        .collect();
    assert!(changed.contains("s3-bucket-versioning"), "{changed:?}");
    let home = tempfile::tempdir().unwrap();
    for control in &changed {
        let plan = lane
            .palisade(home.path())
            .args([
                "collect",
                "--plan",
                "--region",
                "us-east-1",
                "--control",
                control,
            ])
            .output()
            .unwrap();
        let plan = String::from_utf8(plan.stdout).unwrap();
        assert!(plan.contains(denied), "`{control}` changed: {plan}");
    }
    let of = |findings: &Findings, verdict: &str| {
        let one = |f: &&Seen| f.control == "s3-bucket-versioning" && f.verdict == verdict;
        findings.values().filter(one).count()
    };
    assert!(of(&clean, "pass") > 0 && of(&clean, "fail") > 0);
    assert_eq!(of(&faulty, "pass") + of(&faulty, "fail"), 0);

    // The report names the action that would make it seen.
    let snapshot = home.path().join("denied");
    lane.collected(
        home.path(),
        &snapshot,
        &["--control", "s3-bucket-versioning"],
    );
    let report = report(home.path(), &snapshot);
    let findings = report["findings"].as_array().unwrap();
    let one = findings
        .iter()
        .find(|f| f["control"] == "s3-bucket-versioning" && f["resource"]["arn"] != "")
        .unwrap();
    let reason = one["reason"].as_str().unwrap();
    assert!(reason.contains(denied), "{reason}");
    assert!(
        report["collection"].to_string().contains(denied),
        "{}",
        report["collection"]
    );
}

/// An answer without an optional field: the row stays, what is not told is not guessed, the rest is decided.
#[test]
fn a_missing_optional_field_costs_its_own_findings_only() {
    let home = tempfile::tempdir().unwrap();
    let answers = home.path().join("answers/ec2");
    fs_err::create_dir_all(&answers).unwrap();
    let volumes = json!({ "Volumes": [
        { "VolumeId": "vol-told", "Encrypted": false, "State": "in-use" },
        { "VolumeId": "vol-untold", "State": "in-use" },
    ] });
    fs_err::write(answers.join("DescribeVolumes.json"), volumes.to_string()).unwrap();
    let Some(lane) = Lane::answering(&home.path().join("answers")) else {
        return;
    };
    let snapshot = home.path().join("snapshot");
    lane.collected(
        home.path(),
        &snapshot,
        &["--control", "ebs-volume-encrypted"],
    );
    let rows = query(
        home.path(),
        &snapshot,
        "select volume_id from aws_ebs_volume order by 1",
    );
    assert_eq!(rows.len(), 2, "{rows:?}");
    let report = report(home.path(), &snapshot);
    let verdict = |volume: &str| {
        let findings = report["findings"].as_array().unwrap();
        let one = findings.iter().find(|f| {
            f["control"] == "ebs-volume-encrypted" && f["resource"].to_string().contains(volume)
        });
        let one = one.unwrap_or_else(|| panic!("no finding on {volume}: {report}"));
        (one["verdict"].clone(), one["reason"].to_string())
    };
    assert_eq!(verdict("vol-told").0, "fail");
    let (untold, reason) = verdict("vol-untold");
    assert_eq!(untold, "unknown", "{reason}");
    assert!(reason.contains("`encrypted`"), "{reason}");
}

/// More unknowns than a run may leave of the account's 2,831 findings because of throttles.
const TOO_MANY: usize = 5;

#[test]
fn one_reply_in_five_throttled_changes_next_to_nothing() {
    let faults = json!({ "throttle": 0.2, "seed": 7 });
    let Some((lane, clean, throttled)) = beside_clean(faults) else {
        return;
    };
    assert!(clean.len() > 2_000, "{} findings", clean.len());
    assert!(
        lane.log()
            .iter()
            .filter(|line| line["by"] == "throttled")
            .count()
            > 100
    );
    only_unknown_is_new(&clean, &throttled);
    // Throttled calls are tried again until they are answered: no list is lost either.
    let vanished: Vec<_> = clean
        .keys()
        .filter(|id| !throttled.contains_key(*id))
        .collect();
    assert!(vanished.len() < TOO_MANY, "{vanished:?}");
    let more = unknown(&throttled).saturating_sub(unknown(&clean));
    assert!(more < TOO_MANY, "{more} of {} became unknown", clean.len());
}

#[test]
fn denied_and_throttled_at_once() {
    let faults = json!({ "deny": DENIED, "throttle": 0.2, "seed": 11 });
    let Some((_, clean, faulty)) = beside_clean(faults) else {
        return;
    };
    only_unknown_is_new(&clean, &faulty);
    let home = tempfile::tempdir().unwrap();
    let lane = Lane::open(json!({ "deny": DENIED })).unwrap();
    let denied = run(&lane, home.path(), "denied", &[]);
    let more = unknown(&faulty).saturating_sub(unknown(&denied));
    assert!(more < TOO_MANY, "{more} unknown because of throttles");
}

/// A minute in which a service answers nothing but throttles, in the middle of a run.
#[test]
fn throttled_for_a_minute() {
    let Some(clean) = Lane::open(json!({})) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let more = ["--control", "s3-bucket-versioning"];
    let clean = run(&clean, home.path(), "clean", &more);
    let lane = Lane::open(json!({ "throttle": 1.0 })).unwrap();
    // Longer than a call may take: its time-out does not count what it waits.
    let mut patient = more.to_vec();
    patient.extend(["--call-timeout", "10"]);
    let seen = std::thread::scope(|threads| {
        threads.spawn(|| {
            sleep(Duration::from_secs(60));
            lane.now(json!({}));
        });
        run(&lane, home.path(), "patient", &patient)
    });
    assert!(lane.log().iter().any(|line| line["by"] == "throttled"));
    assert_eq!(seen, clean);
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
    let of = |control: &str| -> Vec<String> {
        seen.values()
            .filter(|one| one.control == control)
            .map(|one| one.verdict.clone())
            .collect()
    };
    assert!(
        !of("sqs-queue-encrypted").is_empty()
            && of("sqs-queue-encrypted")
                .iter()
                .all(|verdict| verdict == "unknown"),
        "{seen:?}"
    );
    assert!(
        of("sns-topic-encrypted")
            .iter()
            .any(|verdict| verdict == "fail"),
        "{seen:?}"
    );
    assert!(
        of("sns-topic-encrypted")
            .iter()
            .all(|verdict| verdict != "unknown"),
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
    // A gate that saw nothing is not green.
    let gate = palisade(home.path())
        .args(["assess", "--quiet", "--fail-on", "low", "--snapshot"])
        .arg(&snapshot)
        .output()
        .unwrap();
    assert_eq!(gate.status.code(), Some(3));
}
