//! What a plan asks, and what it needs to be allowed.

use crate::support::server::{Server, xml_error};
use crate::support::{client, collect, ledger, options, plan_of, recipes, scope};
use palisade_collect::{PlanError, plan};
use palisade_core::schema::Reads;
use std::collections::BTreeSet;
use std::sync::Arc;

fn reads(pairs: &[(&str, &[&str])]) -> Reads {
    pairs
        .iter()
        .map(|(t, fills)| {
            (
                (*t).to_owned(),
                fills.iter().map(|f| (*f).to_owned()).collect(),
            )
        })
        .collect()
}

#[test]
fn only_the_calls_behind_the_columns_are_planned() {
    let recipes = recipes(&[]);
    let reads = reads(&[
        ("aws_s3_bucket", &["public_access_block"]),
        ("aws_kms_grant", &[]),
        ("aws_iam_credential_report", &[]),
        ("aws_iam_account_summary", &["summary"]),
        ("aws_account", &["organization"]),
        ("aws_sqs_queue", &[]),
    ]);
    let plan = plan(&recipes, &reads, &scope(&["us-east-1", "eu-west-1"])).unwrap();
    insta::assert_snapshot!("calls", plan.describe().to_string());
    let policies: Vec<String> = plan
        .permissions()
        .iter()
        .map(|p| serde_json::to_string_pretty(p).unwrap())
        .collect();
    insta::assert_snapshot!("permissions", policies.join("\n"));
}

#[test]
fn a_question_that_two_tables_ask_is_counted_once() {
    let recipes = recipes(&["aws_iam_account_summary", "aws_iam_account_password_policy"]);
    let reads = reads(&[
        ("aws_iam_account_summary", &[]),
        ("aws_iam_account_password_policy", &[]),
    ]);
    let plan = plan(&recipes, &reads, &scope(&["us-east-1"])).unwrap();
    assert_eq!(plan.describe().known, 1);
}

#[test]
fn what_there_is_not_is_told() {
    let recipes = recipes(&["aws_sqs_queue"]);
    let wrong = |r: &Reads| plan(&recipes, r, &scope(&[])).unwrap_err();
    assert_eq!(
        wrong(&reads(&[("aws_x", &[])])),
        PlanError::Table("aws_x".to_owned())
    );
    let error = wrong(&reads(&[("aws_sqs_queue", &["policy"])]));
    assert_eq!(
        error.to_string(),
        "the table `aws_sqs_queue` has no fill `policy`"
    );
}

#[test]
fn every_table_can_be_planned_and_its_policy_is_small_enough() {
    let recipes = recipes(&[]);
    let names: Vec<&str> = recipes.schemas().keys().map(String::as_str).collect();
    let plan = plan_of(&names, &["us-east-1"]);
    let policies = plan.permissions();
    assert!(policies.len() > 1);
    let mut seen = BTreeSet::new();
    for policy in &policies {
        assert!(policy.to_string().len() <= 6_144);
        for action in policy["Statement"][0]["Action"].as_array().unwrap() {
            assert!(
                seen.insert(action.as_str().unwrap().to_owned()),
                "{action} twice"
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_that_the_plan_does_not_name() {
    let server = Server::start(|_| xml_error(403, "AccessDenied")).await;
    let folder = tempfile::tempdir().unwrap();
    let recipes = recipes(&[]);
    let names: Vec<&str> = recipes.schemas().keys().map(String::as_str).collect();
    let plan = plan_of(&names, &["us-east-1"]);
    let named: BTreeSet<String> = plan.operations().into_iter().map(str::to_owned).collect();
    collect(
        plan,
        Arc::new(client(&server.url, |_| {}).await),
        folder.path(),
        options(),
    )
    .await;
    for call in ledger(folder.path()) {
        assert!(
            named.contains(call["operation"].as_str().unwrap()),
            "{call}"
        );
        assert_eq!(call["outcome"], "denied", "{call}");
    }
}
