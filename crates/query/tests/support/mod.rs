//! Small estates for tests: a catalogue from text, a snapshot written with Parquet.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: each test file uses its own part"
)]

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use palisade_core::call::call_id;
use palisade_core::catalog::{Catalog, Control, Exceptions, Source, Text};
use palisade_core::schema::{Column, ColumnType, Origin, Schemas, TableSchema, ledger_schema};
use palisade_core::snapshot::{AccountScope, FORMAT, FileEntry, Manifest};
use palisade_core::{Finding, State};
use palisade_query::{Session, Snapshot};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(crate) const ONE: &str = "111122223333";
pub(crate) const TWO: &str = "444455556666";

/// Files of a catalogue, in memory.
pub(crate) struct Texts(pub(crate) Vec<(String, String)>);

impl Source for Texts {
    fn name(&self) -> String {
        "test".into()
    }
    fn paths(&self) -> std::io::Result<Vec<String>> {
        Ok(self.0.iter().map(|(p, _)| p.clone()).collect())
    }
    fn text(&self, path: &str) -> std::io::Result<Text> {
        let found = self.0.iter().find(|(p, _)| p == path).unwrap();
        Ok(found.1.clone().into())
    }
}

pub(crate) const TABLES: &str = r#"
[aws_account]
about = "The account."
scope = "account"
list  = { call = "sts:GetCallerIdentity" }
arn   = "arn:aws:iam::{account_id}:root"

[aws_sqs_queue]
about = "A queue."
scope = "region"
list  = { call = "sqs:ListQueues", rows = "QueueUrls", as = "queue_url" }
arn   = "{queue_arn}"
[aws_sqs_queue.fill.attributes]
call = "sqs:GetQueueAttributes"
with = { QueueUrl = "{queue_url}" }
take = "Attributes"
[aws_sqs_queue.fill.tags]
call = "sqs:ListQueueTags"
with = { QueueUrl = "{queue_url}" }
as   = "tags"

[aws_ecs_cluster]
about = "A cluster."
scope = "region"
list  = { call = "ecs:ListClusters", rows = "clusterArns", as = "cluster_arn" }
arn   = "{cluster_arn}"

[aws_ecs_service]
about  = "A service."
scope  = "region"
parent = "aws_ecs_cluster"
list   = { call = "ecs:ListServices", with = { cluster = "{cluster_arn}" }, rows = "serviceArns", as = "service_arn" }
arn    = "{service_arn}"

[aws_vpc_security_group]
about = "A security group."
scope = "region"
list  = { call = "ec2:DescribeSecurityGroups", rows = "SecurityGroups" }
arn   = "arn:aws:ec2:{region}:{account_id}:security-group/{group_id}"
"#;

pub(crate) fn schemas() -> Schemas {
    let text = || ColumnType::Text;
    let list = Origin::List;
    let attributes = || Origin::Fill("attributes".into());
    let tags = || Origin::Fill("tags".into());
    let rule = ColumnType::Struct(vec![
        ("from_port".into(), ColumnType::Int),
        ("to_port".into(), ColumnType::Int),
        (
            "ip_ranges".into(),
            ColumnType::List(Box::new(ColumnType::Struct(vec![(
                "cidr_ip".into(),
                text(),
            )]))),
        ),
    ]);
    let table = |name: &str, arn: &[&str], columns: Vec<(&str, ColumnType, Origin)>| {
        let mut all = vec![
            ("account_id", text(), Origin::Scope),
            ("region", text(), Origin::Scope),
            (
                "arn",
                text(),
                Origin::Template(arn.iter().map(|a| (*a).to_owned()).collect()),
            ),
            ("name", text(), Origin::Template(vec![])),
        ];
        all.extend(columns);
        let columns = all
            .into_iter()
            .map(|(name, ty, origin)| Column {
                name: name.into(),
                ty,
                origin,
            })
            .collect();
        Arc::new(TableSchema {
            table: name.into(),
            columns,
        })
    };
    let all = vec![
        table("aws_account", &["account_id"], vec![]),
        table(
            "aws_sqs_queue",
            &["queue_arn"],
            vec![
                ("queue_url", text(), list.clone()),
                ("queue_arn", text(), attributes()),
                ("encrypted", ColumnType::Bool, attributes()),
                ("policy", ColumnType::Json, attributes()),
                ("size", ColumnType::Int, attributes()),
                ("created", ColumnType::Timestamp, attributes()),
                ("tags", ColumnType::Json, tags()),
            ],
        ),
        table(
            "aws_ecs_cluster",
            &["cluster_arn"],
            vec![("cluster_arn", text(), list.clone())],
        ),
        table(
            "aws_ecs_service",
            &["service_arn"],
            vec![
                ("service_arn", text(), list.clone()),
                ("launch_type", text(), list.clone()),
            ],
        ),
        table(
            "aws_vpc_security_group",
            &["group_id"],
            vec![
                ("group_id", text(), list.clone()),
                ("ip_permissions", ColumnType::List(Box::new(rule)), list),
            ],
        ),
    ];
    all.into_iter().map(|t| (t.table.clone(), t)).collect()
}

