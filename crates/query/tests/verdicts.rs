//! Every way to a verdict, on small snapshots.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use palisade_core::State::{Excepted, Fail, NotApplicable, Pass, Unknown};
use palisade_core::catalog::Exceptions;
use serde_json::json;
use support::*;

const ENCRYPTED: &str = "subject = 'aws_sqs_queue'\nrequire = 'coalesce(encrypted, false)'\nreason = \"'encrypted: ' || coalesce(encrypted, false)\"";

fn one_control(body: &str) -> palisade_core::Catalog {
    catalog(vec![control("c", body)])
}

fn listed(regions: &[&str]) -> Estate {
    let mut estate = Estate::new(&[account(ONE, regions)]);
    for region in regions {
        estate.call(ONE, region, "sqs:ListQueues", "{}", "ok");
    }
    estate
}

#[test]
fn rows_are_decided_and_come_in_order() {
    let mut estate = listed(&["eu-west-1", "us-east-1"]);
    estate.queue(ONE, "us-east-1", "a", "ok", &json!({ "encrypted": true }));
    estate.queue(ONE, "eu-west-1", "c", "ok", &json!({ "encrypted": false }));
    estate.queue(ONE, "eu-west-1", "b", "denied", &json!({}));
    let findings = ask(&estate, &one_control(ENCRYPTED));
    let states: Vec<_> = findings
        .iter()
        .map(|f| (f.resource.name.as_str(), f.verdict.state()))
        .collect();
    assert_eq!(states, [("b", Unknown), ("c", Fail), ("a", Pass)]);
    assert_eq!(
        findings[0].reason(),
        "sqs:GetQueueAttributes was denied (AccessDenied)"
    );
    assert_eq!(findings[1].reason(), "encrypted: false");
    assert_eq!(findings[1].values()["encrypted"], json!(false));
    let operations: Vec<_> = findings[2]
        .verdict
        .calls()
        .iter()
        .map(|c| c.operation.as_str())
        .collect();
    assert_eq!(operations, ["sqs:ListQueues", "sqs:GetQueueAttributes"]);
}

/// A snapshot that another catalogue made: a column that its files lack was not measured, whatever a null would say.
#[test]
fn a_column_that_the_snapshot_lacks_is_unknown() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "ok", &json!({ "encrypted": true }));
    let none = "subject = 'aws_sqs_queue'\nrequire = 'size is null'";
    assert_eq!(said(&ask(&estate, &one_control(none)))[0].1, Pass);
    estate
        .lacking
        .push(("aws_sqs_queue".to_owned(), "size".to_owned()));
    let findings = ask(&estate, &one_control(none));
    assert_eq!(findings[0].verdict.state(), Unknown);
    assert_eq!(
        findings[0].reason(),
        "sqs:GetQueueAttributes was not collected"
    );
    // What the list call tells concerns every question about the table.
    estate.lacking = vec![("aws_sqs_queue".to_owned(), "queue_url".to_owned())];
    let findings = ask(&estate, &one_control(ENCRYPTED));
    assert_eq!(findings[0].verdict.state(), Unknown);
}

#[test]
fn null_is_unknown_and_names_the_column() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "ok", &json!({}));
    let findings = ask(
        &estate,
        &one_control("subject = 'aws_sqs_queue'\nrequire = 'size > 1'"),
    );
    assert_eq!(findings[0].verdict.state(), Unknown);
    assert_eq!(findings[0].reason(), "the answers hold no value for `size`");
}

#[test]
fn absent_counts_as_measured() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "absent", &json!({}));
    assert_eq!(
        ask(&estate, &one_control(ENCRYPTED))[0].verdict.state(),
        Fail
    );
}

#[test]
fn a_fill_without_a_line_was_not_collected() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "ok", &json!({ "tags": "[]" }));
    let findings = ask(
        &estate,
        &one_control("subject = 'aws_sqs_queue'\nrequire = 'tags is not null'"),
    );
    assert_eq!(findings[0].verdict.state(), Unknown);
    assert_eq!(findings[0].reason(), "sqs:ListQueueTags was not collected");
}

#[test]
fn applies_tells_where_the_question_makes_sense() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(
        ONE,
        "eu-west-1",
        "a",
        "ok",
        &json!({ "size": 1, "encrypted": false }),
    );
    estate.queue(
        ONE,
        "eu-west-1",
        "b",
        "ok",
        &json!({ "size": 9, "encrypted": false }),
    );
    estate.queue(ONE, "eu-west-1", "c", "ok", &json!({ "encrypted": false }));
    estate.queue(ONE, "eu-west-1", "d", "denied", &json!({}));
    let findings = ask(
        &estate,
        &one_control("subject = 'aws_sqs_queue'\napplies = 'size > 5'\nrequire = 'encrypted'"),
    );
    let states: Vec<_> = findings.iter().map(|f| f.verdict.state()).collect();
    assert_eq!(states, [NotApplicable, Fail, NotApplicable, Unknown]);
}

