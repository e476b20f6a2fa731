//! A run takes no longer than its longest chain of calls. A test of its own: others
//! would take the processor from it.

#[cfg(test)]
#[path = "it/support/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with the other tests; this one needs a part"
)]
mod support;

#[cfg(test)]
mod tests {
    use super::support::server::{Reply, Server, ok};
    use super::support::{client, collect, options, plan_of};
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

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
            Reply::After(pause, Box::new(reply))
        })
        .await;
        let api = Arc::new(client(&server.url, |_| {}).await);
        let mut best = Duration::MAX;
        // The tests share their machine: the best of some runs tells what the collector itself takes.
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let plan = plan_of(&["aws_sqs_queue"], &["us-east-1"]);
            let api = Arc::clone(&api);
            let start = Instant::now();
            let manifest = collect(plan, api, folder.path(), options()).await;
            best = best.min(start.elapsed());
            assert_eq!(manifest.ledger.rows, 10 + 20);
        }
        assert!(best < pause * 11 * 13 / 10, "{best:?}");
    }
}
