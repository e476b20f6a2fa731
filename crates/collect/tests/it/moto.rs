//! Against the emulator, where there is one: `PALISADE_MOTO=http://127.0.0.1:5555`.

use crate::support::{client, collect, ledger, options, outcomes, plan_of, rows};
use std::sync::Arc;

/// The emulator's address; its absence is told.
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the test's own switch"
)]
fn emulator() -> Option<String> {
    let url = std::env::var("PALISADE_MOTO").ok();
    if url.is_none() {
        println!("skipped: PALISADE_MOTO does not name an emulator");
    }
    url
}

async fn aws(
    url: &str,
    service: &str,
    operation: &str,
    input: serde_json::Value,
) -> serde_json::Value {
    let client = client(url, |_| {}).await;
    let call = palisade_aws::Call {
        service,
        operation,
        region: "us-east-1",
        account: crate::support::ACCOUNT,
        input: &input,
    };
    client.call(call).await.unwrap().value
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tables_are_read_from_the_emulator() {
    let Some(url) = emulator() else { return };
    let _ = aws(&url, "sts", "GetCallerIdentity", serde_json::json!({})).await;
    let folder = tempfile::tempdir().unwrap();
    let recipes = crate::support::recipes(&[]);
    let names: Vec<&str> = recipes.schemas().keys().map(String::as_str).collect();
    let plan = plan_of(&names, &["us-east-1", "eu-west-1"]);
    let manifest = collect(
        plan,
        Arc::new(client(&url, |_| {}).await),
        folder.path(),
        options(),
    )
    .await;
    assert!(manifest.incomplete.is_none());
    // What the emulator lacks it answers with 404 or 500, and Support is not bought; anything else is
    // a fault of ours.
    for call in ledger(folder.path()) {
        let outcome = call["outcome"].as_str().unwrap();
        let lacks = [
            "404",
            "500",
            "InternalFailure",
            "SubscriptionRequiredException",
        ]
        .contains(&call["code"].as_str().unwrap_or_default());
        assert!(["ok", "absent"].contains(&outcome) || lacks, "{call}");
    }
    assert_eq!(rows(folder.path(), "aws_account").len(), 1);
    assert_eq!(rows(folder.path(), "aws_region").len(), 2);
    assert!(outcomes(folder.path()).contains(&"sts:GetCallerIdentity ok".to_owned()));
}
