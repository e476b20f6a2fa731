//! Services that refuse, stall, break and lie: what was measured stays, what was not is told.

use crate::queues::{QUEUES, attributes, gather, queue, sqs};
use crate::support::server::{Reply, Server, error, ok, xml_error};
use crate::support::{calls, client, collect, files, ledger, options, outcomes, plan_of, rows};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[tokio::test]
async fn queues_are_read_page_by_page() {
    let server = Server::start(|r| sqs(r, 5)).await;
    let folder = tempfile::tempdir().unwrap();
    let manifest = gather(&server, QUEUES, folder.path(), options()).await;
    let rows = rows(folder.path(), "aws_sqs_queue");
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[4]["arn"], "arn:aws:sqs:us-east-1:123456789012:q4");
    assert_eq!(rows[4]["visibility_timeout"], 30);
    assert_eq!(rows[4]["policy"], "{\"Statement\":[]}");
    assert_eq!(calls(&rows[0]), ["ok", "attributes ok"]);
    assert_eq!(manifest.tables["aws_sqs_queue"].fills, ["attributes"]);
    assert_eq!(manifest.ledger.rows, 8);
    assert!(!folder.path().join(".partial").exists());
}

#[tokio::test]
async fn the_same_answers_give_the_same_bytes() {
    let server = Server::start(|r| sqs(r, 9)).await;
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = gather(&server, QUEUES, a.path(), options()).await;
    let two = gather(&server, QUEUES, b.path(), options()).await;
    assert_eq!(one.tables, two.tables);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_a_snapshot() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start(|r| sqs(r, 1)).await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("snapshot");
    gather(&server, QUEUES, &out, options()).await;
    let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o700);
    assert_eq!(mode(&out.join("tables")), 0o700);
    for file in files(&out) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_fill_that_is_denied_leaves_nulls_and_its_outcome() {
    let server = Server::start(|r| match r.operation().as_str() {
        "GetQueueAttributes" => error(403, "AccessDeniedException", "no"),
        _ => sqs(r, 1),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    gather(&server, QUEUES, folder.path(), options()).await;
    let rows = rows(folder.path(), "aws_sqs_queue");
    assert_eq!(
        calls(&rows[0]),
        ["ok", "attributes denied AccessDeniedException"]
    );
    assert_eq!(rows[0]["sqs_managed_sse_enabled"], Value::Null);
    // The call that knows the ARN failed; the row still has an identity of its own.
    assert_eq!(rows[0]["arn"], json!(queue(0)));
}

#[tokio::test]
async fn an_absent_resource_is_measured() {
    let server = Server::start(|r| match r.operation().as_str() {
        "GetQueueAttributes" => error(400, "QueueDoesNotExist", "gone"),
        _ => sqs(r, 1),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    gather(&server, QUEUES, folder.path(), options()).await;
    let rows = rows(folder.path(), "aws_sqs_queue");
    assert_eq!(
        calls(&rows[0]),
        ["ok", "attributes absent QueueDoesNotExist"]
    );
}

#[tokio::test]
async fn a_page_that_fails_leaves_the_pages_before() {
    for (reply, line) in [
        (
            error(400, "ThrottlingException", "slow down"),
            "sqs:ListQueues throttled ThrottlingException",
        ),
        (
            Reply::Text(500, "<html>".to_owned()),
            "sqs:ListQueues failed 500",
        ),
        (
            ok("{\"QueueUrls\": [\"a\", "),
            "sqs:ListQueues failed UnreadableAnswer",
        ),
        (ok("[1, 2]"), "sqs:ListQueues failed UnreadableAnswer"),
        (
            Reply::Cut("{\"QueueUrls\": [\"a\"]}".to_owned(), 9),
            "sqs:ListQueues failed",
        ),
        (Reply::Reset, "sqs:ListQueues failed Network"),
        (Reply::Hang, "sqs:ListQueues failed Timeout"),
        (
            Reply::After(Duration::from_millis(500), Box::new(ok("{}"))),
            "sqs:ListQueues failed Timeout",
        ),
    ] {
        let answer = reply.clone();
        let server = Server::start(move |r| match r.body.contains("NextToken") {
            true => answer.clone(),
            false => sqs(r, 5),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let manifest = gather(&server, QUEUES, folder.path(), options()).await;
        assert_eq!(rows(folder.path(), "aws_sqs_queue").len(), 2, "{line}");
        let outcomes = outcomes(folder.path());
        assert!(
            outcomes.iter().any(|o| o.starts_with(line)),
            "{line}: {outcomes:?}"
        );
        assert!(manifest.incomplete.is_none());
    }
}

#[tokio::test]
async fn a_listing_that_never_ends_is_cut_and_told() {
    let turn = Arc::new(AtomicUsize::new(0));
    for fresh in [false, true] {
        let turn = Arc::clone(&turn);
        let server = Server::start(move |r| match r.operation().as_str() {
            "ListQueues" => {
                let n = if fresh {
                    turn.fetch_add(1, Ordering::SeqCst)
                } else {
                    7
                };
                ok(json!({"QueueUrls": [queue(0)], "NextToken": n.to_string()}).to_string())
            }
            _ => attributes(r),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let mut options = options();
        options.max_pages = 10;
        gather(&server, QUEUES, folder.path(), options).await;
        let outcomes = outcomes(folder.path());
        assert!(
            outcomes.contains(&"sqs:ListQueues failed EndlessListing".to_owned()),
            "{outcomes:?}"
        );
        assert_eq!(
            rows(folder.path(), "aws_sqs_queue").len(),
            if fresh { 10 } else { 2 }
        );
    }
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up_and_the_rest_goes_on() {
    let server = Server::start(|r| match r.operation().as_str() {
        "GetQueueAttributes" => Reply::Hang,
        "GetAccountSummary" => ok(
            "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>AccountMFAEnabled</key>\
             <value>1</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>",
        ),
        _ => sqs(r, 60),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let mut options = options();
    options.concurrency = 4;
    gather(
        &server,
        &["aws_sqs_queue", "aws_iam_account_summary"],
        folder.path(),
        options,
    )
    .await;
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
    let outcomes = outcomes(folder.path());
    let given_up = outcomes
        .iter()
        .filter(|o| *o == "sqs:GetQueueAttributes failed GivenUp")
        .count();
    assert!(given_up >= 40, "{given_up} {outcomes:?}");
    assert_eq!(
        rows(folder.path(), "aws_iam_account_summary")[0]["account_mfa_enabled"],
        1
    );
    let line = ledger(folder.path())
        .into_iter()
        .find(|c| c["code"] == "GivenUp")
        .unwrap();
    assert_eq!(line["message"], "operation given up after 3 time-outs");
}

#[tokio::test]
async fn nothing_listens() {
    let folder = tempfile::tempdir().unwrap();
    let client = client("http://127.0.0.1:9", |_| {}).await;
    let plan = plan_of(QUEUES, &["us-east-1"]);
    collect(plan, Arc::new(client), folder.path(), options()).await;
    assert_eq!(outcomes(folder.path()), ["sqs:ListQueues failed Network"]);
    assert!(rows(folder.path(), "aws_sqs_queue").is_empty());
}

#[tokio::test]
async fn everything_is_denied() {
    let server = Server::start(|r| match r.headers.contains_key("x-amz-target") {
        true => error(400, "AccessDeniedException", "no"),
        false => xml_error(403, "AccessDenied"),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let tables = [
        "aws_sqs_queue",
        "aws_s3_bucket",
        "aws_iam_user",
        "aws_ec2_instance",
        "aws_lambda_function",
        "aws_kms_grant",
    ];
    let manifest = gather(&server, &tables, folder.path(), options()).await;
    let outcomes = outcomes(folder.path());
    assert_eq!(outcomes.len(), 6, "{outcomes:?}");
    assert!(
        outcomes.iter().all(|o| o.contains(" denied ")),
        "{outcomes:?}"
    );
    assert!(manifest.tables.values().all(|t| t.rows == 0));
}

#[tokio::test]
async fn a_policy_that_is_not_json_is_kept_and_a_value_of_the_wrong_type_is_not_measured() {
    let server = Server::start(|r| match r.operation().as_str() {
        "GetQueueAttributes" => ok(json!({"Attributes": {
            "QueueArn": "arn:aws:sqs:us-east-1:123456789012:q0",
            "Policy": "Allow everyone!",
            "VisibilityTimeout": "soon",
        }})
        .to_string()),
        _ => sqs(r, 1),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    gather(&server, QUEUES, folder.path(), options()).await;
    let rows = rows(folder.path(), "aws_sqs_queue");
    assert_eq!(rows[0]["policy"], "\"Allow everyone!\"");
    assert_eq!(rows[0]["visibility_timeout"], Value::Null);
    assert_eq!(calls(&rows[0]), ["ok", "attributes failed UnreadableValue"]);
}

#[tokio::test]
async fn values_of_secrets_are_in_no_file() {
    use base64::Engine as _;
    let script = base64::engine::general_purpose::STANDARD
        .encode("#!/bin/sh\nDB_PASSWORD=MARKED-user-data\n");
    let data = script.clone();
    let finish = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&finish);
    let server = Server::start(move |r| {
        if r.body.contains("Action=DescribeInstances&") || r.body.ends_with("Action=DescribeInstances") {
            ok("<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item>\
                </instancesSet></item></reservationSet></DescribeInstancesResponse>")
        } else if r.body.contains("Attribute=userData") {
            ok(format!("<DescribeInstanceAttributeResponse><userData><value>{data}</value></userData></DescribeInstanceAttributeResponse>"))
        } else if r.body.contains("Action=DescribeInstanceAttribute") {
            // Keeps the journal of the first run on disk.
            if switch.load(Ordering::SeqCst) {
                ok("<DescribeInstanceAttributeResponse><disableApiTermination><value>true</value></disableApiTermination></DescribeInstanceAttributeResponse>")
            } else {
                xml_error(400, "ExpiredToken")
            }
        } else if r.uri.starts_with("/2015-03-31/functions") {
            ok(json!({"Functions": [{"FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
                "Environment": {"Variables": {"DB_PASSWORD": "MARKED-variable", "URL": "postgres://u:MARKED-url@db/x"}}}]})
            .to_string())
        } else {
            Reply::Text(404, json!({"Message": "none"}).to_string())
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let tables = ["aws_ec2_instance", "aws_lambda_function"];
    let manifest = gather(&server, &tables, folder.path(), options()).await;
    assert!(manifest.incomplete.is_some());
    finish.store(true, Ordering::SeqCst);
    for round in 0..2 {
        let all = files(folder.path());
        assert_eq!(
            all.iter()
                .any(|f| f.extension().is_some_and(|e| e == "jsonl")),
            round == 0
        );
        for file in all {
            let bytes = fs_err::read(&file).unwrap();
            for secret in ["MARKED", script.as_str()] {
                assert!(
                    !bytes.windows(secret.len()).any(|w| w == secret.as_bytes()),
                    "{}",
                    file.display()
                );
            }
        }
        for table in tables {
            let text = json!(rows(folder.path(), table)).to_string();
            assert!(
                !text.contains("MARKED") && !text.contains(&script),
                "{text}"
            );
        }
        let mut again = options();
        again.resume = true;
        gather(&server, &tables, folder.path(), again).await;
    }
    let instance = &rows(folder.path(), "aws_ec2_instance")[0];
    let sample: Value = serde_json::from_str(instance["user_data"].as_str().unwrap()).unwrap();
    assert_eq!(sample["kinds"], json!(["password"]));
    assert_eq!(sample["length"], json!(script.len()));
    let function = &rows(folder.path(), "aws_lambda_function")[0];
    let variables: Value =
        serde_json::from_str(function["environment"]["variables"].as_str().unwrap()).unwrap();
    assert_eq!(variables["DB_PASSWORD"]["kinds"], json!(["password"]));
    assert_eq!(variables["URL"]["kinds"], json!(["connection_string"]));
}

#[tokio::test]
async fn buckets_are_asked_in_their_own_region_and_left_out_where_that_is_not_in_scope() {
    let server = Server::start(|r| {
        let path = r.uri.split('?').next().unwrap_or_default();
        if path == "/" {
            return ok("<ListAllMyBucketsResult><Buckets><Bucket><Name>here</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>\
                <Bucket><Name>there</Name><BucketRegion>us-west-2</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>");
        }
        match r.uri.contains("policyStatus") {
            true => ok("<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"),
            false => xml_error(404, "NoSuchBucketPolicy"),
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let api = Arc::new(client(&server.url, |_| {}).await);
    let manifest = collect(
        plan_of(&["aws_s3_bucket"], &["eu-west-1"]),
        api,
        folder.path(),
        options(),
    )
    .await;
    let rows = rows(folder.path(), "aws_s3_bucket");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["arn"], "arn:aws:s3:::here");
    assert_eq!(rows[0]["name"], "here");
    assert_eq!(rows[0]["region"], "eu-west-1");
    assert_eq!(rows[0]["bucket_policy_is_public"], true);
    assert_eq!(
        manifest.tables["aws_s3_bucket"].out_of_scope,
        BTreeMap::from([("us-west-2".to_owned(), 1)])
    );
    let fills = ledger(folder.path())
        .into_iter()
        .filter(|c| c["operation"] != "s3:ListBuckets");
    assert!(fills.clone().count() > 5);
    for call in fills {
        assert_eq!(call["region"], "eu-west-1");
    }
}
