//! SQL of strangers, and damaged snapshots.

#![expect(clippy::unwrap_used, reason = "a test's helper fails the test")]

mod support;

use palisade_core::State;
use palisade_core::catalog::{Control, Exceptions};
use palisade_query::{Limits, QueryError, Rows, Session, Snapshot};
use serde_json::json;
use std::time::{Duration, Instant};
use support::*;

fn session(dir: &std::path::Path) -> Session {
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1"])]);
    estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", "ok");
    for n in 0..3000 {
        estate.queue(
            ONE,
            "eu-west-1",
            &format!("q{n:04}"),
            "ok",
            &json!({ "encrypted": true, "size": n }),
        );
    }
    Session::open(&estate.write(dir), &catalog(vec![]), &schemas()).unwrap()
}

fn answer(session: &Session, sql: &str, form: Rows) -> Result<String, QueryError> {
    let mut out = Vec::new();
    session.write(sql, form, &mut out, 120)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn rows_are_written_in_three_forms() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(dir.path());
    let sql = "select name, size, [size] as l from aws_sqs_queue order by name limit 2";
    assert_eq!(
        answer(&session, sql, Rows::Json).unwrap().trim(),
        r#"[{"name":"q0000","size":0,"l":[0]},{"name":"q0001","size":1,"l":[1]}]"#
    );
    assert_eq!(
        answer(&session, sql, Rows::Csv).unwrap(),
        "name,size,l\nq0000,0,[0]\nq0001,1,[1]\n"
    );
    assert!(
        answer(&session, sql, Rows::Table)
            .unwrap()
            .contains("| q0001 | 1")
    );
    let none = "select name from aws_sqs_queue where false";
    assert_eq!(answer(&session, none, Rows::Json).unwrap().trim(), "[]");
    for none in [none, "select name from aws_sqs_queue where name = 'none'"] {
        assert_eq!(answer(&session, none, Rows::Csv).unwrap(), "name\n");
        let table = answer(&session, none, Rows::Table).unwrap();
        assert!(table.contains("| name |"), "{table}");
    }
    // The hidden column stays hidden.
    assert!(
        !answer(&session, "select * from aws_sqs_queue limit 1", Rows::Table)
            .unwrap()
            .contains("_calls")
    );
    assert_eq!(
        session.rows("select count(*) as n from _calls").unwrap(),
        [json!({ "n": 3001 })]
    );
}

#[test]
fn only_one_query_of_registered_tables_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(dir.path());
    let file = dir.path().join("tables/aws_sqs_queue.parquet");
    let file = file.display();
    for sql in [
        format!("create external table x stored as parquet location '{file}'"),
        format!("copy (select 1) to '{file}.csv' stored as csv"),
        "create table x as select 1".to_owned(),
        "drop table aws_sqs_queue".to_owned(),
        "insert into aws_sqs_queue select * from aws_sqs_queue".to_owned(),
        "set datafusion.catalog.location = '/'".to_owned(),
        "explain select 1".to_owned(),
        "select 1; select 2".to_owned(),
        format!("select * from '{file}'"),
        format!("select * from \"{file}\""),
        format!("select * from read_parquet('{file}')"),
        "select * from generate_series(1, 1000000000000)".to_owned(),
        "select repeat('x', 2000000000)".to_owned(),
        "select now()".to_owned(),
        "select random()".to_owned(),
    ] {
        let error = answer(&session, &sql, Rows::Json).expect_err(&sql);
        assert!(!error.to_string().is_empty());
    }
    let error = answer(&session, "select now()", Rows::Json).unwrap_err();
    assert!(
        error.hint().unwrap().contains("snapshot_time()"),
        "{error:?}"
    );
}

#[test]
fn a_wrong_name_is_told_with_what_was_meant() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(dir.path());
    let error = answer(&session, "select encryptd from aws_sqs_queue", Rows::Json).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no column is called `encryptd` (line 1, column 8)"
    );
    assert_eq!(error.hint().unwrap(), "did you mean `encrypted`?");
    let error = answer(&session, "select zzzzzz from aws_sqs_queue", Rows::Json).unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "`palisade explain aws_sqs_queue` names the columns"
    );
    let error = answer(&session, "select * from aws_sqs_queues", Rows::Json).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("no table is called `aws_sqs_queues`"),
        "{error}"
    );
    assert_eq!(error.hint().unwrap(), "did you mean `aws_sqs_queue`?");
}

