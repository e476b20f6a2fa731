//! A run takes no longer than its longest chain of calls. A test of its own: others
//! would take the processor from it.

#[cfg(test)]
mod replay;
#[cfg(test)]
#[path = "../it/support/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with the other tests; this one needs a part"
)]
mod support;

#[cfg(test)]
mod tests {
    use super::replay::{Replay, ask};
    use super::support::server::{Reply, Request, Server, ok};
    use super::support::{client, collect, ledger, options, plan_of, recipes};
    use palisade_core::Catalog;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::io::Write as _;
    use std::path::Path;
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

    /// Calls that must follow each other in a collection, at least: a list waits for its parents' lists, page by page
    /// where there are no parents, and a fill for its row's list.
    fn longest_chain(out: &Path, tables: &[&str]) -> u32 {
        let mut lines = BTreeMap::<(String, String), u32>::new();
        for call in ledger(out) {
            let text = |name: &str| call[name].as_str().unwrap().to_owned();
            *lines
                .entry((text("operation"), text("region")))
                .or_default() += 1;
        }
        let pages = |operation: &str| {
            let of = lines.iter().filter(|((o, _), _)| o == operation);
            of.map(|(_, n)| *n).max().unwrap_or_default()
        };
        let catalog = Catalog::embedded().unwrap();
        let listed = |table: &str| {
            let mut declared = &catalog.tables[table];
            let mut calls = 0;
            while let Some(parent) = &declared.parent {
                calls += pages(&declared.list.call).min(1);
                declared = &catalog.tables[parent];
            }
            calls + pages(&declared.list.call)
        };
        let chain = |table: &&str| {
            let fills = catalog.tables[*table].fills.values();
            listed(table) + u32::from(fills.into_iter().any(|f| pages(&f.call) > 0))
        };
        tables.iter().map(chain).max().unwrap()
    }

    /// So many milliseconds until an answer: enough that what a build of the tests spends on a thousand calls is
    /// little beside it. `PALISADE_LATENCY_MS=50` with `--release` measures what the README tells.
    fn latency() -> Duration {
        Duration::from_millis(word("PALISADE_LATENCY_MS").map_or(500, |ms| ms.parse().unwrap()))
    }

    #[expect(clippy::disallowed_methods, reason = "the test's own switches")]
    fn word(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// The filled account of the emulator, once, without a pause: answers to give again.
    async fn recorded(tables: &[&str]) -> Option<(Replay, u32)> {
        let (Some(moto), Some(account)) = (word("PALISADE_MOTO"), word("PALISADE_ESTATE")) else {
            let why = "skipped: `cargo xtask test` starts the emulator that this test needs\n";
            std::io::stderr().write_all(why.as_bytes()).unwrap();
            return None;
        };
        let mut lane = Request {
            method: "POST".to_owned(),
            uri: "/_lane".to_owned(),
            body: json!({ "account": account }).to_string(),
            ..Request::default()
        };
        let host = moto.strip_prefix("http://").unwrap();
        lane.headers.insert("host".to_owned(), host.to_owned());
        lane.headers
            .insert("content-length".to_owned(), lane.body.len().to_string());
        let reply = String::from_utf8(ask(host, &lane).await).unwrap();
        let reply: Value = serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap();
        let replay = Replay::of(reply["url"].as_str().unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        run(&replay, tables, folder.path(), usize::MAX).await;
        Some((replay, longest_chain(folder.path(), tables)))
    }

    /// Collects with so many calls at once, as far as we bound them.
    async fn run(replay: &Replay, tables: &[&str], out: &Path, at_once: usize) -> Duration {
        let at_once = at_once.min(10_000);
        let client = client(&replay.url, |config| config.max_in_flight = at_once).await;
        let mut options = options();
        options.concurrency = at_once;
        let plan = plan_of(tables, &["us-east-1"]);
        let start = Instant::now();
        collect(plan, Arc::new(client), out, options).await;
        start.elapsed()
    }

    /// The whole catalogue, against answers of the emulator that come after a pause.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_whole_catalogue_takes_hardly_longer_than_its_longest_chain() {
        let recipes = recipes(&[]);
        let tables: Vec<&str> = recipes.schemas().keys().map(String::as_str).collect();
        let Some((replay, chain)) = recorded(&tables).await else {
            return;
        };
        assert!(replay.questions() > 500, "{} calls", replay.questions());
        let pause = latency();
        replay.after(pause);
        let bound = pause * chain * 13 / 10;
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let folder = tempfile::tempdir().unwrap();
            best = best.min(run(&replay, &tables, folder.path(), usize::MAX).await);
            if best < bound {
                break;
            }
        }
        let told = format!(
            "{} calls, {pause:?} each: {best:?}, the longest chain is {chain} calls: {:.2} times\n",
            replay.questions(),
            best.as_secs_f64() / (pause * chain).as_secs_f64()
        );
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        assert!(best < bound, "{told}");
    }

    /// The same bound catches a collector that asks one after the other.
    #[tokio::test(flavor = "multi_thread")]
    async fn one_call_after_the_other_is_over_the_bound() {
        let tables = ["aws_sns_topic", "aws_sqs_queue", "aws_kms_key"];
        let Some((replay, chain)) = recorded(&tables).await else {
            return;
        };
        let pause = Duration::from_millis(100);
        replay.after(pause);
        let bound = pause * chain * 13 / 10;
        let folder = tempfile::tempdir().unwrap();
        let together = run(&replay, &tables, &folder.path().join("a"), usize::MAX).await;
        let alone = run(&replay, &tables, &folder.path().join("b"), 1).await;
        assert!(alone > bound, "{alone:?} of {bound:?}");
        assert!(together < alone / 2, "{together:?} beside {alone:?}");
    }
}
