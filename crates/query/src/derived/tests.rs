//! The mechanism, with an engine that doubles the size of queues.

#[path = "../../tests/support/mod.rs"]
pub(super) mod support;

use super::{Inputs, Made};
use crate::{Session, check, reads};
use palisade_core::State;
use palisade_core::catalog::{Catalog, Control};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use support::*;

static MADE: AtomicUsize = AtomicUsize::new(0);

pub(super) fn doubled(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    MADE.fetch_add(1, Ordering::Relaxed);
    let row = |mut row: Map<String, Value>| {
        let size = row.remove("size").and_then(|s| s.as_i64());
        let size = size.ok_or("a queue without a size")?;
        row.insert("doubled".to_owned(), json!(size * 2));
        Ok(row)
    };
    let columns = ["account_id", "region", "arn", "name", "size"];
    let rows: Result<Vec<_>, String> = inputs.rows("aws_sqs_queue", &columns).map(row).collect();
    made.extend(rows?);
    Ok(())
}

const DECLARED: &str = "
[network_test]
about = 'Queues, doubled.'
scope = 'region'
reads.aws_sqs_queue = ['size']
[network_test.column.doubled]
type = 'int'
about = 'Twice the size.'
";

fn house(declared: &str, controls: Vec<(String, String)>) -> Catalog {
    let mut files = vec![("derived/test.toml".to_owned(), declared.to_owned())];
    files.extend(controls);
    catalog(files)
}

fn small() -> (String, String) {
    control(
        "small",
        "subject = 'network_test'\nrequire = 'doubled < 10'\n
[[test]]
name = 'a small one and a large one'
given.network_test = [{ arn = 'a', doubled = 4 }, { arn = 'b', doubled = 20 }]
expect = ['pass', 'fail']
[[test]]
name = 'attributes denied'
given.network_test = [{ arn = 'a', doubled = 4 }]
denied = ['sqs:GetQueueAttributes']
expect = ['unknown']
[[test]]
name = 'no rows'
expect = ['not_applicable']",
    )
}

fn estate(outcome: &str, sizes: &[i64]) -> Estate {
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    for region in ["eu-west-1", "us-east-1"] {
        estate.call(ONE, region, "sqs:ListQueues", "{}", "ok");
    }
    for (n, size) in sizes.iter().enumerate() {
        let name = format!("q{n}");
        estate.queue(ONE, "eu-west-1", &name, outcome, &json!({ "size": size }));
    }
    estate
}

#[test]
fn rows_are_joined_like_any_and_made_once_and_only_when_they_are_read() {
    let house = house(DECLARED, vec![]);
    let dir = tempfile::tempdir().unwrap();
    let snapshot = estate("ok", &[3, 4]).write(dir.path());
    let session = Session::open(&snapshot, &house, &schemas()).unwrap();
    let before = MADE.load(Ordering::Relaxed);
    session.rows("select arn from aws_sqs_queue").unwrap();
    assert_eq!(MADE.load(Ordering::Relaxed), before);
    let sql = "select q.name, t.doubled from network_test t join aws_sqs_queue q on t.arn = q.arn order by 1";
    let rows = session.rows(sql).unwrap();
    assert_eq!(
        rows,
        [
            json!({ "name": "q0", "doubled": 6 }),
            json!({ "name": "q1", "doubled": 8 })
        ]
    );
    assert_eq!(session.rows(sql).unwrap(), rows);
    assert_eq!(session.rows("select * from network_test").unwrap().len(), 2);
}

#[test]
fn who_gives_up_waiting_does_not_end_the_work() {
    let house = house(DECLARED, vec![]);
    let dir = tempfile::tempdir().unwrap();
    let snapshot = estate("ok", &[3]).write(dir.path());
    let session = Session::open(&snapshot, &house, &schemas()).unwrap();
    let before = MADE.load(Ordering::Relaxed);
    super::begin(&session, &["network_test".to_owned()].into()).unwrap();
    let handle = session.threads().unwrap().handle;
    drop(session.derived[0].rows(&handle));
    let rows = session.rows("select doubled from network_test").unwrap();
    assert_eq!(rows, [json!({ "doubled": 6 })]);
    assert_eq!(MADE.load(Ordering::Relaxed), before + 1);
}

