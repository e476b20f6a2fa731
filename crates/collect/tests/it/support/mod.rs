//! What the tests share: the built-in tables, a client, and a way to read what was written.

pub(crate) mod server;

use arrow::array::RecordBatch;
use arrow::json::LineDelimitedWriter;
use palisade_aws::reads::Reads as AllowList;
use palisade_aws::{Client, ClientConfig, Models};
use palisade_collect::{Account, Api, Plan, Recipes, RunOptions, Scope, Silent, plan, run};
use palisade_core::catalog::embedded_file;
use palisade_core::schema::Reads;
use palisade_core::snapshot::Manifest;
use palisade_core::{Catalog, Clock};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ACCOUNT: &str = "123456789012";

pub(crate) fn models() -> Models {
    Models::new(|name| embedded_file(&format!("models/{name}")))
}

pub(crate) fn recipes(tables: &[&str]) -> Arc<Recipes> {
    let only: BTreeSet<String> = tables.iter().map(|t| (*t).to_owned()).collect();
    let catalog = Catalog::embedded().unwrap();
    let list = String::from_utf8(embedded_file("models/reads.toml").unwrap().into_owned()).unwrap();
    let list = AllowList::from_toml(&list).unwrap();
    let only = (!only.is_empty()).then_some(&only);
    Arc::new(Recipes::new(&catalog, &models(), &list, only).unwrap())
}

/// All fills of the tables.
pub(crate) fn all_fills(recipes: &Recipes, tables: &[&str]) -> Reads {
    let mut reads = Reads::new();
    for table in tables {
        let schema = &recipes.schemas()[*table];
        let fills = schema
            .columns
            .iter()
            .flat_map(|c| schema.fills_of(&c.name))
            .map(str::to_owned);
        reads.insert((*table).to_owned(), fills.collect());
    }
    reads
}

pub(crate) fn scope(regions: &[&str]) -> Scope {
    Scope {
        accounts: vec![Account {
            id: ACCOUNT.to_owned(),
            name: "test".to_owned(),
            partition: "aws".to_owned(),
            regions: regions.iter().map(|r| (*r).to_owned()).collect(),
            ..Account::default()
        }],
        home_region: "us-east-1".to_owned(),
        ..Scope::default()
    }
}

/// A plan for all fills of the tables.
pub(crate) fn plan_of(tables: &[&str], regions: &[&str]) -> Plan {
    let recipes = recipes(tables);
    let reads = all_fills(&recipes, tables);
    plan(&recipes, &reads, &scope(regions)).unwrap()
}

pub(crate) fn options() -> RunOptions {
    let now = Clock::at("2026-01-01T00:00:00Z".parse().unwrap());
    let mut options = RunOptions::new(now, "test");
    options.pause = Duration::from_millis(10);
    options
}

pub(crate) async fn client(url: &str, change: impl FnOnce(&mut ClientConfig)) -> Client {
    let keys = aws_credential_types::Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(palisade_aws::creds::http_client())
        .credentials_provider(keys)
        .region("us-east-1")
        .endpoint_url(url);
    let sdk = Box::pin(sdk.load()).await;
    let mut config = ClientConfig::new(sdk, models());
    config.first_backoff = Duration::from_millis(1);
    config.max_attempts = 2;
    config.throttled_attempts = 2;
    change(&mut config);
    Client::new(config)
}

pub(crate) async fn collect(
    plan: Plan,
    api: Arc<dyn Api>,
    out: &Path,
    options: RunOptions,
) -> Manifest {
    let clients = BTreeMap::from([(ACCOUNT.to_owned(), api)]);
    run(plan, &clients, out, options, Arc::new(Silent))
        .await
        .unwrap()
}

/// The rows of a table of a snapshot, as JSON.
pub(crate) fn rows(out: &Path, table: &str) -> Vec<Value> {
    read(&out.join(format!("tables/{table}.parquet")))
}

pub(crate) fn ledger(out: &Path) -> Vec<Value> {
    read(&out.join("calls.parquet"))
}

/// `operation outcome code` of each line of the ledger, sorted.
pub(crate) fn outcomes(out: &Path) -> Vec<String> {
    let mut lines: Vec<String> = ledger(out)
        .iter()
        .map(|c| {
            let text = |name: &str| c[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text("operation"), text("outcome"), text("code"))
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.sort_unstable();
    lines
}

fn read(path: &Path) -> Vec<Value> {
    let file = fs_err::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.into_parts().0)
        .unwrap()
        .build()
        .unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let mut writer = LineDelimitedWriter::new(Vec::new());
    for batch in &batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
    let text = String::from_utf8(writer.into_inner()).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// The `_calls` of a row, as `fill outcome code`.
pub(crate) fn calls(row: &Value) -> Vec<String> {
    let calls = row["_calls"].as_array().unwrap();
    let text = |c: &Value, name: &str| c[name].as_str().unwrap_or_default().to_owned();
    calls
        .iter()
        .map(|c| {
            format!(
                "{} {} {}",
                text(c, "fill"),
                text(c, "outcome"),
                text(c, "code")
            )
            .trim()
            .to_owned()
        })
        .collect()
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}
