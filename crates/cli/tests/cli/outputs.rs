//! Where output goes.

use crate::support::{Desk, one};
use insta::assert_snapshot;
use std::io::Read as _;
use std::process::Stdio;

#[test]
fn a_report_into_a_folder_that_is_missing() {
    assert_snapshot!(Desk::new().show(&one(&["--out", "nowhere/report.txt"])));
}

#[test]
fn a_report_over_a_folder() {
    let desk = Desk::new();
    fs_err::create_dir(desk.path().join("reports")).unwrap();
    assert_snapshot!(desk.show(&one(&["--out", "reports"])));
}

#[test]
fn a_report_into_a_file_is_whole_and_private() {
    let desk = Desk::new();
    let output = desk.run(&one(&["--out", "report.txt"]));
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    let file = fs_err::read(desk.path().join("report.txt")).unwrap();
    assert_eq!(file, desk.run(&one(&[])).stdout);
    let names = fs_err::read_dir(desk.path()).unwrap().count();
    assert_eq!(names, 1, "a temporary file was left");
}

#[test]
fn a_wrong_place_is_told_before_aws_is_asked() {
    // No credentials either; the place comes first.
    let shown = Desk::new().show(&["assess", "--region", "eu-west-1", "--out", "nowhere/x"]);
    assert!(shown.contains("there is no folder `nowhere`"), "{shown}");
    assert!(shown.starts_with("exit 2"), "{shown}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let desk = Desk::new();
    for arguments in [
        vec!["query", "--demo", "select * from _calls"],
        vec!["list", "controls"],
        one(&["--format", "html"]),
    ] {
        let mut child = desk
            .palisade(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        assert!(!errors.contains("pipe"), "{errors}");
    }
}

/// Rows without end, as far as anybody is concerned.
const ENDLESS: &str =
    "select a.id, b.operation from _calls a, _calls b, _calls c, _calls d, _calls e, _calls f";

#[test]
fn a_query_stops_when_its_reader_is_gone() {
    let desk = Desk::new();
    for form in ["table", "csv", "json"] {
        let mut child = desk
            .palisade(&["query", "--demo", "--format", form, ENDLESS])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 100]).unwrap();
        drop(stdout);
        let waited = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            child.try_wait().unwrap().is_some()
        });
        if !waited {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        assert!(waited, "{form}: it runs on");
        assert!(output.status.success(), "{form}: {output:?}");
        assert!(output.stderr.is_empty(), "{form}: {output:?}");
    }
}

#[test]
fn what_is_about_aws_is_not_silently_dropped() {
    let desk = Desk::new();
    let mut shown = desk.show(&one(&["--region", "eu-west-1"]));
    shown += &desk.show(&["collect", "--from-dir", "describe", "--max-rps", "5"]);
    assert_snapshot!(shown);
    // What the environment says all the time is not typed.
    let mut command = desk.palisade(&one(&["--quiet"]));
    command.env("AWS_PROFILE", "audit");
    command.env("AWS_ENDPOINT_URL", "http://localhost:1");
    assert!(command.output().unwrap().status.success());
}

#[test]
fn a_snapshot_is_not_laid_over_other_files() {
    let desk = Desk::new();
    desk.file("mine/letter.txt", "dear");
    assert_snapshot!(desk.show(&["collect", "--out", "mine"]));
}

#[test]
fn there_is_nothing_to_go_on_with() {
    assert_snapshot!(Desk::new().show(&["collect", "--out", "new", "--resume"]));
}