#[test]
fn no_rows_looked_at_and_not_looked_at_differ() {
    let control = one_control(ENCRYPTED);
    let estate = listed(&["eu-west-1", "us-east-1"]);
    assert_eq!(
        said(&ask(&estate, &control)),
        [(format!("aws_sqs_queue in {ONE}"), NotApplicable)]
    );
    let mut denied = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    denied.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", "denied");
    denied.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    denied.queue(ONE, "us-east-1", "a", "ok", &json!({ "encrypted": true }));
    let findings = ask(&denied, &control);
    assert_eq!(
        said(&findings),
        [
            ("aws_sqs_queue in eu-west-1".to_owned(), Unknown),
            (format!("arn:aws:sqs:us-east-1:{ONE}:a"), Pass),
        ]
    );
    assert_eq!(
        findings[0].reason(),
        "sqs:ListQueues was denied (AccessDenied)"
    );
    // A run that was killed before a region was asked.
    let mut cut = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    cut.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    assert_eq!(
        said(&ask(&cut, &control)),
        [("aws_sqs_queue in eu-west-1".to_owned(), Unknown)]
    );
    let mut none = listed(&["eu-west-1"]);
    none.left_out.push("aws_sqs_queue".into());
    let findings = ask(&none, &control);
    assert_eq!(findings[0].reason(), "`aws_sqs_queue` was not collected");
    assert_eq!(findings[0].verdict.state(), Unknown);
}

#[test]
fn an_account_that_was_not_reached_is_unknown_everywhere() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "ok", &json!({ "encrypted": true }));
    let mut two = account(TWO, &["eu-west-1"]);
    two.not_reached = Some("the role can't be assumed".into());
    estate.accounts.push(two);
    let controls = catalog(vec![
        control("c", ENCRYPTED),
        control(
            "q",
            "subject = { sql = 'select q.arn, q.account_id, q.region from aws_sqs_queue q' }\nrequire = 'arn is not null'",
        ),
    ]);
    let findings = ask(&estate, &controls);
    let two: Vec<_> = findings
        .iter()
        .filter(|f| f.resource.account_id == TWO)
        .collect();
    assert_eq!(two.len(), 2);
    for finding in two {
        assert_eq!(finding.verdict.state(), Unknown);
        assert_eq!(
            finding.reason(),
            "the account was not reached: the role can't be assumed"
        );
    }
}

#[test]
fn a_child_without_rows_depends_on_its_parent() {
    let child = one_control("subject = 'aws_ecs_service'\nrequire = \"launch_type = 'FARGATE'\"");
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1"])]);
    estate.call(ONE, "eu-west-1", "ecs:ListClusters", "{}", "ok");
    assert_eq!(ask(&estate, &child)[0].verdict.state(), NotApplicable);
    let mut denied = Estate::new(&[account(ONE, &["eu-west-1"])]);
    denied.call(ONE, "eu-west-1", "ecs:ListClusters", "{}", "denied");
    assert_eq!(
        said(&ask(&denied, &child)),
        [("aws_ecs_service in eu-west-1".to_owned(), Unknown)]
    );
}

#[test]
fn an_exception_accepts_a_fail_and_nothing_else() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(
        ONE,
        "eu-west-1",
        "tmp-a",
        "ok",
        &json!({ "encrypted": false }),
    );
    estate.queue(ONE, "eu-west-1", "tmp-b", "denied", &json!({}));
    let text = "[[exception]]\ncontrol = 'c'\nresource = '*tmp-*'\nowner = 'ada'\nreason = 'r'\nexpires = 2026-12-31\n";
    let exceptions = Exceptions::parse("e.toml", text, |c| Some(c.to_owned())).unwrap();
    let findings = ask_with(&estate, &one_control(ENCRYPTED), &exceptions);
    let states: Vec<_> = findings.iter().map(|f| f.verdict.state()).collect();
    assert_eq!(states, [Excepted, Unknown]);
    let accepted = findings[0].verdict.accepted().unwrap();
    assert_eq!(accepted.to_string(), "accepted by ada until 2026-12-31: r");
}

