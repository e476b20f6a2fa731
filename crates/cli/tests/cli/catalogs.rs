//! A user's own catalogue, wrong and right.

use crate::support::Desk;
use insta::assert_snapshot;

const GOOD: &str = r#"id = "mine"
title = "Queues are named"
severity = "low"
subject = "aws_sqs_queue"
require = "name <> ''"
why = "w"
[[test]]
name = "p"
given.aws_sqs_queue = [{ queue_url = "https://x/q", queue_arn = "arn:aws:sqs:eu-west-1:111122223333:q", name = "q" }]
expect = ["pass"]
[[test]]
name = "f"
given.aws_sqs_queue = [{ name = "" }]
expect = ["fail"]
[[test]]
name = "u"
denied = ["sqs:ListQueues"]
expect = ["unknown"]
"#;

fn checked(from: &str, to: &str) -> String {
    let desk = Desk::new();
    assert!(GOOD.contains(from));
    desk.file("own/controls/x/mine.toml", &GOOD.replacen(from, to, 1));
    desk.show(&["catalog", "check", "own"])
}

#[test]
fn a_severity_that_is_none() {
    assert_snapshot!(checked("\"low\"", "\"lwo\""));
}

#[test]
fn a_key_that_is_none() {
    assert_snapshot!(checked("why =", "wyh ="));
}

#[test]
fn a_table_that_is_none() {
    assert_snapshot!(checked(
        "subject = \"aws_sqs_queue\"",
        "subject = \"aws_sqs_queues\""
    ));
}

#[test]
fn sql_that_does_not_plan() {
    assert_snapshot!(checked("name <> ''", "nam <> ''"));
}

#[test]
fn a_test_that_expects_something_else() {
    assert_snapshot!(checked("expect = [\"fail\"]", "expect = [\"pass\"]"));
}

#[test]
fn an_id_that_is_there_twice() {
    let desk = Desk::new();
    desk.file("own/controls/x/mine.toml", GOOD);
    desk.file("own/controls/y/mine.toml", GOOD);
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}

#[test]
fn an_id_that_is_not_the_files_name() {
    let desk = Desk::new();
    desk.file("own/controls/x/other.toml", GOOD);
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}

#[test]
fn a_control_that_says_nothing() {
    let shown = checked("title = \"Queues are named\"", "title = \" \"");
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(shown.contains("`title` is empty"), "{shown}");
    assert!(shown.contains("mine.toml:2:1"), "{shown}");
    let shown = checked("why = \"w\"", "why = \"\"");
    assert!(shown.contains("`why` is empty"), "{shown}");
    assert!(shown.contains("mine.toml:6:1"), "{shown}");
}

#[test]
fn a_call_that_is_no_read_and_a_member_that_is_none() {
    let desk = Desk::new();
    let table = "[aws_x]\nabout = \"x\"\nscope = \"region\"\nlist = { call = \"sqs:DeleteQueue\" }\narn = \"x\"\n\n[aws_y]\nabout = \"x\"\nscope = \"region\"\nlist = { call = \"sqs:ListQueues\", rows = \"Queues\" }\narn = \"{queue}\"\n";
    desk.file("own/tables/x.toml", table);
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}

#[test]
fn of_many_errors_ten_are_shown() {
    let desk = Desk::new();
    for n in 0..30 {
        desk.file(&format!("own/controls/x/c{n}.toml"), "id = 3\n");
    }
    let shown = desk.show(&["catalog", "check", "own"]);
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(shown.ends_with("... and 20 more of 30\n"), "{shown}");
}

#[test]
fn a_folder_that_is_missing() {
    assert_snapshot!(Desk::new().show(&["assess", "--demo", "--catalog", "nowhere"]));
}

#[test]
fn files_that_nothing_reads_are_told() {
    let desk = Desk::new();
    desk.file("own/controls/x/mine.toml", GOOD);
    desk.file("own/control/sqs/other.toml", GOOD);
    desk.file("own/top.toml", GOOD);
    desk.file("own/controls/third.tml", GOOD);
    desk.file("own/controls/README.md", "what these are");
    let shown = desk.show(&["catalog", "check", "own"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
    assert_snapshot!(shown.split_once("--- stderr").unwrap().1);
    // Other commands tell it too, also where something else is wrong.
    desk.file("own/controls/x/mine.toml", "id = 3\n");
    let shown = desk.show(&["list", "controls", "--catalog", "own"]);
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(shown.contains("`own/top.toml` is not read"), "{shown}");
}

#[test]
fn ones_own_control_takes_the_place_of_a_built_in_one() {
    let desk = Desk::new();
    let own = GOOD.replacen("\"mine\"", "\"s3-bucket-versioning\"", 1);
    desk.file("own/controls/s3-bucket-versioning.toml", &own);
    let output = desk.run(&["explain", "--catalog", "own", "s3-bucket-versioning"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("Queues are named"), "{text}");
}

#[test]
fn a_recommendation_without_a_rule_of_evidence() {
    let row = "id = \"mine\"\ntitle = \"Queues are named\"\nkind = \"config\"\nscope = \"account\"\neffort = \"human\"\n";
    let desk = Desk::new();
    desk.file("own/recommendations/mine.toml", row);
    desk.file(
        "own/recommendations/other.toml",
        &format!("{}evidence = \"\"\n", row.replace("mine", "other")),
    );
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}

#[test]
fn a_framework_with_an_id_that_its_edition_lacks() {
    let desk = Desk::new();
    let whole = include_str!("../../../../catalog/frameworks/nist-csf-2.0.toml");
    // The number of an older edition, as other tools have it.
    let wrong = whole.replacen("\"PR.AA-01\"", "\"PR.AC-1\"", 1);
    desk.file("own/frameworks/nist-csf-2.0.toml", &wrong);
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}

#[test]
fn two_rows_that_claim_one_id() {
    let desk = Desk::new();
    let head = "id = \"mine\"\ntitle = \"t\"\nedition = \"1\"\nsource = \"s\"\n";
    let row = "[[requirement]]\nid = \"1\"\ntitle = \"t\"\nrecommendations = [\"red-team\"]\n";
    desk.file("own/frameworks/mine.toml", &format!("{head}{row}{row}"));
    let rule = "id = \"row\"\ntitle = \"t\"\nkind = \"config\"\nscope = \"account\"\neffort = \"human\"\nevidence = \"e\"\n";
    desk.file("own/recommendations/a/row.toml", rule);
    desk.file("own/recommendations/b/row.toml", rule);
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
    // What is wrong inside a file hides references: once it is mended, they are told.
    fs_err::remove_dir_all(desk.path().join("own/recommendations/b")).unwrap();
    assert_snapshot!(desk.show(&["catalog", "check", "own"]));
}
