//! The small estate of one test: rows, the calls that would have given them, and the accounts in scope.

use super::given::{self, Wrong};
use crate::hint;
use crate::plan::Compiled;
use crate::run::lines::{Gathered, Told};
use crate::session::Session;
use arrow::array::RecordBatch;
use palisade_core::call::call_id;
use palisade_core::catalog::{Catalog, ControlTest, Scope, Table};
use palisade_core::schema::{CALLS, Reads};
use palisade_core::snapshot::AccountScope;
use palisade_core::{CallRef, Outcome};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
/// Where global services are asked.
const GLOBAL_REGION: &str = "us-east-1";

/// A test's estate.
pub(super) struct World {
    pub(super) tables: BTreeMap<String, RecordBatch>,
    pub(super) ledger: Gathered,
    pub(super) scope: Vec<AccountScope>,
}

type Rows = BTreeMap<String, Vec<Map<String, Value>>>;

/// Builds what the control will see.
pub(super) fn build(
    session: &Session,
    reads: &Reads,
    compiled: &Compiled,
    test: &ControlTest,
) -> Result<World, Wrong> {
    let catalog = &*session.catalog;
    known(catalog, reads, compiled, test)?;
    let mut rows = Rows::new();
    for (table, given) in &test.given {
        let Some(schema) = session.schemas.get(table) else {
            return Err(Wrong {
                message: format!("no table is called `{table}`"),
                hint: hint::near(table, session.schemas.keys()),
            });
        };
        let mut made = Vec::new();
        for (n, row) in given.iter().enumerate() {
            let mut row = given::row(schema, row)?;
            let mut default = |column: &str, value: String| {
                row.entry(column).or_insert(Value::String(value));
            };
            default("account_id", ACCOUNT.to_owned());
            default("region", REGION.to_owned());
            default("arn", format!("{table}/{}", n + 1));
            made.push(row);
        }
        rows.insert(table.clone(), made);
    }
    let scope = places(&rows);
    houses(session, reads, &scope, &mut rows);
    let denied: BTreeSet<&str> = test.denied.iter().map(String::as_str).collect();
    let mut world = World {
        tables: BTreeMap::new(),
        ledger: Gathered::default(),
        scope,
    };
    for name in reads.keys() {
        let Some(table) = catalog.tables.get(name) else {
            continue;
        };
        world.listed(catalog, table, &denied);
        let mut seen = rows.remove(name).unwrap_or_default();
        if unseen(catalog, table, &denied) {
            seen.clear();
        }
        let seen: Vec<Value> = seen
            .into_iter()
            .enumerate()
            .map(|(n, row)| world.filled(table, n, row, &denied))
            .collect();
        if let Some(schema) = session.schemas.get(name) {
            world
                .tables
                .insert(name.clone(), given::batch(schema, &seen)?);
        }
    }
    if rows.keys().any(|name| catalog.derived.contains_key(name)) {
        world.behind(catalog, reads, &denied);
    }
    // Rows of a derived table stand as they are given: what its engine makes of others is not the control's matter.
    for (name, seen) in rows {
        if let (true, Some(schema)) = (
            catalog.derived.contains_key(&name),
            session.schemas.get(&name),
        ) {
            let seen: Vec<Value> = seen.into_iter().map(Value::Object).collect();
            world.tables.insert(name, given::batch(schema, &seen)?);
        }
    }
    Ok(world)
}