#[test]
fn an_error_on_one_row_stays_there() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(ONE, "eu-west-1", "a", "ok", &json!({ "size": 0 }));
    estate.queue(ONE, "eu-west-1", "b", "ok", &json!({ "size": 5 }));
    let findings = ask(
        &estate,
        &one_control("subject = 'aws_sqs_queue'\nrequire = '10 / size > 1'"),
    );
    let states: Vec<_> = findings.iter().map(|f| f.verdict.state()).collect();
    assert_eq!(states, [Unknown, Pass]);
    assert!(
        findings[0].reason().contains("divide by zero"),
        "{}",
        findings[0].reason().to_lowercase()
    );
}

#[test]
fn nested_lists_are_asked_with_lambdas() {
    let body = "subject = 'aws_vpc_security_group'\nrequire = \"not any_match(ip_permissions, p -> p['from_port'] <= 22 and p['to_port'] >= 22 and any_match(p['ip_ranges'], r -> r['cidr_ip'] = '0.0.0.0/0'))\"";
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1"])]);
    estate.call(ONE, "eu-west-1", "ec2:DescribeSecurityGroups", "{}", "ok");
    for (id, cidr, port) in [
        ("sg-1", "0.0.0.0/0", 22),
        ("sg-2", "10.0.0.0/8", 22),
        ("sg-3", "0.0.0.0/0", 443),
    ] {
        estate.row("aws_vpc_security_group", "ec2:DescribeSecurityGroups", json!({
            "account_id": ONE, "region": "eu-west-1", "arn": id, "group_id": id,
            "ip_permissions": [{ "from_port": port, "to_port": port, "ip_ranges": [{ "cidr_ip": cidr }] }],
        }));
    }
    estate.row(
        "aws_vpc_security_group",
        "ec2:DescribeSecurityGroups",
        json!({
            "account_id": ONE, "region": "eu-west-1", "arn": "sg-4", "group_id": "sg-4",
        }),
    );
    let states: Vec<_> = ask(&estate, &one_control(body))
        .iter()
        .map(|f| f.verdict.state())
        .collect();
    assert_eq!(states, [Fail, Pass, Pass, Unknown]);
}

#[test]
fn a_query_is_unknown_where_a_call_behind_it_failed() {
    let body = "subject = { sql = \"select a.arn, a.account_id, a.region, count(q.arn) filter (where q.encrypted) as good from aws_account a left join aws_sqs_queue q on q.account_id = a.account_id group by 1, 2, 3\" }\nrequire = 'good > 0'";
    let estate =
        |two_regions: &str, fill: &str| {
            let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
            estate.call(ONE, "us-east-1", "sts:GetCallerIdentity", "{}", "ok");
            estate.row("aws_account", "sts:GetCallerIdentity", json!({
            "account_id": ONE, "region": "us-east-1", "arn": format!("arn:aws:iam::{ONE}:root"),
        }));
            estate.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
            // The row is of us-east-1, the failed call of another region: it counts all the same.
            estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", two_regions);
            estate.queue(
                ONE,
                "us-east-1",
                "a",
                fill,
                &json!({ "encrypted": (fill == "ok").then_some(true) }),
            );
            estate
        };
    let control = one_control(body);
    assert_eq!(ask(&estate("ok", "ok"), &control)[0].verdict.state(), Pass);
    assert_eq!(
        ask(&estate("denied", "ok"), &control)[0].verdict.state(),
        Unknown
    );
    let findings = ask(&estate("ok", "denied"), &control);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].verdict.state(), Unknown);
    assert_eq!(findings[0].resource.kind, "aws_account");
}

#[test]
fn a_query_of_regions_is_unknown_only_in_the_region_that_failed() {
    let body = "subject = { sql = \"select q.arn, q.account_id, q.region, q.encrypted from aws_sqs_queue q\" }\nrequire = 'encrypted'";
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    estate.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", "denied");
    estate.queue(ONE, "us-east-1", "a", "ok", &json!({ "encrypted": true }));
    assert_eq!(
        said(&ask(&estate, &one_control(body))),
        [
            ("aws_sqs_queue in eu-west-1".to_owned(), Unknown),
            (format!("arn:aws:sqs:us-east-1:{ONE}:a"), Pass),
        ]
    );
}

#[test]
fn ages_are_counted_from_the_snapshot() {
    let mut estate = listed(&["eu-west-1"]);
    estate.queue(
        ONE,
        "eu-west-1",
        "a",
        "ok",
        &json!({ "created": "2025-12-01T12:00:00Z" }),
    );
    let body = "subject = 'aws_sqs_queue'\nrequire = \"days_since(created) = 30 and snapshot_time() = '2026-01-01T00:00:00Z'\"";
    assert_eq!(ask(&estate, &one_control(body))[0].verdict.state(), Pass);
}
