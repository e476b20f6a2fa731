//! `catalog new control` and `catalog docs`.

use crate::support::Desk;
use insta::assert_snapshot;

fn new<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["catalog", "new", "control", id, "--catalog", "own"];
    all.extend(more);
    all
}

const QUEUE: [&str; 4] = ["--table", "aws_sqs_queue", "--answers", "tagging-strategy"];

#[test]
fn a_control_is_begun_filled_and_proved() {
    let desk = Desk::new();
    assert_snapshot!(desk.show(&new("queue-is-named", &QUEUE)));
    let path = "own/controls/sqs/queue-is-named.toml";
    let begun = fs_err::read_to_string(desk.path().join(path)).unwrap();
    assert_snapshot!(begun);
    let shown = desk.show(&["catalog", "check", "own"]);
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(shown.contains("`title` is still to be filled"), "{shown}");

    let queue = "given.aws_sqs_queue = [{ queue_url = \"https://x/q\", queue_arn = \"arn:aws:sqs:eu-west-1:111122223333:q\", name = \"q\" }]";
    let mut filled = begun;
    for (from, to) in [
        (
            "<what holds when it passes, in one line>",
            "Queues have names",
        ),
        ("<expression>", "name <> ''"),
        (
            "<what happens to the user where it fails>",
            "Nobody finds a queue without a name.",
        ),
        ("<begin with a verb>", "Name the queue."),
        ("<what passes>", "it has a name"),
        ("given.aws_sqs_queue = [{ }]", queue),
        ("<what fails>", "it has none"),
        (
            "given.aws_sqs_queue = [{ }]",
            "given.aws_sqs_queue = [{ name = \"\" }]",
        ),
    ] {
        assert!(filled.contains(from), "{from}");
        filled = filled.replacen(from, to, 1);
    }
    desk.file(path, &filled);
    let shown = desk.show(&["catalog", "check", "own"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
    assert!(shown.contains("nothing wrong"), "{shown}");
    // And not a second time.
    assert_snapshot!(desk.show(&new("queue-is-named", &QUEUE)));
}

#[test]
fn the_example_in_the_documentation_is_proved() {
    let page = include_str!("../../../../docs/controls.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let desk = Desk::new();
    desk.file("own/controls/sqs/queue-keeps-dead-letters.toml", example);
    let shown = desk.show(&["catalog", "check", "own"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
}

#[test]
fn a_second_control_is_begun_before_the_first_is_filled() {
    let desk = Desk::new();
    for id in ["queue-is-named", "queue-is-known"] {
        let shown = desk.show(&new(id, &QUEUE));
        assert!(shown.starts_with("exit 0"), "{shown}");
        let path = format!("own/controls/sqs/{id}.toml");
        assert!(desk.path().join(path).is_file());
    }
    // And what is begun is taken.
    let shown = desk.show(&new("queue-is-named", &QUEUE));
    assert!(shown.contains("is a control already"), "{shown}");
}

#[test]
fn a_control_about_a_derived_table() {
    let desk = Desk::new();
    let arguments = new(
        "x-egress",
        &[
            "--table",
            "network_egress",
            "--answers",
            "outbound-traffic-controlled",
        ],
    );
    let shown = desk.show(&arguments);
    assert!(
        shown.contains("own/controls/network/x-egress.toml"),
        "{shown}"
    );
    let text = fs_err::read_to_string(desk.path().join("own/controls/network/x-egress.toml"));
    let text = text.unwrap();
    assert!(text.contains("verdict text"), "{text}");
    assert!(text.contains("denied = [\"elb:"), "{text}");
}

#[test]
fn an_id_that_is_taken() {
    let desk = Desk::new();
    let mut shown = desk.show(&new("s3-bucket-versioning", &QUEUE));
    shown += &desk.show(&new("tagging-strategy", &QUEUE));
    shown += &desk.show(&new("Queue named", &QUEUE));
    assert_snapshot!(shown);
    assert!(!desk.path().join("own/controls/s3").exists());
}

#[test]
fn a_table_or_recommendation_that_is_none() {
    let desk = Desk::new();
    let mut shown = desk.show(&new(
        "mine",
        &["--table", "aws_sqs_queues", "--answers", "tagging-strategy"],
    ));
    shown += &desk.show(&new(
        "mine",
        &["--table", "aws_sqs_queue", "--answers", "tagging"],
    ));
    shown += &desk.show(&[
        "catalog",
        "new",
        "control",
        "mine",
        "--table",
        "x",
        "--answers",
        "y",
    ]);
    assert_snapshot!(shown);
    assert!(!desk.path().join("own").exists());
}

#[test]
fn the_reference_as_a_site() {
    let desk = Desk::new();
    let shown = desk.show(&["catalog", "docs", "--out", "site"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
    let read = |path: &str| fs_err::read_to_string(desk.path().join("site").join(path)).unwrap();
    let index = read("index.html");
    for page in [
        "controls/s3-bucket-versioning.html",
        "recommendations/red-team.html",
        "tables/aws_sqs_queue.html",
        "tables/network_egress.html",
        "frameworks/nist-csf-2.0.html",
    ] {
        assert!(index.contains(&format!("href=\"{page}\"")), "{page}");
        assert!(read(page).starts_with("<!doctype html>"), "{page}");
    }
    // Once more over itself, and not over other files.
    let again = desk.show(&["catalog", "docs", "--out", "site", "--quiet"]);
    assert_eq!(again, "exit 0\n--- stdout\n--- stderr\n");
    desk.file("mine/notes.txt", "x");
    assert_snapshot!(desk.show(&["catalog", "docs", "--out", "mine"]));
}
