//! Time and memory of a run do not grow with the account beyond what they must.

mod support;

use futures::future::{BoxFuture, FutureExt as _};
use palisade_collect::{Api, Ask, Page, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::server::{Server, ok};
use support::{client, collect, options, plan_of};

const PAGE: usize = 200;

/// Instances without end, each with its answers.
struct Estate(usize);

impl Api for Estate {
    fn call(&self, ask: Ask) -> BoxFuture<'static, Result<Page, Refusal>> {
        let most = self.0;
        async move {
            let first = ask.input["NextToken"].as_str().map_or(0, |t| t.parse().unwrap());
            let value = match ask.operation.as_str() {
                "ec2:DescribeInstances" => {
                    let instances: Vec<Value> = (first..most.min(first + PAGE)).map(instance).collect();
                    json!({"Reservations": [{"Instances": instances}]})
                }
                _ => json!({"DisableApiTermination": {"Value": true}, "UserData": {"Value": "IyEvYmluL3NoCg=="}}),
            };
            let last = first + PAGE >= most || ask.operation != "ec2:DescribeInstances";
            let next = (!last).then(|| json!({"NextToken": (first + PAGE).to_string()}));
            Ok(Page { value, next, attempts: 1 })
        }
        .boxed()
    }
}

fn instance(n: usize) -> Value {
    json!({
        "InstanceId": format!("i-{n:017x}"),
        "InstanceType": "m5.large",
        "LaunchTime": "2026-01-01T00:00:00Z",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "SecurityGroups": [{"GroupId": format!("sg-{n}"), "GroupName": "default"}],
        "Tags": (0..10).map(|t| json!({"Key": format!("key-{t}"), "Value": format!("value-{n}-{t}")})).collect::<Vec<_>>(),
    })
}

/// The most memory that this process has had, in KiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_as_the_account_grows() {
    let mut peaks = Vec::new();
    for instances in [2_500, 20_000] {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan_of(&["aws_ec2_instance"], &["us-east-1"]);
        let manifest = collect(plan, Arc::new(Estate(instances)), folder.path(), options()).await;
        assert_eq!(manifest.tables["aws_ec2_instance"].rows, instances as u64);
        peaks.push(peak());
    }
    println!("{peaks:?} KiB");
    assert!(peaks[1] * 2 < peaks[0] * 3, "{peaks:?} KiB");
}

/// Ten pages of queues, then the attributes of the last page's queues: eleven calls one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_hardly_longer_than_its_longest_chain() {
    let pause = Duration::from_millis(50);
    let server = Server::start(move |r| {
        let body: Value = serde_json::from_str(&r.body).unwrap();
        let reply = if r.operation() == "ListQueues" {
            let page: usize = body["NextToken"].as_str().map_or(0, |t| t.parse().unwrap());
            let mut answer = json!({"QueueUrls": [format!("https://q/{page}/a"), format!("https://q/{page}/b")]});
            if page < 9 {
                answer["NextToken"] = json!((page + 1).to_string());
            }
            ok(answer.to_string())
        } else {
            ok(json!({"Attributes": {"QueueArn": body["QueueUrl"], "VisibilityTimeout": "1"}}).to_string())
        };
        support::server::Reply::After(pause, Box::new(reply))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(&["aws_sqs_queue"], &["us-east-1", "eu-west-1", "ap-south-1"]);
    let api = Arc::new(client(&server.url, |_| {}).await);
    let start = Instant::now();
    let manifest = collect(plan, api, folder.path(), options()).await;
    let took = start.elapsed();
    assert_eq!(manifest.ledger.rows, 3 * (10 + 20));
    println!("{took:?}");
    // 1.3 times the chain; the tests share their machine, so they are given as much again.
    assert!(took < pause * 11 * 26 / 10, "{took:?}");
}
