//! A run that is killed, and goes on.

use crate::lane::{Lane, findings, report};
use serde_json::json;
use std::collections::BTreeMap;
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
