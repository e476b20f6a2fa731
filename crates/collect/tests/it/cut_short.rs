//! Runs that end before their time, and how they go on.

use crate::queues::{QUEUES, gather, sqs};
use crate::support::server::{Reply, Server, error};
use crate::support::{client, collect, options, outcomes, plan_of, rows};
use palisade_collect::{CollectError, Silent, run};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_killed_run_goes_on_and_asks_nothing_twice() {
    let slow = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&slow);
    let server = Server::start(move |r| {
        if switch.load(Ordering::SeqCst) && r.body.contains("/q3\"") {
            Reply::Hang
        } else {
            sqs(r, 6)
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    // A good snapshot of before.
    slow.store(false, Ordering::SeqCst);
    gather(&server, QUEUES, folder.path(), options()).await;
    let good = fs_err::read(folder.path().join("manifest.json")).unwrap();
    slow.store(true, Ordering::SeqCst);
    server.forget();
    let plan = plan_of(QUEUES, &["us-east-1"]);
    let api = Arc::new(client(&server.url, |_| {}).await);
    let clients = BTreeMap::from([(
        crate::support::ACCOUNT.to_owned(),
        api as Arc<dyn palisade_collect::Api>,
    )]);
    let killed = run(plan, &clients, folder.path(), options(), Arc::new(Silent));
    assert!(
        tokio::time::timeout(Duration::from_millis(800), killed)
            .await
            .is_err()
    );
    assert_eq!(
        fs_err::read(folder.path().join("manifest.json")).unwrap(),
        good
    );
    // The calls in flight end when the runtime comes to them; a killed process has no such moment.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let first = server.asked();
    assert_eq!(first.len(), 3 + 6, "{first:?}");
    slow.store(false, Ordering::SeqCst);
    server.forget();
    let mut again = options();
    again.resume = true;
    let manifest = gather(&server, QUEUES, folder.path(), again).await;
    assert_eq!(server.asked(), ["GetQueueAttributes"]);
    assert_eq!(manifest.tables["aws_sqs_queue"].rows, 6);
    assert_eq!(manifest.ledger.rows, 9);
    assert!(!folder.path().join(".partial").exists());
}

#[tokio::test]
async fn a_budget_ends_the_calls_and_keeps_what_was_measured() {
    let server = Server::start(|r| sqs(r, 6)).await;
    let folder = tempfile::tempdir().unwrap();
    let tight = client(&server.url, |config| config.max_calls = Some(5)).await;
    let plan = plan_of(QUEUES, &["us-east-1"]);
    let manifest = collect(plan, Arc::new(tight), folder.path(), options()).await;
    assert_eq!(server.asked().len(), 5);
    let outcomes = outcomes(folder.path());
    assert!(
        outcomes
            .iter()
            .any(|o| o.ends_with("failed BudgetExhausted")),
        "{outcomes:?}"
    );
    assert!(manifest.incomplete.unwrap().contains("--max-calls"));
    server.forget();
    let mut again = options();
    again.resume = true;
    let manifest = gather(&server, QUEUES, folder.path(), again).await;
    assert_eq!(server.asked().len(), 4);
    assert!(manifest.incomplete.is_none());
    assert_eq!(manifest.tables["aws_sqs_queue"].rows, 6);
}

#[tokio::test]
async fn credentials_that_expire_on_the_way_end_the_run_and_resume_goes_on() {
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    let server = Server::start(move |r| match r.operation().as_str() {
        "GetQueueAttributes" if count.fetch_add(1, Ordering::SeqCst) >= 3 => error(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        _ => sqs(r, 30),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let mut narrow = options();
    narrow.concurrency = 2;
    let manifest = gather(&server, QUEUES, folder.path(), narrow).await;
    assert!(manifest.incomplete.unwrap().contains("expired"));
    assert!(server.asked().len() < 40, "{}", server.asked().len());
    let measured = rows(folder.path(), "aws_sqs_queue")
        .iter()
        .filter(|r| r["sqs_managed_sse_enabled"] == true)
        .count();
    assert_eq!(measured, 3);
    answered.store(0, Ordering::SeqCst);
    server.forget();
    let fixed = Server::start(|r| sqs(r, 30)).await;
    let mut again = options();
    again.resume = true;
    let manifest = gather(&fixed, QUEUES, folder.path(), again).await;
    assert!(manifest.incomplete.is_none());
    let rows = rows(folder.path(), "aws_sqs_queue");
    assert_eq!(
        rows.iter()
            .filter(|r| r["sqs_managed_sse_enabled"] == true)
            .count(),
        30
    );
    let twice = fixed
        .asked()
        .iter()
        .filter(|o| *o == "GetQueueAttributes")
        .count();
    assert_eq!(twice, 27);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_an_error_that_says_so() {
    let server = Server::start(|r| sqs(r, 6)).await;
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join(".partial");
    fs_err::create_dir_all(&partial).unwrap();
    std::os::unix::fs::symlink("/dev/full", partial.join("123456789012.jsonl")).unwrap();
    let api = Arc::new(client(&server.url, |_| {}).await) as Arc<dyn palisade_collect::Api>;
    let clients = BTreeMap::from([(crate::support::ACCOUNT.to_owned(), api)]);
    let plan = plan_of(QUEUES, &["us-east-1"]);
    let error = run(plan, &clients, folder.path(), options(), Arc::new(Silent))
        .await
        .unwrap_err();
    assert!(matches!(error, CollectError::Full { .. }), "{error}");
    assert!(error.to_string().contains("--resume"), "{error}");
}
