//! The main job on the demo.

use crate::support::{Desk, one};
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn one_control_on_a_terminal_of_80_columns() {
    assert_snapshot!(Desk::new().show(&one(&[])));
}

#[test]
fn one_control_on_a_terminal_of_40_columns() {
    let desk = Desk::new();
    let output = desk
        .palisade(&one(&["--findings"]))
        .env("COLUMNS", "40")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.lines().all(|l| l.chars().count() <= 40), "{text}");
    assert_snapshot!(desk.shown(&output));
}

#[test]
fn quiet_shows_the_first_screen_alone() {
    assert_snapshot!(Desk::new().show(&one(&["--quiet"])));
}

#[test]
fn the_exit_status_tells_what_fails_where_it_is_asked() {
    let desk = Desk::new();
    let status = |more: &[&str]| desk.run(&one(more)).status.code();
    // Buckets without versions are of medium severity.
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--fail-on", "high"]), Some(0));
    assert_eq!(status(&["--fail-on", "medium"]), Some(1));
    assert_eq!(status(&["--fail-on", "huge"]), Some(2));
}

#[test]
fn every_format_is_the_same_from_run_to_run() {
    let desk = Desk::new();
    for format in [
        "table", "json", "csv", "ocsf", "asff", "sarif", "junit", "html", "parquet",
    ] {
        let run = || {
            let output = desk.run(&one(&["--format", format]));
            assert!(output.status.success(), "{format}: {}", desk.shown(&output));
            output.stdout
        };
        let first = run();
        assert!(!first.is_empty());
        assert!(first == run(), "{format} differs from run to run");
    }
}

#[test]
fn the_json_of_the_whole_demo_fits_its_schema() {
    let desk = Desk::new();
    let output = desk.run(&["assess", "--demo", "--format", "json"]);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!(
        "../../../../docs/formats/assessment-v1.schema.json"
    ))
    .unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&report)
        .take(5)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(report["findings"].as_array().unwrap().len() > 100);
    assert_eq!(report["demo"], true);
}

#[test]
fn colours_are_never_written_to_a_pipe() {
    let output = Desk::new().run(&one(&[]));
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn no_two_findings_of_one_control_are_one() {
    let output = Desk::new().run(&["assess", "--demo", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        let at = |member: &str| finding[member].as_str().unwrap();
        assert!(
            seen.insert((at("control"), at("id"))),
            "{} has two findings {}, one of them on {}",
            at("control"),
            at("id"),
            at("resource"),
        );
        // What was looked for and not found is told of the table, the account and the region.
        let place = format!("{} in {}", at("kind"), at("account_id"));
        assert!(
            at("resource").starts_with("arn:") || at("resource").starts_with(&place),
            "{} names no ARN: {}",
            at("control"),
            at("resource"),
        );
    }
}