#[test]
fn none_and_several_queries_are_told_in_our_words() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(dir.path());
    let said = |sql: &str| answer(&session, sql, Rows::Json).unwrap_err().to_string();
    assert_eq!(
        said("select 1; select 2"),
        "one query is answered at a time, not several"
    );
    for none in ["", " ", ";"] {
        assert_eq!(said(none), "the query is empty", "`{none}`");
    }
}

#[test]
fn deep_nesting_ends() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(dir.path());
    for sql in [
        format!("select {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("select {} true", "not ".repeat(20_000)),
        format!("select 1 {}", "+ 1 ".repeat(3_000)),
    ] {
        // Answered or refused, but not a crash.
        let _ = answer(&session, &sql, Rows::Json);
    }
}

#[test]
fn a_control_that_never_ends_is_stopped_and_unknown() {
    let dir = tempfile::tempdir().unwrap();
    drop(session(dir.path()));
    let endless = control(
        "endless",
        "subject = { sql = \"select 'x' as arn, '111122223333' as account_id, count(*) as n from aws_sqs_queue a cross join aws_sqs_queue b cross join aws_sqs_queue c where a.size + b.size <> c.size - 7 \" }\nrequire = 'n > 0'",
    );
    let greedy = control(
        "greedy",
        "subject = { sql = \"select min(a.arn) as arn, min(a.account_id) as account_id, count(b.arn) as n from aws_sqs_queue a cross join aws_sqs_queue b cross join aws_sqs_queue c where a.size + b.size <> c.size - 7\" }\nrequire = 'n > 0'",
    );
    let catalog = catalog(vec![
        endless,
        greedy,
        control("good", "subject = 'aws_sqs_queue'\nrequire = 'encrypted'"),
    ]);
    let limits = Limits {
        control: Duration::from_secs(2),
        ..Limits::default()
    };
    let snapshot = Snapshot::open(dir.path()).unwrap();
    let session = Session::with_limits(&snapshot, &catalog, &schemas(), limits).unwrap();
    let controls: Vec<&Control> = catalog.controls.values().collect();
    let mut findings: Vec<palisade_core::Finding> = Vec::new();
    let scope = snapshot.manifest().accounts.clone();
    let start = Instant::now();
    let report = palisade_query::assess(
        &session,
        &controls,
        &Exceptions::default(),
        &scope,
        &mut findings,
    )
    .unwrap();
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(
        report.errors["endless"].contains("took longer than 2 s"),
        "{report:?}"
    );
    assert!(report.errors.contains_key("greedy"), "{report:?}");
    let greedy = findings.iter().find(|f| &*f.control == "greedy").unwrap();
    assert_eq!(greedy.verdict.state(), State::Unknown);
    let unknown: Vec<_> = findings
        .iter()
        .filter(|f| &*f.control == "endless")
        .collect();
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].verdict.state(), State::Unknown);
    assert_eq!(
        findings
            .iter()
            .filter(|f| f.verdict.state() == State::Pass)
            .count(),
        3000
    );
}

#[test]
fn damage_is_told_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let _ = session(dir.path());
    let file = dir.path().join("tables/aws_sqs_queue.parquet");
    let mut bytes = fs_err::read(&file).unwrap();
    bytes[100] ^= 1;
    fs_err::write(&file, &bytes).unwrap();
    let session = Session::open(
        &Snapshot::open(dir.path()).unwrap(),
        &catalog(vec![]),
        &schemas(),
    )
    .unwrap();
    let error = answer(&session, "select * from aws_sqs_queue", Rows::Json).unwrap_err();
    assert!(
        matches!(&error, QueryError::Damaged { path, .. } if path.ends_with("aws_sqs_queue.parquet")),
        "{error:?}"
    );
    // Another table of the same snapshot is still good.
    answer(&session, "select * from aws_account", Rows::Json).unwrap();
    fs_err::remove_file(&file).unwrap();
    let error = Snapshot::open(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("aws_sqs_queue.parquet` is damaged"),
        "{error}"
    );
}

#[test]
fn another_layout_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        Snapshot::open(dir.path()),
        Err(QueryError::NoSnapshot(_))
    ));
    let write = |text: &str| fs_err::write(dir.path().join("manifest.json"), text).unwrap();
    write("{\"format\": 99, \"what\": 1}");
    let error = Snapshot::open(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("layout 99") && error.contains("newer"),
        "{error}"
    );
    write("{\"format\": 0}");
    assert!(
        Snapshot::open(dir.path())
            .unwrap_err()
            .to_string()
            .contains("older")
    );
    write("{\"format\": 1, \"tables\": {");
    assert!(matches!(
        Snapshot::open(dir.path()),
        Err(QueryError::Manifest { .. })
    ));
}
