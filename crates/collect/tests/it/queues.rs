//! A stand-in for SQS, with as many queues as a test wants.

use crate::support::server::{Reply, Request, Server, error, ok};
use crate::support::{client, collect, plan_of};
use palisade_collect::RunOptions;
use palisade_core::snapshot::Manifest;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The table.
pub(crate) const QUEUES: &[&str] = &["aws_sqs_queue"];

/// The address of a queue.
pub(crate) fn queue(n: usize) -> String {
    format!("https://sqs.us-east-1.amazonaws.com/123456789012/q{n}")
}

/// What one queue has.
pub(crate) fn attributes(request: &Request) -> Reply {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let name = body["QueueUrl"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    ok(json!({"Attributes": {
        "QueueArn": format!("arn:aws:sqs:us-east-1:123456789012:{name}"),
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
        "Policy": "{\"Statement\": []}",
    }})
    .to_string())
}

/// Queues on pages of two; each page's token is the number of the next queue.
pub(crate) fn sqs(request: &Request, queues: usize) -> Reply {
    match request.operation().as_str() {
        "ListQueues" => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let first: usize = body["NextToken"].as_str().map_or(0, |t| t.parse().unwrap());
            let urls: Vec<String> = (first..queues.min(first + 2)).map(queue).collect();
            let mut page = json!({"QueueUrls": urls});
            if first + 2 < queues {
                page["NextToken"] = json!((first + 2).to_string());
            }
            ok(page.to_string())
        }
        "GetQueueAttributes" => attributes(request),
        "GetCallerIdentity" => ok(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
             <Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        other => error(400, "UnknownOperationException", other),
    }
}

/// Collects, with little patience.
pub(crate) async fn gather(
    server: &Server,
    tables: &[&str],
    out: &Path,
    options: RunOptions,
) -> Manifest {
    let client = client(&server.url, |config| {
        config.attempt_timeout = Duration::from_millis(300);
        config.call_timeout = Duration::from_millis(700);
    });
    collect(
        plan_of(tables, &["us-east-1"]),
        Arc::new(client.await),
        out,
        options,
    )
    .await
}
