//! A run that is killed, and goes on.

use crate::lane::{Lane, findings, report};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn a_killed_run_goes_on_without_repeating_what_is_done() {
    let Some(lane) = Lane::open(json!({ "latency_ms": 20 })) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    let mut first = lane
        .palisade(home.path())
        .args(["collect", "--quiet", "--region", "us-east-1", "--out"])
        .arg(&snapshot)
        .spawn()
        .unwrap();
    let start = Instant::now();
    while lane.log().len() < 200 && start.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(50));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(
        !snapshot.join("manifest.json").exists(),
        "the run had ended before it was killed"
    );
    // What was in flight is answered to nobody.
    sleep(Duration::from_millis(500));
    let before = lane.log().len();
    assert!(before >= 200, "{before} calls");

    lane.collected(home.path(), &snapshot, &["--resume"]);
    let mut times = BTreeMap::<String, u64>::new();
    for line in lane.log() {
        if line["operation"] != "GetCallerIdentity" && line["operation"] != "DescribeRegions" {
            *times
                .entry(line["question"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    let repeated: u64 = times.values().map(|n| n - 1).sum();
    // The answers that the kill kept from the ledger are the only ones asked for again.
    assert!(
        repeated <= lane.most_in_flight(),
        "{repeated} of {before} calls were repeated"
    );

    let whole = Lane::open(json!({})).unwrap();
    let clean = home.path().join("clean");
    whole.collected(home.path(), &clean, &[]);
    assert_eq!(
        findings(&report(home.path(), &clean)),
        findings(&report(home.path(), &snapshot))
    );
}

/// The token runs out after some calls: what was measured is kept and reported, the program ends with 3, and a
/// run with new credentials asks only what was not answered.
#[test]
fn a_token_that_expires_on_the_way_keeps_what_was_measured() {
    let Some(lane) = Lane::open(json!({ "expire_after": 300 })) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    let output = lane.collect(home.path(), &snapshot, &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("the credentials have expired"), "{told}");
    assert!(told.contains("--resume"), "{told}");

    let first = lane.log();
    let expired = first.iter().filter(|line| line["by"] == "expired").count();
    assert!(
        expired > 0 && expired <= 128,
        "{expired} calls after the end: those that were under way, at most"
    );
    let partial = findings(&report(home.path(), &snapshot));
    let count = |verdict: &str| {
        partial
            .values()
            .filter(|one| one.verdict == verdict)
            .count()
    };
    assert!(
        count("pass") > 20 && count("fail") > 20,
        "{} findings",
        partial.len()
    );
    assert!(count("unknown") > 100, "{} unknown", count("unknown"));

    lane.now(json!({}));
    lane.collected(home.path(), &snapshot, &["--resume"]);
    let answered: BTreeSet<String> = first
        .iter()
        .filter(|line| line["status"].as_u64().unwrap() < 400)
        .map(|line| line["question"].as_str().unwrap().to_owned())
        .collect();
    assert!(answered.len() > 200, "{} answered", answered.len());
    let again: Vec<_> = lane
        .log()
        .into_iter()
        .skip(first.len())
        // Whose credentials these are is asked anew.
        .filter(|line| line["operation"] != "GetCallerIdentity")
        .filter(|line| answered.contains(line["question"].as_str().unwrap()))
        .collect();
    assert!(again.is_empty(), "asked again: {again:?}");

    let whole = Lane::open(json!({})).unwrap();
    let clean = home.path().join("clean");
    whole.collected(home.path(), &clean, &[]);
    assert_eq!(
        findings(&report(home.path(), &clean)),
        findings(&report(home.path(), &snapshot))
    );
}