/// Every table given is read, every operation denied is one behind the control.
fn known(
    catalog: &Catalog,
    reads: &Reads,
    compiled: &Compiled,
    test: &ControlTest,
) -> Result<(), Wrong> {
    if let Some(table) = test.given.keys().find(|t| !reads.contains_key(*t)) {
        // A parent's or a joined table's rows may be given without being read.
        if !catalog.tables.contains_key(table) && !catalog.derived.contains_key(table) {
            return Err(Wrong {
                message: format!("no table is called `{table}`"),
                hint: hint::near(table, catalog.tables.keys().chain(catalog.derived.keys())),
            });
        }
    }
    let operations: BTreeSet<String> = reads
        .keys()
        .filter_map(|t| catalog.tables.get(t))
        .flat_map(|t| t.operations().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    match test.denied.iter().find(|d| !operations.contains(*d)) {
        None => Ok(()),
        Some(denied) => Err(Wrong {
            message: format!("`{}` never calls `{denied}`", compiled.id),
            hint: hint::near(denied, operations.iter()).or_else(|| {
                Some(format!(
                    "it calls {}",
                    operations.iter().cloned().collect::<Vec<_>>().join(", ")
                ))
            }),
        }),
    }
}

/// The accounts and regions that the rows name, and the usual ones.
fn places(rows: &Rows) -> Vec<AccountScope> {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows.values().flatten() {
        let text = |c: &str| row.get(c).and_then(Value::as_str).unwrap_or_default();
        let regions = places.entry(text("account_id").to_owned()).or_default();
        regions.insert(REGION.to_owned());
        if text("region") != "global" {
            regions.insert(text("region").to_owned());
        }
    }
    if places.is_empty() {
        places.insert(ACCOUNT.to_owned(), BTreeSet::from([REGION.to_owned()]));
    }
    places
        .into_iter()
        .map(|(id, regions)| AccountScope {
            id,
            regions: regions.into_iter().collect(),
            ..AccountScope::default()
        })
        .collect()
}

/// Every account has its own row, and every region in scope: a test need not say so.
fn houses(session: &Session, reads: &Reads, scope: &[AccountScope], rows: &mut Rows) {
    let text = |s: String| Value::String(s);
    if reads.contains_key("aws_account") && !rows.contains_key("aws_account") {
        let made = scope.iter().map(|a| {
            Map::from_iter([
                ("account_id".to_owned(), text(a.id.clone())),
                ("region".to_owned(), text(REGION.to_owned())),
                (
                    "arn".to_owned(),
                    text(format!("arn:aws:iam::{}:root", a.id)),
                ),
            ])
        });
        rows.insert("aws_account".to_owned(), made.collect());
    }
    if reads.contains_key("aws_region") && !rows.contains_key("aws_region") {
        let named = session
            .schemas
            .get("aws_region")
            .is_some_and(|s| s.column("region_name").is_some());
        let made = scope.iter().flat_map(|a| {
            a.regions.iter().map(move |r| {
                let mut row = Map::from_iter([
                    ("account_id".to_owned(), text(a.id.clone())),
                    ("region".to_owned(), text(r.clone())),
                    (
                        "arn".to_owned(),
                        text(format!("arn:aws:ec2:{r}:{}:region/{r}", a.id)),
                    ),
                ]);
                if named {
                    row.insert("region_name".to_owned(), text(r.clone()));
                }
                row
            })
        });
        rows.insert("aws_region".to_owned(), made.collect());
    }
}

/// Whether a denied call keeps the table's rows from being seen: its own, or its parents'.
fn unseen(catalog: &Catalog, table: &Table, denied: &BTreeSet<&str>) -> bool {
    let mut at = Some(table);
    for _ in 0..8 {
        let Some(one) = at else { return false };
        let before = one
            .before
            .as_ref()
            .is_some_and(|b| denied.contains(b.call.as_str()));
        if before || denied.contains(one.list.call.as_str()) {
            return true;
        }
        at = one.parent.as_ref().and_then(|p| catalog.tables.get(p));
    }
    false
}

impl World {
    fn listed(&mut self, catalog: &Catalog, table: &Table, denied: &BTreeSet<&str>) {
        let parent_unseen = table
            .parent
            .as_ref()
            .and_then(|p| catalog.tables.get(p))
            .is_some_and(|p| unseen(catalog, p, denied));
        if parent_unseen {
            return;
        }
        for account in &self.scope {
            let regions: Vec<&str> = match table.scope {
                Scope::Region => account.regions.iter().map(String::as_str).collect(),
                Scope::Account => vec![REGION],
                Scope::Global | Scope::Organization => vec![GLOBAL_REGION],
            };
            for region in regions {
                let before = table.before.iter().map(|b| &b.call);
                for operation in before.chain([&table.list.call]) {
                    let call = call(operation, &account.id, region, "{}", denied);
                    self.ledger.add(&account.id, region, Told::of(&call));
                }
            }
        }
    }

    /// The fills behind a derived table: rows that its engine would have read need not be given.
    fn behind(&mut self, catalog: &Catalog, reads: &Reads, denied: &BTreeSet<&str>) {
        for (name, fills) in reads {
            let table = catalog.tables.get(name);
            let fills = fills.iter().filter_map(|f| table?.fills.get(f));
            for fill in fills {
                for account in &self.scope {
                    for region in &account.regions {
                        let call = call(&fill.call, &account.id, region, "{\"row\":0}", denied);
                        self.ledger.add(&account.id, region, Told::of(&call));
                    }
                }
            }
        }
    }

    /// A row with the calls behind it.
    fn filled(
        &mut self,
        table: &Table,
        n: usize,
        mut row: Map<String, Value>,
        denied: &BTreeSet<&str>,
    ) -> Value {
        let text = |c: &str| {
            row.get(c)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (account, region) = (text("account_id"), text("region"));
        let list = call(&table.list.call, &account, &region, "{}", denied);
        let mut calls = vec![entry("", &list)];
        for (name, fill) in &table.fills {
            let parameters = format!("{{\"row\":{n}}}");
            let call = call(&fill.call, &account, &region, &parameters, denied);
            calls.push(entry(name, &call));
            self.ledger.add(&account, &region, Told::of(&call));
        }
        row.insert(CALLS.to_owned(), Value::Array(calls));
        Value::Object(row)
    }
}

fn call(
    operation: &str,
    account: &str,
    region: &str,
    parameters: &str,
    denied: &BTreeSet<&str>,
) -> CallRef {
    let refused = denied.contains(operation);
    CallRef {
        id: call_id(account, region, operation, parameters),
        operation: operation.to_owned(),
        outcome: if refused {
            Outcome::Denied
        } else {
            Outcome::Ok
        },
        code: refused.then(|| "AccessDenied".to_owned()),
    }
}

fn entry(fill: &str, call: &CallRef) -> Value {
    json!({
        "fill": fill,
        "id": call.id,
        "operation": call.operation,
        "outcome": call.outcome.as_str(),
        "code": call.code,
    })
}