/// A control's file; tests are added so that the loader is content.
pub(crate) fn control(id: &str, body: &str) -> (String, String) {
    let tests = if body.contains("[[test]]") {
        ""
    } else {
        "[[test]]\nname = 'p'\nexpect = ['pass']\n[[test]]\nname = 'f'\nexpect = ['fail']\n[[test]]\nname = 'u'\nexpect = ['unknown']\n"
    };
    (
        format!("controls/x/{id}.toml"),
        format!(
            "id = '{id}'\ntitle = 't'\nseverity = 'medium'\nwhy = 'w'\nrepair = {{ text = 'r' }}\n{body}\n{tests}"
        ),
    )
}

pub(crate) fn catalog(controls: Vec<(String, String)>) -> Catalog {
    let mut files = vec![("tables/all.toml".to_owned(), TABLES.to_owned())];
    files.extend(controls);
    Catalog::load(&[&Texts(files)]).unwrap_or_else(|e| {
        panic!(
            "{}",
            e.iter()
                .map(|e| e.one_line())
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

/// An estate to be written as a snapshot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Estate {
    pub(crate) rows: BTreeMap<String, Vec<Value>>,
    pub(crate) ledger: Vec<Value>,
    pub(crate) accounts: Vec<AccountScope>,
    pub(crate) fills: BTreeMap<String, Vec<String>>,
    pub(crate) left_out: Vec<String>,
    /// Columns that files lack, as another catalogue made them: table and column.
    pub(crate) lacking: Vec<(String, String)>,
}

pub(crate) fn account(id: &str, regions: &[&str]) -> AccountScope {
    AccountScope {
        id: id.into(),
        regions: regions.iter().map(|r| (*r).to_owned()).collect(),
        ..AccountScope::default()
    }
}

impl Estate {
    pub(crate) fn new(accounts: &[AccountScope]) -> Self {
        Self {
            accounts: accounts.to_vec(),
            ..Self::default()
        }
    }

    /// A line of the ledger.
    pub(crate) fn call(
        &mut self,
        account: &str,
        region: &str,
        operation: &str,
        what: &str,
        outcome: &str,
    ) -> Value {
        let id = call_id(account, region, operation, what);
        let code = (outcome == "denied").then_some("AccessDenied");
        self.ledger.push(json!({
            "id": id, "account_id": account, "region": region, "operation": operation, "parameters": what,
            "outcome": outcome, "code": code, "attempts": 1, "at": "2026-01-01T00:00:00Z", "took_ms": 1,
        }));
        json!({ "id": id, "operation": operation, "outcome": outcome, "code": code })
    }

    /// A queue with the outcome of its attributes call.
    pub(crate) fn queue(
        &mut self,
        account: &str,
        region: &str,
        name: &str,
        outcome: &str,
        columns: &Value,
    ) {
        let fill = self.call(account, region, "sqs:GetQueueAttributes", name, outcome);
        let list = json!({
            "id": call_id(account, region, "sqs:ListQueues", "{}"),
            "operation": "sqs:ListQueues", "outcome": "ok", "fill": "",
        });
        let mut fill = fill;
        fill["fill"] = json!("attributes");
        let mut row = json!({
            "account_id": account, "region": region,
            "arn": format!("arn:aws:sqs:{region}:{account}:{name}"), "name": name, "queue_url": name,
            "_calls": [list, fill],
        });
        for (k, v) in columns.as_object().unwrap() {
            row[k] = v.clone();
        }
        self.rows
            .entry("aws_sqs_queue".into())
            .or_default()
            .push(row);
    }

    /// Any row whose list call was answered.
    pub(crate) fn row(&mut self, table: &str, operation: &str, columns: Value) {
        let mut row = columns;
        let (a, r) = (
            row["account_id"].as_str().unwrap().to_owned(),
            row["region"].as_str().unwrap().to_owned(),
        );
        row["_calls"] = json!([{ "fill": "", "id": call_id(&a, &r, operation, "{}"), "operation": operation, "outcome": "ok" }]);
        self.rows.entry(table.into()).or_default().push(row);
    }

    pub(crate) fn write(&self, dir: &Path) -> Snapshot {
        fs_err::create_dir_all(dir.join("tables")).unwrap();
        let mut tables = BTreeMap::new();
        for (name, schema) in schemas() {
            if self.left_out.contains(&name) {
                continue;
            }
            let empty = vec![];
            let rows = self.rows.get(&name).unwrap_or(&empty);
            let whole = schema.arrow();
            let lacks = |field: &str| {
                let mut lacking = self.lacking.iter();
                lacking.any(|(table, column)| *table == name && column == field)
            };
            let there = (0..whole.fields().len()).filter(|at| !lacks(whole.field(*at).name()));
            let columns = whole.project(&there.collect::<Vec<_>>()).unwrap();
            let path = dir.join(format!("tables/{name}.parquet"));
            let mut entry = parquet(&path, Arc::new(columns), rows);
            entry.fills = self
                .fills
                .get(&name)
                .cloned()
                .unwrap_or_else(|| vec!["attributes".into()]);
            tables.insert(name, entry);
        }
        let ledger = parquet(&dir.join("calls.parquet"), ledger_schema(), &self.ledger);
        let manifest = json!({
            "format": FORMAT, "palisade": "0.1.0", "taken_at": "2026-01-01T00:00:00Z",
            "accounts": self.accounts, "tables": tables, "ledger": ledger,
        });
        let _: Manifest = serde_json::from_value(manifest.clone()).unwrap();
        fs_err::write(dir.join("manifest.json"), manifest.to_string()).unwrap();
        Snapshot::open(dir).unwrap()
    }
}

pub(crate) fn parquet(path: &Path, schema: SchemaRef, rows: &[Value]) -> FileEntry {
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::clone(&schema))
        .with_batch_size(rows.len().max(1))
        .build_decoder()
        .unwrap();
    decoder.serialize(rows).unwrap();
    let batch = decoder
        .flush()
        .unwrap()
        .unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&schema)));
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    fs_err::write(path, &bytes).unwrap();
    FileEntry {
        rows: rows.len() as u64,
        sha256: Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect(),
        ..FileEntry::default()
    }
}

/// Writes, opens, asks.
pub(crate) fn ask(estate: &Estate, catalog: &Catalog) -> Vec<Finding> {
    ask_with(estate, catalog, &Exceptions::default())
}

pub(crate) fn ask_with(
    estate: &Estate,
    catalog: &Catalog,
    exceptions: &Exceptions,
) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = estate.write(dir.path());
    let session = Session::open(&snapshot, catalog, &schemas()).unwrap();
    let controls: Vec<&Control> = catalog.controls.values().collect();
    let mut findings: Vec<Finding> = Vec::new();
    palisade_query::assess(
        &session,
        &controls,
        exceptions,
        &estate.accounts,
        &mut findings,
    )
    .unwrap();
    findings
}

/// `(what, verdict)` of all findings.
pub(crate) fn said(findings: &[Finding]) -> Vec<(String, State)> {
    findings
        .iter()
        .map(|f| (f.resource.arn.clone(), f.verdict.state()))
        .collect()
}
