//! Snapshots that can't be read.

use crate::support::Desk;
use insta::assert_snapshot;

const ON_IT: &[&str] = &[
    "assess",
    "--control",
    "s3-bucket-versioning",
    "--quiet",
    "--snapshot",
    "snap",
];

/// Changes the manifest's text.
fn manifest(desk: &Desk, from: &str, to: &str) {
    let path = desk.demo().join("manifest.json");
    let text = fs_err::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs_err::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_folder_that_is_not_there() {
    assert_snapshot!(Desk::new().show(ON_IT));
}

#[test]
fn a_newer_version() {
    let desk = Desk::new();
    manifest(&desk, "\"format\": 1", "\"format\": 99");
    assert_snapshot!(desk.show(ON_IT));
}

#[test]
fn an_older_version() {
    let desk = Desk::new();
    manifest(&desk, "\"format\": 1", "\"format\": 0");
    assert_snapshot!(desk.show(ON_IT));
}

#[test]
fn a_manifest_that_is_cut() {
    let desk = Desk::new();
    let path = desk.demo().join("manifest.json");
    fs_err::write(&path, "{\"format\": 1,").unwrap();
    assert_snapshot!(desk.show(ON_IT));
}

#[test]
fn one_byte_of_a_table_is_another() {
    let desk = Desk::new();
    let path = desk.demo().join("tables/aws_s3_bucket.parquet");
    let mut bytes = fs_err::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(&path, bytes).unwrap();
    assert_snapshot!(desk.show(ON_IT));
}

#[test]
fn a_table_is_missing() {
    let desk = Desk::new();
    fs_err::remove_file(desk.demo().join("tables/aws_s3_bucket.parquet")).unwrap();
    assert_snapshot!(desk.show(ON_IT));
}

#[test]
fn a_snapshot_that_is_not_whole_says_so() {
    let desk = Desk::new();
    manifest(
        &desk,
        "\"format\": 1",
        "\"incomplete\": \"the credentials have expired\", \"format\": 1",
    );
    let output = desk.run(&["query", "--snapshot", "snap", "select 1"]);
    assert!(output.status.success());
    let shown = desk.show(&[
        "assess",
        "--control",
        "s3-bucket-versioning",
        "--snapshot",
        "snap",
    ]);
    assert!(
        shown.contains("this snapshot is incomplete: the credentials have expired"),
        "{shown}"
    );
}

#[test]
fn a_snapshot_does_not_differ_from_itself() {
    let desk = Desk::new();
    desk.demo();
    let shown = desk.show(&["diff", "snap", "snap"]);
    assert!(
        shown.starts_with("exit 0\n--- stdout\n0 new, 0 gone, 0 changed"),
        "{shown}"
    );
}

#[test]
fn what_was_not_collected_again_is_not_gone() {
    let desk = Desk::new();
    fs_err::rename(desk.demo(), desk.path().join("older")).unwrap();
    let path = desk.demo().join("manifest.json");
    let text = fs_err::read_to_string(&path).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tables = manifest["tables"].as_object_mut().unwrap();
    tables.remove("aws_sqs_queue").unwrap();
    fs_err::write(&path, manifest.to_string()).unwrap();
    let output = desk.run(&["diff", "older", "snap", "--format", "json"]);
    assert!(output.status.success(), "{}", desk.shown(&output));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of_queues = |class: &str| {
        let all = told[class].as_array().unwrap().iter();
        all.filter(|f| f["control"] == "sqs-queue-encrypted")
            .count()
    };
    assert!(of_queues("not_looked_at_again") > 0, "{told}");
    assert_eq!(of_queues("gone") + of_queues("new"), 0);
    assert_eq!(told["gone"], serde_json::json!([]));
    assert!(told["not_asked"]["now"].as_u64().unwrap() > 0);
    let shown = desk.show(&["diff", "older", "snap"]);
    assert!(
        shown.contains("`aws_sqs_queue` was not collected: "),
        "{shown}"
    );
}

#[test]
fn an_answer_says_what_was_never_measured() {
    let desk = Desk::new();
    let path = desk.demo().join("manifest.json");
    let text = fs_err::read_to_string(&path).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tables = manifest["tables"].as_object_mut().unwrap();
    tables.remove("aws_sqs_queue").unwrap();
    let fills = tables["aws_s3_bucket"]["fills"].as_array_mut().unwrap();
    fills.retain(|fill| fill != "versioning");
    fs_err::write(&path, manifest.to_string()).unwrap();
    let told = |more: &[&str]| {
        let output = desk.run(&[&["query", "--snapshot", "snap"], more].concat());
        assert!(output.status.success(), "{}", desk.shown(&output));
        String::from_utf8(output.stderr).unwrap()
    };
    let queues = "select count(*) from aws_sqs_queue";
    assert_eq!(told(&[queues]), "note: `aws_sqs_queue` was not collected\n");
    assert_eq!(told(&[queues, "--quiet"]), "");
    assert_eq!(
        told(&["select name from aws_s3_bucket where versioning_status is null"]),
        "note: `aws_s3_bucket.versioning_status`: s3:GetBucketVersioning was not collected: null may mean unknown\n"
    );
    assert_eq!(told(&["select name, policy from aws_s3_bucket"]), "");
}
