//! Runs that end before their time, and how they go on.

use crate::queues::{QUEUES, gather, sqs};
use crate::support::server::{Reply, Server, error};
use crate::support::{
    all_fills, client, collect, ledger, options, outcomes, plan_of, recipes, rows, scope,
};
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

/// A run that was cut off after five calls in one region: its folder holds a journal.
async fn cut_off(server: &Server, out: &std::path::Path) {
    let tight = client(&server.url, |config| config.max_calls = Some(5)).await;
    let plan = plan_of(QUEUES, &["us-east-1"]);
    let manifest = collect(plan, Arc::new(tight), out, options()).await;
    assert!(manifest.incomplete.is_some());
}

/// What a run says that is to go on with another plan.
async fn go_on(server: &Server, out: &std::path::Path, plan: palisade_collect::Plan) -> String {
    let mut again = options();
    again.resume = true;
    let api = Arc::new(client(&server.url, |_| {}).await) as Arc<dyn palisade_collect::Api>;
    let accounts = plan.scope().accounts.iter();
    let clients = accounts
        .map(|account| (account.id.clone(), Arc::clone(&api)))
        .collect();
    run(plan, &clients, out, again, Arc::new(Silent))
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_run_that_asks_for_something_else_does_not_go_on_with_another() {
    let server = Server::start(|r| sqs(r, 6)).await;
    let folder = tempfile::tempdir().unwrap();
    cut_off(&server, folder.path()).await;
    server.forget();
    let out = folder.path().display();
    let hint = "give the same options, or name another folder";
    assert_eq!(
        go_on(&server, folder.path(), plan_of(QUEUES, &["eu-west-1"])).await,
        format!(
            "the run in `{out}` was for regions us-east-1; this one asks for eu-west-1: {hint}"
        )
    );
    let mut elsewhere = scope(&["us-east-1"]);
    elsewhere.accounts[0].id = "210987654321".to_owned();
    let recipes = recipes(QUEUES);
    let reads = all_fills(&recipes, QUEUES);
    let plan = palisade_collect::plan(&recipes, &reads, &elsewhere).unwrap();
    assert_eq!(
        go_on(&server, folder.path(), plan).await,
        format!(
            "the run in `{out}` was for accounts 123456789012; this one asks for 210987654321: {hint}"
        )
    );
    let more = plan_of(&["aws_sns_topic", "aws_sqs_queue"], &["us-east-1"]);
    let error = go_on(&server, folder.path(), more).await;
    assert!(
        error.contains("other accounts, controls or tables"),
        "{error}"
    );
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    // What was refused has harmed nothing.
    goes_on(&server, folder.path()).await;
}

/// The run goes on to its end, and asks only what it had not asked before it was cut off.
async fn goes_on(server: &Server, folder: &std::path::Path) {
    let mut again = options();
    again.resume = true;
    let manifest = gather(server, QUEUES, folder, again).await;
    assert!(manifest.incomplete.is_none());
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_journal_that_does_not_tell_what_was_asked_is_gone_on_with() {
    let server = Server::start(|r| sqs(r, 6)).await;
    let folder = tempfile::tempdir().unwrap();
    cut_off(&server, folder.path()).await;
    let journal = folder.path().join(".partial/123456789012.jsonl");
    let text = fs_err::read_to_string(&journal).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let mut head: serde_json::Value = serde_json::from_str(head).unwrap();
    assert_eq!(head["asked"]["regions"], serde_json::json!(["us-east-1"]));
    head.as_object_mut().unwrap().remove("asked");
    fs_err::write(&journal, format!("{head}\n{rest}")).unwrap();
    server.forget();
    goes_on(&server, folder.path()).await;
}

#[tokio::test]
async fn a_run_that_begins_anew_leaves_nothing_of_the_one_before_it() {
    let server = Server::start(|r| sqs(r, 6)).await;
    let folder = tempfile::tempdir().unwrap();
    cut_off(&server, folder.path()).await;
    let other = folder.path().join(".partial/210987654321.jsonl");
    let own = folder.path().join(".partial/123456789012.jsonl");
    fs_err::rename(own, &other).unwrap();
    cut_off(&server, folder.path()).await;
    assert!(!other.exists());
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
    // What was not sent is no call.
    let unsent = ledger(folder.path())
        .iter()
        .filter(|call| call["attempts"] == 0)
        .count();
    assert_eq!(ledger(folder.path()).len(), 5 + unsent);
    let told = BTreeMap::from([("BudgetExhausted".to_owned(), unsent as u64)]);
    assert_eq!(manifest.accounts[0].not_sent, told);
    server.forget();
    let mut again = options();
    again.resume = true;
    let manifest = gather(&server, QUEUES, folder.path(), again).await;
    assert_eq!(server.asked().len(), 4);
    assert!(manifest.incomplete.is_none());
    assert!(manifest.accounts[0].not_sent.is_empty());
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
