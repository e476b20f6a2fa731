//! What an answer can't tell, beside the answer.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod support;

use palisade_query::Session;
use serde_json::json;
use support::*;

/// Two regions: in one the queues could not be listed, in the other one of two could not be read.
fn estate() -> Estate {
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", "denied");
    estate.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    estate.queue(ONE, "us-east-1", "a", "denied", &json!({}));
    estate.queue(ONE, "us-east-1", "b", "ok", &json!({ "encrypted": true }));
    estate.left_out.push("aws_vpc_security_group".to_owned());
    estate
}

fn told(estate: &Estate, sql: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = estate.write(dir.path());
    let session = Session::open(&snapshot, &catalog(Vec::new()), &schemas()).unwrap();
    let gaps = session.gaps(sql).unwrap();
    gaps.iter().map(ToString::to_string).collect()
}

const NOT_LISTED: &str =
    "`aws_sqs_queue`: sqs:ListQueues was denied in 1 account, 1 region: rows may be missing";

#[test]
fn rows_that_could_not_be_listed_are_told() {
    let estate = estate();
    assert_eq!(
        told(&estate, "select count(*) from aws_sqs_queue"),
        [NOT_LISTED]
    );
    assert_eq!(
        told(
            &estate,
            "select 1 where exists (select 1 from aws_sqs_queue)"
        ),
        [NOT_LISTED]
    );
    assert_eq!(
        told(&estate, "select count(*) from aws_vpc_security_group"),
        ["`aws_vpc_security_group` was not collected"]
    );
}

#[test]
fn columns_that_were_not_answered_are_told() {
    let estate = estate();
    assert_eq!(
        told(
            &estate,
            "select name from aws_sqs_queue where encrypted is null"
        ),
        [
            NOT_LISTED,
            "`aws_sqs_queue.encrypted`: sqs:GetQueueAttributes was denied for 1 of 2 rows: null may mean unknown",
        ]
    );
    assert_eq!(
        told(&estate, "select encrypted, size, tags from aws_sqs_queue"),
        [
            NOT_LISTED,
            "`aws_sqs_queue.encrypted` and 1 more column: sqs:GetQueueAttributes was denied for 1 of 2 rows: null may mean unknown",
            "`aws_sqs_queue.tags`: sqs:ListQueueTags was not collected: null may mean unknown",
        ]
    );
}

#[test]
fn a_region_that_was_not_asked_and_an_account_that_was_not_entered_are_told() {
    let mut lost = account(TWO, &["eu-west-1"]);
    lost.not_reached = Some("sts:AssumeRole was denied".to_owned());
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"]), lost]);
    estate.call(ONE, "eu-west-1", "ecs:ListClusters", "{}", "ok");
    assert_eq!(
        told(&estate, "select count(*) from aws_ecs_service"),
        [
            "1 account was not reached: its rows are missing",
            "`aws_ecs_service`: ecs:ListClusters was not collected in 1 account, 1 region: rows may be missing",
        ]
    );
}

#[test]
fn where_all_was_answered_nothing_is_told() {
    let mut estate = Estate::new(&[account(ONE, &["us-east-1"])]);
    estate.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    estate.queue(ONE, "us-east-1", "b", "ok", &json!({ "encrypted": true }));
    estate.queue(ONE, "us-east-1", "c", "absent", &json!({}));
    for sql in [
        "select encrypted from aws_sqs_queue",
        "select count(*) from _calls",
        "select 1",
    ] {
        assert_eq!(told(&estate, sql), Vec::<String>::new(), "{sql}");
    }
}
