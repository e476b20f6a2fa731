//! A journal that an earlier run is said to have left: a run goes on from it, or says why it can't.

use futures::future::{BoxFuture, FutureExt as _};
use palisade_aws::Models;
use palisade_aws::reads::Reads as AllowList;
use palisade_collect::{
    Account, Api, Ask, CollectError, Page, Recipes, Refusal, RunOptions, Scope, Silent, Wanted,
    plan, run as collect,
};
use palisade_core::catalog::embedded_file;
use palisade_core::schema::Reads;
use palisade_core::{Catalog, Clock};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Two queues, and nothing about them.
struct Queues;

impl Api for Queues {
    fn call(&self, ask: Ask, _: Wanted) -> BoxFuture<'static, Result<Page, Refusal>> {
        let value = match ask.operation.as_str() {
            "sqs:ListQueues" => json!({"QueueUrls": ["https://q/1/a", "https://q/1/b"]}),
            _ => json!({}),
        };
        let page = Page {
            value,
            next: None,
            attempts: 1,
        };
        async { Ok(page) }.boxed()
    }
}

fn recipes() -> &'static Arc<Recipes> {
    static RECIPES: OnceLock<Arc<Recipes>> = OnceLock::new();
    RECIPES.get_or_init(|| {
        let catalog = Catalog::embedded().unwrap();
        let list =
            String::from_utf8(embedded_file("models/reads.toml").unwrap().into_owned()).unwrap();
        let models = Models::new(|name| embedded_file(&format!("models/{name}")));
        let only = ["aws_sqs_queue".to_owned()].into();
        let list = AllowList::from_toml(&list).unwrap();
        Arc::new(Recipes::new(&catalog, &models, &list, Some(&only)).unwrap())
    })
}

pub(crate) fn run(data: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join(".partial");
    fs_err::create_dir_all(&partial).unwrap();
    fs_err::write(partial.join("123456789012.jsonl"), data).unwrap();
    let scope = Scope {
        accounts: vec![Account {
            id: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            regions: vec!["us-east-1".to_owned()],
            ..Account::default()
        }],
        home_region: "us-east-1".to_owned(),
        ..Scope::default()
    };
    let reads = Reads::from([("aws_sqs_queue".to_owned(), ["attributes".to_owned()].into())]);
    let plan = plan(recipes(), &reads, &scope).unwrap();
    let clients = BTreeMap::from([("123456789012".to_owned(), Arc::new(Queues) as Arc<dyn Api>)]);
    let mut options = RunOptions::new(Clock::at("2026-01-01T00:00:00Z".parse().unwrap()), "test");
    options.resume = true;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let done = collect(plan, &clients, folder.path(), options, Arc::new(Silent));
    match runtime.block_on(done) {
        Ok(manifest) => {
            assert!(folder.path().join("manifest.json").exists() && manifest.ledger.rows > 0)
        }
        Err(error) => assert!(
            matches!(
                error,
                CollectError::Journal { .. } | CollectError::OtherRun { .. }
            ),
            "{error}"
        ),
    }
}