#[test]
fn a_file_that_is_damaged_is_told_before_what_the_engine_makes_of_the_rest() {
    let house = house(DECLARED, vec![]);
    let dir = tempfile::tempdir().unwrap();
    let snapshot = estate("ok", &[3]).write(dir.path());
    let file = snapshot.table_path("aws_sqs_queue");
    fs_err::write(&file, "no Parquet").unwrap();
    let session = Session::open(&snapshot, &house, &schemas()).unwrap();
    let error = session
        .rows("select doubled from network_test")
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("is damaged") && error.contains("aws_sqs_queue"),
        "{error}"
    );
}

#[test]
fn a_control_needs_the_calls_behind_what_the_engine_reads() {
    let house = house(DECLARED, vec![small()]);
    let controls: Vec<&Control> = house.controls.values().collect();
    let reads = reads(&house, &schemas(), &controls).unwrap();
    assert_eq!(
        reads.into_iter().collect::<Vec<_>>(),
        [(
            "aws_sqs_queue".to_owned(),
            ["attributes".to_owned()].into_iter().collect()
        )]
    );
    let report = check(&house, &schemas()).unwrap();
    assert_eq!(
        report
            .errors
            .iter()
            .map(|e| e.one_line())
            .collect::<Vec<_>>(),
        [""; 0]
    );
    assert_eq!(report.tests, 3);
}

#[test]
fn a_failed_call_behind_it_makes_unknown_with_the_call_as_evidence() {
    let house = house(DECLARED, vec![small()]);
    let found = ask(&estate("ok", &[3, 40]), &house);
    assert_eq!(
        said(&found).into_iter().map(|(_, s)| s).collect::<Vec<_>>(),
        [State::Pass, State::Fail]
    );
    let found = ask(&estate("denied", &[3, 40]), &house);
    assert!(found.iter().all(|f| f.verdict.state() == State::Unknown));
    assert_eq!(
        found[0].reason(),
        "sqs:GetQueueAttributes was denied (AccessDenied)"
    );
    assert_eq!(
        found[0].verdict.calls()[0].operation,
        "sqs:GetQueueAttributes"
    );
    // The list of another region failed: that region is unknown, this one is not.
    let mut other = estate("ok", &[3]);
    other.call(ONE, "us-east-1", "sqs:ListQueues", "page 2", "denied");
    let found = ask(&other, &house);
    assert_eq!(
        said(&found),
        [
            (
                "arn:aws:sqs:eu-west-1:111122223333:q0".to_owned(),
                State::Pass
            ),
            ("network_test in us-east-1".to_owned(), State::Unknown)
        ]
    );
    // It was never collected.
    let mut none = estate("ok", &[]);
    none.left_out = vec!["aws_sqs_queue".to_owned()];
    let found = ask(&none, &house);
    assert!(!found.is_empty() && found.iter().all(|f| f.verdict.state() == State::Unknown));
}

#[test]
fn an_engine_that_fails_makes_unknown_and_ends_nothing() {
    let house = house(DECLARED, vec![small()]);
    let mut broken = estate("ok", &[3]);
    broken.queue(ONE, "eu-west-1", "q9", "ok", &json!({}));
    let found = ask(&broken, &house);
    assert!(!found.is_empty() && found.iter().all(|f| f.verdict.state() == State::Unknown));
    assert!(
        found[0]
            .reason()
            .contains("`network_test` could not be worked out: a queue without a size"),
        "{}",
        found[0].reason()
    );
}

#[test]
fn a_wrong_declaration_is_told_with_its_place() {
    let wrong = |declared: &str| {
        let report = check(&house(declared, vec![]), &schemas()).unwrap();
        report
            .errors
            .iter()
            .map(|e| e.one_line())
            .collect::<Vec<_>>()
    };
    assert_eq!(wrong(DECLARED), [""; 0]);
    let said = wrong(&DECLARED.replace("'size'", "'sise', 'queue_url'"));
    assert_eq!(
        said,
        [
            "test/derived/test.toml:5:25: `aws_sqs_queue` has no column `sise`",
            "test/derived/test.toml:5:33: `queue_url` of `aws_sqs_queue` comes with its list call: leave it out"
        ]
    );
    let said = wrong(&DECLARED.replace("network_test", "network_other"));
    assert_eq!(
        said,
        ["test/derived/test.toml:2:2: no engine of this program gives `network_other`"]
    );
}
